"""Cards and ledgers through the API: how far cards are, whether a paper ledger still holds. Codes are in no API."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.register import selectors as register

from . import ledger, selectors

router = Router(tags=["cards"])

Area = Annotated[str, Field(min_length=1, max_length=64)]


class CardsQuery(Schema):
    area: Area = Field(description="code of the area")


class CardsOut(Schema):
    """An area below with its households that get a card, have a living one, hold it in their hands."""

    area: str
    name: str
    households: int
    printed: int
    handed: int


@router.get("/cards", response=list[CardsOut], operation_id="cards", summary="How far the cards below an area are")
def cards(request: HttpRequest, query: Annotated[CardsQuery, Query(...)]) -> Any:
    who = actor(request)
    rows = selectors.below(who, register.area(who, query.area))
    return [
        CardsOut(
            area=row.area.code, name=row.area.name, households=row.households, printed=row.printed, handed=row.handed
        )
        for row in rows
    ]  # fmt: skip


class LedgerQuery(Schema):
    area: Area = Field(description="code of the village")
    digest: str = Field(min_length=1, max_length=100, description="as it stands on the paper: 16 characters or all 64")


class LedgerOut(Schema):
    """A paper ledger against the register of now. ``chain``: the audit chain still holds the head that was printed."""

    digest: str
    printed_at: datetime.datetime
    same: bool
    chain: bool
    changed: list[str]
    added: list[str]
    gone: list[str]


@router.get(
    "/ledgers/check", response=LedgerOut, operation_id="check_ledger",
    summary="Whether the register changed since a paper ledger was printed, and of which households",
)  # fmt: skip
def check_ledger(request: HttpRequest, query: Annotated[LedgerQuery, Query(...)]) -> Any:
    found = ledger.check(actor(request), query.area, query.digest)
    return LedgerOut(
        digest=found.row.digest, printed_at=found.row.at, same=found.same, chain=found.chain,
        changed=list(found.changed), added=list(found.added), gone=list(found.gone),
    )  # fmt: skip
