"""Reading everything of one moment and writing it as a seal. Who may, and what is noted of it: ``services.py``."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tuopin.core.engine import Engine
from tuopin.core.snapshot import NOWHERE, folder_name
from tuopin.platform.arrow import one_state
from tuopin.platform.database import DATA_VERSION, is_postgresql
from tuopin.platform.home import make_home
from tuopin.platform.seals import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from tuopin.core.snapshot import Column, Writer
    from tuopin.platform.arrow import Stream
    from tuopin.platform.seals.identities import Vault
    from tuopin.platform.seals.published import IdentityTable, SealedTable

type Progress = Callable[[int, int, str], None]

LEAST = 5
"""A text of free words that stands with fewer subjects than this may name somebody: it is sealed as …"""
WITHHELD = "（略）"
_MEMORY = "2GB"
_SPILL = "seal-"
_ENGINE = {"boolean": "BOOLEAN", "integer": "BIGINT", "text": "VARCHAR", "date": "DATE", "time": "TIMESTAMPTZ"}


def write(writer: Writer, vault: Vault, progress: Progress | None = None) -> dict[str, Any]:
    """Write facts and identities of one moment; returns what the manifest says of them. Nobody waits for it."""
    tables, apart = plan.tables(), plan.identities()
    total, done, kept = len(tables) + len(apart), 0, {}

    def report(name: str) -> None:
        if progress is not None:
            progress(done, total, name)

    with _engine() as engine, one_state() as stream:
        header = _moment(stream)
        reading = _Reading(engine, stream, writer)
        needed = {name for home in plan.homes() for name in home.uses}
        for table in tables:
            if table.name in needed:
                report(table.name)
                reading.load(table)
        for home in plan.homes():
            engine.run(f"home {home.level}", f'CREATE TABLE "_home_{home.level}" AS {home.sql}')
        header |= _places(engine)
        for table in tables:
            report(table.name)
            reading.seal(table)
            done += 1
        for who in apart:
            report(who.name)
            kept[who.name] = _identities(engine, stream, vault, who)
            done += 1
    report("")
    return header | {"identities": {"rows": kept}}


@contextmanager
def _engine() -> Iterator[Engine]:
    """The engine that sorts; what does not fit into memory spills into the data folder, which is private."""
    staging = make_home() / "staging"
    for left in staging.glob(f"{_SPILL}*"):  # of a sealing that was killed: names may have been spilled there
        shutil.rmtree(left, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(prefix=_SPILL, dir=staging) as spill,
        Engine(memory=_MEMORY, spill=staging / spill) as engine,
    ):
        yield engine


def _moment(stream: Stream) -> dict[str, Any]:
    """The state of the data at the moment of the reading; it is the first thing that is read."""
    sql = f"SELECT number, COALESCE(CAST(text AS TEXT), '') AS text FROM platform_marker WHERE name = '{DATA_VERSION}'"  # noqa: S608 - our own name
    rows = stream(sql).read_all().to_pylist()
    number, text = (rows[0]["number"], rows[0]["text"]) if rows else (0, "")
    return {"data_version": int(number), "data_state": f"{number}:{text}"}


def _places(engine: Engine) -> dict[str, Any]:
    """Names of the counties and of the installation."""
    counties = {NOWHERE: {"name": "", "folder": NOWHERE}}
    for sql in plan.published("COUNTIES_SQL"):
        counties |= {code: {"name": name, "folder": folder_name(code)} for code, name in engine.rows(sql)}
    names = [str(row[0]) for sql in plan.published("NAME_SQL") for row in engine.rows(sql)]
    return {"counties": counties, "name": "、".join(names)[:200]}


class _Reading:
    """Tables on their way from the database through the engine, which sorts them, into files."""

    def __init__(self, engine: Engine, stream: Stream, writer: Writer) -> None:
        self._engine, self._stream, self._writer = engine, stream, writer
        self._loaded: set[str] = set()

    def load(self, table: SealedTable) -> None:
        """Bring a table into the engine, typed."""
        columns = ", ".join(_typed(column) for column in table.columns)
        self._engine.load(table.name, self._stream(_select(table)), columns)
        self._loaded.add(table.name)

    def seal(self, table: SealedTable) -> None:
        if table.name not in self._loaded:
            self.load(table)
        self._writer.table(table.name, table.columns, self._sorted(table))
        self._engine.run(f"drop {table.name}", f'DROP TABLE "{table.name}"')

    def _sorted(self, table: SealedTable) -> pa.RecordBatchReader:
        joins, columns = "", []
        for column in table.columns:
            if column.name in table.words:
                name = f'"_common_{column.name}"'
                joins += f' LEFT JOIN ({self._common(table, column.name)}) {name} ON {name}.word = t."{column.name}"'
                columns.append(
                    f'CASE WHEN t."{column.name}" IS NULL THEN NULL'
                    f" ELSE coalesce({name}.word, '{WITHHELD}') END AS \"{column.name}\""
                )
            else:
                columns.append(f't."{column.name}"')
        county, order = f"'{NOWHERE}'", [f't."{column.name}"' for column in table.columns[:3]]
        if table.by:
            joins += f' LEFT JOIN "_home_{table.by}" h ON h.id = t."{table.subject}"'
            county, order = f"coalesce(h.county, '{NOWHERE}')", ["h.parent", f't."{table.subject}"', *_dates(table)]
        return self._engine.arrow(
            f"SELECT {county} AS county, {', '.join(columns)}"  # noqa: S608 - names published by the rooms
            f' FROM "{table.name}" t{joins} ORDER BY county, {", ".join(order)}'
        )

    def _common(self, table: SealedTable, column: str) -> str:
        return (
            f'SELECT "{column}" AS word FROM "{table.name}" WHERE "{column}" IS NOT NULL'  # noqa: S608 - as above
            f' GROUP BY 1 HAVING count(DISTINCT "{table.subject}") >= {LEAST}'
        )


def _dates(table: SealedTable) -> list[str]:
    return [f't."{column.name}"' for column in table.columns if column.type == "date"][:1]


def _select(table: SealedTable) -> str:
    """SQL for both databases. SQLite hands on no types: what is text there comes as text, blank as ''."""
    columns = ", ".join(_read(column) for column in table.columns)
    where = f" WHERE {table.where}" if table.where else ""
    return f'SELECT {columns} FROM "{table.name}"{where}'  # noqa: S608 - names published by the rooms


def _read(column: Column) -> str:
    name = f'"{column.name}"'
    if is_postgresql():
        return f"CAST({name} AS TEXT) AS {name}" if column.type == "text" else name
    if column.type in {"text", "date", "time"}:
        return f"COALESCE(CAST({name} AS TEXT), '') AS {name}"
    return name


def _typed(column: Column) -> str:
    """As the engine holds it: blank text is NULL; a column of no type, from an empty table, becomes what it is."""
    name = f'"{column.name}"'
    if column.type == "text" or (column.type in {"date", "time"} and not is_postgresql()):
        blank = f"nullif(CAST({name} AS VARCHAR), '')"
        return f"CAST({blank} AS {_ENGINE[column.type]}) AS {name}"
    return f"CAST({name} AS {_ENGINE[column.type]}) AS {name}"


def _identities(engine: Engine, stream: Stream, vault: Vault, table: IdentityTable) -> int:
    """Write who is who, by county, encrypted; returns the rows."""
    engine.load(
        "_identities",
        stream(table.sql),
        ", ".join(f'CAST("{c.name}" AS {_ENGINE[c.type]}) AS "{c.name}"' for c in table.columns),
    )
    subject = table.columns[0].name
    columns = ", ".join(f't."{column.name}"' for column in table.columns)
    reader = engine.arrow(
        f"SELECT coalesce(h.county, '{NOWHERE}') AS county, {columns} FROM _identities t"  # noqa: S608 - as above
        f' LEFT JOIN "_home_{table.by}" h ON h.id = t."{subject}" ORDER BY county, t."{subject}"'
    )
    rows = vault.write(table.name, reader)
    engine.run("drop _identities", "DROP TABLE _identities")
    return rows
