"""Counts of very many rows, a moment old: what everybody looks at is counted for all once, not once a reader.

A count is given as it is for half a minute. Then, up to two minutes, it is still given, and counted anew beside the
request that found it old: who looks does not wait, but for the first. Pages say of when such a count is. Each process
keeps its own; what it counts beside requests it counts one after the other.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

FRESH, LASTING = 30.0, 120.0
"""Seconds for which a count is given as it is, and while it is counted anew."""
_KEPT = 512
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Count:
    moment: float
    at: datetime
    found: Any


_lock = threading.Lock()
_counts: OrderedDict[Hashable, _Count] = OrderedDict()
_counting: dict[Hashable, threading.Lock] = {}
_beside = threading.Lock()
_forgotten = [0]


def recent[T](key: Hashable, find: Callable[[], T], many: Callable[[T], bool]) -> tuple[T, datetime | None]:
    """What ``find`` counts and, of what ``many`` says is of many, of when it is: only that is kept. ``key`` names all
    that it depends on, but for the data and the time. ``find`` may run in another thread."""
    held = _held(key)
    if held is None:
        with _first(key):
            held = _held(key)  # of whoever was first
            if held is None:
                made = _keep(key, find, many)
                return made.found, made.at if many(made.found) else None
    if time.monotonic() - held.moment >= FRESH:
        _again(key, find, many)
    return held.found, held.at


def forget() -> None:
    """Drop what this process keeps, and what it is counting (tests change data without saying so)."""
    with _lock:
        _counts.clear()
        _forgotten[0] += 1


def _held(key: Hashable) -> _Count | None:
    with _lock:
        held = _counts.get(key)
    return held if held is not None and time.monotonic() - held.moment < LASTING else None


def _first(key: Hashable) -> threading.Lock:
    """Of those who want the same at the same moment one counts."""
    with _lock:
        if len(_counting) > _KEPT:
            _counting.clear()  # who still holds one counts once more than needed
        return _counting.setdefault(key, threading.Lock())


def _keep[T](key: Hashable, find: Callable[[], T], many: Callable[[T], bool]) -> _Count:
    at, moment, before = timezone.now(), time.monotonic(), _forgotten[0]  # what is written meanwhile may be missing
    made = _Count(moment, at, find())
    with _lock:
        _counts.pop(key, None)
        if many(made.found) and _forgotten[0] == before:
            _counts[key] = made
            while len(_counts) > _KEPT:
                _counts.popitem(last=False)
    return made


def _again[T](key: Hashable, find: Callable[[], T], many: Callable[[T], bool]) -> None:
    """Count anew in a thread of its own, unless this process counts something already: the next reader asks again."""
    if not _beside.acquire(blocking=False):
        return

    def count() -> None:
        try:
            _keep(key, find, many)
        except DatabaseError:
            _log.warning("a count could not be renewed: the next reader counts", exc_info=True)
        finally:
            connection.close()
            _beside.release()

    try:
        threading.Thread(target=count, name="counts", daemon=True).start()
    except RuntimeError:  # no thread to be had: what is held is given, and the next reader asks again
        _beside.release()
