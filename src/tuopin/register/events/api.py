"""Events and balances through the API."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer

from ..models import Household, Membership
from ..selectors import area as area_named
from .balance import balance
from .kinds import KINDS
from .planning import Newcomer, Wish
from .services import Why, record
from .undo import undo

router = Router(tags=["register"])

Code = Annotated[str, Path(max_length=64)]


class Period(Schema):
    first: datetime.date = Field(alias="from", description="The first day, within.")
    last: datetime.date = Field(alias="to", description="The last day, within.")


class BalanceOut(Schema):
    """Of one measure: numbers by kind of event, ``import`` and ``import_first`` where none was recorded."""

    opening: int
    came: dict[str, int] = Field(description="Arrivals by kind.")
    left: dict[str, int] = Field(description="Departures by kind.")
    closing: int


class EventPartOut(Schema):
    area: str
    balance: dict[str, BalanceOut]


class EventSheetOut(Schema):
    """The balance of an area by measure, and of the areas directly below it."""

    area: str
    first: datetime.date
    last: datetime.date
    balance: dict[str, BalanceOut]
    parts: list[EventPartOut]


@router.get(
    "/areas/{code}/balance", response=EventSheetOut, operation_id="balance",
    summary="Opening, arrivals and departures by kind, closing, of households and persons",
)  # fmt: skip
def area_balance(request: HttpRequest, code: Code, query: Annotated[Period, Query(...)]) -> Any:
    sheet = balance(actor(request), code, query.first, query.last)

    def out(found: Any) -> dict[str, BalanceOut]:
        return {
            name: BalanceOut(opening=each.opening, came=each.ins, left=each.outs, closing=each.closing)
            for name, each in found.items()
        }

    parts = [EventPartOut(area=sheet.names[key][0], balance=out(found)) for key, found in sheet.parts.items()]
    return EventSheetOut(area=code, first=sheet.first, last=sheet.last, balance=out(sheet.whole), parts=parts)


@router.get("/events", response=ListOut, operation_id="events", summary="Events of households and persons")
def events(request: HttpRequest, query: Asked) -> Any:
    return list_answer(request, "register.events", query)


class NewcomerIn(Schema):
    name: str = Field(min_length=1, max_length=100)
    sex: str | None = Field(None, max_length=10)
    birth_date: datetime.date | None = None
    id_number: str = Field("", max_length=64)
    relation: str | None = Field(None, max_length=40)


class WishIn(Schema):
    """One event. Households, persons and villages by their codes."""

    household: str = Field(min_length=1, max_length=64)
    persons: list[str] = Field([], max_length=60, description="Codes of members.")
    newcomer: NewcomerIn | None = None
    target: str = Field("", max_length=64, description="Code of the household that takes them in.")
    village: str = Field("", max_length=64, description="Code of the village.")
    group: str = Field("", max_length=100)
    head: str = Field("", max_length=64, description="Code of the person who heads the household from then on.")
    code: str = Field("", max_length=64, description="Code of the new household of a split.")
    registration: str | None = Field(None, max_length=32)
    agreed: bool = Field(False, description="Persons who join an exited household before exiting may count as exited.")


class EventsIn(Schema):
    kind: str = Field(max_length=16, description=", ".join(key for key in KINDS if key != "same_person"))
    day: datetime.date
    reason: str = Field(min_length=1, max_length=500)
    document: str = Field("", max_length=200)
    events: list[WishIn] = Field(min_length=1, max_length=1000)


class EventsOut(Schema):
    events: list[int]


class UndoOut(Schema):
    undone: int


@router.post(
    "/events", response={201: EventsOut}, operation_id="record_events",
    summary="Record events of one kind and day: all of them, or none",
)  # fmt: skip
def record_events(request: HttpRequest, body: EventsIn) -> Any:
    who = actor(request)
    why = Why(body.day, body.reason, body.document, "api")
    return Status(201, EventsOut(events=record(who, body.kind, _wishes(who, body), why)))


@router.post("/events/{number}/undo", response=UndoOut, operation_id="undo_event", summary="Take an event back")
def undo_event(request: HttpRequest, number: Annotated[int, Path(ge=1, le=2**53)]) -> Any:
    return UndoOut(undone=undo(actor(request), number))


def _wishes(who: Any, body: EventsIn) -> list[Wish]:
    """From codes to ids: a statement for households, one for members, one for each village named. Codes of no household
    get ids below zero, so that the service refuses them as it does those outside the grants, after the same checks."""
    codes = {each.household for each in body.events} | {each.target for each in body.events if each.target}
    houses = {code: -at for at, code in enumerate(sorted(codes), 1)}
    houses |= dict(Household.objects.filter(code__in=codes).values_list("code", "pk"))
    listed = {code for each in body.events for code in (*each.persons, each.head) if code}
    rows = Membership.objects.filter(person__code__in=listed, household__code__in=codes).order_by("valid_from")
    members = {
        (household, person): key
        for household, person, key in rows.values_list("household__code", "person__code", "person_id")
    }
    villages = {code: area_named(who, code).area_id for code in {each.village for each in body.events if each.village}}
    return [
        Wish(
            houses[each.household],
            tuple(_member(members, each.household, code) for code in each.persons),
            newcomer=_newcomer(each.newcomer),
            target=houses[each.target] if each.target else None,
            village=villages[each.village] if each.village else None,
            group=each.group,
            head=_member(members, each.household, each.head) if each.head else None,
            code=each.code,
            registration=each.registration,
            agreed=each.agreed,
        )
        for each in body.events
    ]


def _member(members: dict[tuple[str, str], int], household: str, code: str) -> int:
    return members.get((household, code), 0)


def _newcomer(given: NewcomerIn | None) -> Newcomer | None:
    if given is None:
        return None
    return Newcomer(given.name, given.sex, given.birth_date, given.id_number, given.relation)
