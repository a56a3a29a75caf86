"""A clock stands still while the person responsible is away (``clock.toml``) and nobody stands in: once an absence,
from its first day, as an event; the limit moves by its working days. In pieces of some officials, each a transaction of
its own: what was stopped is not looked for again. Absences that began and ended since the last look count too."""

from __future__ import annotations

import math
import time as time_module
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.core.matters.clock import moved
from tuopin.duties.models import Absence
from tuopin.platform import database, working_days
from tuopin.platform.auditing import audit
from tuopin.platform.models import Marker
from tuopin.register.correcting.subjects import listed

from .. import limits, reach
from ..families import beyond
from . import correcting, rows, stood, telling
from .chain import Chains
from .people import People
from .rows import Event
from .settings import stops

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.core.calendar import Limit
    from tuopin.core.matters import Standing
    from tuopin.platform.access import Actor

    from ..models import Matter

MARKER = "orders.away"
PIECE = 200
"""Officials whose matters are stopped in one transaction."""
_ENDED = "clock.stop_ended"
_DAY = timedelta(days=1)


def stop(actor: Actor, now: datetime, until: float = math.inf) -> tuple[int, bool]:
    """Stop the clocks of who is away on the day of ``now``; returns how many, and whether that was all: no piece begins
    after ``until`` (of ``time.monotonic``). What stood still by days that are others now is corrected before. A fixed
    number of statements a piece, four where nobody is newly away."""
    correcting.correct(actor, now)
    today = timezone.localdate(now)
    last = Marker.objects.filter(name=MARKER).values_list("text", flat=True).first()
    away = _away(today, min(today, date.fromisoformat(last)) if last else today)
    total, whole = _stop_all(actor, now, until, away) if away else (0, True)
    if whole and last != today.isoformat():
        with database.write():
            Marker.objects.update_or_create(name=MARKER, defaults={"text": today.isoformat()})
    return total, whole


def _stop_all(actor: Actor, now: datetime, until: float, away: Mapping[int, Sequence[Away]]) -> tuple[int, bool]:
    today = timezone.localdate(now)
    # of hundreds of thousands who are away few hold what is not stopped yet
    held = _running(away, today).order_by().values_list("official_id", flat=True).distinct()
    looks = Looks(now)
    teller = telling.Teller(People(Chains(today)))
    total = 0
    for some in batched(sorted(each or 0 for each in held), PIECE):
        if time_module.monotonic() > until:
            return total, False
        with database.write():
            total += _piece(actor, {each: away[each] for each in some}, looks, teller, now)
    return total, True


def _running(away: Collection[int], today: date) -> QuerySet[Matter]:
    """Also those whose stop ends today: whoever is away on that day is not reminded first."""
    return stood.movable().filter(Q(stopped_until=None) | Q(stopped_until__lte=today), official_id__in=listed(away))


def _piece(
    actor: Actor, away: Mapping[int, Sequence[Away]], looks: Looks, teller: telling.Teller, now: datetime
) -> int:
    matters = list(_running(away, looks.today).select_for_update(skip_locked=True).order_by("pk"))
    before = {number: Before.of(known) for number, known in stood.still([each.pk for each in matters]).items()}
    events: list[Event] = []
    changed: list[tuple[Matter, Event]] = []
    for each in matters:
        found: list[Event] = []
        for absence in away[each.official_id or 0]:
            if each.stopped_until is None or each.stopped_until <= looks.today:
                due = now + timedelta(microseconds=len(found))  # one event of a kind and moment
                found += _stop(each, absence, before[each.pk], looks, due)
        if found:
            changed.append((each, found[-1]))
            events += found
    if changed:
        _write(actor, changed, events, teller, now)
    return len(changed)


class Looks:
    """When the clock looks next at matters that stand alike, worked out once; and how their limits move."""

    def __init__(self, now: datetime) -> None:
        self.now, self.today = now, timezone.localdate(now)
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


