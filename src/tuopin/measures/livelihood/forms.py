"""Forms of livelihood: from what was posted to rows. Every field is text of any shape until it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.given import whole_number
from tuopin.platform.problems import Missing, Problem

from ..plans.forms import day_of, fen
from . import checks
from .models import Dividend, EnterpriseLink, EnterpriseRisk, EnterpriseVersion, Loan, Relocation, Work

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.http import QueryDict

_YES_NO = {"1": True, "0": False}


def text(posted: QueryDict, name: str) -> str:
    """A field without NUL characters and blanks around it."""
    return posted.get(name, "").replace("\0", "").strip()


def _day(posted: QueryDict, name: str, zh: str, en: str) -> date | None:
    return day_of(text(posted, name), zh, en) if text(posted, name) else None


def _answer(posted: QueryDict, name: str) -> bool | None:
    return _YES_NO.get(text(posted, name))


def _until(posted: QueryDict) -> date | None:
    """The day after the last one, None = open."""
    last = _day(posted, "until", "结束日期", "the last day")
    if last is None:
        return None
    if not checks.FIRST <= last <= checks.LAST:
        raise Problem("day_out_of_range", "日期不合理，请核对年份。", "That day cannot be; check the year.")
    return type(last).fromordinal(last.toordinal() + 1)


def _hundredths(posted: QueryDict, name: str, zh: str, en: str) -> int | None:
    """A per cent with at most two decimals."""
    return fen(text(posted, name), zh, en)


def number(posted: QueryDict, name: str) -> int:
    """A number of the product's own; 0 for none."""
    return whole_number(text(posted, name), 0) or 0


def enterprise(posted: QueryDict, area_id: int) -> EnterpriseVersion:
    capacity = text(posted, "capacity")
    if capacity and not (capacity.isascii() and capacity.isdigit() and len(capacity) < 8):
        raise Problem("bad_number", "人数请写整数。", "Write the places as a whole number.")
    return EnterpriseVersion(
        as_of=day_of(text(posted, "as_of"), "日期", "the day"), name=text(posted, "name"),
        credit_code=text(posted, "credit_code"), kind=text(posted, "kind"), industry=text(posted, "industry"),
        area_id=area_id, organisation=text(posted, "organisation"), operator=text(posted, "operator"),
        capacity=int(capacity) if capacity else None,
    )  # fmt: skip


def risk(posted: QueryDict, enterprise_id: int) -> EnterpriseRisk:
    return EnterpriseRisk(
        enterprise_id=enterprise_id, day=day_of(text(posted, "day"), "日期", "the day"), level=text(posted, "level"),
        ground=text(posted, "ground"), document=text(posted, "document"),
    )  # fmt: skip


def link(posted: QueryDict, household_id: int) -> EnterpriseLink:
    return EnterpriseLink(
        household_id=household_id, enterprise_id=number(posted, "enterprise"), form=text(posted, "form"),
        valid_from=day_of(text(posted, "since"), "开始日期", "the first day"), valid_to=_until(posted),
        contract=text(posted, "contract"), agreed=fen(text(posted, "agreed"), "约定年收益", "the amount agreed"),
        share=_hundredths(posted, "share", "股份比例", "the share"),
    )  # fmt: skip


def dividend(posted: QueryDict, household_id: int) -> Dividend:
    return Dividend(
        household_id=household_id, enterprise_id=number(posted, "enterprise"), form=text(posted, "form"),
        period=text(posted, "period"), due_on=_day(posted, "due_on", "应付日期", "the day due"),
        due=fen(text(posted, "due"), "应付金额", "the amount due"), paid_on=_day(posted, "paid_on", "兑现日期",
            "the day paid"),
        paid=fen(text(posted, "paid"), "已付金额", "the amount paid"), document=text(posted, "document"),
    )  # fmt: skip


def work(posted: QueryDict, members: Collection[int]) -> Work:
    person = number(posted, "person")
    if person not in members:
        raise Missing("no_such_person", "没有找到这个人。", "There is no such person.")
    return Work(
        person_id=person, kind=text(posted, "kind"), employer=text(posted, "employer"), post=text(posted, "post"),
        organisation=text(posted, "organisation"), place=text(posted, "place"),
        valid_from=day_of(text(posted, "since"), "开始日期", "the first day"), valid_to=_until(posted),
        contract=_answer(posted, "signed"), wage=fen(text(posted, "wage"), "月工资", "the wage"),
    )  # fmt: skip


def loan(posted: QueryDict, household_id: int) -> Loan:
    return Loan(
        household_id=household_id, bank=text(posted, "bank"), number=text(posted, "number"),
        amount=fen(text(posted, "amount"), "贷款金额", "the amount"), rate=_hundredths(posted, "rate", "年利率",
            "the rate"),
        granted=day_of(text(posted, "granted"), "放款日期", "the day granted"), due=_day(posted, "due", "到期日期",
            "the day due"),
        use=text(posted, "use"), purpose=text(posted, "purpose"),
        interest_paid=fen(text(posted, "interest_paid"), "已贴息", "the interest paid"),
        repaid=fen(text(posted, "repaid"), "已还", "the amount repaid"),
        repaid_on=_day(posted, "repaid_on", "还清日期", "the day repaid"),
    )  # fmt: skip


def relocation(posted: QueryDict, household_id: int) -> Relocation:
    source = text(posted, "source")
    answers = {f"has_{each}": _answer(posted, each) for each in checks.ANSWERS}
    sources = {f"{each}_source": source for each in checks.ANSWERS if answers[f"has_{each}"] is not None}
    land, registered = _answer(posted, "land"), _answer(posted, "registered")
    ties = {"ties_source": source} if land is not None or registered is not None else {}
    return Relocation(
        household_id=household_id, as_of=day_of(text(posted, "as_of"), "核实日期", "the day"),
        from_place=text(posted, "from_place"), site=text(posted, "site"), contract=text(posted, "contract"),
        moved_in_on=_day(posted, "moved_in_on", "入住日期", "the day moved in"), old_house=text(posted,
            "old_house") or None,
        old_house_down_on=_day(posted, "down_on", "拆旧日期", "the day it came down"), land_there=land,
        registered_there=registered, **answers, **sources, **ties,
    )  # fmt: skip
