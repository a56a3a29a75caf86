"""A unit at a time: which villages it serves with how many households of each, decided in whole (a pattern).

The relaxation of ``network.py`` lets a unit serve half a village for half the sum. Here every unit chooses the best
pattern there is for prices of households (a knapsack with fixed sums, worked out for all units together), and a linear
program puts patterns together and finds the prices. The sum of all units' best answers at any prices is a bound that
no plan goes below (Lagrange); at the best prices it is far above the relaxation where units have to be chosen anew.
Patterns that fit together are a good beginning for the search. Counts of steps limit everything: the same task, the
same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .network import SLACK
from .solver import repeatable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .network import Network

    type Floats = np.ndarray[Any, np.dtype[np.float64]]
    type Whole = np.ndarray[Any, np.dtype[np.int64]]

_CELLS = 10_000_000
"""Loads of units by villages worth a look; with more the bound of the relaxation has to do."""
_STEPS = 1_000_000_000
"""The same by households of a village."""
_ROUNDS = 80
"""Rounds in which prices are found."""
_AGAIN = 5
"""Rounds of new patterns between two steps of the dive."""
_PORTION = 20
"""One unit in so many gets its pattern for good in a step of the dive."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a unit does: households by source, the pairs of unit and village; ``cost`` never above the truth."""

    unit: int
    amounts: tuple[tuple[int, int], ...]
    pairs: frozenset[int]
    cost: float


class TooLargeError(Exception):
    """The units are too large to try all their loads."""


