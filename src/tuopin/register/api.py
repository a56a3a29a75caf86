"""The register through the API: areas, households, persons, data issues, corrections, workbooks."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field, StrictBool, StrictInt, StrictStr

from tuopin.platform.access import field_classes_at, may
from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer
from tuopin.platform.api.schemas import JobOut, Page, job_out
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Missing, Problem

from . import record, selectors, workbook_exports
from .correcting.fields import BLOCKS, all_fields
from .correcting.services import Change, Why, correct
from .events.api import router as events
from .events.areas.api import router as area_changes
from .household_file import HouseholdFile, file_of, with_blocks
from .importing import history
from .importing.api import router as import_sets
from .models import AreaVersion, Household
from .models.blocks import Source
from .permissions import VIEW_AREA, VIEW_PERSON

router = Router(tags=["register"])
router.add_router("", import_sets)
router.add_router("", area_changes)
router.add_router("", events)

Code = Annotated[str, Path(max_length=64)]


class AreaOut(Schema):
    code: str
    name: str
    level: str
    parent: str | None = Field(description="Code of the area above, if the token sees it.")


class AreaQuery(Schema):
    parent: str = Field("", max_length=64, description="Only areas directly below this one.")
    after: str = Field("", max_length=64)
    size: int = Field(100, ge=1, le=1000)


def _areas_out(request: HttpRequest, rows: list[AreaVersion]) -> list[AreaOut]:
    above = selectors.areas(actor(request)).filter(area_id__in={row.parent_id for row in rows})
    codes = dict(above.values_list("area_id", "code"))
    return [
        AreaOut(code=row.code, name=row.name, level=row.level, parent=codes.get(row.parent_id or 0)) for row in rows
    ]


@router.get("/areas", response=Page[AreaOut], operation_id="areas", summary="Areas within the grants, by code")
def areas(request: HttpRequest, query: Annotated[AreaQuery, Query(...)]) -> Any:
    found = selectors.areas(actor(request)).order_by("code")
    if query.parent:
        found = found.filter(parent_id=selectors.area(actor(request), query.parent).area_id)
    if query.after:
        found = found.filter(code__gt=query.after)
    rows = list(found[: query.size + 1])
    following = rows[query.size - 1].code if len(rows) > query.size else None
    return Page[AreaOut](items=_areas_out(request, rows[: query.size]), next=following)


@router.get("/areas/{code}", response=AreaOut, operation_id="area", summary="One area")
def area(request: HttpRequest, code: Code) -> Any:
    return _areas_out(request, [selectors.area(actor(request), code)])[0]


# -- lists --------------------------------------------------------------------------------------------------------


def _list(key: str, path: str, name: str, summary: str) -> None:
    @router.get(path, response=ListOut, operation_id=name, summary=summary)
    def rows(request: HttpRequest, query: Asked) -> Any:
        return list_answer(request, key, query)

    rows.__name__ = name


_list("register.households", "/households", "households", "Households, as the page's list")
_list("register.persons", "/persons", "persons", "Persons, as the page's list")
_list("register.villages", "/villages", "villages", "Villages, as the page's list")
_list("register.issues", "/issues", "issues", "Data issues, as the page's list")


# -- one household ------------------------------------------------------------------------------------------------


class MemberOut(Schema):
    """A member. Fields whose class is not open are left out; ID numbers are masked."""

    code: str
    name: str
    sex: str | None
    relation: str | None
    age: int | None
    masked_id: str
    facts: dict[str, Any]


class HouseholdOut(Schema):
    """A household on a day. ``facts`` are its fields by name: amounts in yuan as text, codes as codes, null unknown."""

    code: str
    village: str
    village_name: str
    group: str
    on: datetime.date
    status: dict[str, str]
    facts: dict[str, Any]
    members: list[MemberOut]


class Day(Schema):
    on: datetime.date | None = Field(None, description="Default: today.")


@router.get("/households/{code}", response=HouseholdOut, operation_id="household", summary="One household with members")
def household(request: HttpRequest, code: Code, query: Annotated[Day, Query(...)]) -> Any:
    who, day = actor(request), _day(query.on)
    placed = selectors.household(who, code)
    home, group = selectors.home_on(placed, day)
    path, number = placed.village.path, placed.household.pk
    classes = field_classes_at(who, "register.view_household", path, number)
    file = with_blocks(file_of(placed, day), _HOUSEHOLD_BLOCKS)
    readlog.read(who, f"household:{number}", {"shown": "api"}, 1)
    persons = may(who, VIEW_PERSON, area_path=path, household_id=number)
    return HouseholdOut(
        code=code, village=home.code, village_name=home.name, group=group, on=day,
        status=file.status(), facts=_facts(file, "household", number, classes),
        members=[_member(file, each, classes) for each in record.members(file, classes)] if persons else [],
    )  # fmt: skip


def _member(file: HouseholdFile, member: record.Member, classes: record.Classes) -> MemberOut:
    identity, condition = member.identity, member.condition
    return MemberOut(
        code=member.code, name=identity.name if identity else "", sex=identity.sex if identity else None,
        relation=condition.relation if condition else None, age=member.age, masked_id=member.masked_id,
        facts=_facts(file, "person", member.person_id, classes),
    )  # fmt: skip


_HOUSEHOLD_BLOCKS = {
    model._meta.db_table.removeprefix("register_"): model for model, level, _kind in BLOCKS if level == "household"
}
"""All of the household's own facts are given, also those of tables that its page does not print."""
_APART = frozenset({"id_number", "name", "sex", "relation"})  # given masked, or under their own name


