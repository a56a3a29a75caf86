"""Where a headquarters, plan or step has nobody who answers for it, for the report of gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title

from . import selectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from .selectors import Headquarters, PlanView

KINDS = {
    "no_commander": Title("指挥部没有指挥长", "headquarters without a commander"),
    "no_deputy": Title("指挥部没有常务副指挥长", "headquarters without an acting deputy"),
    "no_plan": Title("指挥部没有当年计划", "headquarters without a plan for the year"),
    "no_holder": Title("步骤没有责任人", "steps without a responsible person"),
    "holder_left": Title("步骤责任人已离任", "steps whose responsible person has left"),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap: ``kind`` of :data:`KINDS`; ``subject`` and ``item`` stay the same from day to day (organisation and
    number of the step, 0 = the headquarters itself)."""

    kind: str
    subject: int
    item: int
    name: str
    detail: str
    href: str


def of_offices(offices: Sequence[Headquarters], plans: Mapping[int, list[PlanView]], day: date) -> list[Gap]:
    """Every headquarters, plan and open step without a live holder: two statements, however many there are. Live =
    holds a post or a duty on the day."""
    found: list[Gap] = []
    open_steps = [
        (office, shown, step)
        for office in offices
        for shown in plans.get(office.id, ())
        for step in shown.steps
        if step.state not in {"done", "done_late"}
    ]
    people = selectors.holders({each.step.official_id for *_rest, each in open_steps if each.step.official_id}, day)
    for office in offices:
        href = reverse("duties:headquarters_one", args=[office.id])
        if office.commander is None:
            found.append(Gap("no_commander", office.id, 0, office.name, "", href))
        if office.deputy is None:
            found.append(Gap("no_deputy", office.id, 0, office.name, "", href))
        if not any(each.plan.year == day.year for each in plans.get(office.id, ())):
            found.append(Gap("no_plan", office.id, 0, office.name, str(day.year), href))
    for office, shown, view in open_steps:
        step = view.step
        holder = people.get(step.official_id or 0)
        if holder is None or not holder.live:
            kind = "no_holder" if holder is None else "holder_left"
            href = reverse("duties:headquarters_plan", args=[shown.plan.pk])
            found.append(Gap(kind, office.id, step.number, office.name, step.title, href))
    return found
