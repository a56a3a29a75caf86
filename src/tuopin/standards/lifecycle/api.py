"""The life cycle of packs through the API: read only; what is confirmed and approved, a person does on the pages."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema

from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import Text
from tuopin.platform.problems import Missing
from tuopin.standards.lifecycle.documents import document
from tuopin.standards.packs import folders
from tuopin.standards.permissions import VIEW

router = Router(tags=["standards"])

Key = Annotated[str, Path(max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]


class TestOut(Schema):
    on: datetime.date
    by: str
    cases: int
    failed: int
    result: str


class WarningOut(Schema):
    """A rule that always or never holds on a generated register; ``justified`` is the reason given, or null."""

    rule: str
    kind: str
    justified: str | None


class ClosedOut(Schema):
    how: str
    by: str
    on: datetime.date
    document: str
    reason: str


class OpenItemOut(Schema):
    """An item that needs a confirmation: a condition, a value, a limit that is not set, data that nobody keeps yet, a
    condition that is not tested. ``digest`` is that of its text; ``closed`` null = still open."""

    key: str
    kind: str
    standard: str | None
    title: Text
    reason: Text
    text: str
    source: str
    digest: str
    closed: ClosedOut | None


class ApprovedOut(Schema):
    on: datetime.date
    by: str
    note: str


class BoundOut(Schema):
    """An area that the pack is bound to; ``until`` is excluded."""

    area: str
    since: datetime.date
    until: datetime.date | None


class PackStateOut(Schema):
    """``stage``: draft, tested, confirmed, approved, scheduled, in_force, superseded: of the files with ``digest``."""

    pack: str
    version: str
    digest: str
    stage: str
    stage_title: Text
    everywhere: bool
    test: TestOut | None
    warnings: list[WarningOut]
    items: list[OpenItemOut]
    approved: ApprovedOut | None
    areas: list[BoundOut]


@router.get(
    "/packs/{pack}/state", response=PackStateOut, operation_id="pack_state",
    summary="Where a pack stands in its life cycle, what is open and who confirmed what",
)  # fmt: skip
def pack_state(request: HttpRequest, pack: Key) -> Any:
    who = actor(request)
    require(who, VIEW)
    if pack not in folders():
        raise Missing("unknown_pack", "没有这个标准包。", "There is no such pack.")
    return document(who, pack)
