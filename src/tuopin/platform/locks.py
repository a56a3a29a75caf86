"""Locks between processes that the system itself frees when their holder dies (docs/decisions/0014)."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection

from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Busy(Problem):
    """Another process holds the lock."""

    status = 503


def _busy(name: str) -> Busy:
    return Busy(
        "busy",
        f"另一个进程正在占用“{name}”，请等它结束后再试。",
        f"Another process holds “{name}”. Wait until it has ended and try again.",
        lock=name,
    )


@contextmanager
def exclusive(name: str, wait: float | None = None) -> Iterator[None]:
    """Hold ``name`` alone among all processes of this installation. Not re-entrant.

    Waits for ever, or ``wait`` seconds (0 = not at all) and then raises :class:`Busy`. With SQLite it is a file lock
    in the data folder, with PostgreSQL an advisory lock on a connection of its own: both end with the process.
    """
    if connection.vendor == "postgresql":
        with _advisory_lock(name, wait):
            yield
    else:
        with file_lock(make_home() / "locks" / f"{_file_name(name)}.lock", name, wait):
            yield


def _file_name(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)


@contextmanager
def file_lock(path: Path, name: str, wait: float | None = None, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock on a file, freed by the system when the process ends. The file itself stays."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _patiently(lambda: _try_file(descriptor, shared), name, wait)
        yield
    finally:
        os.close(descriptor)


def _try_file(descriptor: int, shared: bool) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _patiently(attempt: Any, name: str, wait: float | None) -> None:
    end = None if wait is None else time.monotonic() + wait
    pause = 0.005
    while not attempt():
        if end is not None and time.monotonic() >= end:
            raise _busy(name)
        time.sleep(pause)
        pause = min(pause * 2, 0.2)


def advisory_number(name: str) -> int:
    """A signed 64-bit number for a name, the same in every process."""
    return int.from_bytes(hashlib.sha256(f"tuopin:{name}".encode()).digest()[:8], signed=True)


@contextmanager
def _advisory_lock(name: str, wait: float | None) -> Iterator[None]:
    import psycopg

    parameters = connection.get_connection_params()
    wanted = {
        key: value for key, value in parameters.items() if key not in {"cursor_factory", "context", "prepare_threshold"}
    }
    with psycopg.connect(**wanted, autocommit=True) as own:

        def attempt() -> bool:
            row = own.execute("SELECT pg_try_advisory_lock(%s)", [advisory_number(name)]).fetchone()
            return bool(row and row[0])

        _patiently(attempt, name, wait)
        yield


_residence: list[int] = []  # the descriptor by which this process holds its data folder


def live_in(root: Path) -> None:
    """Say, until this process ends, that it uses the data folder: a restore must not take it away meanwhile."""
    if not _residence:
        descriptor = os.open(root / "locks" / "home.lock", os.O_RDWR | os.O_CREAT, 0o600)
        _patiently(lambda: _try_file(descriptor, shared=True), "home", 60)
        _residence.append(descriptor)


@contextmanager
def alone_in(root: Path) -> Iterator[None]:
    """Use the data folder while no other process does. Raises Problem if one does."""
    while _residence:  # our own hold is not in the way
        os.close(_residence.pop())
    try:
        with file_lock(root / "locks" / "home.lock", "home", wait=0.5):
            yield
    except Busy as error:
        raise Problem(
            "in_use",
            "有程序正在使用数据目录（如 tuopin serve）。请先停掉它。",
            "A program is using the data folder (such as tuopin serve). Stop it first.",
        ) from error
