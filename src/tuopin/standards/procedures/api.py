"""Procedures through the API: begin on a set, record a step on a set, withdraw, read one. Lists: ``/api/lists``."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import Text, text
from tuopin.platform.auditing import readlog
from tuopin.register import selectors as register
from tuopin.standards.places import Place

from . import definitions, selectors, services, subjects
from .weighing import MOST, Doing

router = Router(tags=["procedures"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class ProcedureStepOut(Schema):
    """A step; ``state`` is done, due, ahead or passed. ``outcomes`` are what it may come to."""

    key: str
    stage: int
    title: Text
    state: str
    outcomes: list[str]
    outcome: str | None
    day: datetime.date | None
    by: str | None


class ClockOut(Schema):
    """A maximum that has begun: the last day in time, whether that day is provisional, whether it is late."""

    key: str
    limit: datetime.date
    provisional: bool
    reached: datetime.date | None
    late: bool


class ProcedureOut(Schema):
    """``acts`` is how many acts there are: who writes the next one sends it as ``seen``."""

    id: int
    procedure: str
    title: Text
    level: str
    subject: str
    state: str
    started: datetime.date
    acts: int
    due_step: str | None
    earliest: datetime.date | None
    latest: datetime.date | None
    verdict: str
    frozen_digest: str
    frozen_whole: bool
    steps: list[ProcedureStepOut]
    clocks: list[ClockOut]


class ProcedureBeginIn(Schema):
    area: str = Field(min_length=1, max_length=64, description="The area whose packs' definitions are used.")
    procedure: str = Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")
    day: datetime.date = Field(description="The day it begins, on which the subjects are judged.")
    subjects: list[Annotated[str, Field(max_length=64)]] = Field(
        min_length=1, max_length=MOST, description="Codes of households, or of areas of the procedure's level."
    )


class ProcedureBegunOut(Schema):
    procedures: list[int]


@router.post(
    "/procedures", response={201: ProcedureBegunOut}, operation_id="begin_procedures",
    summary="Begin a procedure on subjects, their verdicts frozen: all of them or none",
)  # fmt: skip
def begin(request: HttpRequest, body: ProcedureBeginIn) -> Any:
    who = actor(request)
    version = register.area(who, body.area)
    place = Place(version.area_id, version.path)
    level = definitions.definition(place, body.day, body.procedure).procedure.level
    rows = services.begin(who, place, body.procedure, subjects.ids_of(level, body.subjects), body.day)
    return Status(201, ProcedureBegunOut(procedures=[row.pk for row in rows]))


class SeenIn(Schema):
    procedure: int = Field(ge=1, le=2**53)
    seen: int = Field(ge=0, le=1000, description="How many acts there were when it was looked at.")


class ProcedureActIn(Schema):
    procedures: list[SeenIn] = Field(min_length=1, max_length=MOST)
    step: str = Field(max_length=40)
    outcome: str = Field(max_length=40)
    day: datetime.date
    by: str = Field(min_length=1, max_length=100)
    note: str = Field("", max_length=500)
    references: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=200)]] = Field(
        {}, description="Papers by key: number, or where the paper is kept."
    )
    valid_until: datetime.date | None = None


class ActedOut(Schema):
    recorded: int
    completed: int


@router.post(
    "/procedures/acts", response=ActedOut, operation_id="act_on_procedures",
    summary="Record one step on procedures: all of them or none; 409 where somebody was quicker",
)  # fmt: skip
def act(request: HttpRequest, body: ProcedureActIn) -> Any:
    doing = Doing(body.step, body.outcome, body.day, body.by, body.note, body.references,
                  valid_until=body.valid_until)  # fmt: skip
    done = services.act(actor(request), {each.procedure: each.seen for each in body.procedures}, doing)
    return ActedOut(recorded=len(body.procedures), completed=done)


class WithdrawIn(Schema):
    procedures: list[SeenIn] = Field(min_length=1, max_length=MOST)
    day: datetime.date
    reason: str = Field(min_length=2, max_length=500)


@router.post(
    "/procedures/withdrawals", response=ActedOut, operation_id="withdraw_procedures",
    summary="Withdraw running procedures with a reason; no status changes",
)  # fmt: skip
def withdraw(request: HttpRequest, body: WithdrawIn) -> Any:
    seen = {each.procedure: each.seen for each in body.procedures}
    return ActedOut(recorded=services.withdraw(actor(request), seen, body.reason, body.day), completed=0)


# Behind the fixed addresses below /procedures/, which it would catch.
@router.get(
    "/procedures/{number}", response=ProcedureOut, operation_id="procedure",
    summary="A procedure with its steps and clocks",
)  # fmt: skip
def procedure(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    view = selectors.view(who, number)
    row = view.row
    what = f"household:{row.subject_id}" if row.level == "household" else "standards.procedures"
    readlog.read(who, what, {"procedure": number, "via": "api"}, 1)
    return ProcedureOut(
        id=row.pk, procedure=row.key, title=text(view.definition.title), level=row.level, subject=view.subject.code,
        state=row.state, started=row.started, acts=row.acts, due_step=view.due.key if view.due else None,
        earliest=view.earliest.day if view.earliest else None, latest=view.latest.day if view.latest else None,
        verdict=row.overall, frozen_digest=row.frozen_digest, frozen_whole=view.whole,
        steps=[
            ProcedureStepOut(
                key=each.step.key, stage=each.step.stage, title=text(each.step.title), state=each.state,
                outcomes=[one.key for one in each.step.outcomes], outcome=each.act.outcome if each.act else None,
                day=each.act.day if each.act else None, by=each.act.by if each.act else None,
            )
            for each in view.steps
        ],
        clocks=[
            ClockOut(key=each.maximum.key, limit=each.limit.day, provisional=each.limit.provisional,
                     reached=each.reached, late=each.late)
            for each in view.clocks
        ],
    )  # fmt: skip