def _facts(file: HouseholdFile, level: str, subject: int, classes: record.Classes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in all_fields().items():
        if field.level != level or name in _APART or not record.is_open(classes, field.field_class):
            continue
        row = file.newest(field.model._meta.db_table.removeprefix("register_"), subject)
        found[name] = None if row is None else _plain(getattr(row, name), field.scale if field.is_number else 0)
    return found


def _plain(value: Any, scale: int) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and scale:
        whole, rest = divmod(abs(value), 10**scale)
        return f"{'-' if value < 0 else ''}{whole}.{rest:0{scale}d}"
    return record.masked(value) if isinstance(value, str) else value


def _day(day: datetime.date | None) -> datetime.date:
    found = day or timezone.localdate()
    if not 1900 <= found.year <= 2200:
        raise Problem("bad_date", "日期不在可用范围内。", "The day is out of range.")
    return found


# -- imports ------------------------------------------------------------------------------------------------------


class ImportOut(Schema):
    id: int
    at: datetime.datetime
    by: str
    as_of: datetime.date
    year: int
    digest: str


class ImportQuery(Schema):
    after: str = Field("", max_length=18, pattern=r"^\d*$")
    size: int = Field(50, ge=1, le=500)


@router.get(
    "/imports", response=Page[ImportOut], operation_id="imports", summary="History of imports, the newest first"
)
def imports(request: HttpRequest, query: Annotated[ImportQuery, Query(...)]) -> Any:
    found = history.imports(actor(request))
    if query.after:
        found = found.filter(pk__lt=int(query.after))
    rows = list(found[: query.size + 1])
    items = [
        ImportOut(id=row.pk, at=row.finished_at, by=row.actor, as_of=row.as_of, year=row.year, digest=row.digest)
        for row in rows[: query.size]
    ]
    return Page[ImportOut](items=items, next=str(rows[query.size - 1].pk) if len(rows) > query.size else None)


# -- corrections --------------------------------------------------------------------------------------------------


class ChangeIn(Schema):
    """A field of a household or of one of its persons. ``value`` is in the catalogue's encoding: money in fen, other
    decimals as scaled integers, codes as codes, days as 2018-12-01; null = not known after all."""

    household: str = Field(min_length=1, max_length=64)
    person: str = Field("", max_length=64, description="Code of a person of the household; empty = the household.")
    field: str = Field(min_length=1, max_length=64)
    value: StrictBool | StrictInt | StrictStr | None = None


class CorrectionIn(Schema):
    as_of: datetime.date
    reason: str = Field("", max_length=500)
    source: str = Field("by_hand", pattern="^(department_list|visit|by_hand)$")
    changes: list[ChangeIn] = Field(min_length=1, max_length=10_000)


class CorrectionOut(Schema):
    """``correction`` is null when everything said already what was asked for."""

    correction: int | None
    written: int
    closed_issues: int
    opened_issues: int


@router.post(
    "/corrections", response={201: CorrectionOut}, operation_id="correct",
    summary="Correct facts: all of the changes are recorded, or none",
)  # fmt: skip
def corrections(request: HttpRequest, body: CorrectionIn) -> Any:
    why = Why(as_of=_day(body.as_of), source=Source(body.source), reason=body.reason, origin="api")
    done = correct(actor(request), _changes(body), why)
    return Status(
        201,
        CorrectionOut(
            correction=done.correction.pk if done.correction else None, written=done.written,
            closed_issues=done.closed_issues, opened_issues=done.opened_issues,
        ),
    )  # fmt: skip


def _changes(body: CorrectionIn) -> list[Change]:
    """From codes to ids: two statements, however many changes. What does not exist is told no apart from what lies
    outside the grants (:func:`correct`)."""
    from .models import Membership

    codes = {each.household for each in body.changes}
    households = dict(Household.objects.filter(code__in=codes).values_list("code", "pk"))
    asked = {each.household for each in body.changes if each.person}
    living = Membership.objects.filter(selectors.on_day(body.as_of), household__code__in=asked)
    persons = {
        (household_code, person_code): person_id
        for household_code, person_code, person_id in living.values_list("household__code", "person__code", "person_id")
    }
    found = []
    for each in body.changes:
        level = "person" if each.person else "household"
        subject = persons.get((each.household, each.person)) if each.person else households.get(each.household)
        known = all_fields().get(each.field)
        if known is None or known.level != level:
            raise Problem(
                "no_such_fact", f"没有“{each.field}”这一项。", f"There is no fact “{each.field}”.", field=each.field
            )
        found.append(Change(known.level, subject or 0, each.field, _encoded(each.value, known.field.type)))
    return found


def _encoded(value: bool | int | str | None, kind: str) -> bool | int | str | datetime.date | None:
    if kind != "date" or not isinstance(value, str):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise Problem("wrong_type", "日期请写成 2018-12-01 的样子。", "Write the day like 2018-12-01.") from None


# -- workbooks ----------------------------------------------------------------------------------------------------


class WorkbookIn(Schema):
    kind: str = Field(min_length=1, max_length=64, description="household_person, household_check, village or helper")
    area: str = Field(min_length=1, max_length=64)
    on: datetime.date | None = None


@router.post(
    "/workbooks", response={202: JobOut}, operation_id="workbook",
    summary="Write a workbook of the national form: a job, whose result names the file",
)  # fmt: skip
def workbook(request: HttpRequest, body: WorkbookIn) -> Any:
    return Status(202, job_out(workbook_exports.begin_export(actor(request), body.kind, body.area, _day(body.on))))


__all__ = ["VIEW_AREA", "Missing", "router"]
