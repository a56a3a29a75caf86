"""Help plans, gaps and payments through the API: the lists as on the pages, figures, a plan, what was done."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import may
from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register

from ..permissions import VIEW
from ..selectors import overview
from ..years import year_of
from . import selectors, services
from .progress import Sums, progress

router = Router(tags=["measures"])

Code = Annotated[str, Path(max_length=64)]
Fen = Annotated[int, Field(ge=0, le=services.MOST_MONEY, description="fen")]


def _list(key: str, path: str, name: str, summary: str) -> None:
    @router.get(path, response=ListOut, operation_id=name, summary=summary)
    def rows(request: HttpRequest, query: Asked) -> Any:
        return list_answer(request, key, query)

    rows.__name__ = name


_list("measures.payments", "/payments", "payments", "Payments, as the page's list")
_list("measures.gaps", "/gaps/rows", "gap_rows", "Gaps by household and person, as the page's list")
_list("measures.measures", "/help-measures", "help_measures", "Measures of a year's plans, as the page's list")


class OfArea(Schema):
    area: str = Field(min_length=1, max_length=64)


class OfYear(Schema):
    year: int = Field(0, ge=0, le=2200, description="0 = the year that the register describes.")


class HelpGapsOut(Schema):
    """The newest comparison of entitled with received over an area. A count that may not be told is null; one below
    five of a class of fields that is closed reads <5."""

    day: datetime.date
    stale: bool
    policies: dict[str, dict[str, str | None]]


@router.get("/gaps", response=HelpGapsOut, operation_id="gaps", summary="Entitled against received, by policy")
def gaps(request: HttpRequest, query: Annotated[OfArea, Query(...)]) -> Any:
    who = actor(request)
    found = overview(who, register.area(who, query.area))
    if found is None:
        raise Missing("not_compared", "还没有核对过。", "Nobody has compared yet.")
    policies = {
        line.policy.key: {name: shown.text or None for name, shown in line.counts.items()} for line in found.lines
    }
    return HelpGapsOut(day=found.run.day, stale=found.stale, policies=policies)


class SumsOut(Schema):
    """Measures and money in fen; see the page of plans against what was done."""

    planned: int
    done: int
    late: int
    seen: int
    cost: int
    unpriced: int
    paid: int
    unpaid: int
    effect: int


class HelpProgressOut(Schema):
    year: int
    households: int
    with_plan: int
    signed: int
    refused: int
    whole: bool = Field(description="False: measures of classes of fields that are closed are not counted.")
    total: SumsOut
    classes: dict[str, SumsOut]
    areas: dict[str, SumsOut]


class AreaAndYear(OfArea, OfYear):
    """An area and a year."""


@router.get(
    "/plan-progress", response=HelpProgressOut, operation_id="plan_progress",
    summary="A year's plans against what was done, by class and by the areas below",
)  # fmt: skip
def plan_progress(request: HttpRequest, query: Annotated[AreaAndYear, Query(...)]) -> Any:
    who = actor(request)
    year = year_of(str(query.year), ahead=1)
    found = progress(who, register.area(who, query.area), year, timezone.localdate())
    return HelpProgressOut(
        year=found.year, households=found.households, with_plan=found.with_plan, signed=found.signed,
        refused=found.refused, whole=found.whole, total=_sums(found.total),
        classes={sort: _sums(each) for sort, each in found.by_class.items()},
        areas={version.code: _sums(each) for version, each in found.by_area},
    )  # fmt: skip


def _sums(each: Sums) -> SumsOut:
    return SumsOut(**{name: getattr(each, name) for name in SumsOut.model_fields})


class MeasureOut(Schema):
    number: int
    sort: str
    content: str
    organisation: str
    policy: str
    due: datetime.date
    cost: int | None
    state: str


class HelpPlanOut(Schema):
    """The newest version of a household's plan of a year. ``whole`` false: measures that reveal a class of fields are
    left out, because it is closed to the token."""

    household: str
    year: int
    version: int
    state: str
    answered: datetime.date | None
    whole: bool
    measures: list[MeasureOut]


@router.get(
    "/households/{code}/help-plan", response=HelpPlanOut, operation_id="help_plan", summary="A household's plan"
)
def help_plan(request: HttpRequest, code: Code, query: Annotated[OfYear, Query(...)]) -> Any:
    who = actor(request)
    placed = register.household(who, code)
    if not may(who, VIEW, area_path=placed.village.path, household_id=placed.household.pk):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.")
    year = year_of(str(query.year), ahead=1)
    found = selectors.plans_of(who, placed, year, timezone.localdate())
    readlog.read(who, "measures.plan", {"household": code, "year": year, "via": "api"}, 1)
    if not found:
        raise Missing("no_such_plan", "这一年没有帮扶计划。", "There is no plan of this year.")
    newest = found[0]
    return HelpPlanOut(
        household=code, year=year, version=newest.plan.version, state=newest.state,
        answered=newest.answer.day if newest.answer else None, whole=bool(newest.sums),
        measures=[
            MeasureOut(
                number=each.measure.number, sort=each.measure.sort, content=each.measure.content,
                organisation=each.measure.organisation, policy=each.measure.policy, due=each.measure.due,
                cost=each.measure.cost, state=each.state,
            )
            for each in newest.measures
        ],
    )  # fmt: skip


class DoneIn(Schema):
    """What was done of a measure of the newest, signed version of a household's plan."""

    household: str = Field(min_length=1, max_length=64)
    year: int = Field(ge=2000, le=2200)
    number: int = Field(ge=1, le=1000, description="The measure's number in the plan.")
    day: datetime.date
    cost: Fen | None = None
    document: str = Field("", max_length=200)
    effect: str = Field("", max_length=500)


class DonesIn(Schema):
    done: list[DoneIn] = Field(min_length=1, max_length=services.MOST_PLANS)


class MeasureRecordedOut(Schema):
    recorded: int


@router.post(
    "/help-plans/done", response={201: MeasureRecordedOut}, operation_id="record_measures_done",
    summary="Record what was done of measures: all of it or nothing",
)  # fmt: skip
def record_done(request: HttpRequest, body: DonesIn) -> Any:
    who = actor(request)
    keys = services.measures_of(who, [(each.household, each.year, each.number) for each in body.done])
    rows = [
        services.Done(key, each.day, each.cost, each.document, each.effect)
        for key, each in zip(keys, body.done, strict=True)
    ]
    return Status(201, MeasureRecordedOut(recorded=len(services.record_done(who, rows))))
