"""The lists of an area: households, persons, villages; and the address of the list behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tuopin.platform.access import actor_for, may
from tuopin.platform.lists import listing
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.panels import tabs
from tuopin.platform.problems import Missing
from tuopin.register import cards
from tuopin.register.listings import reader_at
from tuopin.register.permissions import CORRECT, VIEW_AREA, VIEW_HOUSEHOLD, VIEW_PERSON
from tuopin.register.place import area_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.platform.models import User
    from tuopin.register.models import AreaVersion


def list_address(area: AreaVersion | str, kind: str = "households", **filters: str | int) -> str:
    """The list behind a number: of ``households``, ``persons`` or ``villages`` of an area, with filters by name."""
    code = area if isinstance(area, str) else area.code
    query = urlencode({name: value for name, value in filters.items() if value != ""})
    return reverse(f"console:{kind}", args=[code]) + (f"?{query}" if query else "")


@require_http_methods(["GET", "POST"])
def households(request: HttpRequest, area: str = "") -> HttpResponseBase:
    """The households of an area."""
    return _page(request, "households", VIEW_HOUSEHOLD, area)


@require_http_methods(["GET", "POST"])
def persons(request: HttpRequest, area: str = "") -> HttpResponseBase:
    """The persons of an area."""
    return _page(request, "persons", VIEW_PERSON, area)


@require_http_methods(["GET", "POST"])
def villages(request: HttpRequest, area: str = "") -> HttpResponseBase:
    """The villages of an area."""
    return _page(request, "villages", VIEW_AREA, area)


def _page(request: HttpRequest, kind: str, permission: str, area: str) -> HttpResponseBase:
    actor = actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in
    version = _place(request, area)
    reader = reader_at(actor, permission, version, first_of(request.GET))
    context: dict[str, Any] = {
        "area": version,
        "tabs": tabs(actor, version, kind) if version is not None else (),
        "bulk": _bulk(actor, kind, version),
        "refreshing": kind == "persons" and not cards.is_current(),
    }
    return list_page(request, listing(f"register.{kind}"), reader, "console/list.html", context)


def _place(request: HttpRequest, area: str) -> AreaVersion | None:
    """The area of the page; None for a reader of single households, who has no area."""
    try:
        version = area_of(request)
    except Missing:
        if area or request.GET.get("area"):
            raise
        return None
    return version


def _bulk(actor: Actor, kind: str, version: AreaVersion | None) -> str:
    """Where what the list shows is corrected in bulk; empty where the reader may not."""
    if version is None or kind not in {"households", "persons"} or not may(actor, CORRECT, area_path=version.path):
        return ""
    return reverse("register:bulk", args=[kind])
