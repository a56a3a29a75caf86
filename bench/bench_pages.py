"""Pages on a register of 1,000,000 households in SQLite, with stored verdicts: milliseconds a page.

usage: bench_pages.py [--quick]     (--quick: 20,000 households)

The server's own time is that of one request through all of the product's middleware, in one process without a
network; ``http`` is the same from outside, signed in, one after the other. Households are drawn by a fixed seed and
none is asked for twice.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time

from harness import HERE, Site, python, report, say, tuopin, workplace

DAY = "2018-12-01"
WARM, ASKED = 20, 200


def drawn(households: int) -> list[str]:
    """Addresses of household pages; the first ``WARM`` are not measured."""
    numbers = random.Random(1).sample(range(1, households + 1), WARM + ASKED)
    return [f"/households/99{number:012d}/" for number in numbers]


def inside(households: int) -> None:
    """Ask for the pages in this process and print the milliseconds (wall clock and CPU) of each as JSON."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    django.setup()
    from django.test import Client

    from tuopin.platform.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="bench"))
    found: list[tuple[float, float]] = []
    for address in drawn(households):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get(address)
        found.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
    print(json.dumps(found[WARM:]))


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        inside(int(sys.argv[2]))
        return
    households = 20_000 if "--quick" in sys.argv[1:] else 1_000_000
    with workplace() as folder:
        home = folder / "home"
        say(f"filling: {python(home, HERE / 'fill_register.py', str(households)).seconds:.0f} s")
        check = tuopin(home, "check", "household_exit", "--on", DAY)
        with Site(home) as site:
            addresses = drawn(households)
            waits = [site.get(address) for address in addresses][WARM:]
            fronts = [site.get("/") for _ in range(20)]
        times = json.loads(python(home, HERE / "bench_pages.py", "--inside", str(households)).stdout)
    report(
        {
            "household_ms": statistics.median(wall for wall, _cpu in times),
            "household_ms_95": statistics.quantiles((wall for wall, _cpu in times), n=20)[-1],
            "household_cpu_ms": statistics.median(cpu for _wall, cpu in times),
            "household_http_ms": statistics.median(waits),
            "first_page_http_ms": statistics.median(fronts),
            "check_seconds": check.seconds,
            "check_peak_mb": check.peak_mb,
        }
    )


if __name__ == "__main__":
    main()
