"""Officials, organisations, posts and duties through the API."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed_texts
from tuopin.register.models import AreaVersion, Household
from tuopin.register.selectors import area as area_named
from tuopin.register.selectors import on_day

from .. import kinds, selectors
from ..assigning import gaps, targets
from ..assigning import services as assigning
from ..dates import sensible
from ..models import Term
from ..organisations import services as organisations
from ..permissions import ASSIGN, KEEP_OFFICIALS
from ..watching import watchers as watching
from . import services as officials

router = Router()

MANY = 5_000
"""Assignments in one request."""

Number = Annotated[int, Path(ge=1, le=2**53)]


def _sensible(day: datetime.date) -> datetime.date:
    return sensible(day, "日期", "the day")


# -- lists and one official ---------------------------------------------------------------------------------------


@router.get("/officials", response=ListOut, operation_id="officials", summary="Officials with a post or a duty there")
def official_list(request: HttpRequest, query: Asked) -> Any:
    return list_answer(request, "duties.officials", query)


@router.get("/organisations", response=ListOut, operation_id="organisations", summary="Organisations of an area")
def organisation_list(request: HttpRequest, query: Asked) -> Any:
    return list_answer(request, "duties.organisations", query)


class TermOut(Schema):
    organisation: int
    post: str
    level: str = Field(description="Empty: unknown.")
    authority: str = Field(description="Who manages the holder; empty: unknown.")
    concurrent: bool
    since: datetime.date
    until: datetime.date | None = Field(description="The first day out of the post.")


class DutyOut(Schema):
    id: int
    role: str
    household: str | None
    since: datetime.date
    since_known: bool
    until: datetime.date | None


class OfficialOut(Schema):
    """One official, with the duties within the token's grants that hold on the day or later."""

    id: int
    name: str
    unit: str
    phone: str
    terms: list[TermOut]
    duties: list[DutyOut]


class DutiesOnDay(Schema):
    on: datetime.date


@router.get("/officials/{number}", response=OfficialOut, operation_id="official", summary="One official")
def official(request: HttpRequest, number: Number, query: Annotated[DutiesOnDay, Query(...)]) -> Any:
    who, day = actor(request), _sensible(query.on)
    found = selectors.official(who, number)
    terms = Term.objects.filter(on_day(day), official=found).select_related("post").order_by("concurrent", "pk")
    duties = list(selectors.duties_of(who, found).filter(on_day(day))[:MANY])
    readlog.read(who, "duties.official", {"official": number, "via": "api"}, len(duties))
    return OfficialOut(
        id=found.pk, name=found.name, unit=found.unit, phone=found.phone,
        terms=[
            TermOut(
                organisation=each.post.organisation_id, post=each.post.title, level=each.post.level,
                authority=each.post.authority, concurrent=each.concurrent, since=each.valid_from, until=each.valid_to,
            )
            for each in terms
        ],
        duties=[
            DutyOut(
                id=each.pk, role=each.role, household=each.household.code if each.household is not None else None,
                since=each.valid_from, since_known=each.since_known, until=each.valid_to,
            )
            for each in duties
        ],
    )  # fmt: skip


# -- who is missing -----------------------------------------------------------------------------------------------


class PlaceQuery(Schema):
    area: str = Field(max_length=64)
    on: datetime.date


class HeldOut(Schema):
    needed: int
    missing: int


class DutyGapsOut(Schema):
    area: str
    roles: dict[str, HeldOut]


@router.get(
    "/duties/gaps", response=list[DutyGapsOut], operation_id="duty_gaps", summary="Where nobody answers, by role"
)
def duty_gaps(request: HttpRequest, query: Annotated[PlaceQuery, Query(...)]) -> Any:
    who, day = actor(request), _sensible(query.on)
    place = area_named(who, query.area, day)
    rows = gaps.report(who, place, day)
    readlog.read(who, "duties.gaps", {"on": day.isoformat(), "area": place.code}, len(rows))
    return [
        DutyGapsOut(
            area=row.area.code,
            roles={key: HeldOut(needed=held.needed, missing=held.missing) for key, held in row.roles.items()},
        )
        for row in rows
    ]


