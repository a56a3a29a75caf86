"""Papers through the API: those of a matter, one paper, its PDF; one written, issued, signed for."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field

from tuopin.core.papers import LONGEST_BODY, LONGEST_NAME, LONGEST_TITLE
from tuopin.platform.api.guard import actor
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem

from .. import selectors as matters
from ..models import OrderPaper
from . import content, files, issuing, selectors, services
from .content import Written

router = Router()

Number = Annotated[int, Path(ge=1, le=2**53)]
Id = Annotated[int, Field(ge=1, le=2**53)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class RecipientOut(Schema):
    id: int
    organisation: int
    role: str
    received_at: datetime.datetime | None
    received_by: str


class PaperOut(Schema):
    """One paper. ``digest``: SHA-256 of what was frozen at its issue, empty of a draft."""

    id: int
    matter: int
    kind: str
    state: str
    issuer: int
    number: str
    day: datetime.date | None
    title: str
    body: str
    mandate: str
    answers: int | None
    reason: str
    digest: str
    version: int
    recipients: list[RecipientOut]


def _out(row: OrderPaper) -> PaperOut:
    words = content.written(row.content)
    return PaperOut(
        id=row.pk, matter=row.matter_id, kind=row.kind, state=row.state, issuer=row.issuer_id,
        number=files.number_of(row), day=row.day, title=words.title, body=words.body, mandate=words.mandate,
        answers=row.answers_id, reason=row.reason, digest=row.digest, version=row.version,
        recipients=[
            RecipientOut(id=each.pk, organisation=each.organisation_id, role=each.role, received_at=each.received_at,
                         received_by=each.receiver)
            for each in selectors.recipients_of([row.pk])
        ],
    )  # fmt: skip


class PaperLineOut(Schema):
    id: int
    kind: str
    state: str
    number: str
    title: str
    day: datetime.date | None


@router.get(
    "/matters/{number}/papers", response=list[PaperLineOut], operation_id="papers", summary="Papers of a matter"
)
def papers_of_matter(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    matters.matter(who, number)
    rows = selectors.of_matter(who, number)
    readlog.read(who, "orders.papers", {"matter": number, "via": "api"}, len(rows))
    return [
        PaperLineOut(id=row.pk, kind=row.kind, state=row.state, number=files.number_of(row), day=row.day,
                title=content.written(row.content).title)
        for row in rows
    ]  # fmt: skip


class RecipientIn(Schema):
    organisation: Id
    role: str = Field(max_length=8, description="to, reported (抄报) or copied (抄送)")


class PaperIn(Schema):
    """A draft of a paper. ``also_to``, ``also_copied``: bodies that are no organisations of the product."""

    kind: str = Field(max_length=10, description="directive, reminder, bulletin or reply")
    issuer: Id
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    body: str = Field(min_length=1, max_length=LONGEST_BODY, description="A paragraph a line.")
    mandate: Name = ""
    urgency: str = Field("", max_length=2)
    signer: Name = ""
    note: str = Field("", max_length=LONGEST_TITLE)
    recipients: list[RecipientIn] = Field([], max_length=services.MOST_RECIPIENTS)
    also_to: list[Name] = Field([], max_length=services.MOST_RECIPIENTS)
    also_copied: list[Name] = Field([], max_length=services.MOST_RECIPIENTS)
    answers: Id | None = None


@router.post("/matters/{number}/papers", response={201: PaperOut}, operation_id="write_paper", summary="Write a draft")
def write_paper(request: HttpRequest, number: Number, body: PaperIn) -> Any:
    words = Written(
        body.title, body.body, body.mandate, "", body.urgency, body.signer, body.note, tuple(body.also_to), (),
        tuple(body.also_copied),
    )  # fmt: skip
    recipients = tuple((each.organisation, each.role) for each in body.recipients)
    draft = services.Draft(number, body.kind, body.issuer, words, recipients, body.answers)
    return Status(201, _out(services.write(actor(request), draft, timezone.now())))


class IssueIn(Schema):
    """Drafts to be issued under one word: all of them or none. ``seen``: their versions, in the order of ``ids``."""

    ids: list[Id] = Field(min_length=1, max_length=issuing.MOST)
    seen: list[Id] = Field(min_length=1, max_length=issuing.MOST)
    word: Id
    day: datetime.date


class IssuedOut(Schema):
    id: int
    number: str
    digest: str


@router.post("/papers/issues", response=list[IssuedOut], operation_id="issue_papers", summary="Number and issue drafts")
def issue_papers(request: HttpRequest, body: IssueIn) -> Any:
    if len(body.seen) != len(body.ids):
        raise Problem("bad_seen", "版本号的数目与公文不符。", "There must be one version for each paper.")
    seen = dict(zip(body.ids, body.seen, strict=True))
    rows = issuing.issue(actor(request), seen, body.word, body.day, timezone.now())
    return [IssuedOut(id=row.pk, number=files.number_of(row), digest=row.digest) for row in rows]


class ReceiveIn(Schema):
    """Entries of recipients (see a paper) to be signed for: all of them or none."""

    recipients: list[Id] = Field(min_length=1, max_length=issuing.MOST)
    remark: str = Field("", max_length=200)


@router.post("/papers/receipts", response=list[RecipientOut], operation_id="receive_papers", summary="Sign for papers")
def receive_papers(request: HttpRequest, body: ReceiveIn) -> Any:
    rows = issuing.receive(actor(request), body.recipients, timezone.now(), body.remark)
    return [
        RecipientOut(id=each.pk, organisation=each.organisation_id, role=each.role, received_at=each.received_at,
                     received_by=each.receiver)
        for each in rows
    ]  # fmt: skip


# behind the addresses that begin alike: the first that fits is taken
@router.get("/papers/{number}", response=PaperOut, operation_id="paper", summary="One paper, with who signed for it")
def paper(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    row = selectors.paper(who, number)
    readlog.read(who, "orders.paper", {"paper": number, "via": "api"}, 1)
    return _out(row)
