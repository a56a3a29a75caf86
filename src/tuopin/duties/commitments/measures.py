"""What a commitment may promise in figures: counts of the register, and what evaluations found. In hundredths."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import decimal_text
from tuopin.platform.problems import Problem
from tuopin.standards.packs import get_pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import CommitmentTarget

PACK = "national"
STANDARD = "household_exit"
HUNDRED = 100
MOST = 10**9 * HUNDRED
"""More than there are households anywhere."""
LEVELS = ("city", "county", "township", "village", "household")


@dataclass(frozen=True, slots=True)
class Measure:
    """``at_most``: what is usually promised of it. ``standard`` empty: counted in the register. ``part``: unmet, met,
    item or incidence; ``share``: in per cent. ``household``: it can be said of one household too."""

    key: str
    title: Title
    unit: Title
    at_most: bool
    standard: str = ""
    part: str = ""
    item: str = ""
    household: bool = False

    @property
    def share(self) -> bool:
        return self.part in {"met", "item", "incidence"}


_HOUSEHOLDS, _PERCENT = Title("户", "households"), Title("%", "%")


@cache
def measures() -> Mapping[str, Measure]:
    """All of them by key. Items whose facts tell of health, disability or children are not among them: their figures
    are not for everybody who reads a commitment."""
    found = [
        Measure("unexited", Title("未脱贫户（含预脱贫、返贫）", "households not exited"), _HOUSEHOLDS, at_most=True,
                household=True),
        Measure("exited", Title("已脱贫户", "households that exited"), _HOUSEHOLDS, at_most=False),
        Measure("unmet", Title("未达到户退出标准的户", "households below the exit standard"), _HOUSEHOLDS, at_most=True,
                standard=STANDARD, part="unmet", household=True),
        Measure("met_share", Title("达到户退出标准的比例", "households that meet the exit standard"), _PERCENT,
                at_most=False, standard=STANDARD, part="met"),
        Measure("incidence", Title("贫困发生率", "poverty incidence"), _PERCENT, at_most=True,
                standard="village_exit", part="incidence"),
    ]  # fmt: skip
    standard = get_pack(PACK).standard(STANDARD)
    found += [
        Measure(f"item_{item.key}", Title(f"“{item.short.zh}”达标率", f"coverage: {item.short.en}"), _PERCENT,
                at_most=False, standard=STANDARD, part="item", item=item.key)
        for item in standard.items
        if item.key in OPEN_ITEMS
    ]  # fmt: skip
    return {each.key: each for each in found}


OPEN_ITEMS = frozenset({"income", "food", "clothing", "water", "housing"})
"""Items of the exit standard that rest on no closed class (a test compares with the pack)."""


def measure(key: str) -> Measure:
    """One of them. Raises Problem."""
    found = measures().get(key)
    if found is None:
        raise Problem("unknown_key", "没有这个指标。", "There is no such figure.")
    return found


def amount(value: int) -> str:
    """Hundredths as text: whole where it is whole."""
    return decimal_text(value // HUNDRED, 0) if value % HUNDRED == 0 else decimal_text(value, 2)


def words_of(target: CommitmentTarget) -> Title:
    """A target in words."""
    day = target.day.isoformat()
    if target.kind != "figure":
        return Title(f"到 {day}，{target.words}", f"by {day}: {target.words}")
    found = measures().get(target.measure)
    title = found.title if found else Title(target.measure, target.measure)
    unit = found.unit if found else Title("", "")
    number = amount(target.value or 0)
    bound = ("不超过", "at most") if target.at_most else ("不低于", "at least")
    return Title(
        f"到 {day}，{title.zh}{bound[0]} {number} {unit.zh}".strip(),
        f"by {day}: {title.en} {bound[1]} {number} {unit.en}".strip(),
    )
