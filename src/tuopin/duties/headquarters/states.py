"""How far the steps of a plan are, and how far they have slipped: pure, from rows and a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from .models import PlanStep, StepReport

DONE = 100
STATES = {
    "done": Title("✓ 已完成", "✓ done"),
    "done_late": Title("✓ 逾期完成", "✓ done late"),
    "late": Title("✗ 已逾期", "✗ late"),
    "begun": Title("▶ 进行中", "▶ under way"),
    "not_begun": Title("? 应已开始，未报进度", "? should have begun, nothing reported"),
    "ahead": Title("– 未到时间", "– not yet"),
}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as it stands. ``first``: the same step in the first plan, None where it was added later. ``slip``: days
    that its end lies behind the first plan's (of a step that is done: the day it was done), None for an added one.
    ``late``: days past its end while it is not done. ``early``: numbers of steps it should wait for, but overlaps."""

    step: PlanStep
    first: PlanStep | None
    report: StepReport | None
    state: str
    slip: int | None
    late: int
    early: tuple[int, ...] = ()

    @property
    def share(self) -> int | None:
        """Hundredths done; None while nothing was reported."""
        return self.report.share if self.report is not None else None


def view(step: PlanStep, first: PlanStep | None, report: StepReport | None, today: date) -> StepView:
    """One step on a day; ``report`` is the newest that counts."""
    done = report is not None and report.share == DONE
    if done and report is not None:
        state, end = ("done_late" if report.day > step.ends else "done"), report.day
    else:
        end = step.ends
        if today > step.ends:
            state = "late"
        elif report is not None and report.share:
            state = "begun"
        else:
            state = "ahead" if step.begins > today else "not_begun"
    slip = (end - first.ends).days if first is not None else None
    late = (today - step.ends).days if state == "late" else 0
    return StepView(step, first, report, state, slip, late)


def views(
    steps: Sequence[PlanStep], first: Sequence[PlanStep], reports: Mapping[int, StepReport], today: date
) -> list[StepView]:
    """All steps of a version against the first one; ``reports`` by the number of the step."""
    before = {each.number: each for each in first}
    ends = {each.number: each.ends for each in steps}
    found = []
    for step in steps:
        made = view(step, before.get(step.number), reports.get(step.number), today)
        early = tuple(each for each in numbers(step.after) if each in ends and ends[each] >= step.begins)
        found.append(StepView(step, made.first, made.report, made.state, made.slip, made.late, early))
    return found


def numbers(text: str) -> tuple[int, ...]:
    """The numbers of steps that come first, as they are stored."""
    return tuple(int(each) for each in text.split(",") if each)


@dataclass(frozen=True, slots=True)
class Sum:
    """Steps of a plan by state; ``worst``: the greatest slip in days among them, None where nothing can be compared."""

    total: int
    done: int
    late: int
    worst: int | None


def sum_of(found: Sequence[StepView]) -> Sum:
    slips = [each.slip for each in found if each.slip is not None]
    return Sum(
        len(found),
        sum(each.state in {"done", "done_late"} for each in found),
        sum(each.state == "late" for each in found),
        max(slips, default=None),
    )
