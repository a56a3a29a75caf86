"""The Gini coefficient of incomes per head, weighted by persons, as an exact fraction."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuopin.core.poverty.incomes import Income


def gini(incomes: Iterable[Income]) -> Fraction | None:
    """Half the mean difference between two persons over the mean income, of the households whose income and persons
    are known. None where nobody is, or the mean is not above zero. With incomes below zero it may exceed 1."""
    known = [
        (each.numerator, each.denominator, each.persons)
        for each in incomes
        if each.numerator is not None and each.persons
    ]
    scale = lcm(*{denominator for _n, denominator, _p in known})
    scaled = sorted((numerator * (scale // denominator), persons) for numerator, denominator, persons in known)
    return from_sorted(scaled)


def from_sorted(scaled: Iterable[tuple[int, int]]) -> Fraction | None:
    """The same from (income, persons) in the order of income; incomes are whole numbers of any common unit."""
    rows = list(scaled)
    persons = sum(weight for _income, weight in rows)
    before = differences = total = 0
    for income, weight in rows:
        after = persons - before - weight
        differences += weight * income * (before - after)
        total += weight * income
        before += weight
    return from_sums(differences, total, persons)


def from_sums(differences: int, total: int, persons: int) -> Fraction | None:
    """``differences``: sum of persons × income × (persons with less − persons with more); ``total`` of all incomes."""
    return Fraction(differences, persons * total) if persons and total > 0 else None
