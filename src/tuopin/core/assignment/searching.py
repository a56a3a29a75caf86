"""Which unit should serve which village: the fixed sums of a network, searched where they are many, decided where they
are few. What is found is a flow; that no plan can be much cheaper is the bound of the relaxation, or of patterns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .network import SLACK
from .patterns import Patterns, TooLargeError, Units

if TYPE_CHECKING:
    from collections.abc import Collection

    from .network import Flow, Network

_ROUNDS = 3
"""Rounds in which every pair is tried."""
_PORTION = 10
"""One pair in so many is opened for good in a step of the dive."""
_WORK = 50_000_000
"""Columns of the network by tries of a pair, where pairs are many."""
ENOUGH = 0.01
"""A plan that is proven to lie so near the bound is looked at no further, where pairs are many."""
_NODES = 2_000
"""Branches until the search for the exact answer stops."""


def best(network: Network) -> tuple[list[Flow], float]:
    """Flows to choose from, and the lower bound without what is left and too few. Few pairs are decided exactly."""
    network.build()
    bound = network.bound()
    duals = np.array(network.solver.getSolution().row_dual)  # before other costs come
    flows = [trimmed(network, dived(network), rounds=0 if network.many else _ROUNDS)]
    dear = network.penalties(flows[0])
    bound -= dear
    if network.many:
        if not dear and flows[0].cost - bound > ENOUGH * (flows[0].cost + network.constant):
            more, proven = _by_patterns(network, duals)
            flows += more
            bound = max(bound, proven)
    elif flows[0].cost > bound + 1 - 1e-4:
        network.nearest = len(network.teams)
        network.build()
        opened, proven = exact(network)
        network.build()
        exactly = trimmed(network, opened, rounds=0)
        if network.penalties(exactly) == dear:
            flows.append(exactly)
        bound = max(bound, proven - dear)
    return flows, bound


def _by_patterns(network: Network, duals: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[list[Flow], float]:
    """A flow that begins with patterns of units, and their bound. For a task in which everybody is covered and every
    minimum met; nothing where units are too large."""
    try:
        found = Patterns(Units(network, duals), duals[: len(network.sources)])
        found.price()
        opened = found.pairs()
    except TooLargeError:
        return [], -math.inf
    network.build()
    network.bound()
    network.reach(opened)
    flow = trimmed(network, dived(network, opened), tries=_WORK // len(network.columns.kind))
    return [flow] if not network.penalties(flow) else [], found.bound


def dived(network: Network, first: Collection[int] = ()) -> set[int]:
    """Pairs found by diving: those that the relaxation opens most are opened for good, a few at a time, until it uses
    no other. ``first``: pairs that are open from the beginning."""
    pairs = np.array(network.columns.pair)
    unit = network.task.weights.unit
    whole = np.maximum(np.minimum.outer(network.able, network.living), 1.0).reshape(-1)
    apart = np.array([pair >= 0 and pair not in network.held for pair in pairs])  # from pairs that have a column
    spread = np.where(apart, np.maximum(network.columns.spread, unit / whole[pairs]), 0.0)
    columns = {first: at for at, first in enumerate(network.columns.first) if network.columns.kind[at] == "z"}
    bare = network.bare()
    opened: set[int] = set()
    new = sorted(first)
    while True:
        if new:
            opened.update(new)
            costs = bare + np.where(np.isin(pairs, sorted(opened)), 0.0, spread)
            for pair, at in columns.items():
                costs[at] = 0.0 if pair in opened else unit
            network.set_costs(costs)
            ones = [columns[pair] for pair in new if pair in columns]
            always = np.ones(len(ones))
            network.solver.changeColsBounds(len(ones), np.array(ones, dtype=np.int32), always, always)
            network.solve()
        values = np.array(network.solver.getSolution().col_value)
        shares = {pair: float(values[at]) for pair, at in columns.items() if pair not in opened}
        for at in np.flatnonzero((values > SLACK) & apart).tolist():
            pair = int(pairs[at])
            if pair not in opened:
                shares[pair] = shares.get(pair, 0.0) + float(values[at] / whole[pair])
        used = sorted((-value, pair) for pair, value in shares.items() if value > SLACK)
        if not used:
            return opened
        sure = sum(value < -0.999 for value, _pair in used)
        new = [pair for _value, pair in used[: max(sure, -(-len(used) // _PORTION))]]


def trimmed(network: Network, opened: set[int], rounds: int = _ROUNDS, tries: int | None = None) -> Flow:
    """A flow through some pairs, from which each in turn is shut if the others then cost less together, and to which
    those are added that save more than they cost. ``tries``: so many at most."""
    search = _Search(network, opened, tries)
    for _ in range(rounds):
        gained = sum(
            search.tried(pair, shut=True)
            for _count, pair in sorted((count, pair) for pair, count in search.used.items())
            if pair in search.used
        )
        network.solve()
        gained += sum(search.tried(pair, shut=False) for pair in search.promising() if pair not in search.used)
        if not gained:
            break
    network.solve()
    return network.flow()


class _Search:
    """The cheapest flow through the pairs that are open: what it costs, how many households each pair has."""

    def __init__(self, network: Network, opened: set[int], tries: int | None) -> None:
        self.network = network
        self._tries = tries
        network.as_network()
        self._most = np.array(network.solver.getLp().col_upper_)
        self._arcs: dict[int, list[int]] = {}
        for at, pair in enumerate(network.columns.pair):
            if pair >= 0:
                self._arcs.setdefault(pair, []).append(at)
        for pair in self._arcs.keys() - opened:
            self._shut(pair)
        self.cost, self.used = self._solved()
        for pair in opened - self.used.keys():
            self._shut(pair)

    def tried(self, pair: int, *, shut: bool) -> bool:
        """Shut or open a pair, and keep it so where that is cheaper."""
        if self._tries is not None:
            if not self._tries:
                return False
            self._tries -= 1
        self._shut(pair) if shut else self._open(pair)
        cost, used = self._solved()
        if cost < self.cost - 0.5:
            for each in (self.used.keys() | {pair}) - used.keys():
                self._shut(each)
            self.cost, self.used = cost, used
            return True
        self._open(pair) if shut else self._shut(pair)
        return False

    def promising(self) -> list[int]:
        """Pairs that are shut and would save more than they cost if their price held, the best first."""
        reduced = np.maximum(-np.array(self.network.solver.getSolution().col_dual), 0.0)
        found = []
        for pair in sorted(self._arcs.keys() - self.used.keys()):
            arcs = self._arcs[pair]
            able = float(self.network.able[pair // len(self.network.villages)])
            gain = min(float((reduced[arcs] * self._most[arcs]).sum()), able * float(reduced[arcs].max()))
            if gain > self.network.task.weights.unit:
                found.append((-gain, pair))
        return [pair for _gain, pair in sorted(found)]

    def _solved(self) -> tuple[float, dict[int, float]]:
        cost = self.network.solve()
        used = self.network.pairs_used(np.rint(np.array(self.network.solver.getSolution().col_value)))
        return cost + self.network.task.weights.unit * len(used), used

    def _shut(self, pair: int) -> None:
        self._limit(pair, np.zeros(len(self._arcs[pair])))

    def _open(self, pair: int) -> None:
        self._limit(pair, self._most[self._arcs[pair]])

    def _limit(self, pair: int, most: np.ndarray[Any, Any]) -> None:
        arcs = np.array(self._arcs[pair], dtype=np.int32)
        self.network.solver.changeColsBounds(len(arcs), arcs, np.zeros(len(arcs)), most)


def exact(network: Network) -> tuple[set[int], float]:
    """The fixed sums decided by branching, for a network that holds all columns. Returns the pairs to open and the
    bound, what is left and too few included. The network is to be built anew afterwards."""
    import highspy

    solver, columns, unit = network.solver, network.columns, float(network.task.weights.unit)
    costs = network.bare()
    members: dict[int, list[int]] = {}
    opened: dict[int, int] = {}
    for at, (kind, pair) in enumerate(zip(columns.kind, columns.pair, strict=True)):
        if kind == "z":
            opened[columns.first[at]] = at
            costs[at] = unit
        elif pair >= 0 and pair not in network.held:
            members.setdefault(pair, []).append(at)
    network.set_costs(costs)
    for pair, arcs in sorted(members.items()):
        opened[pair] = len(costs) + len(opened) - len(network.held)
        solver.addVar(0.0, 1.0)
        solver.changeColCost(opened[pair], unit)
        for source in sorted({columns.first[at] for at in arcs}):
            own = [at for at in arcs if columns.first[at] == source]
            inside = np.array([*own, opened[pair]], dtype=np.int32)
            values = np.array([1.0] * len(own) + [-network.at_most(pair, source)])
            solver.addRow(-highspy.kHighsInf, 0.0, len(inside), inside, values)
    for at in opened.values():
        solver.changeColIntegrality(at, highspy.HighsVarType.kInteger)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_max_nodes", _NODES)
    solver.run()
    bound = float(solver.getInfo().mip_dual_bound)
    found = np.array(solver.getSolution().col_value)
    return {pair for pair, at in opened.items() if found[at] > 0.5}, bound
