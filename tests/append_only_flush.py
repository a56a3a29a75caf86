"""Empties the test database between transactional tests: quickly, and although its audit tables refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.commands import flush
from django.db import connection

from tuopin.platform.migrations import _append_only

if TYPE_CHECKING:
    import pytest

# What migrating writes and nothing else changes. Django would empty them too and write them again after every test.
KEPT = {"django_content_type", "auth_permission"}


def allow(patch: pytest.MonkeyPatch) -> None:
    """Make ``flush`` empty only the tables that hold rows, without the triggers of those that are append-only."""
    execute = type(connection.ops).execute_sql_flush

    def without_triggers(self: Any, sql_list: list[str]) -> None:
        everywhere = connection.vendor == "postgresql"  # which empties what refers to an emptied table as well
        present = connection.introspection.table_names() if everywhere else _append_only.TABLES
        tables = tuple(
            table
            for table in _append_only.TABLES
            if table in present and (everywhere or any(f'"{table}"' in sql for sql in sql_list))
        )
        _append_only.drop(connection, tables)
        # Every row that refers to another goes too: looking for them would only take time (seconds in SQLite).
        with connection.constraint_checks_disabled():
            execute(self, sql_list)
        _append_only.create(connection, tables)

    def of_filled_tables(
        style: Any, _connection: Any, *, reset_sequences: bool = True, allow_cascade: bool = False
    ) -> Any:
        # PostgreSQL does not empty a table that another refers to, even if that one is empty: hence the cascade.
        cascade = allow_cascade or connection.vendor == "postgresql"
        return connection.ops.sql_flush(style, filled(), reset_sequences=reset_sequences, allow_cascade=cascade)

    patch.setattr(type(connection.ops), "execute_sql_flush", without_triggers)
    patch.setattr(flush, "sql_flush", of_filled_tables)
    patch.setattr(flush, "emit_post_migrate_signal", lambda *_arguments, **_named: None)


def filled() -> list[str]:
    """Tables of models that hold rows, but those kept."""
    present = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    tables = sorted(present)
    asked = ", ".join(f"exists(select 1 from {connection.ops.quote_name(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"select {asked}")
        return [table for table, rows in zip(tables, cursor.fetchone(), strict=True) if rows]
