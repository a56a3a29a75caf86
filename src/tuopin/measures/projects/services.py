"""What changes projects and funds. Each service takes a set, is one act, and asks for the right where things lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.platform.access import may, require
from tuopin.platform.auditing import audit
from tuopin.platform.database import hold_data, write
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.events.areas.mapping import followed
from tuopin.register.models import AreaVersion

from ..permissions import KEEP_PROJECT
from ..policies import CLASSES
from .models import Acceptance, Fund, FundMove, Project, ProjectVersion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tuopin.platform.access import Actor

MOST = 5_000
MOST_MONEY = 10**14  # fen: a million million yuan is no project
FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """What a project is to be. ``number`` None: a new one. ``seen``: the version looked at, 0 = none."""

    code: str
    year: int
    name: str
    sort: str
    area_id: int
    content: str = ""
    unit: str = ""
    source: str = ""
    cost: int | None = None
    begins: date | None = None
    due: date | None = None
    households: int | None = None
    cancelled: bool = False
    number: int | None = None
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """Money that moved, in fen; see ``models.FundMove``."""

    kind: str
    amount: int
    day: date
    fund_id: int | None = None
    project_id: int | None = None
    document: str = ""
    payee: str = ""


# -- projects -----------------------------------------------------------------------------------------------------


def keep(actor: Actor, drafts: Sequence[Draft]) -> list[ProjectVersion]:
    """Write projects, new ones or new versions: all of them or none.

    Raises Refused, Missing for an area or project outside the grants, Problem for what is wrong, ``changed_meanwhile``
    where somebody else has changed one since, ``project_twice`` where the county has the number already.
    """
    if not 0 < len(drafts) <= MOST:
        raise Problem("bad_drafts", f"一次 1 至 {MOST:,} 个项目。", f"1 to {MOST:,} projects at a time.")
    areas = _areas({each.area_id for each in drafts})
    for each in drafts:
        _check(each)
        at = areas.get(each.area_id)
        if at is None or not may(actor, KEEP_PROJECT, area_path=at.path):
            require(actor, KEEP_PROJECT)
            raise Missing("no_such_area", "没有找到这个区划。", "There is no such area.")
    counties = _counties(areas)
    reach(actor, [each.number for each in drafts if each.number is not None])
    now = timezone.now()
    try:
        with write():
            numbers = _identities(drafts, counties)
            _supersede(drafts, numbers, now)
            rows = [
                ProjectVersion(
                    project_id=number, name=each.name.strip(), sort=each.sort, content=each.content.strip(),
                    area_id=each.area_id, unit=each.unit.strip(), source=each.source.strip(), cost=each.cost,
                    begins=each.begins, due=each.due, households=each.households, cancelled=each.cancelled,
                    recorded_at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
                )
                for each, number in zip(drafts, numbers, strict=True)
            ]  # fmt: skip
            ProjectVersion.objects.bulk_create(rows, batch_size=500)
            detail: dict[str, object] = {"projects": len(rows), "year": drafts[0].year}
            audit.record(actor, KEEP_PROJECT, f"project:{numbers[0]}", detail)
    except IntegrityError:
        raise Problem(
            "project_twice", "本县当年项目库已有这个项目编号。", "The county’s library has this number already."
        ) from None
    return rows


def _identities(drafts: Sequence[Draft], counties: Mapping[int, int]) -> list[int]:
    """The projects' numbers in the order of the drafts; new ones are made."""
    fresh = [
        Project(county_id=counties[each.area_id], year=each.year, code=each.code.strip())
        for each in drafts
        if each.number is None
    ]
    made = iter(Project.objects.bulk_create(fresh, batch_size=500))
    return [each.number if each.number is not None else next(made).pk for each in drafts]


def _supersede(drafts: Sequence[Draft], numbers: Sequence[int], now: object) -> None:
    """End the versions that were looked at. Raises Problem where one of them is not the newest any more."""
    seen = {each.seen for each in drafts if each.number is not None}
    if not seen:
        return
    standing = ProjectVersion.objects.filter(pk__in=listed(seen), project__in=listed(numbers), superseded_at=None)
    if standing.update(superseded_at=now) != sum(each.number is not None for each in drafts):
        raise Problem(
            "changed_meanwhile",
            "您打开之后，已有人改了这个项目，没有写入任何内容。请刷新后再改。",
            "Somebody has changed the project since you opened it; nothing was written. Look again.",
        )


