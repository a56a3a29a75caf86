"""Projects and funds through the API: the list, one project, the accounts, money recorded."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer
from tuopin.register import selectors as register

from ..permissions import VIEW
from ..years import year_of
from . import selectors, services
from .rules import FINDINGS

router = Router(tags=["measures"])

Number = Annotated[int, Path(ge=1, le=2**53)]
Fen = Annotated[int, Field(gt=0, le=services.MOST_MONEY, description="fen")]


@router.get("/projects", response=ListOut, operation_id="projects", summary="Projects, as the page's list")
def projects(request: HttpRequest, query: Asked) -> Any:
    return list_answer(request, "measures.projects", query)


class ProjectOut(Schema):
    """A project as it stands; money in fen. ``findings``: what is to be looked at."""

    id: int
    code: str
    year: int
    name: str
    sort: str
    state: str
    cost: int | None
    allocated: int
    paid: int
    due: datetime.date | None
    accepted_on: datetime.date | None
    households: int
    findings: list[str]


@router.get("/projects/{number}", response=ProjectOut, operation_id="project", summary="One project")
def project(request: HttpRequest, number: Number) -> Any:
    row = selectors.project(actor(request), number, timezone.localdate())
    return ProjectOut(
        id=row.project_id, code=row.project.code, year=row.project.year, name=row.name, sort=row.sort, state=row.state,
        cost=row.cost, allocated=row.allocated, paid=row.paid, due=row.due, accepted_on=row.accepted_on,
        households=row.benefiting, findings=[key for key in FINDINGS if getattr(row, f"is_{key}")],
    )  # fmt: skip


class FundsQuery(Schema):
    area: str = Field(min_length=1, max_length=64)
    year: int = Field(0, ge=0, le=2200, description="0 = the year that the register describes.")


class FundOut(Schema):
    id: int
    year: int
    tier: str
    name: str
    came_in: int
    allocated: int
    paid: int


@router.get(
    "/project-funds", response=list[FundOut], operation_id="project_funds", summary="Accounts of the funds of an area"
)
def project_funds(request: HttpRequest, query: Annotated[FundsQuery, Query(...)]) -> Any:
    who = actor(request)
    version = register.area(who, query.area)
    require(who, VIEW, area_path=version.path)
    rows = selectors.accounts(who, version, year_of(str(query.year), ahead=1)).order_by("pk")[:1000]
    return [
        FundOut(
            id=each.pk, year=each.year, tier=each.tier, name=each.name, came_in=each.came_in,
            allocated=each.allocated, paid=each.paid,
        )
        for each in rows
    ]  # fmt: skip


class MoveIn(Schema):
    """Money: ``in`` a fund, ``allocated`` from a fund to a project, ``paid`` for a project."""

    kind: Literal["in", "allocated", "paid"]
    amount: Fen
    day: datetime.date
    fund: int | None = Field(None, ge=1, le=2**53)
    project: int | None = Field(None, ge=1, le=2**53)
    document: str = Field(min_length=1, max_length=200)
    payee: str = Field("", max_length=200)


class MovesIn(Schema):
    moves: list[MoveIn] = Field(min_length=1, max_length=1000)


class MovedOut(Schema):
    recorded: int


@router.post(
    "/project-money", response={201: MovedOut}, operation_id="record_project_money",
    summary="Record money that came in, was allocated or was paid: all of it or nothing",
)  # fmt: skip
def record_project_money(request: HttpRequest, body: MovesIn) -> Any:
    moves = [
        services.Move(each.kind, each.amount, each.day, each.fund, each.project, each.document, each.payee)
        for each in body.moves
    ]
    return Status(201, MovedOut(recorded=len(services.move(actor(request), moves))))
