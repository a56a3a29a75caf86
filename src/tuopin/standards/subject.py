"""Loading one subject with everything below it as the nested mapping that the interpreter takes."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from tuopin.register.models import StatusPeriod
from tuopin.standards import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tuopin.core.language.catalogue import Fact, FactTable, Level, PeriodTable
    from tuopin.core.standards import Prepared
    from tuopin.register.household_file import HouseholdFile
    from tuopin.register.models import FactBlock, Sheet
    from tuopin.standards.statements import Choice

type Subject = dict[str, object]

ID = "_id"
CODE = "_code"


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _value(fact: Fact, raw: object) -> object:
    if raw is None or raw == "":
        return None
    if fact.type == "boolean":
        return bool(raw)
    if fact.type == "date":
        try:
            return datetime.date.fromisoformat(str(raw))
        except ValueError:
            return None
    return raw


@dataclass(frozen=True, slots=True)
class Source:
    """Where a block of facts comes from: its day, and the sheet and row of the workbook (None: not from one)."""

    as_of: datetime.date
    sheet_id: int | None
    row: int | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows of a subject that the caller holds already, as they stand on the day: what is not here is asked for.

    ``links``: level → id → id above; ``codes``: level → id → code; ``blocks``: table → id → row that counts;
    ``periods``: name → id → value; ``sheets`` by id.
    """

    links: Mapping[str, Mapping[int, int]]
    codes: Mapping[str, Mapping[int, str]]
    blocks: Mapping[str, Mapping[int, FactBlock]]
    periods: Mapping[str, Mapping[int, str]]
    sheets: Mapping[int, Sheet]


def from_file(file: HouseholdFile) -> Loaded:
    """What the file of a household holds, as it stands on the file's day."""
    blocks = {name: file.newest_rows(name) for name in file.blocks}
    members = file.members()
    return Loaded(
        links={
            "household": {file.household_id: file.village_id} if file.is_resident() else {},
            "person": {each.person_id: file.household_id for each in members},
        },
        codes={
            "household": {file.household_id: file.code},
            "person": {each.person_id: each.person.code for each in members},
        },
        blocks=blocks,
        periods={axis: {} for axis in StatusPeriod.Axis.values}
        | {axis: {file.household_id: value} for axis, value in file.status().items()},
        sheets=file.sheets,
    )