class WatchedOut(Schema):
    """Households of a category: with a watcher of the rank asked for, of too low or unknown rank, without one."""

    needed: int
    fit: int
    low: int
    unknown: int
    missing: int


class WatchingOut(Schema):
    area: str
    categories: dict[str, WatchedOut | None] = Field(description="None: no evaluation says who belongs.")


@router.get(
    "/duties/watching", response=list[WatchingOut], operation_id="duty_watching",
    summary="Person watches person, by category",
)  # fmt: skip
def duty_watching(request: HttpRequest, query: Annotated[PlaceQuery, Query(...)]) -> Any:
    who, day = actor(request), _sensible(query.on)
    place = area_named(who, query.area, day)
    report = watching.report(who, place, day)
    readlog.read(who, "duties.watching", {"on": day.isoformat(), "area": place.code}, len(report.rows))
    return [
        WatchingOut(
            area=row.area.code,
            categories={
                key: WatchedOut(
                    needed=row.of[key].needed, fit=row.of[key].fit, low=row.of[key].low,
                    unknown=row.of[key].unknown, missing=row.of[key].missing,
                )
                if key in row.of
                else None
                for key in report.categories
            },
        )
        for row in report.rows
    ]  # fmt: skip


# -- duties begin, end, go over -----------------------------------------------------------------------------------


class WantedIn(Schema):
    target: str = Field(max_length=64, description="The code of the household or area.")
    official: int = Field(ge=1, le=2**53)


class DutiesBeginIn(Schema):
    """Officials answer for households or areas in one role from a day on: all of them, or none."""

    on: Literal["household", "area"]
    role: str = Field(max_length=20)
    day: datetime.date
    until: datetime.date | None = Field(None, description="The first day without duty.")
    reason: str = Field("", max_length=200)
    assignments: list[WantedIn] = Field(min_length=1, max_length=MANY)


class DutiesMadeOut(Schema):
    ids: list[int]


@router.post(
    "/duties", response={201: DutiesMadeOut}, operation_id="begin_duties", summary="Officials answer for targets"
)
def begin_duties(request: HttpRequest, body: DutiesBeginIn) -> Any:
    who = actor(request)
    require(who, ASSIGN)
    if kinds.role(body.role).on != body.on:
        raise targets.outside()
    found = _ids(body.on, [each.target for each in body.assignments])
    wanted = {found[each.target]: each.official for each in body.assignments}
    if len(wanted) < len(body.assignments):
        raise Problem(
            "twice_in_one",
            "同一对象在一次请求中出现了两次。请每个对象只写一次。",
            "A target stands twice in one request: name each once.",
        )
    made = assigning.begin(
        who, wanted, role=body.role, day=_sensible(body.day), until=_sensible(body.until) if body.until else None,
        reason=body.reason,
    )  # fmt: skip
    return Status(201, DutiesMadeOut(ids=made))


def _ids(kind: str, codes: list[str]) -> dict[str, int]:
    """Ids by code; what does not exist is told no apart from what lies outside the grants."""
    if kind == "household":
        found = dict(Household.objects.filter(code__in=listed_texts(codes)).values_list("code", "pk"))
    else:
        rows = AreaVersion.objects.filter(code__in=listed_texts(codes), valid_to=None)
        found = dict(rows.values_list("code", "area_id"))
    if len(found) < len(set(codes)):
        raise targets.outside()
    return found


class EndIn(Schema):
    ids: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(min_length=1, max_length=MANY)
    day: datetime.date = Field(description="The first day without duty.")
    reason: str = Field("", max_length=200)


class EndedOut(Schema):
    ended: int


@router.post("/duties/end", response=EndedOut, operation_id="end_duties", summary="Duties end, nobody follows")
def end_duties(request: HttpRequest, body: EndIn) -> Any:
    ended = assigning.end(actor(request), set(body.ids), day=_sensible(body.day), reason=body.reason)
    return EndedOut(ended=ended)


