"""Where nobody answers, and who was visited: 300,000 households, 20,000 officials, 3,000,000 visits.

usage: bench_gaps_duties.py [--quick] [--sqlite]     (--quick: 20,000 households)

PostgreSQL by script/postgres.py, or SQLite. ``report_seconds``: the gap report of the whole city by role, help plans,
projects, nodes and headquarters with it, as its page asks for it; ``by_hand_seconds``: the households without a live
helper by county, written by hand, in the same process; ``coverage_seconds``: duties to visit of the city on the same
day. Least of five. ``differences`` must be 0: the report's households against the hand-written query. ``figures`` is a
number made of all figures: the same on both databases. ``…_cpu_seconds``: of this process and, in PostgreSQL, of the
process behind the connection; on a busy machine they say more than the clock.
"""

from __future__ import annotations

import json
import time
import zlib
from typing import Any

from either import bare, cpu_seconds, on_either, process_behind
from harness import say

DAY = "2018-12-20"


def fill(households: int) -> None:
    """Households, officials, helpers for 95 % of them, who answers for each area, ten visits a household by its helper,
    some absences."""
    from django.db import connection

    import fill_register
    from fill_register import Fill, below, draw
    from tuopin.duties import models as d
    from tuopin.platform import database
    from tuopin.platform.prepare import prepare
    from tuopin.register import models as m

    prepare()
    fill_register.import_areas(households)
    people = max(households // 15, 20)
    rows = Fill(households)
    block = {
        "year": "2018", "as_of": rows.day, "source": "'national_export'", "row": "1", "recorded_at": rows.stamp(),
    }  # fmt: skip
    yes, no = ("true", "false") if rows.is_postgresql else ("1", "0")
    with connection.constraint_checks_disabled(), database.write(), connection.cursor() as cursor:
        sheet = fill_register.sheets()
        rows.prepare()
        cursor.execute(
            "create temporary table fill_village as select row_number() over (order by code) - 1 as pos, area_id "
            "from register_area_version where level = 'village'"
        )
        fill_register.fill_households(rows, block, sheet)
        cursor.execute(f"create temporary table fill_official as {rows.series('n', people)} select i from n")
        city = m.AreaVersion.objects.get(level="city").area_id
        rows.insert(d.Official, "fill_official", {"id": "i", "name": "'干部' || i", "area_id": str(city)})
        who = f"1 + {draw('i', 61)} % {people}"
        rows.insert(
            d.Assignment, f"fill_household where {below('i', 60, 0.95)}",
            {"id": "i", "official_id": who, "role": "'helper'", "household_id": "i", "name": "'干部'",
             "since_known": yes, "by_hand": no,
             "valid_from": rows.days_before("400"),
             "valid_to": f"case when {below('i', 62, 0.01)} then {rows.days_before('1')} end"},
        )  # fmt: skip
        areas = "register_area_version where level in ('village', 'township', 'county', 'city') and valid_to is null"
        rows.insert(
            d.Assignment, areas,
            {"id": f"{households} + id", "official_id": f"1 + {draw('id', 65)} % {people}",
             "role": "'first_responsible'", "area_id": "area_id", "name": "'干部'", "since_known": yes, "by_hand": no,
             "valid_from": rows.days_before("400")},
        )  # fmt: skip
        rows.insert(
            d.Absence, f"fill_official where {below('i', 63, 0.02)}",
            {"official_id": "i", "kind": "'sick'", "document": "'假条'", "valid_from": rows.days_before("30")},
        )  # fmt: skip
        cursor.execute(
            "create temporary table fill_visit as select (r.household_id - 1) * 10 + v.k as w, r.household_id as i,"
            f" v.k as k, r.area_id as area_id, {draw('r.household_id', 61)} % {people} + 1 as who"
            f" from register_residence r cross join ({rows.series('n', 10)} select i as k from n) v order by 1"
        )
        stamp = rows.stamp()
        since = rows.days_before(f"k * 90 - {draw('w', 64)} % 90").replace(fill_register.DAY, DAY)
        with bare(d.Visit, d.VisitBy, d.VisitLast):
            rows.insert(
                d.Visit, "fill_visit",
                {"id": "w", "number": "w", "version": "1", "household_id": "i", "area_id": "area_id", "day": since,
                 "sort": "'visit'", "outcome": "'met'", "origin": "'page'", "recorded_at": stamp, "actor": "'x'"},
            )  # fmt: skip
            rows.insert(
                d.VisitBy, "fill_visit",
                {"id": "w", "visit_id": "w", "official_id": "who", "household_id": "i", "area_id": "area_id",
                 "day": since, "counts": yes},
            )  # fmt: skip
            cursor.execute(
                "insert into duties_visit_last (official_id, household_id, day)"
                " select official_id, household_id, max(day) from duties_visit_by group by 1, 2"
            )
        database.bump_data_version()
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if rows.is_postgresql else "analyze")


BY_HAND = f"""
select county.code, count(*) from register_residence r
join register_area_version v on v.area_id = r.area_id and v.valid_to is null
join register_area_version county on county.level = 'county' and county.valid_to is null
  and county.path = substr(v.path, 1, length(county.path))
where r.valid_to is null and r.household_id not in (
  select a.household_id from duties_assignment a where a.role = 'helper' and a.valid_from <= '{DAY}'
    and (a.valid_to is null or a.valid_to > '{DAY}') and a.official_id not in (
      select official_id from duties_absence where kind in ('seconded', 'sick') and valid_from <= '{DAY}'
        and (valid_to is null or valid_to > '{DAY}')))
group by 1"""


def measure(households: int) -> dict[str, float]:
    import datetime

    from django.db import connection

    from tuopin.duties.assigning import gaps
    from tuopin.duties.visits import coverage
    from tuopin.platform.access import local_admin
    from tuopin.register.models import AreaVersion

    fill(households)
    day = datetime.date.fromisoformat(DAY)
    city = AreaVersion.objects.get(level="city")

    def by_hand() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND)
            return dict(cursor.fetchall())

    times: dict[str, list[float]] = {}
    behind = process_behind(connection)

    def timed(name: str, act: Any) -> Any:
        began, cpu = time.perf_counter(), cpu_seconds(behind)
        found = act()
        times.setdefault(f"{name}_seconds", []).append(time.perf_counter() - began)
        times.setdefault(f"{name}_cpu_seconds", []).append(cpu_seconds(behind) - cpu)
        return found

    for _ in range(5):
        rows = timed("report", lambda: gaps.report(local_admin(), city, day))
        hand = timed("by_hand", by_hand)
        seen = timed("coverage", lambda: coverage.report(local_admin(), city, day))
    found = {row.area.code: row.roles["helper"].missing for row in rows if row.area.level == "county"}
    figures = [
        [[row.area.code, *((held.missing, held.needed) for held in row.roles.values())] for row in rows],
        {key: [each.done, each.due, each.overdue, each.excused, each.unknown] for key, each in seen.total.items()},
    ]
    say(f"{sum(found.values()):,} households without a live helper; {figures[1]}")
    differences = sum(found.get(code) != count for code, count in hand.items()) + len(found.keys() - hand.keys())
    return {
        **{key: min(values) for key, values in times.items()},
        "ratio": min(times["report_seconds"]) / min(times["by_hand_seconds"]),
        "differences": float(differences),
        "figures": float(zlib.crc32(json.dumps(figures, default=str).encode())),
    }


if __name__ == "__main__":
    on_either(measure, (300_000,), (20_000,))
