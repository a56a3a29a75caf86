"""Sorts of visits, of problems, and the duties to visit (``visiting.toml``); the periods in which a duty falls due."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from tuopin.core.language.catalogue import Title
from tuopin.platform import working_days
from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

type Every = Literal["month", "quarter", "year", "term"]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
FIRST = date(2000, 1, 1)
"""No visit is older."""


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty to visit: see ``visiting.toml`` for the words. ``days`` 0: one visit is enough."""

    key: str
    title: Title
    role: str
    whom: str
    every: Every
    since: date
    source: str
    level: str = ""
    statuses: tuple[str, ...] = ()
    at_least: int = 0
    days: int = 0

    @property
    def of_households(self) -> bool:
        """Whether households are to be visited, else areas."""
        return self.whom in {"own", "households"}


@dataclass(frozen=True, slots=True)
class Period:
    """The period of a duty that a day lies in: its first day, the last one, and those of the period before. A duty
    once a term has no last day."""

    start: date
    end: date | None
    before: date
    before_end: date

    def left(self, day: date) -> int | None:
        """Days until it falls due; None where it never does."""
        return None if self.end is None else (self.end - day).days


@dataclass(frozen=True, slots=True)
class ProblemSort:
    """A sort of problems; ``field_class`` is needed to be told of one."""

    key: str
    title: Title
    field_class: str


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("visiting.toml").read_text("utf-8"))


@cache
def duties() -> Mapping[str, Duty]:
    """The duties to visit by key, in the order of the file."""
    found = {}
    for key, each in _document()["duty"].items():
        given = {name: each[name] for name in ("role", "whom", "every", "since", "source")}
        more = {name: each[name] for name in ("level", "at_least", "days") if name in each}
        found[key] = Duty(key, Title(each["zh"], each["en"]), **given, **more, statuses=tuple(each.get("statuses", ())))
    return found


def duty(key: str) -> Duty:
    """One duty. Raises Missing."""
    found = duties().get(key)
    if found is None:
        raise Missing("no_such_duty", "没有这项走访责任。", "There is no such duty to visit.")
    return found


@cache
def _titles(part: str) -> Mapping[str, Title]:
    return {key: Title(each["zh"], each["en"]) for key, each in _document()[part].items()}


def sorts() -> Mapping[str, Title]:
    """Sorts of visits, the commonest first."""
    return _titles("sort")


def reasons() -> Mapping[str, Title]:
    """Why nobody was met."""
    return _titles("why_not")


@cache
def problem_sorts() -> Mapping[str, ProblemSort]:
    """Sorts of problems, in the order of the file."""
    return {
        key: ProblemSort(key, Title(each["zh"], each["en"]), each.get("class", "general"))
        for key, each in _document()["problem"].items()
    }


def second_look_by(day: date) -> date:
    """By when somebody who was not reached on the day is looked for again."""
    return working_days.calendar().after(day, int(_document()["second_look"]["working_days"])).day


def period(every: Every, day: date) -> Period:
    """The period that a day lies in. Months end with their last day, whatever its number."""
    if every == "term":
        return Period(FIRST, None, FIRST, FIRST)
    months = _MONTHS[every]
    first = (day.month - 1) // months * months + 1
    start = date(day.year, first, 1)
    end = _plus(start, months) - timedelta(days=1)
    return Period(start, end, _plus(start, -months), start - timedelta(days=1))


def _plus(first: date, months: int) -> date:
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def check_day(day: date, today: date) -> None:
    """Raise Problem for a day that no visit can have."""
    if not FIRST <= day <= today:
        raise Problem(
            "bad_day",
            "走访日期不能晚于今天，也不能早于 2000 年。",
            "The day of a visit must not lie ahead, nor before 2000.",
            day=day.isoformat(),
        )