def _areas(ids: Collection[int]) -> Mapping[int, AreaVersion]:
    """The areas as they are now; of one that was merged, what it is part of."""
    now = {key: ends[0] for key, ends in followed(ids).items() if ends}
    versions = AreaVersion.objects.filter(area_id__in=listed(set(now.values())), valid_to=None)
    found = {each.area_id: each for each in versions if each.level in {"county", "township", "village"}}
    return {key: found[end] for key, end in now.items() if end in found}


def _counties(areas: Mapping[int, AreaVersion]) -> dict[int, int]:
    """The county of each area. Raises Problem for an area without one."""
    above = {int(part) for each in areas.values() for part in _steps(each.path)}
    counties = AreaVersion.objects.filter(area_id__in=listed(above), level="county", valid_to=None)
    known = set(counties.values_list("area_id", flat=True))
    found = {}
    for key, each in areas.items():
        county = next((int(part) for part in reversed(_steps(each.path)) if int(part) in known), None)
        if county is None:
            raise Problem("no_county", "项目须在某个县之内。", "A project lies within a county.")
        found[key] = county
    return found


def _steps(path: str) -> list[str]:
    return [path[at : at + 8] for at in range(0, len(path), 8)]


def _check(each: Draft) -> None:
    this = timezone.localdate().year
    texts = ((each.code, 80), (each.name, 200), (each.content, 500), (each.unit, 200), (each.source, 200))
    if not each.code.strip() or not each.name.strip():
        raise _wrong("请填写项目编号和名称。", "Give the number and the name of the project.")
    if any(len(text) > most or "\0" in text for text, most in texts):
        raise _wrong("文字过长：编号 80、名称 200、内容 500 字以内。", "Too long: number 80, name 200, content 500.")
    if each.sort not in CLASSES:
        raise _wrong("请选择项目类别。", "Choose the class of the project.")
    if not FIRST_YEAR <= each.year <= this + 5:
        raise _wrong(f"年度 {each.year} 不对。", f"There is no library of {each.year}.")
    if each.cost is not None and not 0 <= each.cost <= MOST_MONEY:
        raise _wrong("计划投资不对。", "That is no planned cost.")
    if each.households is not None and not 0 <= each.households <= 10**7:
        raise _wrong("受益户数不对。", "That is no number of households.")
    for day in (each.begins, each.due):
        if day is not None and not FIRST_YEAR <= day.year <= this + 20:
            raise _wrong("日期不对。", "That day cannot be.")
    if each.begins and each.due and each.due < each.begins:
        raise _wrong("计划完成时间早于开始时间。", "It would end before it begins.")


def _wrong(zh: str, en: str) -> Problem:
    return Problem("bad_project", zh, en)


def reach(actor: Actor, numbers: Collection[int]) -> None:
    """Raise Refused without the right anywhere, Missing where one of the projects lies outside."""
    require(actor, KEEP_PROJECT)
    if not numbers:
        return
    where = dict(
        ProjectVersion.objects.filter(project__in=listed(numbers), superseded_at=None).values_list(
            "project_id", "area_id"
        )
    )
    paths = lies(set(where.values()))
    for number in numbers:
        path = paths.get(where.get(number, 0), "")
        if not path or not may(actor, KEEP_PROJECT, area_path=path):
            raise Missing("no_such_project", "没有找到这个项目。", "There is no such project.")


def lies(area_ids: Collection[int]) -> dict[int, str]:
    """Where areas lie now; those that were merged, where they are part of."""
    now = {key: ends[0] for key, ends in followed(area_ids).items() if ends}
    paths = register.paths_of(set(now.values()))
    return {key: paths[end] for key, end in now.items() if end in paths}


# -- money --------------------------------------------------------------------------------------------------------


def open_fund(actor: Actor, *, area_id: int, year: int, tier: str, name: str) -> Fund:
    """A source of money of an area's budget. Raises Refused, Missing, Problem (``fund_twice``)."""
    path = lies([area_id]).get(area_id, "")
    require(actor, KEEP_PROJECT, area_path=path or None)
    if not path:
        raise Missing("no_such_area", "没有找到这个区划。", "There is no such area.")
    if tier not in Fund.Tier.values or not name.strip() or len(name) > 200 or "\0" in name:
        raise Problem("bad_fund", "请选择资金类别，填写名称（200 字以内）。", "Choose the kind of fund and name it.")
    if not FIRST_YEAR <= year <= timezone.localdate().year + 1:
        raise Problem("bad_year", "年度不对。", "There is no such year.")
    try:
        with write():
            fund = Fund.objects.create(
                area_id=area_id, year=year, tier=tier, name=name.strip(), at=timezone.now(),
                actor=actor.name or actor.os_user, user_id=actor.user_id,
            )  # fmt: skip
            audit.record(actor, KEEP_PROJECT, f"fund:{fund.pk}", {"year": year, "tier": tier})
    except IntegrityError:
        raise Problem("fund_twice", "当年已有同名资金。", "There is a fund of this name in that year.") from None
    return fund


