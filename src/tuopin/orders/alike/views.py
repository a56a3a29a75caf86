"""Pages of like for like: the questions of a matter, one question with its subjects, what waits for my answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.duties.assigning import targets
from tuopin.duties.organisations import scoping
from tuopin.duties.selectors import organisation_names
from tuopin.platform import evidence
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.models import Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.place import area_of
from tuopin.register.selectors import area_names
from tuopin.standards import asking
from tuopin.standards.evaluating import default_day
from tuopin.standards.places import Place

from .. import selectors as matters
from .. import services as orders
from ..board import forms, once
from ..models import AlikeQuestion, AlikeSubject
from ..permissions import VIEW
from . import answering, selectors, services, telling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..models import Matter

ROWS = 50
GROUPS = {
    "left": Title("符合条件，待确认", "match, to be decided"),
    "unknown": Title("未知，待核实", "unknown, to be checked"),
    "confirmed": Title("已确认", "confirmed"),
    "excluded": Title("已排除", "left out"),
    "answered": Title("已答复", "answered"),
}
ASKED = GROUPS | {"left": Title("待答复", "not answered yet")}
CLASSES = {
    "identity": Title("证件", "identity"), "health": Title("健康", "health"), "disability": Title("残疾", "disability"),
    "bank": Title("银行账户", "bank"), "child": Title("子女", "children"),
}  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def alike_page(request: HttpRequest, number: int) -> HttpResponse:
    """What a matter asks of others like it; POST asks."""
    actor = actor_of(request)
    matter = _matter(actor, number)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            return _asked(request, actor, matter)
        except Problem as found:
            problem = found  # with what was typed: a code that is not there loses no list
    decides = services.may_decide(actor, matter)
    area = _place(request, actor, matter) if decides else None
    asked = selectors.of_matter(actor, matter)
    readlog.read(actor, "orders.alike", {"matter": number}, len(asked))
    context = {
        "matter": matter, "asked": asked, "problem": problem, "given": request.POST, "decides": decides, "area": area,
        "keys": (once.new_key(), once.new_key()),  # one a form: asking the one does not use up the other
        "bases": _bases(area) if area is not None else [], "names": _names(request, area),
        "classes": CLASSES, "groups": GROUPS, "today": timezone.localdate(),
        "queries": area is not None and may(actor, VIEW_HOUSEHOLD, area_path=area.path),
    }  # fmt: skip
    return render(request, "orders/alike.html", context, status=problem.status if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_page(request: HttpRequest, number: int) -> HttpResponse:
    """One question: whom it found or was put to; POST answers one of them, runs it again or ends it."""
    actor = actor_of(request)
    row = selectors.question(actor, number)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            job = _acted(request, actor, number)
        except Problem as found:
            problem = found
        else:
            messages.success(request, pick("已记录。", "Recorded."))
            return redirect("platform:job", job) if job else redirect("orders:alike_one", number)
    sees = selectors.sees_matter(actor, row)
    asked = selectors.asked(actor, row)
    words = row.kind == AlikeQuestion.Kind.WORDS
    group = request.GET.get("group", "")
    group = group if group in GROUPS else next((key for key in GROUPS if asked.counts[key]), "left")
    after = whole_number(request.GET.get("after", ""), 0)
    rows = selectors.subjects(actor, row).filter(selectors.in_group(group)) if not asked.closed else None
    page = list(selectors.page(rows, after, ROWS)) if rows is not None else []
    readlog.read(actor, "orders.alike_one", {"question": number, "group": group}, min(len(page), ROWS))
    decides = sees and services.may_decide(actor, row.matter)
    waits = decides and words and group == "left" and not selectors.over(row)
    context = {
        "unheard": telling.unheard(page[:ROWS]) if waits else (),
        "row": row, "asked": asked, "words": words, "sees": sees, "decides": decides, "problem": problem,
        "given": request.POST, "group": group, "groups": ASKED if words else GROUPS, "classes": CLASSES,
        "lines": _lines(actor, row, page[:ROWS]), "after": page[ROWS - 1].pk if len(page) > ROWS else None,
        "place": "" if words else area_names([row.area_id]).get(row.area_id, ""), "overdue": selectors.overdue(row),
        "over": selectors.over(row), "gone": selectors.OVER,
    }  # fmt: skip
    return render(request, "orders/alike_one.html", context, status=problem.status if problem else 200)


@never_cache
@require_GET
def mine_page(request: HttpRequest) -> HttpResponse:
    """Questions put to the areas and organisations that I handle for."""
    actor = actor_of(request)
    require(actor, VIEW)
    rows = list(selectors.waiting(actor)[: ROWS + 1])
    readlog.read(actor, "orders.alike_mine", {}, len(rows))
    names = _names_of(rows)
    context = {
        "lines": [(one, names[one.pk], selectors.overdue(one.question)) for one in rows[:ROWS]],
        "more": len(rows) > ROWS,
    }
    return render(request, "orders/alike_mine.html", context)


@never_cache
@require_GET
def paper(request: HttpRequest, number: int, paper_id: int) -> HttpResponseBase:
    """The paper of an answer, to be saved."""
    actor = actor_of(request)
    row = selectors.question(actor, number)
    seen = selectors.subjects(actor, row).filter(answer=selectors.ANSWERED).values_list("pk", flat=True)
    found = next((each for each in evidence.of(answering.PAPER, list(seen)) if each.pk == paper_id), None)
    if found is None:
        raise Missing("no_such_paper", "没有这份材料。", "There is no such paper.")
    readlog.read(actor, "orders.alike_paper", {"question": number, "paper": paper_id}, 1)
    return evidence.attachment(found)


def _matter(actor: Actor, number: int) -> Matter:
    found = matters.matter(actor, number)
    if found.kind == "petition":
        raise orders.missing()
    return found


def _place(request: HttpRequest, actor: Actor, matter: Matter) -> AreaVersion | None:
    """Where it is asked: the area of the address, else that of the matter, else the reader’s."""
    if request.GET.get("area"):
        return area_of(request)
    found = register.standing("area_id", matter.area_id)
    return found if found is not None and register.if_open(actor, found.code) is not None else area_of(request)


def _bases(area: AreaVersion) -> list[tuple[str, Title]]:
    found = asking.bases(Place(area.area_id, area.path), default_day(area))
    return [(f"{pack}/{each.key}", each.title) for pack, each in found]


def _names(request: HttpRequest, area: AreaVersion | None) -> Sequence[asking.Name]:
    """What a condition may speak of, by the standard that is chosen."""
    if area is None:
        return ()
    offered = [key for key, _title in _bases(area)]
    chosen = request.POST.get("base") or request.GET.get("base") or next(iter(offered), "")
    return asking.names(*chosen.split("/", 1)) if chosen in offered else ()


def _asked(request: HttpRequest, actor: Actor, matter: Matter) -> HttpResponse:
    """To the question that was asked, or the job that runs it. A form sent twice asks once."""
    posted, now, made = request.POST, timezone.now(), list[int]()

    def ask() -> Matter:
        made.append(_kept(request, actor, matter.pk, now))
        return matter

    _matter_of, new = once.once(actor, posted.get("key", ""), now, ask)
    if not new:
        messages.success(request, pick("这张表已提交过，没有重复发起。", "Sent before: nothing new."))
        return redirect("orders:alike", matter.pk)
    [number] = made
    job = services.begin(actor, number) if posted.get("do") == "query" else None
    messages.success(request, pick("已发起举一反三。", "Asked."))
    return redirect("platform:job", job.pk) if job is not None else redirect("orders:alike_one", number)


def _kept(request: HttpRequest, actor: Actor, number: int, now: datetime) -> int:
    """The number of the question that a form asks."""
    posted = request.POST
    text = posted.get("text", "")[: asking.LONGEST + 1]
    if posted.get("do") == "query":
        pack, _slash, standard = posted.get("base", "")[:100].partition("/")
        area = posted.get("area", "")[:64]
        query = services.Query(area, pack, standard, text, posted.get("as_part") == "part")
        return services.ask_query(actor, number, query, now).pk
    if posted.get("do") != "words":
        raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    codes = posted.get("areas", "")[:20_000].replace("\0", "").replace("，", " ").replace(",", " ").split()
    typed = posted.get("units", "")[:20_000].replace("\0", "").splitlines()
    names = list(dict.fromkeys(each.strip()[:200] for each in typed if each.strip()))
    if len(codes) + len(names) > services.MOST_ASKED:
        raise Problem("nobody_asked", f"最多问 {services.MOST_ASKED} 个。", f"At most {services.MOST_ASKED} are asked.")
    units = scoping.find_all(names) if names else {}
    if len(units) < len(names):
        raise targets.outside()
    until = forms.day(posted, "until", "答复期限", "the last day")
    words = services.Words(text, tuple(codes), tuple(units[each] for each in names), until)
    return services.ask_words(actor, number, words, now).pk


def _acted(request: HttpRequest, actor: Actor, number: int) -> int | None:
    posted, now = request.POST, timezone.now()
    subject = whole_number(posted.get("subject", ""), 0)
    match posted.get("do"):
        case "run":
            job = services.begin(actor, number)
            return job.pk if job is not None else None
        case "end":
            services.end(actor, number, now)
        case "confirm":
            answering.confirm(actor, number, subject, forms.office(forms.text(posted, "holder", 200)), now)
        case "exclude":
            answering.exclude(actor, number, subject, posted.get("note", "")[:501], now)
        case "answer":
            count = whole_number(posted.get("count", "").strip(), -1)
            given = answering.Answer(count, posted.get("note", "")[:501], forms.text(posted, "reference", 201))
            # no file is kept for what is refused
            answering.check(actor, number, subject, given, papers=bool(request.FILES.getlist("paper")))
            answering.answer(actor, number, subject, replace(given, papers=forms.papers(request)), now)
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    return None


def _lines(
    actor: Actor, row: AlikeQuestion, page: Sequence[AlikeSubject]
) -> list[tuple[AlikeSubject, str, str, bool, list[object]]]:
    """Each subject with its name and village, whether the reader answers it, and its papers. A fixed number of
    statements."""
    names, homes = _names_of(page), _homes_of(page)
    own: set[int] = set()
    papers: dict[int, list[object]] = {}
    if row.kind == AlikeQuestion.Kind.WORDS:
        own = set(selectors.mine(actor).filter(question=row, answer="").values_list("pk", flat=True))
        answered = [one.pk for one in page if one.answer]
        for each in evidence.of(answering.PAPER, answered) if answered else ():
            papers.setdefault(each.about_id, []).append(each)
    return [
        (one, names[one.pk], homes.get(one.household_id or 0, ""), one.pk in own, papers.get(one.pk, []))
        for one in page
    ]


def _homes_of(page: Sequence[AlikeSubject]) -> dict[int, str]:
    """The villages where households live today."""
    keys = [one.household_id for one in page if one.household_id is not None]
    if not keys:
        return {}
    lived = dict(Residence.objects.filter(household_id__in=keys, valid_to=None).values_list("household_id", "area_id"))
    villages = area_names(set(lived.values()))
    return {home: villages.get(area, "") for home, area in lived.items()}


def _names_of(rows: Sequence[AlikeSubject]) -> dict[int, str]:
    """Households by their codes, areas and organisations by their names."""
    areas = area_names({one.area_id for one in rows if one.area_id is not None})
    units = organisation_names({one.unit_id for one in rows if one.unit_id is not None}, timezone.localdate())
    return {
        one.pk: one.household.code if one.household is not None
        else areas.get(one.area_id, "") if one.area_id is not None else units.get(one.unit_id or 0, "")
        for one in rows
    }  # fmt: skip
