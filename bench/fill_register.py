"""Fill an empty register with N invented households by plain SQL, without workbooks: a large register in a minute.

usage: TUOPIN_HOME=… [DATABASE_URL=…] fill_register.py HOUSEHOLDS

About 3.5 persons a household, 33 households a village. Every block of facts, status and membership is there, blanks
and failures in the shares of ``make_nation.py``. Values are arithmetic of the row's number, so that SQLite and
PostgreSQL get the same register. All as of 2018-12-01.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from django.db import models

HOUSEHOLDS_A_VILLAGE = 33
DAY = "2018-12-01"
PRIME = 1_000_003


def draw(number: str, salt: int) -> str:
    """SQL of an integer in [0, PRIME) that looks random in ``number``; different salts are independent enough."""
    return f"(({number} * {number} * {salt} + {number} * {7919 * salt + 15485863} + {104729 * salt}) % {PRIME})"


def below(number: str, salt: int, share: float) -> str:
    """SQL condition that holds for ``share`` of the numbers."""
    return f"({draw(number, salt)} < {round(share * PRIME)})"


def mostly(number: str, salt: int, share: float, value: str) -> str:
    """SQL of ``value``, unknown (NULL) for all but ``share`` of the numbers."""
    return f"case when {below(number, salt, share)} then {value} end"


class Fill:
    """The statements for one database. ``n``: households; ids of households are 1 … n, of persons 6 * household + k."""

    def __init__(self, households: int) -> None:
        from django.db import connection

        self.connection = connection
        self.n = households
        self.is_postgresql = connection.vendor == "postgresql"

    def padded(self, number: str, width: int) -> str:
        text = f"cast({number} as text)"
        return f"lpad({text}, {width}, '0')" if self.is_postgresql else f"printf('%0{width}d', {number})"

    def days_before(self, days: str) -> str:
        if self.is_postgresql:
            return f"(date '{DAY}' - cast({days} as integer))"
        return f"date('{DAY}', '-' || ({days}) || ' days')"

    @property
    def day(self) -> str:
        return f"date '{DAY}'" if self.is_postgresql else f"'{DAY}'"

    def stamp(self) -> str:
        return f"timestamptz '{DAY} 00:00:00+00'" if self.is_postgresql else f"'{DAY} 00:00:00'"

    def series(self, name: str, count: int) -> str:
        """A CTE with column i = 1 … count."""
        one = "cast(1 as bigint)" if self.is_postgresql else "1"
        return f"with recursive {name}(i) as (select {one} union all select i + 1 from {name} where i < {count})"

    def prepare(self) -> None:
        """Temporary tables of households (i, size) and persons (i, p, k)."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"create temporary table fill_household as {self.series('n', self.n)} "
                f"select i, 1 + {draw('i', 1)} % 6 as size from n"
            )
            cursor.execute(
                f"create temporary table fill_person as {self.series('m', 6)} "
                "select h.i as i, h.i * 6 + m.i - 1 as p, m.i as k from fill_household h join m on m.i <= h.size "
                "order by 2"
            )

    def insert(self, model: type[models.Model], source: str, values: dict[str, str]) -> None:
        """Fill one table from ``source``; columns not named are NULL where they may be, else blank."""
        from django.db import models as m

        columns, chosen = [], []
        for field in model._meta.concrete_fields:
            value = values.get(field.column)
            if value is None and (field.null or field.primary_key):
                continue
            if value is None and isinstance(field, m.CharField):
                value = "''"
            elif value is None and isinstance(field, m.JSONField):
                value = "'{}'::jsonb" if self.is_postgresql else "'{}'"
            if value is None:
                raise ValueError(f"{model._meta.db_table}.{field.column} needs a value")
            columns.append(f'"{field.column}"')
            chosen.append(value)
        began = time.perf_counter()
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"insert into {model._meta.db_table} ({', '.join(columns)}) select {', '.join(chosen)} from {source}"
            )
        print(f"  {model._meta.db_table} {time.perf_counter() - began:.1f} s", file=sys.stderr)


