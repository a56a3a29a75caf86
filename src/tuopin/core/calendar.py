"""Working days (工作日) of the Chinese mainland and the limits counted in them.

Days off and weekend days worked in lieu (调休) come from the State Council's yearly notices, as the package
chinesecalendar keeps them; an office adds a year published since by :meth:`WorkingCalendar.with_year`. In a year not
yet published weekends alone are off, and a limit that rests on such a day is provisional: whoever stores it counts it
again once the notice is out.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from chinese_calendar import constants

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY = datetime.timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day (included) on which something may still be done in time.

    ``provisional``: a day between start and limit lies in a year whose days off are not published.
    """

    day: datetime.date
    provisional: bool = False

    def ends(self, zone: datetime.tzinfo) -> datetime.datetime:
        """The first moment that is too late: midnight, local time, after the day."""
        return datetime.datetime.combine(self.day + _DAY, datetime.time(), zone)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days ``off`` on which others work, days ``worked`` on which others rest, and the years published."""

    off: frozenset[datetime.date]
    worked: frozenset[datetime.date]
    years: frozenset[int]

    def is_published(self, day: datetime.date) -> bool:
        """Whether the notice for the day's year is known."""
        return day.year in self.years

    def is_working(self, day: datetime.date) -> bool:
        """Whether offices work on the day; by weekday alone where its year is not published."""
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.off)

    def after(self, start: datetime.date, days: int) -> Limit:
        """The ``days``-th working day after ``start``, which itself does not count; 0 is ``start`` itself.

        Raises ValueError for a negative number, OverflowError past the last day that dates can name.
        """
        if days < 0:
            raise ValueError("days must not be negative")
        day, provisional = start, False
        while days:
            day += _DAY
            provisional = provisional or not self.is_published(day)
            days -= self.is_working(day)
        return Limit(day, provisional)

    def between(self, start: datetime.date, end: datetime.date) -> int:
        """Working days after ``start`` up to ``end`` (included); 0 if ``end`` is not later."""
        span = (end - start).days
        return sum(self.is_working(start + datetime.timedelta(days=at)) for at in range(1, span + 1))

    def with_year(
        self, year: int, off: Iterable[datetime.date], worked: Iterable[datetime.date] = ()
    ) -> WorkingCalendar:
        """The calendar with one year's notice, in place of what was known of it.

        Raises ValueError for a day of another year, and for one that is both off and worked.
        """
        rest, work = frozenset(off), frozenset(worked)
        if any(day.year != year for day in rest | work):
            raise ValueError(f"every day must lie in {year}")
        if rest & work:
            raise ValueError(f"both off and worked: {', '.join(str(day) for day in sorted(rest & work))}")
        return replace(
            self,
            off=frozenset(day for day in self.off if day.year != year) | rest,
            worked=frozenset(day for day in self.worked if day.year != year) | work,
            years=self.years | {year},
        )


def days_after(start: datetime.date, days: int) -> Limit:
    """The limit ``days`` calendar days after ``start``, which itself does not count. Never provisional."""
    if days < 0:
        raise ValueError("days must not be negative")
    return Limit(start + datetime.timedelta(days=days))


@cache
def published() -> WorkingCalendar:
    """The years that the installed chinesecalendar holds."""
    off, worked = frozenset(constants.holidays), frozenset(constants.workdays)
    return WorkingCalendar(off - worked, worked, frozenset(day.year for day in off))
