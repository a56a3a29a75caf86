"""``check household_exit`` on 300,000 households in SQLite, from the command to stored verdicts, and once again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from measure import TUOPIN, empty_home, timed

HOUSEHOLDS = 300_000
COMMAND = (TUOPIN, "check", "household_exit", "--on", "2018-12-01", "--pack", "shangqiu-2018")


def main() -> None:
    with empty_home():
        fill = Path(__file__).with_name("fill_register.py")
        subprocess.run([sys.executable, fill, str(HOUSEHOLDS)], stdout=sys.stderr, check=True)
        first, peak = timed(*COMMAND)
        again, _ = timed(*COMMAND)
    print(json.dumps({"check_seconds": first, "again_seconds": again, "peak_mb": peak}))


if __name__ == "__main__":
    main()
