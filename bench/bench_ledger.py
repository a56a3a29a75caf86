"""A rectification ledger of 10,000 rows: taken in, again unchanged, again with a third changed, and taken back.

usage: bench_ledger.py [--quick] [--sqlite]     (--quick: 1,000 rows)

PostgreSQL by script/postgres.py, or SQLite. Six counties of bench_tick with 20 departments each, 10 villages in each
township; every row names a county, a township, a village, a household by its code, a lead, a unit and a person. A
quarter is closed. ``…_seconds`` are of the whole import, reading the workbook (CSV) in its child process included;
``…_cpu_seconds`` of this process and its children, in PostgreSQL also of the one behind the connection. ``wrong`` must
be 0: problems, entries, subjects and states against the rows.
"""

from __future__ import annotations

import csv
import datetime
import os
import time
from pathlib import Path
from typing import Any

from bench_tick import offices
from either import cpu_seconds, on_either, process_behind

DAY = datetime.date(2018, 6, 11)
HEADS = ["编号", "来源", "问题描述", "县", "乡镇", "村", "涉及乡村户", "牵头单位", "责任单位", "责任人", "整改措施",
         "时限", "进展", "佐证材料", "验收人", "销号日期", "回头看结果"]  # fmt: skip
SOURCES = ["审计", "暗访", "省委巡视", "大排查", "成效考核"]


def fill(count: int) -> None:
    """Villages under the townships of bench_tick, and a household a row."""
    from tuopin.platform import database
    from tuopin.platform.prepare import prepare
    from tuopin.register.models import Area, AreaVersion, Household

    prepare()
    offices()
    begin, villages = datetime.date(2014, 1, 1), []
    for town in AreaVersion.objects.filter(level="township"):
        for number in range(10):
            one = Area.objects.create()
            AreaVersion.objects.create(
                area=one, code=f"{town.code[:9]}{number + 1:03d}", name=f"第{len(villages)}村", level="village",
                parent_id=town.area_id, path=f"{town.path}{one.pk:08d}", valid_from=begin,
            )  # fmt: skip
            villages.append(one.pk)
    with database.write():
        first = database.reserve_ids(Household, count)
        homes = [(first + each, villages[each % len(villages)]) for each in range(count)]
        database.bulk_insert("register_household", ["id", "code"], ((key, f"H{key:012d}") for key, _area in homes))
        database.bulk_insert(
            "register_residence", ["household_id", "area_id", "valid_from", "group_name"],
            ((*each, begin, "") for each in homes),
        )  # fmt: skip


def write(path: Path, count: int, changed: int = 0) -> None:
    """The ledger; every third row says something new where ``changed``."""
    from tuopin.register.models import AreaVersion, Household

    areas = {each.area_id: each for each in AreaVersion.objects.all()}
    villages = []
    for each in (row for row in areas.values() if row.level == "village"):
        town = areas[each.parent_id or 0]
        villages.append((each.name, town.name, areas[town.parent_id or 0].name))
    codes = list(Household.objects.order_by("pk").values_list("code", flat=True)[:count])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        for at in range(count):
            village, town, county = villages[at % len(villages)]
            closed = ["2018-05-02", "属实"] if at % 4 == 0 else ["", ""]
            said = "已整改" if changed and at % 3 == 0 else "正在整改"
            writer.writerow(
                [f"{at + 1}", SOURCES[at % 5], f"第{at}号问题：补助未发。详见清单。", county, town, village, codes[at],
                 "县政府", f"县部门{at % 20}", "干部", "限期补发", f"2018-{7 + at % 5:02d}-15", said, "发放表",
                 "赵主任", *closed]
            )  # fmt: skip


def measure(count: int) -> dict[str, float]:
    from django.db import connection

    from tuopin.orders.models import LedgerEntry, Matter, MatterSubject
    from tuopin.platform.access import local_admin
    from tuopin.register.importing.services import import_paths
    from tuopin.register.importing.undo import undo_import

    fill(count)
    first, second = Path(os.environ["TUOPIN_HOME"], "a.csv"), Path(os.environ["TUOPIN_HOME"], "b.csv")
    write(first, count)
    write(second, count, changed=1)
    behind, actor = process_behind(connection), local_admin()
    found: dict[str, float] = {}

    def timed(name: str, work: Any) -> Any:
        children = os.times()
        began, cpu = time.perf_counter(), cpu_seconds(behind)
        done = work()
        found[f"{name}_seconds"] = time.perf_counter() - began
        after = os.times()
        spent = after.children_user + after.children_system - children.children_user - children.children_system
        found[f"{name}_cpu_seconds"] = cpu_seconds(behind) - cpu + spent
        return done

    timed("import", lambda: import_paths(actor, [first], as_of=DAY))
    wrong = abs(Matter.objects.count() - count) + abs(LedgerEntry.objects.count() - count)
    wrong += abs(MatterSubject.objects.filter(household__isnull=False).count() - count)
    wrong += abs(Matter.objects.filter(state="final").count() - (count + 3) // 4)
    wrong += Matter.objects.filter(holder=None).count() + Matter.objects.filter(official=None).count()
    timed("again", lambda: import_paths(actor, [first], as_of=DAY))
    wrong += Matter.objects.exclude(version=1).count()
    last = timed("change", lambda: import_paths(actor, [second], as_of=DAY))
    wrong += abs(Matter.objects.filter(version=2).count() - (count + 2) // 3)
    timed("undo", lambda: undo_import(actor, last.import_id))
    wrong += Matter.objects.exclude(version=1).count()
    return found | {"wrong": float(wrong)}


if __name__ == "__main__":
    on_either(measure, (10_000,), (1_000,))
