"""One value for many: from any list of households, persons or villages; and workbooks that come back edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.workbook.values import Bad
from tuopin.platform import database, jobs, uploads
from tuopin.platform.access import require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_numbers
from tuopin.platform.lists import open_list
from tuopin.platform.lists.pages import first_of, given_of
from tuopin.platform.problems import Problem

from .. import counting
from ..listings import HOUSEHOLDS, PERSONS
from ..models import Household
from ..permissions import CORRECT
from ..place import area_of
from . import drafts, edits, forms
from .drafts import Proposal
from .fields import BLOCK_TITLES, Correctable, field_named, of_level, read
from .pages import CHOICES, actor_of
from .subjects import listed_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.lists import Listing, Open

    from .fields import Level

SHOWN = 100
CODES = 20_000
PURPOSE = "edits"
READ_JOB = "register.read_edits"
AT_ONCE = 1_500_000
"""Bytes of a workbook that is compared while one waits; larger ones are a job."""
LISTS: Mapping[str, tuple[Listing, Level]] = {
    "households": (HOUSEHOLDS, "household"),
    "persons": (PERSONS, "person"),
}


@never_cache
@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, kind: str) -> HttpResponse:
    """Correct one field of everything that a list shows, of those ticked, or of codes pasted in."""
    actor, area = actor_of(request), area_of(request)
    require(actor, CORRECT, area_path=area.path)
    if kind not in LISTS:
        raise Problem("no_such_list", "这份名单不能批量更正。", "This list cannot be corrected in bulk.")
    listing, level = LISTS[kind]
    reader = listing.reader(actor, area.code, first_of(request.GET)) if listing.reader else None
    if reader is None:
        raise Problem("no_such_list", "这份名单不能批量更正。", "This list cannot be corrected in bulk.")
    opened = open_list(listing, reader, given_of(request.GET))
    fields = [item for item in of_level(level) if reader.opens((item.field_class,))]
    if request.method == "POST":
        return _bulk_posted(request, kind, opened, fields)
    page, lines = opened.page(SHOWN)
    readlog.read(actor, listing.key, {"area": area.code, "for": "correction"}, len(lines))
    context = {
        "area": area,
        "kind": kind,
        "listing": listing,
        "total": opened.count(),
        "limit": drafts.LIMIT,
        "lines": lines,
        "columns": opened.shown[:4],
        "cells": [(line.pk, line.cells[:4]) for line in lines],
        "page": page,
        "blocks": _blocks(fields),
        "chosen": _chosen(request, fields),
        "sources": [(key, forms.SOURCES[key]) for key in CHOICES],
        "today": timezone.localdate(),
        "day": min(counting.as_of(), timezone.localdate()),
        "list_address": listing.address(reader) + opened.state.query(),
    }
    return render(request, "register/bulk.html", context)


def _blocks(fields: Sequence[Correctable]) -> list[tuple[Any, list[Correctable]]]:
    blocks: dict[str, list[Correctable]] = {}
    for item in fields:
        blocks.setdefault(item.block, []).append(item)
    return [(BLOCK_TITLES[block], items) for block, items in blocks.items()]


def _chosen(request: HttpRequest, fields: Sequence[Correctable]) -> str:
    name = request.GET.get("field", "")
    return name if any(item.name == name for item in fields) else ""


def _bulk_posted(request: HttpRequest, kind: str, opened: Open, fields: Sequence[Correctable]) -> HttpResponse:
    actor, level = actor_of(request), LISTS[kind][1]
    why = forms.why_of(request.POST, "bulk")
    item = field_named(request.POST.get("field", ""))
    if item not in fields:
        raise Problem("no_such_fact", "请选择要更正的项。", "Choose the field to correct.")
    text = request.POST.get("value", "").strip()[:300]
    if not text:
        raise Problem("no_value", "请填写新值；改为未知请填“未知”。", "Give the new value; 未知 means unknown.")
    text = "" if text in forms.UNKNOWN_WORDS else text
    value = read(item, text)
    if isinstance(value, Bad):
        title = forms.fault_title(value.code)
        raise Problem(value.code, f"“{item.title.zh}”：{title.zh}。", f"“{item.title.en}”: {title.en}.")
    keys = _keys(request, kind, opened)
    proposals = [Proposal(level, key, item.name, text, value=value, is_read=True) for key in keys]
    back = opened.listing.address(opened.reader)
    return redirect("register:draft", drafts.prepare(actor, proposals, why, back=back).pk)


def _keys(request: HttpRequest, kind: str, opened: Open) -> list[int]:
    """Ids of the rows meant: all that match, those ticked, or codes pasted; only rows of the list count."""
    scope = request.POST.get("scope", "")
    rows = opened.rows()
    if scope == "ticked":
        rows = rows.filter(pk__in=whole_numbers(request.POST.getlist("i")[: SHOWN * 2]))
    elif scope == "codes" and kind == "households":
        codes = list(dict.fromkeys(request.POST.get("codes", "").split()))[: CODES + 1]
        if any(len(code) > 64 for code in codes):
            raise Problem("bad_codes", "户编号每行一个。", "Write one household code a line.")
        rows = rows.filter(pk__in=Household.objects.filter(code__in=listed_texts(codes)).values("pk"))
    elif scope != "all":
        raise Problem("no_scope", "请选择更正哪些行。", "Choose which rows to correct.")
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[: drafts.LIMIT + 1])
    if len(keys) > drafts.LIMIT:
        raise Problem(
            "too_many_rows",
            f"一次最多更正 {drafts.LIMIT:,} 行。请缩小筛选条件，或选择下级区域。",
            f"At most {drafts.LIMIT:,} rows at a time. Narrow the conditions, or choose a smaller area.",
        )
    if not keys:
        raise Problem("nothing_chosen", "没有选中任何行。", "No row is chosen.")
    return keys


# -- workbooks that come back edited ------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def edited_workbook(request: HttpRequest) -> HttpResponse:
    """Hand in a workbook that was exported here and edited."""
    actor, area = actor_of(request), area_of(request)
    require(actor, CORRECT, area_path=area.path)
    if request.method == "POST":
        return _handed_in(request)
    context = {
        "area": area,
        "sources": [(key, forms.SOURCES[key]) for key in CHOICES],
        "days": edits.KEPT.days,
        "today": timezone.localdate(),
        "day": min(counting.as_of(), timezone.localdate()),
    }
    return render(request, "register/edited_workbook.html", context)


def _handed_in(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    posted = request.POST.copy()
    own_day = not posted.get("as_of")
    if own_day:
        posted["as_of"] = timezone.localdate().isoformat()  # replaced by the day of the export
    why = forms.why_of(posted, "workbook")
    file = request.FILES.get("file")
    if file is None:
        raise Problem("no_file", "请选择改好的工作簿。", "Choose the edited workbook.")
    upload = uploads.receive(actor, file, PURPOSE)
    payload = {
        "upload": upload.pk, "name": upload.name, "as_of": why.as_of.isoformat(), "source": why.source.value,
        "reason": why.reason, "own_day": own_day,
    }  # fmt: skip
    if upload.size > AT_ONCE:
        with database.write():
            return redirect("platform:job", jobs.enqueue(actor, READ_JOB, payload).pk)
    try:
        path = uploads.path_of(actor, upload.pk, PURPOSE)
        back = reverse("register:edited_workbook")
        draft = edits.take_back(actor, path, why, upload.name, own_day=own_day, back=back)
    finally:
        uploads.discard(actor, [upload.pk], PURPOSE)
    return redirect("register:draft", draft.pk)