class Units:
    """The best pattern of each unit at given prices.

    A segment is so many households of one source at one cost, for one unit. What makes the answer a bound and not the
    truth: distance is from the nearest place of the unit, minima are left out, exclusions of single officials too, and
    who is above the even share is counted by unit, but for what officials hold now (``prices`` of the relaxation).
    """

    def __init__(self, network: Network, duals: Floats) -> None:
        """``duals``: of the rows of the relaxation."""
        task, villages = network.task, len(network.villages)
        self.villages = villages
        self.fixed = float(task.weights.unit)
        self.over = float(task.weights.even)
        self.size: Whole = np.array([len(source.households) for source in network.sources], dtype=np.int64)
        many = len(network.units)
        self.able: Whole = np.zeros(many, dtype=np.int64)
        self.even: Whole = np.zeros(many, dtype=np.int64)
        nearest = np.full((many, villages), np.inf)
        evens = [
            min(each.maximum, max(each.minimum, network.even[each.key])) for each in network.officials
        ]  # as the relaxation has it
        for at, team in enumerate(network.teams):
            nearest[team.unit] = np.minimum(nearest[team.unit], network.distance[at])
            self.able[team.unit] += sum(network.officials[each].maximum for each in team.officials)
            self.even[team.unit] += sum(evens[each] for each in team.officials)
        self.able = np.minimum(self.able, int(self.size.sum()))
        self.constant, dear = self._held_above(network, evens, duals)
        self._segments(network, task.weights.distance * np.where(np.isfinite(nearest), nearest, 0.0), nearest, dear)

    def _held_above(self, network: Network, evens: Sequence[int], duals: Floats) -> tuple[float, Floats]:
        """Officials who hold more than their even share now: each household that stays costs the price of the
        relaxation, and what they pay for is given back at once, at the load where that costs least. Their unit may then
        hold so many more for nothing. Never above the truth, at whatever price."""
        held = np.zeros(len(network.officials), dtype=np.int64)
        for source in network.sources:
            for official, count in source.current.items():
                held[official] += count
        even = np.array(evens, dtype=np.int64)
        most = np.array([each.maximum for each in network.officials], dtype=np.int64)
        first = len(network.sources) + len(network.teams)
        dear = np.where(held > even, np.maximum(-duals[first : first + len(held)], 0.0), 0.0)
        above = np.maximum(np.minimum(held, most) - even, 0)
        for official in np.flatnonzero(above).tolist():
            self.even[network.teams[network.team_of[official]].unit] += above[official]
        back = np.where(dear <= self.over, dear * even, dear * most - self.over * (most - even))
        return -float(back.sum()), dear

    def _segments(self, network: Network, base: Floats, nearest: Floats, dear: Floats) -> None:
        units: list[Whole] = []
        sources: list[Whole] = []
        costs: list[Floats] = []
        counts: list[Whole] = []
        for at, source in enumerate(network.sources):
            kept = np.zeros(len(nearest), dtype=np.int64)
            for official, count in sorted(source.current.items()):
                team = network.team_of[official]
                unit = network.teams[team].unit
                if np.isfinite(network.distance[team, source.village]):
                    kept[unit] += count
                    own = network.base(team, source.village) - network.task.weights.change + float(dear[official])
                    units.append(np.array([unit]))
                    costs.append(np.array([min(own, float(base[unit, source.village]))]))
                    counts.append(np.array([count]))
                    sources.append(np.array([at]))
            reach = np.flatnonzero(np.isfinite(nearest[:, source.village]))
            units.append(reach)
            costs.append(base[reach, source.village])
            counts.append(len(source.households) - kept[reach])
            sources.append(np.full(len(reach), at))
        self.unit: Whole = np.concatenate(units)
        self.source: Whole = np.concatenate(sources)
        self.cost: Floats = np.concatenate(costs)
        self.count: Whole = np.concatenate(counts)
        village = np.array([source.village for source in network.sources], dtype=np.int64)
        self.pair: Whole = self.unit * self.villages + village[self.source]

    def best(
        self, prices: Floats, left: Whole | None = None, done: Collection[int] = ()
    ) -> tuple[float, list[Pattern]]:
        """The bound at these prices of sources, and the best pattern of each unit that serves anybody. ``left``:
        households by source that are still to be had, ``done``: units that choose no more (then it is no bound).
        Raises TooLargeError."""
        count = self.count
        if left is not None:
            count = np.where(np.isin(self.unit, sorted(done)), 0, np.minimum(count, left[self.source]))
        profit = prices[self.source] - self.cost
        gain = np.bincount(self.pair, np.maximum(profit, 0.0) * count)
        chosen = np.flatnonzero((gain > self.fixed)[self.pair] & (profit > 0) & (count > 0))
        order = chosen[np.lexsort((-profit[chosen], self.pair[chosen]))]
        each = np.repeat(order, count[order])
        pairs, first = np.unique(self.pair[each], return_index=True)
        total = np.diff(np.append(first, len(each)))
        worth = self._worth(profit[each], first, total)
        gained, taken = self._filled(pairs // self.villages, worth, total)
        row = np.repeat(np.arange(len(pairs)), total)
        inside = np.arange(len(each)) - first[row] < taken[row]
        value = float((prices * self.size).sum()) - gained + self.constant
        return value, self._patterns(each[inside], row[inside], pairs)

    def _worth(self, profit: Floats, first: Whole, total: Whole) -> Floats:
        """Pair × households: what so many of the best households of a pair are worth, its sum paid."""
        worth = np.zeros((len(first), int(total.max(initial=0)) + 1))
        row = np.repeat(np.arange(len(first)), total)
        worth[row, np.arange(len(profit)) - first[row] + 1] = profit
        worth = np.cumsum(worth, axis=1)
        worth[:, 1:] -= self.fixed
        return worth

    def _filled(self, unit_of: Whole, worth: Floats, total: Whole) -> tuple[float, Whole]:
        """What all units gain, and the households of each pair: village after village is put into the loads of all
        units at once, units with most villages first."""
        units, first, number = np.unique(unit_of, return_index=True, return_counts=True)
        by = np.argsort(-number, kind="stable")
        units, first, number = units[by], first[by], number[by]
        most = int(self.able[units].max(initial=0))
        cells = len(worth) * (most + 1)
        if cells > _CELLS or cells * worth.shape[1] > _STEPS:
            raise TooLargeError
        load = np.arange(most + 1)
        value = np.repeat(np.where(load == 0, 0.0, -np.inf)[None, :], len(units), axis=0)
        stages: list[Floats] = []
        for at in range(int(number.max(initial=0))):
            here = int((number > at).sum())
            rows = worth[first[:here] + at]
            last = value[:here].copy()
            for count in range(1, min(int(total[first[:here] + at].max()), most) + 1):
                added = last[:, : most + 1 - count] + rows[:, count : count + 1]
                np.maximum(value[:here, count:], added, out=value[:here, count:])
            stages.append(last)
        final = value - self.over * np.maximum(load[None, :] - self.even[units][:, None], 0)
        final[load[None, :] > self.able[units][:, None]] = -np.inf
        loads = final.argmax(axis=1)
        taken = np.zeros(len(worth), dtype=np.int64)
        for at in range(len(stages) - 1, -1, -1):
            last = stages[at]
            every = np.arange(len(last))
            before = loads[: len(last), None] - np.arange(worth.shape[1])[None, :]
            found = last[every[:, None], np.maximum(before, 0)] + worth[first[: len(last)] + at]
            most_worth = np.where(before >= 0, found, -np.inf).argmax(axis=1)
            taken[first[: len(last)] + at] = most_worth
            loads[: len(last)] -= most_worth
        return float(final.max(axis=1).sum()) if len(units) else 0.0, taken

    def _patterns(self, each: Whole, row: Whole, pairs: Whole) -> list[Pattern]:
        """Patterns of households that were taken, one row a household."""
        found: dict[int, tuple[dict[int, int], set[int], float]] = {}
        segments, index, counts = np.unique(each, return_index=True, return_counts=True)
        for segment, at, count in zip(segments.tolist(), index.tolist(), counts.tolist(), strict=True):
            amounts, own, cost = found.get(int(self.unit[segment]), ({}, set(), 0.0))
            source = int(self.source[segment])
            amounts[source] = amounts.get(source, 0) + count
            own.add(int(pairs[row[at]]))
            found[int(self.unit[segment])] = (amounts, own, cost + count * float(self.cost[segment]))
        patterns = []
        for unit, (amounts, own, cost) in sorted(found.items()):
            above = max(0, sum(amounts.values()) - int(self.even[unit]))
            cost += self.fixed * len(own) + self.over * above
            patterns.append(Pattern(unit, tuple(sorted(amounts.items())), frozenset(own), cost))
        return patterns


class Patterns:
    """Patterns put together: prices, the bound, and units that get theirs for good."""

    def __init__(self, units: Units, prices: Floats) -> None:
        import highspy

        self.units = units
        self.centre = prices
        self.bound = -np.inf
        self._known: list[Pattern] = []
        self._keys: set[tuple[int, tuple[tuple[int, int], ...], float]] = set()
        self._prices = prices
        size = units.size.astype(np.float64)
        self._sources, many = len(size), len(units.able)
        solver = repeatable()
        rows = self._sources + many
        lower = np.concatenate([size, np.full(many, -highspy.kHighsInf)])
        empty = np.array([], dtype=np.int32)
        solver.addRows(
            rows, lower, np.concatenate([size, np.ones(many)]), 0, np.zeros(rows, dtype=np.int32), empty, np.array([])
        )
        # prices stay within a box around the best ones so far: without it they leap from end to end
        at = np.arange(self._sources, dtype=np.int32)
        for sign in (1.0, -1.0):
            ones = np.full(self._sources, sign)
            solver.addCols(self._sources, ones, np.zeros(self._sources), size * 3, self._sources, at, at, ones)
        self._solver = solver
        self._box = units.fixed / 10
        self._around()

    def _around(self) -> None:
        costs = np.concatenate([self.centre + self._box, self._box - self.centre])
        self._solver.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)

    def price(self) -> None:
        """Find prices; ``bound`` is the best there was. Raises TooLargeError."""
        for _ in range(_ROUNDS):
            value, found = self.units.best(self._prices)
            if value > self.bound:
                self.bound, self.centre = value, self._prices
                self._around()
            new = self._add(found)
            self._solver.run()
            together = float(self._solver.getInfo().objective_function_value) + self.units.constant
            if not new or together - self.bound < max(0.5, 1e-6 * abs(together)):
                return
            self._prices = np.array(self._solver.getSolution().row_dual)[: self._sources]

    def _add(self, found: list[Pattern]) -> int:
        """How many were not known."""
        fresh = [each for each in found if (each.unit, each.amounts, each.cost) not in self._keys]
        self._keys.update((each.unit, each.amounts, each.cost) for each in fresh)
        if fresh:
            starts = np.cumsum([0, *(len(each.amounts) + 1 for each in fresh[:-1])], dtype=np.int32)
            rows = [row for each in fresh for row in (*(at for at, _count in each.amounts), self._sources + each.unit)]
            values = [float(count) for each in fresh for count in (*(count for _at, count in each.amounts), 1)]
            costs = np.array([each.cost for each in fresh])
            self._solver.addCols(
                len(fresh), costs, np.zeros(len(fresh)), np.ones(len(fresh)), len(rows), starts,
                np.array(rows, dtype=np.int32), np.array(values),
            )  # fmt: skip
            self._known += fresh
        return len(fresh)

    def pairs(self) -> set[int]:
        """Pairs of patterns that fit together: those of which the solution has most are taken for good, a few units at
        a time, and new patterns come in for what is left. Raises TooLargeError."""
        left = self.units.size.copy()
        done: set[int] = set()
        opened: set[int] = set()
        self._box *= 2
        self._around()
        while len(done) < len(self.units.able):
            self._solver.run()
            for _ in range(_AGAIN):
                prices = np.array(self._solver.getSolution().row_dual)[: self._sources]
                if not self._add(self.units.best(prices, left, done)[1]):
                    break
                self._solver.run()
            new = self._fixed(left, done)
            if not new:
                break
            done |= {each.unit for each in new}
            opened |= {pair for each in new for pair in each.pairs}
        return opened

    def _fixed(self, left: Whole, done: set[int]) -> list[Pattern]:
        first = 2 * self._sources
        shares = np.array(self._solver.getSolution().col_value)[first:]
        most = max(len(self.units.able) // _PORTION, 1)
        new: dict[int, Pattern] = {}
        for at in np.lexsort((np.arange(len(shares)), -shares)).tolist():
            each, share = self._known[at], float(shares[at])
            if share < SLACK or (len(new) >= most and share < 0.999):
                break
            if each.unit in done or each.unit in new:
                continue
            if all(left[key] >= count for key, count in each.amounts):
                new[each.unit] = each
                self._solver.changeColBounds(first + at, 1.0, 1.0)
                for key, count in each.amounts:
                    left[key] -= count
        return list(new.values())
