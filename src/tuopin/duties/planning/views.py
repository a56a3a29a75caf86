"""Pages of bulk assignment: plans of an area, asking for one, looking at it, its lines, choosing otherwise."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F
from django.db.models.functions import Substr
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.duties.models import Official
from tuopin.duties.permissions import ASSIGN, PLAN_DUTIES
from tuopin.platform import jobs
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.database import write
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.correcting.subjects import listed
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion
from tuopin.register.place import area_of

from . import asking, forms, selectors, services
from .lists import LINES
from .models import PlanHelper, PlanLine
from .staleness import changes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse, QueryDict
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor

    from .models import AssignmentPlan

JOB = "duties.make_assignment_plan"
SHOWN = 50
UNITS = 20
"""Pairs of units between which most households change."""
_STEP = 8  # digits of a level in a path


@require_GET
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans of an area, the newest first."""
    actor, area = actor_of(request), area_of(request)
    require(actor, PLAN_DUTIES, area_path=area.path)
    page = Paginator(selectors.plans(actor, area), SHOWN).get_page(request.GET.get("page"))
    names = dict(
        AreaVersion.objects.filter(area_id__in={each.area_id for each in page}, valid_to=None).values_list(
            "area_id", "name"
        )
    )
    rows = [(each, names.get(each.area_id, ""), selectors.STATES[each.state], gap_text(each)) for each in page]
    return render(request, "duties/plans.html", {"area": area, "rows": rows, "page": page})


@never_cache
@require_http_methods(["GET", "POST"])
def new_plan(request: HttpRequest) -> HttpResponse:
    """Ask for a plan: it is worked out as a job."""
    actor, area = actor_of(request), area_of(request)
    require(actor, PLAN_DUTIES, area_path=area.path)
    problem = None
    if request.method == "POST":
        try:
            wanted = forms.of_form(request.POST, area.code)
        except Problem as found:
            problem = found
        else:
            with write():
                job = jobs.enqueue(actor, JOB, {"asked": wanted.document()})
            return redirect("platform:job", job.pk)
    given = request.POST
    shown = {
        "area": area, "problem": problem, "filled": forms.filled(given, timezone.localdate()),
        "bounds": forms.rows(given), "weights": forms.weights(given), "only": asking.ONLY, "most": asking.MOST,
        "statuses": asking.STATUSES, "pools": asking.POOLS, "heaviest": asking.HEAVIEST,
        "reach": {str(key): title for key, title in asking.REACH.items()},
    }  # fmt: skip
    return render(request, "duties/plan_new.html", shown, status=400 if problem else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def plan_page(request: HttpRequest, number: int) -> HttpResponse:
    """One plan: what it comes to, who gets how many, from whom to whom; applying, refusing, handing back."""
    actor = actor_of(request)
    plan = selectors.plan(actor, number)
    problem = None
    if request.method == "POST":
        try:
            said = _decided(actor, plan, request.POST)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick(said.zh, said.en))
            return redirect("duties:plan", number)
    return render(request, "duties/plan.html", _shown(request, actor, plan, problem), status=400 if problem else 200)


def _decided(actor: Actor, plan: AssignmentPlan, given: QueryDict) -> Title:
    """Do what the pressed button says; what was done, in words."""
    act, reason = given.get("do", ""), given.get("reason", "").replace("\0", "")[:200]
    if act == "apply":
        done = services.apply(actor, plan.pk)
        return Title(f"已执行：{done} 项责任自 {plan.day} 起生效。", f"Applied: {done} duties begin on {plan.day}.")
    if act == "refuse":
        services.refuse(actor, plan.pk, reason)
        return Title("已否决，没有写入任何责任。", "Refused: no duty was written.")
    if act == "hand_back":
        try:
            day = datetime.date.fromisoformat(given.get("day", "").strip()[:10])
        except ValueError:
            raise Problem("bad_date", "日期应写作 2018-12-01。", "Write the date as 2018-12-01.") from None
        if day > timezone.localdate() + datetime.timedelta(days=366):
            raise Problem("bad_day", "退回日期最迟在一年之内。", "The day must lie within a year.")
        done = services.hand_back(actor, plan.pk, day=day, reason=reason)
        return Title(f"已退回：{done} 项责任自 {day} 起恢复原状。", f"Handed back: {done} duties from {day}.")
    raise Problem("no_such_act", "没有这种操作。请重新打开本页。", "There is no such act. Open the page again.")


