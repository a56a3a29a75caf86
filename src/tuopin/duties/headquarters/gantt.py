"""The bars of a Gantt: where each step lies between the first and the last day. Numbers alone; the page draws them as
SVG inside the rows of the table that holds the same days in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .states import StepView

WIDTH = 400
"""Units of the picture, which are pixels on a screen."""
_MOST_MARKS = 10
_LEAST = 3  # a bar of one day is still seen


@dataclass(frozen=True, slots=True)
class Bar:
    """From ``x``, ``width`` long; ``done``: how much of it is done."""

    x: int
    width: int
    done: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A step: its bar now, that of the first plan (None for one added later), and what to draw it as."""

    view: StepView
    now: Bar
    first: Bar | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across all rows, with what it says."""

    x: int
    text: str


@dataclass(frozen=True, slots=True)
class Gantt:
    """``today``: where the given day lies, None outside of the picture."""

    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]
    today: int | None
    width: int = WIDTH


def gantt(views: Sequence[StepView], today: date) -> Gantt | None:
    """The picture of a plan; None of a plan without steps."""
    if not views:
        return None
    days = [day for each in views for day in _days(each)]
    first, last = min(days).toordinal(), max(days).toordinal() + 1

    def at(ordinal: int) -> int:
        return (ordinal - first) * WIDTH // (last - first)

    def bar(begins: date, ends: date, share: int = 0) -> Bar:
        x = at(begins.toordinal())
        width = max(at(ends.toordinal() + 1) - x, _LEAST)
        return Bar(min(x, WIDTH - width), width, width * share // 100)

    rows = tuple(
        Row(
            each,
            bar(each.step.begins, each.step.ends, each.share or 0),
            bar(each.first.begins, each.first.ends) if each.first is not None else None,
        )
        for each in views
    )
    inside = first <= today.toordinal() < last
    marks = tuple(Mark(at(day.toordinal()), text) for day, text in _months(first, last))
    return Gantt(rows, marks, at(today.toordinal()) if inside else None)


def _days(view: StepView) -> Iterator[date]:
    yield from (view.step.begins, view.step.ends)
    if view.first is not None:
        yield from (view.first.begins, view.first.ends)


def _months(first: int, last: int) -> Iterator[tuple[date, str]]:
    """Beginnings of months (of every so many, where there are many), and of years where even those are."""
    begin, end = date.fromordinal(first), date.fromordinal(last - 1)
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    step = next(each for each in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months <= each * _MOST_MARKS)
    number = begin.year * 12 + begin.month - 1
    number += -number % step
    while number // 12 <= end.year:
        day = date(number // 12, number % 12 + 1, 1)
        if first <= day.toordinal() < last:
            yield day, f"{day.year}-{day.month:02d}"
        number += step
