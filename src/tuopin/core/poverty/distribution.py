"""Many lines over the same households: sorted once, then a line costs a few searches, however many households.

Households are kept by denominator, sorted by numerator, with sums at every 64th: within one denominator
``n / d <= line`` is a comparison of whole numbers, so that nothing is rounded to be sorted or searched.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from tuopin.core.poverty.incomes import Part, Sums, check_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from tuopin.core.poverty.incomes import Income, PoorWhen

_STEP = 64


@dataclass(frozen=True, slots=True)
class _Run:
    """The households with one denominator. ``numerators`` ascend; sums hold what stands before every 64th."""

    denominator: int
    numerators: array[int]
    persons: array[int]
    positive: int  # how many have no income above zero: they stand in front
    below_zero: int
    sums: tuple[list[int], list[int], list[int], list[int]]  # persons, income, floored, squared
    logs: list[float]  # persons × ln(numerator), of those above zero

    @classmethod
    def of(cls, denominator: int, numerators: array[int], persons: array[int]) -> _Run:
        positive, below = bisect_right(numerators, 0), bisect_left(numerators, 0)
        blocks = range(0, len(numerators), _STEP)
        parts: tuple[list[int], ...] = ([], [], [], [])
        logs: list[float] = []
        for start in blocks:
            own = slice(start, start + _STEP)
            values = _sums(numerators[own], persons[own])
            for sums, value in zip(parts, values, strict=True):
                sums.append(value)
            logs.append(_logs(numerators[own], persons[own]))
        first, second, third, fourth = ([0, *accumulate(sums)] for sums in parts)
        return cls(
            denominator, numerators, persons, positive, below, (first, second, third, fourth), [0.0, *accumulate(logs)]
        )

    def position(self, line: Fraction, poor_when: PoorWhen) -> int:
        """How many are poor: ``n × q < p × d`` (or ≤), as a bound of the numerator."""
        limit = line.numerator * self.denominator
        if poor_when == "below":  # n < limit / q  ⇔  n < ceil(limit / q)
            return bisect_left(self.numerators, -(-limit // line.denominator))
        return bisect_right(self.numerators, limit // line.denominator)

    def part(self, end: int) -> Part:
        block, start = end // _STEP, end - end % _STEP
        rest = _sums(self.numerators[start:end], self.persons[start:end])
        persons, income, floored, squared = (sums[block] + more for sums, more in zip(self.sums, rest, strict=True))
        return Part(end, persons, income, floored, squared)

    def log_sum(self, end: int) -> float:
        block, start = end // _STEP, end - end % _STEP
        return self.logs[block] + _logs(self.numerators[start:end], self.persons[start:end])


def _sums(numerators: Sequence[int], persons: Sequence[int]) -> tuple[int, int, int, int]:
    if not len(numerators):
        return 0, 0, 0, 0
    income = sum(map(mul, numerators, persons))
    if numerators[0] >= 0:
        squared = sum(map(mul, persons, map(mul, numerators, numerators)))
        return sum(persons), income, income, squared
    floored = [max(each, 0) for each in numerators]
    return sum(persons), income, sum(map(mul, floored, persons)), sum(map(mul, persons, map(mul, floored, floored)))


def _logs(numerators: Sequence[int], persons: Sequence[int]) -> float:
    if len(numerators) and numerators[0] > 0:
        return math.fsum(map(mul, persons, map(math.log, numerators)))
    return math.fsum(weight * math.log(each) for each, weight in zip(numerators, persons, strict=True) if each > 0)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Households sorted for many lines. Make it with :meth:`of` or :meth:`of_runs`."""

    runs: tuple[_Run, ...] = ()
    households: int = 0
    persons: int = 0
    unknown_households: int = 0
    unknown_persons: int = 0
    uncounted: int = 0

    @classmethod
    def of(cls, incomes: Iterable[Income]) -> Distribution:
        """Of a list of households. Raises ValueError for a denominator or persons that are none."""
        rows: dict[int, list[tuple[int, int]]] = {}
        unknown: list[int] = []
        uncounted = 0
        for each in incomes:
            if each.denominator <= 0 or (each.persons is not None and each.persons < 0):
                raise ValueError("a denominator must be above zero, persons not below")
            if each.persons is None:
                uncounted += 1
            elif each.numerator is None:
                unknown.append(each.persons)
            else:
                rows.setdefault(each.denominator, []).append((each.numerator, each.persons))
        runs = []
        for denominator, found in rows.items():
            found.sort()
            runs.append((denominator, array("q", (n for n, _w in found)), array("q", (w for _n, w in found))))
        return cls.of_runs(runs, len(unknown), sum(unknown), uncounted)

    @classmethod
    def of_runs(
        cls,
        runs: Iterable[tuple[int, array[int], array[int]]],
        unknown_households: int = 0,
        unknown_persons: int = 0,
        uncounted: int = 0,
    ) -> Distribution:
        """Of (denominator, numerators ascending, persons) for each denominator, already sorted."""
        made = tuple(_Run.of(*each) for each in runs if len(each[1]))
        return cls(
            made,
            sum(len(run.numerators) for run in made),
            sum(run.sums[0][-1] for run in made),
            unknown_households,
            unknown_persons,
            uncounted,
        )

    def sums(self, line: Fraction, poor_when: PoorWhen) -> Sums:
        """What :func:`tuopin.core.poverty.sums` gives for the same households. Raises ValueError for a bad line."""
        check_line(line)
        poor: dict[int, Part] = {}
        logs, without, negative = [], 0, 0
        for run in self.runs:
            end = run.position(line, poor_when)
            if not end:
                continue
            part = poor[run.denominator] = run.part(end)
            without, negative = without + min(end, run.positive), negative + min(end, run.below_zero)
            above = part.persons - run.part(min(end, run.positive)).persons
            ratio = math.log(line.numerator * run.denominator / line.denominator)
            logs.append(above * ratio - run.log_sum(end))
        return Sums(
            line, self.households, self.persons, self.unknown_households, self.unknown_persons, self.uncounted, poor,
            math.fsum(logs), without, negative,
        )  # fmt: skip

    def poor(self, line: Fraction, poor_when: PoorWhen) -> tuple[int, int]:
        """How many households and persons are poor by a line; cheaper than :meth:`sums`."""
        households = persons = 0
        for run in self.runs:
            end = run.position(line, poor_when)
            block, start = end // _STEP, end - end % _STEP
            households += end
            persons += run.sums[0][block] + sum(run.persons[start:end])
        return households, persons

    @property
    def below_zero(self) -> int:
        """How many households have less than nothing."""
        return sum(run.below_zero for run in self.runs)

    @property
    def scale(self) -> int:
        """The least common denominator of the incomes."""
        return math.lcm(*(run.denominator for run in self.runs))

    def scaled(self, scale: int | None = None) -> list[tuple[int, int]]:
        """(income × ``scale``, persons) in the order of income, for the Gini coefficient; ``scale`` must be a multiple
        of the own one, which is the default."""
        unit = scale or self.scale
        rows = [
            (numerator * (unit // run.denominator), weight)
            for run in self.runs
            for numerator, weight in zip(run.numerators, run.persons, strict=True)
        ]
        rows.sort()
        return rows
