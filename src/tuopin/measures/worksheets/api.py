"""Income worksheets through the API: a household's, and versions written. Who has none: the list of households."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import may
from tuopin.platform.api.guard import actor
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.models import Household

from ..permissions import KEEP_WORKSHEET, VIEW
from ..years import year_of
from . import selectors, services

router = Router(tags=["measures"])

Code = Annotated[str, Path(max_length=64)]
Line = Annotated[str, Field(max_length=30)]
Fen = Annotated[int, Field(ge=0, le=services.MOST_MONEY, description="fen")]


class OfYear(Schema):
    year: int = Field(0, ge=0, le=2200, description="0 = the year that the register describes.")


class WorksheetOut(Schema):
    """The newest version; fen by line, sums by part and ``net``, null = unknown."""

    household: str
    year: int
    version: int
    members: int
    state: str
    answered: datetime.date | None
    amounts: dict[str, int]
    sums: dict[str, int | None]
    per_head: int | None


@router.get(
    "/households/{code}/income-worksheet", response=WorksheetOut, operation_id="income_worksheet",
    summary="A household's income worksheet of a year",
)  # fmt: skip
def income_worksheet(request: HttpRequest, code: Code, query: Annotated[OfYear, Query(...)]) -> Any:
    who = actor(request)
    placed = register.household(who, code)
    if not may(who, VIEW, area_path=placed.village.path, household_id=placed.household.pk):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.")
    year = year_of(str(query.year))
    found = selectors.versions_of(who, placed).get(year, [])
    readlog.read(who, "measures.worksheet", {"household": code, "year": year, "via": "api"}, 1)
    if not found:
        raise Missing("no_such_worksheet", "这一年没有收入明白卡。", "There is no worksheet of this year.")
    newest = found[0]
    return WorksheetOut(
        household=code, year=year, version=newest.worksheet.version, members=newest.worksheet.members,
        state=newest.state, answered=newest.answer.day if newest.answer else None, amounts=dict(newest.amounts),
        sums=dict(newest.sums), per_head=newest.per_head,
    )  # fmt: skip


class WorksheetIn(Schema):
    """A version to write. A line that is not given is unknown."""

    household: str = Field(min_length=1, max_length=64)
    year: int = Field(ge=2000, le=2200)
    members: int = Field(ge=1, le=services.MOST_MEMBERS)
    amounts: dict[Line, Fen] = Field(min_length=1, max_length=40)
    notes: dict[Line, Annotated[str, Field(max_length=100)]] = Field({}, max_length=40)
    seen: int = Field(0, ge=0, le=1000, description="The version that was looked at; 0 = there was none.")
    reason: str = Field("", max_length=500)


class WorksheetsIn(Schema):
    worksheets: list[WorksheetIn] = Field(min_length=1, max_length=1000)


class WorksheetKeptOut(Schema):
    kept: int


@router.post(
    "/income-worksheets", response={201: WorksheetKeptOut}, operation_id="keep_income_worksheets",
    summary="Write versions of income worksheets: all of them or none",
)  # fmt: skip
def keep_income_worksheets(request: HttpRequest, body: WorksheetsIn) -> Any:
    who = actor(request)
    codes = {each.household for each in body.worksheets}
    known = dict(Household.objects.filter(code__in=codes).values_list("code", "pk"))
    services.reach(who, {known.get(code, 0) for code in codes}, KEEP_WORKSHEET)
    drafts = [
        services.Draft(
            known[each.household], each.year, each.members, each.amounts, each.notes, each.seen,
            each.reason.replace("\0", ""),
        )
        for each in body.worksheets
    ]  # fmt: skip
    return Status(201, WorksheetKeptOut(kept=len(services.keep(who, drafts))))
