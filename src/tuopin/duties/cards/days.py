"""A day that a form gave."""

from __future__ import annotations

import datetime

from tuopin.platform.problems import Problem

EARLIEST = datetime.date(2000, 1, 1)


def day_of(text: str) -> datetime.date:
    """The day. Raises Problem for what is none, or lies before 2000."""
    try:
        found = datetime.date.fromisoformat(text.strip()) if len(text) <= 12 else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= datetime.date(2999, 12, 31):
        raise Problem("bad_day", "日期请写成 2018-12-01 的样子。", "Write the day as 2018-12-01.")
    return found
