"""Seals through the API."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import JobOut, Page, job_out
from tuopin.platform.models import Seal
from tuopin.platform.seals import jobs, selectors

router = Router(tags=["seals"])
Number = Annotated[int, Path(ge=1, lt=2**62)]


class SealOut(Schema):
    """``state``: ``sealed`` (not checked since), ``sound``, ``faulty``; ``digest`` is the SHA-256 of the manifest."""

    number: int
    digest: str
    previous: str
    sealed_at: datetime.datetime
    by: str
    data_version: int
    rows: int
    bytes: int
    state: str
    verified_at: datetime.datetime | None
    faults: list[dict[str, str]]


class SealDetail(SealOut):
    """With its manifest, as it lies in the folder of the seal."""

    manifest: dict[str, Any]


class SealPage(Schema):
    after: str = Field("", max_length=20, pattern=r"^\d*$")
    size: int = Field(50, ge=1, le=500)


def _out(row: Seal) -> dict[str, Any]:
    return {
        "number": row.number, "digest": row.digest, "previous": row.previous, "sealed_at": row.sealed_at,
        "by": row.actor, "data_version": row.data_version, "rows": row.rows, "bytes": row.bytes, "state": row.state,
        "verified_at": row.verified_at, "faults": row.faults,
    }  # fmt: skip


@router.get("/seals", response=Page[SealOut], operation_id="seals", summary="Seals, the newest first")
def seals(request: HttpRequest, query: Annotated[SealPage, Query(...)]) -> Any:
    found = selectors.seals(actor(request))
    if query.after:
        found = found.filter(number__lt=min(int(query.after), 2**62))
    rows = list(found[: query.size + 1])
    following = str(rows[query.size - 1].number) if len(rows) > query.size else None
    return Page[SealOut](items=[SealOut(**_out(row)) for row in rows[: query.size]], next=following)


@router.get("/seals/{number}", response=SealDetail, operation_id="seal", summary="A seal with its manifest")
def seal(request: HttpRequest, number: Number) -> Any:
    row = selectors.seal(actor(request), number)
    return SealDetail(**_out(row), manifest=dict(selectors.manifest_of(actor(request), number).document))


@router.post(
    "/seals", response={202: JobOut}, operation_id="make_seal",
    summary="Seal the register: a job; asked twice while it goes on, it is the same job",
)  # fmt: skip
def make_seal(request: HttpRequest) -> Any:
    return Status(202, job_out(jobs.begin(actor(request))))


@router.post(
    "/seals/{number}/verify", response={202: JobOut}, operation_id="verify_seal",
    summary="Check every byte of a seal, its chain and its signature: a job whose result names what is wrong",
)  # fmt: skip
def verify_seal(request: HttpRequest, number: Number) -> Any:
    return Status(202, job_out(jobs.begin_check(actor(request), number)))
