"""Messages through the API: a token's owner's own."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import Page, Text, text
from tuopin.platform.models import Message
from tuopin.platform.models.message import OPEN
from tuopin.platform.outbox import selectors, services
from tuopin.platform.outbox.listings import VIEW

router = Router(tags=["messages"])


class MessageOut(Schema):
    """A message. ``day`` is the day it is about, ``href`` the page it leads to."""

    id: int
    kind: str
    urgent: bool
    title: Text
    word: str
    day: datetime.date
    href: str
    created_at: datetime.datetime
    read_at: datetime.datetime | None
    done_at: datetime.datetime | None


class MessagePage(Schema):
    after: str = Field("", max_length=20, pattern=r"^\d*$")
    size: int = Field(50, ge=1, le=500)
    unread: bool = Field(False, description="only those that are neither read nor done")


class MarkIn(Schema):
    ids: list[Annotated[int, Field(ge=1, lt=2**53)]] = Field(min_length=1, max_length=1000)
    read: bool = True


class Marked(Schema):
    count: int


def _out(row: Message) -> MessageOut:
    fields = {name: getattr(row, name) for name in ("title_zh", "title_en", "parameters", "kind")}
    return MessageOut(
        id=row.pk, kind=row.kind, urgent=row.urgent, title=text(selectors.title(fields)), word=row.word, day=row.day,
        href=selectors.target(row), created_at=row.created_at, read_at=row.read_at, done_at=row.done_at,
    )  # fmt: skip


@router.get("/messages", response=Page[MessageOut], operation_id="messages", summary="One's messages, the newest first")
def messages(request: HttpRequest, query: Annotated[MessagePage, Query(...)]) -> Any:
    require(actor(request), VIEW)
    found = selectors.own(actor(request)).order_by("-pk")
    if query.unread:
        found = found.filter(OPEN)
    if query.after:
        found = found.filter(pk__lt=min(int(query.after), 2**62))
    rows = list(found[: query.size + 1])
    following = str(rows[query.size - 1].pk) if len(rows) > query.size else None
    return Page[MessageOut](items=[_out(row) for row in rows[: query.size]], next=following)


@router.post("/messages/mark", response=Marked, operation_id="mark_messages", summary="Mark messages as read or unread")
def mark_messages(request: HttpRequest, body: MarkIn) -> Any:
    require(actor(request), VIEW)
    return Marked(count=services.mark(actor(request), ids=body.ids, read=body.read))
