"""Resident teams through the API: the sheets of a village's month, and keeping them. The list of an area:
``/api/lists/duties.team_members``."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.auditing import readlog
from tuopin.register import selectors as register

from ..models import PresenceSheet
from . import members, presence, rules

router = Router(tags=["teams"])

Code = Annotated[str, Path(max_length=64)]


class OfMonth(Schema):
    month: str = Field("", max_length=7, description="2018-11; empty = last month.")


class KnowledgeSheetOut(Schema):
    """``marks``: a letter a day, ? = unknown; empty where there is no sheet. ``standing``: against the days needed."""

    official: int
    name: str
    role: str
    marks: str
    present: int | None
    unknown: int | None
    standing: str
    confirmed: bool


class TeamOut(Schema):
    area: str
    month: str
    needed: int
    members: list[KnowledgeSheetOut]


@router.get(
    "/teams/{area}", response=TeamOut, operation_id="team_month", summary="A village's team in a month, with its sheets"
)
def team(request: HttpRequest, area: Code, query: Annotated[OfMonth, Query(...)]) -> Any:
    who = actor(request)
    place = register.area(who, area)
    members.require_village(who, place)
    month = rules.month_of(query.month, timezone.localdate())
    need, end = rules.needed(month), rules.last_day(month)
    rows = list(members.team(place.area_id, month, end))
    sheets = {each.official_id: each for each in PresenceSheet.objects.filter(area_id=place.area_id, month=month)}
    readlog.read(who, "duties.team_members", {"area": place.code, "month": f"{month:%Y-%m}", "via": "api"}, len(rows))
    found = []
    for row in rows:
        sheet = sheets.get(row.official_id)
        whole = row.valid_from <= month and (row.valid_to is None or row.valid_to > end)
        found.append(
            KnowledgeSheetOut(
                official=row.official_id, name=row.name, role=row.role, marks=sheet.marks if sheet else "",
                present=sheet.present if sheet else None, unknown=sheet.unknown if sheet else None,
                standing=rules.verdict(sheet.present, sheet.unknown, need, whole) if sheet else "none",
                confirmed=sheet is not None and sheet.confirmed_at is not None,
            )
        )  # fmt: skip
    return TeamOut(area=place.code, month=f"{month:%Y-%m}", needed=need, members=found)


class SheetIn(Schema):
    official: int = Field(ge=1, le=2**53)
    month: str = Field(min_length=7, max_length=7)
    marks: str = Field(min_length=28, max_length=31, description="A letter a day: P, A, L, D, or ? for unknown.")


class TeamKeptOut(Schema):
    kept: int


@router.put(
    "/teams/{area}/sheets", response=TeamKeptOut, operation_id="keep_sheets",
    summary="Keep sheets of a village's team: all of them or none; confirmed ones are not changed",
)  # fmt: skip
def keep(
    request: HttpRequest, area: Code, body: Annotated[list[SheetIn], Field(min_length=1, max_length=presence.MOST)]
) -> Any:
    who, today = actor(request), timezone.localdate()
    place = register.area(who, area)
    members.require_village(who, place)
    months = [presence.Month(each.official, rules.month_of(each.month, today), each.marks) for each in body]
    return TeamKeptOut(kept=len(presence.keep(who, place, months)))