def _away(today: date, since: date) -> dict[int, list[Away]]:
    """Officials who are away with nobody standing in, or were since a day, by their absences: the first one first, of
    those of a day the longest."""
    absent = Absence.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=since), valid_from__lte=today, kind__in=stops().absences
    )
    stood_in: dict[int, list[tuple[date, date | None]]] = {}
    alone = []
    names = ("pk", "official_id", "valid_from", "valid_to", "stand_in")
    for number, official, first, last, stand_in in absent.order_by("valid_from", "pk").values_list(*names):
        if stand_in is not None:
            stood_in.setdefault(official, []).append((first, last))
        else:
            alone.append((official, last, Away(number, first, stood.until_of(first, last))))
    found: dict[int, list[Away]] = {}
    for official, last, each in alone:
        day = today if last is None or last > today else last - _DAY  # as a look on its last day would have seen it
        over = any(begin <= day and (end is None or day < end) for begin, end in stood_in.get(official, ()))
        if not over and each.until > since:
            found.setdefault(official, []).append(each)
    for some in found.values():
        some.sort(key=lambda one: (one.first, -one.until.toordinal()))
    return found


@dataclass(slots=True)
class Before:
    """What stopped one clock before, or let it run: the absences; when its last stop of any kind ended, and the day on
    which it went to who has it now, whose days before are not counted; and until when somebody let it run though an
    absence goes on, which lasts until the other day."""

    absences: set[int] = field(default_factory=set)
    ended: date = date.min
    decided: list[tuple[date, date]] = field(default_factory=list)

    @classmethod
    def of(cls, known: stood.Stood) -> Before:
        ended = max([each.end for each in known.stops], default=date.min)
        decided = [(each.decided, each.until) for each in known.stops if each.absence is not None and each.ran]
        return cls(set(known.absences), max(ended, known.given_on or date.min), decided)

    def free_from(self, first: date) -> date:
        """From when on an absence that begins on a day may stop the clock. One noted anew in place of another, or going
        on from it, is what was decided upon."""
        return max([first, self.ended, *(run for run, lasts in self.decided if first <= lasts)])


def _stop(matter: Matter, absence: Away, known: Before, looks: Looks, due: datetime) -> list[Event]:
    """Move the limit on the row; nothing for one that had passed before, or that leaves nothing to stop yet."""
    before, until = matter.limit_at, absence.until
    if before is None or absence.number in known.absences:
        return []
    issued = timezone.localdate(matter.issued_at) if matter.issued_at is not None else absence.first
    first = max(known.free_from(absence.first), issued + _DAY)
    if first >= until or first > looks.today or before <= limits.midnight(first):
        return []
    events = []
    begun, ended = first, matter.stopped_until
    if ended is not None and first <= ended:
        begun = matter.stopped_from or first  # it stands on without a break
    elif ended is not None:
        data: dict[str, object] = {"at": limits.midnight(ended).isoformat()}
        events.append(Event(matter.pk, _ENDED, matter.state, matter.state, limits.midnight(ended), data))
    limit = looks.limit(before, first, until)
    matter.stopped_from, matter.stopped_until = begun, until
    matter.limit_at, matter.provisional = limit.ends(timezone.get_current_timezone()), limit.provisional
    matter.step, matter.version, matter.changed_at = 0, matter.version + 1, looks.now
    matter.next_at = looks.next_at(matter)
    known.absences.add(absence.number)
    known.ended = max(known.ended, until)
    data = {
        "before": before.isoformat(), "limit": matter.limit_at.isoformat(), "until": until.isoformat(),
        "first": first.isoformat(), "absence": absence.number,
    }  # fmt: skip
    return [*events, Event(matter.pk, stood.STOPPED, matter.state, matter.state, due, data)]


def _write(
    actor: Actor,
    changed: Sequence[tuple[Matter, Event]],
    events: Sequence[Event],
    teller: telling.Teller,
    now: datetime,
) -> None:
    matters = [each for each, _event in changed]
    rows.write_stops(matters)
    rows.write_events(events, now, reach.signature(actor))
    telling.tell_moved(actor, matters, [event for _each, event in changed], "orders.stopped", now, teller)
    beyond.tell(actor, matters, now)
    audit.record(actor, "orders.stop_for_absence", "matters", {"matters": len(matters)})
