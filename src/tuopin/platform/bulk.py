"""Many rows from Arrow into SQLite: staged in a file of their own, then moved over by the database itself.

Row by row through Python an import spends most of its time here. The rows are written to a side file without any lock
on the data; inside the transaction one ``INSERT … SELECT`` a table moves them. PostgreSQL has ``COPY`` and needs none
of this (see ``database.bulk_insert``).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from adbc_driver_sqlite import dbapi
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

_NAME = "bulk"


class SideFile:
    """A SQLite file of staged tables. ``path`` must not exist; whoever owns its folder deletes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def stage(self, tables: Iterator[tuple[str, pa.RecordBatchReader]]) -> dict[str, int]:
        """Write each stream as a table; returns their numbers of rows."""
        counts = {}
        with dbapi.connect(f"file:{quote(str(self._path))}", autocommit=True) as own, own.cursor() as cursor:
            # the file is scaffolding: nothing of it outlives the process
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA journal_mode=OFF")
            for name, reader in tables:
                counts[name] = cursor.adbc_ingest(name, reader, mode="create")
        return counts

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Attach the file to Django's connection; a transaction may begin only inside, not before."""
        with connection.cursor() as cursor:
            cursor.execute(f"ATTACH DATABASE %s AS {_NAME}", [str(self._path)])
            try:
                yield
            finally:
                cursor.execute(f"DETACH DATABASE {_NAME}")

    def move(self, name: str, table: str, columns: Sequence[str]) -> int:
        """Insert a staged table's rows into ``table``, inside a transaction; returns how many."""
        names = ", ".join(connection.ops.quote_name(column) for column in columns)
        quote_name = connection.ops.quote_name
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {quote_name(table)} ({names}) SELECT * FROM {_NAME}.{quote_name(name)}"  # noqa: S608 - our own names
            )
            return int(cursor.rowcount)
