"""States of the test database that take long to make: made once by a process of the tests, then put back by copying.

A state is made in an empty database. What its making leaves in the data folder (keys, reject workbooks) stays there.
"""

from __future__ import annotations

import copy
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable

_values: dict[str, object] = {}


def restored[T](name: str, make: Callable[[], T]) -> T:
    """The state that ``make`` leaves, and what it returned: made by the first call of this ``name`` (of letters, digits
    and ``_``), put back by later ones. Outside of any transaction only, as in transactional tests."""
    assert not connection.in_atomic_block, "a state is put back outside of any transaction"
    if name not in _values:
        value = make()
        _copy(_own(), _kept(name))
        _values[name] = value
    else:
        _copy(_kept(name), _own())
    return copy.deepcopy(cast("T", _values[name]))


def forget() -> None:
    """Remove the copies, where they do not go with the data folder."""
    if connection.vendor == "postgresql":
        for name in _values:
            with _server() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {_kept(name)}")
    _values.clear()


def _own() -> str:
    return str(connection.settings_dict["NAME"])


def _kept(name: str) -> str:
    own = Path(_own())
    return str(own.with_name(f"{own.stem}_{name}{own.suffix}"))


def _copy(source: str, target: str) -> None:
    if connection.vendor == "sqlite":
        _copy_file(source, target)
    else:
        _copy_database(source, target)


def _copy_file(source: str, target: str) -> None:
    """One of the two is the test database. It is copied through its open connection, which so knows of it."""
    connection.ensure_connection()
    own = cast("sqlite3.Connection", connection.connection)
    with closing(sqlite3.connect(target if source == _own() else source)) as other:
        if source == _own():
            own.backup(other)
        else:
            other.backup(own)


def _copy_database(source: str, target: str) -> None:
    connection.close()  # a database that is in use is neither copied nor removed
    with _server() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
        cursor.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {target} TEMPLATE {source}")


def _server() -> Any:
    return cast("Any", connection)._nodb_cursor()
