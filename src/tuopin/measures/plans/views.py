"""The page of a household's help plan: versions, the answer, what was done; and the forms for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import evidence
from tuopin.platform.access import actor_of, field_classes_at, may
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.panels import decimal_text, gather
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.codes import code_list
from tuopin.register.models import PersonCard

from ..merged import former_codes
from ..permissions import KEEP_PLAN, VIEW
from ..policies import CLASSES, opened
from ..policies import policies as all_policies
from . import forms, selectors, services
from .models import HelpPlan
from .states import LINES, MEASURE_STATES, PLAN_STATES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed

    from .states import MeasureView, PlanView

EMPTY_ROWS = 2


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """A household's plan of a year. What a form gets wrong is said above it, with what was typed."""
    actor = actor_of(request)
    placed = register.household(actor, code)
    if not may(actor, VIEW, area_path=placed.village.path, household_id=placed.household.pk):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.")
    year = whole_number(request.GET.get("year", ""), 0) or timezone.localdate().year
    if not 2000 <= year <= timezone.localdate().year + 1:
        raise Problem("bad_year", "年度不对。", "There is no such year.")
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act(request, actor, placed, year)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect(f"{reverse('measures:plan', args=[code])}?year={year}")
    readlog.read(actor, "measures.plan", {"household": code, "year": year}, 1)
    context = _context(actor, placed, year)
    if problem is not None:
        context |= {"problem": pick(problem.zh, problem.en), "posted": request.POST}
        if request.POST.get("do") == "keep":
            context |= {
                "rows": _typed_rows(request.POST),
                "chosen_causes": request.POST.getlist("cause"),
                "reason": request.POST.get("reason", "")[:500],
            }
    return render(request, "measures/plan.html", context, status=400 if problem else 200)


