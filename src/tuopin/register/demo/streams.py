"""Seeded streams of chance, one for each part of the city: a change in one part leaves the others as they were."""

from __future__ import annotations

import random
from bisect import bisect
from datetime import date
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = date(2018, 12, 1)
"""The day of the export: every age, school year and helper is told for this day."""


def stream(*parts: object) -> random.Random:
    """A generator that depends on ``parts`` alone. Seeding by text is the same on every platform and version."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311 - invented people, no secrets


class Weighted[T]:
    """Draws one of several values by fixed weights (faster than ``random.choices``, which sums them at each call)."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._values = tuple(weights)
        self._steps = tuple(accumulate(weights.values()))

    def draw(self, rng: random.Random) -> T:
        return self._values[min(bisect(self._steps, rng.random() * self._steps[-1]), len(self._values) - 1)]


def share_out(total: int, weights: list[float]) -> list[int]:
    """Whole numbers in proportion to ``weights`` that add up to ``total`` (largest remainders; ties to the first)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    shares = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
