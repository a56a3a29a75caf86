"""Limits that rested on a year whose days off were not known are counted again when they are; those counted over days
that were corrected later, too, unless they had passed: these stay, and the audit log names them.

One that came from working days keeps their number; a day that somebody named stays, unless it turned out a day off
(ledgers name days off, too: these stay). What a clock stood still, whether it stands or has run again, counts by the
working days that it has now: nobody had them.
The calendar days that the law gives a petition do not depend on days off, and never move.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import orjson
from django.db.models import Q
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.calendar import Limit, WorkingCalendar
from tuopin.platform import database, working_days
from tuopin.platform.auditing import audit
from tuopin.platform.models import Marker

from .. import limits, reach
from ..families import beyond
from ..kinds import urgencies
from ..models import RUNNING, Matter
from . import rows, stood, telling
from .rows import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuopin.core.matters import Step
    from tuopin.platform.access import Actor

    from .rows import Row
    from .stood import Stood

MARKER = "orders.calendar"
_BEFORE = timedelta(days=21)
_PIECE = 5_000
_NAMED = 200


def recount(actor: Actor, now: datetime, steps: Callable[[Row], Sequence[Step]]) -> int:
    """Count again what rests on years that became known, or were corrected, since the last time; returns how many
    limits moved. One statement where nothing changed. ``steps``: all steps of a matter by the calendar of now."""
    calendar = working_days.calendar()
    row, text = Marker.objects.filter(name=MARKER).first(), _text(calendar)
    if row is not None and row.text == text:
        return 0
    if row is not None and (years := _changed(_read(row.text, calendar), calendar)):
        _look_again(min(years), steps, now)  # before the calendar is written down: killed half-way it is done again
    with database.write():
        Marker.objects.bulk_create([Marker(name=MARKER, text=text)], ignore_conflicts=True)
        row = Marker.objects.select_for_update().get(name=MARKER)
        before = _read(row.text, calendar)
        row.text = text
        row.save(update_fields=["text"])
        changed = _changed(before, calendar)
        return _recount(actor, before, calendar, changed, now) if changed else 0


def _look_again(year: int, steps: Callable[[Row], Sequence[Step]], now: datetime) -> None:
    """When the clock looks at matters next, where that lies in a year that became known or rests on it: reminders come
    before a holiday, what follows a limit comes after it. The limits themselves stay."""
    begin = datetime(year, 1, 1, tzinfo=timezone.get_current_timezone()) - _BEFORE
    last = 0
    while True:
        with database.write():
            found = rows.ahead(last, begin, _PIECE)
            moved = []
            for row, looks in found:
                behind = core.due(steps(row), row.step, now)
                at = behind[0].at if behind else core.next_at(steps(row), row.step, now)
                if at != looks:
                    moved.append((row.id, row.step, at))
            if moved:
                rows.write_steps(moved)
        if len(found) < _PIECE:
            return
        last = found[-1][0].id


def _recount(
    actor: Actor, before: WorkingCalendar, calendar: WorkingCalendar, years: frozenset[int], now: datetime
) -> int:
    days = _days(before, calendar, years)
    running = Matter.objects.select_for_update().filter(state__in=RUNNING, by_hours=False)
    over = Q(pk__in=[])
    if days:  # counted over a day that is another one now
        over = Q(limit_at__gt=limits.midnight(days[0]), issued_at__lt=limits.midnight(days[-1])) & ~Q(
            urgency__in=_calendar()
        )
    left = list(running.filter(over, provisional=False, limit_at__lte=now).order_by("pk").values_list("pk", flat=True))
    matters = list(running.filter(Q(provisional=True) | (over & Q(limit_at__gt=now))).order_by("pk"))
    known = stood.still([each.pk for each in matters])
    events = []
    for each in matters:
        event = _again(each, known[each.pk], before, calendar, now)
        if event is not None:
            events.append((each, event))
    Matter.objects.bulk_update(
        matters, ["limit_at", "provisional", "step", "version", "changed_at", "next_at"], batch_size=500
    )
    if events:
        rows.write_events([event for _row, event in events], now, reach.signature(actor))
        some = [each for each, _event in events]
        telling.tell_moved(actor, some, [event for _row, event in events], "orders.limit_moved", now)
        beyond.tell(actor, some, now)
    detail: dict[str, object] = {"years": sorted(years), "matters": len(matters), "moved": len(events)}
    if left:  # what was late stays late; somebody may look at it
        detail |= {"past": len(left), "past_matters": left[:_NAMED]}
    audit.record(actor, "orders.recount_limits", "matters", detail)
    return len(events)


def _again(
    matter: Matter, known: Stood, before: WorkingCalendar, calendar: WorkingCalendar, now: datetime
) -> Event | None:
    """Set the limit on the row; the event of one that moved."""
    old = matter.limit_at
    if old is None or matter.issued_at is None:
        return None
    day, begun = known.lies(old) if old > now else limits.day_of(old), timezone.localdate(matter.issued_at)
    more = stood.working(known.counting, calendar) - stood.working(known.counting, before)
    if known.counted and matter.urgency not in _calendar():
        limit = calendar.after(begun, before.between(begun, day) + more)
    elif known.counting and known.day is not None and matter.urgency not in _calendar():
        off = before.is_working(known.day) and not calendar.is_working(known.day)
        limit = calendar.after(known.day, before.between(known.day, day) + more + off)
    elif matter.urgency in _calendar() or calendar.is_working(day) or not before.is_working(day):
        limit = Limit(day, not calendar.is_published(day))
    else:
        limit = calendar.after(day, 1)
    wanted = None
    if old > now and limit.day < (today := timezone.localdate(now)):  # a correction makes nobody late
        wanted, limit = limit.day, Limit(today, limit.provisional)
    matter.provisional = limit.provisional
    matter.limit_at = limit.ends(timezone.get_current_timezone())
    if matter.limit_at != old:
        matter.step, matter.version, matter.changed_at = 0, matter.version + 1, now
    matter.next_at = limits.look_again(matter, now)
    if matter.limit_at == old:
        return None
    data = {"before": old.isoformat(), "limit": matter.limit_at.isoformat()}
    if wanted is not None:
        data["wanted"] = wanted.isoformat()
    # of its moment: days off that are corrected back and forth move it from the same limit more than once
    return Event(matter.pk, stood.RECOUNTED, matter.state, matter.state, now, data)


def _calendar() -> list[str]:
    """The urgencies whose length is in calendar days, as the law counts for petitions."""
    return [key for key, each in urgencies().items() if each.unit == "days"]


def _changed(before: WorkingCalendar, calendar: WorkingCalendar) -> frozenset[int]:
    """The years that became known, are known no more, or have other days off."""
    days = (before.off ^ calendar.off) | (before.worked ^ calendar.worked)
    return (before.years ^ calendar.years) | {day.year for day in days}


def _days(before: WorkingCalendar, calendar: WorkingCalendar, years: frozenset[int]) -> list[date]:
    """The days of some years that are working days by one calendar and not by the other, in their order."""
    some = before.off | before.worked | calendar.off | calendar.worked
    found = (day for day in some if day.year in years and before.is_working(day) != calendar.is_working(day))
    return sorted(found)


def _text(calendar: WorkingCalendar) -> str:
    """The calendar as it is kept: by it the next one is compared, and limits are counted back."""
    kept = {name: sorted(day.isoformat() for day in getattr(calendar, name)) for name in ("off", "worked")}
    return orjson.dumps({"years": sorted(calendar.years), **kept}).decode()


def _read(text: str, calendar: WorkingCalendar) -> WorkingCalendar:
    """The inverse of :func:`_text`. Before, only the years were kept: their days were those of now."""
    kept = orjson.loads(text)
    if isinstance(kept, list):
        years = frozenset(kept)
        off, worked = (frozenset(day for day in days if day.year in years) for days in (calendar.off, calendar.worked))
        return WorkingCalendar(off, worked, years)
    off, worked = (frozenset(date.fromisoformat(day) for day in kept[name]) for name in ("off", "worked"))
    return WorkingCalendar(off, worked, frozenset(kept["years"]))
