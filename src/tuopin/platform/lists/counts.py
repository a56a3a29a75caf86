"""Exact counts. A count over a large list reads all of it: it is kept until the data change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Hashable

    from .engine import Open

_KEPT = 4_096
_lock = threading.Lock()
_counts: OrderedDict[Hashable, int] = OrderedDict()


def count(opened: Open) -> int:
    """The number of rows that match. Where the list says which ``version`` of the data it shows, the count is kept
    for that version, by the text and values of its statement: other grants or another place are another statement."""
    rows = opened.rows().order_by()
    if opened.listing.version is None:
        return rows.count()
    try:
        sql, values = rows.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    key = (connection.settings_dict["NAME"], opened.listing.key, opened.listing.version(), sql, repr(values))
    with _lock:
        if key in _counts:
            _counts.move_to_end(key)
            return _counts[key]
    found = rows.count()
    with _lock:
        _counts[key] = found
        while len(_counts) > _KEPT:
            _counts.popitem(last=False)
    return found


def forget() -> None:
    """Drop everything kept (tests change data without saying so)."""
    with _lock:
        _counts.clear()
