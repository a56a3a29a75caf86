"""``tuopin check household_exit`` on a register of 300,000 households in SQLite: first run, and again unchanged.

usage: bench_check.py [--quick]     (--quick: 20,000 households)

Time is that of the whole command, from its start to stored verdicts and the report on stdout.
"""

from __future__ import annotations

import sys

from harness import HERE, python, report, say, tuopin, workplace

COMMAND = ("check", "household_exit", "--on", "2018-12-01")


def main() -> None:
    households = 20_000 if "--quick" in sys.argv[1:] else 300_000
    with workplace() as folder:
        home = folder / "home"
        say(f"filling: {python(home, HERE / 'fill_register.py', str(households)).seconds:.0f} s")
        first = tuopin(home, *COMMAND)
        again = tuopin(home, *COMMAND)
        as_json = tuopin(home, *COMMAND, "--json")
        village = tuopin(home, "check", "village_exit", "--on", "2018-12-01")
    report(
        {
            "check_seconds": first.seconds,
            "check_cpu_seconds": first.cpu_seconds,
            "check_again_seconds": again.seconds,
            "check_again_cpu_seconds": again.cpu_seconds,
            "check_again_json_seconds": as_json.seconds,
            "village_exit_seconds": village.seconds,
            "peak_mb": first.peak_mb,
        }
    )


if __name__ == "__main__":
    main()
