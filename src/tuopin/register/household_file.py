"""All rows of one household, loaded once for a page: its panels, its time line and its explanation share them.

One query a table, however many members there are. The caller has checked the household's grants; classes of fields
are left out where rows become text (``record``, ``panels``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, cast

from django.db import connection
from django.utils import timezone

from .models import (
    FactBlock,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdMonitoring,
    HouseholdProfile,
    HouseholdWater,
    HouseholdWorks,
    Membership,
    PersonCondition,
    PersonIdentity,
    Residence,
    Sheet,
    StatusPeriod,
)
from .selectors import RESIDENCES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import Field

    from .selectors import Placed

OF_HOUSEHOLD: Mapping[str, type[FactBlock]] = {
    "household_profile": HouseholdProfile,
    "household_income": HouseholdIncome,
    "household_living": HouseholdLiving,
    "household_check": HouseholdCheck,
    "household_water": HouseholdWater,
    "household_works": HouseholdWorks,
    "household_monitoring": HouseholdMonitoring,
}
LEDGERS = ("household_check", "household_water", "household_works", "household_monitoring")
"""Small tables of households, read together."""
_SHARED = ("id", "year", "as_of", "source", "sheet_id", "row", "recorded_at", "unreadable", "overrides")
type Blocks = dict[str, dict[int, list[FactBlock]]]
"""Table → subject → its rows, the oldest first."""

OF_PERSON: Mapping[str, type[FactBlock]] = {"person_identity": PersonIdentity, "person_condition": PersonCondition}

_KEY = "register.household_file"


@dataclass(frozen=True, slots=True)
class HouseholdFile:
    """``blocks``: table → subject → rows that are not superseded, the oldest first. Periods are those of all time.
    ``home_id`` is the village where it lives now."""

    household_id: int
    code: str
    home_id: int
    day: date
    blocks: Mapping[str, Mapping[int, list[FactBlock]]]
    residences: list[Residence]
    statuses: list[StatusPeriod]
    memberships: list[Membership]
    sheets: Mapping[int, Sheet]

    def is_resident(self) -> bool:
        """Whether it lives on the register on the day."""
        return any(_holds(each, self.day) for each in self.residences)

    @property
    def village_id(self) -> int:
        """The village where it lived on the day: an evaluation judges by that one's facts."""
        return next((each.area_id for each in self.residences if _holds(each, self.day)), self.home_id)

    def newest(self, table: str, subject_id: int) -> FactBlock | None:
        """The row that counts on the day."""
        rows = [row for row in self.blocks[table].get(subject_id, ()) if row.as_of <= self.day]
        return rows[-1] if rows else None

    def newest_rows(self, table: str) -> dict[int, FactBlock]:
        """The rows that count on the day, by subject; of persons only those who are members that day."""
        subjects = [each.person_id for each in self.members()] if table in OF_PERSON else [self.household_id]
        found = {subject: self.newest(table, subject) for subject in subjects}
        return {subject: row for subject, row in found.items() if row is not None}

    def members(self) -> list[Membership]:
        """The memberships of the day, in the order in which the persons came."""
        listed = [each for each in self.memberships if _holds(each, self.day)]
        return sorted(listed, key=lambda each: each.person_id)

    def status(self) -> dict[str, str]:
        """The place on each axis on the day."""
        return {each.axis: each.value for each in self.statuses if _holds(each, self.day)}

    @property
    def profile(self) -> HouseholdProfile | None:
        return cast("HouseholdProfile | None", self.newest("household_profile", self.household_id))

    @property
    def income(self) -> HouseholdIncome | None:
        return cast("HouseholdIncome | None", self.newest("household_income", self.household_id))

    @property
    def living(self) -> HouseholdLiving | None:
        return cast("HouseholdLiving | None", self.newest("household_living", self.household_id))

    @property
    def check(self) -> HouseholdCheck | None:
        return cast("HouseholdCheck | None", self.newest("household_check", self.household_id))

    def identity(self, person_id: int) -> PersonIdentity | None:
        """Who a person is on the day; whoever left before is known by the last row."""
        return cast("PersonIdentity | None", self.newest("person_identity", person_id))


def _holds(period: Membership | Residence | StatusPeriod, day: date) -> bool:
    return period.valid_from <= day and (period.valid_to is None or period.valid_to > day)


def file_of(placed: Placed, day: date | None = None) -> HouseholdFile:
    """The rows of a household, read once for the page that holds ``placed``; ``day`` None = the page's, else today."""
    held = placed.memo.get(_KEY)
    if not isinstance(held, HouseholdFile) or (day is not None and held.day != day):
        held = placed.memo[_KEY] = _load(placed, day or timezone.localdate())
    return held


