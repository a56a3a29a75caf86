"""Hung-sign supervision (挂牌督战): how a week of its list stands, and whether a criterion for coming off is met.

A week in which nothing was asked, or nothing was answered, is never a week done; a week without a working day asks for
nothing. Figures may be intervals, and what straddles its bound is unknown. Pure: the day and the calendar are inputs.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tuopin.core.calendar import WorkingCalendar
    from tuopin.core.standards.verdicts import Verdict

type ItemState = Literal["asked", "answered", "accepted", "returned", "dropped"]
type WeekState = Literal["ahead", "running", "missing", "unasked", "checking", "done", "rest"]

ITEM_STATES: tuple[ItemState, ...] = ("asked", "answered", "accepted", "returned", "dropped")
OWED = ("asked", "returned")
"""States in which an answer is owed."""
_WEEK = datetime.timedelta(days=7)
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Item:
    """What was asked for: ``due`` says of which week it is, ``by`` is the last day now (included)."""

    key: int
    due: datetime.date
    by: datetime.date
    state: ItemState


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its ``monday``. ``items``: the keys of what was asked in it, dropped ones too.

    ``provisional``: a day of it lies in a year whose days off are not published.
    """

    monday: datetime.date
    state: WeekState
    items: tuple[int, ...] = field(default=())
    provisional: bool = False


def monday_of(day: datetime.date) -> datetime.date:
    """The Monday of the week of a day."""
    return day - datetime.timedelta(days=day.weekday())


def last_working_day(monday: datetime.date, calendar: WorkingCalendar) -> datetime.date | None:
    """The last working day of a week, a weekend day worked in lieu among them; None if all of it is off."""
    days = (monday + datetime.timedelta(days=at) for at in range(_DAYS - 1, -1, -1))
    return next((day for day in days if calendar.is_working(day)), None)


def weeks(
    begun: datetime.date, ended: datetime.date | None, items: Iterable[Item], calendar: WorkingCalendar,
    today: datetime.date,
) -> list[Week]:  # fmt: skip
    """The weeks of a sign, the newest first: from that in which it was hung until that of ``today`` (or in which it
    came off), and any week ahead in which something is asked already.

    The week of the hanging counts only if something was asked in it: it may have had but a day left.
    """
    by_week: dict[datetime.date, list[Item]] = {}
    for each in items:
        by_week.setdefault(monday_of(each.due), []).append(each)
    first, last = monday_of(begun), monday_of(min(today, ended) if ended is not None else today)
    every = {first + _WEEK * at for at in range(1, (last - first).days // _DAYS + 1)} | set(by_week)
    return [_week(each, by_week.get(each, ()), calendar, today) for each in sorted(every, reverse=True)]


def _week(monday: datetime.date, items: Sequence[Item], calendar: WorkingCalendar, today: datetime.date) -> Week:
    keys = tuple(each.key for each in items)
    days = [monday + datetime.timedelta(days=at) for at in range(_DAYS)]
    return Week(
        monday, _state([each for each in items if each.state != "dropped"], days, calendar, today), keys,
        not all(calendar.is_published(day) for day in days),
    )  # fmt: skip


def _state(
    items: Sequence[Item], days: Sequence[datetime.date], calendar: WorkingCalendar, today: datetime.date
) -> WeekState:
    if not items:
        last = last_working_day(days[0], calendar)
        if last is None:
            return "rest"
        return "unasked" if last < today else "ahead" if days[0] > today else "running"
    if any(each.state in OWED and each.by < today for each in items):
        return "missing"
    if all(each.state == "accepted" for each in items):
        return "done"
    if any(each.state in OWED for each in items):
        return "ahead" if days[0] > today else "running"
    return "checking"


def weeks_in_a_row(found: Sequence[Week], today: datetime.date) -> tuple[int, int]:
    """How many of the last weeks (the newest first) were done without a gap: surely, and at most, if what waits to be
    checked is accepted. Weeks that are not over yet, or had no working day, neither count nor break the row; nor does
    one that lies ahead, however early all of it was answered: four weeks are not done in a day."""
    low, high, sure = 0, 0, True
    for week in found:
        if week.monday > today or week.state in {"ahead", "running", "rest"}:
            continue
        if week.state == "done":
            high += 1
            low += sure
        elif week.state == "checking":
            high, sure = high + 1, False
        else:
            break
    return low, high


def at_most(low: float | None, high: float | None, bound: float) -> Verdict:
    """Whether a figure, known to lie from ``low`` to ``high`` (None: not known at all), is at most ``bound``."""
    if low is None or high is None:
        return "unknown"
    return "met" if high <= bound else "not_met" if low > bound else "unknown"


def at_least(low: float | None, high: float | None, bound: float) -> Verdict:
    """Whether a figure, known to lie from ``low`` to ``high`` (None: not known at all), is at least ``bound``."""
    if low is None or high is None:
        return "unknown"
    return "met" if low >= bound else "not_met" if high < bound else "unknown"
