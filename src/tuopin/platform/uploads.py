"""Files handed in by a person: written to the data folder under a random name, kept for the owner alone, gone after a
week.

What somebody calls a file is shown, cleaned, and never part of a path. What the file is, its first bytes say: only
what the reader of workbooks may read is kept (docs/decisions/0024).
"""

from __future__ import annotations

import datetime
import hashlib
import os
import time
import unicodedata
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.utils import timezone

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.sources import form_of
from tuopin.platform.database import write
from tuopin.platform.home import make_home
from tuopin.platform.models import Upload
from tuopin.platform.problems import Missing, Problem, disk_is_full

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest

    from tuopin.platform.access import Actor

_SHOWN = 120  # characters of a name
API_ACTOR = "tuopin.api.actor"
"""In ``request.META`` of a request to the API whose token was found good."""
_ABANDONED = 24 * 3600  # seconds: a file without a row that nobody has written to for so long
_PURGE_EVERY = 600.0  # seconds
_purged = [0.0]  # when this process last looked


class TooLarge(Problem):
    """More than the limit of one file."""

    status = 413


# -- taking in ----------------------------------------------------------------------------------------------------


def receive(actor: Actor, file: UploadedFile[bytes], purpose: str) -> Upload:
    """Write an uploaded file to the data folder and keep it for the actor, for one purpose.

    Raises Problem: too large (413), more files than a set may have, no table that can be read, disk full. Nothing is
    left behind then. Must not run inside a transaction: writing takes time.
    """
    name = shown_name(file.name or "")
    if len(of(actor, purpose)) >= settings.UPLOAD_MAX_FILES:
        raise too_many()
    key = uuid.uuid4().hex
    path = folder() / key
    try:
        digest, size = _write(path, file, name)
        _only_tables(path, name)
        now = timezone.now()
        with write():
            return Upload.objects.create(
                key=key, name=name, purpose=purpose, size=size, digest=digest, actor_kind=actor.kind,
                user_id=actor.user_id, created_at=now,
                expires_at=now + datetime.timedelta(days=settings.UPLOAD_KEEP_DAYS),
            )  # fmt: skip
    except BaseException as error:
        path.unlink(missing_ok=True)
        if disk_is_full(error):
            raise Problem(
                "disk_full",
                f"{name}：服务器磁盘空间不足，文件没有保存。请联系管理员清理磁盘后重新上传。",
                f"{name}: the server's disk is full; the file was not kept. Ask the administrator to free some space "
                "and upload it again.",
                file=name,
            ) from error
        raise