class OverIn(Schema):
    """Duties go over: all or none. ``leaving``: that official leaves, so these must be all that he or she has."""

    to: dict[Annotated[int, Field(ge=1, le=2**53)], Annotated[int, Field(ge=1, le=2**53)]] = Field(
        max_length=MANY, description="Id of the duty → id of the official who takes over."
    )
    day: datetime.date
    reason: str = Field("", max_length=200)
    leaving: int | None = Field(None, ge=1, le=2**53)


@router.post(
    "/duties/handover", response={201: DutiesMadeOut}, operation_id="hand_over_duties", summary="Duties go over"
)
def hand_over_duties(request: HttpRequest, body: OverIn) -> Any:
    who, day = actor(request), _sensible(body.day)
    if body.leaving is not None:
        made = assigning.leave(who, body.leaving, body.to, day=day, reason=body.reason)
    else:
        made = assigning.hand_over(who, body.to, day=day, reason=body.reason)
    return Status(201, DutiesMadeOut(ids=made))


# -- organisations, posts, officials, terms -----------------------------------------------------------------------


class OrganisationIn(Schema):
    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(max_length=32)
    area: str = Field(max_length=64)
    day: datetime.date
    parent: int | None = Field(None, ge=1, le=2**53)


class IdOut(Schema):
    id: int


@router.post("/organisations", response={201: IdOut}, operation_id="found_organisation", summary="A new organisation")
def found_organisation(request: HttpRequest, body: OrganisationIn) -> Any:
    who, day = actor(request), _sensible(body.day)
    require(who, KEEP_OFFICIALS)
    place = area_named(who, body.area)
    made = organisations.found_organisation(
        who, body.name, body.kind, area_id=place.area_id, day=day, parent_id=body.parent
    )
    return Status(201, IdOut(id=made))


class PostIn(Schema):
    organisation: int = Field(ge=1, le=2**53)
    title: str = Field(min_length=1, max_length=100)
    level: str = Field("", max_length=16, description="Empty: unknown.")
    authority: str = Field("", max_length=16, description="Empty: unknown.")
    first_responsible: bool = False
    day: datetime.date


@router.post("/posts", response={201: IdOut}, operation_id="add_post", summary="A post of an organisation")
def add_post(request: HttpRequest, body: PostIn) -> Any:
    made = organisations.add_post(
        actor(request), body.organisation, body.title, day=_sensible(body.day), level=body.level,
        authority=body.authority, first_responsible=body.first_responsible,
    )  # fmt: skip
    return Status(201, IdOut(id=made))


class NameIn(Schema):
    name: str = Field(min_length=1, max_length=100)
    unit: str = Field("", max_length=200)
    phone: str = Field("", max_length=32)


class OfficialsIn(Schema):
    area: str = Field(max_length=64, description="The area that keeps them while they have no post and no duty.")
    day: datetime.date
    officials: list[NameIn] = Field(min_length=1, max_length=MANY)


@router.post("/officials", response={201: DutiesMadeOut}, operation_id="add_officials", summary="People for the pool")
def add_officials(request: HttpRequest, body: OfficialsIn) -> Any:
    who, day = actor(request), _sensible(body.day)
    require(who, KEEP_OFFICIALS)
    place = area_named(who, body.area)
    names = [(each.name, each.unit, each.phone) for each in body.officials]
    return Status(201, DutiesMadeOut(ids=officials.add_officials(who, names, area_id=place.area_id, day=day)))


class TermIn(Schema):
    official: int = Field(ge=1, le=2**53)
    post: int = Field(ge=1, le=2**53)
    day: datetime.date
    until: datetime.date | None = None
    concurrent: bool = False
    reason: str = Field("", max_length=200, description="Why it is held concurrently.")
    document: str = Field("", max_length=200)


@router.post("/terms", response={201: IdOut}, operation_id="appoint", summary="An official takes up a post")
def appoint(request: HttpRequest, body: TermIn) -> Any:
    made = officials.appoint(
        actor(request), body.official, body.post, day=_sensible(body.day),
        until=_sensible(body.until) if body.until else None, concurrent=body.concurrent, reason=body.reason,
        document=body.document,
    )  # fmt: skip
    return Status(201, IdOut(id=made))
