"""Papers that prove something: files kept under their digest, rows that say of what, and handing a file out again.

Only what a scanner or a camera makes is taken (PDF, JPEG, PNG, by the first bytes), where a room asks for it Word and
Excel files without macros too; a file goes out as an attachment, never as a page. Who may see one, the room says whose
thing it is about.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import FileResponse
from django.utils import timezone

from tuopin.platform.documents import scans
from tuopin.platform.documents.office import office_form
from tuopin.platform.home import make_home
from tuopin.platform.models import Evidence
from tuopin.platform.problems import DISK_FULL, Missing, Problem, disk_is_full
from tuopin.platform.uploads import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from django.core.files.uploadedfile import UploadedFile

    from tuopin.platform.access import Actor

MOST = 20 << 20
"""Bytes of a file."""
_LEFT = 48 * 3600.0  # seconds; a preview hands a file on for a day
_PIECE = 500
_FORMS = {"pdf": b"%PDF-", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_PACKAGE = b"PK\x03\x04"
_MEDIA = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies under its digest."""

    digest: str
    name: str
    form: str
    size: int


@dataclass(frozen=True, slots=True)
class Paper:
    """What a row says: of which thing and part, the file or the place of the paper, its day and how long it counts."""

    about_id: int
    item: str
    day: date
    kept: Kept | None = None
    reference: str = ""
    valid_until: date | None = None


def folder() -> Path:
    """Where the files lie."""
    return make_home() / "evidence"


def keep(file: UploadedFile[bytes], *, office: bool = False) -> Kept:
    """Write a file that somebody handed in under its digest. Outside of a transaction: writing takes time. One that no
    row names, because the act was refused, goes after two days (:func:`purge`); the caller has asked for permission.
    ``office``: Word and Excel are taken too, if they hold no macros and fetch nothing.

    Raises Problem: too large, neither PDF nor picture, disk full.
    """
    name = shown_name(file.name or "")
    digest, size, form = hashlib.sha256(), 0, ""
    path = folder() / f".{uuid.uuid4().hex}"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
            for piece in file.chunks():
                form = form or _form(piece, name, office=office)
                size += len(piece)
                if size > MOST:
                    raise Problem(
                        "file_too_large", f"{name}：文件超过 {MOST >> 20} MB。请压缩后再上传。",
                        f"{name}: the file is larger than {MOST >> 20} MB. Make it smaller.",
                    )  # fmt: skip
                digest.update(piece)
                target.write(piece)
            if not size:
                form = _form(b"", name)
            target.flush()
            os.fsync(target.fileno())
        if form == "package":
            form = office_form(path, name)
        else:
            scans.check(path, form, name)
        path.replace(folder() / digest.hexdigest())
    except OSError as error:
        if disk_is_full(error):
            raise DISK_FULL from error
        raise
    finally:
        path.unlink(missing_ok=True)
    return Kept(digest.hexdigest(), name, form, size)


def keep_bytes(content: bytes, name: str) -> Kept:
    """Write what this process made (a photo without its metadata) under its digest, as :func:`keep` does."""
    form = _form(content, name)
    digest = hashlib.sha256(content).hexdigest()
    path = folder() / f".{uuid.uuid4().hex}"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        path.replace(folder() / digest)
    except OSError as error:
        if disk_is_full(error):
            raise DISK_FULL from error
        raise
    finally:
        path.unlink(missing_ok=True)
    return Kept(digest, name, form, len(content))


def purge(now: float | None = None) -> int:
    """Delete files that no row names and that have lain for two days: acts that were refused, writes cut off. What is
    private must not stay where nobody answers for it. Returns how many."""
    before = (time.time() if now is None else now) - _LEFT
    old = [path for path in folder().iterdir() if path.is_file() and path.stat().st_mtime < before]
    gone = 0
    for at in range(0, len(old), _PIECE):
        some = old[at : at + _PIECE]
        named = set(Evidence.objects.filter(digest__in=[path.name for path in some]).values_list("digest", flat=True))
        for path in some:
            if path.name not in named and path.stat().st_mtime < before:  # not handed in again meanwhile
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def _form(first: bytes, name: str, *, office: bool = False) -> str:
    for form, head in _FORMS.items():
        if first.startswith(head):
            return form
    if office and first.startswith(_PACKAGE):
        return "package"
    if office:
        raise Problem(
            "not_a_paper",
            f"{name}：请上传 PDF、JPG、PNG、Word（.docx）或 Excel（.xlsx）文件；旧格式 .doc、.xls 请另存为新格式。",
            f"{name}: hand in PDF, JPEG, PNG, Word (.docx) or Excel (.xlsx); save older formats anew.",
            file=name,
        )
    raise Problem(
        "not_a_paper",
        f"{name}：材料请上传 PDF、JPG 或 PNG 文件。",
        f"{name}: hand in a PDF, JPEG or PNG file.",
        file=name,
    )


def record(actor: Actor, about: str, papers: Iterable[Paper]) -> int:
    """Write rows in the transaction of the act that they prove; returns how many."""
    now = timezone.now()
    rows = [
        Evidence(
            about=about, about_id=each.about_id, item=each.item, digest=each.kept.digest if each.kept else "",
            name=each.kept.name if each.kept else "", form=each.kept.form if each.kept else "",
            size=each.kept.size if each.kept else 0, reference=each.reference, day=each.day,
            valid_until=each.valid_until, at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
        )
        for each in papers
    ]  # fmt: skip
    Evidence.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def forget(about: str, ids: Sequence[int]) -> list[tuple[int, str]]:
    """Take away the papers of some things, in the transaction of the act that says why; returns of which thing each
    was, with its digest. A file that no other row names goes with the next :func:`purge`."""
    rows = Evidence.objects.filter(about=about, about_id__in=ids)
    gone = list(rows.order_by("about_id", "pk").values_list("about_id", "digest"))
    rows.delete()
    return gone


def of(about: str, ids: Sequence[int]) -> list[Evidence]:
    """The papers of some things; the caller has checked that they may be seen."""
    return list(Evidence.objects.filter(about=about, about_id__in=ids).order_by("pk"))


def picture(digest: str, name: str) -> FileResponse:
    """A photo that :mod:`tuopin.platform.pictures` made, for a page of ours to show. Raises Missing.

    It is written by this process, told to be a JPEG and nothing else, and may not run anything.
    """
    path = folder() / digest if digest else None
    if path is None or not path.is_file():
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    answer = FileResponse(path.open("rb"), filename=name, content_type=_MEDIA["jpeg"])
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


def attachment(paper: Evidence) -> FileResponse:
    """The file of a paper, to be saved: never shown as a page of ours. Raises Missing."""
    path = folder() / paper.digest if paper.digest else None
    if path is None or not path.is_file():
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=paper.name, content_type=_MEDIA.get(paper.form, "")
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
