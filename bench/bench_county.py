"""One changed county in a nation: that county judged anew and the levels above added up again, against all of them.

usage: bench_county.py [HOUSEHOLDS] [--nation FOLDER] [--all]

HOUSEHOLDS is 3,000,000 without the argument (84 counties of 36,000 households); 30,000,000 are 833. The nation of
make_nation.py is split into files by county, as seals have them. Twelve counties spread over the nation are judged one
after the other (``county_seconds`` is the median), with ``--all`` every one of them. Then one county is changed (every
household there loses its wage), judged again in a process that has just started and added up with the others' stored
sums: ``changed_seconds`` and ``changed_cpu_seconds`` are from the start of planning to the nation's new numbers,
``rows_read`` the rows of that county's files and ``rows_share`` what part of the nation's rows that is. Files of other
counties must be the same to the nanosecond of their last change, or the benchmark fails.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

from harness import HERE, python, report, say, workplace
from nation import CATALOGUE, DAY, KEYS, VIEWS, pack
from tuopin.core.engine import Engine
from tuopin.core.standards import chain
from tuopin.core.standards.parts import add_up, judge_part, judged

HOUSEHOLDS_A_COUNTY = 240 * 150
TABLES = ("person", "household", "village", "county")
COUNTY_OF = {
    "person": f"household_id // {HOUSEHOLDS_A_COUNTY}",
    "household": f"household_id // {HOUSEHOLDS_A_COUNTY}",
    "village": "county_id",
    "county": "county_id",
}


def split(nation: Path, out: Path) -> None:
    """``out/<table>/part=<county>/*.parquet`` of every table."""
    out.mkdir(parents=True)
    with Engine(threads=2, memory="7GB", spill=out / "spill", ordered=False) as engine:
        for table in TABLES:
            engine.run(
                f"split {table}",
                f"COPY (SELECT *, {COUNTY_OF[table]} AS part FROM '{nation / table}.parquet')"
                f" TO '{out / table}' (FORMAT parquet, PARTITION_BY (part))",
            )


def relations(engine: Engine, files: Path, county: int) -> dict[str, str]:
    """The county's files as the rules see them."""
    for table in TABLES:
        engine.view(f"file_{table}", sorted((files / table / f"part={county}").iterdir()))
    for level, select in VIEWS.items():
        engine.name(f"nation_{level}", select.format(**{table: f"file_{table}" for table in TABLES}))
    return {level: f"nation_{level}" for level in VIEWS}


def rows(engine: Engine) -> int:
    """Rows of the files that are under view."""
    return sum(int(engine.one(f"SELECT count(*) FROM file_{table}")[0]) for table in TABLES)


def stamps(verdicts: Path) -> dict[str, int]:
    return {str(path.relative_to(verdicts)): path.stat().st_mtime_ns for path in verdicts.glob("*/*")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("households", nargs="?", type=int, default=3_000_000)
    parser.add_argument("--nation", type=Path, help="a folder with the nation made already, or to keep it in")
    parser.add_argument("--all", action="store_true", help="judge every county, not twelve")
    options = parser.parse_args()
    with workplace() as place:
        nation, files, verdicts = options.nation or place / "nation", place / "files", place / "verdicts"
        if not (nation / "county.parquet").exists():
            say(f"making {options.households:,} households")
            python(place, HERE / "make_nation.py", str(options.households), nation)
        say("splitting it by county")
        split(nation, files)
        counties = sorted(int(path.name.removeprefix("part=")) for path in (files / "county").iterdir())
        whole = len(counties)
        chosen = counties if options.all else counties[:: max(1, whole // 12)][:12]
        passes, taken = chain.plan(pack(), KEYS, CATALOGUE, DAY), []
        with Engine(threads=2, ordered=False) as engine:
            for county in chosen:
                began = time.perf_counter()
                judge_part(passes, engine, relations(engine, files, county), verdicts, str(county))
                taken.append(time.perf_counter() - began)
        before, sums = stamps(verdicts), add_up(verdicts, judged(verdicts))
        changed = chosen[len(chosen) // 2]
        began, cpu = time.perf_counter(), time.process_time()
        passes = chain.plan(pack(), KEYS, CATALOGUE, DAY)
        with Engine(threads=2, ordered=False) as engine:
            found = relations(engine, files, changed)
            engine.name("nation_household", f"SELECT * REPLACE (0 AS wage) FROM ({engine_text(changed, files)})")
            judge_part(passes, engine, found, verdicts, str(changed))
            after = add_up(verdicts, judged(verdicts))
            seconds, used = time.perf_counter() - began, time.process_time() - cpu
            read = rows(engine)
        touched = {path for path, stamp in stamps(verdicts).items() if before.get(path) != stamp}
        if any(not path.startswith(f"{changed}/") for path in touched) or len(touched) != len(KEYS) + 1:
            say(f"touched beside county {changed}: {sorted(touched)}")
            return 1
        if sum(after.values()) != sum(sums.values()) or after == sums:
            say("the nation's sums do not show the change")
            return 1
        with Engine() as engine:
            rows_of_all = sum(
                int(engine.one(f"SELECT count(*) FROM '{nation / table}.parquet'")[0]) for table in TABLES
            )
    report(
        {
            "counties": whole,
            "county_seconds": statistics.median(taken),
            "changed_seconds": seconds,
            "changed_cpu_seconds": used,
            "rows_read": read,
            "rows_share": read / rows_of_all,
        }
    )
    return 0


def engine_text(county: int, files: Path) -> str:
    """The household view's own text, so that a change can stand over it."""
    source = f"read_parquet('{files / 'household' / f'part={county}'}/*.parquet')"
    return VIEWS["household"].format(household=source)


if __name__ == "__main__":
    sys.exit(main())