class SubjectReader:
    """Reads the subjects of a choice for one prepared standard: a handful of indexed queries a level.

    Keys beginning with ``_`` carry ids and codes for the explanation; facts of columns that the workbook did not have
    are left out, as the rule language asks. ``evidence`` tells where each block comes from, by (level, id, block).
    """

    def __init__(self, prepared: Prepared, choice: Choice, loaded: Loaded | None = None) -> None:
        self._prepared, self._choice = prepared, choice
        self._loaded = loaded or Loaded({}, {}, {}, {}, {})
        self._catalogue, self._day = prepared.catalogue, prepared.day
        self.evidence: dict[tuple[str, int, str], Source] = {}

    def read(self) -> list[Subject]:
        """The subjects of the standard's level, by id."""
        program = self._prepared.program
        above: dict[int, Subject] = {}
        top: list[Subject] = []
        for index, name in enumerate(program.levels):
            level = self._catalogue.level(name)
            subjects, parents = self._level(level, program.needs.get(name, ()), program.absent_needs.get(name, ()))
            if index + 1 < len(program.levels):
                for subject in subjects.values():
                    subject[program.levels[index + 1]] = []
            if index == 0:
                top = self._present(level, subjects)
            else:
                for key, subject in sorted(subjects.items()):
                    holder = above.get(parents[key])
                    if holder is not None:
                        members = holder[name]
                        assert isinstance(members, list)  # noqa: S101 - made above
                        members.append(subject)
            above = subjects
        return top

    def _level(
        self, level: Level, needs: Sequence[str], absent: Sequence[str]
    ) -> tuple[dict[int, Subject], dict[int, int]]:
        subjects: dict[int, Subject] = {}
        parents: dict[int, int] = {}
        for key, parent in self._links(level):
            number = int(str(key))
            subjects[number] = {ID: number, CODE: "", **dict.fromkeys(needs)}
            if parent is not None:
                parents[number] = int(str(parent))
        for key, code in self._codes(level):
            if int(str(key)) in subjects:
                subjects[int(str(key))][CODE] = code
        for table in self._catalogue.tables:
            facts = [fact for fact in table.facts if fact.name in needs]
            if table.level == level.name and facts:
                self._block(table, facts, absent, subjects)
        needed = [each for each in self._catalogue.periods if each.level == level.name and each.fact.name in needs]
        for period, key, raw in self._periods(needed):
            if int(str(key)) in subjects:
                subjects[int(str(key))][period.fact.name] = _value(period.fact, raw)
        return subjects, parents

    def _block(self, table: FactTable, facts: list[Fact], absent: Sequence[str], subjects: dict[int, Subject]) -> None:
        names = tuple(fact.name for fact in facts)
        newest: dict[int, tuple[object, ...]] = {}
        for row in self._rows_of(table, facts):
            key = int(str(row[0]))
            if key in subjects and (key not in newest or str(row[1]) > str(newest[key][1])):
                newest[key] = row
        sheet_ids = sorted({int(str(row[2])) for row in newest.values() if row[2] is not None})
        without = self._sheets_without(table, [name for name in names if name in absent], sheet_ids)
        for key, row in newest.items():
            as_of = datetime.date.fromisoformat(str(row[1]))
            sheet = None if row[2] is None else int(str(row[2]))
            self.evidence[table.level, key, table.name] = Source(
                as_of, sheet, None if row[3] is None else int(str(row[3]))
            )
            subjects[key][f"{table.name}__as_of"] = as_of
            for fact, raw in zip(facts, row[4:], strict=True):
                value = _value(fact, raw)
                if value is None and sheet in without.get(fact.name, frozenset()):
                    del subjects[key][fact.name]  # the workbook did not have the column
                else:
                    subjects[key][fact.name] = value

    def _links(self, level: Level) -> Iterable[tuple[object, ...]]:
        held = self._loaded.links.get(level.name)
        if held is not None:
            return list(held.items())
        return _rows(statements.links(self._catalogue, level, self._day, self._choice))

    def _codes(self, level: Level) -> Iterable[tuple[object, ...]]:
        held = self._loaded.codes.get(level.name)
        if held is not None:
            return list(held.items())
        return _rows(statements.codes(self._catalogue, level, self._day, self._choice))

    def _periods(self, needed: Sequence[PeriodTable]) -> Iterator[tuple[PeriodTable, object, object]]:
        """Rows (period, id, value): one statement a type of value, however many periods are asked for."""
        asked: dict[str, list[PeriodTable]] = {}
        for period in needed:
            held = self._loaded.periods.get(period.name)
            if held is None:
                asked.setdefault(period.fact.type, []).append(period)
            else:
                yield from ((period, key, value) for key, value in held.items())
        for periods in asked.values():
            sql = " UNION ALL ".join(
                f"SELECT {at} AS at, p{at}.* FROM"  # noqa: S608 - our own statement
                f" ({statements.period(self._catalogue, period, self._day, self._choice)}) p{at}"
                for at, period in enumerate(periods)
            )
            for at, key, value in _rows(sql):
                yield periods[int(str(at))], key, value

    def _rows_of(self, table: FactTable, facts: list[Fact]) -> Iterable[tuple[object, ...]]:
        """Rows (id, as_of, sheet, row, facts …) of a block."""
        held = self._loaded.blocks.get(table.name)
        if held is None:
            names = tuple(fact.name for fact in facts)
            return _rows(statements.block(self._catalogue, table, names, self._day, self._choice, with_row=True))
        return [
            (key, row.as_of, row.sheet_id, row.row, *(getattr(row, fact.db_column) for fact in facts))
            for key, row in held.items()
        ]

    def _sheets_without(self, table: FactTable, names: Sequence[str], ids: Sequence[int]) -> dict[str, frozenset[int]]:
        if not names:
            return {}
        if self._loaded.sheets:
            sheets = [(key, self._loaded.sheets[key].columns) for key in ids if key in self._loaded.sheets]
        else:
            asked = _rows(statements.sheets(table, ids))
            sheets = [(int(str(key)), json.loads(str(columns))) for key, columns in asked]
        return {name: frozenset(key for key, columns in sheets if name not in columns) for name in names}

    def _present(self, level: Level, subjects: dict[int, Subject]) -> list[Subject]:
        if not level.present_in:
            return [subjects[key] for key in sorted(subjects)]
        table = next(each for each in self._catalogue.tables if each.name == level.present_in)
        present = {int(str(row[0])) for row in self._rows_of(table, [])}
        return [subjects[key] for key in sorted(subjects) if key in present]
