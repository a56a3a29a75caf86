"""Forms of help plans: from what was posted to a draft. Every field is text of any shape until it was read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tuopin.core.workbook.values import parse_date
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from .services import MOST_MEASURES, Done, Draft, Wanted
from .states import LINES

if TYPE_CHECKING:
    from django.http import QueryDict

_DIGITS = 13


def day_of(text: str, what_zh: str, what_en: str) -> date:
    """A day as it was typed. Raises Problem."""
    found = parse_date(text[:20])
    if not isinstance(found, date):
        raise Problem("bad_date", f"{what_zh}请写作 2018-12-01。", f"Write {what_en} as 2018-12-01.")
    return found


def fen(text: str, what_zh: str, what_en: str) -> int | None:
    """Yuan as typed, in fen; blank = unknown. Raises Problem."""
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    whole, dot, rest = plain.partition(".")
    good = (
        whole.isascii()
        and whole.isdigit()
        and len(whole) < _DIGITS
        and (not dot or (rest.isascii() and rest.isdigit()))
    )
    if not good or len(rest) > 2:
        raise Problem(
            "bad_money", f"{what_zh}请写元，最多两位小数。", f"Write {what_en} in yuan, at most two decimals."
        )
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def draft(posted: QueryDict, household_id: int, year: int) -> Draft:
    """The version that a form holds: rows ``content-0`` …; a row without content and organisation is none."""
    measures = []
    for at in range(MOST_MEASURES):
        if f"content-{at}" not in posted:
            break
        if posted.get(f"content-{at}", "").strip() or posted.get(f"organisation-{at}", "").strip():
            measures.append(_measure(posted, at))
    return Draft(
        household_id,
        year,
        tuple(dict.fromkeys(each for each in posted.getlist("cause")[:20] if each)),
        tuple(measures),
        whole_number(posted.get("seen", "0"), 0) or 0,
        posted.get("reason", "").replace("\0", "").strip(),
    )


def _measure(posted: QueryDict, at: int) -> Wanted:
    def text(name: str) -> str:
        return posted.get(f"{name}-{at}", "").replace("\0", "").strip()

    number, person = text("number"), text("person")
    money = {
        name: fen(text(name), f"第 {at + 1} 项的金额", f"the amounts of measure {at + 1}") for name in ("cost", *LINES)
    }
    return Wanted(
        sort=text("sort"),
        content=text("content"),
        organisation=text("organisation"),
        due=day_of(text("due"), f"第 {at + 1} 项的完成时间", f"the day of measure {at + 1}"),
        number=whole_number(number, -1) if number else None,
        policy=text("policy"),
        person_id=whole_number(person, -1) if person else None,
        fund=text("fund"),
        mends=tuple(dict.fromkeys(posted.getlist(f"mends-{at}")[:20])),
        **money,
    )


def done(posted: QueryDict) -> Done:
    """What was done of one measure."""
    return Done(
        whole_number(posted.get("measure", ""), 0) or 0,
        day_of(posted.get("day", ""), "落实日期", "the day"),
        fen(posted.get("cost", ""), "实际支出", "the cost"),
        posted.get("document", "").replace("\0", "").strip(),
        posted.get("effect", "").replace("\0", "").strip(),
    )
