"""Plans of helpers: bounds hold, everybody is covered or it is said why, the bound is below every plan there is."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuopin.core.assignment import (
    Household,
    Official,
    Parts,
    Solution,
    Task,
    Weights,
    evaluate,
    gap_of,
    patterns,
    share,
    solve,
)
from tuopin.core.assignment.network import Network
from tuopin.core.assignment.patterns import Patterns, Units


@st.composite
def tasks(draw: st.DrawFn, most: int = 6) -> Task:
    """Small tasks, with officials who are excluded, places out of reach, bounds that cannot be kept."""
    villages = draw(st.integers(1, 3))
    officials = tuple(
        Official(
            f"o{at}", f"u{draw(st.integers(0, 2))}", f"p{draw(st.integers(0, 1))}", low, low + draw(st.integers(0, 3))
        )
        for at, low in enumerate(draw(st.lists(st.integers(0, 2), min_size=1, max_size=3)))
    )
    keys = st.sampled_from([each.key for each in officials])
    households = tuple(
        Household(
            f"h{at}", f"v{draw(st.integers(0, villages - 1))}", draw(st.one_of(st.just(""), st.just("gone"), keys)),
            draw(st.frozensets(keys, max_size=1)),
        )
        for at in range(draw(st.integers(1, most)))
    )  # fmt: skip
    distances = {
        f"p{place}": {f"v{at}": draw(st.integers(0, 3)) for at in range(villages) if draw(st.integers(0, 5))}
        for place in range(2)
    }
    weights = Weights(*(draw(st.integers(0, 7)) for _ in range(4)))
    return Task(households, officials, distances, weights)


def allowed(task: Task, household: Household, official: Official) -> bool:
    return official.key not in household.excluded and household.village in task.distances[official.place]


def rank(task: Task, parts: Parts) -> tuple[int, int, int]:
    return parts.left, parts.short, parts.cost(task.weights)


def fits(task: Task, assigned: dict[str, str]) -> bool:
    loads = [sum(each == official.key for each in assigned.values()) for official in task.officials]
    return all(load <= official.maximum for load, official in zip(loads, task.officials, strict=True))


def best_of_all(task: Task) -> tuple[int, int, int]:
    """Every plan there is."""
    choices = [
        [None, *(each.key for each in task.officials if allowed(task, household, each))]
        for household in task.households
    ]
    found = []
    for chosen in itertools.product(*choices):
        assigned = {each.key: who for each, who in zip(task.households, chosen, strict=True) if who is not None}
        if fits(task, assigned):
            found.append(rank(task, evaluate(task, assigned)))
    return min(found)


def greedy(task: Task) -> dict[str, str]:
    """Each household in turn stays, or goes to whoever is nearest and not full."""
    loads = dict.fromkeys((each.key for each in task.officials), 0)
    assigned = {}
    for household in task.households:
        able = [each for each in task.officials if allowed(task, household, each) and loads[each.key] < each.maximum]
        able.sort(
            key=lambda each: (each.key != household.current, task.distances[each.place][household.village], each.key)
        )
        if able:
            assigned[household.key] = able[0].key
            loads[able[0].key] += 1
    return assigned


def sound(task: Task, found: Solution) -> None:
    """What holds of every plan."""
    officials = {each.key: each for each in task.officials}
    for household in task.households:
        who = found.assigned.get(household.key)
        assert (who is None) == (household.key in found.left)
        assert who is None or allowed(task, household, officials[who])
    assert fits(task, dict(found.assigned))
    assert found.parts == evaluate(task, found.assigned)
    assert found.cost == found.parts.cost(task.weights)
    assert 0 <= found.bound <= found.cost
    assert bool(found.shortages) == bool(found.left or found.parts.short)


@settings(max_examples=60, deadline=None)
@given(tasks())
def test_against_every_plan_there_is(task: Task) -> None:
    found = solve(task)
    sound(task, found)
    left, short, cost = best_of_all(task)
    assert (found.parts.left, found.parts.short) == (left, short)
    assert found.bound <= cost <= found.cost
    assert found.gap <= 100


@settings(max_examples=25, deadline=None)
@given(tasks(most=14))
def test_never_dearer_than_one_after_the_other(task: Task) -> None:
    found = solve(task)
    sound(task, found)
    assert rank(task, found.parts) <= rank(task, evaluate(task, greedy(task)))


@settings(max_examples=15, deadline=None)
@given(tasks(most=12), st.randoms(use_true_random=False))
def test_the_same_plan_in_whatever_order(task: Task, order: random.Random) -> None:
    households, officials = list(task.households), list(task.officials)
    order.shuffle(households)
    order.shuffle(officials)
    again = solve(Task(tuple(households), tuple(officials), task.distances, task.weights))
    assert again == solve(task)


def city(households: int = 600) -> Task:
    """Too many pairs of unit and village to decide all at once."""
    draw = random.Random(7)
    villages = [f"v{at:03d}" for at in range(60)]
    officials = tuple(Official(f"o{at:03d}", f"u{at // 3:02d}", f"p{at // 3:02d}", 1, 6) for at in range(150))
    distances = {
        f"p{unit:02d}": {each: 1 + (at // 12 != unit // 10) for at, each in enumerate(villages)} for unit in range(50)
    }
    rows = []
    for at in range(households):
        village = draw.randrange(60)
        current = f"o{(village * 2 + draw.randrange(3)) % 150:03d}" if draw.random() < 0.6 else ""
        rows.append(Household(f"h{at:04d}", villages[village], current))
    return Task(tuple(rows), officials, distances)


def test_a_city_is_planned_within_a_proven_gap() -> None:
    task = city()
    found = solve(task)
    sound(task, found)
    assert (found.parts.left, found.parts.short) == (0, 0)
    assert found.gap <= 300
    assert rank(task, found.parts) < rank(task, evaluate(task, greedy(task)))
    assert solve(task) == found


def test_too_few_helpers_is_said_in_words() -> None:
    households = tuple(Household(f"h{at}", "v1" if at < 5 else "v2") for at in range(7))
    officials = (Official("a", "u", "p", 0, 2), Official("b", "u", "q", 0, 9))
    found = solve(Task(households, officials, {"p": {"v1": 0}, "q": {"v2": 0}}))
    assert len(found.left) == 3
    assert [each.zh for each in found.shortages] == [
        "上限不够：1 个村（v1）共 5 户，能帮这些户的 1 名干部合计上限 2 户，还差 3 户。请增加干部或提高上限。"
    ]


def test_too_many_helpers_is_said_in_words() -> None:
    households = tuple(Household(f"h{at}", "v") for at in range(3))
    officials = tuple(Official(f"o{at}", "u", "p", 2, 4) for at in range(2))
    found = solve(Task(households, officials, {"p": {"v": 0}}))
    assert found.parts.short == 1
    assert "下限过高：1 名干部达不到下限，共差 1 户" in found.shortages[0].zh


def test_nobody_to_choose_from() -> None:
    found = solve(Task((Household("h", "v"),), (), {}))
    assert (found.left, found.cost, found.gap) == (("h",), 0, 0)
    assert "1 户无人帮扶" in found.shortages[0].zh
    assert solve(Task((), (), {})).shortages == ()


def test_a_team_shares_evenly() -> None:
    households = tuple(Household(f"h{at}", f"v{at % 2}") for at in range(9))
    officials = tuple(Official(f"o{at}", "u", "p", 0, 9) for at in range(3))
    found = solve(Task(households, officials, {"p": {"v0": 0, "v1": 0}}))
    loads = [list(found.assigned.values()).count(each.key) for each in officials]
    assert loads == [3, 3, 3]


@pytest.mark.parametrize("wrong", [(0, -1), (3, 2), (0, 10**9)])
def test_bounds_that_contradict_themselves(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        Task((), (Official("a", "u", "p", *wrong),), {})
    with pytest.raises(ValueError):
        Task((Household("h", "v"), Household("h", "v")), (), {})


def test_the_gap_is_rounded_up() -> None:
    assert [gap_of(*each) for each in ((0, 0), (10_000, 10_000), (10_000, 9_999), (3, 2))] == [0, 0, 1, 3334]


@given(tasks(most=5), st.lists(st.floats(-3, 12), min_size=6, max_size=6))
@settings(max_examples=60, deadline=None)
def test_units_at_any_prices_lie_below_every_plan(task: Task, prices: list[float]) -> None:
    left, _short, cost = best_of_all(task)
    if left:
        return  # their bound is for tasks in which everybody is covered
    network = Network(task, dict.fromkeys((each.key for each in task.officials), share(task)))
    network.build()
    network.bound()
    duals = np.array(network.solver.getSolution().row_dual)
    units, sources = Units(network, duals), len(network.sources)
    assert units.best(np.array((prices * sources)[:sources]))[0] + network.constant <= cost + 1e-6
    found = Patterns(units, np.array((prices * sources)[:sources]))
    found.price()
    assert found.bound + network.constant <= cost + 1e-6


@pytest.mark.parametrize("seed", range(16))
def test_units_whose_officials_hold_too_many_lie_below_every_plan(seed: int) -> None:
    draw = random.Random(seed)
    officials = tuple(Official(f"o{at}", f"u{at}", f"p{at % 2}", 0, draw.randrange(2, 7)) for at in range(3))
    households = tuple(
        Household(f"h{at}", f"v{draw.randrange(2)}", "o0" if draw.random() < 0.8 else "o1") for at in range(6)
    )
    distances = {f"p{place}": {f"v{at}": draw.randrange(3) for at in range(2)} for place in range(2)}
    task = Task(
        households, officials, distances, Weights(draw.randrange(2, 8), draw.randrange(3), 1, draw.randrange(4))
    )
    left, _short, cost = best_of_all(task)
    assert not left
    network = Network(task, dict.fromkeys((each.key for each in task.officials), share(task)))
    network.build()
    network.bound()
    duals = np.array(network.solver.getSolution().row_dual)
    found = Patterns(Units(network, duals), duals[: len(network.sources)])
    found.price()
    assert found.bound + network.constant <= cost + 1e-6


def test_units_chosen_anew_come_within_one_percent() -> None:
    """Where nobody helps yet the relaxation alone says 3 %."""
    task = city()
    task = replace(task, households=tuple(replace(each, current="") for each in task.households))
    network = Network(task, dict.fromkeys((each.key for each in task.officials), share(task)))
    network.build()
    relaxed = network.bound() + network.constant
    found = solve(task)
    sound(task, found)
    assert (found.parts.left, found.parts.short) == (0, 0)
    assert found.bound > relaxed * 1.01
    assert found.gap <= 100
    assert solve(task) == found


def test_units_too_large_are_left_to_the_relaxation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "_CELLS", 10)
    task = city(200)
    task = replace(task, households=tuple(replace(each, current="") for each in task.households))
    sound(task, solve(task))
