"""Loading the register into the set engine: one relation a level, with only the facts that a program needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from tuopin.platform.database import arrow
from tuopin.standards import statements
from tuopin.standards.statements import TEXTUAL, Choice, quoted

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from tuopin.core.engine import Engine
    from tuopin.core.language.catalogue import Fact, FactTable, Level
    from tuopin.core.standards import Prepared

_ENGINE_TYPES = {"boolean": "BOOLEAN", "date": "DATE", "code": "VARCHAR", "text": "VARCHAR"}


def _typed(fact: Fact) -> str:
    """The column as the engine holds it: blank text is NULL, and a date that is none is NULL too."""
    name = quoted(fact.name)
    if fact.type in TEXTUAL:
        # a table without rows has columns of no type, which the engine takes for numbers
        blank = f"nullif(CAST({name} AS VARCHAR), '')"
        return f"try_cast({blank} AS DATE) AS {name}" if fact.type == "date" else f"{blank} AS {name}"
    return f"CAST({name} AS {_ENGINE_TYPES.get(fact.type, 'BIGINT')}) AS {name}"


def _blank(fact: Fact) -> str:
    """No value: one entered by hand later counts, though the sheet of the row had no such column."""
    name = quoted(fact.name)
    return f"nullif({name}, '') IS NULL" if fact.type in TEXTUAL else f"{name} IS NULL"


class Source(Protocol):
    """Where the statements run: the database as it is, or a seal of it (``standards.sealed.sources``)."""

    def load(self, engine: Engine, name: str, sql: str, select: str) -> None:
        """Create table ``name`` in the engine from the columns ``select`` of a statement's rows."""

    def rows(self, engine: Engine, sql: str) -> list[dict[str, Any]]:
        """A statement's few rows."""


class Database:
    """The register as it is now."""

    def load(self, engine: Engine, name: str, sql: str, select: str) -> None:
        engine.load(name, arrow(sql), select)

    def rows(self, engine: Engine, sql: str) -> list[dict[str, Any]]:  # noqa: ARG002 - a seal reads in the engine
        rows: list[dict[str, Any]] = arrow(sql).read_all().to_pylist()
        return rows


