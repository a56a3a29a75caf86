"""Who should help whom: an optimal plan of helpers to households, with a proven lower bound.

Pure: a :class:`Task` in, a :class:`Solution` out; the same input gives the same plan in whatever order it comes. As
many households as possible are covered, then as few minima as possible are missed, then the cost is least: changes of
helpers who are there, pairs of unit and village, distance, households above the even share. See
``docs/methods/assignment.md``.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

from .task import Official, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .network import Flow, Network
    from .task import Weights


@dataclass(frozen=True, slots=True)
class Parts:
    """What a plan comes to: households kept with their helper, changed, new, left without one (``lost``: of these, who
    had one); steps of distance, pairs of unit and village, households above the even share; households that officials
    have too few by their minima."""

    kept: int
    changed: int
    new: int
    left: int
    lost: int
    distance: int
    pairs: int
    over: int
    short: int

    def cost(self, weights: Weights) -> int:
        """The objective, without what is left or too few: these come before it."""
        return (
            weights.change * (self.changed + self.lost) + weights.unit * self.pairs + weights.distance * self.distance
            + weights.even * self.over
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Solution:
    """``assigned``: household → official. ``bound``: no plan that leaves as few and misses as few minima costs less.
    ``shortages`` say which bound is in the way, and how many are too few."""

    assigned: Mapping[str, str]
    left: tuple[str, ...]
    parts: Parts
    cost: int
    bound: int
    shortages: tuple[Title, ...]

    @property
    def gap(self) -> int:
        """How far above the bound the cost may lie at most, in hundredths of a percent, rounded up."""
        return gap_of(self.cost, self.bound)


def gap_of(cost: int, bound: int) -> int:
    """(cost - bound) / cost in hundredths of a percent, rounded up; 0 where nothing costs anything."""
    return -(-max(cost - bound, 0) * 10_000 // cost) if cost > 0 else 0


def share(task: Task) -> int:
    """The even share: households an official, rounded up."""
    return -(-len(task.households) // max(len(task.officials), 1))


def evaluate(task: Task, assigned: Mapping[str, str]) -> Parts:
    """What a plan comes to, whoever made it. Raises KeyError for officials whom the task does not have, and for
    villages out of reach."""
    officials = {each.key: each for each in task.officials}
    loads: dict[str, int] = {}
    pairs: set[tuple[str, str]] = set()
    kept = changed = new = lost = distance = 0
    for each in task.households:
        key = assigned.get(each.key)
        helped = each.current in officials and each.current not in each.excluded
        if key is None:
            lost += helped
            continue
        who = officials[key]
        loads[key] = loads.get(key, 0) + 1
        pairs.add((who.unit, each.village))
        distance += task.distances[who.place][each.village]
        if each.current == key:
            kept += 1
        elif helped:
            changed += 1
        else:
            new += 1
    even = share(task)
    over = sum(
        max(0, load - min(officials[key].maximum, max(officials[key].minimum, even))) for key, load in loads.items()
    )
    short = sum(max(0, each.minimum - loads.get(each.key, 0)) for each in task.officials)
    left = len(task.households) - kept - changed - new
    return Parts(kept, changed, new, left, lost, distance, len(pairs), over, short)


def solve(task: Task) -> Solution:
    """The plan. A plan that is proven to lie within 1 % is the rule, not a promise: :attr:`Solution.gap` says."""
    from .network import Network  # numpy and HiGHS are loaded only where they work
    from .searching import ENOUGH, best

    if not task.households or not task.officials:
        return _nothing(task)
    network = Network(task, dict.fromkeys((each.key for each in task.officials), share(task)))
    network.least_left()
    flows, bound = best(network)
    flow = flows[0]
    assigned = min((_dispatch(network, each) for each in flows), key=lambda each: _rank(task, each))
    parts = evaluate(task, assigned)
    proven = math.ceil(bound + network.constant - 1e-4 - 1e-9 * abs(bound))
    if network.many and parts.cost(task.weights) - proven > ENOUGH * parts.cost(task.weights):
        assigned, parts = _improved(task, assigned)
    cost = parts.cost(task.weights)
    left = tuple(sorted(each.key for each in task.households if each.key not in assigned))
    shortages = (*_too_many(network, flow), *_too_few(network, flow))
    return Solution(assigned, left, parts, cost, max(0, min(proven, cost)), shortages)


def _rank(task: Task, assigned: Mapping[str, str]) -> tuple[int, int, int]:
    parts = evaluate(task, assigned)
    return parts.left, parts.short, parts.cost(task.weights)


_TOGETHER = 40
"""Villages that are decided anew together."""
_AROUND = 12
"""Places that a village may turn to then, beside the units that serve it."""


def _improved(task: Task, assigned: dict[str, str]) -> tuple[dict[str, str], Parts]:
    """Neighbouring villages decided anew while all others stay as they are: twice, the second time across the borders
    of the first."""
    villages = sorted({each.village for each in task.households})
    least = _rank(task, assigned)
    for first in (0, -(_TOGETHER // 2)):
        for start in range(first, len(villages), _TOGETHER):
            block = set(villages[max(start, 0) : start + _TOGETHER])
            tried = _anew(task, assigned, block)
            rank = _rank(task, tried)
            if rank < least:
                assigned, least = tried, rank
    return assigned, evaluate(task, assigned)


def _anew(task: Task, assigned: dict[str, str], block: set[str]) -> dict[str, str]:
    """The plan with the households of some villages assigned anew to who serves them or is near."""
    from .network import Network
    from .searching import trimmed

    inside = {each.key for each in task.households if each.village in block}
    loads: dict[str, int] = {}
    for key, who in assigned.items():
        if key not in inside:
            loads[who] = loads.get(who, 0) + 1
    households = tuple(each for each in task.households if each.key in inside)
    chosen = {assigned[each.key] for each in households if each.key in assigned} | {each.current for each in households}
    units = {each.unit for each in task.officials if each.key in chosen}
    nearest: set[str] = set()
    for village in block:
        able = sorted((row[village], place) for place, row in task.distances.items() if village in row)
        nearest |= {place for _step, place in able[:_AROUND]}
    even = share(task)
    officials = tuple(
        Official(
            each.key, each.unit, each.place, max(0, each.minimum - loads.get(each.key, 0)),
            each.maximum - loads.get(each.key, 0),
        )
        for each in task.officials
        if each.unit in units or each.place in nearest
    )  # fmt: skip
    evens = {
        each.key: max(0, min(each.maximum, max(each.minimum, even)) - loads.get(each.key, 0)) for each in task.officials
    }
    network = Network(Task(households, officials, task.distances, task.weights), evens, nearest=len(officials))
    network.build()
    unit_of = {each.key: each.unit for each in officials}
    opened = {network.pair_of(unit_of[assigned[each.key]], each.village) for each in households if each.key in assigned}
    flow = trimmed(network, opened)
    return {key: who for key, who in assigned.items() if key not in inside} | _dispatch(network, flow)


def _nothing(task: Task) -> Solution:
    parts = evaluate(task, {})
    said: tuple[Title, ...] = ()
    if task.households:
        number = len(task.households)
        said = (
            Title(
                f"没有可指派的干部，{number} 户无人帮扶。", f"No official to choose from: {number} households are left."
            ),
        )
    elif parts.short:
        said = (Title("没有需要指派的户。", "There is no household to assign."),)
    return Solution({}, tuple(sorted(each.key for each in task.households)), parts, 0, 0, said)


# -- from the flow to persons --------------------------------------------------------------------------------------


def _dispatch(network: Network, flow: Flow) -> dict[str, str]:
    """Households by name: first who stays, then who is given by name, then each team's share, spread evenly over its
    officials and, of a village, over as few of them as possible."""
    officials = network.officials
    assigned: dict[str, str] = {}
    loads = [0] * len(officials)
    villages: dict[int, set[int]] = {}
    waiting: dict[int, list[str]] = {}
    for at, source in enumerate(network.sources):
        rest = []
        stay = {official: flow.kept.get((at, official), 0) for official in source.current}
        for each in source.households:
            current = network.at.get(each.current, -1)
            if stay.get(current, 0):
                stay[current] -= 1
                assigned[each.key] = each.current
                loads[current] += 1
                villages.setdefault(source.village, set()).add(current)
            else:
                rest.append(each.key)
        for official in sorted(key for first, key in flow.given if first == at):
            for _ in range(flow.given[at, official]):
                assigned[rest.pop(0)] = officials[official].key
                loads[official] += 1
                villages.setdefault(source.village, set()).add(official)
        waiting[at] = rest
    by_team: dict[int, list[tuple[int, int]]] = {}
    for (source_at, team), count in sorted(flow.to_team.items()):
        by_team.setdefault(team, []).append((source_at, count))
    for team, parts in sorted(by_team.items()):
        slots = _spread(network, team, loads, sum(count for _source, count in parts))
        for source_at, count in parts:
            known = villages.setdefault(network.sources[source_at].village, set())
            for official in sorted(slots, key=lambda each: (each not in known, each)):
                take = min(slots[official], count)
                for _ in range(take):
                    assigned[waiting[source_at].pop(0)] = officials[official].key
                if take:
                    known.add(official)
                    slots[official] -= take
                    count -= take
    return assigned


def _spread(network: Network, team: int, loads: list[int], count: int) -> dict[int, int]:
    """How many more each official of a team gets: minima first, then whoever has fewest."""
    slots = dict.fromkeys(network.teams[team].officials, 0)
    for official in slots:
        first = min(count, max(0, network.officials[official].minimum - loads[official]))
        slots[official] = first
        count -= first
    queue = [(loads[official] + slots[official], official) for official in slots]
    heapq.heapify(queue)
    while count:
        load, official = heapq.heappop(queue)
        if load < network.officials[official].maximum:
            slots[official] += 1
            count -= 1
            heapq.heappush(queue, (load + 1, official))
    for official, more in slots.items():
        loads[official] += more
    return slots


# -- why not -------------------------------------------------------------------------------------------------------


def _too_many(network: Network, flow: Flow) -> Iterable[Title]:
    """Which households cannot be covered, and by whose maxima."""
    if not flow.left:
        return
    sources, officials = _blocked(network, flow)
    households = sum(len(network.sources[each].households) for each in sources)
    able = sum(network.officials[each].maximum for each in officials)
    missing = sum(flow.left.values())
    keys = sorted({network.villages[network.sources[each].village] for each in sources})
    villages = [network.task.called.get(each, each) for each in keys]
    shown = "、".join(villages[:5]) + ("……" if len(villages) > 5 else "")
    yield Title(
        f"上限不够：{len(villages)} 个村（{shown}）共 {households} 户，能帮这些户的 {len(officials)} 名干部"
        f"合计上限 {able} 户，还差 {missing} 户。请增加干部或提高上限。",
        f"Maxima too low: {len(villages)} villages ({', '.join(villages[:5])}{'…' if len(villages) > 5 else ''}) have"
        f" {households} households; the {len(officials)} officials who may help them take {able} at most: {missing} are"
        " left. Add officials or raise the maximum.",
    )


def _blocked(network: Network, flow: Flow) -> tuple[set[int], set[int]]:
    """The sources that share what is too little, and the officials who are all that these can turn to: from what is
    left over to everybody in reach, from these back to whom they serve, and so on."""
    served: dict[int, set[int]] = {}
    for source, official in (*flow.kept, *flow.given):
        served.setdefault(official, set()).add(source)
    teams: dict[int, set[int]] = {}
    for source, team in flow.to_team:
        teams.setdefault(team, set()).add(source)
    sources, officials, queue = set(flow.left), set[int](), sorted(flow.left)
    while queue:
        blocked = network.sources[queue.pop()]
        for at, group in enumerate(network.teams):
            if network.villages[blocked.village] not in network.task.distances.get(group.place, {}):
                continue
            found = {each for each in group.officials if each not in blocked.excluded} - officials
            officials |= found
            back = set().union(*(served.get(each, set()) for each in found)) | (
                teams.get(at, set()) if found else set()
            )
            queue += sorted(back - sources)
            sources |= back
    return sources, officials


def _too_few(network: Network, flow: Flow) -> Iterable[Title]:
    """Whose minima cannot be met."""
    if not flow.short:
        return
    missing = sum(flow.short.values())
    lowest = sum(each.minimum for each in network.officials)
    yield Title(
        f"下限过高：{len(flow.short)} 名干部达不到下限，共差 {missing} 户（全部干部下限合计 {lowest} 户，可分配 "
        f"{len(network.task.households)} 户）。请减少干部或降低下限。",
        f"Minima too high: {len(flow.short)} officials stay below theirs, by {missing} households in all (all minima"
        f" come to {lowest}, there are {len(network.task.households)} households). Take fewer officials or lower it.",
    )