def move(actor: Actor, moves: Sequence[Move]) -> list[FundMove]:
    """Record money that came in, was allocated or was paid: all or nothing. What does not add up is recorded and shown
    as a finding, never refused: the money has moved.

    Raises Refused, Missing for a fund or project outside the grants, Problem for a wrong amount or day, for the same
    move twice, for a payment out of a fund that the project was allocated nothing from.
    """
    if not 0 < len(moves) <= MOST:
        raise Problem("bad_moves", f"一次 1 至 {MOST:,} 笔。", f"1 to {MOST:,} moves at a time.")
    for each in moves:
        _check_move(each)
    funds = {each.fund_id for each in moves if each.fund_id is not None and each.kind != FundMove.Kind.PAID}
    _reach_funds(actor, funds)
    reach(actor, {each.project_id for each in moves if each.project_id is not None})
    now = timezone.now()
    rows = [
        FundMove(
            kind=each.kind, fund_id=each.fund_id, project_id=each.project_id, amount=each.amount, day=each.day,
            document=each.document.strip(), payee=each.payee.strip(), recorded_at=now,
            actor=actor.name or actor.os_user, user_id=actor.user_id,
        )
        for each in moves
    ]  # fmt: skip
    with write():
        hold_data()  # two who record one payment at once: the second sees the first
        _check_paid(moves)
        _check_twice(rows)
        FundMove.objects.bulk_create(rows, batch_size=500)
        detail: dict[str, object] = {"moves": len(rows), "kind": rows[0].kind, "fen": sum(row.amount for row in rows)}
        audit.record(actor, KEEP_PROJECT, f"fund_move:{rows[0].pk}", detail)
    return rows


def _check_move(each: Move) -> None:
    ends = {"in": (True, False), "allocated": (True, True)}.get(each.kind)
    given = (each.fund_id is not None, each.project_id is not None)
    if each.kind not in FundMove.Kind.values or (given != ends if ends else not given[1]):
        raise Problem("bad_move", "请选择资金和项目。", "Choose the fund and the project.")
    if not 0 < each.amount <= MOST_MONEY:
        raise Problem("bad_money", "金额应大于 0。", "The amount is above nought.")
    if not date(FIRST_YEAR, 1, 1) <= each.day <= timezone.localdate():
        raise Problem("bad_day", "日期不能晚于今天。", "The day must not lie ahead.")
    if any(len(text) > 200 or "\0" in text for text in (each.document, each.payee)):
        raise Problem("too_long", "文号和收款单位不超过 200 字。", "Document and payee: at most 200 characters.")
    if each.kind == FundMove.Kind.PAID and not each.payee.strip():
        raise Problem("no_payee", "请填写收款单位。", "Say who was paid.")
    if not each.document.strip():
        raise Problem("no_document", "请填写文号或凭证号。", "Give the document.")


def _reach_funds(actor: Actor, numbers: Collection[int]) -> None:
    where = dict(Fund.objects.filter(pk__in=listed(numbers)).values_list("pk", "area_id")) if numbers else {}
    paths = lies(set(where.values()))
    for number in numbers:
        path = paths.get(where.get(number, 0), "")
        if not path or not may(actor, KEEP_PROJECT, area_path=path):
            require(actor, KEEP_PROJECT)
            raise Missing("no_such_fund", "没有找到这项资金。", "There is no such fund.")


def _check_paid(moves: Sequence[Move]) -> None:
    paid = {(each.fund_id, each.project_id) for each in moves if each.kind == "paid" and each.fund_id is not None}
    if not paid:
        return
    projects = {project for _fund, project in paid if project is not None}
    known = FundMove.objects.filter(project__in=listed(projects), kind="allocated", superseded_at=None)
    with_these = {(each.fund_id, each.project_id) for each in moves if each.kind == "allocated"}
    if not paid <= with_these | set(known.values_list("fund_id", "project_id")):
        raise Problem(
            "not_allocated",
            "这项资金没有下达给该项目，请先记下达。",
            "Nothing of this fund was allocated to the project: record that first.",
        )


