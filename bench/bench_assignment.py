"""A plan of helpers: 20,000 households in 600 villages, 4,000 officials of 400 units.

usage: bench_assignment.py [--quick]     (--quick: 3,000 households, 90 villages, 600 officials)

Households are as offices have them: three of five have a helper, mostly of the one or two units that serve their
village, one in twenty of a unit from anywhere; officials take 1 to 8. ``plan_seconds``: from the task to the plan,
whoever has which household; ``gap_percent``: proven; ``scratch_…``: the same where nobody helps yet; ``scattered_…``:
where every household has a helper, from anywhere in the city.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace

from harness import report, say
from tuopin.core.assignment import Household, Official, Task, solve

SIZES = {"whole": (20_000, 600, 4_000, 400), "quick": (3_000, 90, 600, 60)}


def city(size: str, helped: float) -> Task:
    """The task; townships of 12 villages, counties of 10 townships, units in townships."""
    households, villages, people, units = SIZES[size]
    draw = random.Random(1)
    township = [village // 12 for village in range(villages)]
    towns = [draw.randrange(max(township) + 1) for _ in range(units)]
    names = [f"v{village:04d}" for village in range(villages)]
    officials = tuple(
        Official(f"o{at:05d}", f"u{at * units // people:04d}", f"p{at * units // people:04d}", 1, 8)
        for at in range(people)
    )
    distances = {
        f"p{unit:04d}": {
            name: 1 if township[at] == town else 2 if township[at] // 10 == town // 10 else 3
            for at, name in enumerate(names)
        }
        for unit, town in enumerate(towns)
    }
    serving: dict[int, list[int]] = {}
    rows = []
    for at in range(households):
        village, current = draw.randrange(villages), ""
        if draw.random() < helped:
            if village not in serving:
                near = [unit for unit, town in enumerate(towns) if town == township[village]]
                near = near or [unit for unit, town in enumerate(towns) if town // 10 == township[village] // 10]
                serving[village] = [draw.choice(near or range(units)) for _ in range(2)]
            unit = draw.randrange(units) if draw.random() < 0.05 else draw.choice(serving[village])
            current = officials[unit * (people // units) + draw.randrange(people // units)].key
        rows.append(Household(f"h{at:06d}", names[village], current))
    return Task(tuple(rows), officials, distances)


def scattered(task: Task) -> Task:
    """The same with a helper for everybody, whoever it is."""
    draw = random.Random(2)
    who = [each.key for each in task.officials]
    return replace(task, households=tuple(replace(each, current=draw.choice(who)) for each in task.households))


def main() -> None:
    size = "quick" if "--quick" in sys.argv else "whole"
    figures = {}
    for name, helped in (("", 0.6), ("scratch_", 0.0), ("scattered_", 0.0)):
        task = city(size, helped)
        if name == "scattered_":
            task = scattered(task)
        began, cpu = time.perf_counter(), time.process_time()
        found = solve(task)
        figures[f"{name}plan_seconds"] = time.perf_counter() - began
        figures[f"{name}cpu_seconds"] = time.process_time() - cpu
        figures[f"{name}gap_percent"] = found.gap / 100
        figures[f"{name}left"] = float(len(found.left))
        say(f"{found.parts}; cost {found.cost:,}, bound {found.bound:,}")
    report(figures)


if __name__ == "__main__":
    main()
