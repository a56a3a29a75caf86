"""The cycle through the API: what opens matters in an area, how many it would open, beginning it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import JobOut, Text, job_out, text
from tuopin.platform.auditing import readlog
from tuopin.register import selectors as register
from tuopin.register.selectors import area as area_named

from . import chain, selectors, services
from . import trace as way
from .permissions import OPEN

router = Router(tags=["cycle"])


class OpeningsOf(Schema):
    area: str = Field(max_length=32, description="Code of an area.")


class OpeningOut(Schema):
    """Findings of a standard and an origin that may open matters. ``findings``: of the evaluation judged as of ``day``;
    without a day, what people told and nobody has ended. ``chosen``: whether they do."""

    standard: str
    origin: str
    title: Text
    day: datetime.date | None
    findings: int
    chosen: bool


@router.get("/openings", response=list[OpeningOut], operation_id="openings",
            summary="Which findings of an area may open matters, and which do")  # fmt: skip
def openings(request: HttpRequest, query: Annotated[OpeningsOf, Query(...)]) -> Any:
    who = actor(request)
    require(who, OPEN)
    area = area_named(who, query.area)
    offers = selectors.offers(who, area)
    readlog.read(who, "cycle.openings", {"area": area.code, "via": "api"}, len(offers))
    return [
        OpeningOut(
            standard=each.standard, origin=each.origin.key, title=text(each.title), day=each.day,
            findings=each.found, chosen=each.chosen is not None,
        )
        for each in offers
    ]  # fmt: skip


class ChainOf(Schema):
    """What is to be evaluated and opened. ``day``: to judge by, none = that of the newest facts; ``number``: of a set
    of files that was previewed, none = no import; ``look``: only say what it would do, which comes first."""

    area: str = Field(max_length=32, description="Code of an area.")
    day: datetime.date | None = None
    number: int | None = Field(default=None, ge=1, lt=2**63)
    look: bool = False


class HouseholdOf(Schema):
    household: str = Field(max_length=64, description="Code of a household.")


class ChainStepOut(Schema):
    """A step of a household’s way. ``day`` none: it is known that it happened, not when."""

    day: datetime.date | None
    stage: str
    title: Text
    source: Text


@router.post("/chain", response={202: JobOut}, operation_id="run_chain",
             summary="Import a set, evaluate an area, open its matters, as a job; or look at it")  # fmt: skip
def run_chain(request: HttpRequest, body: ChainOf) -> Any:
    who = actor(request)
    require(who, OPEN)
    return Status(202, job_out(chain.begin(who, area_named(who, body.area), body.day, body.number, dry=body.look)))


@router.get("/trace", response=list[ChainStepOut], operation_id="trace",
            summary="One household’s way through the cycle, in the order of time")  # fmt: skip
def trace(request: HttpRequest, query: Annotated[HouseholdOf, Query(...)]) -> Any:
    who = actor(request)
    placed = register.household(who, query.household)
    found = way.steps(who, placed)
    readlog.read(who, f"household:{placed.household.pk}", {"trace": True, "via": "api"}, 1)
    return [
        ChainStepOut(day=each.day, stage=each.stage, title=text(each.title), source=text(each.source)) for each in found
    ]


@router.post("/openings", response={202: JobOut}, operation_id="open_matters",
             summary="Open matters for what was chosen for an area, as a job")  # fmt: skip
def open_matters(request: HttpRequest, body: OpeningsOf) -> Any:
    who = actor(request)
    require(who, OPEN)
    return Status(202, job_out(services.begin(who, area_named(who, body.area))))
