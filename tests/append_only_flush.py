"""Lets a test database be emptied although its audit tables refuse to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from tuopin.platform.migrations import _append_only

if TYPE_CHECKING:
    import pytest


def allow(patch: pytest.MonkeyPatch) -> None:
    """Take the triggers away while Django empties the tables after a transactional test."""
    flush = type(connection.ops).execute_sql_flush

    def without_triggers(self: Any, sql_list: list[str]) -> None:
        present = set(connection.introspection.table_names())
        tables = tuple(table for table in _append_only.TABLES if table in present)
        _append_only.drop(connection, tables)
        # Every table is emptied: looking for the children of each row would only take time (seconds in SQLite).
        with connection.constraint_checks_disabled():
            flush(self, sql_list)
        _append_only.create(connection, tables)

    patch.setattr(type(connection.ops), "execute_sql_flush", without_triggers)
