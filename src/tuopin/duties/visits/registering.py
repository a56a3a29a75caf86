"""What a visit tells the register: an item that is one yes-or-no field becomes a fact with the source “visit”.

The permission is that of the visit: who may record a visit to a household says by it what was seen there, of the
classes open to the recorder. It is a correction like any other: it survives a re-import, stands on the list of what is
to be entered in the national system, and can be undone (docs/decisions/0081).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.access import Actor
from tuopin.platform.problems import Problem
from tuopin.register.correcting import services as correcting
from tuopin.register.models.blocks import Source

from .models import Visit, VisitFinding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .drafts import Found
    from .items import Asked


def take_over(actor: Actor, visit: Visit, findings: Sequence[Found], asked: Mapping[str, Asked]) -> int:
    """Correct the register by what was seen; returns how many values changed. Inside the caller's transaction; the
    caller has asked for permission and classes."""
    changes = [
        correcting.Change("household", visit.household_id, item.field, item.value(each.result))
        for each in findings
        if each.result != VisitFinding.Result.UNKNOWN and (item := asked[each.item]).field
        if visit.household_id is not None
    ]
    if not changes:
        return 0
    why = correcting.Why(visit.day, Source.VISIT, f"走访 {visit.number}", "visit")
    outcome = correcting.correct(_by_the_visit(actor), changes, why)
    if outcome.correction is not None:
        Visit.objects.filter(pk=visit.pk).update(correction=outcome.correction)
    return outcome.written


def give_back(actor: Actor, visit: Visit) -> bool:
    """Undo what a version told the register; False where somebody has corrected one of the values since: then all stay
    as they are."""
    if visit.correction_id is None:
        return True
    try:
        correcting.undo(_by_the_visit(actor), visit.correction_id)
    except correcting.Conflict:
        return False
    except Problem as problem:
        if problem.code != "already_undone":  # somebody did it on the page of corrections
            raise
    return True


def _by_the_visit(actor: Actor) -> Actor:
    """The same person, acting by the right to record the visit."""
    return Actor("system", actor.user_id, actor.name, actor.os_user)
