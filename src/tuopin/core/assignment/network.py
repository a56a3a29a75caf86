"""The network behind a plan: households flow from their village to a helper, and HiGHS finds the cheapest flow.

Sources (the households of a village; those with somebody excluded apart) → teams (officials of one unit and place) →
officials → the sink, within bounds. A pure network, so that every vertex is in whole households. That a unit serves a
village costs a fixed sum once: the relaxation spreads it over the most households that the unit could serve there,
which never costs more than the truth: the lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .solver import repeatable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from .task import Household, Official, Task

NEAREST = 12
"""Teams that a village looks at first; others come in where they would pay."""
MORE = 6
"""Teams that a source gains in one round of pricing."""
_ROUNDS = 40
SLACK = 1e-6
EXACT = 2_500
"""Pairs of unit and village up to which the fixed sums are decided exactly."""


@dataclass(slots=True)
class Source:
    """Households that are alike: of one village, with the same officials excluded. ``current``: how many of them each
    official holds now."""

    village: int
    households: list[Household]
    excluded: frozenset[int]
    current: dict[int, int]


@dataclass(frozen=True, slots=True)
class Team:
    """Officials of one unit and one place: alike, but for their bounds."""

    unit: int
    place: str
    officials: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Households by source and official (``kept``: with whom they are; ``given``: by name), by source and team, and how
    many are left at each source, how many each official has too few. ``cost`` without what is left or too few."""

    kept: Mapping[tuple[int, int], int]
    given: Mapping[tuple[int, int], int]
    to_team: Mapping[tuple[int, int], int]
    left: Mapping[int, int]
    short: Mapping[int, int]
    cost: int


@dataclass(slots=True)
class _Columns:
    """Columns of the linear program, in the order in which they came. ``kind``: k(ept), g(iven), t(eam), n (team to
    official), e(ven), o(ver), s(hort), l(eft), z (a pair that stands is open); ``first``, ``second`` say of what;
    ``pair`` is unit × villages + village, -1 of none; ``spread`` the part of the cost that stands for a pair's sum."""

    kind: list[str]
    first: list[int]
    second: list[int]
    cost: list[float]
    spread: list[float]
    pair: list[int]


