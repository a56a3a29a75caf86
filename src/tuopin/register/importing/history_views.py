"""The pages of imports that were made: the list, one import, its rejected rows, undoing it, headers learned."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count, Prefetch, prefetch_related_objects
from django.http import FileResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require
from tuopin.platform.auditing import readlog
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.given import whole_number
from tuopin.platform.home import make_home
from tuopin.platform.lists import listing
from tuopin.platform.lists.model import Reader
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.panels import next_steps
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick

from ..models import Sheet
from ..permissions import IMPORT
from . import history, shown
from . import undo as undoing
from .grants import OUTSIDE
from .maps import name_headers, titles_in_force
from .views import actor_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponseBase:
    """Imports that the reader may know of."""
    actor = actor_of(request)
    require(actor, IMPORT)
    reader = Reader(actor, timezone.localdate(), None, frozenset({"general"}), first_of(request.GET))
    return list_page(request, listing("register.imports"), reader, "register/imports/history.html")


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """What an import took and what it did not, row by row."""
    actor = actor_of(request)
    record = history.import_of(actor, number)
    start = whole_number(request.GET.get("after", ""), 0)
    rows = list(history.rejected_rows(actor, record).filter(pk__gt=start).order_by("pk")[: PAGE + 1])
    handed_out = history.may_have_cells(actor, record)
    counted = Sheet.objects.annotate(refused=Count("rejected_rows")).order_by("pk")
    prefetch_related_objects([record], Prefetch("sheets", counted))  # the rooms ask for them as well, see next_steps
    sheets: list[Any] = list(record.sheets.all())  # with ``refused``
    closed = set(history.closed_kinds(actor, record))
    readlog.read(actor, "register.import_rows", {"import": number, "from": start}, len(rows[:PAGE]))
    context = {
        "record": record,
        **shown.of_report(record.report),
        "sheets": [(sheet, handed_out and _workbook(sheet.pk, sheet.kind).is_file()) for sheet in sheets],
        "refused": [(row, shown.reason(row.reason)) for row in rows[:PAGE]],
        "refused_count": sum(sheet.refused for sheet in sheets if sheet.kind not in closed),
        "closed": [title for kind, title in _titles(sheets).items() if kind in closed],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else 0,
        "first": start,
        "opened": history.opened_issues(record).count(),
        "obstacles": undoing.obstacles(record) if record.undone_at is None else [],
        "outside": OUTSIDE,
        "steps": next_steps(actor, record),
    }
    return render(request, "register/imports/import.html", context)


@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Take an import back."""
    try:
        done = undoing.undo_import(actor_of(request), number)
    except Problem as problem:
        if problem.status != 400:
            raise
        messages.warning(request, pick(problem.zh, problem.en))
    else:
        messages.success(
            request,
            pick(
                f"已撤销：删除 {done.deleted} 条，恢复 {done.restored} 条。登记资料与导入前完全相同。",
                f"Undone: {done.deleted} rows taken out, {done.restored} set back. The register is as it was before.",
            ),
        )
    return redirect("register:import", number)


@require_GET
def rejects(request: HttpRequest, number: int, sheet: int) -> HttpResponseBase:
    """The workbook of a sheet's rejected rows, for those who may see the import."""
    actor = actor_of(request)
    record = history.import_of(actor, number)
    found = record.sheets.filter(pk=sheet).first() if history.may_have_cells(actor, record) else None
    path = _workbook(found.pk, found.kind) if found is not None else None
    if found is None or path is None or not path.is_file():
        raise Missing(
            "no_such_rejects", "没有这份未收行的工作簿。", "There is no workbook of rejected rows for this sheet."
        )
    content = path.read_bytes()
    count = found.rejected_rows.exclude(reason=OUTSIDE).count()
    digest = hashlib.sha256(content).hexdigest()
    readlog.read(actor, "register.import_rejects", {"import": number, "sheet": sheet}, count, digest)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"rejects-{number}-{found.kind}.xlsx")


def _titles(sheets: Iterable[Sheet]) -> dict[str, Title]:
    kinds = workbook_kinds()
    return {each.kind: Title(kinds[each.kind].title_zh, kinds[each.kind].title_en) for each in sheets
            if each.kind in kinds}  # fmt: skip


def _workbook(sheet: int, kind: str) -> Path:
    return make_home() / "rejects" / f"{sheet}-{kind}.xlsx"


@require_http_methods(["GET", "HEAD", "POST"])
def headers(request: HttpRequest) -> HttpResponse:
    """Headers that this installation learned; a wrong one can be forgotten."""
    actor = actor_of(request)
    require(actor, IMPORT)
    kinds, kept = workbook_kinds(), titles_in_force()
    if request.method == "POST":
        kind, header = request.POST.get("kind", ""), request.POST.get("header", "")
        if header in kept.get(kind, {}):
            name_headers(actor, {kind: {header: None}})
            messages.success(request, pick("已忘记这个表头。", "Forgotten."))
        return redirect("register:import_headers")
    learned = [
        (kinds[kind], header, kinds[kind].field(field).titles[0] if field else "")
        for kind, table in sorted(kept.items())
        for header, field in sorted(table.items())
    ]
    return render(request, "register/imports/headers.html", {"learned": learned})
