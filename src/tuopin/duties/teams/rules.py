"""Marks, days a month, who approves leave, consequences: dated data (``teams.toml``)."""

from __future__ import annotations

import calendar
import datetime
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

UNKNOWN = "?"
ROLES = ("first_secretary", "team_leader", "team_member")
LEADERS = ("first_secretary", "team_leader")


@dataclass(frozen=True, slots=True)
class Mark:
    """A letter of a sheet, as people read it."""

    letter: str
    title: Title
    sign: str


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("teams.toml").read_text("utf-8"))


@cache
def marks() -> Mapping[str, Mark]:
    """Marks by letter; ``?`` is none of them: it says that nobody wrote anything."""
    return {
        each["letter"]: Mark(each["letter"], Title(each["zh"], each["en"]), each["sign"])
        for each in _read()["mark"].values()
    }


@cache
def words() -> Mapping[str, str]:
    """What attendance sheets write, and the letter that it is."""
    return {word: each["letter"] for each in _read()["mark"].values() for word in each["words"]}


def needed(month: date) -> int:
    """Days in the village that a month asks for. Raises Problem before the first value."""
    values = [each for each in _read()["presence"]["value"] if each["from"] <= month]
    if not values:
        raise Problem("no_limit", "这个月还没有驻村天数的规定。", "No number of days was in force in that month.")
    return int(max(values, key=lambda each: each["from"])["days"])


@cache
def tiers() -> Mapping[str, Title]:
    """Who approves leave, from the shortest on."""
    return {key: Title(each["zh"], each["en"]) for key, each in _read()["tier"].items()}


def tier_of(first: date, last: date) -> str:
    """Who approves a leave of this length. Raises Problem."""
    sets = [each for each in _read()["leave"] if each["from"] <= first]
    if not sets:
        raise Problem("no_limit", "那时还没有请假的规定。", "There was no rule of leave then.")
    days = (last - first).days + 1
    rows = max(sets, key=lambda each: each["from"])["tiers"]
    return str(next(each["key"] for each in rows if days <= each.get("most", days)))


@dataclass(frozen=True, slots=True)
class Consequence:
    """What may be proposed from how many months below the days on."""

    key: str
    title: Title
    months: int


@cache
def consequences() -> Mapping[str, Consequence]:
    """The mildest first."""
    return {
        key: Consequence(key, Title(each["zh"], each["en"]), each["months"])
        for key, each in _read()["consequence"].items()
    }


def month_of(text: str, today: date) -> date:
    """The first day of a month written as 2018-11; the month before ``today`` for an empty text. Raises Problem."""
    if not text:
        return before(today.replace(day=1))
    year, dash, month = text[:10].partition("-")
    good = dash and year.isascii() and year.isdigit() and month.isascii() and month.isdigit() and len(year) == 4
    if not good or not 2000 <= int(year) <= today.year or not 1 <= int(month) <= 12:
        raise Problem("bad_month", "月份请写作 2018-11。", "Write the month as 2018-11.")
    return datetime.date(int(year), int(month), 1)


def before(month: date) -> date:
    """The first day of the month before."""
    return (month.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)


def length(month: date) -> int:
    """Days of a month."""
    return calendar.monthrange(month.year, month.month)[1]


def last_day(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=length(month))


def verdict(present: int, unknown: int, need: int, whole: bool) -> str:
    """Whether the days were kept: unknown days may have been any. Who was on the team for a part of the month only is
    not measured by it."""
    if not whole:
        return "not_applicable"
    if present >= need:
        return "met"
    return "not_met" if present + unknown < need else "unknown"
