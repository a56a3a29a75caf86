"""A clock stands still while the person responsible is away (``clock.toml``) and nobody stands in: once an absence,
from its first day, as an event; the limit moves by its working days. In pieces of some officials, each a transaction of
its own: what was stopped is not looked for again."""

from __future__ import annotations

import math
import time as time_module
from datetime import datetime, time, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.matters.clock import NUMBERS, moved
from tuopin.duties.models import Absence
from tuopin.platform import database, working_days
from tuopin.platform.auditing import audit
from tuopin.platform.outbox import services as outbox
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .. import limits, reach
from ..models import RUNNING, Matter, MatterEvent
from . import rows, telling
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

STOPPED = "clock.stop"
PIECE = 200
"""Officials whose matters are stopped in one transaction."""
_LONGEST = timedelta(days=366)


def stop(actor: Actor, now: datetime, until: float = math.inf) -> tuple[int, bool]:
    """Stop the clocks of who is away on the day of ``now``; returns how many, and whether that was all: no piece begins
    after ``until`` (of ``time.monotonic``). A fixed number of statements a piece, one where nobody is newly away."""
    away = _away(timezone.localdate(now))
    if not away:
        return 0, True
    # of hundreds of thousands who are away few hold what is not stopped yet
    held = _running(away).order_by().values_list("official_id", flat=True).distinct()
    looks = _Looks(now)
    teller = telling.Teller(People(Chains(timezone.localdate(now))))
    total = 0
    for some in batched(sorted(each or 0 for each in held), PIECE):
        if time_module.monotonic() > until:
            return total, False
        with database.write():
            total += _piece(actor, {each: away[each] for each in some}, looks, teller, now)
    return total, True


def _running(away: Collection[int]) -> QuerySet[Matter]:
    """What officials hold, as far as a stop may move it. The law's days for a petition run on, whoever is away."""
    found = Matter.objects.filter(
        state__in=RUNNING, official_id__in=listed(away), by_hours=False, stopped_until=None,
        step__lt=NUMBERS["overdue"],
    )  # fmt: skip
    return found.exclude(kind=Matter.Kind.PETITION)


def _piece(
    actor: Actor, away: Mapping[int, tuple[date, date]], looks: _Looks, teller: telling.Teller, now: datetime
) -> int:
    matters = list(_running(away).select_for_update(skip_locked=True).order_by("pk"))
    known, ended = _before(matters)
    changed = []
    for each in matters:
        first, until = away[each.official_id or 0]
        if (each.pk, _midnight(first)) not in known:
            event = _stop(each, first, until, ended.get(each.pk, first), looks)
            changed += [(each, event)] if event is not None else []
    if changed:
        _write(actor, [each for each, _event in changed], [event for _each, event in changed], teller, now)
    return len(changed)


class _Looks:
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


def _away(today: date) -> dict[int, tuple[date, date]]:
    """Officials who are away with nobody standing in: from which day until which (excluded)."""
    found: dict[int, tuple[date, date]] = {}
    absent = Absence.objects.filter(on_day(today), kind__in=stops().absences)
    stood_in = set(absent.exclude(stand_in=None).values_list("official_id", flat=True))
    for official, first, last in absent.order_by("valid_from").values_list("official_id", "valid_from", "valid_to"):
        until = min(last or first + timedelta(days=stops().open_days), first + _LONGEST)
        if official not in stood_in and until > today and until > found.get(official, (first, today))[1]:
            found[official] = (first, until)
    return found


def _before(matters: list[Matter]) -> tuple[set[tuple[int, datetime | None]], dict[int, date]]:
    """Which absences stopped these clocks before, and when their last stop of any kind ended: its days are not counted
    again."""
    acts = (STOPPED, "clock.stop_ended", "resume")
    found = MatterEvent.objects.filter(matter_id__in=listed([each.pk for each in matters]), act__in=acts).order_by("pk")
    happened = list(found.values_list("matter_id", "act", "at", "due"))
    known = {(number, due) for number, act, _at, due in happened if act == STOPPED}
    return known, {number: timezone.localdate(due or at) for number, act, at, due in happened if act != STOPPED}


def _stop(matter: Matter, first: date, until: date, ended: date, looks: _Looks) -> Event | None:
    """Move the limit on the row; None for one that had passed before the absence, or that leaves nothing to stop."""
    before, begin = matter.limit_at, _midnight(first)
    if before is None or before <= begin:
        return None
    issued = timezone.localdate(matter.issued_at) if matter.issued_at is not None else first
    first = max(first, issued + timedelta(days=1), ended)
    if first >= until:
        return None
    limit = looks.limit(before, first, until)
    matter.stopped_from, matter.stopped_until = first, until
    matter.limit_at, matter.provisional = limit.ends(timezone.get_current_timezone()), limit.provisional
    matter.step, matter.version, matter.changed_at = 0, matter.version + 1, looks.now
    matter.next_at = looks.next_at(matter)
    data = {"before": before.isoformat(), "limit": matter.limit_at.isoformat(), "until": until.isoformat()}
    return Event(matter.pk, STOPPED, matter.state, matter.state, begin, data)


def _write(actor: Actor, matters: list[Matter], events: list[Event], teller: telling.Teller, now: datetime) -> None:
    rows.write_stops(matters)
    rows.write_events(events, now, reach.signature(actor))
    tell(actor, matters, events, "orders.stopped", now, teller)
    audit.record(actor, "orders.stop_for_absence", "matters", {"matters": len(matters)})


def tell(
    actor: Actor, matters: list[Matter], events: list[Event], kind: str, now: datetime,
    teller: telling.Teller | None = None,
) -> None:  # fmt: skip
    """Say to the holders that a limit moved. ``teller``: one that may know them already."""
    teller = teller or telling.Teller(People(Chains(timezone.localdate(now))))
    some = [rows.row_of(each) for each in matters]
    teller.know(some)
    letters = [
        telling.letter(user, row.id, f"{event.act}:{event.due:%Y%m%dT%H%M}", kind, telling.MOVED, row.limit_at, now)
        for row, event in zip(some, events, strict=True)
        if row.limit_at is not None
        for user in dict.fromkeys(teller.holder(row))
    ]
    outbox.post(actor, letters, now=now)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())
