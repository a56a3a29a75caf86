"""Cost of a row when 1,000,000 rows come in one CSV, against 100,000."""

from __future__ import annotations

import json
import subprocess

from make_county_workbook import write
from measure import TUOPIN, empty_home, timed

SMALL, LARGE = 100_000, 1_000_000


def seconds_and_peak(rows: int) -> tuple[float, float]:
    with empty_home() as folder:
        write(rows, folder / "set", as_csv=True)
        subprocess.run([TUOPIN, "user", "list"], stdout=subprocess.DEVNULL, check=True)
        return timed(TUOPIN, "import", folder / "set", "--json")


def main() -> None:
    small, _ = seconds_and_peak(SMALL)
    large, peak = seconds_and_peak(LARGE)
    ratio = (large / LARGE) / (small / SMALL)
    print(json.dumps({"small_seconds": small, "large_seconds": large, "row_ratio": ratio, "large_peak_mb": peak}))


if __name__ == "__main__":
    main()
