"""Import of a county's workbook into SQLite: time against python-calamine alone, memory, cost a row, pages meanwhile.

usage: bench_import.py [--quick]     (--quick: a tenth of the rows)

The divisions are taken in beforehand, so that the database exists; then one command imports the workbook with all its
rows new. The reader's own time is measured in the same run: opening the workbook and taking every row.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import make_county_workbook
from harness import Measured, Site, environment, python, report, say, tuopin, workplace

if TYPE_CHECKING:
    from pathlib import Path

READ = (
    "import sys, time; from python_calamine import CalamineWorkbook; t = time.perf_counter(); "
    "n = sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows()); "
    "print(time.perf_counter() - t)"
)
DAY = ("--as-of", "2018-12-01")


def import_rows(folder: Path, persons: int, *, as_csv: bool) -> tuple[Measured, Path]:
    """Import ``persons`` rows into a data folder of their own; returns what it took, and the file."""
    divisions, file = make_county_workbook.write(persons, folder, as_csv=as_csv)
    home = folder / "home"
    tuopin(home, "import", divisions)
    took = tuopin(home, "import", file, *DAY, "--json")
    say(f"{persons:,} rows {file.suffix}: {took.seconds:.1f} s ({took.cpu_seconds:.1f} s CPU), {took.peak_mb:,.0f} MB")
    return took, file


def pages_meanwhile(folder: Path, file: Path) -> list[float]:
    """Milliseconds that the first page took, asked for again and again while ``file`` is imported."""
    home = folder / "home-pages"
    tuopin(home, "import", file.with_name("divisions.csv"))
    found: list[float] = []
    with Site(home) as site:
        site.get("/")
        command = [sys.executable, "-m", "tuopin.platform.cli", "import", str(file), *DAY]
        child = subprocess.Popen(command, env=environment(home), stdout=subprocess.DEVNULL)
        pause = threading.Event()
        while child.poll() is None:
            found.append(site.get("/"))
            pause.wait(0.05)
    if child.returncode:
        raise RuntimeError("the import failed")
    return found


def main() -> None:
    persons = 10_000 if "--quick" in sys.argv[1:] else 100_000
    with workplace() as folder:
        took, workbook = import_rows(folder / "xlsx", persons, as_csv=False)
        reader = float(python(folder, "-c", READ, workbook).stdout)
        few, _ = import_rows(folder / "few", persons, as_csv=True)
        many, _ = import_rows(folder / "many", persons * 10, as_csv=True)
        waits = pages_meanwhile(folder / "xlsx", workbook)
    report(
        {
            "calamine_seconds": reader,
            "import_seconds": took.seconds,
            "import_ratio": took.seconds / reader,
            "peak_mb": max(took.peak_mb, few.peak_mb),
            "csv_seconds": few.seconds,
            "csv_tenfold_seconds": many.seconds,
            "csv_tenfold_peak_mb": many.peak_mb,
            "row_cost_ratio": many.seconds / (10 * few.seconds),
            "page_ms_median": statistics.median(waits),
            "page_ms_95": statistics.quantiles(waits, n=20)[-1],
            "page_ms_max": max(waits),
        }
    )


if __name__ == "__main__":
    main()
