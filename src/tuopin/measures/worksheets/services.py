"""What changes income worksheets: a version kept, the household's answer, the register told. Each takes a set."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import orjson
from django.db import IntegrityError
from django.db.models import Max
from django.utils import timezone

from tuopin.platform import evidence
from tuopin.platform.access import require, visible_ids, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import hold_data, write
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed

from ..permissions import KEEP_WORKSHEET
from .lines import lines
from .models import IncomeWorksheet, WorksheetAnswer, WorksheetLine

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tuopin.platform.access import Actor
    from tuopin.platform.evidence import Kept

MOST = 5_000
MOST_MONEY = 10**11  # fen: no household earns a thousand million yuan
MOST_MEMBERS = 50
ABOUT = "income_worksheet"


@dataclass(frozen=True, slots=True)
class Draft:
    """A version to keep: fen by line, notes by line. ``seen``: the version that the writer had before, 0 = none."""

    household_id: int
    year: int
    members: int
    amounts: Mapping[str, int]
    notes: Mapping[str, str] = field(default_factory=dict)
    seen: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the household said: signed (with the helper's name and day) or refused with its words."""

    kind: str
    day: date
    helper: str = ""
    helper_day: date | None = None
    note: str = ""
    paper: Kept | None = None
    reference: str = ""


# -- keeping a version --------------------------------------------------------------------------------------------


def keep(actor: Actor, drafts: Sequence[Draft]) -> list[IncomeWorksheet]:
    """Write new versions of worksheets, all of them or none.

    Raises Missing for a household outside the grants, Problem for what is wrong in a draft, and ``changed_meanwhile``
    where somebody else has written a version since.
    """
    keys = {(each.household_id, each.year) for each in drafts}
    if not drafts or len(drafts) > MOST or len(keys) != len(drafts):
        raise Problem("bad_drafts", "每户每年一张明白卡。", "One worksheet a household and year.")
    reach(actor, {each.household_id for each in drafts}, KEEP_WORKSHEET)
    for each in drafts:
        _check(each)
    now = timezone.now()
    sheets = [
        IncomeWorksheet(
            household_id=each.household_id, year=each.year, version=each.seen + 1, members=each.members,
            reason=each.reason.strip(), digest=digest(each), at=now, actor=actor.name or actor.os_user,
            user_id=actor.user_id,
        )
        for each in drafts
    ]  # fmt: skip
    try:
        with write():
            newest = _newest(keys)
            if any(newest.get((each.household_id, each.year), 0) != each.seen for each in drafts):
                raise _changed()
            IncomeWorksheet.objects.bulk_create(sheets, batch_size=500)
            WorksheetLine.objects.bulk_create(
                [
                    WorksheetLine(worksheet=sheet, line=line, amount=amount, note=each.notes.get(line, "").strip())
                    for sheet, each in zip(sheets, drafts, strict=True)
                    for line, amount in each.amounts.items()
                ],
                batch_size=500,
            )
            first, last = sheets[0].pk, sheets[-1].pk
            about = f"{ABOUT}:{first}" if len(sheets) == 1 else f"{ABOUT}s:{first}-{last}"
            detail: dict[str, object] = {"worksheets": len(sheets), "year": drafts[0].year}
            whole = hashlib.sha256("".join(each.digest for each in sheets).encode()).hexdigest()
            audit.record(actor, KEEP_WORKSHEET, about, detail, whole)
    except IntegrityError:
        raise _changed() from None
    return sheets


