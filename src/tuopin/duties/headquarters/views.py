"""Pages of headquarters: those of an area, one with its people and plans, a plan with its Gantt, writing a version."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.platform import evidence, panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion
from tuopin.register.place import area_of

from ..assigning.views import About, assign_page
from ..dates import day_of, day_or_none
from ..models import Official, OrganisationVersion
from ..permissions import ASSIGN, KEEP_HEADQUARTERS, VIEW_HEADQUARTERS
from ..selectors import officials, organisation_names, ranges_at
from . import forms, gaps, opinions, selectors, services
from .fields import fields
from .gantt import gantt
from .models import HeadquartersPlan, StepReport
from .states import STATES, StepView, sum_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import HttpRequest, HttpResponse, QueryDict
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.platform.evidence import Kept

    from .selectors import Headquarters, PlanView

KINDS = {
    "programme": Title("专项推进方案", "programme"),
    "year": Title("年度工作计划", "plan of the year"),
}
SHOWN = 50
CHOICES = 300
"""Officials and departments that a form offers."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def headquarters_list(request: HttpRequest) -> HttpResponse:
    """The headquarters of an area; taking over the 14."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HEADQUARTERS, area_path=area.path)
    today = timezone.localdate()
    keeps = may(actor, KEEP_HEADQUARTERS, area_path=area.path) and area.level in {"city", "county", "province"}
    if request.method == "POST":
        if not keeps:
            require(actor, KEEP_HEADQUARTERS, area_path=area.path)
            raise Problem(
                "wrong_level", "指挥部设在省、市、县。", "Headquarters are those of provinces, cities, counties."
            )
        made = services.take_over(actor, area, request.POST.getlist("field")[:100], today)
        messages.success(request, pick(f"已设立 {len(made)} 个指挥部。", f"{len(made)} headquarters were founded."))
        return redirect(f"{reverse('duties:headquarters')}?area={area.code}")
    found = selectors.headquarters(actor, today, area)
    plans = selectors.newest_plans([each.id for each in found], today)
    own = {each.field.key for each in found if each.field is not None and each.area_id == area.area_id}
    missing = Counter(
        each.organisation_id
        for each in selectors.opinions(actor, area)
        if opinions.state_of(each, today) in {"missing", "late"}
    )
    late = late_steps(found, plans, today)
    names = register.area_names({each.area_id for each in found})
    readlog.read(actor, "duties.headquarters", {"area": area.code}, len(found))
    shown = {
        "area": area,
        "tabs": panels.tabs(actor, area, current="headquarters"),
        "rows": [
            (each, names.get(each.area_id, ""), *_plans_line(plans.get(each.id, [])), missing[each.id])
            for each in found
        ],
        "late": late[:SHOWN],
        "late_count": len(late),
        "gaps": [(each, gaps.KINDS[each.kind]) for each in gaps.of_offices(found, plans, today)][:SHOWN],
        "offered": [each for each in fields().values() if each.key not in own] if keeps else [],
        "today": today,
    }
    return render(request, "duties/headquarters.html", shown)


def _plans_line(plans: Sequence[PlanView]) -> tuple[int, int, int]:
    """Steps done, late and in all of some plans."""
    sums = [sum_of(each.steps) for each in plans]
    return sum(each.done for each in sums), sum(each.late for each in sums), sum(each.total for each in sums)


def late_steps(
    found: Sequence[Headquarters], plans: dict[int, list[PlanView]], today: date
) -> list[tuple[Headquarters, PlanView, StepView, str, bool]]:
    """Steps that are late, the latest first, with who holds them (a name, '' where nobody is named) and whether that
    person is still in office."""
    late = [
        (office, plan, step)
        for office in found
        for plan in plans.get(office.id, ())
        for step in plan.steps
        if step.late
    ]
    people = selectors.holders({step.step.official_id for *_rest, step in late if step.step.official_id}, today)
    rows = []
    for office, plan, step in sorted(late, key=lambda each: -each[2].late):
        holder = people.get(step.step.official_id or 0)
        rows.append((office, plan, step, holder.official.name if holder else "", holder is not None and holder.live))
    return rows


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def headquarters_page(request: HttpRequest, number: int) -> HttpResponse:
    """One headquarters: who leads it, its plans, the opinions it asks for."""
    actor, today = actor_of(request), timezone.localdate()
    found = selectors.one(actor, number, today)
    keeps = may(actor, KEEP_HEADQUARTERS, area_path=found.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            lead = whole_number(request.POST.get("lead", ""), 0) or None
            field = request.POST.get("field", "")[:40]
            day = day_of(request.POST.get("day", ""), "日期", "the day")
            services.describe(actor, number, field=field, lead_id=lead, day=day)
        except Problem as error:
            if error.status != 400:
                raise
            problem = error
        else:
            messages.success(request, pick("已保存。", "Kept."))
            return redirect("duties:headquarters_one", number)
    plans = selectors.newest_plans([number], today).get(number, [])
    rows = list(selectors.opinions(actor).filter(organisation_id=number))
    counts = dict.fromkeys(opinions.STATES, 0)
    for each in rows:
        counts[opinions.state_of(each, today)] += 1
    readlog.read(actor, "duties.headquarters_one", {"headquarters": number}, len(found.people))
    shown = {
        "office": found,
        "area": AreaVersion.objects.filter(area_id=found.area_id, valid_to=None).first(),
        "plans": [(each, KINDS[each.plan.kind], sum_of(each.steps)) for each in plans],
        "counts": [(opinions.STATES[key], count) for key, count in counts.items() if count],
        "keeps": keeps,
        "assigns": may(actor, ASSIGN, area_path=found.path),
        "fields": list(fields().values()),
        "departments": _departments(actor, found) if keeps else [],
        "kinds": list(KINDS.items()),
        "today": today,
        "problem": problem,
    }
    return render(request, "duties/headquarters_one.html", shown, status=400 if problem else 200)


def _departments(actor: Actor, found: Headquarters) -> list[tuple[int, str]]:
    """Organisations that may lead or be responsible: those of the area, departments first."""
    rows = OrganisationVersion.objects.filter(valid_to=None, area_id=found.area_id).exclude(kind=selectors.KIND)
    ranges = ranges_at(actor, VIEW_HEADQUARTERS)
    if ranges is not None and not any(low <= found.path < high for low, high in ranges):
        return []
    named = sorted(rows[:CHOICES], key=lambda each: (each.kind != "department", each.name))
    return [(each.organisation_id, each.name) for each in named]


# -- a plan -------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan_page(request: HttpRequest, number: int) -> HttpResponse:
    """A version of a plan on a day (``on``): its steps against the first plan; reporting progress."""
    actor, today = actor_of(request), timezone.localdate()
    on = day_or_none(request.GET.get("on", ""), "日期", "the day") or today
    office, found = selectors.plan(actor, number, on)
    keeps = may(actor, KEEP_HEADQUARTERS, area_path=office.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act(request, actor, found, keeps=keeps)
        except Problem as error:
            if error.status != 400:
                raise
            problem = error
        else:
            return redirect("duties:headquarters_plan", number)
    reports = selectors.reports_of(found)
    people = selectors.holders({each.step.official_id for each in found.steps if each.step.official_id}, on)
    offices = organisation_names({each.step.organisation_id for each in found.steps if each.step.organisation_id}, on)
    papers: dict[int, list[Any]] = {}
    for paper in evidence.of(services.REPORT, [each.pk for each in reports]):
        papers.setdefault(paper.about_id, []).append(paper)
    drawn = gantt(found.steps, on)
    readlog.read(actor, "duties.headquarters_plan", {"plan": number}, len(found.steps))
    shown = {
        "office": office,
        "area": AreaVersion.objects.filter(area_id=office.area_id, valid_to=None).first(),
        "shown": found,
        "kind": KINDS[found.plan.kind],
        "sum": sum_of(found.steps),
        "gantt": drawn,
        "rows": [
            (
                row,
                STATES[row.view.state],
                people.get(row.view.step.official_id or 0),
                offices.get(row.view.step.organisation_id or 0, ""),
            )
            for row in (drawn.rows if drawn else ())
        ],
        "reports": [(each, papers.get(each.pk, [])) for each in reports],
        "plan_papers": evidence.of(services.PLAN, [found.plan.pk]),
        "open": [each for each in found.steps if each.state not in {"done", "done_late"}],
        "keeps": keeps and found.newest,
        "on": on,
        "today": today,
        "problem": problem,
        "given": request.POST if problem else {},
    }
    return render(request, "duties/headquarters_plan.html", shown, status=400 if problem else 200)


def _act(request: HttpRequest, actor: Actor, found: PlanView, *, keeps: bool) -> None:
    posted = request.POST
    numbers = {each.step.pk for each in found.steps}
    if posted.get("do") == "report":
        if whole_number(posted.get("step", ""), 0) not in numbers:
            raise Problem("no_step", "请选择本方案的一个步骤。", "Choose a step of this plan.")
        services.report(actor, [forms.progress(posted, _paper(request, keeps=keeps))])
        messages.success(request, pick("已记录进度。", "The progress is recorded."))
    elif posted.get("do") == "take_back":
        wanted = whole_number(posted.get("report", ""), 0)
        family = [each.pk for each in found.versions]
        if not StepReport.objects.filter(pk=wanted, step__plan_id__in=family).exists():
            raise selectors.no_plan()
        services.take_back(actor, wanted)
        messages.success(request, pick("已撤回这条进度。", "The report was taken back."))
    else:
        raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _paper(request: HttpRequest, *, keeps: bool) -> Kept | None:
    """The file that was handed in, kept under its digest; only from somebody who may."""
    file = request.FILES.get("paper")
    return evidence.keep(file) if keeps and isinstance(file, UploadedFile) else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write_plan(request: HttpRequest, number: int) -> HttpResponse:
    """Write the first version of a plan of a headquarters, or the next one (``plan`` = kind-year)."""
    actor, today = actor_of(request), timezone.localdate()
    office = selectors.one(actor, number, today)
    require(actor, KEEP_HEADQUARTERS, area_path=office.path)
    kind, year = _named(request.GET if request.method != "POST" else request.POST, today)
    newest = next(
        (
            each for each in selectors.newest_plans([number], today).get(number, [])
            if (each.plan.kind, each.plan.year) == (kind, year)
        ),
        None,
    )  # fmt: skip
    problem: Problem | None = None
    if request.method == "POST":
        try:
            draft = forms.draft(request.POST, number, kind, year)
            made = services.keep_plan(actor, draft, paper=_paper(request, keeps=True))
        except Problem as error:
            if error.status != 400:
                raise
            problem = error
        else:
            messages.success(request, pick("已保存，前一版本保留。", "Kept; the version before stays."))
            return redirect("duties:headquarters_plan", made.pk)
    steps = [each.step for each in newest.steps] if newest else []
    shown = {
        "office": office,
        "area": AreaVersion.objects.filter(area_id=office.area_id, valid_to=None).first(),
        "kind": kind,
        "kind_title": KINDS[kind],
        "year": year,
        "newest": newest,
        "rows": forms.typed(request.POST) if problem else forms.rows_of(steps, services.places_of(steps)),
        "people": _people(actor, office, steps),
        "departments": _departments(actor, office),
        "problem": problem,
        "given": request.POST if problem else {},
    }
    return render(request, "duties/headquarters_write.html", shown, status=400 if problem else 200)


def _named(given: QueryDict, today: date) -> tuple[str, int]:
    kind = given.get("kind", "year")
    if kind not in HeadquartersPlan.Kind.values:
        raise Problem("unknown_key", "没有这种方案。", "There is no such kind of plan.")
    year = whole_number(given.get("year", "").strip() or str(today.year), 0)
    if not 2000 <= year <= today.year + 5:
        raise Problem("bad_year", "年度不对。", "There is no such year.")
    return kind, year


def _people(actor: Actor, office: Headquarters, steps: Sequence[Any]) -> list[tuple[int, str]]:
    """Officials whom the form offers: those of the headquarters and of the steps, then others of its own area."""
    first = [(each.official_id, " ".join(filter(None, (each.name, each.unit)))) for each in office.people]
    known = {key for key, _name in first}
    rows = [each.official for each in steps if each.official_id is not None and each.official_id not in known]
    others: list[Official] = [*rows, *officials(actor).filter(area_id=office.area_id).order_by("name", "pk")[:CHOICES]]
    found = dict(first)
    for each in others:
        found.setdefault(each.pk, " ".join(filter(None, (each.name, each.unit))))
    return list(found.items())


@require_GET
@never_cache
def paper(request: HttpRequest, number: int, paper_id: int) -> HttpResponseBase:
    """A paper of a plan or of a report about it, to be saved."""
    actor, today = actor_of(request), timezone.localdate()
    _office, found = selectors.plan(actor, number, today)
    about = [*evidence.of(services.REPORT, [each.pk for each in selectors.reports_of(found)])]
    about += evidence.of(services.PLAN, [each.pk for each in found.versions])
    chosen = next((each for each in about if each.pk == paper_id), None)
    if chosen is None:
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    readlog.read(actor, "duties.headquarters_paper", {"plan": number}, 1)
    return evidence.attachment(chosen)


@never_cache
@require_http_methods(["GET", "POST"])
def assign_people(request: HttpRequest, number: int) -> HttpResponse:
    """Who commands a headquarters, acts for the commander, and is a member."""
    office = selectors.one(actor_of(request), number, timezone.localdate())
    back = reverse("duties:headquarters_one", args=[number])
    about = About("organisation", number, "", office.name, "", office.path, office.area_id, back)
    return assign_page(request, about)
