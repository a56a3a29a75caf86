"""The states of plans and measures, derived from what was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from .models import HelpPlan, MeasureDone, PlanAnswer, PlannedMeasure

type PlanState = Literal["drafted", "signed", "refused", "superseded"]
type MeasureState = Literal["planned", "late", "done"]

PLAN_STATES: Mapping[str, Title] = {
    "drafted": Title("待户主签字", "waits for the signature"),
    "signed": Title("已签字", "signed"),
    "refused": Title("户主不同意", "refused"),
    "superseded": Title("已有新版本", "superseded"),
}
MEASURE_STATES: Mapping[str, Title] = {
    "planned": Title("计划中", "planned"),
    "late": Title("已超期", "late"),
    "done": Title("已落实", "done"),
}


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure with what was done of it in any version."""

    measure: PlannedMeasure
    state: MeasureState
    done: tuple[MeasureDone, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanView:
    """One version as it stands."""

    plan: HelpPlan
    state: PlanState
    answer: PlanAnswer | None
    measures: tuple[MeasureView, ...]
    sums: Mapping[str, int | None] = field(default_factory=dict)


def plan_state(plan: HelpPlan, newest: HelpPlan, answer: PlanAnswer | None) -> PlanState:
    """A version that another follows is superseded, whatever was said to it."""
    if plan.pk != newest.pk:
        return "superseded"
    if answer is None:
        return "drafted"
    return "signed" if answer.kind == "signed" else "refused"


def measure_state(measure: PlannedMeasure, done: tuple[MeasureDone, ...], today: date) -> MeasureState:
    """Done once anything of it was done; late after its day."""
    if done:
        return "done"
    return "late" if measure.due < today else "planned"


LINES = ("wage", "business", "property", "transfer")


def sums(measures: tuple[MeasureView, ...]) -> dict[str, int | None]:
    """Planned cost, cost paid and planned effect by line, in fen; None where any part of it is not known."""
    found: dict[str, int | None] = {"cost": _sum([each.measure.cost for each in measures])}
    found["paid"] = _sum([row.cost for each in measures for row in each.done])
    for line in LINES:  # an effect that is not named is none on that line
        found[line] = sum(getattr(each.measure, line) or 0 for each in measures)
    return found


def _sum(parts: list[int | None]) -> int | None:
    return None if any(part is None for part in parts) else sum(part or 0 for part in parts)
