"""Like for like through the API: what a matter asks, asking by a condition, whom it found, answering one of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.auditing import readlog

from .. import selectors as matters
from .. import services as orders
from ..board.lists import WORK
from . import answering, selectors, services

router = Router()

Number = Annotated[int, Path(ge=1, le=2**53)]
Id = Annotated[int, Field(ge=1, le=2**53)]
PAGE = 200


class AskedOut(Schema):
    """A condition or a question. ``closed``: it rests on classes that are not open to the reader: neither text nor
    counts are told. ``counts`` by group: left, unknown, confirmed, excluded, answered."""

    id: int
    kind: str
    text: str
    closed: bool
    ended: bool
    counts: dict[str, int]


class QueryIn(Schema):
    """A condition by the facts and limits of a standard, asked of an area (its code)."""

    area: str = Field(min_length=1, max_length=64)
    pack: str = Field(min_length=1, max_length=40)
    standard: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=1000)
    as_part: bool = True


class AlikeBegunOut(Schema):
    """``job`` None: it was run at once."""

    id: int
    job: int | None


class SubjectOut(Schema):
    """``household``: a code; ``area`` and ``unit``: numbers. ``answer`` '': nobody answered yet."""

    id: int
    household: str | None
    area: int | None
    unit: int | None
    unknown: bool
    answer: str
    count: int | None
    note: str
    opened: int | None


class AlikeAnswerIn(Schema):
    """``confirmed`` opens a problem (``holder``: issued to it), ``excluded`` needs a note, ``answered`` a count and
    where the paper is kept."""

    subject: Id
    answer: Literal["confirmed", "excluded", "answered"]
    holder: Id | None = None
    note: str = Field("", max_length=500)
    count: int = Field(-1, ge=-1, le=1_000_000)
    reference: str = Field("", max_length=200)


@router.get("/matters/{number}/alike", response=list[AskedOut], operation_id="alike_of_matter",
            summary="What a matter asks of others like it")  # fmt: skip
def alike_of_matter(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    matter = matters.matter(who, number)
    if matter.kind not in WORK:
        raise orders.missing()
    found = selectors.of_matter(who, matter)
    readlog.read(who, "orders.alike", {"matter": number, "via": "api"}, len(found))
    return [
        AskedOut(
            id=each.row.pk, kind=each.row.kind, text="" if each.closed else each.row.text, closed=each.closed,
            ended=each.row.ended_at is not None, counts={} if each.closed else each.counts,
        )
        for each in found
    ]  # fmt: skip


@router.post("/matters/{number}/alike", response={201: AlikeBegunOut}, operation_id="ask_alike",
             summary="Look for others like a matter by a condition")  # fmt: skip
def ask_alike(request: HttpRequest, number: Number, body: QueryIn) -> Any:
    who = actor(request)
    query = services.Query(body.area, body.pack, body.standard, body.text, body.as_part)
    row = services.ask_query(who, number, query, timezone.now())
    job = services.begin(who, row.pk)
    return Status(201, AlikeBegunOut(id=row.pk, job=job.pk if job is not None else None))


@router.get("/alike/{number}", response=list[SubjectOut], operation_id="alike_subjects",
            summary="Whom a condition found, or a question was put to")  # fmt: skip
def alike_subjects(request: HttpRequest, number: Number, after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> Any:
    who = actor(request)
    row = selectors.question(who, number)
    rows = selectors.page(selectors.subjects(who, row), after, PAGE)[:PAGE]
    sees = selectors.sees_matter(who, row)
    readlog.read(who, "orders.alike_one", {"question": number, "via": "api"}, len(rows))
    return [
        SubjectOut(
            id=one.pk, household=one.household.code if one.household is not None else None, area=one.area_id,
            unit=one.unit_id, unknown=one.unknown, answer=one.answer, count=one.count, note=one.note,
            opened=one.opened_id if sees else None,
        )
        for one in rows
    ]  # fmt: skip


class AnsweredOut(Schema):
    id: int
    answer: str
    opened: int | None


@router.post("/alike/{number}/answers", response=AnsweredOut, operation_id="answer_alike",
             summary="Confirm or leave out one that was found, or answer a question")  # fmt: skip
def answer_alike(request: HttpRequest, number: Number, body: AlikeAnswerIn) -> Any:
    who, now = actor(request), timezone.now()
    match body.answer:
        case "confirmed":
            one = answering.confirm(who, number, body.subject, body.holder, now)
        case "excluded":
            one = answering.exclude(who, number, body.subject, body.note, now)
        case _:
            given = answering.Answer(body.count, body.note, body.reference)
            one = answering.answer(who, number, body.subject, given, now)
    return AnsweredOut(id=one.pk, answer=one.answer, opened=one.opened_id)
