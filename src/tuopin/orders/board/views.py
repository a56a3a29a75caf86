"""Pages of many matters: the inbox, the list, the board, the heat table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core import matters as core
from tuopin.platform import panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.register.listings import reader_at
from tuopin.register.place import area_of

from ..hung import selectors as hung
from ..permissions import ISSUE, VIEW
from . import bulk, counts, due, inbox
from .lists import MATTERS, WORK, standing_units

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

_OFFERED = 300


@never_cache
@require_GET
def inbox_page(request: HttpRequest) -> HttpResponse:
    """What waits for me, by what is due."""
    actor, now = actor_of(request), timezone.now()
    require(actor, VIEW)
    found = inbox.parts(actor, now)
    readlog.read(actor, "orders.inbox", {}, sum(len(part.rows) for part in found))
    context = {
        "parts": found, "states": core.STATES, "acts": core.ACTS, "may_issue": may(actor, ISSUE),
        "signs": hung.inbox(actor, timezone.localdate(now)),
    }  # fmt: skip
    return render(request, "orders/inbox.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def matter_list(request: HttpRequest) -> HttpResponseBase:
    """The directives and problems of an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    reader = reader_at(actor, VIEW, area, first_of(request.GET))
    context = {
        "area": area,
        "tabs": panels.tabs(actor, area, current="matters"),
        "picking": "bulk",
        "bulk_acts": [core.ACTS[name] for name in bulk.ACTS],
        "may_issue": may(actor, ISSUE, area_path=area.path),
    }
    return list_page(request, MATTERS, reader, "orders/matters.html", context)


@never_cache
@require_GET
def board_page(request: HttpRequest) -> HttpResponse:
    """The directives and problems of an area by state."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    kind = _kind(request)
    columns = counts.board(actor, area, kind, timezone.now())
    readlog.read(actor, "orders.board", {"area": area.code}, sum(len(each.cards) for each in columns))
    context = {
        "area": area, "columns": columns, "kind": kind, "kinds": list(WORK.items()), "running": due.RUNNING,
        "tabs": panels.tabs(actor, area, current="matter_board"), "counted_at": counts.counted_at(),
    }  # fmt: skip
    return render(request, "orders/board.html", context)


@never_cache
@require_GET
def heat_page(request: HttpRequest) -> HttpResponse:
    """What is open in an area by unit and age, and who holds what is late."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    kind = _kind(request)
    now = timezone.now()
    units, whole = counts.units(actor, area, now, kind)
    people = counts.people(actor, area, now, kind)
    readlog.read(actor, "orders.heat", {"area": area.code}, len(people))
    context = {
        "area": area, "units": units[: counts.UNITS], "count": len(units), "whole": whole, "people": people,
        "windows": list(due.HEAT.items()), "kind": kind, "kinds": list(WORK.items()),
        "tabs": panels.tabs(actor, area, current="matter_heat"),
        "unheld": counts.without_holder(actor, area, now, kind), "counted_at": counts.counted_at(),
    }  # fmt: skip
    return render(request, "orders/heat.html", context)


@never_cache
@require_GET
def office_options(request: HttpRequest) -> HttpResponse:
    """The units of an area, as choices of a field that is typed into: fetched when somebody begins to."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    return render(request, "orders/_offices.html", {"offices": office_names(actor, area)})


def _kind(request: HttpRequest) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in WORK else ""


def office_names(actor: Actor, area: AreaVersion) -> list[str]:
    """The units of an area and below, to choose from while typing; any other is typed in full."""
    found = standing_units(actor, area).order_by("area_id", "name")
    return list(dict.fromkeys(found.values_list("name", flat=True)[:_OFFERED]))