class RegisterLoader:
    """Loads what one prepared standard needs. ``progress`` is told the number of rows after each table."""

    def __init__(
        self,
        prepared: Prepared,
        choice: Choice,
        engine: Engine,
        progress: Callable[[str, int], None] | None = None,
        source: Source | None = None,
    ) -> None:
        self._prepared, self._choice, self._engine = prepared, choice, engine
        self._source = source or Database()
        self._catalogue, self._day = prepared.catalogue, prepared.day
        self._progress = progress

    def load(self) -> dict[str, str]:
        """Create the relations and return level → relation. The top level's has only subjects that are judged."""
        program = self._prepared.program
        relations: dict[str, str] = {}
        for name in program.levels:
            relations[name] = name
            self._level(self._catalogue.level(name), program.needs.get(name, ()), program.absent_needs.get(name, ()))
        return relations

    def _level(self, level: Level, needs: Sequence[str], absent: Sequence[str]) -> None:
        engine, links = self._engine, f"_{level.name}_links"
        self._fetch(links, statements.links(self._catalogue, level, self._day, self._choice))
        columns = ["l.id", "CAST(l.parent_id AS BIGINT) AS parent_id"]
        joins: list[str] = []
        with_age = self._aged(level.name)
        for table in self._catalogue.tables:
            names = tuple(fact.name for fact in table.facts if fact.name in needs)
            if table.level != level.name or not (names or table.name in with_age):
                continue
            missing = tuple(name for name in names if name in absent)
            source = self._block(table, names, missing)
            alias = f"b{len(joins)}"
            joins.append(f"LEFT JOIN {quoted(source)} {alias} ON {alias}.id = l.id")
            columns += [f"{alias}.{quoted(name)}" for name in names]
            columns += [
                f"coalesce({alias}.{quoted(name + '__absent')}, false) AS {quoted(name + '__absent')}"
                for name in missing
            ]
            if table.name in with_age:
                columns.append(f"{alias}.as_of AS {quoted(table.name + '__as_of')}")
        for period in self._catalogue.periods:
            if period.level == level.name and period.fact.name in needs:
                source = f"_{period.name}"
                select = f"id, {_typed(period.fact)}"
                self._fetch(source, statements.period(self._catalogue, period, self._day, self._choice), select)
                self._one_each(source)
                alias = f"b{len(joins)}"
                joins.append(f"LEFT JOIN {quoted(source)} {alias} ON {alias}.id = l.id")
                columns.append(f"{alias}.{quoted(period.fact.name)}")
        present = self._present(level)
        select = f"SELECT {', '.join(columns)} FROM {quoted(links)} l {' '.join(joins)}{present}"  # noqa: S608 - names are quoted
        engine.run(f"relation {level.name}", f"CREATE TABLE {quoted(level.name)} AS {select}")
        engine.run(f"drop {links}", f"DROP TABLE {quoted(links)}")

    def _one_each(self, source: str) -> None:
        """Two rows of a period may hold on one day where a workbook says so: a subject stands once all the same."""
        total, subjects = self._engine.one(f"SELECT count(*), count(DISTINCT id) FROM {quoted(source)}")  # noqa: S608 - names are quoted
        if total != subjects:
            self._engine.run(
                f"one each {source}",
                f"CREATE OR REPLACE TABLE {quoted(source)} AS"  # noqa: S608 - names are quoted
                f" SELECT DISTINCT ON (id) * FROM {quoted(source)} ORDER BY ALL",
            )

    def _aged(self, level: str) -> set[str]:
        """The tables of the level of which the day counts too."""
        return {table for item in self._prepared.items for at, table in item.aged_blocks if at == level}

    def _present(self, level: Level) -> str:
        """A level may be judged only where a workbook lists the subject (villages by 村信息)."""
        if level.name != self._prepared.standard.level or not level.present_in:
            return ""
        table = next(each for each in self._catalogue.tables if each.name == level.present_in)
        source = f"_{table.name}_present"
        self._fetch(source, statements.block(self._catalogue, table, (), self._day, self._choice), "id")
        return f" WHERE l.id IN (SELECT id FROM {quoted(source)})"  # noqa: S608 - names are quoted

    def _block(self, table: FactTable, names: tuple[str, ...], absent: tuple[str, ...]) -> str:
        source = f"_{table.name}"
        facts = {fact.name: fact for fact in table.facts}
        select = ["id", "CAST(nullif(as_of, '') AS DATE) AS as_of", *(_typed(facts[name]) for name in names)]
        for name in absent:
            ids = self._sheets_without(table, facts[name])
            missing = f"{_blank(facts[name])} AND coalesce(sheet_id IN ({', '.join(ids)}), false)"
            flag = missing if ids else "false"
            select.append(f"{flag} AS {quoted(name + '__absent')}")
        self._fetch(source, statements.block(self._catalogue, table, names, self._day, self._choice), ", ".join(select))
        total, subjects = self._engine.one(f"SELECT count(*), count(DISTINCT id) FROM {quoted(source)}")  # noqa: S608 - names are quoted
        if total != subjects:  # several dated versions: the newest counts
            self._engine.run(
                f"newest {table.name}",
                f"CREATE OR REPLACE TABLE {quoted(source)} AS SELECT * FROM {quoted(source)}"  # noqa: S608 - names are quoted
                " QUALIFY row_number() OVER (PARTITION BY id ORDER BY as_of DESC) = 1",
            )
        return source

    def _sheets_without(self, table: FactTable, fact: Fact) -> list[str]:
        """Ids of the sheets that did not have the column at all."""
        rows = self._source.rows(self._engine, statements.sheets(table))
        return [str(int(row["id"])) for row in rows if fact.name not in json.loads(row["columns"])]

    def _fetch(self, name: str, sql: str, select: str = "*") -> None:
        self._source.load(self._engine, name, sql, select)
        if self._progress is not None:
            self._progress(name.strip("_"), int(self._engine.one(f"SELECT count(*) FROM {quoted(name)}")[0]))  # noqa: S608 - names are quoted


def load_codes(engine: Engine, prepared: Prepared, choice: Choice, day: datetime.date) -> None:
    """Table ``codes`` (id, code) of the judged level."""
    level = prepared.catalogue.level(prepared.standard.level)
    engine.load("codes", arrow(statements.codes(prepared.catalogue, level, day, choice)))
