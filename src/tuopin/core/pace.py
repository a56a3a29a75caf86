"""When a list will be empty if work goes on as it did: a day with an interval, and never a promise.

Counts of what was closed and what was opened on the last working days are taken as Poisson. Their rates have exact
(Garwood) bounds; the bounds of the difference are put together by the method of variance estimates recovery (MOVER:
Zou and Donner 2008). Where even the upper bound of the pace is not above zero there is no day; where the lower bound
is not, the latest day is unknown. Pure: the day and the calendar are inputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from tuopin.core.calendar import WorkingCalendar

FARTHEST = 2_500
"""Working days ahead, about ten years: what lies beyond is no date anybody should plan by."""
_STEPS = 200  # of a bisection: more than the digits of a float


@dataclass(frozen=True, slots=True)
class Zero:
    """``pace``: what the list shrinks by a working day; ``day`` at that pace, ``earliest`` and ``latest`` at the bounds
    of the pace. None: not within ten years, or never. ``provisional``: a day rests on a year not published."""

    pace: float
    day: datetime.date | None
    earliest: datetime.date | None
    latest: datetime.date | None
    provisional: bool


def day_of_zero(
    left: int,
    closed: int,
    opened: int,
    days: int,
    today: datetime.date,
    calendar: WorkingCalendar,
    confidence: float = 0.9,
) -> Zero:
    """When ``left`` things are done, if in the last ``days`` working days ``closed`` were closed and ``opened`` came.

    ``confidence``: of the interval, above 0 and below 1. Raises ValueError for numbers that cannot be.
    """
    if min(left, closed, opened) < 0 or days < 1 or not 0 < confidence < 1:
        raise ValueError("counts must not be negative, days at least 1, confidence between 0 and 1")
    if left == 0:
        return Zero((closed - opened) / days, today, today, today, provisional=False)
    low_closed, high_closed = poisson_bounds(closed, confidence)
    low_opened, high_opened = poisson_bounds(opened, confidence)
    net = closed - opened
    slow = net - math.hypot(closed - low_closed, high_opened - opened)
    fast = net + math.hypot(high_closed - closed, opened - low_opened)
    found = [_after(left, each / days, today, calendar) for each in (net, fast, slow)]
    limits = [each for each in found if each is not None]
    day, earliest, latest = (None if each is None else each[0] for each in found)
    return Zero(net / days, day, earliest, latest, any(provisional for _day, provisional in limits))


def poisson_bounds(count: int, confidence: float) -> tuple[float, float]:
    """The exact two-sided bounds (Garwood 1936) of the mean of a Poisson count."""
    tail = (1 - confidence) / 2
    high = count + 10 + 10 * math.sqrt(count + 1)
    upper = _solve(lambda mean: _at_most(count, mean) > tail, float(count), high)
    lower = 0.0 if count == 0 else _solve(lambda mean: 1 - _at_most(count - 1, mean) < tail, 0.0, float(count))
    return lower, upper


def _solve(still: Callable[[float], bool], low: float, high: float) -> float:
    """Where a condition that holds at ``low`` and not at ``high`` stops to hold."""
    for _step in range(_STEPS):
        middle = (low + high) / 2
        if still(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(count: int, mean: float) -> float:
    """The chance of at most ``count`` where ``mean`` are expected, added up from the largest term."""
    if mean <= 0:
        return 1.0
    top = min(count, int(mean))
    at_top = math.exp(top * math.log(mean) - mean - math.lgamma(top + 1))
    total, term = at_top, at_top
    for at in range(top, 0, -1):
        term *= at / mean
        total += term
        if term < total * 1e-17:
            break
    term = at_top
    for at in range(top + 1, count + 1):
        term *= mean / at
        total += term
        if term < total * 1e-17:
            break
    return min(total, 1.0)


def _after(
    left: int, pace: float, today: datetime.date, calendar: WorkingCalendar
) -> tuple[datetime.date, bool] | None:
    if pace <= 0 or left / pace > FARTHEST:
        return None
    limit = calendar.after(today, math.ceil(left / pace))
    return limit.day, limit.provisional
