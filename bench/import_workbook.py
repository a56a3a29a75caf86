"""100,000 person rows × 48 columns (.xlsx) into SQLite, against the time python-calamine alone needs to read them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from make_county_workbook import write
from measure import TUOPIN, empty_home, timed

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 100_000
READ = """
import sys, time
from python_calamine import CalamineWorkbook
began = time.perf_counter()
rows = sum(1 for _ in CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python())
print(time.perf_counter() - began)
"""


def read_alone(path: Path) -> float:
    """Seconds that the reader needs for the workbook, in a process of its own, its start not counted."""
    done = subprocess.run([sys.executable, "-c", READ, path], stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    with empty_home() as folder:
        write(ROWS, folder / "set")
        people = next((folder / "set").glob("*.xlsx"))
        subprocess.run(
            [TUOPIN, "user", "list"], stdout=subprocess.DEVNULL, check=True
        )  # the empty database is not timed
        read = read_alone(people)
        seconds, peak = timed(TUOPIN, "import", folder / "set", "--json")
    print(json.dumps({"read_seconds": read, "import_seconds": seconds, "ratio": seconds / read, "peak_mb": peak}))


if __name__ == "__main__":
    main()
