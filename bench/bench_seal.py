"""A seal of 1,000,000 households from PostgreSQL, while somebody goes on writing: seconds, memory, the longest wait.

usage: bench_seal.py [HOUSEHOLDS | --quick]     (--quick: 50,000)

The server is started by script/postgres.py. The writer changes a household and the data version, commits, and does so
again 20 ms later: ``write_ms_max`` is its longest wait while the seal is made, ``idle_write_ms_max`` over some seconds
before. ``copy_seconds`` is how long the same columns take as COPY from the server alone, one table after the other,
nothing sorted, packed or written: what the reading costs at least.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

import psycopg

from bench_load import TUNED
from harness import HERE, Measured, environment, python, report, say, workplace

sys.path.insert(0, str(HERE.parent / "script"))
import postgres


class Clerk:
    """Writes until stopped; ``slowest`` in milliseconds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._end = threading.Event()
        self.slowest, self.writes = 0.0, 0
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def _write(self) -> None:
        with psycopg.connect(self._url) as own:
            while not self._end.wait(0.02):
                began = time.perf_counter()
                self.writes += 1
                own.execute(
                    "UPDATE register_household_living SET water_safe = NOT water_safe WHERE household_id = %s",
                    [1 + self.writes % 20_000],
                )
                own.execute("UPDATE platform_marker SET number = number + 1 WHERE name = 'data_version'")
                own.commit()
                self.slowest = max(self.slowest, (time.perf_counter() - began) * 1000)

    def stop(self) -> Clerk:
        self._end.set()
        self._thread.join()
        return self


COPY = """
import time, django
django.setup()
from tuopin.platform.arrow import one_state
from tuopin.platform.seals import plan, writing
began = time.perf_counter()
with one_state() as stream:
    for table in plan.tables():
        for batch in stream(writing._select(table)):
            pass
print(time.perf_counter() - began)
"""


def main() -> None:
    given = sys.argv[1:]
    households = 50_000 if "--quick" in given else int(given[0]) if given else 1_000_000
    with workplace() as folder, postgres.server(TUNED) as url:
        env = environment(folder / "home") | {"DATABASE_URL": url}
        env["DJANGO_SETTINGS_MODULE"] = "tuopin.platform.settings"
        fill = [sys.executable, HERE / "fill_register.py", str(households)]
        subprocess.run(fill, env=env, stdout=subprocess.DEVNULL, check=True)
        clerk = Clerk(url)
        time.sleep(5)
        idle = clerk.stop()
        clerk = Clerk(url)
        sealed: Measured = python(folder / "home", "-m", "tuopin.platform.cli", "seal", "--json", extra=env)
        busy = clerk.stop()
        made = json.loads(sealed.stdout)
        checked = python(folder / "home", "-m", "tuopin.platform.cli", "verify-seal", "1", "--json", extra=env)
        copied = python(folder / "home", "-c", COPY, extra=env)
        files = json.loads(checked.stdout)["files"]
        kept = sum(path.stat().st_size for path in (folder / "home" / "seals" / "1" / "identities").rglob("*.enc"))
    say(f"{households:,} households, {made['rows']:,} rows in {files} files; {busy.writes} writes meanwhile")
    report(
        {
            "seal_seconds": sealed.seconds,
            "seal_cpu_seconds": sealed.cpu_seconds,
            "copy_seconds": float(copied.stdout),
            "verify_seconds": checked.seconds,
            "peak_mb": sealed.peak_mb,
            "facts_mb": made["bytes"] / 2**20,
            "identities_mb": kept / 2**20,
            "write_ms_max": busy.slowest,
            "idle_write_ms_max": idle.slowest,
        }
    )


if __name__ == "__main__":
    main()
