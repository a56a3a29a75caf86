"""Reading plans: those of the areas where the actor may plan, their lines, who gets how many households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from tuopin.core.assignment import gap_of
from tuopin.core.language.catalogue import Title
from tuopin.duties.permissions import PLAN_DUTIES
from tuopin.duties.selectors import ranges_at
from tuopin.platform.problems import Missing
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import area_ids_within, household_ids_within

from .models import AssignmentPlan, PlanHelper, PlanLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

STATES = {
    "draft": Title("草案", "draft"),
    "applied": Title("已执行", "applied"),
    "refused": Title("已否决", "refused"),
    "undone": Title("已退回原帮扶人", "handed back"),
}
KINDS = {
    "new": Title("新指派", "new"),
    "changed": Title("更换", "changed"),
    "kept": Title("不变", "stays"),
    "left": Title("未安排（现状不动）", "not arranged (stays as it is)"),
}


def plans(actor: Actor, place: AreaVersion | None = None) -> QuerySet[AssignmentPlan]:
    """The plans for areas where the actor may plan, the newest first."""
    ranges = ranges_at(actor, PLAN_DUTIES, place)
    found = AssignmentPlan.objects.order_by("-pk")
    return found if ranges is None else found.filter(area_id__in=area_ids_within(ranges))


def plan(actor: Actor, number: int) -> AssignmentPlan:
    """One plan. Raises Missing outside the grants; the two look alike."""
    found = plans(actor).filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise missing()
    return found


def missing() -> Missing:
    """What a plan that is not there, and one of another area, look like."""
    return Missing("no_such_plan", "没有找到这份指派方案。", "There is no such plan.")


def area_of(found: AssignmentPlan) -> AreaVersion:
    """The area of a plan as it is now, or was last."""
    version = AreaVersion.objects.filter(area_id=found.area_id).order_by("-valid_from").first()
    if version is None:
        raise missing()
    return version


def lines(actor: Actor, place: AreaVersion | None = None) -> QuerySet[PlanLine]:
    """Lines of plans for households that live where the actor may plan."""
    found = PlanLine.objects.filter(plan__in=plans(actor, place).order_by())
    ranges = ranges_at(actor, PLAN_DUTIES)
    return found if ranges is None else found.filter(household_id__in=household_ids_within(ranges))


def counts(found: AssignmentPlan) -> Mapping[str, int]:
    """Lines by kind, and how many were edited (``edited``): one statement."""
    rows = (
        PlanLine.objects.filter(plan=found).values("kind").annotate(n=Count("pk"), e=Count("pk", filter=Q(edited=True)))
    )
    by = {row["kind"]: (row["n"], row["e"]) for row in rows}
    return {**{key: by.get(key, (0, 0))[0] for key in KINDS}, "edited": sum(edited for _n, edited in by.values())}


def staying(found: AssignmentPlan) -> Mapping[int, int]:
    """How many households that the plan leaves as they are each official keeps: one statement."""
    rows = PlanLine.objects.filter(plan=found, kind="left", before__isnull=False).values("before_id")
    return {row["before_id"]: row["n"] for row in rows.annotate(n=Count("pk")).order_by()}


@dataclass(frozen=True, slots=True)
class Load:
    """So many officials have so many households ``before`` and ``after`` the plan, other duties in the role counted."""

    households: int
    before: int
    after: int


def loads(found: AssignmentPlan) -> list[Load]:
    """How many officials of the pool have how many households: two statements."""
    sides: list[dict[int, int]] = []
    for side in ("before", "after"):
        rows = PlanHelper.objects.filter(plan=found).annotate(load=F(side) + F("others")).values("load")
        sides.append({row["load"]: row["n"] for row in rows.annotate(n=Count("pk"))})
    return [Load(key, sides[0].get(key, 0), sides[1].get(key, 0)) for key in sorted(sides[0] | sides[1])]


def gap(found: AssignmentPlan) -> int | None:
    """The gap of a plan as it stands, in hundredths of a percent; None where somebody left more households out, or more
    minima unmet, than the solver had to: the bound is none for such plans."""
    now, solved = found.figures["parts"], found.figures["solved"]
    if now["left"] > solved["left"] or now["short"] > solved["short"]:
        return None
    return gap_of(found.cost, found.bound)
