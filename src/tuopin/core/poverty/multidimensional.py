"""Alkire and Foster's measures: who is deprived in enough things at once, how many they are, and in how much.

Cut-offs are exact: weights are fractions that sum to 1, and a score that stands on the cut-off reaches it. A thing of
which it is unknown whether it is lacking makes two worlds: in the one nobody lacks it, in the other everybody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something that may be lacking, and its part of the score."""

    key: str
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Profile:
    """One household: what it lacks in the order of the indicators (None = unknown), its persons (None = unknown), and
    the subgroup it belongs to."""

    deprived: tuple[bool | None, ...]
    persons: int | None
    group: Hashable = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a subgroup adds up to: for each of the two worlds (nobody, everybody lacks what is unknown) the poor
    households and persons, and of the poor the persons that lack each thing."""

    households: int = 0
    persons: int = 0
    doubtful: int = 0
    uncounted: int = 0
    poor_households: tuple[int, int] = (0, 0)
    poor_persons: tuple[int, int] = (0, 0)
    lacking: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    def __add__(self, other: Tally) -> Tally:
        first, second = (_added(a, b) for a, b in zip(self.lacking, other.lacking, strict=True))
        return Tally(
            self.households + other.households,
            self.persons + other.persons,
            self.doubtful + other.doubtful,
            self.uncounted + other.uncounted,
            _pair(self.poor_households, other.poor_households),
            _pair(self.poor_persons, other.poor_persons),
            (first, second),
        )


@dataclass(frozen=True, slots=True)
class World:
    """H, A and M0 in one world. ``intensity`` None where nobody is poor. ``lacking``: the share of all persons that are
    poor and lack the thing; ``contribution`` of each thing to M0, summing to 1 (empty where M0 is 0)."""

    headcount: Fraction
    intensity: Fraction | None
    adjusted: Fraction
    lacking: Mapping[str, Fraction]
    contribution: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class AlkireFoster:
    """The measures of all, and of each subgroup; ``share`` is the subgroup's part of M0 in the two worlds.

    ``least`` and ``most`` bound H and M0; None where no persons are counted. ``doubtful`` households lack something of
    which it is unknown; ``uncounted`` ones have no known number of persons and enter nothing.
    """

    tally: Tally
    least: World | None
    most: World | None
    groups: Mapping[Hashable, AlkireFoster] = field(default_factory=dict)
    share: tuple[Fraction | None, Fraction | None] = (None, None)


def equal_weights(dimensions: Sequence[tuple[str, str]]) -> tuple[Indicator, ...]:
    """Indicators from (key, dimension): dimensions weigh alike, and so do the indicators within one."""
    sizes = Counter(dimension for _key, dimension in dimensions)
    return tuple(Indicator(key, Fraction(1, len(sizes) * sizes[dimension])) for key, dimension in dimensions)


def whole_weights(indicators: Sequence[Indicator]) -> tuple[tuple[int, ...], int]:
    """The weights as whole numbers, and what they sum to. Raises ValueError unless the weights are above zero and sum
    to exactly 1, or if two indicators share a key."""
    if len({each.key for each in indicators}) != len(indicators):
        raise ValueError("two indicators share a key")
    if any(each.weight <= 0 for each in indicators) or sum(each.weight for each in indicators) != 1:
        raise ValueError("the weights must be above zero and sum to exactly 1")
    whole = lcm(*(each.weight.denominator for each in indicators))
    return tuple(int(each.weight * whole) for each in indicators), whole


def check_cutoff(cutoff: Fraction) -> None:
    """Raises ValueError for a cut-off outside (0, 1]."""
    if not 0 < cutoff <= 1:
        raise ValueError("the cut-off must lie above 0 and at most at 1")


def alkire_foster(profiles: Iterable[Profile], indicators: Sequence[Indicator], cutoff: Fraction) -> AlkireFoster:
    """The measures of a list of households: poor is whose score reaches ``cutoff``. Raises ValueError."""
    weights, whole = whole_weights(indicators)
    check_cutoff(cutoff)
    needed = cutoff.numerator * whole
    found: dict[Hashable, Tally] = {}
    for each in profiles:
        if len(each.deprived) != len(weights):
            raise ValueError("a profile needs a value for every indicator")
        before = found.get(each.group, _empty(len(weights)))
        found[each.group] = before + _one(each, weights, needed, cutoff.denominator)
    return from_tallies(found, indicators)


def _empty(width: int) -> Tally:
    return Tally(lacking=((0,) * width, (0,) * width))


def _one(profile: Profile, weights: tuple[int, ...], needed: int, scale: int) -> Tally:
    width = len(weights)
    if profile.persons is None:
        return Tally(uncounted=1, lacking=((0,) * width, (0,) * width))
    poor, lacking = [], []
    for if_unknown in (False, True):
        lacks = [if_unknown if each is None else each for each in profile.deprived]
        score = sum(weight for weight, lack in zip(weights, lacks, strict=True) if lack)
        is_poor = score * scale >= needed
        poor.append(int(is_poor))
        lacking.append(tuple(profile.persons if is_poor and lack else 0 for lack in lacks))
    return Tally(
        1, profile.persons, int(None in profile.deprived), 0, (poor[0], poor[1]),
        (poor[0] * profile.persons, poor[1] * profile.persons), (lacking[0], lacking[1]),
    )  # fmt: skip


def from_tallies(found: Mapping[Hashable, Tally], indicators: Sequence[Indicator]) -> AlkireFoster:
    """The measures from what the subgroups add up to; a sole subgroup None is no subgroup."""
    total = _empty(len(indicators))
    for tally in found.values():
        total = total + tally
    whole = _of(total, indicators)
    if set(found) <= {None}:
        return whole
    return AlkireFoster(
        whole.tally, whole.least, whole.most,
        {group: _part(_of(tally, indicators), whole) for group, tally in found.items()},
    )  # fmt: skip


def _of(tally: Tally, indicators: Sequence[Indicator]) -> AlkireFoster:
    if not tally.persons:
        return AlkireFoster(tally, None, None)
    return AlkireFoster(tally, _world(tally, indicators, 0), _world(tally, indicators, 1))


def _world(tally: Tally, indicators: Sequence[Indicator], at: int) -> World:
    headcount = Fraction(tally.poor_persons[at], tally.persons)
    lacking = {
        each.key: Fraction(persons, tally.persons) for each, persons in zip(indicators, tally.lacking[at], strict=True)
    }
    adjusted = sum((each.weight * lacking[each.key] for each in indicators), Fraction())
    contribution = {each.key: each.weight * lacking[each.key] / adjusted for each in indicators} if adjusted else {}
    return World(headcount, adjusted / headcount if headcount else None, adjusted, lacking, contribution)


def _part(own: AlkireFoster, whole: AlkireFoster) -> AlkireFoster:
    """A subgroup with its part of the whole's M0: persons' share × own M0 / M0 of all."""
    size = Fraction(own.tally.persons, whole.tally.persons) if whole.tally.persons else Fraction()

    def share(mine: World | None, of: World | None) -> Fraction | None:
        return size * mine.adjusted / of.adjusted if mine is not None and of is not None and of.adjusted else None

    return AlkireFoster(
        own.tally, own.least, own.most, share=(share(own.least, whole.least), share(own.most, whole.most))
    )


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _pair(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]
