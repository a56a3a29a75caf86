"""The platform's own operations: who one is, lists, exports of them, jobs, files."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform import downloads, jobs
from tuopin.platform.access import grants_of
from tuopin.platform.auditing import readlog
from tuopin.platform.lists import export_pages, exporting
from tuopin.platform.lists.registry import listing as listing_of
from tuopin.platform.lists.registry import listings
from tuopin.platform.models import Token
from tuopin.platform.outbox.api import router as outbox
from tuopin.platform.seals.api import router as seals

from . import tokens
from .guard import actor
from .listed import Asked, ListDescription, ListOut, description, list_answer, may_read
from .schemas import JobOut, Page, Text, job_out, text

router = Router(tags=["platform"])
router.add_router("", seals)
router.add_router("", outbox)

Number = Annotated[int, Path(ge=1, le=2**53)]
Key = Annotated[str, Path(max_length=64, pattern=r"^[a-z_.]+$")]


class GrantOut(Schema):
    id: int
    role: str
    over: str = Field(description="all, area, household, organisation or sealed_list")
    name: str
    field_classes: list[str]
    to: datetime.date | None


class Me(Schema):
    """The token's owner, and what the token carries that still holds."""

    username: str
    token: str
    expires_at: datetime.datetime
    permissions: list[str]
    grants: list[GrantOut]


@router.get("/me", response=Me, operation_id="me", summary="Who the token is, and what it may do")
def me(request: HttpRequest) -> Any:
    who = actor(request)
    token = Token.objects.get(pk=who.limits.token_id if who.limits else 0)
    held = grants_of(who)
    names = tokens.over(held)
    permitted = sorted(name for name in token.permissions if grants_of(who, name))
    return Me(
        username=who.name, token=token.name, expires_at=token.expires_at, permissions=permitted,
        grants=[
            GrantOut(id=each.pk, role=each.role, over=each.scope_kind, name=names.get(each.pk, ""),
                     field_classes=each.field_classes, to=each.valid_to)
            for each in held
        ],
    )  # fmt: skip


# -- lists --------------------------------------------------------------------------------------------------------


class ListName(Schema):
    key: str
    title: Text


class ExportIn(Schema):
    """An export of a list into a workbook. ``filters`` are the list's own, as in its address."""

    area: str = Field("", max_length=64)
    sort: str = Field("", max_length=64)
    columns: list[str] = Field([], max_length=60)
    filters: dict[str, list[str]] = Field({}, max_length=80)


@router.get("/lists", response=list[ListName], operation_id="lists", summary="Lists that the token may read")
def lists(request: HttpRequest) -> Any:
    return [ListName(key=key, title=text(each.title)) for key, each in listings().items() if may_read(request, each)]


class Place(Schema):
    area: str = Field("", max_length=64)


@router.get(
    "/lists/{key}", response=ListDescription, operation_id="list_description", summary="Columns and filters of a list"
)
def list_description(request: HttpRequest, key: Key, query: Annotated[Place, Query(...)]) -> Any:
    return description(request, key, query.area)


@router.get("/lists/{key}/rows", response=ListOut, operation_id="list_rows", summary="Rows of a list, page by page")
def list_rows(request: HttpRequest, key: Key, query: Asked) -> Any:
    return list_answer(request, key, query)


@router.post(
    "/lists/{key}/exports", response={202: JobOut}, operation_id="list_export",
    summary="Write a list into a workbook: a job, whose result names the file",
)  # fmt: skip
def list_export(request: HttpRequest, key: Key, body: ExportIn) -> Any:
    chosen = listing_of(key)
    given = dict(body.filters)
    if body.area:
        given["area"] = [body.area]
    if body.sort:
        given["sort"] = [body.sort]
    if body.columns:
        given["column"] = body.columns
    reader = exporting.rebuilt(chosen, actor(request), body.area, given)
    return Status(202, job_out(export_pages.begin(exporting.open_export(chosen, reader, given), given)))


# -- jobs and files -----------------------------------------------------------------------------------------------


class After(Schema):
    after: str = Field("", max_length=20, pattern=r"^\d*$")
    size: int = Field(50, ge=1, le=500)


@router.get("/jobs", response=Page[JobOut], operation_id="jobs", summary="Jobs that the token began, the newest first")
def job_list(request: HttpRequest, query: Annotated[After, Query(...)]) -> Any:
    found = jobs.own(actor(request))
    if query.after:
        found = found.filter(pk__lt=min(int(query.after), 2**62))
    rows = list(found[: query.size + 1])
    following = str(rows[query.size - 1].pk) if len(rows) > query.size else None
    return Page[JobOut](items=[job_out(row) for row in rows[: query.size]], next=following)


@router.get("/jobs/{number}", response=JobOut, operation_id="job", summary="How far a job is")
def job(request: HttpRequest, number: Number) -> Any:
    row = jobs.of_user(actor(request), number)
    if row is None:
        raise jobs.no_such_job()
    return job_out(row)


_FILE = {
    "responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
}


@router.get("/downloads/{number}", operation_id="download", summary="A file that a job made", openapi_extra=_FILE)
def download(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    row, path = downloads.fetch(who, number)
    file = path.open("rb")
    readlog.read(who, "platform.download", {"download": row.pk, "of": row.what, "via": "api"}, row.count, row.digest)
    return FileResponse(file, as_attachment=True, filename=row.name, content_type="application/octet-stream")
