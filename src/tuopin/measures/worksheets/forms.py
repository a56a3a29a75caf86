"""Forms of worksheets: from what was posted to a draft. Every field is text of any shape until it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.given import whole_number

from ..plans.forms import day_of, fen
from .lines import lines
from .services import Draft, Reply

if TYPE_CHECKING:
    from django.http import QueryDict

    from tuopin.platform.evidence import Kept


def draft(posted: QueryDict, household_id: int, year: int) -> Draft:
    """The version that a form holds; a line left blank is not answered. Raises Problem."""
    amounts: dict[str, int] = {}
    for key, line in lines().items():
        amount = fen(posted.get(f"amount-{key}", ""), f"“{line.title.zh}”", f"“{line.title.en}”")
        if amount is not None:
            amounts[key] = amount
    notes = {key: text for key in amounts if (text := _text(posted, f"note-{key}"))}
    return Draft(
        household_id, year, whole_number(posted.get("members", ""), 0) or 0, amounts, notes,
        whole_number(posted.get("seen", "0"), 0) or 0, _text(posted, "reason"),
    )  # fmt: skip


def reply(posted: QueryDict, paper: Kept | None) -> Reply:
    """What the household said. Raises Problem."""
    helper_day = _text(posted, "helper_day")
    return Reply(
        posted.get("kind", ""),
        day_of(posted.get("day", ""), "户主签字日期", "the day"),
        _text(posted, "helper"),
        day_of(helper_day, "帮扶责任人签字日期", "the helper's day") if helper_day else None,
        _text(posted, "note"),
        paper,
        _text(posted, "reference"),
    )


def _text(posted: QueryDict, name: str) -> str:
    return posted.get(name, "").replace("\0", "").strip()
