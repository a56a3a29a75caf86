"""The chain 123 → 129 → 321 over a nation, all verdicts stored, against the same written by hand (floor.py).

usage: bench_chain.py [HOUSEHOLDS] [--turns N] [--memory 7GB] [--threads 2] [--nation FOLDER]

HOUSEHOLDS is 3,000,000 without the argument; 30,000,000 are a nation of 105 million persons. Both sides run by turns,
each in a process of its own, over the same Parquet files, and write all verdicts as Parquet. Ours is the product's own
path: the pack is read and checked, the rules are compiled to SQL, one pass a level (what differs from the city's pack
stands in nation.py). Reading the pack and compiling count. ``cpu_ratio`` is the same in CPU seconds of both processes:
on a busy machine it says more. The kernel's count of the most memory a process held is ``peak_gb``.

Afterwards both folders are compared: of each level, item and overall, the number of subjects met, not met and unknown,
and the sum of their ids. One difference fails the benchmark.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from harness import HERE, Measured, python, report, say, workplace

LEVELS = {"household": "household_exit", "village": "village_exit", "county": "county_exit"}
"""Level → standard."""

ITEMS = {  # the floor's column → the item
    "household": {name: name for name in ("income", "food", "clothing", "water", "medical", "housing")},
    "village": {name: name for name in ("incidence", "industry", *(f"work_{each}" for each in range(1, 10)))},
    "county": {
        "incidence": "incidence", "missed": "missed_rate", "wrong_exit": "wrong_exit_rate",
        "satisfied": "satisfaction", "growth": "income_growth", "services": "services",
    },
}  # fmt: skip
TRUTH = "CASE WHEN {0} THEN 2 WHEN NOT {0} THEN 0 ELSE 1 END"
EDUCATION = "CASE WHEN education_na THEN 3 WHEN education THEN 2 WHEN NOT education THEN 0 ELSE 1 END"


def judge(nation: Path, out: Path, threads: int, memory: str) -> None:
    """Our side, in a process of its own; prints JSON."""
    from nation import CATALOGUE, DAY, KEYS, pack, relations
    from tuopin.core.engine import Engine
    from tuopin.core.standards import chain

    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    passes = chain.plan(pack(), KEYS, CATALOGUE, DAY)
    planned = time.perf_counter() - began
    with Engine(threads=threads, memory=memory, spill=out / "spill", ordered=False) as engine:
        chain.run(passes, engine, relations(engine, nation), out)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"seconds": seconds, "planned": planned, "peak_gb": peak}))


def ours(nation: Path, out: Path, options: argparse.Namespace) -> dict[str, float]:
    done = python(out, __file__, "--judge", nation, out, options.threads, options.memory)
    found: dict[str, float] = json.loads(done.stdout)
    return found | {"cpu": done.cpu_seconds}


def floor(nation: Path, out: Path, options: argparse.Namespace) -> dict[str, float]:
    done: Measured = python(out, HERE / "floor.py", nation, out, str(options.threads), options.memory)
    total = re.search(r"total ([\d.]+) s, peak ([\d.]+) GB", done.stdout.decode())
    if total is None:
        raise ValueError("floor.py has not said how long it took")
    return {"seconds": float(total[1]), "peak_gb": float(total[2]), "cpu": done.cpu_seconds}


def compare(ours_at: Path, floor_at: Path) -> int:
    """Numbers that differ between the two sides; said on stderr."""
    from tuopin.core.engine import Engine

    wrong = 0
    with Engine() as engine:
        for level, standard in LEVELS.items():
            mine, theirs = f"'{ours_at}/verdict_{standard}.parquet'", f"'{floor_at}/{level}_verdict.parquet'"
            pairs = [(item, TRUTH.format(column)) for column, item in ITEMS[level].items()]
            pairs += [("overall", TRUTH.format("overall"))] + (
                [("education", EDUCATION)] if level == "household" else []
            )
            for item, coded in pairs:
                counted = "SELECT v, count(*), sum(i) FROM (SELECT {} AS v, {} AS i FROM {}) GROUP BY v ORDER BY v"
                found = engine.rows(counted.format(f'"{item}"', "id", mine))
                expected = engine.rows(counted.format(coded, f"{level}_id", theirs))
                if found != expected:
                    wrong += 1
                    say(f"{level} {item}: {found} against the floor's {expected}")
                elif item == "overall":
                    say(f"{level}: {[row[:2] for row in found]} (0 not met, 1 unknown, 2 met)")
    return wrong


def main() -> int:
    if sys.argv[1:2] == ["--judge"]:
        judge(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("households", nargs="?", type=int, default=3_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="7GB")
    parser.add_argument("--nation", type=Path, help="a folder with the nation made already, or to keep it in")
    options = parser.parse_args()
    with workplace() as place:
        nation = options.nation or place / "nation"
        if not (nation / "county.parquet").exists():
            say(f"making {options.households:,} households")
            python(place, HERE / "make_nation.py", str(options.households), nation)
        mine, theirs = [], []
        for _ in range(options.turns):
            with tempfile.TemporaryDirectory(dir=place) as folder:
                out = Path(folder)
                mine.append(ours(nation, out / "ours", options))
                theirs.append(floor(nation, out / "floor", options))
                say(f"ours {mine[-1]}, floor {theirs[-1]}")
                if len(mine) == 1 and compare(out / "ours", out / "floor"):
                    return 1
    report(
        {
            "chain_seconds": statistics.median(one["seconds"] for one in mine),
            "floor_seconds": statistics.median(one["seconds"] for one in theirs),
            "ratio": statistics.median(a["seconds"] / b["seconds"] for a, b in zip(mine, theirs, strict=True)),
            "cpu_ratio": statistics.median(a["cpu"] / b["cpu"] for a, b in zip(mine, theirs, strict=True)),
            "microseconds_a_household": statistics.median(one["seconds"] for one in mine) / options.households * 1e6,
            "peak_gb": max(one["peak_gb"] for one in mine),
            "floor_peak_gb": max(one["peak_gb"] for one in theirs),
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
