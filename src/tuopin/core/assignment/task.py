"""What is to be assigned: households, officials with their bounds, distances, and what costs how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 1_000_000
"""The largest weight, distance or bound."""


@dataclass(frozen=True, slots=True)
class Household:
    """``current``: the official who helps it now, empty if nobody; ``excluded``: officials who must not (relatives)."""

    key: str
    village: str
    current: str = ""
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Official:
    """``place`` is where distances are counted from; ``minimum`` and ``maximum``: households, of this task alone."""

    key: str
    unit: str
    place: str
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Weights:
    """What costs how much: a household that changes its helper, a unit that serves a village, a step of distance a
    household, a household above the even share of an official. Whole numbers from 0."""

    change: int = 6
    unit: int = 5
    distance: int = 1
    even: int = 1


@dataclass(frozen=True, slots=True)
class Task:
    """``distances``: place → village → steps, whole; a village that is missing is out of reach. ``called``: what a
    village is called in words, where that is not its key. Raises ValueError for
    what contradicts itself: a key twice, a minimum above its maximum, a number below 0 or above :data:`MOST`."""

    households: tuple[Household, ...]
    officials: tuple[Official, ...]
    distances: Mapping[str, Mapping[str, int]]
    weights: Weights = field(default_factory=Weights)
    called: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for rows in (self.households, self.officials):
            if len({each.key for each in rows}) < len(rows):
                raise ValueError("a key stands there twice")
        if any(each.minimum > each.maximum for each in self.officials):
            raise ValueError("a minimum above its maximum")
        own = (self.weights.change, self.weights.unit, self.weights.distance, self.weights.even)
        bounds = (bound for each in self.officials for bound in (each.minimum, each.maximum))
        steps = (step for row in self.distances.values() for step in row.values())
        for numbers in (own, bounds, steps):
            if any(not 0 <= number <= MOST for number in numbers):
                raise ValueError(f"a number that is not between 0 and {MOST}")