def _shown(request: HttpRequest, actor: Actor, plan: AssignmentPlan, problem: Problem | None) -> dict[str, Any]:
    area = selectors.area_of(plan)
    wanted = asking.asked(plan.asked)
    helpers = PlanHelper.objects.filter(plan=plan).select_related("official").annotate(total=F("after") + F("others"))
    page = Paginator(helpers.order_by("-total", "official__name", "pk"), SHOWN).get_page(request.GET.get("page"))
    readlog.read(actor, "duties.assignment_plan", {"plan": plan.pk}, len(page.object_list))
    lines = f"{reverse('duties:plan_lines')}?area={area.code}&plan={plan.pk}"
    parts = plan.figures["parts"]
    held = selectors.counts(plan)
    return {
        "plan": plan, "area": area, "problem": problem, "state": selectors.STATES[plan.state], "gap": gap_text(plan),
        "counts": [(key, title, held[key], f"{lines}&kind={key}") for key, title in selectors.KINDS.items()],
        "edited": held["edited"], "lines": lines, "parts": _parts(parts, wanted), "short": parts["short"],
        "shortages": plan.figures["shortages"], "unfit": _unfit(plan.figures["unfit"]),
        "skipped": plan.figures["skipped"], "beyond": _beyond(plan), "loads": selectors.loads(plan), "page": page,
        "below": _below(plan, area, lines), "moves": _moves(plan), "wanted": wanted,
        "asked": (asking.ONLY[wanted.only], asking.STATUSES[wanted.statuses], asking.POOLS[wanted.pool],
                  asking.REACH[wanted.reach]),
        "applies": may(actor, ASSIGN, area_path=area.path),
        "back_from": max(timezone.localdate(), plan.day + datetime.timedelta(days=1)),
    }  # fmt: skip


def _beyond(plan: AssignmentPlan) -> int:
    """Officials of a draft who keep households that it leaves as they are, and would have too many with what it gives
    them."""
    stays = selectors.staying(plan) if plan.state == "draft" else {}
    if not stays:
        return 0
    gain = PlanLine.objects.filter(plan=plan, kind__in=("new", "changed"), after_id__in=listed(stays))
    helpers = PlanHelper.objects.filter(plan=plan, official_id__in=gain.values("after_id"))
    return sum(after + stays[key] > most for key, after, most in helpers.values_list("official_id", "after", "most"))


def gap_text(plan: AssignmentPlan) -> str:
    """The gap in percent, two places; words where it cannot be said."""
    found = selectors.gap(plan)
    if found is None:
        return pick("不可比（人工留空）", "cannot be said: left out by hand")
    return f"{found // 100}.{found % 100:02d} %"


def _parts(parts: Mapping[str, int], wanted: asking.Asked) -> list[tuple[Title, int, int, int]]:
    """Each part of the objective: how many, times what, makes what."""
    weights = wanted.weights
    counted = {
        "change": parts["changed"] + parts["lost"], "unit": parts["pairs"], "distance": parts["distance"],
        "even": parts["over"],
    }  # fmt: skip
    titles = {
        "change": Title("更换的户（原帮扶人仍可选）", "changes of helpers who could stay"),
        "unit": Title("单位进村（单位 × 村）", "units in villages"),
        "distance": Title("距离（级）", "steps of distance"),
        "even": Title("超出人均的户", "households above the even share"),
    }
    return [
        (titles[key], count, getattr(weights, key), count * getattr(weights, key)) for key, count in counted.items()
    ]


_UNFIT = {
    "absent": Title("离岗、抽调、请假", "away"),
    "dead": Title("登记已死亡", "died"),
    "left": Title("已离任", "out of office"),
    "poor": Title("本人需帮扶", "to be helped themselves"),
}


def _unfit(counts: Mapping[str, int]) -> list[tuple[Title, int]]:
    return [(_UNFIT[key], count) for key, count in counts.items() if key in _UNFIT]


