"""Absences whose days turn out to be others than those by which clocks stood still: whoever was away without a known
end comes back sooner, or stays away longer. The limit follows the days as they stand now, as long as the matter runs
and nothing was said of its being late; what was said stays. Nobody is made late by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Sum
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.calendar import Limit
from tuopin.duties.models import Absence
from tuopin.platform import database, working_days
from tuopin.platform.auditing import audit
from tuopin.platform.models import Marker
from tuopin.register.correcting.subjects import listed

from .. import limits, reach
from ..families import beyond
from ..models import MatterEvent
from . import rows, stood, telling
from .rows import Event
from .settings import stops
from .stood import Stop

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from ..models import Matter
    from .stood import Stood

MARKER = "orders.absences"
PIECE = 2_000
"""Matters in one transaction."""
_DAY = timedelta(days=1)


def correct(actor: Actor, now: datetime) -> int:
    """Move the limits of matters whose clocks stood still by days that are others now; returns how many were looked
    at. Two statements where no absence began or ended since the last look of the day."""
    today = timezone.localdate(now)
    state = _state(today)
    if Marker.objects.filter(name=MARKER, text=state).exists():
        return 0
    found = _differ(today)
    for some in batched(found, PIECE):
        with database.write():
            _piece(actor, some, now)
    with database.write():  # last: killed half-way it is looked for again
        Marker.objects.update_or_create(name=MARKER, defaults={"text": state})
    return len(found)


def _state(today: date) -> str:
    """By what a tick knows that absences are as they were when it looked last: all that stopped clocks by them are read
    when one was noted or ended or an official became another, and once a day for whatever else may have changed."""
    known = _recent(today).aggregate(Count("pk"), Count("valid_to"), Max("pk"), Sum("official_id"))
    return f"{today} {' '.join(str(each) for each in known.values())}"


def _recent(today: date) -> QuerySet[Absence]:
    """The absences that may have stopped a clock that still runs."""
    return Absence.objects.filter(kind__in=stops().absences, valid_from__gt=today - 2 * stood.LONGEST)


def _differ(today: date) -> list[int]:
    """The matters that run and were stopped by an absence whose days are others now."""
    said = MatterEvent.objects.filter(
        act__in=[stood.STOPPED, stood.CORRECTED],
        matter__in=stood.movable().filter(official_id__in=_recent(today).values("official_id")),
    )
    names = ("matter_id", "matter__official_id", "data")
    last = {
        (number, data["absence"]): (who, data["first"], data["until"])
        for number, who, data in said.order_by("pk").values_list(*names)
        if "absence" in data
    }
    days = _days({absence for _number, absence in last}) if last else {}
    return sorted({
        number for (number, absence), (who, first, until) in last.items()
        if absence in days and days[absence].official == who  # whoever it was taken from is away for others
        and (days[absence].until.isoformat() != until or days[absence].first.isoformat() > first)
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Days:
    """By which days an absence of an official stops clocks as it stands now."""

    official: int
    first: date
    until: date


def _days(absence_ids: Collection[int]) -> dict[int, _Days]:
    """Those of absences; and those of others of the same people, with nobody standing in: they may go on where one of
    them turns out shorter."""
    known = Absence.objects.filter(pk__in=listed(absence_ids))
    others = Absence.objects.filter(
        official_id__in=known.values("official_id"), kind__in=stops().absences, stand_in=None
    )  # fmt: skip
    found = (known | others).values_list("pk", "official_id", "valid_from", "valid_to")
    return {number: _Days(who, first, stood.until_of(first, last)) for number, who, first, last in found}


def _piece(actor: Actor, numbers: Collection[int], now: datetime) -> None:
    matters = list(stood.movable().filter(pk__in=listed(numbers)).select_for_update(of=("self",)).order_by("pk"))
    before = stood.still([each.pk for each in matters])
    days = _days({absence for each in before.values() for absence in each.absences})
    events: list[Event] = []
    changed: list[Matter] = []
    moved: list[tuple[Matter, Event]] = []
    for each in matters:
        limit, fresh = each.limit_at, _correct(each, before[each.pk], days, now)
        if fresh:
            each.version, each.changed_at = each.version + 1, now
            each.next_at = limits.look_again(each, now)
            changed.append(each)
        if fresh and each.limit_at != limit:
            moved.append((each, fresh[-1]))
        events += fresh
    if not changed:  # somebody else corrected or ended them meanwhile
        return
    rows.write_stops(changed)
    rows.write_events(events, now, reach.signature(actor))
    some = [each for each, _event in moved]
    telling.tell_moved(actor, some, [event for _row, event in moved], "orders.limit_moved", now)
    beyond.tell(actor, some, now)
    audit.record(actor, "orders.correct_stops", "matters", {"matters": len(changed), "moved": len(moved)})


def _correct(matter: Matter, known: Stood, days: Mapping[int, _Days], now: datetime) -> list[Event]:
    """Set limit and stop on the row; the events that say so."""
    limit, zone, today = matter.limit_at, timezone.get_current_timezone(), timezone.localdate(now)
    changes, changed = _changes(matter, known, days, today), known
    for number, (_old, new) in changes.items():
        changed = changed.changed(number, new)
    wanted = _shifted(limit, known, changed, now) if limit is not None and changes else None
    if limit is None or wanted is None:
        return []
    shifted = _kept(matter, limit, wanted, today)
    if shifted.ends(zone) != limit:
        matter.limit_at, matter.provisional, matter.step = shifted.ends(zone), shifted.provisional, 0
    events = []
    for at, (number, (old, new)) in enumerate(changes.items()):
        if old is not None:
            _stand(matter, old, new, today)
        data: dict[str, object] = {
            "absence": number, "first": new.first.isoformat(), "until": new.until.isoformat(),
            "before": limit.isoformat(), "limit": shifted.ends(zone).isoformat(),
        }  # fmt: skip
        if wanted.day != shifted.day:
            data["wanted"] = wanted.day.isoformat()
        if new.ran != (old.ran if old is not None else ()):
            data["ran"] = [[begin.isoformat(), end.isoformat()] for begin, end in new.ran]
        due = now + timedelta(microseconds=at)  # one event of a kind and moment
        events.append(Event(matter.pk, stood.CORRECTED, matter.state, matter.state, due, data))
    return events


def _changes(
    matter: Matter, known: Stood, days: Mapping[int, _Days], today: date
) -> dict[int, tuple[Stop | None, Stop]]:
    """The stops by absences of who is responsible now that are others: what was counted, and what stands. Also those
    that were not counted, or only from their end on, because a longer one, that is not so long any more, lay over
    them."""
    found: dict[int, tuple[Stop | None, Stop]] = {}
    own = {number: each for number, each in days.items() if each.official == matter.official_id}
    for number, each in own.items():
        old = known.absences.get(number)
        if old is not None and (new := _as_it_stands(known, old, each, today)) != old:
            found[number] = old, new
    over = [old for old, _new in found.values() if old in known.counting]
    begun = known.set_on + _DAY if known.set_on is not None else date.min
    ran = tuple(sorted({one for each in over for one in each.ran}))
    for number, each in own.items():
        first, counted = max(each.first, begun), known.absences.get(number)
        if counted is None:
            covered = any(first < one.end and one.first < each.until for one in over)
            if covered and first < each.until <= today:
                found[number] = None, Stop(first, each.until, number, ran)
        elif counted in known.counting:
            new, first = found.get(number, (counted, counted))[1], max(first, known.given_on or date.min)
            covered = any(first < one.end and one.first < new.first for one in over if one is not counted)
            if covered and first < new.first:
                found[number] = counted, replace(new, first=first, ran=tuple(sorted({*new.ran, *ran})))
    return found


def _as_it_stands(known: Stood, old: Stop, stands: _Days, today: date) -> Stop:
    """Days beyond those on which somebody let the clock run count from the day on which they begin."""
    until = min(stands.until, old.decided) if today < old.decided else stands.until
    if old in known.counting:
        return replace(old, first=max(old.first, stands.first), until=until)
    if old.until == until:
        return old
    # the limit was set anew since: what the clock stood still before that is in it
    return replace(old, first=max(old.end, known.set_on + _DAY if known.set_on else old.end), until=until)


def _shifted(limit: datetime, known: Stood, changed: Stood, now: datetime) -> Limit | None:
    """Where the limit lies by the days as they stand now, be it behind today; None for one that has passed: late stays
    late."""
    calendar, day = working_days.calendar(), known.lies(limit)
    more = stood.working(changed.counting, calendar) - stood.working(known.counting, calendar)
    if limit <= now:  # where nothing was said yet, one that the absence goes beyond had not passed
        before = max((each.end for each in known.counting), default=date.min)
        return calendar.after(day, more) if more > 0 and limits.day_of(limit) >= before else None
    if more > 0:
        return calendar.after(day, more)
    day = core.before(day, -more, calendar)
    return Limit(day, not calendar.is_published(day))


def _kept(matter: Matter, limit: datetime, wanted: Limit, today: date) -> Limit:
    """The limit that is wanted, but not before today, nor before one that was cut off and has passed: nobody is made
    late."""
    day = limits.day_of(limit)
    earliest = min(day, today)
    if max(wanted.day, earliest) == day:
        return Limit(day, matter.provisional)
    return wanted if wanted.day >= earliest else Limit(earliest, wanted.provisional)


def _stand(matter: Matter, old: Stop, new: Stop, today: date) -> None:
    """Let the clock run from the day on which the absence ends now; or stand still, if it has run meanwhile and the
    absence goes on. Where somebody let it run it runs."""
    goes_on = new.until > today and not any(begin <= today < end for begin, end in new.ran)
    if matter.stopped_until == old.until == old.end:
        if goes_on:
            matter.stopped_until = new.until
        else:
            matter.stopped_from = matter.stopped_until = None
    elif goes_on and (matter.stopped_until is None or matter.stopped_until <= today):
        begun = matter.stopped_from if matter.stopped_until == today else today
        matter.stopped_from, matter.stopped_until = begun, new.until
