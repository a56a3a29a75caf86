"""What the ORM does not give and both databases must do alike: bulk rows, blocks of ids, Arrow, locks, versions."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from django.db import connection, transaction
from django.db.models import AutoField, F

from tuopin.platform.locks import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa
    from django.db.backends.utils import CursorWrapper
    from django.db.models import Model
    from psycopg.adapt import Dumper

__all__ = [
    "DATA_VERSION",
    "arrow",
    "bulk_insert",
    "bump_data_version",
    "data_state",
    "data_version",
    "exclusive",
    "hold_data",
    "is_postgresql",
    "last_id",
    "reserve_ids",
    "snapshot",
    "write",
]

DATA_VERSION = "data_version"
"""The name of the marker that counts changes of register data."""


def install() -> None:
    """Make times written past the ORM (``bulk_insert``, raw SQL) look as the ORM writes them in SQLite: naive UTC."""
    sqlite3.register_adapter(datetime, _sqlite_time)


@lru_cache(10_000)
def _sqlite_time(value: datetime) -> str:
    naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return naive.isoformat(" ")


def is_postgresql() -> bool:
    """Whether the register lives in PostgreSQL (else in the SQLite file)."""
    return connection.vendor == "postgresql"


@contextmanager
def write() -> Iterator[None]:
    """One transaction that changes something. In SQLite it holds the write lock from its first statement on.

    Keep it short: read and compute before, write inside. Inside another one it is a savepoint.
    """
    with transaction.atomic():
        yield


@contextmanager
def snapshot() -> Iterator[None]:
    """One state of the database for several statements, however long they take; nobody waits for it.

    For reading alone: in SQLite a transaction of Django's own would hold the write lock, so that this one is opened by
    hand, and ``write()`` inside it fails. Inside another transaction it changes nothing.
    """
    if connection.in_atomic_block:
        yield
        return
    if is_postgresql():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()
    raw = cast("sqlite3.Connection", connection.connection)
    raw.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        raw.execute("ROLLBACK")


def bulk_insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Insert ``rows`` (values in the order of ``columns``) and return how many; rows may be a generator.

    Must run inside :func:`write`. Names are quoted; values are plain Python values: JSON as text, times aware.
    SQLite takes them by ``executemany``, PostgreSQL by ``COPY``.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("bulk_insert needs a transaction: use it inside write()")
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    if not is_postgresql():
        marks = ", ".join("?" * len(columns))
        raw = cast("sqlite3.Connection", connection.connection)
        with connection.wrap_database_errors:
            cursor = raw.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)  # noqa: S608 - quoted names
        count = cursor.rowcount
        cursor.close()
        return max(count, 0)
    count = 0
    copy_in = f"COPY {quote(table)} ({names}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as wrapper:
        wrapper.cursor.adapters.register_dumper(datetime, _dumper_of_times())
        with wrapper.copy(copy_in) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
    return count


@lru_cache(10_000)
def _postgresql_time(value: datetime) -> bytes:
    """In bulk few times differ from row to row, and each takes longer to write than all else in its row."""
    return str(value).encode()


@cache
def _dumper_of_times() -> type[Dumper]:
    from psycopg.adapt import Dumper

    class Times(Dumper):
        def dump(self, obj: datetime) -> bytes:
            return _postgresql_time(obj)

    return Times


def array(values: Sequence[object]) -> str:
    """``values`` as PostgreSQL reads an array from text: a parameter that is cast (``%s::bigint[]``).

    The driver looks for what is to be escaped in every text with a search of its own; of 100,000 values and more that
    takes longer than the statement.
    """
    kinds = set(map(type, values))
    if kinds <= {int}:
        return "{" + ",".join(map(str, values)) + "}"
    if str in kinds:
        return "{" + ",".join(map(_element, values)) + "}"
    known = {each: _element(each) for each in set(values)}  # times: few are different, and each takes long to write
    return "{" + ",".join(map(known.__getitem__, values)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value)
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def reserve_ids(model: type[Model], n: int) -> int:
    """Take ``n`` consecutive ids of ``model`` and return the first: rows can refer to each other before they exist.

    Must run inside :func:`write`. Nobody else, through this function or an ordinary insert, gets any of them.
    """
    if n < 1:
        raise ValueError("n must be at least 1")
    if not connection.in_atomic_block:
        raise RuntimeError("reserve_ids needs a transaction: use it inside write()")
    table, column = model._meta.db_table, _id_column(model)
    if is_postgresql():
        return _reserve_postgresql(table, column, n)
    with connection.cursor() as cursor:  # the write lock makes this safe; a rollback gives the ids back
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        last = int(row[0]) if row else 0
        if row:
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + n, table])
        else:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, n])
    return last + 1


def last_id(model: type[Model]) -> int:
    """The highest id that SQLite has given to ``model`` so far. Inside :func:`write` nobody else draws meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _id_column(model: type[Model]) -> str:
    key = model._meta.pk
    if not isinstance(key, AutoField):
        raise TypeError(f"{model._meta.db_table} does not number its rows itself")
    return str(key.column)