def _below(plan: AssignmentPlan, area: AreaVersion, lines: str) -> list[tuple[str, str, list[int]]]:
    """Lines by kind in each area below."""
    if area.level == "village":
        return []
    length = len(area.path) + _STEP
    rows = PlanLine.objects.filter(plan=plan).annotate(below=Substr("path", 1, length)).values("below", "kind")
    found: dict[str, dict[str, int]] = {}
    for row in rows.annotate(n=Count("pk")).order_by():
        found.setdefault(row["below"], {})[row["kind"]] = row["n"]
    versions = {each.path: each for each in AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None)}
    return [
        (versions[path].name, f"{lines}&below={versions[path].code}", [counts.get(key, 0) for key in selectors.KINDS])
        for path, counts in sorted(found.items())
        if path in versions
    ]


def _moves(plan: AssignmentPlan) -> list[tuple[str, str, int]]:
    """From which unit to which how many households change, the most first; '' = not in the pool."""
    rows = PlanLine.objects.filter(plan=plan, kind="changed").values("before_id", "after_id").annotate(n=Count("pk"))
    pairs = list(rows.order_by())
    concerned = {row[side] for row in pairs for side in ("before_id", "after_id")}
    helpers = PlanHelper.objects.filter(plan=plan, official_id__in=listed(concerned))
    units = dict(helpers.values_list("official_id", "unit"))
    sums: dict[tuple[str, str], int] = {}
    for row in pairs:
        key = (units.get(row["before_id"], ""), units.get(row["after_id"], ""))
        sums[key] = sums.get(key, 0) + row["n"]
    first = sorted(sums.items(), key=lambda each: (-each[1], each[0]))[:UNITS]
    return [(before, after, count) for (before, after), count in first]


@require_GET
@never_cache
def plan_changes(request: HttpRequest, number: int) -> HttpResponse:
    """What has changed since a draft was made."""
    actor = actor_of(request)
    plan = selectors.plan(actor, number)
    found = changes(actor, plan, selectors.area_of(plan)) if plan.state == "draft" else []
    shown = {"plan": plan, "changes": found, "stale": any(each.kind != "new" for each in found)}
    return render(request, "duties/plan_changes.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_lines(request: HttpRequest) -> HttpResponseBase:
    """The lines of the plans of an area, mostly of one."""
    actor, area = actor_of(request), area_of(request)
    require(actor, PLAN_DUTIES, area_path=area.path)
    reader = reader_at(actor, PLAN_DUTIES, area, first_of(request.GET))
    number = whole_number(request.GET.get("plan", ""), 0)
    return list_page(request, LINES, reader, "duties/plan_lines.html", {"area": area, "number": number})


@never_cache
@require_http_methods(["GET", "POST"])
def plan_line(request: HttpRequest, number: int, household: str) -> HttpResponse:
    """Choose somebody else for one household of a draft: found among the pool by name, by POST."""
    actor = actor_of(request)
    plan = selectors.plan(actor, number)
    line = selectors.lines(actor).filter(plan=plan, household__code=household).select_related("before", "after").first()
    if line is None:
        raise Missing("no_such_line", "方案里没有这一户。", "The plan has no such household.")
    given, problem = request.POST, None
    if given.get("do") == "save":
        try:
            if not given.get("official"):
                raise Problem("nobody_chosen", "请选择一名干部。", "Choose an official.")
            services.edit(actor, number, household, whole_number(given["official"], -1) or None)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已改。", "Changed."))
            return redirect("duties:plan", number)
    rows = _pool(actor, plan, line, given.get("q", ""))
    shown = {
        "plan": plan, "line": line, "code": household, "problem": problem, "rows": rows, "q": given.get("q", "")[:64],
        "draft": plan.state == "draft", "kind": selectors.KINDS[line.kind],
    }  # fmt: skip
    return render(request, "duties/plan_line.html", shown, status=400 if problem else 200)


def _pool(actor: Actor, plan: AssignmentPlan, line: PlanLine, text: str) -> list[PlanHelper]:
    """Officials of the pool whose name begins so; without a name those nearest with room. The reading is noted."""
    rows = PlanHelper.objects.filter(plan=plan).select_related("official")
    text = text.replace("\0", "").strip()[:64]
    if text:
        named = Official.objects.filter(name__startswith=text)
        found = list(rows.filter(official__in=named).order_by("official__name", "pk")[:SHOWN])
    else:
        near = rows.filter(place__in=[line.path, line.path[:-_STEP], line.path[: -2 * _STEP]], after__lt=F("most"))
        found = list(near.order_by("-place", "after", "official__name", "pk")[:20])
    readlog.read(actor, "duties.find_official", {"plan": plan.pk}, len(found))
    return found