def _write(path: Path, file: UploadedFile[bytes], name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        for piece in file.chunks():
            size += len(piece)
            if size > settings.UPLOAD_MAX_BYTES:
                raise too_large(name)
            digest.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest(), size


def _only_tables(path: Path, name: str) -> None:
    try:
        form_of(path)
    except WorkbookError as error:
        error.file = name
        raise Problem(error.code, error.zh, error.en, file=name) from error


def too_large(name: str) -> TooLarge:
    """The refusal of a file beyond the limit."""
    limit = settings.UPLOAD_MAX_BYTES >> 20
    return TooLarge(
        "file_too_large",
        f"{name}：文件超过 {limit} MB。请分成几个文件，或另存为 .xlsx 后再上传。",
        f"{name}: the file is larger than {limit} MB. Split it, or save it as .xlsx, and upload again.",
        file=name,
        megabytes=limit,
    )


def too_many() -> Problem:
    """The refusal of a set with too many files."""
    limit = settings.UPLOAD_MAX_FILES
    return Problem(
        "too_many_files",
        f"一次最多 {limit} 个文件。请分几次上传。",
        f"A set has at most {limit} files. Upload the rest as another one.",
        files=limit,
    )


def shown_name(name: str) -> str:
    """What a file is called on pages: no folders, nothing invisible and nothing that writes backwards, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    letters = (" " if each.isspace() else each for each in unicodedata.normalize("NFC", last))
    plain = " ".join("".join(each for each in letters if unicodedata.category(each)[0] != "C").split()).strip(". ")
    if len(plain) > _SHOWN:
        stem, dot, ending = plain.rpartition(".")
        short = dot and len(ending) <= 8
        plain = f"{stem[: _SHOWN - 10]}….{ending}" if short else f"{plain[: _SHOWN - 1]}…"
    return plain or "file"


class Bounded(FileUploadHandler):
    """Stands before Django's own handlers: a file beyond the limit is not written while it comes in, and nothing at
    all of somebody who is not signed in. What was left out stands in ``request.META`` for :func:`left_out`.

    A page that takes small files says so (:func:`takes_at_most`): a request beyond that is not even read to its end,
    and the connection is closed behind the answer."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._files += 1
        if not self._known() or self._files > settings.UPLOAD_MAX_FILES:
            raise SkipFile
        if self._most is not None and self._announced() > self._most + _FIELDS:
            self._leave_out()
            raise StopUpload(connection_reset=True)

    def _known(self) -> bool:
        user = getattr(self.request, "user", None)
        by_token = self.request is not None and API_ACTOR in self.request.META
        return by_token or (user is not None and user.is_authenticated)

    def _announced(self) -> int:
        """Bytes of the request as its sender says."""
        said = str(self.request.META.get("CONTENT_LENGTH") or "") if self.request is not None else ""
        return int(said) if said.isascii() and said.isdigit() else 0

    @property
    def _most(self) -> int | None:
        match = getattr(self.request, "resolver_match", None)
        return getattr(match.func, _MOST, None) if match is not None else None

    def _leave_out(self) -> None:
        if self.request is not None:
            self.request.META.setdefault(_LEFT_OUT, []).append(shown_name(str(self.file_name)))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > settings.UPLOAD_MAX_BYTES:
            self._leave_out()
            raise SkipFile
        if self._most is not None and start + len(raw_data) > self._most:
            self._leave_out()
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - the next handler keeps it
        return None


_LEFT_OUT = "tuopin.uploads_left_out"
_MOST = "tuopin_takes_at_most"
_FIELDS = 1 << 20  # bytes of a request beside its files


def takes_at_most[View: Callable[..., Any]](size: int) -> Callable[[View], View]:
    """A view whose requests bring files of so many bytes at most, all together. Stands innermost. A larger one arrives
    without its files: see :func:`left_out`."""

    def mark(view: View) -> View:
        setattr(view, _MOST, size)
        return view

    return mark


def left_out(request: HttpRequest) -> list[str]:
    """Names of the files of a request that were not taken in, because each was too large."""
    names: list[str] = request.META.get(_LEFT_OUT, [])
    return names


# -- using --------------------------------------------------------------------------------------------------------


def folder() -> Path:
    """Where the files lie."""
    return make_home() / "uploads"


def of(actor: Actor, purpose: str) -> list[Upload]:
    """The actor's own files for a purpose, in the order they came."""
    found = Upload.objects.filter(purpose=purpose, expires_at__gt=timezone.now()).order_by("pk")
    return list(found.filter(actor_kind=actor.kind, user_id=actor.user_id))


def path_of(actor: Actor, upload_id: int, purpose: str) -> Path:
    """Where a file of the actor's own lies. Raises Missing for another's, one for another purpose, an expired one."""
    found = Upload.objects.filter(
        pk=upload_id, purpose=purpose, actor_kind=actor.kind, user_id=actor.user_id, expires_at__gt=timezone.now()
    ).first()
    path = folder() / found.key if found else None
    if path is None or not path.is_file():
        raise Missing(
            "no_such_upload",
            "没有这个上传文件，或者已经过期删除。请重新上传。",
            "There is no such uploaded file, or it has expired and was deleted. Upload it again.",
        )
    return path


def discard(actor: Actor, upload_ids: Iterable[int], purpose: str) -> int:
    """Delete files of the actor's own; returns how many there were."""
    rows = [row for row in of(actor, purpose) if row.pk in set(upload_ids)]
    return _delete(rows)


def _delete(rows: Iterable[Upload]) -> int:
    gone = 0
    for row in rows:
        (folder() / row.key).unlink(missing_ok=True)
        gone += Upload.objects.filter(pk=row.pk).delete()[0]
    return gone


def purge(now: datetime.datetime | None = None) -> int:
    """Delete what has expired, and files that no row knows (an upload cut off by a crash); returns how many went."""
    moment = now or timezone.now()
    gone = _delete(Upload.objects.filter(expires_at__lte=moment))
    oldest = moment.timestamp() - _ABANDONED
    old = [path for path in folder().iterdir() if path.is_file() and path.stat().st_mtime < oldest]
    known = set(Upload.objects.filter(key__in=[path.name for path in old]).values_list("key", flat=True))
    for path in old:
        if path.name not in known:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def tend() -> None:
    """:func:`purge`, now and then: called every few seconds by the worker."""
    if time.monotonic() - _purged[0] > _PURGE_EVERY or not _purged[0]:
        _purged[0] = time.monotonic()
        purge()
