"""Bulk assignment through the API: asking for a plan, its figures, applying, refusing. Lines are a list (see lists)."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from tuopin.duties.permissions import PLAN_DUTIES
from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import JobOut, Text, job_out, text
from tuopin.platform.database import write
from tuopin.platform.jobs import enqueue
from tuopin.register import selectors as register

from . import selectors, services
from .asking import asked
from .views import JOB

router = Router()
Number = Annotated[int, Path(ge=1, lt=2**53)]


class BoundsIn(Schema):
    least: int = Field(ge=0, le=1_000)
    most: int = Field(ge=0, le=1_000)


class PlanIn(Schema):
    area: str = Field(max_length=64, description="Code of an area.")
    day: datetime.date
    only: str = Field("gaps", description="gaps: only households without a helper; all.", max_length=10)
    statuses: str = Field("exited", max_length=10)
    pool: str = Field("area", description="area, units or list.", max_length=10)
    names: list[str] = Field([], max_length=5_000)
    bounds: dict[str, BoundsIn] = Field(description="By level of the post; '' for all others.", max_length=20)
    reach: int = Field(3, ge=1, le=3)
    weights: dict[str, int] = Field({}, max_length=4)


class AssignmentPlanOut(Schema):
    number: int
    area: str
    day: datetime.date
    state: str
    state_title: Text
    households: int
    officials: int
    lines: dict[str, int]
    parts: dict[str, int]
    cost: int
    bound: int
    gap_hundredths_percent: int | None
    shortages: list[Text]


class ReasonIn(Schema):
    reason: str = Field(min_length=1, max_length=200)


class DoneOut(Schema):
    count: int


def _out(found: Any) -> AssignmentPlanOut:
    return AssignmentPlanOut(
        number=found.pk, area=selectors.area_of(found).code, day=found.day, state=found.state,
        state_title=text(selectors.STATES[found.state]), households=found.households, officials=found.officials,
        lines=dict(selectors.counts(found)), parts=found.figures["parts"], cost=found.cost, bound=found.bound,
        gap_hundredths_percent=selectors.gap(found),
        shortages=[Text(zh=zh, en=en) for zh, en in found.figures["shortages"]],
    )  # fmt: skip


@router.post(
    "/assignment-plans", response={202: JobOut}, operation_id="make_assignment_plan",
    summary="Work out a plan of helpers as a job; a draft, nobody's duty changes",
)  # fmt: skip
def make_assignment_plan(request: HttpRequest, given: PlanIn) -> Any:
    who = actor(request)
    area = register.area(who, given.area)
    require(who, PLAN_DUTIES, area_path=area.path)
    wanted = asked(
        {
            **given.model_dump(exclude={"bounds"}),
            "bounds": {level: [each.least, each.most] for level, each in given.bounds.items()},
        }
    )
    with write():
        job = enqueue(who, JOB, {"asked": wanted.document()})
    return Status(202, job_out(job))


@router.get(
    "/assignment-plans/{number}",
    response=AssignmentPlanOut,
    operation_id="assignment_plan",
    summary="A plan of helpers",
)
def assignment_plan(request: HttpRequest, number: Number) -> Any:
    return _out(selectors.plan(actor(request), number))


@router.post(
    "/assignment-plans/{number}/apply", response=DoneOut, operation_id="apply_assignment_plan",
    summary="Begin every duty of a draft, all or none",
)  # fmt: skip
def apply_assignment_plan(request: HttpRequest, number: Number) -> Any:
    return DoneOut(count=services.apply(actor(request), number))


@router.post(
    "/assignment-plans/{number}/refuse", response=AssignmentPlanOut, operation_id="refuse_assignment_plan",
    summary="Refuse a draft",
)  # fmt: skip
def refuse_assignment_plan(request: HttpRequest, number: Number, given: ReasonIn) -> Any:
    services.refuse(actor(request), number, given.reason)
    return _out(selectors.plan(actor(request), number))
