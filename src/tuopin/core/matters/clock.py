"""The clock of a matter: which steps come when, and which are due. Pure: the time is an input, so is the calendar.

A limit in working days is a date; it ends at midnight, local time, after that day (``limit_at``). One in hours (public
opinion, 舆情) ends at its moment. Steps are numbered; a step once taken is not taken again for the same limit. A new
limit (extension, stop, reopening) begins again at step 0. The end of a stop bears the number 0: it is taken whenever it
is there, and whoever takes it forgets the stop.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.calendar import days_after

from .model import OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuopin.core.calendar import Limit, WorkingCalendar

    from .model import Standing

type Unit = Literal["days", "working_days", "hours"]
type StepKey = Literal[
    "stop_ended", "unsigned", "remind", "remind_last", "overdue", "overdue_again", "lead", "look_back", "satisfied",
    "verify_waits", "close_waits", "look_back_waits",
]  # fmt: skip

STEPS: tuple[StepKey, ...] = (
    "stop_ended", "unsigned", "remind", "remind_last", "overdue", "overdue_again", "lead", "look_back", "satisfied",
    "verify_waits", "close_waits", "look_back_waits",
)  # fmt: skip
"""In the order in which they come as long as a matter stands as it does; the number of a step is its place here, from
0. Whoever brings one to another of ``WAITING`` begins again at 0."""
NUMBERS = {key: at for at, key in enumerate(STEPS)}
_CLOCKED = OPEN | {"draft", "review", "second_review"}
"""Where a limit is watched: the holder’s; and the petition office’s, to accept, and to have a review answered."""
_WAITS: Mapping[str, StepKey] = {"reported": "verify_waits", "verified": "close_waits"}
_MIDNIGHT = datetime.time()
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When the clock speaks, in working days: ``unsigned`` after issue, ``remind`` and ``remind_last`` before the
    limit, ``again`` after it (the superior has had it as long), ``lead`` after that; ``waits`` after something was
    reported done, or verified, and nobody went on; ``look_back`` after the day of a look-back that nobody took."""

    unsigned: int = 1
    remind: int = 3
    remind_last: int = 1
    again: int = 3
    lead: int = 5
    waits: int = 2
    look_back: int = 5


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the clock and the moment from which it is due."""

    key: StepKey
    at: datetime.datetime

    @property
    def number(self) -> int:
        return NUMBERS[self.key]


def limit_after(
    start: datetime.datetime, length: int, unit: Unit, calendar: WorkingCalendar, zone: datetime.tzinfo
) -> tuple[datetime.datetime, bool]:
    """The first moment that is too late, and whether it rests on a year whose days off are not published.

    The day of ``start`` (local) does not count. Raises ValueError for a negative length, OverflowError.
    """
    if length < 0:
        raise ValueError("length must not be negative")
    if unit == "hours":
        return start + datetime.timedelta(hours=length), False
    day = start.astimezone(zone).date()
    limit = days_after(day, length) if unit == "days" else calendar.after(day, length)
    return limit.ends(zone), limit.provisional


def moved(
    limit: datetime.date, first: datetime.date, until: datetime.date, calendar: WorkingCalendar, start: datetime.date
) -> Limit:
    """A limit after a stop of the clock from ``first`` (included) until ``until`` (excluded): the working days of the
    stop are counted on after the limit. ``start`` is today: days of the stop that lie before it do not count again."""
    begin = max(first, start)
    return calendar.after(limit, calendar.between(begin - _DAY, until - _DAY))


def before(day: datetime.date, days: int, calendar: WorkingCalendar) -> datetime.date:
    """The ``days``-th working day before ``day``, which itself does not count; 0 is ``day`` itself."""
    while days > 0 and day > datetime.date.min:
        day -= _DAY
        days -= calendar.is_working(day)
    return day


def steps(standing: Standing, rhythm: Rhythm, calendar: WorkingCalendar, zone: datetime.tzinfo) -> list[Step]:
    """All steps of a matter as it stands, in their order, whether they lie ahead or behind."""
    if standing.state in {"closed", "review"} and standing.ask_until is not None:
        return [Step("satisfied", _midnight(standing.ask_until + _DAY, zone))]
    if standing.state == "closed" and standing.look_back_on is not None:
        late = calendar.after(standing.look_back_on, rhythm.look_back).day + _DAY
        return [
            Step("look_back", _midnight(standing.look_back_on, zone)), Step("look_back_waits", _midnight(late, zone)),
        ]  # fmt: skip
    if standing.state in _WAITS:
        if standing.since is None:
            return []
        day = calendar.after(standing.since, rhythm.waits).day + _DAY
        return [Step(_WAITS[standing.state], _midnight(day, zone))]
    if standing.state not in _CLOCKED or standing.limit_at is None:
        return []
    end = standing.limit_at
    found = _by_hours(standing, end) if standing.by_hours else _by_days(standing, end, rhythm, calendar, zone)
    return _after_stop(_in_order(found), standing, zone)


def due(found: Sequence[Step], taken: int, now: datetime.datetime) -> list[Step]:
    """The steps to take at ``now``: those due that come after the last one taken. After downtime they may be several;
    only the last of them is worth a message."""
    return [each for each in found if (each.number > taken or not each.number) and each.at <= now]


def next_at(found: Sequence[Step], taken: int, now: datetime.datetime) -> datetime.datetime | None:
    """When the clock has to look at the matter again, once what is due at ``now`` was taken; None = never."""
    ahead = [each.at for each in found if (each.number > taken or not each.number) and each.at > now]
    return min(ahead, default=None)


def _in_order(found: Sequence[Step]) -> list[Step]:
    """Without a step that would come after one of a higher number: whoever looks often would never take it, whoever
    looks once would. With a short limit the first reminder comes before anybody is asked to sign."""
    kept: list[Step] = []
    for each in reversed(found):
        if not kept or each.at <= kept[-1].at:
            kept.append(each)
    return kept[::-1]


def _after_stop(found: list[Step], standing: Standing, zone: datetime.tzinfo) -> list[Step]:
    """While the clock stands still it says nothing; what it would have said comes when the stop ends."""
    if standing.stopped_from is None or standing.stopped_until is None:
        return found
    begin, end = _midnight(standing.stopped_from, zone), _midnight(standing.stopped_until, zone)
    later = [Step(each.key, end) if begin <= each.at < end else each for each in found]
    return [Step("stop_ended", end), *later]


def _by_hours(standing: Standing, end: datetime.datetime) -> list[Step]:
    begin = standing.issued_at
    span = end - begin if begin is not None and begin < end else datetime.timedelta(hours=2)
    found = [Step("remind_last", end - span / 2), Step("overdue", end), Step("overdue_again", end + span),
             Step("lead", end + 2 * span)]  # fmt: skip
    if standing.state == "issued" and begin is not None:
        found.insert(0, Step("unsigned", begin + span / 4))
    return found


def _by_days(
    standing: Standing,
    limit_at: datetime.datetime,
    rhythm: Rhythm,
    calendar: WorkingCalendar,
    zone: datetime.tzinfo,
) -> list[Step]:
    last = (limit_at - datetime.timedelta(seconds=1)).astimezone(zone).date()
    found = []
    begun = standing.issued_at.astimezone(zone).date() if standing.issued_at is not None else None
    if standing.state == "issued" and begun is not None:
        unsigned = calendar.after(begun, rhythm.unsigned).day
        if unsigned <= last:
            found.append(Step("unsigned", _midnight(unsigned + _DAY, zone)))
    reminders: tuple[tuple[StepKey, int], ...] = (("remind", rhythm.remind), ("remind_last", rhythm.remind_last))
    for key, days in reminders:
        day = before(last, days, calendar)
        if begun is None or day > begun:  # a limit of two days needs no reminder three days before it
            found.append(Step(key, _midnight(day, zone)))
    again = calendar.after(last, rhythm.again).day
    lead = calendar.after(again, rhythm.lead).day
    found += [Step("overdue", limit_at), Step("overdue_again", _midnight(again + _DAY, zone)),
              Step("lead", _midnight(lead + _DAY, zone))]  # fmt: skip
    return found


def _midnight(day: datetime.date, zone: datetime.tzinfo) -> datetime.datetime:
    return datetime.datetime.combine(day, _MIDNIGHT, zone)
