"""Signs through the API: list them, read one, hang one, answer an item."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Body, Path, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer
from tuopin.platform.auditing import readlog
from tuopin.register.selectors import area as area_named

from ..models import HungItem, HungSign
from . import items, page, services
from .measuring import KINDS, Criterion

router = Router()

Number = Annotated[int, Path(ge=1, le=2**53)]
Id = Annotated[int, Field(ge=1, le=2**53)]


@router.get("/hung", response=ListOut, operation_id="hung_signs", summary="Signs of an area")
def hung_signs(request: HttpRequest, query: Asked) -> Any:
    return list_answer(request, "orders.hung", query)


class CriterionIn(Schema):
    """``bound``: a whole number, or a day (2020-06-30) for ``zero``."""

    kind: str = Field(max_length=10)
    bound: int | datetime.date


class HangIn(Schema):
    """A sign to be hung. ``target``: area, matter, node or group; ``office``, ``holder``, ``supervisor``: numbers of
    organisations and an official."""

    area: str = Field(min_length=1, max_length=64)
    target: str = Field("area", max_length=8)
    office: Id
    supervisor: Id
    title: str = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=1, max_length=services.LONGEST)
    criteria: list[CriterionIn] = Field(min_length=1, max_length=len(KINDS))
    holder: Id | None = None
    matter: Id | None = None
    node: str = Field("", max_length=40)
    source: str = Field("", max_length=24)
    category: str = Field("", max_length=24)


class SignMadeOut(Schema):
    id: int


class MeasuredOut(Schema):
    """``verdict``: met, not_met or unknown."""

    kind: str
    bound: int | datetime.date
    found: str
    verdict: str


class ItemOut(Schema):
    id: int
    words: str
    due: datetime.date
    by: datetime.date
    state: str
    days_late: int


class WeekOut(Schema):
    """``state``: ahead, running, missing, unasked, checking, done or rest."""

    monday: datetime.date
    state: str
    items: list[ItemOut]


class SignOut(Schema):
    """One sign. ``figures``: those of the day of the hanging; ``parts``: who the reader is to it."""

    id: int
    title: str
    reason: str
    target: str
    matter: int | None
    node: str
    state: str
    office: int
    holder: int
    supervisor: int
    hung_on: datetime.date
    ended_on: datetime.date | None
    figures: dict[str, Any]
    criteria: list[MeasuredOut]
    weeks: list[WeekOut]
    parts: list[str]


class SignAnswerIn(Schema):
    """An answer with the place where what proves it is kept; files travel by the page."""

    text: str = Field(min_length=1, max_length=2_000)
    reference: str = Field(min_length=1, max_length=200)


@router.get("/hung/{number}", response=SignOut, operation_id="hung_sign", summary="One sign with its weeks")
def hung_sign(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    view = page.view(who, number, timezone.now())
    readlog.read(who, "orders.hung_sign", {"sign": number}, 1)
    row: HungSign = view.row
    figures = row.figures if view.judged else {key: value for key, value in row.figures.items() if key != "unmet"}
    return SignOut(
        id=row.pk, title=row.title, reason=row.reason, target=row.target, matter=row.matter_id, node=row.node,
        state=row.state, office=row.office_id, holder=row.holder_id, supervisor=row.supervisor_id,
        hung_on=row.hung_on, ended_on=row.ended_on, figures=figures, parts=sorted(view.parts),
        criteria=[
            MeasuredOut(kind=each.criterion.kind, bound=each.criterion.day or each.criterion.bound,
                        found=each.found.en, verdict=each.verdict)
            for each in view.criteria
        ],
        weeks=[
            WeekOut(
                monday=week.week.monday, state=week.week.state,
                items=[
                    ItemOut(id=each.row.pk, words=each.row.words, due=each.row.due, by=each.row.by,
                            state=each.row.state, days_late=each.late)
                    for each in week.items
                ],
            )
            for week in (*view.weeks, *view.older)
        ],
    )  # fmt: skip


@router.post("/hung", response={201: SignMadeOut}, operation_id="hang_sign", summary="Hang a sign")
def hang_sign(request: HttpRequest, body: Annotated[HangIn, Body()]) -> Any:
    who = actor(request)
    criteria = tuple(
        Criterion(each.kind, day=each.bound)
        if isinstance(each.bound, datetime.date)
        else Criterion(each.kind, each.bound)
        for each in body.criteria
    )
    wanted = services.Wanted(
        area_named(who, body.area).area_id, body.office, body.supervisor, body.title, body.reason, criteria,
        body.target, body.holder, body.matter, body.node, body.source, body.category,
    )  # fmt: skip
    return Status(201, SignMadeOut(id=services.hang(who, wanted, timezone.now()).pk))


@router.post("/hung/items/{number}/answer", response=SignMadeOut, operation_id="answer_hung",
             summary="Answer an item of the weekly list")  # fmt: skip
def answer_hung(request: HttpRequest, number: Number, body: SignAnswerIn) -> Any:
    made: HungItem = items.answer(actor(request), number, body.text, timezone.now(), reference=body.reference)
    return SignMadeOut(id=made.pk)
