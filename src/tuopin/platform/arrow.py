"""Queries as Arrow over ADBC, apart from ``database.py`` so that pyarrow (0.3 s) is loaded only where it is used."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import quote

import pyarrow as pa
from django.db import DatabaseError, connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_FIRST_BATCH = 65_536  # rows from which SQLite's driver infers the types


def stream(sql: str, params: Sequence[object]) -> pa.RecordBatchReader:
    """See :func:`tuopin.platform.database.arrow`."""
    if connection.vendor == "sqlite":
        return _from_child(sql, params)
    own = _connect()
    cursor = None
    try:
        cursor = own.cursor()
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


type Stream = Callable[[str], pa.RecordBatchReader]


@contextmanager
def one_state() -> Iterator[Stream]:
    """Streams of SQL that all see the database as it is at one moment, however long they take: only what is committed,
    and no writer waits. One stream at a time, each read to its end before the next."""
    if connection.vendor == "sqlite":
        child = _Child()
        path = str(connection.settings_dict["NAME"])
        try:
            yield lambda sql: child.ask({"path": path, "sql": sql, "params": [], "batch": _FIRST_BATCH, "hold": True})
        finally:
            child.end()
        return
    own = _connect()
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield lambda sql: _within(own, sql)
    finally:
        own.close()


def _within(own: Any, sql: str) -> pa.RecordBatchReader:
    cursor = own.cursor()
    try:
        cursor.execute(sql)
        reader = cursor.fetch_record_batch()
    except BaseException:
        cursor.close()
        raise
    return pa.RecordBatchReader.from_batches(reader.schema, _read(cursor, reader))


def _read(cursor: Any, reader: Any) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    finally:
        reader.close()
        cursor.close()


# -- SQLite, in a process of its own: see arrow_child.py ----------------------------------------------------------


class _Child:
    """A reading process. It serves one query after the other and ends with this process."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "tuopin.platform.arrow_child"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._in, self._out = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)

    def ask(self, request: dict[str, Any]) -> pa.RecordBatchReader:
        """The stream of an answer. Raises DatabaseError."""
        try:
            self._in.write(json.dumps(request, default=str).encode() + b"\n")
            self._in.flush()
            line = self._out.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise DatabaseError("the process that reads the database ended unexpectedly")
        if error := json.loads(line).get("error"):
            raise DatabaseError(error)
        return pa.ipc.open_stream(self._out)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


_idle: list[_Child] = []
_idle_lock = threading.Lock()
_MOST_IDLE = 2


@atexit.register
def _end_idle() -> None:
    while _idle:
        _idle.pop().end()


def _from_child(sql: str, params: Sequence[object]) -> pa.RecordBatchReader:
    with _idle_lock:
        child = _idle.pop() if _idle else _Child()
    path = str(connection.settings_dict["NAME"])
    try:
        reader = child.ask({"path": path, "sql": sql, "params": list(params), "batch": _FIRST_BATCH})
    except BaseException:
        child.end()
        raise
    return pa.RecordBatchReader.from_batches(reader.schema, _answered(child, reader))


def _answered(child: _Child, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches of an answer; a child whose answer was read to its end may serve again."""
    whole = False
    try:
        yield from reader
        whole = True
    except (OSError, pa.ArrowInvalid) as error:
        raise DatabaseError("reading the database broke off") from error
    finally:
        with _idle_lock:
            again = whole and len(_idle) < _MOST_IDLE
            if again:
                _idle.append(child)
        if not again:
            child.end()


# -- PostgreSQL ---------------------------------------------------------------------------------------------------


class _Kept:
    """A database as the driver knows it. Opening one reads every type and column there is (0.1 s), so a process keeps
    each that it ever opened; it holds no session of the server."""

    def __init__(self, database: Any) -> None:
        self.database = database

    def close(self) -> None:
        """Stays open for the next reader: a connection that closes would close its database too."""


_kept: dict[str, _Kept] = {}
_kept_lock = threading.Lock()


def _connect() -> Any:
    import adbc_driver_manager
    import adbc_driver_postgresql
    from adbc_driver_postgresql import dbapi as postgresql

    address = _address()
    with _kept_lock:  # the driver counts its connections without a lock of its own
        if address not in _kept:
            _kept[address] = _Kept(adbc_driver_postgresql.connect(address))
        kept = _kept[address]
        return postgresql.Connection(
            cast("Any", kept), adbc_driver_manager.AdbcConnection(kept.database), autocommit=True
        )


def _address() -> str:
    settings = connection.settings_dict
    user, password = quote(settings["USER"] or "", safe=""), quote(settings["PASSWORD"] or "", safe="")
    options = {key: str(value) for key, value in settings["OPTIONS"].items() if key in {"sslmode", "sslrootcert"}}
    options |= {"host": str(settings["HOST"] or ""), "port": str(settings["PORT"] or "")}
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in options.items() if value)
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"postgresql://{login}/{quote(str(settings['NAME']), safe='')}?{query}"


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
