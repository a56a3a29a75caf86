"""Seals as a source for loading: views in the set engine under the names of the database's tables.

The statements of ``standards.statements`` run there as they run in the database. Of several instances each gets ids of
its own: those of the n-th are moved by n times ``SHIFT``, so that two cities' households of one number stay two. A view
is made when a statement first names its table, over the files of the counties that are asked for and no others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.core import snapshot
from tuopin.platform.catalogue import catalogue
from tuopin.platform.problems import Problem
from tuopin.standards.statements import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tuopin.core.engine import Engine
    from tuopin.core.language.catalogue import Catalogue, Level
    from tuopin.core.standards import Prepared
    from tuopin.standards.sealed.opening import Opened

BITS = 40
SHIFT = 1 << BITS
"""Between the ids of two instances. A register of one instance has fewer."""
TYPES = {"boolean": "BOOLEAN", "integer": "BIGINT", "text": "VARCHAR", "date": "DATE", "time": "TIMESTAMPTZ"}
_SEALED_AS = {"money": "integer", "decimal": "integer", "code": "text"}
_NAMED = re.compile(r'"([a-z][a-z0-9_]*)"')


@dataclass(frozen=True, slots=True)
class Part:
    """One seal among those that are read together; ``order`` 0 keeps the ids as they are."""

    opened: Opened
    order: int = 0


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was opened."""

    order: int
    file: str
    rows: int