def digest(draft: Draft) -> str:
    """SHA-256 over what the household is to sign."""
    said = {name: value for name, value in asdict(draft).items() if name not in {"seen", "reason"}}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _newest(keys: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    households, years = {key[0] for key in keys}, {key[1] for key in keys}
    found = IncomeWorksheet.objects.filter(household_id__in=listed(households), year__in=years)
    rows = found.values_list("household_id", "year").annotate(newest=Max("version"))
    return {(household, year): version for household, year, version in rows}


def _check(each: Draft) -> None:
    if not 2000 <= each.year <= timezone.localdate().year:
        raise _wrong(f"年度 {each.year} 不对：只能填今年或以前年度。", f"There is no worksheet for {each.year}.")
    if not 1 <= each.members <= MOST_MEMBERS:
        raise _wrong(f"家庭人口应为 1 至 {MOST_MEMBERS}。", f"The household has 1 to {MOST_MEMBERS} members.")
    if not each.amounts:
        raise _wrong("至少填写一项；没有收入的填 0。", "Fill in one line at least; 0 where there was nothing.")
    if not {*each.amounts, *each.notes} <= lines().keys():
        raise _wrong("没有这一项，请从表中填写。", "There is no such line on the card.")
    if any(not 0 <= amount <= MOST_MONEY for amount in each.amounts.values()):
        raise _wrong("金额应为 0 或正数。", "Amounts are nought or more.")
    if any(len(note) > 100 or "\0" in note for note in each.notes.values()):
        raise _wrong("每项说明不超过 100 字。", "A note has at most 100 characters.")
    if len(each.reason) > 500 or (each.seen and not each.reason.strip()):
        raise _wrong("改明白卡须写明理由（500 字以内）。", "A new version needs its reason (at most 500 characters).")


def _wrong(zh: str, en: str) -> Problem:
    return Problem("bad_worksheet", zh, en)


def _changed() -> Problem:
    return Problem(
        "changed_meanwhile",
        "您打开之后，已有人写了新的版本，没有写入任何内容。请刷新后再改。",
        "Somebody has written a new version since you opened it; nothing was written. Look again.",
    )


def reach(actor: Actor, household_ids: Collection[int], permission: str) -> None:
    """Raise Refused without the permission anywhere, Missing where one of the households lies outside."""
    require(actor, permission)
    if not allowed(actor, household_ids, permission) >= set(household_ids):
        raise Missing("no_such_household", "没有找到这一户。", "There is no such household.")


def allowed(actor: Actor, household_ids: Collection[int], permission: str) -> set[int]:
    """Those of the households over which the actor has a permission, where they live now."""
    ranges = visible_paths(actor, permission)
    paths = register.household_paths(household_ids)
    single = visible_ids(actor, permission, "household")
    return {
        key
        for key in household_ids
        if key in single or (key in paths and (ranges is None or any(low <= paths[key] < high for low, high in ranges)))
    }


# -- the household's answer ---------------------------------------------------------------------------------------


def answer(actor: Actor, worksheet_ids: Sequence[int], reply: Reply) -> list[WorksheetAnswer]:
    """Record that households signed their worksheets, or refused them. To sign needs the helper who signed too, and the
    paper (a file, or where it lies); to refuse needs what the household said.

    Raises Missing, Problem: not the newest version, answered already, a day to come, nothing to prove it by.
    """
    sheets = worksheets(actor, worksheet_ids, KEEP_WORKSHEET)
    _check_reply(reply)
    now = timezone.now()
    try:
        with write():
            hold_data()
            newest = _newest({(each.household_id, each.year) for each in sheets})
            if any(newest[each.household_id, each.year] != each.version for each in sheets):
                raise Problem(
                    "not_newest", "这张明白卡已有新的版本，请看新版本。", "There is a newer version: look at that."
                )
            rows = [
                WorksheetAnswer(
                    worksheet=each, kind=reply.kind, day=reply.day, helper=reply.helper.strip(),
                    helper_day=reply.helper_day, note=reply.note.strip(), at=now,
                    actor=actor.name or actor.os_user, user_id=actor.user_id,
                )
                for each in sheets
            ]  # fmt: skip
            WorksheetAnswer.objects.bulk_create(rows, batch_size=500)
            if reply.paper is not None or reply.reference.strip():
                papers = [
                    evidence.Paper(each.pk, reply.kind, reply.day, reply.paper, reply.reference.strip())
                    for each in sheets
                ]
                evidence.record(actor, ABOUT, papers)
            detail: dict[str, object] = {
                "worksheets": len(sheets), "answer": reply.kind, "day": reply.day.isoformat()
            }  # fmt: skip
            audit.record(actor, KEEP_WORKSHEET, f"{ABOUT}:{sheets[0].pk}", detail, sheets[0].digest)
    except IntegrityError:
        raise Problem(
            "answered_already",
            "这一版已有答复。如需改，请写新的版本。",
            "This version was answered already: write a new one.",
        ) from None
    return rows


def _check_reply(reply: Reply) -> None:
    today = timezone.localdate()
    if reply.kind not in WorksheetAnswer.Kind.values:
        raise Problem("bad_answer", "请选择“签字”或“不同意”。", "Choose signed or refused.")
    days = [reply.day] if reply.helper_day is None else [reply.day, reply.helper_day]
    if any(not date(2000, 1, 1) <= day <= today for day in days):
        raise Problem("bad_day", "签字日期不能晚于今天。", "The day of a signature must not lie ahead.")
    if any("\0" in text for text in (reply.helper, reply.note, reply.reference)) or (
        len(reply.note) > 500 or len(reply.reference) > 200 or len(reply.helper) > 100
    ):
        raise Problem("too_long", "说明、姓名或存放处过长。", "The note, the name or the place is too long.")
    if reply.kind == WorksheetAnswer.Kind.REFUSED:
        if not reply.note.strip():
            raise Problem("no_reason", "请写明户主不同意的理由。", "Write down what the household said.")
        return
    if not reply.helper.strip() or reply.helper_day is None:
        raise Problem(
            "no_helper", "请填写帮扶责任人姓名和签字日期。", "Give the helper who signed, and the day of that."
        )
    if reply.paper is None and not reply.reference.strip():
        raise Problem(
            "no_paper", "请上传签字件，或写明纸质件存放处。", "Hand in the signed paper, or say where it lies."
        )


def worksheets(actor: Actor, worksheet_ids: Sequence[int], permission: str) -> list[IncomeWorksheet]:
    """Worksheets that the actor may change. Raises Refused, Missing."""
    wanted = set(worksheet_ids)
    rows = IncomeWorksheet.objects.filter(pk__in=listed(wanted)).order_by("pk") if 0 < len(wanted) <= MOST else ()
    found = list(rows)
    if not found or len(found) != len(wanted):
        raise Missing("no_such_worksheet", "没有这张明白卡。", "There is no such worksheet.")
    reach(actor, {each.household_id for each in found}, permission)
    return found
