"""Runs the benchmarks of the table below and prints medians: ``script/bench [NAME…] [--runs N] [--json FILE]``.

A benchmark is a file of this folder. It prints on stdout one JSON object, measure -> number (unit in the measure's
name: ``import_seconds``, ``peak_mb``, ``ratio``), and whatever else it has to say on stderr. Each run is a process of
its own. Ratios are computed within one run, so that a slow minute of the machine slows both sides.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A file of this folder, what it measures, and the target (measure -> words) that the project set itself."""

    file: str
    measures: str
    targets: dict[str, str]
    runs: int = 3


BENCHMARKS = {
    "import": Benchmark(
        "bench_import.py",
        "100,000 person rows × 48 columns into SQLite against python-calamine alone; ten times more; pages meanwhile",
        {"import_ratio": "≤ 3", "peak_mb": "< 1,500", "row_cost_ratio": "≤ 1.3", "page_ms_max": "≤ 300"},
    ),
    "check": Benchmark(
        "bench_check.py",
        "household_exit for 300,000 households in SQLite, and again with nothing changed",
        {"check_seconds": "< 10", "check_again_seconds": "< 3"},
    ),
    "pages": Benchmark(
        "bench_pages.py",
        "the household page on a register of 1,000,000 households in SQLite",
        {"household_ms": "< 50"},
        runs=1,
    ),
    "load": Benchmark(
        "bench_load.py",
        "50 users on 1,000,000 households in PostgreSQL for two minutes: lists, household page, area page, search",
        {"list_ms_95": "< 300", "household_ms_95": "< 300", "area_ms_95": "< 300", "search_ms_95": "< 300"},
        runs=1,
    ),
    "export": Benchmark(
        "bench_export.py",
        "the list of 300,000 households as CSV over HTTP, and as a workbook against the bare writer; SQLite",
        {"csv_first_byte_seconds": "< 1", "csv_more_mb": "< 100", "xlsx_ratio": "≤ 2"},
    ),
    "match": Benchmark(
        "bench_match.py",
        "a department list of 1,000,000 rows against the persons of 1,000,000 households in SQLite",
        {"match_seconds": "< 60", "peak_mb": "< 1,500"},
        runs=1,
    ),
    "cards": Benchmark(
        "bench_cards.py",
        "1,000 households' cards, both copies with codes, from the register to one PDF; SQLite",
        {"seconds": "< 30"},
    ),
    "gaps": Benchmark(
        "bench_gaps.py",
        "entitled against received: 12 policies over 1,000,000 persons in SQLite, against the same by hand",
        {"ratio": "≤ 1.5", "differences": "0"},
    ),
    "assignment": Benchmark(
        "bench_assignment.py",
        "a plan of helpers: 20,000 households in 600 villages to 4,000 officials",
        {"plan_seconds": "< 60", "gap_percent": "≤ 1", "left": "0"},
        runs=1,
    ),
    "gaps_duties": Benchmark(
        "bench_gaps_duties.py",
        "where nobody answers, and coverage of 3,000,000 visits: 300,000 households in PostgreSQL",
        {"report_seconds": "< 1", "coverage_seconds": "< 1", "differences": "0"},
        runs=1,
    ),
    "tick": Benchmark(
        "bench_tick.py",
        "the clock over 1,000,000 open matters of which 20,000 change, in PostgreSQL",
        {"tick_seconds": "< 5", "wrong": "0"},
        runs=1,
    ),
    "cycle": Benchmark(
        "bench_cycle.py",
        "matters for 100,000 findings, and again with nothing new, in PostgreSQL",
        {"open_seconds": "< 8", "again_seconds": "< 2", "wrong": "0"},
        runs=1,
    ),
    "ledger": Benchmark(
        "bench_ledger.py",
        "a rectification ledger of 10,000 rows into PostgreSQL, again, changed in part, and taken back",
        {"import_seconds": "< 10", "wrong": "0"},
        runs=1,
    ),
    "whatif": Benchmark(
        "bench_whatif.py",
        "another poverty line over 300,000 households in SQLite: the part of the page that is exchanged",
        {"line_ms_95": "< 500"},
    ),
    "seal": Benchmark(
        "bench_seal.py",
        "a seal of 1,000,000 households from PostgreSQL while somebody writes",
        {"seal_seconds": "< 60", "peak_mb": "< 4,000", "write_ms_max": "< 250"},
        runs=1,
    ),
    "chain": Benchmark(
        "bench_chain.py",
        "the chain 123 → 129 → 321 over 3,000,000 households, verdicts as Parquet, against the same by hand",
        {"ratio": "≤ 1.25", "peak_gb": "< 8"},
        runs=1,
    ),
    "county": Benchmark(
        "bench_county.py",
        "one changed county of the nation's 84: judged alone, the levels above added up again",
        {"changed_seconds": "as the county's share of the rows"},
        runs=1,
    ),
    "interpreter": Benchmark(
        "bench_interpreter.py",
        "households judged a second on one core, and with the explanation of what is not met",
        {"explained_a_second": "≥ 100,000"},
    ),
}


def once(benchmark: Benchmark) -> dict[str, float]:
    """One run in a fresh process. Raises CalledProcessError if it fails."""
    done = subprocess.run([sys.executable, HERE / benchmark.file], stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def medians(benchmark: Benchmark, runs: int) -> dict[str, float]:
    """The median of every measure over the runs."""
    results = [once(benchmark) for _ in range(runs)]
    return {measure: statistics.median(result[measure] for result in results) for measure in results[0]}


def machine() -> str:
    """The machine in words, without its name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def main() -> int:
    """Runs what was asked for and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--runs", type=int, help="runs of each; the benchmark's own number without it")
    parser.add_argument("--json", type=Path, help="write the medians here too")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
    print(f"{machine()}\n")
    for name in options.names or BENCHMARKS:
        print(f"- {name}: {BENCHMARKS[name].measures}")
    print("\n| benchmark | measure | median | target |\n|---|---|---|---|", flush=True)
    report = {}
    for name in options.names or BENCHMARKS:
        benchmark = BENCHMARKS[name]
        report[name] = medians(benchmark, options.runs or benchmark.runs)
        for measure, value in report[name].items():
            print(f"| {name} | {measure} | {value:,.3g} | {benchmark.targets.get(measure, '')} |", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "medians": report}, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
