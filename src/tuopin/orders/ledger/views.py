"""Pages of the rectification ledger: the list with what is left and when it will be zero, and “件件有落实”."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.documents.pdf import PDF
from tuopin.platform.downloads import safe_name
from tuopin.platform.given import whole_number
from tuopin.platform.lists.export_pages import attached
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.register.listings import reader_at
from tuopin.register.permissions import EXPORT, IMPORT
from tuopin.register.place import area_of

from .. import kinds
from ..permissions import VIEW
from . import colours, report, selectors
from .lists import LEDGER

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

_FARTHEST = 1_000_000


def _place(request: HttpRequest) -> tuple[Actor, AreaVersion]:
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    return actor, area


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ledger_page(request: HttpRequest) -> HttpResponseBase:
    """The problems of an area as a ledger, with what is left of them."""
    actor, area = _place(request)
    now = timezone.now()
    whole = selectors.whole(actor, area, now)
    reader = reader_at(actor, VIEW, area, first_of(request.GET))
    context = {
        "area": area,
        "tabs": panels.tabs(actor, area, current="ledger"),
        "whole": whole,
        "chips": [(key, n, colours.SIGNS[key], colours.SHORT[key]) for key, n in whole.line.cells],
        "days": selectors.DAYS,
        "may_import": may(actor, IMPORT),
    }
    return list_page(request, LEDGER, reader, "orders/ledger.html", context)


@never_cache
@require_GET
def sums_page(request: HttpRequest) -> HttpResponse:
    """What is left of the ledger by source, by who holds it, or by area."""
    actor, area = _place(request)
    by = request.GET.get("by", "")
    by = by if by in selectors.BY else "source"
    found = selectors.lines(actor, area, by, timezone.now())
    readlog.read(actor, "orders.ledger_sums", {"area": area.code, "by": by}, len(found))
    context = {
        "area": area, "lines": found, "by": by, "by_title": selectors.BY[by], "ways": list(selectors.BY.items()),
        "titles": colours.SHORT, "tabs": panels.tabs(actor, area, current="ledger"),
    }  # fmt: skip
    return render(request, "orders/ledger_sums.html", context)


@never_cache
@require_GET
def report_page(request: HttpRequest) -> HttpResponse:
    """“件件有落实”: problem by problem, some on a page."""
    actor, area = _place(request)
    now = timezone.now()
    source, colour = request.GET.get("source", ""), request.GET.get("colour", "")
    start = min(whole_number(request.GET.get("from", ""), 0) or 0, _FARTHEST)
    rows = report.chosen(actor, area, source, colour, now)
    count = rows.count()
    found = report.settled(actor, list(rows[start : start + report.SIZE]), now)
    asked = {key: value for key, value in (("source", source), ("colour", colour)) if value}
    readlog.read(actor, "orders.ledger_report", {"area": area.code, "from": start}, len(found))
    context = {
        "area": area, "rows": found, "count": count, "first": start + 1, "last": start + len(found),
        "source": source, "colour": colour, "sources": list(kinds.sources().items()),
        "colours": list(colours.COLOURS.items()), "most": report.MOST, "printable": 1 <= count <= report.MOST,
        "query": urlencode({"area": area.code, **asked}),
        "before": max(start - report.SIZE, 0) if start else None,
        "after": start + report.SIZE if start + report.SIZE < count else None,
        "tabs": panels.tabs(actor, area, current="ledger"), "exports": may(actor, EXPORT, area_path=area.path),
    }  # fmt: skip
    return render(request, "orders/ledger_report.html", context)


@never_cache
@require_GET
def report_pdf(request: HttpRequest) -> HttpResponse:
    """The same as PDF. It leaves the product: as any export it needs that permission, and is noted with its digest."""
    actor, area = _place(request)
    require(actor, EXPORT, area_path=area.path)
    source, colour = request.GET.get("source", ""), request.GET.get("colour", "")
    made, count = report.printed(actor, area, source, colour, timezone.now())
    readlog.read(actor, "orders.ledger_report_pdf", {"area": area.code}, count, hashlib.sha256(made).hexdigest())
    name = safe_name(f"件件有落实-{area.name}-{timezone.localdate()}.pdf")
    return attached(HttpResponse(made, content_type=PDF), name)
