"""Pages of papers: the ledger with its check, the household's handbook, notices, the sheet for the village's wall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import panels
from tuopin.platform.access import actor_of, may
from tuopin.platform.documents.pdf import PDF
from tuopin.platform.downloads import safe_name
from tuopin.platform.lists.export_pages import attached
from tuopin.platform.problems import Missing, Problem
from tuopin.register.place import area_of

from ..permissions import PRINT_PAPERS, VIEW_CARDS
from . import ledger, papers

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.register.models import AreaVersion


def _answer(content: bytes, name: str) -> HttpResponse:
    """A paper as a file of its own, kept nowhere on the way."""
    return attached(HttpResponse(content, content_type=PDF), safe_name(name))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ledger_page(request: HttpRequest) -> HttpResponse:
    """The ledgers printed of a village; a paper checked against the register by what stands on it."""
    actor, area = actor_of(request), area_of(request)
    if not may(actor, VIEW_CARDS, area_path=area.path):
        raise _no_area(area)
    context: dict[str, Any] = {
        "area": area,
        "tabs": panels.tabs(actor, area, current="cards"),
        "village": area.level == "village",
        "prints": may(actor, PRINT_PAPERS, area_path=area.path),
        "rows": [(row, ledger.grouped(row.digest[: ledger.SHORT])) for row in ledger.printed(actor, area)],
    }
    status = 200
    if request.method == "POST":
        try:
            context["checked"] = ledger.check(actor, area.code, request.POST.get("digest", ""))
        except Problem as problem:
            context["problem"], status = problem, problem.status
    return render(request, "duties/ledger.html", context, status=status)


def _no_area(area: AreaVersion) -> Missing:
    return Missing("no_such_area", f"没有找到区划 {area.code}。", f"There is no area {area.code}.")


@require_POST
@never_cache
def print_ledger(request: HttpRequest) -> HttpResponse:
    """The ledger of a village as PDF; that it was printed is kept with its digest."""
    actor, area = actor_of(request), area_of(request)
    made, _row = ledger.print_ledger(actor, area.code)
    return _answer(made, f"台账-{area.name}-{timezone.localdate()}.pdf")


@require_POST
@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """The sheet for the village's wall; the code on the sheet before it ends."""
    actor, area = actor_of(request), area_of(request)
    return _answer(papers.wall(actor, area.code), f"帮扶联系牌-{area.name}.pdf")


@require_GET
@never_cache
def handbook(request: HttpRequest, household: str) -> HttpResponse:
    """The handbook of a household as PDF."""
    return _answer(papers.handbook(actor_of(request), household), f"扶贫手册-{household}.pdf")


@require_GET
@never_cache
def notice(request: HttpRequest, number: int) -> HttpResponse:
    """The public notice of a procedure as PDF."""
    return _answer(papers.notice(actor_of(request), number), f"公示-{number}.pdf")
