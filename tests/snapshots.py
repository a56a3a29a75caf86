"""States of the test database that take long to make: made once by a process of the tests, then put back by copying.

A state is made in an empty database. What its making leaves in the data folder (keys, reject workbooks) stays there.
"""

from __future__ import annotations

import copy
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.db import connection, transaction

import append_only_flush

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Rows:
    """What stands in the tables that hold any, as PostgreSQL copies it, and where each sequence stands."""

    tables: dict[str, bytes]
    sequences: list[tuple[str, int, bool]]


_values: dict[str, object] = {}
_kept: dict[str, Path | Rows] = {}


def restored[T](name: str, make: Callable[[], T]) -> T:
    """The state that ``make`` leaves, and what it returned: made by the first call of this ``name`` (of letters, digits
    and ``_``), put back by later ones. Outside of any transaction only, as in transactional tests, and before they
    write anything."""
    assert not connection.in_atomic_block, "a state is put back outside of any transaction"
    assert not (rows := _standing()), f"a state would take in, or lose, what stands already: {rows}"
    if name not in _values:
        value = make()
        _kept[name] = _file(name) if connection.vendor == "sqlite" else _read()
        _values[name] = value
    else:
        _put_back(_kept[name])
    return copy.deepcopy(cast("T", _values[name]))


def _standing() -> list[str]:
    """The tables that hold rows; not for the mark of what was migrated, which the first test of a process finds."""
    from tuopin.platform.models import Marker

    tables = append_only_flush.filled()
    if not Marker.objects.exclude(name="schema").exists():
        tables = [each for each in tables if each != "platform_marker"]
    return tables


def _put_back(kept: Path | Rows) -> None:
    if isinstance(kept, Rows):
        _write(kept)
        return
    with closing(sqlite3.connect(kept)) as other:
        other.backup(_open_file())


def _file(name: str) -> Path:
    """A copy of the SQLite database beside it, made through its open connection, which so knows of it."""
    own = Path(str(connection.settings_dict["NAME"]))
    made = own.with_name(f"{own.stem}_{name}{own.suffix}")
    with closing(sqlite3.connect(made)) as other:
        _open_file().backup(other)
    return made


def _open_file() -> sqlite3.Connection:
    connection.ensure_connection()
    return cast("sqlite3.Connection", connection.connection)


# -- PostgreSQL: few rows in many tables; copying the database would copy every empty table and index (0.3 s) ---------


def _read() -> Rows:
    """All rows, but what migrating wrote."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables = {}
        for table in append_only_flush.filled():
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as out:
                tables[table] = b"".join(bytes(part) for part in out)
        cursor.execute(
            "SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value),"
            " last_value IS NOT NULL FROM pg_sequences"
        )
        return Rows(tables, cursor.fetchall())


def _write(rows: Rows) -> None:
    """These rows and no others, as a copying server would write them: without triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in append_only_flush.filled():
            cursor.execute(f'DELETE FROM "{table}"')
        for table, binary in rows.tables.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                into.write(binary)
        values = ", ".join(["(%s, %s::bigint, %s)"] * len(rows.sequences))
        cursor.execute(
            f"SELECT setval(s.name::regclass, s.value, s.called) FROM (VALUES {values}) s(name, value, called)",
            [part for sequence in rows.sequences for part in sequence],
        )
