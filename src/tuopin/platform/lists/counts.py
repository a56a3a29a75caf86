"""Exact counts. A count over a large list reads all of it: it is kept until the data change, for all processes.

Kept in this process and, where counting took a while, in files under ``TUOPIN_HOME/counts``: reading a page must not
wait for whoever writes into the database. The folder holds numbers and internal ids alone, of one state of the data;
it may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection

from tuopin.platform.home import make_home
from tuopin.platform.locks import Busy, file_lock

from . import recent

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from datetime import datetime
    from pathlib import Path

    from django.db.models import QuerySet

    from .engine import Open

type Kept = int | tuple[Any, ...]

FOLDER = "counts"
SLOW = 0.02
"""Seconds from which on a count is worth a file."""
MANY = 20_000
"""Rows from which on the number of a list that is always moving may be a moment old."""

_KEPT = 1_024
_FILES = 5_000
_PATIENCE = 10.0  # seconds to wait for another process that counts the same
_STRIPES = 64
_lock = threading.Lock()
_counts: OrderedDict[Hashable, Kept] = OrderedDict()


def count(opened: Open) -> int:
    """The number of rows that match. Where the list says which ``version`` of the data it shows, the count is kept
    for that version, by the text and values of its statement: other grants or another place are another statement."""
    return counted(opened)[0]


def counted(opened: Open) -> tuple[int, datetime | None]:
    """The number as :func:`count` gives it, and of when it is. Of a list that is always ``moving`` and very long it may
    be a moment old (``recent``); None: it is of now."""

    asked = opened.rows()  # by the grants of this moment, also where it is counted beside the request

    def find() -> int:
        found = _kept(opened, "count", lambda rows: rows.count(), asked)
        return found if isinstance(found, int) else 0

    if not opened.listing.moving:
        return find(), None
    try:
        sql, values = asked.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0, None
    key = (str(connection.settings_dict["NAME"]), opened.listing.key, sql, repr(values))
    return recent.recent(key, find, lambda number: number >= MANY)


def keys(opened: Open) -> tuple[Any, ...]:
    """The keys of all rows that match, where they are few: a page of them need not look for them along the order of a
    million others."""
    found = _kept(opened, "keys", lambda rows: tuple(rows.values_list("pk", flat=True)))
    return found if isinstance(found, tuple) else ()


def _kept(
    opened: Open, what: str, find: Callable[[QuerySet[Any]], Kept], asked: QuerySet[Any] | None = None
) -> Kept | None:
    """What ``find`` gives for the rows that match (``asked``, if they were asked for before); None where the
    database need not be asked: nothing can match."""
    rows = (opened.rows() if asked is None else asked).order_by()
    version = opened.version()
    if version is None:
        return find(rows)
    try:
        sql, values = rows.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    key = (what, str(connection.settings_dict["NAME"]), opened.listing.key, version, sql, repr(values))
    found = _remembered(key)
    if found is None:
        found = _shared(key, version, lambda: find(rows))
        with _lock:
            _counts[key] = found
            while len(_counts) > _KEPT:
                _counts.popitem(last=False)
    return found


def _remembered(key: Hashable) -> Kept | None:
    with _lock:
        if key not in _counts:
            return None
        _counts.move_to_end(key)
        return _counts[key]


def forget() -> None:
    """Drop what this process keeps (tests change data without saying so)."""
    recent.forget()
    with _lock:
        _counts.clear()


# -- between processes --------------------------------------------------------------------------------------------


def _shared(key: tuple[str, ...], version: str, find: Callable[[], Kept]) -> Kept:
    """From the file of another process, else found and, where that was slow, put there for the others. Whoever asks
    for the same meanwhile waits for the first."""
    name = hashlib.sha256("\0".join(key).encode()).hexdigest()
    state = hashlib.sha256("\0".join((key[1], version)).encode()).hexdigest()[:24]
    top = make_home() / FOLDER
    path = top / state / f"{name}.json"
    found = _read(path)
    if found is not None:
        return found
    with _alone(top, name):
        found = _read(path)
        if found is None:
            began = time.perf_counter()
            found = find()
            if time.perf_counter() - began >= SLOW:
                _write(top, path, found)
    return found


@contextlib.contextmanager
def _alone(top: Path, name: str) -> Iterator[None]:
    """One of the processes that want the same; after some seconds all the same."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(Busy, OSError):
            stripe = top / f"{int(name[:8], 16) % _STRIPES:02d}.lock"
            stack.enter_context(file_lock(stripe, "counts", _PATIENCE))
        yield


def _read(path: Path) -> Kept | None:
    """None where there is nothing, or nothing sensible."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if isinstance(found, list):
        return tuple(found)
    return found if isinstance(found, int) else None


def _write(top: Path, path: Path, found: Kept) -> None:
    """Under another name first: nobody reads half a file. A disk that is full costs the others a count of their own."""
    draft = path.with_name(f".{secrets.token_hex(8)}")
    with contextlib.suppress(OSError, TypeError):
        if not path.parent.is_dir():
            for former in top.iterdir():  # of data that are no longer so
                if former.is_dir():
                    shutil.rmtree(former, ignore_errors=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
        if sum(1 for _each in path.parent.iterdir()) >= _FILES:
            return
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(found))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
