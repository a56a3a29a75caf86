"""Queries as Arrow over ADBC, apart from ``database.py`` so that pyarrow (0.3 s) is loaded only where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FIRST_BATCH = 65_536  # rows from which SQLite's driver infers the types


def stream(sql: str, params: Sequence[object]) -> pa.RecordBatchReader:
    """See :func:`tuopin.platform.database.arrow`."""
    own = _connect()
    cursor = None
    try:
        cursor = own.cursor()
        if connection.vendor == "sqlite":
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(_FIRST_BATCH)})
            cursor.execute(sql, list(params) or None)
        else:
            cursor.execute(_numbered(sql), list(params) or None)
        reader = cursor.fetch_record_batch()
        schema = reader.schema
    except BaseException:
        if cursor is not None:
            cursor.close()
        own.close()
        raise
    return pa.RecordBatchReader.from_batches(schema, _batches(own, cursor, reader))


def _batches(own: Any, cursor: Any, reader: Any) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    finally:
        reader.close()
        cursor.close()
        own.close()


def _connect() -> Any:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        from adbc_driver_sqlite import dbapi as sqlite

        return sqlite.connect(f"file:{quote(str(settings['NAME']))}?mode=ro", autocommit=True)
    from adbc_driver_postgresql import dbapi as postgresql

    user, password = quote(settings["USER"] or "", safe=""), quote(settings["PASSWORD"] or "", safe="")
    options = {key: str(value) for key, value in settings["OPTIONS"].items() if key in {"sslmode", "sslrootcert"}}
    options |= {"host": str(settings["HOST"] or ""), "port": str(settings["PORT"] or "")}
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in options.items() if value)
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return postgresql.connect(f"postgresql://{login}/{quote(str(settings['NAME']), safe='')}?{query}", autocommit=True)


def _numbered(sql: str) -> str:
    """``?`` placeholders as ``$1, $2 …``; those inside quoted text stay."""
    out, number, quoted = [], 0, ""
    for character in sql:
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character == "?":
            number += 1
            out.append(f"${number}")
            continue
        out.append(character)
    return "".join(out)
