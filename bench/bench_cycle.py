"""Matters for 100,000 findings, and again with nothing new.

usage: bench_cycle.py [--quick] [--sqlite]     (--quick: 10,000 findings)

PostgreSQL by script/postgres.py, or SQLite. Six counties of bench_tick with 10 villages in each township; every finding
is of another household, held by its township's government. ``open_seconds``: rows, texts, subjects, events and audit,
in transactions of 10,000; ``again_seconds``: the same moment again. ``wrong`` must be 0: matters, subjects and events
against the findings filled in. ``…_cpu_seconds``: of this process, in PostgreSQL also of the one behind the connection.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

from bench_tick import at, offices
from either import cpu_seconds, on_either, process_behind

DAY = datetime.date(2018, 6, 11)
ITEMS = ["income", "food", "clothing", "water", "education", "medical", "housing"]
VILLAGES = 10


def fill(count: int) -> tuple[Any, int]:
    """Households with a finding each; returns the city and who issues."""
    from django.db import connection

    from tuopin.platform import database
    from tuopin.platform.prepare import prepare
    from tuopin.register.models import Area, AreaVersion, Household
    from tuopin.standards.models import Evaluation

    prepare()
    with database.write():
        issuer = offices()[0][2]
    begin = datetime.date(2014, 1, 1)
    villages = []
    with database.write():
        for town in AreaVersion.objects.filter(level="township"):
            for number in range(VILLAGES):
                one = Area.objects.create()
                AreaVersion.objects.create(
                    area=one, code=f"{town.code[:9]}{number + 1:03d}", name="村", level="village",
                    parent_id=town.area_id, path=f"{town.path}{one.pk:08d}", valid_from=begin,
                )  # fmt: skip
                villages.append(one.pk)
    run = Evaluation.objects.create(
        standard="household_exit", kind="conditions", level="household", pack="shangqiu-2018", pack_version="1",
        pack_digest="0" * 64, parameter_hash="0" * 64, data_version=1, day=DAY, area=None, actor="bench",
        digest="0" * 64, started_at=at(DAY, 8), finished_at=at(DAY, 8), items=ITEMS, shown=[], draft=[], tally={},
    )  # fmt: skip
    with database.write():
        first = database.reserve_ids(Household, count)
        homes = [(first + each, villages[each % len(villages)]) for each in range(count)]
        database.bulk_insert("register_household", ["id", "code"], ((key, f"H{key:012d}") for key, _area in homes))
        database.bulk_insert(
            "register_residence",
            ["household_id", "area_id", "valid_from", "group_name"],
            ((*each, begin, "") for each in homes),
        )
        database.bulk_insert(
            "standards_finding", ["evaluation_id", "subject_id", "area_id", "item", "verdict"],
            ((run.pk, key, area, ITEMS[each % len(ITEMS)], "not_met") for each, (key, area) in enumerate(homes)),
        )  # fmt: skip
        database.bulk_insert(
            "standards_verdict", ["evaluation_id", "subject_id", "area_id", "letters", "shown"],
            ((run.pk, key, area, "n" + "n" * len(ITEMS), "") for key, area in homes),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if database.is_postgresql() else "analyze")
    return AreaVersion.objects.get(level="city"), issuer


def measure(count: int) -> dict[str, float]:
    from django.db import connection

    from tuopin.cycle import services
    from tuopin.orders.models import Matter, MatterEvent, MatterSubject
    from tuopin.platform.access import local_admin

    city, issuer = fill(count)
    actor, now = local_admin(), at(DAY, 9)
    services.choose(actor, city, [("household_exit", "not_met")], issuer, now)
    behind = process_behind(connection)
    found: dict[str, float] = {}

    def timed(name: str) -> Any:
        began, cpu = time.perf_counter(), cpu_seconds(behind)
        done = services.run(actor, city, now)
        found[f"{name}_seconds"], found[f"{name}_cpu_seconds"] = time.perf_counter() - began, cpu_seconds(behind) - cpu
        return done

    opened, again = timed("open"), timed("again")
    wrong = abs(opened.opened - count) + opened.without_holder + again.opened
    wrong += abs(Matter.objects.filter(state="issued").count() - count) + abs(MatterSubject.objects.count() - count)
    wrong += abs(MatterEvent.objects.count() - 2 * count)
    return found | {"opened": float(opened.opened), "wrong": float(wrong)}


if __name__ == "__main__":
    on_either(measure, (100_000,), (10_000,))