class SealSource:
    """A ``standards.loading.Source`` over seals, for one engine. ``read`` lists the files that were opened."""

    def __init__(self, engine: Engine, parts: Sequence[Part]) -> None:
        self.engine, self.parts = engine, tuple(parts)
        self.read: list[ReadFile] = []
        self._counties: Mapping[int, frozenset[str]] | None = None
        self._made: set[str] = set()
        self._ids = id_columns(catalogue())

    def narrow(self, counties: Mapping[int, frozenset[str]] | None) -> None:
        """From now on only the files of these counties, by order of the part; None = of all."""
        self._counties = counties

    def load(self, engine: Engine, name: str, sql: str, select: str) -> None:
        """As the protocol says. Raises Problem for a file that is not what its manifest says."""
        self.views(sql)
        with unreadable():
            engine.run(f"load {name}", f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT {select} FROM ({sql})")  # noqa: S608 - names are quoted

    def rows(self, engine: Engine, sql: str) -> list[dict[str, Any]]:
        """As the protocol says."""
        self.views(sql)
        with unreadable():
            found: list[dict[str, Any]] = engine.arrow(sql).read_all().to_pylist()
        return found

    def views(self, sql: str) -> None:
        """Make the views that a statement names and that are not there yet."""
        known = {name for part in self.parts for name in part.opened.manifest.table_names}
        for table in dict.fromkeys(_NAMED.findall(sql)):
            if table in known and table not in self._made:
                self._view(table)
                self._made.add(table)

    def probe(self, tables: Iterable[str]) -> None:
        """Read every id of these tables once. Raises Problem for one that is not of the range of its instance."""
        for table in tables:
            self.views(quoted(table))
            found = {name for part in self.parts for name in part.opened.manifest.columns(table)}
            ids = sorted(found & self._ids.get(table, frozenset()))
            if ids and table in self._made:
                with unreadable():
                    self.engine.rows(f"SELECT {', '.join(f'max({quoted(name)})' for name in ids)} FROM {quoted(table)}")  # noqa: S608 - quoted

    def _view(self, table: str) -> None:
        parts = [part for part in self.parts if table in part.opened.manifest.table_names]
        columns = dict(parts[0].opened.manifest.columns(table))
        for part in parts[1:]:
            theirs = part.opened.manifest.columns(table)
            columns = {name: type_ for name, type_ in columns.items() if theirs.get(name) == type_}
        selects = [self._select(part, table, columns) for part in parts]
        with unreadable():
            self.engine.run(f"view {table}", f"CREATE VIEW {quoted(table)} AS {' UNION ALL '.join(selects)}")

    def _select(self, part: Part, table: str, columns: Mapping[str, str]) -> str:
        counties = None if self._counties is None else self._counties.get(part.order, frozenset())
        files = part.opened.files(table, counties)
        paths = [str(part.opened.verified(each)) for each in files]
        self.read += [ReadFile(part.order, each.file, each.rows) for each in files]
        moved = self._ids.get(table, frozenset())
        listed = []
        for name, type_ in columns.items():
            column = quoted(name) if paths else "NULL"
            if part.order and name in moved and paths:
                column = _moved(column, part.order)
            listed.append(f"CAST({column} AS {TYPES[type_]}) AS {quoted(name)}")
        if not paths:
            return f"SELECT {', '.join(listed)} WHERE false"
        names = ", ".join(literal(path) for path in paths)
        return f"SELECT {', '.join(listed)} FROM read_parquet([{names}], hive_partitioning = false)"  # noqa: S608 - quoted


def _moved(column: str, order: int) -> str:
    """An id moved into the range of its instance. One that would lie in another's is an error, never another city's
    household; the low bits alone are taken, since what a file says of its own range is not believed."""
    return (
        f"CASE WHEN ({column} >> {BITS}) <> 0 THEN error('an id out of range')"
        f" ELSE ({column} & {SHIFT - 1}) + {order * SHIFT} END"
    )


class unreadable:  # noqa: N801 - read as a clause: with unreadable()
    """What the engine cannot read though its hash is right: a Problem without the engine's own text."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from tuopin.core.engine import EngineError  # the set engine is loaded only where it works

        if isinstance(error, EngineError):
            raise Problem(
                "seal_unreadable",
                f"封存的数据无法读取（{error.step}）。",
                f"The data of the seal cannot be read ({error.step}).",
            ) from error


def id_columns(published: Catalogue) -> dict[str, frozenset[str]]:
    """Table → the columns that hold ids of the register."""
    found: dict[str, set[str]] = {}
    for level in published.levels:
        found.setdefault(level.table, set()).add(level.key)
        if level.link is not None:
            found.setdefault(level.link.table, set()).update((level.link.child, level.link.parent))
    for table in published.tables:
        found.setdefault(table.table, set()).update((table.subject, table.sheet))
        found.setdefault(table.sheet_table, set()).add("id")
    for period in published.periods:
        found.setdefault(period.table, set()).add(period.subject)
    return {table: frozenset(columns) for table, columns in found.items()}


# -- what a standard needs of a seal --------------------------------------------------------------------------------


def needed(prepared: Prepared) -> dict[str, dict[str, str]]:
    """Table → column → type as sealed, of all that judging by the standard reads."""
    published, program = prepared.catalogue, prepared.program
    wanted: dict[str, dict[str, str]] = {}
    for name in program.levels:
        level = published.level(name)
        _of_level(wanted, level)
        facts = {*program.needs.get(name, ()), *program.absent_needs.get(name, ())}
        aged = {table for item in prepared.items for at, table in item.aged_blocks if at == name}
        present = level.present_in if name == prepared.standard.level else ""
        for table in published.tables:
            columns = {
                fact.db_column: _SEALED_AS.get(fact.type, fact.type) for fact in table.facts if fact.name in facts
            }
            if table.level == name and (columns or table.name in aged or table.name == present):
                own = {table.subject: "integer", table.as_of: "date", table.sheet: "integer"}
                wanted.setdefault(table.table, {}).update(own | columns)
        for period in published.periods:
            if period.level == name and period.fact.name in facts:
                dated = {period.valid_from: "date", period.valid_to: "date"}
                where = dict.fromkeys((column for column, _value in period.where), "text")
                fact = {period.fact.db_column: _SEALED_AS.get(period.fact.type, period.fact.type)}
                wanted.setdefault(period.table, {}).update({period.subject: "integer"} | dated | where | fact)
    return wanted


def _of_level(wanted: dict[str, dict[str, str]], level: Level) -> None:
    if level.link is None:
        wanted.setdefault(level.table, {})[level.key] = "integer"
        return
    link = level.link
    columns = {link.child: "integer", link.parent: "integer", link.valid_from: "date", link.valid_to: "date"}
    wanted.setdefault(link.table, {}).update(columns)


def require(prepared: Prepared, opened: Opened) -> None:
    """Raise Problem for a seal that does not know a fact that the standard needs: it is never judged as unknown, since
    nobody could fill it in there any more."""
    lacking = snapshot.lacking(opened.manifest, needed(prepared))
    if lacking:
        names = "、".join(lacking[:5])
        raise Problem(
            "seal_other_schema",
            f"封存 {opened.name} 里没有“{prepared.standard.title.zh}”所需的数据：{names}"
            f"{'等' if len(lacking) > 5 else ''}。它是另一版本所封，请改用较新的封存或当时的标准。",
            f"Seal {opened.name} has no data for “{prepared.standard.title.en}”: {', '.join(lacking[:5])}"
            f"{' and more' if len(lacking) > 5 else ''}. Another version sealed it: take a newer seal, or a standard of"
            " that time.",
            lacking=lacking[:20],
        )
