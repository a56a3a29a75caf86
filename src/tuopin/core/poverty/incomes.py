"""Poverty by income: Foster, Greer and Thorbecke's family, Watts's index, and the money that is missing.

An income per head is an exact quotient of whole numbers, so that nobody on the line falls on the wrong side of it.
Persons are the weights: a household counts as often as it has members.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

type PoorWhen = Literal["below", "not_above"]
"""``below``: poor is who has less than the line. ``not_above``: also who stands on it, where a standard asks for more
than the line."""


@dataclass(frozen=True, slots=True)
class Income:
    """One household: income per head ``numerator / denominator`` (numerator None = unknown; denominator above 0) and
    its persons (None = unknown)."""

    numerator: int | None
    denominator: int
    persons: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """What the poor with one denominator add up to; sums are weighted by persons. ``income`` of the numerators as they
    are, ``floored`` and ``squared`` of those below zero taken as zero."""

    households: int = 0
    persons: int = 0
    income: int = 0
    floored: int = 0
    squared: int = 0

    def __add__(self, other: Part) -> Part:
        return Part(
            self.households + other.households,
            self.persons + other.persons,
            self.income + other.income,
            self.floored + other.floored,
            self.squared + other.squared,
        )


@dataclass(frozen=True, slots=True)
class Sums:
    """All that the measures of one line need.

    ``households`` and ``persons`` are those of known income; ``unknown_*`` those whose income is not known;
    ``uncounted`` households have no known number of persons and enter no share. ``poor``: denominator → part.
    ``logs`` is the sum of persons × ln(line / income) over the poor with an income above zero; ``without`` are the poor
    households that have none; ``negative`` those of them with less than nothing.
    """

    line: Fraction
    households: int
    persons: int
    unknown_households: int
    unknown_persons: int
    uncounted: int
    poor: Mapping[int, Part] = field(default_factory=dict)
    logs: float = 0.0
    without: int = 0
    negative: int = 0

    def __add__(self, other: Sums) -> Sums:
        """Both sets of households together. Raises ValueError for sums of different lines."""
        if self.line != other.line:
            raise ValueError("sums of different lines cannot be added")
        poor = {each: self.poor.get(each, Part()) + other.poor.get(each, Part()) for each in {*self.poor, *other.poor}}
        return Sums(
            self.line,
            self.households + other.households,
            self.persons + other.persons,
            self.unknown_households + other.unknown_households,
            self.unknown_persons + other.unknown_persons,
            self.uncounted + other.uncounted,
            poor,
            self.logs + other.logs,
            self.without + other.without,
            self.negative + other.negative,
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval: ``low`` if none of the unknown were poor, ``high`` if all of them were, and had nothing."""

    low: Fraction
    high: Fraction

    @property
    def exact(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of one line. Shares are of persons, unknown incomes included; None where nobody is counted.

    ``headcount``, ``gap``, ``severity`` are FGT 0, 1 and 2 (incomes below zero count as zero there); ``missing`` is the
    money, in the unit of the line, that would lift every poor person to the line (incomes as they are). ``watts`` is
    over persons of known income; None where a poor household has no income above zero, of which there are ``without``.
    """

    sums: Sums
    poor_households: int
    poor_persons: int
    headcount: Bounds | None
    gap: Bounds | None
    severity: Bounds | None
    missing: Bounds
    watts: float | None


def is_poor(numerator: int, denominator: int, line: Fraction, poor_when: PoorWhen) -> bool:
    """Whether an income per head is poor by the line: a comparison of whole numbers."""
    own, limit = numerator * line.denominator, line.numerator * denominator
    return own < limit if poor_when == "below" else own <= limit


def measure(incomes: Iterable[Income], line: Fraction, poor_when: PoorWhen) -> Measures:
    """The measures of a list of households. Raises ValueError for a line that is not above zero."""
    return measures(sums(incomes, line, poor_when))


def sums(incomes: Iterable[Income], line: Fraction, poor_when: PoorWhen) -> Sums:
    """What a list of households adds up to. Raises ValueError for a line, a denominator or persons that are none."""
    check_line(line)
    households = persons = unknown_households = unknown_persons = uncounted = without = negative = 0
    parts: dict[int, list[int]] = {}
    logs: list[float] = []
    for each in incomes:
        if each.denominator <= 0 or (each.persons is not None and each.persons < 0):
            raise ValueError("a denominator must be above zero, persons not below")
        if each.persons is None:
            uncounted += 1
            continue
        if each.numerator is None:
            unknown_households, unknown_persons = unknown_households + 1, unknown_persons + each.persons
            continue
        households, persons = households + 1, persons + each.persons
        if not is_poor(each.numerator, each.denominator, line, poor_when):
            continue
        floored = max(each.numerator, 0)
        part = parts.setdefault(each.denominator, [0] * 5)
        for at, value in enumerate((1, *(each.persons * x for x in (1, each.numerator, floored, floored * floored)))):
            part[at] += value
        if each.numerator > 0:
            logs.append(each.persons * log_ratio(line, each.numerator, each.denominator))
        else:
            without, negative = without + 1, negative + (each.numerator < 0)
    poor = {denominator: Part(*part) for denominator, part in parts.items()}
    return Sums(
        line, households, persons, unknown_households, unknown_persons, uncounted, poor, math.fsum(logs), without,
        negative,
    )  # fmt: skip


def check_line(line: Fraction) -> None:
    """Raises ValueError for a line that is not above zero."""
    if line <= 0:
        raise ValueError("a poverty line must be above zero")


def log_ratio(line: Fraction, numerator: int, denominator: int) -> float:
    """ln(line / income), of an income above zero."""
    return math.log(line.numerator * denominator / (line.denominator * numerator))


def measures(found: Sums) -> Measures:
    """The measures from what was added up."""
    line = found.line
    poor = sum(part.persons for part in found.poor.values())
    counted = found.persons + found.unknown_persons
    gap = sum((Fraction(part.persons) - _of_line(part.floored, d, line) for d, part in found.poor.items()), Fraction())
    severity = sum(
        (
            part.persons - 2 * _of_line(part.floored, d, line) + Fraction(part.squared, d * d) / (line * line)
            for d, part in found.poor.items()
        ),
        Fraction(),
    )
    missing = sum((part.persons * line - Fraction(part.income, d) for d, part in found.poor.items()), Fraction())
    return Measures(
        sums=found,
        poor_households=sum(part.households for part in found.poor.values()),
        poor_persons=poor,
        headcount=_share(Fraction(poor), found.unknown_persons, counted),
        gap=_share(gap, found.unknown_persons, counted),
        severity=_share(severity, found.unknown_persons, counted),
        missing=Bounds(missing, missing + found.unknown_persons * line),
        watts=None if found.without or not found.persons else found.logs / found.persons,
    )


def _of_line(income: int, denominator: int, line: Fraction) -> Fraction:
    return Fraction(income, denominator) / line


def _share(amount: Fraction, unknown: int, counted: int) -> Bounds | None:
    return Bounds(amount / counted, (amount + unknown) / counted) if counted else None
