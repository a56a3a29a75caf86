"""A small tree of areas with households, written straight into the tables; and what stands there, row by row."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import connection

from tuopin.platform.access import Actor, local_admin
from tuopin.register import cards
from tuopin.register.areas import EVER, WIDTH
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.events.areas.services import Outcome, record
from tuopin.register.models import Area, AreaVersion, Household, Residence

EARLY = datetime.date(2015, 1, 1)
DAY = datetime.date(2020, 3, 1)
TABLES = (
    "register_area", "register_area_version", "register_residence", "register_designation",
    "register_village_condition", "register_data_issue", "register_household_card", "platform_grant",
)  # fmt: skip


def add(code: str, name: str, level: str, parent: AreaVersion | None = None) -> AreaVersion:
    area = Area.objects.create()
    path = (parent.path if parent else "") + f"{area.pk:0{WIDTH}d}"
    return AreaVersion.objects.create(
        area=area, code=code, name=name, level=level, parent_id=parent.area_id if parent else None, path=path,
        valid_from=datetime.date.fromisoformat(EVER),
    )  # fmt: skip


def plant(villages: int = 3, households: int = 4) -> dict[str, AreaVersion]:
    """A city of counties A and B with townships A1, A2, B1 and villages A1-1 …, each with two groups; by code."""
    made: dict[str, AreaVersion] = {}
    made["city"] = add("99", "示范市", "city")
    for county, townships in (("A", ("A1", "A2")), ("B", ("B1",))):
        made[county] = add(county, f"{county}县", "county", made["city"])
        for township in townships:
            made[township] = add(township, f"{township}乡", "township", made[county])
            for at in range(1, villages + 1):
                code = f"{township}-{at}"
                made[code] = add(code, f"{township}第{at}村", "village", made[township])
                settle(made[code], households)
    cards.refresh_all()
    return made


def settle(village: AreaVersion, count: int, since: datetime.date = EARLY) -> list[Household]:
    made = []
    for at in range(count):
        household = Household.objects.create(code=f"{village.code}-{at}-{since:%y%m}")
        group = "一组" if at % 2 == 0 else "二组"
        Residence.objects.create(household=household, area_id=village.area_id, group_name=group, valid_from=since)
        made.append(household)
    return made


def rows() -> dict[str, list[Any]]:
    """Every row of the tables that changes of areas may touch."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


def line(kind: str, old: str, code: str = "", **more: Any) -> Line:
    return Line(kind, more.pop("day", DAY), old, code, **more)


def happen(*lines: Line, actor: Actor | None = None, dry_run: bool = False, **more: Any) -> Outcome:
    given = Given(tuple(lines), more.pop("document", "民函〔2020〕3号"), **more)
    return record(actor or local_admin(), given, dry_run=dry_run)


def now(code: str) -> AreaVersion:
    return AreaVersion.objects.get(code=code, valid_to=None)


def on(code: str, day: datetime.date) -> AreaVersion:
    from tuopin.register.selectors import on_day

    return AreaVersion.objects.get(on_day(day), code=code)


def lived(day: datetime.date) -> dict[str, int]:
    """How many households live in each village on a day, by the village's code of that day."""
    from collections import Counter

    from tuopin.register.selectors import on_day

    codes = dict(AreaVersion.objects.filter(on_day(day)).values_list("area_id", "code"))
    return dict(
        Counter(codes[each] for each in Residence.objects.filter(on_day(day)).values_list("area_id", flat=True))
    )