def import_areas(households: int) -> None:
    """Take in the divisions through the importer, as a user would."""
    from make_county_workbook import PERSONS_A_COUNTY
    from tuopin.platform.access import local_admin
    from tuopin.register.demo import areas, workbooks
    from tuopin.register.importing.services import import_paths

    villages = -(-households // HOUSEHOLDS_A_VILLAGE)
    townships = -(-villages // 12)
    counties = min(70, townships, -(-households * 7 // 2 // PERSONS_A_COUNTY))
    layout = areas.lay_out(1, counties=counties, townships=townships, villages=villages, households=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, workbooks.DIVISIONS)
        workbooks.write_divisions(path, layout)
        import_paths(local_admin(), [path])


def sheets() -> dict[str, int]:
    """A record of an import and one sheet for each kind that has every column; returns kind -> sheet id."""
    from datetime import UTC, date, datetime

    from tuopin.platform.catalogue import workbook_kinds
    from tuopin.register.models import Import, Sheet

    moment = datetime(2018, 12, 1, tzinfo=UTC)
    run = Import.objects.create(
        started_at=moment, finished_at=moment, actor="bench", as_of=date(2018, 12, 1), year=2018, digest=""
    )
    made = {}
    for kind in workbook_kinds().values():
        columns = [field.name for field in kind.fields]
        sheet = Sheet.objects.create(
            run=run, file=f"{kind.name}.csv", file_digest="", name=kind.name, kind=kind.name, header_row=1,
            headers=columns, columns=columns, rows=0,
        )  # fmt: skip
        made[kind.name] = sheet.pk
    return made


def fill_households(fill: Fill, block: dict[str, str], sheet: dict[str, int]) -> None:
    from tuopin.register import models as m

    fill.insert(m.Household, "fill_household", {"id": "i", "code": f"'99' || {fill.padded('i', 12)}"})
    period = {"valid_from": fill.day}
    where = f"fill_household h join fill_village v on v.pos = (h.i - 1) / {HOUSEHOLDS_A_VILLAGE}"
    group = "(1 + i % 8) || '组'"
    fill.insert(m.Residence, where, period | {"household_id": "i", "area_id": "area_id", "group_name": group})
    status = (
        f"case when {below('i', 2, 0.9)} then 'exited' when {below('i', 2, 0.97)} then 'registered' else 'returned' end"
    )
    axis = {"household_id": "i", "axis": "'registration'", "value": status}
    fill.insert(m.StatusPeriod, "fill_household", period | axis)
    own = block | {"household_id": "i", "sheet_id": str(sheet["household_person"])}
    profile = {"head_name": "'户主' || i", "category": "'ordinary'", "main_cause": "'illness'", "exit_year": "2017"}
    fill.insert(m.HouseholdProfile, "fill_household", own | profile)
    living = {
        "arable_land": f"{draw('i', 3)} % 1500",
        "water_safe": mostly("i", 4, 0.99, below("i", 5, 0.98)),
        "dangerous_house": mostly("i", 6, 0.99, below("i", 7, 0.02)),
        "has_power": below("i", 8, 2),
    }
    fill.insert(m.HouseholdLiving, "fill_household", own | living)
    income = {
        "wage": mostly("i", 9, 0.995, f"size * (150000 + {draw('i', 10)})"),
        "business": f"size * ({draw('i', 11)} / 4)",
        "property": f"{draw('i', 12)} % 50000",
        "transfer": f"size * ({draw('i', 13)} % 150000)",
        "business_cost": f"size * ({draw('i', 11)} / 8)",
    }
    fill.insert(m.HouseholdIncome, "fill_household", own | income)
    check = {
        "food": mostly("i", 14, 0.997, below("i", 15, 0.995)),
        "clothing": mostly("i", 16, 0.997, below("i", 17, 0.995)),
    }
    fill.insert(m.HouseholdCheck, "fill_household", own | check | {"sheet_id": str(sheet["household_check"])})


def fill_people(fill: Fill, block: dict[str, str], sheet: dict[str, int]) -> None:
    from tuopin.register import models as m

    fill.insert(m.Person, "fill_person", {"id": "p", "code": f"'99' || {fill.padded('p', 14)}"})
    no = "false" if fill.is_postgresql else "0"
    membership = {"person_id": "p", "household_id": "i", "valid_from": fill.day, "confirmed_on": fill.day}
    fill.insert(m.Membership, "fill_person", membership | {"since_known": no})
    own = block | {"person_id": "p", "sheet_id": str(sheet["household_person"])}
    identity = {
        "name": "'人' || p",
        "sex": f"case when {below('p', 20, 0.52)} then 'male' else 'female' end",
        "birth_date": mostly("p", 21, 0.998, fill.days_before(f"30 + {draw('p', 22)} % 31000")),
        "id_number": f"'99' || {fill.padded('p', 16)}",
        "id_sound": no,
    }
    fill.insert(m.PersonIdentity, "fill_person", own | identity)
    pupil = f"{draw('p', 22)} % 31000 < 6570"
    condition = {
        "relation": "case when k = 1 then 'head' when k = 2 then 'spouse' else 'son' end",
        "study": f"case when {pupil} and {below('p', 23, 0.99)} then 'primary' end",
        "education": f"case when not ({pupil}) or {below('p', 23, 0.995)} then 'junior' end",
        "health": f"case when {below('p', 24, 0.75)} then 'healthy' else 'chronic' end",
        "labour": "'ordinary'",
        "resident_insurance": mostly("p", 25, 0.998, below("p", 26, 0.998)),
        "employee_insurance": mostly("p", 27, 0.9, below("p", 28, 0.02)),
    }
    fill.insert(m.PersonCondition, "fill_person", own | condition)


def fill_villages(fill: Fill, block: dict[str, str], sheet: dict[str, int]) -> None:
    from tuopin.register import models as m

    works = {f"work_{k}": f"case when {below('pos', 40 + k, 0.99)} then 'yes' else 'no' end" for k in range(1, 10)}
    facts = {
        "area_id": "area_id",
        "sheet_id": str(sheet["village"]),
        "poor_village": below("pos", 30, 0.4),
        "household_total": f"300 + {draw('pos', 31)} % 300",
        "population": f"900 + {draw('pos', 32)} % 2000",
        "industries": f"{draw('pos', 33)} % 4",
        "collective_income": f"{draw('pos', 34)} * 10",
    }
    fill.insert(m.VillageCondition, "fill_village", block | facts | works)


def fill_register(households: int) -> None:
    """Fill the register of this TUOPIN_HOME or DATABASE_URL. Raises SystemExit unless it is empty."""
    from django.core.management.color import no_style
    from django.db import connection

    from tuopin.platform import database
    from tuopin.platform.prepare import prepare
    from tuopin.register import cards
    from tuopin.register import models as m

    prepare()
    if m.Household.objects.exists():
        raise SystemExit("the register is not empty")
    import_areas(households)
    fill = Fill(households)
    block = {
        "year": "2018", "as_of": fill.day, "source": "'national_export'", "row": "1", "recorded_at": fill.stamp(),
    }  # fmt: skip
    with connection.constraint_checks_disabled(), database.write():
        sheet = sheets()
        fill.prepare()
        with connection.cursor() as cursor:
            cursor.execute(
                "create temporary table fill_village as select row_number() over (order by code) - 1 as pos, area_id "
                "from register_area_version where level = 'village'"
            )
        fill_households(fill, block, sheet)
        fill_people(fill, block, sheet)
        fill_villages(fill, block, sheet)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [m.Household, m.Person]):
                cursor.execute(statement)
        database.bump_data_version()
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    began = time.perf_counter()
    cards.refresh_all()
    print(f"  cards {time.perf_counter() - began:.1f} s", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if fill.is_postgresql else "analyze")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    django.setup()
    began = time.perf_counter()
    fill_register(int(sys.argv[1]))
    print(f"{sys.argv[1]} households in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
