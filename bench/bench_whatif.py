"""A poverty line that is moved, over 300,000 households in SQLite: milliseconds an answer at the server.

usage: bench_whatif.py [--quick]     (--quick: 20,000 households)

``line_ms`` is the part of the page that htmx exchanges, through all of the product's middleware in one process without
a network; ``http`` the same from outside, signed in, one after the other. Lines are drawn by a fixed seed, in steps of
a fen, and none is asked for twice. ``floor_ms`` is one pass of hand-written SQL in the set engine over the same
incomes, already in its memory: how long the households and persons under a line, and the money missing, take without
anything sorted before. ``compare_seconds`` judges the register twice (two lines) and writes down who changes.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time

from harness import HERE, Site, python, report, say, workplace

DAY = "2018-12-01"
WARM, ASKED = 5, 200


def drawn() -> list[str]:
    """Lines in yuan, from 500 to 12,000."""
    return [
        f"{number // 100}.{number % 100:02d}"
        for number in random.Random(1).sample(range(50_000, 1_200_000), WARM + ASKED)
    ]


def inside() -> None:
    """Prepare, ask and time in this process; prints JSON."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    django.setup()
    import datetime

    from django.test import Client

    from tuopin.platform.access import local_admin
    from tuopin.platform.models import User
    from tuopin.register.place import top_areas
    from tuopin.standards.comparing import distribution, files, services
    from tuopin.standards.comparing.sides import Side

    actor, day = local_admin(), datetime.date.fromisoformat(DAY)
    area = top_areas(actor)[0]
    side = Side("national", "household_exit", day)
    began = time.perf_counter()
    services.prepare_line(actor, area.code, side)
    found = {"prepare_seconds": time.perf_counter() - began}
    began = time.perf_counter()
    other = Side("national", "household_exit", day, (("poverty_line", "3300"),))
    services.compare(actor, services.Asked(area.code, side, other), files.temporary())
    found["compare_seconds"] = time.perf_counter() - began
    path = distribution.file_of(area.area_id, side)
    found["file_mb"] = path.stat().st_size / 2**20
    client = Client(headers={"host": "localhost", "hx-request": "true", "hx-target": "line-result"})
    client.force_login(User.objects.get(username="bench"))
    address = f"/standards/compare/line/?area={area.code}&pack=national&standard=household_exit&day={DAY}&line="
    times: list[tuple[float, float]] = []
    for line in drawn():
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get(address + line)
        times.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
        if answer.status_code != 200 or b"what-if-incomes" not in answer.content:
            raise RuntimeError(f"{line}: {answer.status_code}")
    found["first_ms"] = times[0][0]
    walls = [wall for wall, _cpu in times[WARM:]]
    found |= {
        "line_ms": statistics.median(walls),
        "line_ms_95": statistics.quantiles(walls, n=20)[-1],
        "line_cpu_ms": statistics.median(cpu for _wall, cpu in times[WARM:]),
        "floor_ms": floor(path),
        "address": address,  # type: ignore[dict-item]  # for the run over HTTP
    }
    print(json.dumps(found))


def floor(path: object) -> float:
    """Milliseconds of a pass over the same incomes in the set engine."""
    import pyarrow as pa

    from tuopin.core.engine import Engine
    from tuopin.standards.comparing.distribution import _read, _runs

    header, columns = _read(path)  # type: ignore[arg-type]  # a path
    rows = [
        (value, key[1], persons) for key, run in _runs(header, *columns) for value, persons, _area in run if key[1] > 0
    ]
    names = ("n", "d", "w")
    table = pa.table(
        {name: pa.array(values, pa.int64()) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    )
    times = []
    with Engine() as engine:
        engine.load("incomes", table.to_reader())
        for line in drawn():
            fen = int(line.replace(".", ""))
            began = time.perf_counter()
            engine.rows(
                "SELECT d, count(*), sum(w), sum(w * n) FROM incomes"
                f" WHERE n::HUGEINT * 100 <= {fen}::HUGEINT * d GROUP BY d"
            )
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[WARM:])


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        inside()
        return
    households = 20_000 if "--quick" in sys.argv[1:] else 300_000
    with workplace() as folder:
        home = folder / "home"
        say(f"filling: {python(home, HERE / 'fill_register.py', str(households)).seconds:.0f} s")
        with Site(home) as site:
            found = json.loads(python(home, HERE / "bench_whatif.py", "--inside").stdout)
            address = found.pop("address")
            waits = [site.get(address + line) for line in drawn()][WARM:]
    report(
        found
        | {"line_http_ms_95": statistics.quantiles(waits, n=20)[-1], "ratio": found["line_ms"] / found["floor_ms"]}
    )


if __name__ == "__main__":
    main()
