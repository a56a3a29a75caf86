"""A line that is moved: the numbers of an area at any line, from the incomes that were prepared for it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from tuopin.core.poverty import measures
from tuopin.platform.access import require
from tuopin.platform.problems import Missing, Problem
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards import results
from tuopin.standards.comparing import distribution
from tuopin.standards.comparing.disclosure import Disclosure
from tuopin.standards.comparing.sides import Side, line_of
from tuopin.standards.evaluating import default_day
from tuopin.standards.packs import get_pack, get_prepared, problems
from tuopin.standards.permissions import COMPARE, VIEW
from tuopin.standards.places import bound_pack, place_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from tuopin.core.poverty import Measures, PoorWhen
    from tuopin.platform.access import Actor
    from tuopin.standards.comparing.distribution import Header, Households

MOST = Fraction(1_000_000)
"""Yuan: no line lies above."""
_LINE = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,2})?")
BINS, PARTS = 16, 4
"""The picture's ranges: a quarter of the line each, up to four times the line."""


class NotPrepared(Missing):
    """The incomes of the area were not prepared, or with another pack."""

    def __init__(self) -> None:
        super().__init__(
            "line_not_prepared",
            "这个区域的收入分布还没有准备好。请先点“准备收入分布”。",
            "The incomes of this area have not been prepared. Prepare them first.",
        )


@dataclass(frozen=True, slots=True)
class AtLine:
    """An area by one line. ``changes``: (overall verdict by the line in force, by this line) → households."""

    measures: Measures
    changes: Mapping[tuple[str, str], int]

    @property
    def worse(self) -> int:
        """Households that would not be met any more."""
        return sum(number for (was, becomes), number in self.changes.items() if becomes == "not_met" != was)

    @property
    def better(self) -> int:
        """Households that would not be “not met” any more."""
        return sum(number for (was, becomes), number in self.changes.items() if was == "not_met" != becomes)


@dataclass(frozen=True, slots=True)
class Below:
    """An area one level down, by the line in force and by the one asked for."""

    area: AreaVersion
    in_force: Measures
    asked: AtLine


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line says of an area: now and if it were moved; ``spread`` are households by range of income."""

    area: AreaVersion
    side: Side
    header: Header
    line: Fraction
    in_force: Measures
    asked: AtLine
    gini: Fraction | None
    households: int
    spread: tuple[int, ...]
    below: tuple[Below, ...]
    shown: Disclosure

    @property
    def stale(self) -> bool:
        return self.header.stale


def side_for(area: AreaVersion, pack: str = "", standard: str = "", day: datetime.date | None = None) -> Side:
    """The side that a page means: by default what households were last evaluated by, so that the numbers agree with
    those of the results; else the first standard of the area's pack that asks for more than a line.

    Raises Missing for an unknown pack or standard, Problem where none has a line.
    """
    if not pack and not standard and day is None:
        for run in reversed(results.newest(area)):
            if run.level == "household" and _has_line(run.pack, run.standard, run.day):
                return Side(run.pack, run.standard, run.day)
    on = day or default_day(area)
    key = pack or bound_pack(place_of(area.code, on), on)
    found = get_pack(key)
    if standard:
        with problems():
            return Side(key, found.standard(standard).key, on)
    for each in found.standards.values():
        if each.level == "household" and _has_line(key, each.key, on):
            return Side(key, each.key, on)
    raise Problem(
        "no_line",
        "这个标准包在这一天没有“收入高于标准线”的指标。请换标准包或日期。",
        "No standard of this pack asks on that day for an income above a line. Choose another pack or day.",
    )


def _has_line(pack: str, standard: str, day: datetime.date) -> bool:
    try:
        return line_of(get_prepared(pack, standard, day)) is not None
    except Problem:
        return False


def read_line(text: str) -> Fraction | None:
    """A line as it is typed, in yuan; None for an empty field. Raises Problem."""
    plain = text.strip().replace(",", "")
    if not plain:
        return None
    value = Fraction(plain) if _LINE.fullmatch(plain) else Fraction()
    if not 0 < value <= MOST:
        raise Problem(
            "bad_line",
            f"标准线应为大于 0、不超过 {MOST:,} 的数，最多两位小数，单位元。",
            f"The line must be a number of yuan above 0, at most {MOST:,}, with at most two decimals.",
        )
    return value


def answer(actor: Actor, area: AreaVersion, side: Side, line: Fraction | None) -> Answer:
    """The numbers of the area by ``line`` (None = the line in force).

    Raises Refused without the permission there, NotPrepared, Problem for a line that this reader may not ask for.
    """
    require(actor, COMPARE, area_path=area.path)
    require(actor, VIEW, area_path=area.path)
    there = AreaVersion.objects.filter(on_day(side.day), area_id=area.area_id).first() or area
    found = distribution.find(there.path, side)
    if found is None or found[1].pack_digest != get_pack(side.pack).digest:
        raise NotPrepared
    shown = Disclosure(results.may_view(actor, area, "household"))
    header = found[1]
    if line is not None and line != header.value:
        shown.line(line)
    try:
        incomes = distribution.load(found[0], there.path)
    except FileNotFoundError:  # its day was over a moment ago
        raise NotPrepared from None
    header = incomes.header  # of what was read: another may have been prepared a moment ago
    wanted = line or header.value
    poor_when = header.line.poor_when
    children = AreaVersion.objects.filter(on_day(side.day), path__in=list(incomes.below)).order_by("code")
    below = tuple(
        Below(
            each,
            measures(incomes.below[each.path].sums(header.value, poor_when)),
            _at(incomes.below[each.path], header.value, wanted, poor_when),
        )
        for each in children
        if incomes.below[each.path].count
    )
    return Answer(
        area, side, header, wanted, measures(incomes.own.sums(header.value, poor_when)),
        _at(incomes.own, header.value, wanted, poor_when), incomes.own.gini, incomes.own.count,
        _spread(incomes.own, wanted), below, shown,
    )  # fmt: skip


def _at(households: Households, in_force: Fraction, line: Fraction, poor_when: PoorWhen) -> AtLine:
    changes: Counter[tuple[str, str]] = Counter()
    for code, part in households.by_rest.items():
        rest = distribution.RESTS[code]
        above = "unknown" if rest.endswith("unknown") else "not_met" if rest == "not_met" else "met"
        under = "unknown" if rest.startswith("unsure") else "not_met"
        now, then = part.poor(in_force, poor_when)[0], part.poor(line, poor_when)[0]
        changes[under, under] += min(now, then)
        changes[above, under] += max(then - now, 0)
        changes[under, above] += max(now - then, 0)
        changes[above, above] += part.households - max(now, then)
        unknown = "not_met" if rest == "not_met" else "unknown"
        changes[unknown, unknown] += part.unknown_households + part.uncounted
    kept = {pair: number for pair, number in changes.items() if number}
    return AtLine(measures(households.sums(line, poor_when)), kept)


def _spread(households: Households, line: Fraction) -> tuple[int, ...]:
    """Households below nothing, in each range, above all ranges, and of unknown income."""
    edges = [line * at / PARTS for at in range(1, BINS + 1)]
    under = [0] * len(edges)
    negative = known = unknown = 0
    for part in households.by_rest.values():
        known += part.households
        unknown += part.unknown_households + part.uncounted
        negative += part.below_zero
        for at, edge in enumerate(edges):
            under[at] += part.poor(edge, "below")[0]
    ends = [negative, *under, known]
    return (negative, *(high - low for low, high in pairwise(ends)), unknown)
