"""Loading one subject with everything below it as the nested mapping that the interpreter takes."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from tuopin.standards import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.language.catalogue import Fact, FactTable, Level
    from tuopin.core.standards import Prepared
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


class SubjectReader:
    """Reads the subjects of a choice for one prepared standard: a handful of indexed queries a level.

    Keys beginning with ``_`` carry ids and codes for the explanation; facts of columns that the workbook did not have
    are left out, as the rule language asks. ``evidence`` tells where each block comes from, by (level, id, block).
    """

    def __init__(self, prepared: Prepared, choice: Choice) -> None:
        self._prepared, self._choice = prepared, choice
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
        for key, parent in _rows(statements.links(self._catalogue, level, self._day, self._choice)):
            number = int(str(key))
            subjects[number] = {ID: number, CODE: "", **dict.fromkeys(needs)}
            if parent is not None:
                parents[number] = int(str(parent))
        for key, code in _rows(statements.codes(self._catalogue, level, self._day, self._choice)):
            if int(str(key)) in subjects:
                subjects[int(str(key))][CODE] = code
        for table in self._catalogue.tables:
            facts = [fact for fact in table.facts if fact.name in needs]
            if table.level == level.name and facts:
                self._block(table, facts, absent, subjects)
        for period in self._catalogue.periods:
            if period.level == level.name and period.fact.name in needs:
                for key, raw in _rows(statements.period(self._catalogue, period, self._day, self._choice)):
                    if int(str(key)) in subjects:
                        subjects[int(str(key))][period.fact.name] = _value(period.fact, raw)
        return subjects, parents

    def _block(self, table: FactTable, facts: list[Fact], absent: Sequence[str], subjects: dict[int, Subject]) -> None:
        names = tuple(fact.name for fact in facts)
        newest: dict[int, tuple[object, ...]] = {}
        sql = statements.block(self._catalogue, table, names, self._day, self._choice, with_row=True)
        for row in _rows(sql):
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

    def _sheets_without(self, table: FactTable, names: Sequence[str], ids: Sequence[int]) -> dict[str, frozenset[int]]:
        if not names:
            return {}
        sheets = [(int(str(key)), json.loads(str(columns))) for key, columns in _rows(statements.sheets(table, ids))]
        return {name: frozenset(key for key, columns in sheets if name not in columns) for name in names}

    def _present(self, level: Level, subjects: dict[int, Subject]) -> list[Subject]:
        if not level.present_in:
            return [subjects[key] for key in sorted(subjects)]
        table = next(each for each in self._catalogue.tables if each.name == level.present_in)
        present = {
            int(str(row[0])) for row in _rows(statements.block(self._catalogue, table, (), self._day, self._choice))
        }
        return [subjects[key] for key in sorted(subjects) if key in present]
