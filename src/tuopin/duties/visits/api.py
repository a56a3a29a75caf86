"""Visits through the API: recording one, the visits to a household, coverage of an area, problems found."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import field_classes_at, require
from tuopin.platform.api.guard import actor
from tuopin.platform.auditing import readlog
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion, Household
from tuopin.register.permissions import VIEW_HOUSEHOLD

from ..permissions import RECORD_VISIT, VIEW_VISIT
from ..selectors import own_official
from . import coverage, selectors, services
from .documents import report_document
from .drafts import Draft, Found, Trouble
from .models import Visit

router = Router(tags=["visits"])

Code = Annotated[str, Path(min_length=1, max_length=64)]


class FindingIn(Schema):
    item: str = Field(max_length=60)
    result: Literal["met", "not_met", "unknown"]
    note: str = Field("", max_length=300)


class ProblemIn(Schema):
    sort: str = Field(max_length=40)
    text: str = Field(min_length=1, max_length=500)


class VisitIn(Schema):
    """``officials``: ids; without any the official of the token's account. ``key``: 32 hexadecimal digits of the
    sender's; the same key is the same visit."""

    day: datetime.date
    officials: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(default_factory=list, max_length=10)
    sort: str = Field("routine", max_length=40)
    outcome: Literal["met", "not_reachable"] = "met"
    why_not: str = Field("", max_length=40)
    why_not_note: str = Field("", max_length=200)
    said: str = Field("", max_length=1000)
    note: str = Field("", max_length=1000)
    findings: list[FindingIn] = Field(default_factory=list, max_length=60)
    problems: list[ProblemIn] = Field(default_factory=list, max_length=20)
    key: str = Field("", pattern="^([0-9a-f]{32})?$")


class VisitRecordedOut(Schema):
    """``notes``: why it counts for no duty, if it does not; ``written``: values that the register took over;
    ``again``: this key was recorded before, and nothing was written."""

    number: int
    version: int
    notes: list[str]
    written: int
    again: bool


@router.post(
    "/households/{household}/visits", response={201: VisitRecordedOut}, operation_id="record_visit",
    summary="Record a visit to a household",
)  # fmt: skip
def record_visit(request: HttpRequest, household: Code, body: VisitIn) -> Any:
    who = actor(request)
    placed = register.household(who, household)
    require(who, RECORD_VISIT, area_path=placed.village.path, household_id=placed.household.pk)
    own = own_official(who)
    officials = tuple(body.officials) or ((own,) if own is not None else ())
    draft = Draft(
        day=body.day, officials=officials, household_id=placed.household.pk, sort=body.sort, outcome=body.outcome,
        why_not=body.why_not, why_not_note=body.why_not_note, said=body.said, note=body.note, key=body.key,
        findings=tuple(Found(each.item, each.result, each.note) for each in body.findings),
        problems=tuple(Trouble(each.sort, each.text) for each in body.problems),
    )  # fmt: skip
    (made,) = services.record(who, [draft], origin="api")
    return Status(
        201,
        VisitRecordedOut(
            number=made.visit.number, version=made.visit.version, notes=[each.zh for each in made.notes],
            written=made.written, again=made.again,
        ),
    )  # fmt: skip


class VisitOut(Schema):
    """``said`` and ``note`` are null where that class of fields is not open."""

    number: int
    day: datetime.date
    sort: str
    outcome: str
    why_not: str
    officials: list[str]
    said: str | None
    note: str | None
    taken_back: bool


class Paged(Schema):
    limit: int = Field(50, ge=1, le=200)


@router.get(
    "/households/{household}/visits", response=list[VisitOut], operation_id="visits_of_household",
    summary="The visits to a household, the newest first",
)  # fmt: skip
def visits_of_household(request: HttpRequest, household: Code, query: Annotated[Paged, Query(...)]) -> Any:
    who = actor(request)
    placed = register.household(who, household)
    path, key = placed.village.path, placed.household.pk
    require(who, VIEW_VISIT, area_path=path, household_id=key)
    classes = field_classes_at(who, VIEW_VISIT, path, key)
    opened = classes is None or selectors.TEXTS in classes
    found = selectors.of_household(key, query.limit)
    names = selectors.names_of([each.pk for each in found])
    readlog.read(who, "duties.household_visits", {"household": household}, len(found))
    return [_out(each, names.get(each.pk, []), opened) for each in found]


def _out(visit: Visit, names: list[str], opened: bool) -> VisitOut:
    return VisitOut(
        number=visit.number, day=visit.day, sort=visit.sort, outcome=visit.outcome, why_not=visit.why_not,
        officials=names, said=visit.said if opened else None, note=visit.note if opened else None,
        taken_back=visit.taken_back_at is not None,
    )  # fmt: skip


class CoverageAsked(Schema):
    area: str = Field(min_length=1, max_length=64)
    on: datetime.date | None = None


class CountsOut(Schema):
    done: int
    due: int
    overdue: int
    excused: int
    unknown: int
    total: int


class VisitDutyOut(CountsOut):
    """``left``: days until it falls due."""

    duty: str
    title_zh: str
    title_en: str
    left: int | None


class BelowOut(Schema):
    area: str
    duties: dict[str, CountsOut]


class CoverageOut(Schema):
    area: str
    on: datetime.date
    duties: list[VisitDutyOut]
    below: list[BelowOut]


@router.get(
    "/visits/coverage", response=CoverageOut, operation_id="visit_coverage",
    summary="How the duties to visit stand in an area on a day",
)  # fmt: skip
def visit_coverage(request: HttpRequest, query: Annotated[CoverageAsked, Query(...)]) -> Any:
    who = actor(request)
    area = register.area(who, query.area)
    report = coverage.report(who, area, query.on or timezone.localdate())
    readlog.read(who, "duties.visit_coverage", {"area": area.code}, len(report.below))
    return report_document(area.code, report)


class ProblemsAsked(Schema):
    area: str = Field(min_length=1, max_length=64)
    after: int = Field(0, ge=0, le=2**53)
    limit: int = Field(100, ge=1, le=500)


class ProblemOut(Schema):
    """An open problem: one row a household (or area) and sort as long as it is open."""

    id: int
    household: str | None
    area: str
    sort: str
    text: str
    times: int
    first_day: datetime.date
    last_day: datetime.date


@router.get(
    "/visits/problems", response=list[ProblemOut], operation_id="visit_problems",
    summary="The open problems that visits found in an area",
)  # fmt: skip
def visit_problems(request: HttpRequest, query: Annotated[ProblemsAsked, Query(...)]) -> Any:
    who = actor(request)
    area = register.area(who, query.area)
    require(who, VIEW_VISIT, area_path=area.path)
    require(who, VIEW_HOUSEHOLD, area_path=area.path)
    classes = field_classes_at(who, VIEW_VISIT, area.path)
    found = selectors.problems(who, area, classes).filter(settled_at=None, pk__gt=query.after)
    rows = list(found.order_by("pk")[: query.limit])
    codes = dict(Household.objects.filter(pk__in={each.household_id or 0 for each in rows}).values_list("pk", "code"))
    areas = dict(
        AreaVersion.objects.filter(area_id__in={each.area_id for each in rows})
        .order_by("valid_from")
        .values_list("area_id", "code")
    )
    readlog.read(who, "duties.visit_problems", {"area": area.code}, len(rows))
    return [
        ProblemOut(
            id=each.pk, household=codes.get(each.household_id or 0), area=areas.get(each.area_id, ""), sort=each.sort,
            text=each.text, times=each.times, first_day=each.first_day, last_day=each.last_day,
        )
        for each in rows
    ]  # fmt: skip
