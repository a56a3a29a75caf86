"""Recording events of households and persons, and taking them back: the one way in which pages and programs do it.

All events of a call are recorded or none; each opens and closes dated rows from its day on (``planning``, ``writing``).
Two people who record something of one household at once are told: the second has seen what is no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit

from .. import cards
from ..correcting.subjects import listed
from ..counting import ON_REGISTER, count_later
from ..models import Household, Membership
from ..permissions import RECORD_EVENTS
from . import planning, refusals, state, writing
from .kinds import told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .planning import Act, Wish
    from .state import State

LIMIT = 5_000
"""Events in one call."""
STILL_TO_EXIT = frozenset(ON_REGISTER) - {"exited"}
_CODE = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Why:
    """What is the same for all events of a call. ``document`` is what it rests on (a certificate and its number)."""

    day: date
    reason: str
    document: str = ""
    origin: str = "service"


def record(actor: Actor, kind: str, wishes: Sequence[Wish], why: Why) -> list[int]:
    """Record one event a wish; returns their ids. Raises Problem with what stands in the way, Missing outside the
    grants, Changed (409) where a household has changed since it was seen."""
    check_why(why)
    with database.write():
        database.hold_data()
        acts, held = _planned(actor, kind, wishes, why.day)
        _codes_free(acts)
        if any(not act.wish.agreed for act in into_exited(acts, held)):
            raise refusals.would_count_as_exited()
        now = timezone.now()
        numbers, households = writing.write(actor, acts, why, held, now)
        cards.refresh(households)
        database.bump_data_version()
        count_later(actor)
        shown = told(kind, frozenset())  # the trail is read without any class of fields; the event says which it was
        detail: dict[str, object] = {
            "kind": shown, "events": len(acts), "subjects": writing.subjects_of(acts), "day": why.day.isoformat(),
        }  # fmt: skip
        audit.record(actor, RECORD_EVENTS, f"event:{numbers[0]}" if len(numbers) == 1 else f"events:{shown}", detail)
    return numbers


def preview(actor: Actor, kind: str, wishes: Sequence[Wish], why: Why) -> tuple[list[Act], State]:
    """What would be closed and opened; writes nothing, and raises what :func:`record` would."""
    check_why(why)
    acts, held = _planned(actor, kind, wishes, why.day)
    _codes_free(acts)
    return acts, held


def into_exited(acts: Sequence[Act], held: State) -> list[Act]:
    """Those by which persons of a household still to exit become members of one that has exited: they would count as
    exited, without any procedure."""

    def stands(household: int) -> str:
        rows = held.houses[household].open_statuses if household in held.houses else ()
        return next((row.value for row in rows if row.axis == "registration"), "")

    return [
        act for act in acts
        if act.other is not None and stands(act.other) == "exited" and stands(act.house.id) in STILL_TO_EXIT
    ]  # fmt: skip


def check_why(why: Why) -> None:
    """Raises Problem for a day ahead or a reason left out."""
    if not 1949 <= why.day.year <= 2200 or why.day > timezone.localdate():
        raise refusals.bad_day()
    if not why.reason.strip() or len(why.reason) > 500 or len(why.document) > 200:
        raise refusals.no_reason()


def _planned(actor: Actor, kind: str, wishes: Sequence[Wish], day: date) -> tuple[list[Act], State]:
    require(actor, RECORD_EVENTS)
    if not 1 <= len(wishes) <= LIMIT:
        raise refusals.nobody_chosen()
    households = {wish.household for wish in wishes} | {wish.target for wish in wishes if wish.target is not None}
    kept = {wish.keep for wish in wishes if wish.keep is not None}
    if kept:
        theirs = Membership.objects.filter(person_id__in=listed(sorted(kept)))
        households |= set(theirs.values_list("household_id", flat=True))
    persons = {person for wish in wishes for person in wish.persons} | kept
    areas = {wish.village for wish in wishes if wish.village is not None}
    held = state.load(actor, households, persons, areas)
    if kind == "split":
        held.splits = state.count_splits(households)
    return planning.plan(held, kind, wishes, day), held


def _codes_free(acts: Sequence[Act]) -> None:
    codes = {act.new_code for act in acts if act.new_code}
    for code in codes:
        if not _CODE.fullmatch(code):
            raise refusals.code_taken(code[:64])
    taken = Household.objects.filter(code__in=sorted(codes)).values_list("code", flat=True).first() if codes else None
    if taken is not None:
        raise refusals.code_taken(taken)


def give_code(actor: Actor, household: int, code: str) -> None:
    """The code that the national system gave to a household split here, so that its exports find it."""
    require(actor, RECORD_EVENTS)
    with database.write():
        database.hold_data()
        held = state.load(actor, {household}, (), ())
        house = held.houses.get(household)
        if house is None or not held.reaches(house.home):
            raise refusals.outside()
        if not _CODE.fullmatch(code) or Household.objects.filter(code=code).exists():
            raise refusals.code_taken(code[:64])
        if not is_provisional(household):
            raise refusals.code_taken(house.code)
        Household.objects.filter(pk=household).update(code=code)
        cards.refresh([household])
        database.bump_data_version()
        count_later(actor)
        detail: dict[str, object] = {"before": house.code, "code": code}
        audit.record(actor, RECORD_EVENTS, f"household:{household}", detail)


def is_provisional(household: int) -> bool:
    """Whether the household was split off here and no export has confirmed it yet."""
    from ..models import RegisterEvent

    split = RegisterEvent.objects.filter(kind="split", other_id=household, undone=None)
    return split.exists() and not split.filter(echoes__state="confirmed").exists()
