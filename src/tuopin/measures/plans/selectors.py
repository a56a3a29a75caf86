"""Reading help plans of a household. The caller has fetched the household through the register's selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.access import field_classes_at, require

from ..permissions import VIEW
from ..policies import policies
from .models import HelpPlan, MeasureDone, PlanAnswer, PlannedMeasure
from .states import MeasureView, PlanView, measure_state, plan_state, sums

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed

HEALTH, CAUSES = "health", "health"
"""Measures of the class health tell of illness; so do causes (docs/decisions/0057)."""


def years_of(household_id: int) -> list[int]:
    """The years for which there is a plan, the newest first."""
    return sorted(set(HelpPlan.objects.filter(household_id=household_id).values_list("year", flat=True)), reverse=True)


def plans_of(actor: Actor, placed: Placed, year: int, today: date) -> list[PlanView]:
    """The versions of a year's plan, the newest first: four statements. Measures that reveal a class of fields closed
    to the actor are left out, and so are the sums they are part of. Raises Refused."""
    path, household = placed.village.path, placed.household.pk
    require(actor, VIEW, area_path=path, household_id=household)
    classes = field_classes_at(actor, VIEW, path, household)
    plans = list(HelpPlan.objects.filter(household_id=household, year=year).order_by("-version"))
    if not plans:
        return []
    answers = {each.plan_id: each for each in PlanAnswer.objects.filter(plan__in=plans)}
    measures = list(PlannedMeasure.objects.filter(plan__in=plans).order_by("number"))
    rows = MeasureDone.objects.filter(measure__plan__in=plans).select_related("measure").order_by("day", "pk")
    wrong = {row.takes_back_id for row in rows if row.takes_back_id is not None}
    done: dict[int, list[MeasureDone]] = {}
    for row in rows:
        if row.takes_back_id is None and row.pk not in wrong:
            done.setdefault(row.measure.number, []).append(row)
    found = []
    for plan in plans:
        own = [each for each in measures if each.plan_id == plan.pk]
        shown = [each for each in own if may_be_told(each.sort, each.policy, classes)]
        views = tuple(
            MeasureView(each, measure_state(each, held, today), held)
            for each in shown
            for held in (tuple(done.get(each.number, ())),)
        )
        answer = answers.get(plan.pk)
        totals = sums(views) if len(shown) == len(own) else {}
        found.append(PlanView(plan, plan_state(plan, plans[0], answer), answer, views, totals))
    return found


def may_be_told(sort: str, policy_key: str, classes: frozenset[str] | None) -> bool:
    """Whether a reader with these classes open may be told of a measure of this class and policy."""
    if classes is None:
        return True
    needed = {HEALTH} if sort == "health" else set()
    policy = policies().get(policy_key)
    if policy is not None:
        needed |= set(policy.classes)
    return needed <= classes
