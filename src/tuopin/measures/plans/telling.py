"""What a writer of plans is not told of: he neither takes it out nor writes against it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuopin.platform.access import field_classes_at
from tuopin.platform.problems import Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed

from ..permissions import VIEW
from .models import HelpPlan, PlannedMeasure
from .selectors import CAUSES, may_be_told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor

    from .services import Draft


def with_closed(actor: Actor, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, with the causes of the version before where the writer is not told of them. Raises Problem where that
    version has measures that are closed to him. Versions are never changed: no lock is needed to read them."""
    if actor.unrestricted:
        return list(drafts)
    households = {each.household_id for each in drafts}
    paths = register.household_paths(households)
    plans = HelpPlan.objects.filter(household_id__in=listed(households), year__in={each.year for each in drafts})
    before = {(each.household_id, each.year, each.version): each for each in plans}
    measures: dict[int, list[tuple[str, str]]] = {}
    for plan, sort, policy in PlannedMeasure.objects.filter(plan__in=plans).values_list("plan_id", "sort", "policy"):
        measures.setdefault(plan, []).append((sort, policy))
    found = []
    for each in drafts:
        held = before.get((each.household_id, each.year, each.seen))
        classes = field_classes_at(actor, VIEW, paths.get(each.household_id, ""), each.household_id)
        if held is not None and not all(may_be_told(*item, classes) for item in measures.get(held.pk, ())):
            raise Problem(
                "plan_not_whole", "计划中有未向您开放的措施，请由有权查看的人员改写。",
                "The plan has measures that are not open to you: somebody who may see them writes the next version.",
            )  # fmt: skip
        closed = held is not None and classes is not None and CAUSES not in classes
        causes = tuple(held.causes.split(",")) if closed and held is not None and held.causes else ()
        found.append(replace(each, causes=causes) if closed else each)
    return found


def told(actor: Actor, measures: Sequence[PlannedMeasure]) -> bool:
    """Whether the actor may be told of all of these measures (their plans are loaded)."""
    paths = {} if actor.unrestricted else register.household_paths({each.plan.household_id for each in measures})
    return all(
        may_be_told(each.sort, each.policy, field_classes_at(actor, VIEW, paths.get(home, ""), home))
        for each in measures
        for home in (each.plan.household_id,)
    )