def with_blocks(file: HouseholdFile, models: Mapping[str, type[FactBlock]]) -> HouseholdFile:
    """The file with further tables of the household, those that it does not hold yet."""
    missing = {name: model for name, model in models.items() if name not in file.blocks}
    return replace(file, blocks={**file.blocks, **_together(missing, "household_id", [file.household_id])})


def _load(placed: Placed, day: date) -> HouseholdFile:
    key = placed.household.pk
    memberships = list(
        Membership.objects.filter(household_id=key).select_related("person").order_by("valid_from", "person_id")
    )
    people = {each.person_id for each in memberships}
    blocks = dict(_together(OF_HOUSEHOLD, "household_id", [key]))
    blocks |= _together(OF_PERSON, "person_id", people)
    listed = [row for subjects in blocks.values() for rows in subjects.values() for row in rows]
    numbers = {row.sheet_id for row in listed if row.sheet_id is not None}
    sheets = Sheet.objects.filter(pk__in=numbers).defer("headers").in_bulk()
    for row in listed:
        row.sheet = sheets.get(row.sheet_id) if row.sheet_id is not None else None
    statuses = list(StatusPeriod.objects.filter(household_id=key).order_by("valid_from", "id"))
    return HouseholdFile(
        key,
        placed.household.code,
        placed.village.area_id,
        day,
        blocks,
        placed.memo.get(RESIDENCES, []),
        statuses,
        memberships,
        sheets,
    )


def ledger_rows(keys: Collection[int]) -> Blocks:
    """The rows of households in all ledgers that are not superseded, the oldest first: ledger → household → rows.
    One query."""
    return _together({name: OF_HOUSEHOLD[name] for name in LEDGERS}, "household_id", keys)


def _together(models: Mapping[str, type[FactBlock]], subject: str, keys: Collection[int]) -> Blocks:
    """The rows of some tables that are not superseded, the oldest first: table → subject → rows.

    One query, its text made once: putting it together by the ORM took a quarter of the household page's time.
    """
    found: Blocks = {table: {} for table in models}
    if not keys or not models:
        return found
    names = tuple(models)
    statement = _statement(tuple(models.items()), subject, connection.alias, connection.vendor)
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(statement.text.replace("{keys}", marks), sorted(keys) * len(names))
        rows = cursor.fetchall()
    for at, *values in rows:
        table, columns = names[at], statement.columns[at]
        row = models[table](
            **{each.name: each.read(value) for each, value in zip(columns, values, strict=True) if each is not None}
        )
        found[table].setdefault(int(getattr(row, subject)), []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a table, and how the database's value becomes the field's."""

    name: str
    field: Field[object, object]

    def read(self, value: object) -> object:
        column = self.field.cached_col
        for convert in (*connection.ops.get_db_converters(column), *self.field.get_db_converters(connection)):
            value = convert(value, column, connection)
        return value


@dataclass(frozen=True, slots=True)
class _Statement:
    """The statement over several tables; of each the columns in its order, None where it has none of that name."""

    text: str
    columns: tuple[tuple[_Column | None, ...], ...]


@cache
def _statement(models: tuple[tuple[str, type[FactBlock]], ...], subject: str, alias: str, vendor: str) -> _Statement:  # noqa: ARG001 - types differ by database
    """A column that a table has not is NULL in its rows. ``{keys}`` stands for the marks of the subjects' ids."""
    shared_names = (subject, *_SHARED)
    fields = {name: {field.attname: field for field in model._meta.concrete_fields} for name, model in models}
    own = [(name, each) for name, _ in models for each in fields[name] if each not in {*shared_names, "superseded_at"}]
    quote = connection.ops.quote_name
    selects, columns = [], []
    for at, (table, model) in enumerate(models):
        shared = [_Column(each, fields[table][each]) for each in shared_names]
        mine = [_Column(each, fields[table][each]) if name == table else None for name, each in own]
        columns.append((*shared, *mine))
        blank = [f"CAST(NULL AS {fields[name][each].db_type(connection)})" for name, each in own]
        texts = [quote(each.name) for each in shared]
        texts += [none if each is None else quote(each.name) for each, none in zip(mine, blank, strict=True)]
        selects.append(
            f"SELECT {at}, {', '.join(texts)} FROM {quote(model._meta.db_table)}"  # noqa: S608 - columns of our own models
            f" WHERE superseded_at IS NULL AND {quote(subject)} IN ({{keys}})"
        )
    as_of = 2 + shared_names.index("as_of")
    return _Statement(f"{' UNION ALL '.join(selects)} ORDER BY {as_of}", tuple(columns))
