"""Forms of incidents and leads: every field is text of any shape until it was read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tuopin.core.workbook.values import parse_date
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from .leads import Wanted
from .services import Opening

if TYPE_CHECKING:
    from django.http import QueryDict


def text(posted: QueryDict, name: str, most: int = 4001) -> str:
    """A text as typed, cut beyond what any service takes."""
    return posted.get(name, "").replace("\0", "").strip()[:most]


def day(posted: QueryDict, name: str, zh: str, en: str) -> date:
    """A day as typed. Raises Problem."""
    found = parse_date(posted.get(name, "")[:20])
    if not isinstance(found, date):
        raise Problem("bad_date", f"{zh}请写作 2018-12-01。", f"Write {en} as 2018-12-01.")
    return found


def opening(posted: QueryDict, household: str) -> Opening:
    """An incident of a household."""
    happened = day(posted, "happened_on", "发生日期", "when it happened") if text(posted, "happened_on") else None
    return Opening(
        household, text(posted, "kind", 20), day(posted, "found_on", "发现日期", "when it was found"),
        text(posted, "channel", 20), text(posted, "account", 1001), happened,
    )  # fmt: skip


def lead(posted: QueryDict) -> Wanted:
    """A lead to open."""
    return Wanted(
        whole_number(posted.get("official", ""), 0) or 0, text(posted, "source", 20), text(posted, "grounds"),
        text(posted, "document", 201), text(posted, "told_by"), whole_number(posted.get("incident", ""), None),
    )  # fmt: skip
