"""What of a card fits on half a sheet. Who is to call and how to complain must stay readable whatever people typed into
a plan: long texts are cut, and measures that find no room are counted. The public page and the handbook show all."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from .content import Contact, Content, Measure

LINES = 7
"""Lines of the table of measures."""
HELPERS, VILLAGE = 4, 3
"""Contacts of each sort."""
_CONTENT, _BY, _NAME, _UNIT, _POST = 60, 22, 16, 16, 10
_CONTENT_LINE, _BY_LINE = 31, 11  # characters that stand on a line of their column


def fitted(each: Content, day: date) -> dict[str, Any]:
    """What the template prints in place of the whole: contacts, measures with their states, how many are not shown.
    ``others``: how many contacts are not."""
    shown, room = [], LINES
    for row in each.measures:
        room -= _lines(row)
        if room < 0:
            break
        shown.append({
            **asdict(row), "content": cut(row.content, _CONTENT), "by": cut(row.by, _BY), "state": row.state(day).zh,
        })  # fmt: skip
    helpers, village = each.helpers[:HELPERS], each.village[:VILLAGE]
    return {
        "head": cut(each.head, _NAME), "helpers": _contacts(helpers), "village": _contacts(village),
        "others": len(each.helpers) + len(each.village) - len(helpers) - len(village),
        "measures": shown, "more": each.more + len(each.measures) - len(shown),
    }  # fmt: skip


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, with … in place of what is gone."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _lines(row: Measure) -> int:
    content, by = cut(row.content, _CONTENT), cut(row.by, _BY)
    return max(math.ceil(len(content) / _CONTENT_LINE), math.ceil(len(by) / _BY_LINE), 1)


def _contacts(rows: Sequence[Contact]) -> list[dict[str, str]]:
    return [
        {**asdict(row), "name": cut(row.name, _NAME), "unit": cut(row.unit, _UNIT), "post": cut(row.post, _POST)}
        for row in rows
    ]
