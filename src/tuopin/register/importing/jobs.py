"""The jobs of an import on the web: look, preview, import. Each may run again after a crash."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import reverse

from tuopin.core.workbook import WorkbookError, inspect_file
from tuopin.platform import uploads
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.jobs import job
from tuopin.platform.problems import Problem

from ..models import Import, ImportSet
from . import prepared as sets
from . import rejects
from .fileset import refusal
from .maps import titles_in_force
from .report import build_report
from .services import import_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.platform import jobs
    from tuopin.platform.access import Actor

    from .fileset import FileSet
    from .run import Run

SHOWN_REJECTS = 200
_WORDS = (
    (
        "如表头名称不同，可用 --map 指定。",
        "请在该文件下面选择这是什么表、指定表头，或选“不导入这个文件”。",
        "If the headers have other names, say so with --map.",
        "Say below the file which kind it is and what its headers mean, or leave the file out.",
    ),
    (
        "请检查路径，或用 --map 指定表头。",
        "请在文件下面选择这是什么表、指定表头。",
        "Check the path, or name the headers with --map.",
        "Say below the files which kind they are and what their headers mean.",
    ),
    (
        "请用 --as-of 2018-12-01 指定。",
        "请在“数据日期”中填写。",
        "Say which day they describe: --as-of 2018-12-01.",
        "Say under “As-of date” which day they describe.",
    ),
)
"""What messages of the command line say to do, and what to do on the page instead; in both languages."""


class Telling:
    """Hands on how far an import is, also from the threads that wait for readers. Each of these closes its connection
    at once: nothing of theirs may be open when the plan asks the database through another driver."""

    def __init__(self, run: jobs.Run) -> None:
        self._run, self._owner = run, threading.get_ident()
        self._lock = threading.Lock()
        self._next = 0.0

    def __call__(self, what: str, rows: int) -> None:
        with self._lock:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + 1.0
        try:
            self._run.progress(rows, 0, _words(what))
        finally:
            if threading.get_ident() != self._owner:
                connection.close()


def _words(what: str) -> str:
    if what.startswith(("register_", "duties_")):
        return "写入 Writing"
    if what in {kind.title_zh for kind in workbook_kinds().values()}:
        return f"核对 Comparing：{what}"
    return f"读取 Reading：{what}" if what else "准备 Preparing"


def _page(number: int) -> dict[str, Any]:
    return {
        "href": reverse("register:import_set", args=[number]),
        "title_zh": "回到这批文件",
        "title_en": "Back to these files",
    }


@job("register.inspect_import")
def inspect_import(run: jobs.Run, number: int) -> dict[str, Any]:
    """Look at every file of a set."""
    prepared = sets.set_of(run.actor, number)
    before = sets.fingerprint(run.actor, prepared, ImportSet.Step.INSPECT)
    files = []
    listed = sets.files_of(run.actor, prepared)
    for at, upload in enumerate(listed):
        run.progress(at, len(listed), upload.name)
        found: dict[str, Any] = {"upload": upload.pk, "name": upload.name, "sheets": []}
        try:
            found["sheets"] = _look(run.actor, prepared, upload)
        except WorkbookError as error:
            error.file = upload.name
            problem = refusal(error)
            found["problem"] = {"code": problem.code, "zh": problem.zh, "en": problem.en}
        files.append(found)
    ImportSet.objects.filter(pk=number).update(inspection={"fingerprint": before, "files": files}, preview=None)
    return _page(number)


def _look(actor: Actor, prepared: ImportSet, upload: Any) -> list[dict[str, Any]]:
    kinds, chosen = workbook_kinds(), sets.kind_of(prepared, upload)
    asked = [kinds[chosen]] if chosen else list(kinds.values())
    titles = {kind: table for kind, table in titles_in_force().items() if kind in {each.name for each in asked}}
    path = uploads.path_of(actor, upload.pk, sets.purpose(prepared))
    views = inspect_file(path, asked, extra_titles=titles)
    for view in views:
        if view.sheet == path.stem:
            view.sheet = upload.name.rpartition(".")[0] or upload.name
        if chosen and not view.kind:
            view.closest = chosen
        if view.fault:
            view.fault = {"zh": _fault(view.fault, upload.name).zh, "en": _fault(view.fault, upload.name).en}
    return [view.to_json() for view in views]


def _fault(document: dict[str, Any], name: str) -> WorkbookError:
    error = WorkbookError.from_json(document)
    error.file = name
    return error


@job("register.preview_import")
def preview_import(run: jobs.Run, number: int) -> dict[str, Any]:
    """Plan the import of a set without writing anything, and keep what it would do."""
    prepared = sets.set_of(run.actor, number)
    before = sets.fingerprint(run.actor, prepared, ImportSet.Step.PREVIEW)
    found: dict[str, Any] = {"fingerprint": before}
    ImportSet.objects.filter(pk=number).update(preview=None)
    _import(run, prepared, dry_run=True, look=lambda plan, files: found.update(_planned(plan, files)))
    ImportSet.objects.filter(pk=number).update(preview=found)
    return _page(number)


def _planned(plan: Run, files: FileSet) -> dict[str, Any]:
    refused: list[dict[str, Any]] = []
    reasons: Counter[str] = Counter()
    for item in plan.inputs:
        for row, subject, reason, cells in rejects.rows_of(plan, item):
            reasons[reason] += 1
            if len(refused) < SHOWN_REJECTS:
                place = {"file": item.sheet.file, "sheet": item.sheet.sheet, "row": row}
                refused.append({**place, "subject": subject, "reason": reason, "cells": cells[:6]})
    return {
        "as_of": plan.as_of.isoformat(),
        "year": plan.year,
        "report": build_report(plan, files).document(),
        "rejected": refused,
        "reasons": dict(reasons),
    }


@job("register.run_import")
def run_import(run: jobs.Run, number: int) -> dict[str, Any]:
    """Import a set. If an attempt before this one came to its end, its import is the result."""
    prepared = sets.set_of(run.actor, number)
    made = Import.objects.filter(prepared=prepared).values_list("pk", flat=True).first()
    if made is None:
        made = _import(run, prepared, dry_run=False).import_id
    owned = [upload.pk for upload in sets.files_of(run.actor, prepared)]
    uploads.discard(run.actor, owned, sets.purpose(prepared))  # their purpose is fulfilled
    ImportSet.objects.filter(pk=number).update(inspection=None, preview=None)
    return {
        "href": reverse("register:import", args=[made]),
        "title_zh": "查看导入结果",
        "title_en": "See what was imported",
    }


def _import(
    run: jobs.Run, prepared: ImportSet, *, dry_run: bool, look: Callable[[Run, FileSet], None] | None = None
) -> Any:
    try:
        return import_paths(
            run.actor,
            sets.given(run.actor, prepared),
            as_of=prepared.as_of,
            year=prepared.year,
            dry_run=dry_run,
            titles=titles_in_force(),
            progress=Telling(run),
            prepared=None if dry_run else prepared,
            look=look,
        )
    except Problem as problem:
        for zh, page_zh, en, page_en in _WORDS:
            problem.zh, problem.en = problem.zh.replace(zh, page_zh), problem.en.replace(en, page_en)
        raise


__all__ = ["inspect_import", "preview_import", "run_import"]
