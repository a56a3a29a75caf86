"""The export of a list from its page: a CSV streams at once, a workbook comes at once or, when large, as a job."""

from __future__ import annotations

import hashlib
import io
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import translation

from tuopin.platform import downloads
from tuopin.platform.access import one_page
from tuopin.platform.auditing import readlog
from tuopin.platform.database import snapshot, write
from tuopin.platform.jobs import enqueue
from tuopin.platform.problems import Problem
from tuopin.platform.words import language

from . import exporting

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from .engine import Open
    from .model import Listing, Reader

_log = logging.getLogger("tuopin.platform")

AT_ONCE = 20_000  # rows of a workbook that is made while the reader waits
JOB = "platform.export_list"
STREAMS = 2  # at a time in a process: a slow network must not keep all its threads
LONGEST = 900.0  # seconds that a stream may take: a transaction is open meanwhile
_streams = threading.BoundedSemaphore(STREAMS)


class Busy(Problem):
    """Too many files are being sent just now."""

    status = 429


def answer(request: HttpRequest, listing: Listing, reader: Reader) -> HttpResponseBase:
    """What a POST with ``export`` gets: a file, or the way to the job that makes it. Raises Refused, Problem."""
    kind = request.POST.get("export", "")
    given = {key: request.GET.getlist(key) for key in request.GET}
    opened = exporting.open_export(listing, reader, given)
    if kind == "csv":
        return csv_answer(opened)
    if kind == "xlsx":
        return _workbook(opened, given)
    raise Problem("no_such_format", "只能导出 CSV 或 xlsx。", "A list is exported as CSV or xlsx.")


def note(opened: Open, kind: str, count: int, digest: str, *, whole: bool = True) -> None:
    """One entry of the read log for an export: what it was narrowed by, its rows and the digest of the file."""
    room, _, noun = opened.listing.key.partition(".")
    code = getattr(opened.reader.place, "code", "")
    columns = [column.key for column in opened.shown]
    told: dict[str, Any] = {"format": kind, "columns": columns, **dict(opened.state.filters)}
    if code:
        told["area"] = code
    if not whole:
        told["broken_off"] = True
    readlog.read(opened.reader.actor, f"{room}.export:{noun}", told, count, digest)


def file_name(opened: Open, ending: str) -> str:
    """``区域_名单_2018-12-01.xlsx``"""
    title = opened.listing.title
    name = title.en if language() == "en" else title.zh
    place = getattr(opened.reader.place, "name", "")
    return downloads.safe_name("_".join(filter(None, (place, name, opened.reader.day.isoformat()))) + f".{ending}")


# -- CSV ----------------------------------------------------------------------------------------------------------


def csv_answer(opened: Open) -> StreamingHttpResponse:
    """A CSV that is read while it is sent: one state of the database, some thousands of rows in memory."""
    if not _streams.acquire(blocking=False):
        raise Busy(
            "busy",
            "同时下载的人较多，请稍后再试，或改为导出 xlsx。",
            "Several files are being sent just now. Try again in a minute, or export an xlsx.",
        )
    stream = _Stream(opened, language())
    response = StreamingHttpResponse(stream, content_type=downloads.CSV)
    return attached(response, file_name(opened, "csv"))


def attached[Response: (HttpResponse, StreamingHttpResponse)](response: Response, name: str) -> Response:
    """Make a response a file that nobody keeps on the way."""
    from django.utils.http import content_disposition_header

    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class _Stream:
    """The pieces of a CSV; closing it, early or at the end, frees its place and notes the reading."""

    def __init__(self, opened: Open, lang: str) -> None:
        self._open = True
        self._pieces = _csv(opened, lang)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._open:
            self._open = False
            _streams.release()
            self._pieces.close()

    __del__ = close


def _csv(opened: Open, lang: str) -> Generator[bytes]:
    digest, count, whole = hashlib.sha256(), 0, False
    began = time.monotonic()
    try:
        with translation.override(lang), snapshot():
            sheet = exporting.sheet_of(opened, lang, convert="csv")
            for piece, rows in exporting.csv_pieces(sheet):
                digest.update(piece)
                count += rows
                yield piece
                if time.monotonic() - began > LONGEST:
                    raise TimeoutError("the reader takes too long")
        whole = True
    finally:
        note(opened, "csv", count, digest.hexdigest(), whole=whole)


# -- workbooks ----------------------------------------------------------------------------------------------------


def _workbook(opened: Open, given: Mapping[str, Sequence[str]]) -> HttpResponse:
    count = opened.count()
    if count <= AT_ONCE:
        return workbook_answer(opened)
    return redirect("platform:job", begin(opened, given).pk)


def workbook_answer(opened: Open) -> HttpResponse:
    """A workbook made at once, in memory: for some thousands of rows."""
    book = io.BytesIO()
    with snapshot(), one_page():
        sheet = exporting.sheet_of(opened, language(), count=opened.count())
        count = exporting.write_xlsx(book, sheet)
    content = book.getvalue()
    note(opened, "xlsx", count, hashlib.sha256(content).hexdigest())
    return attached(HttpResponse(content, content_type=downloads.XLSX), file_name(opened, "xlsx"))


def begin(opened: Open, given: Mapping[str, Sequence[str]]) -> Any:
    """Begin the job that writes a list into a workbook; returns the job. Raises Problem for a list too long."""
    exporting.check_fits(opened.count(), exporting.sheet_of(opened, language()))
    reader = opened.reader
    area = getattr(reader.place, "code", "")
    payload = {
        "listing": opened.listing.key,
        "area": area,
        "given": {key: list(values) for key, values in given.items()},
        "language": language(),
    }
    exporting.rebuilt(opened.listing, reader.actor, area, given)  # now, not when nobody looks any more
    with write():
        return enqueue(reader.actor, JOB, payload)
