"""Exact counts. A count over a large list reads all of it: it is kept until the data change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from django.db.models import QuerySet

    from .engine import Open

type Kept = int | tuple[Any, ...]

_KEPT = 2_048
_lock = threading.Lock()
_counts: OrderedDict[Hashable, Kept] = OrderedDict()


def count(opened: Open) -> int:
    """The number of rows that match. Where the list says which ``version`` of the data it shows, the count is kept
    for that version, by the text and values of its statement: other grants or another place are another statement."""
    found = _kept(opened, "count", lambda rows: rows.count())
    return found if isinstance(found, int) else 0


def keys(opened: Open) -> tuple[Any, ...]:
    """The keys of all rows that match, where they are few: a page of them need not look for them along the order of a
    million others."""
    found = _kept(opened, "keys", lambda rows: tuple(rows.values_list("pk", flat=True)))
    return found if isinstance(found, tuple) else ()


def _kept(opened: Open, what: str, find: Callable[[QuerySet[Any]], Kept]) -> Kept | None:
    """What ``find`` gives for the rows that match; None where the database need not be asked: nothing can match."""
    rows = opened.rows().order_by()
    if opened.listing.version is None:
        return find(rows)
    try:
        sql, values = rows.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    name = connection.settings_dict["NAME"]
    key = (what, name, opened.listing.key, opened.listing.version(), sql, repr(values))
    with _lock:
        if key in _counts:
            _counts.move_to_end(key)
            return _counts[key]
    found = find(rows)
    with _lock:
        _counts[key] = found
        while len(_counts) > _KEPT:
            _counts.popitem(last=False)
    return found


def forget() -> None:
    """Drop everything kept (tests change data without saying so)."""
    with _lock:
        _counts.clear()
