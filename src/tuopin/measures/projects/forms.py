"""Forms of projects and funds: from what was posted to what the services take. Raises Problem for what is no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from ..plans.forms import day_of, fen
from .benefits import Given
from .services import Draft, Move

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict


def draft(posted: QueryDict, area_id: int, *, number: int | None = None, year: int = 0) -> Draft:
    """A project as the form holds it."""
    households = text(posted, "households")
    count = whole_number(households, -1) if households else None
    return Draft(
        code=text(posted, "code") or "-",
        year=year or whole_number(posted.get("year", ""), 0) or 0,
        name=text(posted, "name"),
        sort=posted.get("sort", ""),
        area_id=area_id,
        content=text(posted, "content"),
        unit=text(posted, "unit"),
        source=text(posted, "source"),
        cost=fen(posted.get("cost", ""), "计划投资", "the planned cost"),
        begins=_day(posted, "begins", "计划开始时间", "the first day"),
        due=_day(posted, "due", "计划完成时间", "the last day"),
        households=count,
        cancelled=posted.get("cancelled") == "1",
        number=number,
        seen=whole_number(posted.get("seen", ""), 0) or 0,
    )


def money(posted: QueryDict, kind: str, *, fund: int | None, project: int | None) -> Move:
    """Money that moved."""
    amount = fen(posted.get("amount", ""), "金额", "the amount")
    if amount is None:
        raise Problem("bad_money", "请填写金额。", "Give the amount.")
    day = day_of(posted.get("day", ""), "日期", "the day")
    return Move(kind, amount, day, fund, project, text(posted, "document"), text(posted, "payee"))


def benefits(posted: QueryDict) -> list[Given]:
    """Households by their codes, one a line or parted by commas; each gets the same."""
    amount = fen(posted.get("amount", ""), "金额", "the amount")
    in_kind = text(posted, "in_kind")
    written = text(posted, "households")[:200_000].replace("，", ",").replace(",", " ").split()
    return [Given(code[:64], amount, in_kind) for code in written]


def number(posted: QueryDict, name: str) -> int | None:
    """A number that a choice gave; None where nothing was chosen, 0 for what is none."""
    given = text(posted, name)
    return (whole_number(given, 0) or 0) if given else None


def text(posted: QueryDict, name: str) -> str:
    """What stands in a field, without NUL and blanks around."""
    return posted.get(name, "").replace("\0", "").strip()


def _day(posted: QueryDict, name: str, zh: str, en: str) -> date | None:
    given = text(posted, name)
    return day_of(given, zh, en) if given else None
