"""Imports through the API: a set is opened, files are added, it is previewed and imported, each step a job."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from tuopin.platform import jobs
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import JobOut, job_out
from tuopin.platform.problems import Problem

from ..models import Import, ImportSet
from . import prepared as sets

router = Router(tags=["imports"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class FileOut(Schema):
    id: int
    name: str
    size: int
    digest: str = Field(description="SHA-256 of the content.")
    kind: str = Field(description="As chosen; empty = found by its headers.")


class SetOut(Schema):
    """A set of files on its way in. ``preview`` is what an import would do, null once something has changed;
    ``imported`` the number of the import that came of the set."""

    id: int
    as_of: datetime.date | None
    year: int | None
    files: list[FileOut]
    job: JobOut | None
    preview: dict[str, Any] | None
    imported: int | None


class SetIn(Schema):
    as_of: datetime.date | None = Field(None, description="The day that the files describe; default: as they say.")
    year: int | None = Field(None, ge=1949, le=2200, description="The ledger year; default: as the files say.")


def _set_out(request: HttpRequest, made: ImportSet) -> SetOut:
    who = actor(request)
    fresh = not sets.working(made) and sets.fresh(who, made, ImportSet.Step.PREVIEW)
    shown = {key: value for key, value in (made.preview or {}).items() if key != "fingerprint"}
    return SetOut(
        id=made.pk, as_of=made.as_of, year=made.year,
        files=[
            FileOut(id=each.pk, name=each.name, size=each.size, digest=each.digest, kind=sets.kind_of(made, each))
            for each in sets.files_of(who, made)
        ],
        job=_job(request, made),
        preview=shown if fresh else None,
        imported=Import.objects.filter(prepared=made).values_list("pk", flat=True).first(),
    )  # fmt: skip


def _job(request: HttpRequest, made: ImportSet) -> JobOut | None:
    """The last job of a set, if the token began it: what its owner's came to was found with more than the token has."""
    row = jobs.of_user(actor(request), made.job.pk) if made.job else None
    return job_out(row) if row is not None else None


@router.post("/import-sets", response={201: SetOut}, operation_id="open_import_set", summary="Open a set of files")
def open_set(request: HttpRequest, body: SetIn) -> Any:
    who = actor(request)
    made = sets.open_set(who)
    sets.choose(who, made, as_of=body.as_of, year=body.year, kinds={}, left_out=frozenset())
    return Status(201, _set_out(request, made))


@router.get("/import-sets/{number}", response=SetOut, operation_id="import_set", summary="A set, and how far it is")
def one_set(request: HttpRequest, number: Number) -> Any:
    return _set_out(request, sets.set_of(actor(request), number))


class FileIn(Schema):
    kind: str = Field("", max_length=64, description="Kind of workbook; default: found by its headers.")


@router.post(
    "/import-sets/{number}/files", response={201: FileOut}, operation_id="add_import_file",
    url_name="upload_import_file",
    summary="Add a workbook (multipart/form-data); the same file again is the same file",
)  # fmt: skip
def add_file(request: HttpRequest, number: Number, form: Form[FileIn], file: File[UploadedFile]) -> Any:
    who = actor(request)
    made = sets.set_of(who, number)
    upload = sets.add_file_once(who, made, file, form.kind)
    return Status(
        201,
        FileOut(
            id=upload.pk, name=upload.name, size=upload.size, digest=upload.digest, kind=sets.kind_of(made, upload)
        ),
    )  # fmt: skip


class StepIn(Schema):
    step: Literal["preview", "import"] = Field(description="An import needs a preview of exactly what is there.")


@router.post(
    "/import-sets/{number}/steps", response={202: JobOut}, operation_id="import_step",
    summary="Preview or import a set: a job; asked twice, it is done once",
)  # fmt: skip
def step(request: HttpRequest, number: Number, body: StepIn) -> Any:
    made = sets.begin(actor(request), number, ImportSet.Step(body.step))
    begun = _job(request, made)
    if begun is None:  # by its owner on the web
        raise Problem(
            "begun_elsewhere",
            "这批文件已由令牌的主人在网页上处理，请在网页上查看。",
            "The owner of the token works on these files, or has imported them, on the web: look there.",
        )
    return Status(202, begun)
