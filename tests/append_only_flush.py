"""Empties the test database between transactional tests: quickly, and although its audit tables refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.commands import flush
from django.db import connection, transaction

from tuopin.platform.migrations import _append_only

if TYPE_CHECKING:
    import pytest

# What migrating writes and nothing else changes. Django would empty them too and write them again after every test.
KEPT = {"django_content_type", "auth_permission"}


def allow(patch: pytest.MonkeyPatch) -> None:
    """Make ``flush`` empty only the tables that hold rows, without the triggers of those that are append-only."""
    execute = type(connection.ops).execute_sql_flush

    def without_triggers(self: Any, sql_list: list[str]) -> None:
        if connection.vendor == "postgresql":
            _run_as_replica(sql_list)
            return
        tables = tuple(table for table in _append_only.TABLES if any(f'"{table}"' in sql for sql in sql_list))
        _append_only.drop(connection, tables)
        try:
            # Every row that refers to another goes too: looking for them would only take time (seconds in SQLite).
            with connection.constraint_checks_disabled():
                execute(self, sql_list)
        finally:  # where it failed too: the tests that follow would find tables that refuse nothing
            _append_only.create(connection, tables)

    def of_filled_tables(
        style: Any, _connection: Any, *, reset_sequences: bool = True, allow_cascade: bool = False
    ) -> Any:
        tables = filled()
        if connection.vendor == "postgresql":
            return [f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables]
        return connection.ops.sql_flush(style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)

    patch.setattr(type(connection.ops), "execute_sql_flush", without_triggers)
    patch.setattr(flush, "sql_flush", of_filled_tables)
    patch.setattr(flush, "emit_post_migrate_signal", lambda *_arguments, **_named: None)


def _run_as_replica(sql_list: list[str]) -> None:
    """Run the statements as a copying server would, with no trigger and no foreign key in their way.

    Rows of tests are few: deleting them takes milliseconds, where TRUNCATE makes new files for every table that refers
    to an emptied one, and for every index of theirs (a second a test). Numbers are not given anew: no test asks for
    that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *sql_list]))


def filled() -> list[str]:
    """Tables of models that hold rows, but those kept."""
    present = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    tables = sorted(present)
    asked = ", ".join(f"exists(select 1 from {connection.ops.quote_name(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"select {asked}")
        return [table for table, rows in zip(tables, cursor.fetchone(), strict=True) if rows]