_DRAWS = 100  # three before the lock, then three for each of thirty others who begin at this moment


def _reserve_postgresql(table: str, column: str, n: int) -> int:
    """Draw ``n`` numbers and see whether they follow each other; only if others keep drawing is the table locked.

    The lock keeps out inserts and others' fourth draw, but not their first three: a few more draws come after it.
    """
    with connection.cursor() as cursor:
        for attempt in range(_DRAWS):
            if attempt == 3:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"reserve_ids:{table}"])
                cursor.execute(f"LOCK TABLE {connection.ops.quote_name(table)} IN SHARE ROW EXCLUSIVE MODE")
            first, last = _draw(cursor, table, column, n)
            if last - first == n - 1:
                return first
    raise RuntimeError(f"no block of {n} ids in {table}")


def _draw(cursor: CursorWrapper, table: str, column: str, n: int) -> tuple[int, int]:
    cursor.execute(  # OFFSET 0: the sequence is looked up once, not for each number
        "SELECT min(v), max(v) FROM (SELECT nextval(s) AS v"
        " FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS s OFFSET 0) AS named, generate_series(1, %s))"
        " AS drawn",
        [connection.ops.quote_name(table), column, n],
    )
    first, last = cursor.fetchone()
    return int(first), int(last)


def arrow(sql: str, params: Sequence[object] = ()) -> pa.RecordBatchReader:
    """Stream a query as Arrow from a read connection of its own (it sees committed rows only). Parameters are ``?``.

    SQLite has no column types to hand on: booleans come as int64, dates as text, and a column takes its type from
    the first batch, so cast in SQL where that matters (``CAST(x AS TEXT)``, ``COALESCE``).
    The connection closes when the reader is used up or dropped.
    """
    from tuopin.platform.arrow import stream

    return stream(sql, params)


def data_version() -> int:
    """The number of changes of register data so far: equal numbers mean equal data."""
    from tuopin.platform.models import Marker

    found = Marker.objects.filter(name=DATA_VERSION).values_list("number", flat=True).first()
    return found or 0


def data_state() -> str | None:
    """The data version with a mark of the change that made it: what is kept for a state is right even where a backup
    was restored and the same number was reached another way. None while nothing was ever changed."""
    from tuopin.platform.models import Marker

    found = Marker.objects.filter(name=DATA_VERSION).values_list("number", "text").first()
    return f"{found[0]}:{found[1]}" if found is not None and found[0] else None


def hold_data() -> None:
    """Let nobody else change register data until this transaction ends: read what stands, decide, write.

    SQLite has one writer at a time anyway; in PostgreSQL the row of the version is locked. Call it first.
    """
    from tuopin.platform.models import Marker

    if not connection.in_atomic_block:
        raise RuntimeError("hold_data belongs into the transaction of the change")
    if not is_postgresql():
        return
    held = Marker.objects.select_for_update().filter(name=DATA_VERSION)
    if held.first() is None:
        Marker.objects.bulk_create([Marker(name=DATA_VERSION, number=0)], ignore_conflicts=True)
        held.get()


def bump_data_version() -> None:
    """Say that register data changes. Call inside the transaction of the change."""
    from tuopin.platform.models import Marker

    if not connection.in_atomic_block:
        raise RuntimeError("bump_data_version belongs into the transaction of the change")
    mark = secrets.token_hex(8)
    if not Marker.objects.filter(name=DATA_VERSION).update(number=F("number") + 1, text=mark):
        Marker.objects.bulk_create([Marker(name=DATA_VERSION, number=0)], ignore_conflicts=True)
        Marker.objects.filter(name=DATA_VERSION).update(number=F("number") + 1, text=mark)
