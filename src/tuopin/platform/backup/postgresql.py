"""The tables of a PostgreSQL database in and out by COPY, without pg_dump: no client program is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tuopin.platform import replaced
from tuopin.platform.backup.manifest import Manifest, add, not_a_backup, pieces_of

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path


def _tables(cursor: Any) -> dict[str, list[str]]:
    """The columns of every table in the current schema."""
    cursor.execute(
        "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_catalog, table_schema, table_name)"
        " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'"
        " GROUP BY table_name ORDER BY table_name"
    )
    return dict(cursor.fetchall())


def _sequences(cursor: Any) -> dict[str, str]:
    """The sequence behind the column ``id`` of each table that has one."""
    cursor.execute(
        "SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), 'id') FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND column_name = 'id'"
    )
    return {table: sequence for table, sequence in cursor.fetchall() if sequence}


def _copy_sql(table: str, columns: list[str]) -> str:
    quote = connection.ops.quote_name
    return f"COPY {quote(table)} ({', '.join(map(quote, columns))})"


def dump(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Write every table, as it is at one moment, as ``tables/<name>.copy``."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        manifest.tables = _tables(cursor)
        for table, sequence in _sequences(cursor).items():
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608 - quoted by the server
            manifest.sequences[table] = list(cursor.fetchone())
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        manifest.migrations = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq || ':' || hash FROM platform_audit_link ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
        manifest.audit_head = row[0] if row else f"0:{'0' * 64}"
        for table, columns in manifest.tables.items():
            with cursor.copy(f"{_copy_sql(table, columns)} TO STDOUT") as copy:
                add(archive, manifest, f"tables/{table}.copy", (bytes(piece) for piece in copy))


def is_empty() -> bool:
    """Whether the schema has no tables yet."""
    return not connection.introspection.table_names()


def load(folder: Path, manifest: Manifest, token: str) -> None:
    """Replace everything in the current schema by the backup, in one transaction; leaves ``token`` as a mark.

    The tables are made by the migrations the backup had, filled, and then migrated to this version.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        for table in _tables(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _migrate_to(manifest.migrations)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        made = _tables(cursor)
        for table in made:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - what migrations put in
        _fill(cursor, folder, manifest, made)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # every reference is checked here
        call_command("migrate", verbosity=0, interactive=False)
        cursor.execute("DELETE FROM platform_marker WHERE name IN ('restored', 'schema')")
        cursor.execute("INSERT INTO platform_marker (name, number, text) VALUES ('restored', 0, %s)", [token])


def _migrate_to(wanted: list[str]) -> None:
    """Apply exactly the migrations a backup had, those of today for those that they replace."""
    executor = MigrationExecutor(connection)
    executor.recorder.ensure_schema()
    names = {tuple(name.split(".", 1)) for name in replaced.reached(wanted)}
    leaves = [
        node for node in sorted(names)
        if not any(child.key in names for child in executor.loader.graph.node_map[node].children)
    ]  # fmt: skip
    executor.migrate([(app, name) for app, name in leaves])


def _fill(cursor: Any, folder: Path, manifest: Manifest, made: dict[str, list[str]]) -> None:
    for table, columns in manifest.tables.items():
        if set(columns) != set(made.get(table, ())):
            raise not_a_backup(f"表 {table} 与本版本不符", f"the table {table} does not fit this version")
        with cursor.copy(f"{_copy_sql(table, columns)} FROM STDIN") as copy:
            for piece in pieces_of(folder / "tables" / f"{table}.copy"):
                copy.write(piece)
    for table, sequence in _sequences(cursor).items():
        if table in manifest.sequences:
            cursor.execute("SELECT setval(%s, %s, %s)", [sequence, *manifest.sequences[table]])
