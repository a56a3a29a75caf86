"""The clock stops for officials who fall sick on one day: 20,000 of them, responsible for 300,000 open matters.

usage: bench_absences.py [--quick] [--sqlite]     (--quick: 1,000 officials, 15,000 matters)

PostgreSQL by script/postgres.py, or SQLite; organisations as in bench_tick.py. ``stop_seconds``: rows, events,
messages, audit; ``idle_seconds``: the same moment again. ``wrong`` must be 0: rows and events against what was filled
in. ``stop_cpu_seconds``: of this process, and in PostgreSQL of the process behind the connection.
"""

from __future__ import annotations

import datetime
import time
from typing import TYPE_CHECKING, Any

from bench_tick import MONDAY, NOW, at, offices
from either import bare, cpu_seconds, on_either, process_behind
from harness import say

if TYPE_CHECKING:
    from collections.abc import Iterator


def fill(people: int, count: int) -> None:
    """Matters of officials who are all away since today."""
    from django.db import connection

    from tuopin.duties.models import Absence, Official
    from tuopin.orders import limits
    from tuopin.orders.models import Matter
    from tuopin.platform import database
    from tuopin.platform.prepare import prepare

    prepare()
    held = offices()
    officials = Official.objects.bulk_create((Official(name="干部") for _ in range(people)), batch_size=1000)
    away = (Absence(official=each, kind="sick", valid_from=NOW, valid_to=None) for each in officials)
    Absence.objects.bulk_create(away, batch_size=1000)
    fields = [field for field in Matter._meta.concrete_fields if field.column != "id"]
    names = [field.attname for field in fields]
    patterns = [
        Matter(
            kind="problem", state="received", urgency="ordinary", source="audit", category="housing", title="问题",
            opened_at=at(MONDAY, 9), issued_at=at(MONDAY, 9), changed_at=at(MONDAY, 9),
            limit_at=at(NOW + datetime.timedelta(days=day)),
        )
        for day in range(20, 80)
    ]  # fmt: skip
    for each in patterns:
        each.next_at = limits.look_again(each, at(MONDAY, 10))

    def rows() -> Iterator[list[Any]]:
        for number in range(count):
            row = patterns[number % len(patterns)]
            row.holder_id, row.area_id, row.issuer_id = held[number % len(held)]
            row.official_id = officials[number % people].pk
            yield [getattr(row, name) for name in names]

    with connection.constraint_checks_disabled(), database.write(), bare(Matter):
        database.bulk_insert("orders_matter", [field.column for field in fields], rows())
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if database.is_postgresql() else "analyze")


def measure(people: int, count: int) -> dict[str, float]:
    from django.db import connection

    from tuopin.orders.clock import absences
    from tuopin.orders.models import Matter, MatterEvent
    from tuopin.platform.access import system

    fill(people, count)
    say(f"{count} matters of {people} officials")
    behind = process_behind(connection)
    found: dict[str, float] = {}
    stopped = []
    for name in ("stop", "idle"):
        began, cpu = time.perf_counter(), cpu_seconds(behind)
        stopped.append(absences.stop(system(), at(NOW, 8))[0])
        found[f"{name}_seconds"], found[f"{name}_cpu_seconds"] = time.perf_counter() - began, cpu_seconds(behind) - cpu
    wrong = abs(stopped[0] - count) + stopped[1]
    wrong += abs(MatterEvent.objects.filter(act=absences.STOPPED).count() - count)
    wrong += Matter.objects.filter(stopped_until=None).count()
    return found | {"stopped": float(stopped[0]), "wrong": float(wrong)}


if __name__ == "__main__":
    on_either(measure, (20_000, 300_000), (1_000, 15_000))