def _check_twice(rows: Sequence[FundMove]) -> None:
    def said(row: FundMove) -> tuple[object, ...]:
        return (row.kind, row.fund_id, row.project_id, row.amount, row.day, row.document, row.payee)

    documents = {row.document for row in rows}
    known = FundMove.objects.filter(superseded_at=None, day__in={row.day for row in rows}, document__in=documents)
    held = [said(row) for row in rows]
    if len(set(held)) != len(held) or set(held) & {said(row) for row in known}:
        raise Problem(
            "move_twice",
            "这笔资金已经记过（同一天、同一文号、同一金额）。",
            "This was recorded already: the same day, document and amount.",
        )


def take_back(actor: Actor, move_ids: Collection[int]) -> int:
    """Say that moves of money were wrong; they stay readable. Raises Missing, Problem where one was taken back."""
    rows = list(FundMove.objects.filter(pk__in=listed(move_ids), superseded_at=None)) if move_ids else []
    if len(rows) != len(set(move_ids)) or not rows:
        require(actor, KEEP_PROJECT)
        raise Missing("no_such_move", "没有这笔记录，或已撤回。", "There is no such entry, or it was taken back.")
    _reach_funds(actor, {row.fund_id for row in rows if row.fund_id is not None and row.kind != "paid"})
    reach(actor, {row.project_id for row in rows if row.project_id is not None})
    with write():
        stood = FundMove.objects.filter(pk__in=[row.pk for row in rows], superseded_at=None)
        count = stood.update(superseded_at=timezone.now())
        if count != len(rows):  # somebody else was quicker
            raise Missing("no_such_move", "没有这笔记录，或已撤回。", "There is no such entry, or it was taken back.")
        audit.record(actor, KEEP_PROJECT, f"fund_move:{rows[0].pk}", {"taken_back": count})
    return count


# -- acceptance ---------------------------------------------------------------------------------------------------


def accept(
    actor: Actor, numbers: Sequence[int], day: date, *, passed: bool, document: str, note: str = ""
) -> list[Acceptance]:
    """Record that projects were accepted (验收), or were not and why. Raises Missing, Problem."""
    wanted = sorted(set(numbers))
    if not 0 < len(wanted) <= MOST:
        raise Missing("no_such_project", "没有找到这个项目。", "There is no such project.")
    reach(actor, wanted)
    if not date(FIRST_YEAR, 1, 1) <= day <= timezone.localdate():
        raise Problem("bad_day", "验收日期不能晚于今天。", "The day must not lie ahead.")
    if not document.strip() or len(document) > 200 or len(note) > 500 or "\0" in document + note:
        raise Problem("no_document", "请填写验收文号（200 字以内）。", "Give the document (at most 200 characters).")
    if not passed and not note.strip():
        raise Problem("no_reason", "未通过验收的，写明原因。", "Say why it was not accepted.")
    now = timezone.now()
    with write():
        rows = [
            Acceptance(
                project_id=number, passed=passed, day=day, document=document.strip(), note=note.strip(), at=now,
                actor=actor.name or actor.os_user, user_id=actor.user_id,
            )
            for number in wanted
        ]  # fmt: skip
        Acceptance.objects.bulk_create(rows, batch_size=500)
        detail: dict[str, object] = {"projects": len(rows), "passed": passed, "day": day.isoformat()}
        audit.record(actor, KEEP_PROJECT, f"project:{wanted[0]}", detail)
    return rows


def take_acceptance_back(actor: Actor, number: int) -> Acceptance:
    """Say that an entry of an acceptance was wrong; it stays readable. Raises Missing, Problem."""
    row = Acceptance.objects.filter(pk=number, takes_back=None).first()
    if row is None:
        require(actor, KEEP_PROJECT)
        raise Missing("no_such_entry", "没有这条记录。", "There is no such entry.")
    reach(actor, [row.project_id])
    try:
        with write():
            made = Acceptance.objects.create(
                project_id=row.project_id, passed=row.passed, day=row.day, takes_back=row, at=timezone.now(),
                actor=actor.name or actor.os_user, user_id=actor.user_id,
            )  # fmt: skip
            audit.record(actor, KEEP_PROJECT, f"project:{row.project_id}", {"taken_back": row.pk})
    except IntegrityError:
        raise Problem("taken_back_already", "这条记录已经撤回。", "This entry was taken back already.") from None
    return made
