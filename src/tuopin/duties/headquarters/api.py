"""Headquarters, plans and opinions through the API: reading, and reporting progress."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.auditing import readlog
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion

from ..permissions import VIEW_HEADQUARTERS
from ..selectors import organisation_names
from . import opinions, selectors, services

router = Router(tags=["headquarters"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class OfArea(Schema):
    area: str = Field(min_length=1, max_length=64)


class HeadquartersOut(Schema):
    """``plans`` are the numbers of the newest versions."""

    id: int
    name: str
    field: str
    lead: str
    commander: str
    acting_deputy: str
    members: list[str]
    plans: list[int]


@router.get(
    "/headquarters", response=list[HeadquartersOut], operation_id="headquarters",
    summary="The special headquarters within an area",
)  # fmt: skip
def headquarters(request: HttpRequest, query: Annotated[OfArea, Query(...)]) -> Any:
    who, today = actor(request), timezone.localdate()
    area = register.area(who, query.area)
    require(who, VIEW_HEADQUARTERS, area_path=area.path)
    found = selectors.headquarters(who, today, area)
    plans = selectors.newest_plans([each.id for each in found], today)
    readlog.read(who, "duties.headquarters", {"area": area.code}, len(found))
    return [
        HeadquartersOut(
            id=each.id, name=each.name, field=each.field.key if each.field else "", lead=each.lead,
            commander=each.commander.name if each.commander else "",
            acting_deputy=each.deputy.name if each.deputy else "", members=[one.name for one in each.members],
            plans=[one.plan.pk for one in plans.get(each.id, [])],
        )
        for each in found
    ]  # fmt: skip


class HeadquartersStepOut(Schema):
    """``slip``: days behind the first plan, null for a step added later; ``share``: null while nothing is reported."""

    id: int
    number: int
    title: str
    official: str
    begins: datetime.date
    ends: datetime.date
    first_ends: datetime.date | None
    state: str
    slip: int | None
    late: int
    share: int | None


class HeadquartersPlanOut(Schema):
    id: int
    headquarters: int
    kind: str
    year: int
    version: int
    newest: bool
    document: str
    digest: str
    steps: list[HeadquartersStepOut]


@router.get(
    "/headquarters-plans/{number}", response=HeadquartersPlanOut, operation_id="headquarters_plan",
    summary="A version of a plan with its steps against the first version",
)  # fmt: skip
def headquarters_plan(request: HttpRequest, number: Number) -> Any:
    who, today = actor(request), timezone.localdate()
    _office, found = selectors.plan(who, number, today)
    people = selectors.holders({each.step.official_id for each in found.steps if each.step.official_id}, today)
    names = {key: each.official.name for key, each in people.items()}
    readlog.read(who, "duties.headquarters_plan", {"plan": number}, len(found.steps))
    return HeadquartersPlanOut(
        id=found.plan.pk, headquarters=found.plan.organisation_id, kind=found.plan.kind, year=found.plan.year,
        version=found.plan.version, newest=found.newest, document=found.plan.document, digest=found.plan.digest,
        steps=[
            HeadquartersStepOut(
                id=each.step.pk, number=each.step.number, title=each.step.title,
                official=names.get(each.step.official_id or 0, ""), begins=each.step.begins, ends=each.step.ends,
                first_ends=each.first.ends if each.first else None, state=each.state, slip=each.slip, late=each.late,
                share=each.share,
            )
            for each in found.steps
        ],
    )  # fmt: skip


class ProgressIn(Schema):
    step: int = Field(ge=1, le=2**53)
    day: datetime.date
    share: int = Field(ge=0, le=100, description="Hundredths done; 100 = done, which needs a reference to its paper.")
    note: str = Field("", max_length=500)
    reference: str = Field("", max_length=200)


class ProgressesIn(Schema):
    reports: list[ProgressIn] = Field(min_length=1, max_length=services.MOST_REPORTS)


class ReportedOut(Schema):
    recorded: int


@router.post(
    "/headquarters-plans/reports", response={201: ReportedOut}, operation_id="report_steps",
    summary="Report how far steps of plans are: all of them or none",
)  # fmt: skip
def report(request: HttpRequest, body: ProgressesIn) -> Any:
    wanted = [
        services.Progress(each.step, each.day, each.share, each.note, reference=each.reference) for each in body.reports
    ]
    return Status(201, ReportedOut(recorded=len(services.report(actor(request), wanted))))


class OpinionOut(Schema):
    id: int
    headquarters: str
    area: str
    department: str
    state: str
    due: datetime.date | None
    issued_on: datetime.date | None
    document: str


@router.get(
    "/opinions", response=list[OpinionOut], operation_id="opinions",
    summary="Implementing opinions of the counties within an area",
)  # fmt: skip
def opinion_list(request: HttpRequest, query: Annotated[OfArea, Query(...)]) -> Any:
    who, today = actor(request), timezone.localdate()
    area = register.area(who, query.area)
    require(who, VIEW_HEADQUARTERS, area_path=area.path)
    rows = list(selectors.in_order(selectors.opinions(who, area))[: opinions.MOST])
    offices = organisation_names({row.organisation_id for row in rows}, today)
    versions = AreaVersion.objects.filter(area_id__in={row.area_id for row in rows}).order_by("valid_from")
    codes = dict(versions.values_list("area_id", "code"))
    readlog.read(who, "duties.opinions", {"area": area.code}, len(rows))
    return [
        OpinionOut(
            id=row.pk, headquarters=offices.get(row.organisation_id, ""), area=codes.get(row.area_id, ""),
            department=row.department, state=opinions.state_of(row, today), due=row.due, issued_on=row.issued_on,
            document=row.document,
        )
        for row in rows
    ]  # fmt: skip
