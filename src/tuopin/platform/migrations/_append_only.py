"""Triggers by which the database itself refuses to change rows that are written once, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = (
    "platform_audit_entry",
    "platform_audit_link",
    "platform_audit_head",
    "platform_read_batch",
    "platform_read_entry",
    "register_status_change",
    "register_area_event",
    "register_area_map",
    "register_area_event_undone",
    "register_event",
    "register_event_subject",
    "standards_procedure_act",
    "standards_pack_act",
    "measures_help_plan",
    "measures_planned_measure",
    "measures_plan_answer",
    "measures_measure_done",
    "measures_income_worksheet",
    "measures_worksheet_line",
    "measures_worksheet_answer",
    "measures_worksheet_taken",
    "measures_project_acceptance",
    "duties_headquarters_plan",
    "duties_plan_step",
    "duties_step_report",
    "duties_commitment",
    "duties_commitment_target",
    "duties_commitment_signature",
    "duties_commitment_replacement",
    "duties_commitment_judgement",
    "duties_ledger_print",
    "duties_word_template",
    "duties_incident",
    "duties_incident_report",
    "duties_incident_closing",
    "duties_team_report",
    "orders_matter_event",
    "orders_hung_event",
)

_FUNCTION = """
CREATE OR REPLACE FUNCTION platform_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def refuse_changes(tables: tuple[str, ...]) -> migrations.RunPython:
    """What a migration does to tables that are written once."""
    return migrations.RunPython(
        lambda _apps, editor: create(editor.connection, tables), lambda _apps, editor: drop(editor.connection, tables)
    )


def create(connection: BaseDatabaseWrapper, tables: tuple[str, ...]) -> None:
    """Create the triggers of ``tables``; the tables must exist and the triggers not."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for statement in _statements(connection.vendor, tables):
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper, tables: tuple[str, ...]) -> None:
    """Take the triggers away again (reversing a migration; emptying the tables of a test database)."""
    with connection.cursor() as cursor:
        for table in tables:
            for event in ("update", "delete", "truncate"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}{on}")


def _statements(vendor: str, tables: tuple[str, ...]) -> Iterator[str]:
    for table in tables:
        for event in ("update", "delete"):
            if vendor == "postgresql":
                yield (
                    f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table}"
                    " FOR EACH ROW EXECUTE FUNCTION platform_append_only()"
                )
            else:
                yield (
                    f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        if vendor == "postgresql":
            yield (
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION platform_append_only()"
            )
