"""The set engine: named SQL steps over Arrow streams and Parquet files. The only file that names DuckDB; Spark stands
in :mod:`tuopin.core.engine_spark`.

Each engine is one in-memory database of its own; it is not shared between threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

Row = tuple[Any, ...]

PARQUET = "FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1000"
"""How verdicts are written. Ids and amounts are coded by their differences: half the size, an eighth less time."""


class EngineError(Exception):
    """A step failed; ``step`` names it. The text of the engine's own message follows."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step


class SetEngine(Protocol):
    """What judging asks of an engine, on one machine or on many. ``dialect`` names its SQL."""

    @property
    def dialect(self) -> str: ...

    def table(self, step: str, name: str, sql: str) -> None:
        """Keep the rows of a query under a new name."""

    def name(self, name: str, sql: str) -> None:
        """Read a query under a name, whatever stood under it before; nothing is computed yet."""

    def write(self, step: str, sql: str, path: Path) -> None:
        """Write the rows of a query as Parquet to ``path``."""

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Read Parquet of the same columns, at least one file, under a name."""

    def rows(self, sql: str) -> list[Row]:
        """All rows of a query as tuples of Python values."""


class Engine:
    """One in-memory database.

    ``threads`` and ``memory`` ("4GB", "50%") bound what it may take; beyond the memory it spills to ``spill`` if given,
    at most ``spill_most`` bytes.
    ``ordered=False``: rows written to files stand in any order, and so take less memory on their way.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory: str | None = None,
        spill: Path | None = None,
        spill_most: int | None = None,
        ordered: bool = True,
    ) -> None:
        self._connection = duckdb.connect(":memory:")
        if not ordered:
            self._connection.execute("set preserve_insertion_order = false")
        if threads:
            self._connection.execute(f"set threads = {int(threads)}")
        if memory:
            self._connection.execute("set memory_limit = ?", [memory])
        if spill:
            self._connection.execute("set temp_directory = ?", [str(spill)])
        if spill_most is not None:
            self._connection.execute("set max_temp_directory_size = ?", [f"{int(spill_most)}B"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def run(self, step: str, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run one statement. Raises EngineError naming the step."""
        try:
            self._connection.execute(sql, list(parameters))
        except duckdb.Error as error:
            raise EngineError(step, str(error)) from error

    @property
    def dialect(self) -> str:
        return "duckdb"

    def table(self, step: str, name: str, sql: str) -> None:
        """Keep the rows of a query under a new name. Raises EngineError naming the step."""
        self.run(step, f'CREATE TABLE "{name}" AS {sql}')

    def name(self, name: str, sql: str) -> None:
        """Read a query under a name, whatever stood under it before."""
        self.run(f"name {name}", f'CREATE OR REPLACE VIEW "{name}" AS {sql}')

    def load(self, name: str, reader: pa.RecordBatchReader, select: str = "*") -> None:
        """Create table ``name`` from an Arrow stream; ``select`` is the column list to take from it."""
        self._connection.register("_incoming", reader)
        try:
            create = f'create or replace table "{name}" as select {select} from _incoming'  # noqa: S608 - our own names
            self.run(f"load {name}", create)
        finally:
            self._connection.unregister("_incoming")

    def write(self, step: str, sql: str, path: Path) -> None:
        """Write the rows of a query to a Parquet file. Raises EngineError naming the step."""
        self.run(step, f"COPY ({sql}) TO {_text(path)} ({PARQUET})")

    def view(self, name: str, files: Sequence[Path]) -> None:
        """Read Parquet files of the same columns, at least one, under a name."""
        listed = ", ".join(_text(path) for path in files)
        self.name(name, f"SELECT * FROM read_parquet([{listed}])")  # noqa: S608 - our own files

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a query as tuples of Python values."""
        try:
            return self._connection.execute(sql, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise EngineError("query", str(error)) from error

    def one(self, sql: str, parameters: Sequence[object] = ()) -> Row:
        """The first row of a query that always has one."""
        return self.rows(sql, parameters)[0]

    def chunks(self, sql: str, size: int = 20_000) -> Iterator[list[Row]]:
        """Rows of a query in lists of at most ``size``; the engine must not run anything else meanwhile."""
        result = self._connection.execute(sql)
        while chunk := result.fetchmany(size):
            yield chunk

    def stream(self, sql: str, size: int = 20_000) -> Iterator[Row]:
        """Rows of a query, fetched in chunks; the engine must not run anything else meanwhile."""
        for chunk in self.chunks(sql, size):
            yield from chunk

    def arrow(self, sql: str) -> pa.RecordBatchReader:
        """The result of a query as an Arrow stream."""
        return self._connection.sql(sql).to_arrow_reader()


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
