"""A clock stands still while the person responsible is away (``clock.toml``) and nobody stands in: once an absence,
from its first day, as an event; the limit moves by its working days. In pieces of some officials, each a transaction of
its own: what was stopped is not looked for again."""

from __future__ import annotations

import math
import time as time_module
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.matters.clock import moved
from tuopin.duties.models import Absence
from tuopin.platform import database, working_days
from tuopin.platform.auditing import audit
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .. import limits, reach
from ..families import beyond
from . import correcting, rows, stood, telling
from .chain import Chains
from .people import People
from .rows import Event
from .settings import stops

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.core.calendar import Limit
    from tuopin.core.matters import Standing
    from tuopin.platform.access import Actor

    from ..models import Matter

PIECE = 200
"""Officials whose matters are stopped in one transaction."""


def stop(actor: Actor, now: datetime, until: float = math.inf) -> tuple[int, bool]:
    """Stop the clocks of who is away on the day of ``now``; returns how many, and whether that was all: no piece begins
    after ``until`` (of ``time.monotonic``). What stood still by days that are others now is corrected before. A fixed
    number of statements a piece, four where nobody is newly away."""
    correcting.correct(actor, now)
    away = _away(timezone.localdate(now))
    if not away:
        return 0, True
    # of hundreds of thousands who are away few hold what is not stopped yet
    held = _running(away).order_by().values_list("official_id", flat=True).distinct()
    looks = Looks(now)
    teller = telling.Teller(People(Chains(timezone.localdate(now))))
    total = 0
    for some in batched(sorted(each or 0 for each in held), PIECE):
        if time_module.monotonic() > until:
            return total, False
        with database.write():
            total += _piece(actor, {each: away[each] for each in some}, looks, teller, now)
    return total, True


def _running(away: Collection[int]) -> QuerySet[Matter]:
    return stood.movable().filter(official_id__in=listed(away), stopped_until=None)


def _piece(actor: Actor, away: Mapping[int, Away], looks: Looks, teller: telling.Teller, now: datetime) -> int:
    matters = list(_running(away).select_for_update(skip_locked=True).order_by("pk"))
    known, ended = _before(matters)
    changed = []
    for each in matters:
        absence = away[each.official_id or 0]
        if (each.pk, absence.number) not in known:
            event = _stop(each, absence, ended.get(each.pk, absence.first), looks)
            changed += [(each, event)] if event is not None else []
    if changed:
        _write(actor, [each for each, _event in changed], [event for _each, event in changed], teller, now)
    return len(changed)


class Looks:
    """When the clock looks next at matters that stand alike, worked out once; and how their limits move."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._next: dict[Standing, datetime | None] = {}
        self._moved: dict[tuple[date, date, date], Limit] = {}

    def next_at(self, matter: Matter) -> datetime | None:
        key = limits.standing(matter)
        if key not in self._next:
            self._next[key] = limits.look_again(matter, self.now)
        return self._next[key]

    def limit(self, before: datetime, first: date, until: date) -> Limit:
        key = (limits.day_of(before), first, until)
        if key not in self._moved:
            self._moved[key] = moved(*key, working_days.calendar(), first)
        return self._moved[key]


@dataclass(frozen=True, slots=True)
class Away:
    """An absence: its number, its first day, until when (excluded) it stops a clock."""

    number: int
    first: date
    until: date


def _away(today: date) -> dict[int, Away]:
    """Officials who are away with nobody standing in, by the absence that ends last."""
    found: dict[int, Away] = {}
    absent = Absence.objects.filter(on_day(today), kind__in=stops().absences)
    stood_in = set(absent.exclude(stand_in=None).values_list("official_id", flat=True))
    rows = absent.order_by("valid_from", "pk").values_list("pk", "official_id", "valid_from", "valid_to")
    for number, official, first, last in rows:
        until = stood.until_of(first, last)
        before = found[official].until if official in found else today
        if official not in stood_in and until > before:
            found[official] = Away(number, first, until)
    return found


def _before(matters: list[Matter]) -> tuple[set[tuple[int, int]], dict[int, date]]:
    """Which absences stopped these clocks before, and when their last stop of any kind ended: its days are not counted
    again."""
    stopped = stood.still([each.pk for each in matters])
    known = {(number, absence) for number, each in stopped.items() for absence in each.absences}
    return known, {number: max(one.end for one in each.stops) for number, each in stopped.items() if each.stops}


def _stop(matter: Matter, absence: Away, ended: date, looks: Looks) -> Event | None:
    """Move the limit on the row; None for one that had passed before the absence, or that leaves nothing to stop."""
    before, begin, until = matter.limit_at, limits.midnight(absence.first), absence.until
    if before is None or before <= begin:
        return None
    issued = timezone.localdate(matter.issued_at) if matter.issued_at is not None else absence.first
    first = max(absence.first, issued + timedelta(days=1), ended)
    if first >= until:
        return None
    limit = looks.limit(before, first, until)
    matter.stopped_from, matter.stopped_until = first, until
    matter.limit_at, matter.provisional = limit.ends(timezone.get_current_timezone()), limit.provisional
    matter.step, matter.version, matter.changed_at = 0, matter.version + 1, looks.now
    matter.next_at = looks.next_at(matter)
    data = {
        "before": before.isoformat(), "limit": matter.limit_at.isoformat(), "until": until.isoformat(),
        "first": first.isoformat(), "absence": absence.number,
    }  # fmt: skip
    return Event(matter.pk, stood.STOPPED, matter.state, matter.state, looks.now, data)


def _write(actor: Actor, matters: list[Matter], events: list[Event], teller: telling.Teller, now: datetime) -> None:
    rows.write_stops(matters)
    rows.write_events(events, now, reach.signature(actor))
    telling.tell_moved(actor, matters, events, "orders.stopped", now, teller)
    beyond.tell(actor, matters, now)
    audit.record(actor, "orders.stop_for_absence", "matters", {"matters": len(matters)})
