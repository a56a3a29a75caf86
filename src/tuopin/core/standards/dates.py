"""Months counted from a day, for the age of evidence."""

from __future__ import annotations

import calendar
import datetime


def months_before(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month ``months`` earlier, or the last day of that month: 2019-03-31 − 1 → 2019-02-28."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < 1:
        return datetime.date.min
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day(as_of: datetime.date, months: int) -> datetime.date:
    """The last day on which evidence of ``as_of`` is not older than ``months``: 2018-05-01 and 12 → 2019-05-01. Where
    the day of the month is missing, a later one counts back to it too: 2019-02-28 and 1 → 2019-03-31."""
    index = as_of.year * 12 + as_of.month - 1 + months
    year, month = divmod(index, 12)
    if year > datetime.MAXYEAR - 1:
        return datetime.date.max
    days = calendar.monthrange(year, month + 1)[1]
    if as_of.day == calendar.monthrange(as_of.year, as_of.month)[1]:
        return datetime.date(year, month + 1, days)
    if as_of.day > days:  # no day of that month counts back so far
        return datetime.date(year, month + 1, days)
    return datetime.date(year, month + 1, as_of.day)
