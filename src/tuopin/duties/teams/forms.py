"""Forms of resident teams: every field is text of any shape until it was read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tuopin.core.workbook.values import parse_date
from tuopin.platform.problems import Problem

from . import rules
from .presence import Month

if TYPE_CHECKING:
    from django.http import QueryDict


def text(posted: QueryDict, name: str, most: int = 501) -> str:
    """A text as typed, cut beyond what any service takes."""
    return posted.get(name, "").replace("\0", "").strip()[:most]


def day(posted: QueryDict, name: str) -> date:
    """A day as typed. Raises Problem."""
    found = parse_date(posted.get(name, "")[:20])
    if not isinstance(found, date):
        raise Problem("bad_date", "日期请写作 2018-12-01。", "Write the day as 2018-12-01.")
    return found


def month(posted: QueryDict, official_id: int, of: date) -> Month:
    """A sheet: ``mark-1`` … ``mark-31``, ``note-1`` …; a day without a field, or with an empty one, is unknown."""
    days = range(1, rules.length(of) + 1)
    marks = [text(posted, f"mark-{at}", 2) or rules.UNKNOWN for at in days]
    notes = {at: note for at in days if (note := text(posted, f"note-{at}", 201))}
    if any(len(mark) != 1 for mark in marks):
        raise Problem("bad_marks", "每天请选一种情况。", "Choose one mark for each day.")
    return Month(official_id, of, "".join(marks), notes)