def _act(request: HttpRequest, actor: Actor, placed: Placed, year: int) -> None:
    posted = request.POST
    household = placed.household.pk
    match posted.get("do", ""):
        case "keep":
            services.keep(actor, [forms.draft(posted, household, year)])
            messages.success(request, pick("已保存，等户主签字。", "Kept; it waits for the household’s signature."))
        case "answer":
            paper = request.FILES.get("paper")
            number = _own(household, posted.get("plan", ""))
            kept = evidence.keep(paper) if isinstance(paper, UploadedFile) and _keeps(actor, placed) else None
            day = forms.day_of(posted.get("day", ""), "签字日期", "the day")
            services.answer(
                actor, [number], posted.get("kind", ""), day, note=posted.get("note", "").replace("\0", "").strip(),
                paper=kept, reference=posted.get("reference", "").replace("\0", "").strip(),
            )  # fmt: skip
            messages.success(request, pick("已记录户主的答复。", "The household’s answer is recorded."))
        case "done":
            services.record_done(actor, [forms.done(posted)])
            messages.success(request, pick("已记录落实情况。", "What was done is recorded."))
        case "take_back":
            services.take_back(actor, whole_number(posted.get("entry", ""), 0) or 0)
            messages.success(request, pick("已撤回这条记录。", "The entry was taken back."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _own(household: int, text: str) -> int:
    """A plan of this household. Raises Missing."""
    number = whole_number(text, 0) or 0
    if not HelpPlan.objects.filter(pk=number, household_id=household).exists():
        raise Missing("no_such_plan", "没有这份计划。", "There is no such plan.")
    return number


def _keeps(actor: Actor, placed: Placed) -> bool:
    return may(actor, KEEP_PLAN, area_path=placed.village.path, household_id=placed.household.pk)


def _context(actor: Actor, placed: Placed, year: int) -> dict[str, Any]:
    household, today = placed.household.pk, timezone.localdate()
    classes = field_classes_at(actor, VIEW, placed.village.path, household)
    versions = selectors.plans_of(actor, placed, year, today)
    newest = versions[0] if versions else None
    members = list(PersonCard.objects.filter(household_id=household).order_by("pk").values_list("pk", "name"))
    papers: dict[int, list[Any]] = {}
    for paper in evidence.of(services.ABOUT, [each.plan.pk for each in versions]):
        papers.setdefault(paper.about_id, []).append(paper)
    complete = newest is None or bool(newest.sums)
    shown = [_version(each, papers.get(each.plan.pk, []), dict(members), classes) for each in versions]
    return {
        "placed": placed,
        "former": former_codes(household),
        "year": year,
        "years": selectors.years_of(household),
        "shown": shown,
        "newest": shown[0] if shown else None,
        "keeps": _keeps(actor, placed),
        "complete": complete,  # who is not told of all measures cannot write the next version
        "rows": _form_rows(newest),
        "sorts": list(CLASSES.items()),
        "policies": [(each.key, each.title) for each in opened(classes)],
        "members": members,
        "items": _items(),
        "causes": code_list("cause"),
        "chosen_causes": newest.plan.causes.split(",") if newest and newest.plan.causes else [],
        "open_causes": _tells_causes(classes),
        "panels": gather("plan", actor, placed, year),
        "today": today,
    }


def _tells_causes(classes: frozenset[str] | None) -> bool:
    return classes is None or selectors.CAUSES in classes


def _items() -> list[tuple[str, Any]]:
    from tuopin.standards.packs import get_pack

    return [(item.key, item.short) for item in get_pack("national").standard("household_exit").items]


def _version(
    view: PlanView, papers: list[Any], names: dict[int, str], classes: frozenset[str] | None
) -> dict[str, Any]:
    """A version as the template prints it."""
    causes = dict(code_list("cause"))
    items = dict(_items())
    return {
        "view": view,
        "plan": view.plan,
        "state": PLAN_STATES[view.state],
        "papers": papers,
        "causes": [causes[each] for each in view.plan.causes.split(",") if each in causes]
        if _tells_causes(classes)
        else [],
        "measures": [_measure(each, names, items) for each in view.measures],
        "done": any(each.done for each in view.measures),
        "sums": {name: "" if fen is None else decimal_text(fen, 2) for name, fen in view.sums.items()},
    }


def _measure(view: MeasureView, names: dict[int, str], items: dict[str, Any]) -> dict[str, Any]:
    row = view.measure
    policy = all_policies().get(row.policy)
    effects = [(LINE_TITLES[line], decimal_text(amount, 2)) for line in LINES if (amount := getattr(row, line))]
    return {
        "measure": row,
        "view": view,
        "state": MEASURE_STATES[view.state],
        "sort": CLASSES.get(row.sort),
        "policy": policy.title if policy else None,
        "who": names.get(row.person_id or 0, ""),
        "cost": "" if row.cost is None else decimal_text(row.cost, 2),
        "effects": effects,
        "mends": [items[each] for each in row.mends.split(",") if each in items],
        "done": [(each, "" if each.cost is None else decimal_text(each.cost, 2)) for each in view.done],
    }


LINE_TITLES = {
    "wage": {"zh": "工资性收入", "en": "wage"},
    "business": {"zh": "生产经营性收入", "en": "business"},
    "property": {"zh": "财产性收入", "en": "property"},
    "transfer": {"zh": "转移性收入", "en": "transfer"},
}


TEXTS = ("number", "sort", "content", "organisation", "person", "policy", "due", "fund", "cost", *LINES)


def _form_rows(newest: PlanView | None) -> list[dict[str, Any]]:
    """The measures of the newest version and some empty rows, as texts in the form's fields."""
    rows: list[dict[str, Any]] = []
    for view in newest.measures if newest else ():
        row = view.measure
        texts = {name: _yuan(getattr(row, name)) for name in ("cost", *LINES)}
        texts |= {name: getattr(row, name) for name in ("sort", "content", "organisation", "policy", "fund")}
        texts |= {"number": str(row.number), "person": str(row.person_id or ""), "due": row.due.isoformat()}
        rows.append({**texts, "mends": row.mends.split(",")})
    return [*rows, *({**dict.fromkeys(TEXTS, ""), "mends": []} for _ in range(EMPTY_ROWS))]


def _typed_rows(posted: QueryDict) -> list[dict[str, Any]]:
    """The rows of a form that was refused, as they were typed."""
    rows = []
    for at in range(services.MOST_MEASURES):
        if f"content-{at}" not in posted:
            break
        texts = {name: posted.get(f"{name}-{at}", "")[:400] for name in TEXTS}
        rows.append({**texts, "mends": posted.getlist(f"mends-{at}")[:20]})
    return rows


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


@require_GET
@never_cache
def paper(request: HttpRequest, code: str, paper_id: int) -> HttpResponseBase:
    """The signed paper, to be saved."""
    actor = actor_of(request)
    placed = register.household(actor, code)
    plans = HelpPlan.objects.filter(household_id=placed.household.pk).values_list("pk", flat=True)
    if not may(actor, VIEW, area_path=placed.village.path, household_id=placed.household.pk):
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    classes = field_classes_at(actor, VIEW, placed.village.path, placed.household.pk)
    found = next((each for each in evidence.of(services.ABOUT, list(plans)) if each.pk == paper_id), None)
    if found is None or not _tells_causes(classes):  # the paper names the causes
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    readlog.read(actor, "measures.plan_paper", {"household": code}, 1)
    return evidence.attachment(found)
