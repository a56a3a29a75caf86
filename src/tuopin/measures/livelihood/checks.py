"""What may be entered by hand: bounds of every field, said with the number of the row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.credit import is_sound
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import PersonIdentity

from .words import ENTERPRISES, FORMS, OLD_HOUSE, PLACES, RISKS, USES, WORKS, YOUNGEST

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .models import Dividend, EnterpriseLink, EnterpriseRisk, EnterpriseVersion, Loan, Relocation, Said, Work

FIRST, LAST = date(1949, 10, 1), date(2100, 1, 1)
MOST_MONEY = 10**10  # fen: a hundred million yuan is nobody's link, wage or loan
_AHEAD = timedelta(days=366)
ANSWERS = ("job", "school", "clinic")


def _at(at: int, code: str, zh: str, en: str) -> Problem:
    return Problem(code, f"第 {at} 条：{zh}", f"Row {at}: {en}", row=at)


def _fields(row: Said, at: int) -> None:
    """Texts that fit, money that can be, days that can be; no NUL characters."""
    from django.db import models

    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if value is None or field.attname in {"id", "recorded_at"}:
            continue
        if isinstance(field, models.CharField):
            if len(str(value)) > (field.max_length or 0) or "\0" in str(value):
                raise _at(
                    at, "too_long", f"文字不超过 {field.max_length} 字。", f"at most {field.max_length} characters."
                )
        elif type(field) is models.DateField:
            if not FIRST <= value <= LAST:
                raise _at(at, "day_out_of_range", "日期不合理，请核对年份。", "that day cannot be; check the year.")
        elif isinstance(field, models.BigIntegerField) and not field.is_relation and not 0 <= value <= MOST_MONEY:
            raise _at(at, "bad_money", "金额不对。", "that is no amount of money.")


def _one_of(value: str | None, known: Mapping[str, object], at: int, zh: str, en: str, *, blank: bool = False) -> None:
    if value not in known and not (blank and not value):
        raise _at(at, "bad_choice", f"请选择{zh}。", f"choose {en}.")


def _not_ahead(day: date | None, at: int) -> None:
    if day is not None and day > timezone.localdate():
        raise _at(at, "day_ahead", "日期不能晚于今天。", "the day must not lie ahead.")


def _span(start: date, end: date | None, at: int) -> None:
    if end is not None and end <= start:
        raise _at(at, "ends_before_start", "结束不能早于开始。", "it ends before it begins.")
    if start > timezone.localdate() + _AHEAD:
        raise _at(at, "day_ahead", "开始日期太远，请核对年份。", "it begins too far ahead; check the year.")


def next_day(day: date) -> date:
    """The day after the last one; refuses what is no day of our time, and a day ahead."""
    if not FIRST <= day <= LAST:
        raise _at(1, "day_out_of_range", "日期不合理，请核对年份。", "that day cannot be; check the year.")
    _not_ahead(day, 1)
    return day + timedelta(days=1)


def enterprise(row: EnterpriseVersion) -> None:
    """Raises Problem."""
    row.name, row.credit_code = row.name.strip(), row.credit_code.strip().upper()
    if not row.name:
        raise _at(1, "no_name", "请写名称。", "give the name.")
    if row.credit_code and not is_sound(row.credit_code):
        raise _at(
            1,
            "bad_credit_code",
            "统一社会信用代码有误；没有的留空。",
            "the credit code is wrong; blank where there is none.",
        )
    _one_of(row.kind, ENTERPRISES, 1, "类型", "the kind")
    if row.capacity is not None and not 0 <= row.capacity <= 10**6:
        raise _at(1, "bad_number", "人数不对。", "that is no number of persons.")
    _fields(row, 1)
    _not_ahead(row.as_of, 1)


def risk(row: EnterpriseRisk, at: int) -> None:
    """Raises Problem. Anything but normal needs its ground."""
    _one_of(row.level, RISKS, at, "风险等级", "the level of risk")
    if row.level != "normal" and not row.ground.strip():
        raise _at(at, "no_ground", "请写风险原因。", "give the ground.")
    _fields(row, at)
    _not_ahead(row.day, at)


def link(row: EnterpriseLink, at: int) -> None:
    """Raises Problem."""
    _one_of(row.form, FORMS, at, "联结方式", "the form of the link")
    _fields(row, at)
    _span(row.valid_from, row.valid_to, at)
    if row.share is not None and not 0 <= row.share <= 10_000:
        raise _at(at, "bad_share", "股份比例在 0 至 100% 之间。", "a share lies between 0 and 100 %.")


def dividend(row: Dividend, at: int) -> None:
    """Raises Problem."""
    _one_of(row.form, FORMS, at, "联结方式", "the form of the link")
    _fields(row, at)
    if not row.period.strip() or (row.due is None and row.paid is None):
        raise _at(at, "no_amount", "请写期次和应付或已付金额。", "give the period, and an amount due or paid.")
    _not_ahead(row.paid_on, at)


def births(people: Collection[int]) -> dict[int, date]:
    """Birth dates as known."""
    rows = PersonIdentity.objects.filter(person_id__in=listed(people), superseded_at=None, birth_date__isnull=False)
    found = rows.order_by("as_of").values_list("person_id", "birth_date")
    return {person: birth for person, birth in found if birth is not None}


def work(row: Work, at: int, birth: date | None) -> None:
    """Raises Problem; for somebody under 16 too. Of an unknown birth date nothing is said."""
    _one_of(row.kind, WORKS, at, "务工类型", "the kind of work")
    _one_of(row.place, PLACES, at, "地点", "the place", blank=True)
    _fields(row, at)
    _span(row.valid_from, row.valid_to, at)
    _not_ahead(row.valid_from, at)
    if not row.employer.strip() and not row.post.strip():
        raise _at(at, "no_employer", "请写单位或岗位。", "give the employer or the post.")
    if birth is not None and row.valid_from < came_of_age(birth):
        raise _at(
            at, "work_too_young", f"开始时未满 {YOUNGEST} 周岁，不得务工，没有写入任何内容。确有其事的，立即报告。",
            f"under {YOUNGEST} on the first day: may not work; nothing was written. If it is so, report it at once.",
        )  # fmt: skip


def came_of_age(birth: date) -> date:
    """The first day on which somebody may work; who was born on 29 February: 1 March."""
    year = birth.year + YOUNGEST
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def loan(row: Loan, at: int) -> None:
    """Raises Problem."""
    if not row.bank.strip():
        raise _at(at, "no_bank", "请写贷款银行。", "name the bank.")
    _one_of(row.use, USES, at, "使用方式", "the use", blank=True)
    _fields(row, at)
    _not_ahead(row.granted, at)
    _not_ahead(row.repaid_on, at)
    if row.rate is not None and not 0 <= row.rate <= 10_000:
        raise _at(at, "bad_rate", "年利率在 0 至 100% 之间。", "a rate lies between 0 and 100 %.")
    for day in (row.due, row.repaid_on):
        if day is not None and day < row.granted:
            raise _at(
                at,
                "ends_before_start",
                "到期或还清不能早于放款。",
                "it falls due, or was repaid, before it was granted.",
            )


def relocation(row: Relocation, at: int) -> None:
    """Raises Problem."""
    _one_of(row.old_house, OLD_HOUSE, at, "旧房状况", "the state of the old house", blank=True)
    _fields(row, at)
    for day in (row.as_of, row.moved_in_on, row.old_house_down_on):
        _not_ahead(day, at)


def take_over(row: Relocation, before: Relocation | None) -> None:
    """Give answers their day, and fill what a row does not say from what was known before."""
    for each in ANSWERS:
        if getattr(row, f"has_{each}") is not None:
            setattr(row, f"{each}_on", getattr(row, f"{each}_on") or row.as_of)
    if row.land_there is not None or row.registered_there is not None:
        row.ties_on = row.ties_on or row.as_of
    row.old_house = row.old_house or None
    if before is None:
        return
    own = {"id", "sheet_id", "row", "by_hand", "recorded_at", "superseded_at", "household_id", "year", "as_of"}
    for field in row._meta.concrete_fields:
        if field.attname not in own and getattr(row, field.attname) in (None, ""):
            setattr(row, field.attname, getattr(before, field.attname))
