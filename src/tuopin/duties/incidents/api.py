"""Incidents through the API: record, read one. The list: ``/api/lists/duties.incidents``. Leads are in no API."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.auditing import readlog

from . import selectors, services

router = Router(tags=["incidents"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class IncidentIn(Schema):
    """``kind`` and ``channel``: keys of ``incidents.toml``; ``happened_on`` null = unknown."""

    household: str = Field(min_length=1, max_length=64)
    kind: str = Field(max_length=20)
    found_on: datetime.date
    channel: str = Field(max_length=20)
    account: str = Field("", max_length=1000)
    happened_on: datetime.date | None = None


class OpenedOut(Schema):
    incidents: list[int]


@router.post(
    "/incidents", response={201: OpenedOut}, operation_id="record_incidents",
    summary="Record incidents with what was known before each: all of them or none",
)  # fmt: skip
def record(
    request: HttpRequest, body: Annotated[list[IncidentIn], Field(min_length=1, max_length=services.MOST)]
) -> Any:
    openings = [
        services.Opening(
            each.household, each.kind, each.found_on, each.channel, each.account.replace("\0", ""), each.happened_on
        )
        for each in body
    ]
    return Status(201, OpenedOut(incidents=[row.pk for row in services.open_incidents(actor(request), openings)]))


class IncidentLineOut(Schema):
    what: str
    day: str
    zh: str
    en: str


class ReportOut(Schema):
    official: int
    day: datetime.date
    in_time: bool


class IncidentOut(Schema):
    """``known``: what was known and done before, as far as the reader may be told."""

    id: int
    household: str
    kind: str
    channel: str
    found_on: datetime.date
    happened_on: datetime.date | None
    account: str
    digest: str
    whole: bool
    known: list[IncidentLineOut]
    reports: list[ReportOut]
    outcome: str


@router.get(
    "/incidents/{number}", response=IncidentOut, operation_id="incident", summary="One incident, as it was kept"
)
def incident(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    view = selectors.one(who, number)
    row = view.row
    readlog.read(who, f"household:{row.household_id}", {"incident": number, "via": "api"}, 1)
    return IncidentOut(
        id=row.pk, household=row.household.code, kind=row.kind, channel=row.channel, found_on=row.found_on,
        happened_on=row.happened_on, account=row.account if view.words else "", digest=row.digest, whole=view.whole,
        known=[
            IncidentLineOut(what=str(each["what"]), day=str(each["day"]), zh=str(each["zh"]), en=str(each["en"]))
            for each in view.lines
        ],
        reports=[ReportOut(official=each.official_id, day=each.day, in_time=each.in_time) for each in view.reports],
        outcome=view.closing.outcome if view.closing else "",
    )  # fmt: skip
