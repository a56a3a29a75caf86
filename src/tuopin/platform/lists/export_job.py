"""The job that writes a large list into a workbook for its reader to fetch."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import reverse
from django.utils import translation

from tuopin.core.language.catalogue import Title
from tuopin.platform import downloads
from tuopin.platform.database import snapshot
from tuopin.platform.jobs import Run, job

from . import export_pages, exporting
from .registry import listing as listing_of

if TYPE_CHECKING:
    from pathlib import Path

_LOOK = 0.5  # seconds between two reports


@job(export_pages.JOB, title=Title("导出名单", "Export a list"))
def export_list(run: Run, listing: str, area: str, given: dict[str, list[str]], language: str) -> dict[str, Any]:
    """Write the list as its reader may see it now, not as it was when the job was begun."""
    chosen = listing_of(listing)
    with translation.override(language):
        reader = exporting.rebuilt(chosen, run.actor, area, given)
        opened = exporting.open_export(chosen, reader, given)
        place = getattr(reader.place, "name", "")

        def fill(path: Path) -> int:
            writing = _Writing(path, opened, language)
            count = writing.watched(run)
            export_pages.note(opened, "xlsx", count, hashlib.sha256(path.read_bytes()).hexdigest())
            return count

        made = downloads.keep(
            run.actor, fill, name=export_pages.file_name(opened, "xlsx"),
            title=Title(f"{place} {chosen.title.zh}".strip(), f"{place} {chosen.title.en}".strip()),
            content_type=downloads.XLSX, permissions=[chosen.export], what=listing,
            filter=dict(opened.state.filters),
        )  # fmt: skip
    return {
        "href": reverse("platform:download", args=[made.pk]),
        "title_zh": f"下载 {made.name}（{made.count:,} 行）",
        "title_en": f"Fetch {made.name} ({made.count:,} rows)",
        "rows": made.count,
    }


class _Writing:
    """The file is written in a thread of its own: its transaction stays open while this one reports how far it is."""

    def __init__(self, path: Path, opened: Any, language: str) -> None:
        self._path, self._opened, self._language = path, opened, language
        self._done = self._total = self._count = 0
        self._stop = threading.Event()
        self._error: BaseException | None = None

    def watched(self, run: Run) -> int:
        """Write, reporting to the job; returns the number of rows. Raises what the writing raised, or Lost."""
        thread = threading.Thread(target=self._work, name="tuopin-export", daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(_LOOK)
                run.progress(self._done, self._total)
        except BaseException:
            self._stop.set()
            thread.join()
            raise
        if self._error is not None:
            raise self._error
        return self._count

    def _work(self) -> None:
        try:
            with translation.override(self._language), snapshot():
                self._total = self._opened.rows().order_by().count()
                sheet = exporting.sheet_of(self._opened, self._language, count=self._total)
                exporting.check_fits(self._total, sheet)
                self._count = exporting.write_xlsx(self._path, sheet, self._report)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self._error = error
        finally:
            connection.close()

    def _report(self, done: int) -> None:
        self._done = done
        if self._stop.is_set():
            raise InterruptedError("the job was given to somebody else")
