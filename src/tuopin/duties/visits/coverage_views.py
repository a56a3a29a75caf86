"""Pages of duties to visit: coverage of an area, who is behind; my own; lists of visits and of problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import panels
from tuopin.platform.access import actor_of, field_classes_at, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion, Household
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.place import area_of

from ..permissions import SETTLE_PROBLEM, VIEW_HELPER, VIEW_VISIT
from . import coverage, forms, kinds, mine, reach, selectors, troubles
from .lists import PROBLEMS, STATES, VISITS
from .models import VisitProblem

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from .coverage import Counts

BEHIND = 50
"""Officials who are behind, on the page of a duty."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_list(request: HttpRequest) -> HttpResponseBase:
    """The visits in an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_VISIT, area_path=area.path)
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    reader = reader_at(actor, VIEW_VISIT, area, first_of(request.GET))
    return list_page(request, VISITS, reader, "duties/visits.html", {"area": area})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def problem_list(request: HttpRequest) -> HttpResponseBase:
    """The problems that visits found in an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_VISIT, area_path=area.path)
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    reader = reader_at(actor, VIEW_VISIT, area, first_of(request.GET))
    return list_page(request, PROBLEMS, reader, "duties/visit_problems.html", {"area": area})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def problem(request: HttpRequest, number: int) -> HttpResponse:
    """One problem: where, how often it was found, how it ended."""
    actor = actor_of(request)
    row = VisitProblem.objects.filter(pk=number).first() if number < 2**63 else None
    path = reach.paths_of_targets([(row.household_id, row.area_id)])[row.household_id, row.area_id] if row else ""
    if row is None or not all(
        may(actor, each, area_path=path, household_id=row.household_id) for each in (VIEW_VISIT, VIEW_HOUSEHOLD)
    ):
        raise _no_problem()
    if not troubles.told(row, field_classes_at(actor, VIEW_VISIT, path, row.household_id)):
        raise _no_problem()
    told: Problem | None = None
    if request.method == "POST":
        try:
            day = forms.day_of(request.POST.get("day", ""))
            troubles.settle(actor, [row.pk], day=day, note=request.POST.get("note", "").replace("\0", ""))
        except Problem as found:
            if found.status != 400:
                raise
            told = found
        else:
            messages.success(request, pick("已登记处理结果。", "How it ended is recorded."))
            return redirect("duties:visit_problem", row.pk)
    readlog.read(actor, "duties.visit_problem", {"problem": row.pk}, 1)
    context = {
        "row": row,
        "sort": kinds.problem_sorts().get(row.sort),
        "household": Household.objects.filter(pk=row.household_id).first() if row.household_id else None,
        "area": AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first(),
        "settles": row.settled_at is None and may(actor, SETTLE_PROBLEM, area_path=path, household_id=row.household_id),
        "problem": told,
        "today": timezone.localdate(),
        "panels": panels.gather("visit_problem", actor, row),
    }
    return render(request, "duties/visit_problem.html", context, status=400 if told else 200)


def _no_problem() -> Missing:
    return Missing("no_such_problem", "没有找到这个问题。", "There is no such problem.")


@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Duties to visit in an area: by the areas below, and who is behind with one of them."""
    actor, area = actor_of(request), area_of(request)
    day = _day(request)
    report = coverage.report(actor, area, day)
    duties = [(duty, report.total[duty.key], report.left[duty.key]) for duty in kinds.duties().values()]
    shown = [each for each in duties if each[1].total]
    asked = request.GET.get("duty", "")
    behind = []
    if asked:
        duty = kinds.duty(asked)
        require(actor, VIEW_HELPER, area_path=area.path)
        behind = mine.behind(area, duty, day, BEHIND)
        readlog.read(actor, "duties.visits_behind", {"area": area.code, "duty": asked}, len(behind))
    context = {
        "area": area,
        "day": day,
        "today": timezone.localdate(),
        "duties": [(duty, counts, left, _bar(counts)) for duty, counts, left in shown],
        "rows": [
            (each.area, [(duty, each.duties.get(duty.key, coverage.Counts())) for duty, _counts, _left in shown])
            for each in report.below
        ],
        "asked": kinds.duty(asked) if asked else None,
        "behind": behind,
        "most": BEHIND,
        "tabs": panels.tabs(actor, area, current="visit_coverage"),
        "is_today": day == timezone.localdate(),
    }
    return render(request, "duties/visit_coverage.html", context)


def _day(request: HttpRequest) -> date:
    text = request.GET.get("day", "")
    day = forms.day_of(text) if text else timezone.localdate()
    coverage.check_day(day)
    return day


def _bar(counts: Counts) -> tuple[int, int]:
    """Done and late, in hundredths of all."""
    whole = counts.total or 1
    return round(100 * counts.done / whole), round(100 * counts.overdue / whole)


@never_cache
@require_GET
def my_visits(request: HttpRequest) -> HttpResponse:
    """What I am to visit, and what falls due."""
    actor = actor_of(request)
    require(actor, VIEW_VISIT)
    own = selectors.official_of(actor)
    day = timezone.localdate()
    found = mine.duties_of(actor, own, day) if own is not None else []
    readlog.read(actor, "duties.my_visits", {}, sum(len(each.targets) for each in found))
    context = {
        "own": own,
        "day": day,
        "duties": [
            (each, [(target, STATES[target.state]) for target in each.targets], _bar(each.counts)) for each in found
        ],
    }
    return render(request, "duties/my_visits.html", context)