class Network:
    """The network of a task; see the module."""

    def __init__(self, task: Task, even: Mapping[str, int], nearest: int = NEAREST) -> None:
        """``even``: from which load on each household of an official is one above the even share."""
        self.task = task
        self.even = even
        self.nearest = nearest
        self.villages = sorted({each.village for each in task.households})
        self.officials: Sequence[Official] = sorted(task.officials, key=lambda each: each.key)
        self.at = {each.key: at for at, each in enumerate(self.officials)}
        self.units = sorted({each.unit for each in self.officials})
        self.sources = self._sources()
        self.teams = self._teams()
        self.team_of = {official: at for at, team in enumerate(self.teams) for official in team.officials}
        self.distance = self._distances()
        self.able = self._able()
        self.living = np.zeros(len(self.villages))
        for source in self.sources:
            self.living[source.village] += len(source.households)
        self.spread = self._spread()
        widest = self.distance[np.isfinite(self.distance)].max(initial=0)
        weights = task.weights
        self.most_short = 1.0 + sum(each.minimum for each in self.officials)
        self._dear = 50.0 * (1 + weights.change + weights.unit + weights.even + weights.distance * float(widest))
        self.constant = weights.change * sum(sum(source.current.values()) for source in self.sources)
        self.held = self._held()
        self.columns = _Columns([], [], [], [], [], [])
        self._pair = np.array([], dtype=np.int64)
        self.solver: Any = None

    # -- what there is ----------------------------------------------------------------------------------------------

    def _sources(self) -> list[Source]:
        number = {key: at for at, key in enumerate(self.villages)}
        found: dict[tuple[int, bool, frozenset[int]], Source] = {}
        for each in sorted(self.task.households, key=lambda one: one.key):
            excluded = frozenset(self.at[key] for key in each.excluded if key in self.at)
            current = self.at.get(each.current)
            helped = current is not None and current not in excluded
            key = (number[each.village], helped, excluded)
            source = found.setdefault(key, Source(key[0], [], excluded, {}))
            source.households.append(each)
            if current is not None and helped:
                source.current[current] = source.current.get(current, 0) + 1
        return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1], sorted(key[2])))]

    def _teams(self) -> list[Team]:
        number = {key: at for at, key in enumerate(self.units)}
        found: dict[tuple[int, str], list[int]] = {}
        for at, each in enumerate(self.officials):
            found.setdefault((number[each.unit], each.place), []).append(at)
        return [Team(unit, place, tuple(found[unit, place])) for unit, place in sorted(found)]

    def _distances(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Team × village; infinite where out of reach."""
        rows = {}
        for place in {team.place for team in self.teams}:
            known = self.task.distances.get(place, {})
            rows[place] = [float(known.get(village, np.inf)) for village in self.villages]
        return np.array([rows[team.place] for team in self.teams], dtype=np.float64).reshape(
            len(self.teams), len(self.villages)
        )

    def _able(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """How many households each unit could serve at most."""
        able = np.zeros(len(self.units))
        for team in self.teams:
            able[team.unit] += sum(self.officials[at].maximum for at in team.officials)
        return able

    def _spread(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Source × unit: the sum of a pair over the households of a source. A sum may be spread but once: over those
        whom nobody helps yet where there are any (who is helped seldom changes), else over the whole village."""
        plain = {
            source.village: at for at, source in enumerate(self.sources) if not source.current and not source.excluded
        }
        found = np.zeros((len(self.sources), len(self.units)))
        for at, source in enumerate(self.sources):
            if plain.get(source.village, at) == at:
                whole = len(source.households) if source.village in plain else self.living[source.village]
                found[at] = self.task.weights.unit / np.maximum(np.minimum(self.able, whole), 1.0)
        return found

    def _held(self) -> dict[int, list[tuple[int, int]]]:
        """The pairs of unit and village that stand now: who is kept there, by source and official."""
        found: dict[int, list[tuple[int, int]]] = {}
        for at, source in enumerate(self.sources):
            for official in source.current:
                team = self.team_of[official]
                if np.isfinite(self.distance[team, source.village]):
                    found.setdefault(self.pair(self.teams[team].unit, source.village), []).append((at, official))
        return {key: sorted(found[key]) for key in sorted(found)}

    def base(self, team: int, village: int) -> float:
        """What a household costs by distance."""
        return float(self.task.weights.distance * self.distance[team, village])

    def pair(self, unit: int, village: int) -> int:
        """The number of a unit and village."""
        return unit * len(self.villages) + village

    def pair_of(self, unit: str, village: str) -> int:
        """The number of a unit and village by their keys."""
        return self.pair(self.units.index(unit), self.villages.index(village))

    # -- the linear program -----------------------------------------------------------------------------------------

    def build(self) -> None:
        """Rows: sources, teams, officials; of each pair that stands, that it is open as far as the unit serves the
        village, and as far as each of its officials is kept. Columns: all but far teams, which :meth:`price` finds."""
        import highspy

        self.columns = _Columns([], [], [], [], [], [])
        self._pair = np.array([], dtype=np.int64)
        solver = repeatable()
        sizes = [float(len(source.households)) for source in self.sources]
        rows = sizes + [0.0] * (len(self.teams) + len(self.officials))
        values = np.array(rows)
        empty = np.array([], dtype=np.int32)
        solver.addRows(len(rows), values, values, 0, np.zeros(len(rows), dtype=np.int32), empty, np.array([]))
        self.solver = solver
        by_village: dict[int, list[int]] = {}
        for at, source in enumerate(self.sources):
            by_village.setdefault(source.village, []).append(at)
        self._inside = {pair: by_village[pair % len(self.villages)] for pair in self.held}
        opened = [(pair, at) for pair, sources in self._inside.items() for at in sources]
        kept = [key for held in self.held.values() for key in held]
        self._open_rows = {key: len(rows) + at for at, key in enumerate(opened)}
        self._kept_rows = {key: len(rows) + len(opened) + at for at, key in enumerate(kept)}
        more = len(opened) + len(kept)
        lower = np.full(more, -highspy.kHighsInf)
        solver.addRows(more, lower, np.zeros(more), 0, np.zeros(more, dtype=np.int32), empty, np.array([]))
        added = _Batch(self)
        for at, source in enumerate(self.sources):
            added.add("l", at, at, self.most_short * self._dear, 0, sizes[at], ((at, 1.0),))
            for official, count in sorted(source.current.items()):
                self._arc(added, "k", at, official, count)
            for team in self._first_teams(source):
                self._arc(added, "t", at, team, len(source.households))
            for team in sorted({self.team_of[each] for each in source.excluded}):
                for official in self.teams[team].officials:
                    if official not in source.excluded:
                        self._arc(added, "g", at, official, len(source.households))
        self._sink(added)
        for pair, held in self.held.items():
            stay = [(self._kept_rows[key], -float(self.sources[key[0]].current[key[1]])) for key in held]
            most = [(self._open_rows[pair, at], -self.at_most(pair, at)) for at in self._inside[pair]]
            added.add("z", pair, 0, self.task.weights.unit, 0, 1, (*most, *stay))
        added.write()

    def _first_teams(self, source: Source) -> list[int]:
        touched = {self.team_of[each] for each in source.excluded}
        costs = self.distance[:, source.village]
        order = np.argsort(costs, kind="stable")[: self.nearest + len(touched)]
        own = {at for at, team in enumerate(self.teams) if self.pair(team.unit, source.village) in self.held}
        found = {int(each) for each in order} | own
        return sorted(each for each in found - touched if np.isfinite(costs[each]))

    def _arc(self, added: _Batch, kind: str, source: int, target: int, most: int) -> None:
        """From a source to an official (kept, given) or a team."""
        village = self.sources[source].village
        team = target if kind == "t" else self.team_of[target]
        if not np.isfinite(self.distance[team, village]):
            return
        unit = self.teams[team].unit
        cost = self.base(team, village) - (self.task.weights.change if kind == "k" else 0)
        row = len(self.sources) + (target if kind == "t" else len(self.teams) + target)
        pair = self.pair(unit, village)
        entries = [(source, 1.0), (row, 1.0)]
        spread = 0.0
        if pair in self.held:
            entries.append((self._open_rows[pair, source], 1.0))
        else:
            spread = float(self.spread[source, unit])
        if kind == "k":
            entries.append((self._kept_rows[source, target], 1.0))
        added.add(kind, source, target, cost + spread, 0, float(most), tuple(entries), pair, spread)

    def at_most(self, pair: int, source: int) -> float:
        """How many households of a source the unit of a pair could serve."""
        return max(1.0, min(float(self.able[pair // len(self.villages)]), float(len(self.sources[source].households))))

    def _sink(self, added: _Batch) -> None:
        first = len(self.sources) + len(self.teams)
        for at, each in enumerate(self.officials):
            row = first + at
            team = len(self.sources) + self.team_of[at]
            added.add("n", self.team_of[at], at, 0, 0, float(each.maximum), ((team, -1.0), (row, 1.0)))
            even = float(min(each.maximum, max(each.minimum, self.even[each.key])))
            added.add("e", at, at, 0, float(each.minimum), even, ((row, -1.0),))
            added.add("o", at, at, self.task.weights.even, 0, each.maximum - even, ((row, -1.0),))
            if each.minimum:
                added.add("s", at, at, self._dear, 0, float(each.minimum), ((row, 1.0),))

    def solve(self) -> float:
        """The cheapest flow; its cost as the columns stand. Raises RuntimeError where HiGHS gives up."""
        import highspy

        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS: {self.solver.modelStatusToString(self.solver.getModelStatus())}")
        return float(self.solver.getInfo().objective_function_value)

    def reach(self, pairs: Collection[int]) -> None:
        """See to it that the columns of these pairs are there."""
        have, added = self._have(), _Batch(self)
        for at, source in enumerate(self.sources):
            touched = {self.team_of[each] for each in source.excluded}
            for team, each in enumerate(self.teams):
                if self.pair(each.unit, source.village) in pairs and (at, team) not in have and team not in touched:
                    self._arc(added, "t", at, team, len(source.households))
        added.write()

    def _have(self) -> set[tuple[int, int]]:
        kinds = zip(self.columns.kind, self.columns.first, self.columns.second, strict=True)
        return {(source, team) for kind, source, team in kinds if kind == "t"}

    def price(self) -> tuple[float, int]:
        """Look at every team for every source. Returns how much the columns that are missing could still save at most,
        and how many were added."""
        duals = np.array(self.solver.getSolution().row_dual)
        here, teams = len(self.sources), len(self.teams)
        by_team = duals[here : here + teams]
        unit_of = np.array([team.unit for team in self.teams])
        reach = np.isfinite(self.distance)
        costs = np.where(reach, self.task.weights.distance * np.where(reach, self.distance, 0.0), np.inf)
        costs -= by_team[:, None]
        have = self._have()
        added, missing = _Batch(self), 0.0
        for at, source in enumerate(self.sources):
            reduced = costs[:, source.village] + self.spread[at, unit_of] - duals[at]
            found = [int(each) for each in np.flatnonzero(reduced < -SLACK)]
            touched = {self.team_of[each] for each in source.excluded}
            found = [each for each in found if (at, each) not in have and each not in touched]  # held pairs all are
            size = len(source.households)
            missing += size * -sum(float(reduced[each]) for each in found)
            for each in sorted(found, key=lambda team: (float(reduced[team]), team))[:MORE]:
                self._arc(added, "t", at, each, size)
        added.write()
        return missing, len(added.kind)

    def bound(self) -> float:
        """Solve with all columns that pay; the lower bound of every plan, what is left and too few included."""
        for _ in range(_ROUNDS):
            cost = self.solve()
            missing, more = self.price()
            if not more:
                return cost
        return cost - missing

    def least_left(self) -> None:
        """Make what is left, and what is too few, so dear that no saving elsewhere pays for one of them."""
        while True:
            self.build()
            self.bound()
            self.as_network()
            self.solve()
            flow = self.flow()
            if not flow.left and not flow.short:
                return
            counts = [{"l": self.most_short, "s": 1.0}.get(kind, 0.0) for kind in self.columns.kind]
            every = np.arange(len(counts), dtype=np.int32)
            self.solver.changeColsCost(len(counts), every, np.array(counts))
            least = round(self.solve())
            if self.most_short * sum(flow.left.values()) + sum(flow.short.values()) <= least:
                return
            self._dear *= 50

    # -- whole households -------------------------------------------------------------------------------------------

    def flow(self) -> Flow:
        """The flow that was found, in whole households, at its true cost."""
        values = np.rint(np.array(self.solver.getSolution().col_value)).astype(int)
        parts: dict[str, dict[tuple[int, int], int]] = {key: {} for key in "kgtneoslz"}
        for at in np.flatnonzero(values):
            key = (self.columns.first[at], self.columns.second[at])
            parts[self.columns.kind[at]][key] = int(values[at])
        cost = self.task.weights.even * sum(parts["o"].values()) + self.task.weights.unit * len(self.pairs_used(values))
        for kind in "kg":
            for (source, official), count in parts[kind].items():
                one = self.base(self.team_of[official], self.sources[source].village)
                cost += count * round(one - (self.task.weights.change if kind == "k" else 0))
        for (source, team), count in parts["t"].items():
            cost += count * round(self.base(team, self.sources[source].village))
        left = {first: count for (first, _), count in parts["l"].items()}
        short = {first: count for (first, _), count in parts["s"].items()}
        return Flow(parts["k"], parts["g"], parts["t"], left, short, cost)

    def pairs_used(self, values: np.ndarray[Any, Any]) -> dict[int, float]:
        """Households of each unit in each village that it serves."""
        if len(self._pair) != len(self.columns.pair):
            self._pair = np.array(self.columns.pair)
        pairs = self._pair
        chosen = np.flatnonzero((values > SLACK) & (pairs >= 0))
        numbers, where = np.unique(pairs[chosen], return_inverse=True)
        sums = np.bincount(where, weights=values[chosen], minlength=len(numbers))
        return dict(zip(numbers.tolist(), sums.tolist(), strict=True))

    def penalties(self, flow: Flow) -> float:
        """What is left and too few, as the linear program counts it."""
        return self._dear * (self.most_short * sum(flow.left.values()) + sum(flow.short.values()))

    def bare(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The costs of the columns without those of pairs."""
        opened = np.array([kind == "z" for kind in self.columns.kind])
        return np.where(opened, 0.0, np.array(self.columns.cost) - np.array(self.columns.spread))

    def as_network(self) -> None:
        """Every pair open, at no sum: a pure network."""
        self.set_costs(self.bare())
        opened = [at for at, kind in enumerate(self.columns.kind) if kind == "z"]
        ones = np.ones(len(opened))
        self.solver.changeColsBounds(len(opened), np.array(opened, dtype=np.int32), ones, ones)

    def set_costs(self, costs: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        """Other costs for all columns."""
        self.solver.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)

    @property
    def many(self) -> bool:
        """Whether there are too many pairs to decide all fixed sums at once."""
        return int(np.isfinite(self.distance).sum()) > EXACT


class _Batch:
    """Columns that are added together."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.kind: list[str] = []
        self._cost: list[float] = []
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._starts: list[int] = []
        self._rows: list[int] = []
        self._values: list[float] = []
        self._labels: list[tuple[int, int, int]] = []
        self._spread: list[float] = []

    def add(
        self, kind: str, first: int, second: int, cost: float, lower: float, upper: float,
        entries: tuple[tuple[int, float], ...], pair: int = -1, spread: float = 0.0,
    ) -> None:  # fmt: skip
        """One column."""
        self.kind.append(kind)
        self._labels.append((first, second, pair))
        self._spread.append(spread)
        self._cost.append(cost)
        self._lower.append(lower)
        self._upper.append(upper)
        self._starts.append(len(self._rows))
        self._rows += [row for row, _value in entries]
        self._values += [value for _row, value in entries]

    def write(self) -> None:
        """Hand them to the solver."""
        if not self.kind:
            return
        self.network.solver.addCols(
            len(self.kind), np.array(self._cost), np.array(self._lower), np.array(self._upper), len(self._rows),
            np.array(self._starts, dtype=np.int32), np.array(self._rows, dtype=np.int32), np.array(self._values),
        )  # fmt: skip
        columns = self.network.columns
        columns.kind += self.kind
        columns.first += [first for first, _second, _pair in self._labels]
        columns.second += [second for _first, second, _pair in self._labels]
        columns.pair += [pair for _first, _second, pair in self._labels]
        columns.cost += self._cost
        columns.spread += self._spread
