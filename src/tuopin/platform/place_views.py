"""The page that finds another area to look at; its list alone where htmx asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from tuopin.platform import place
from tuopin.platform.access import actor_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.models import User

LIMIT = 20
_LONGEST = 40  # characters of a name that are looked for


@require_GET
def areas(request: HttpRequest) -> HttpResponse:
    """Areas whose name or code begins with ``q``, each linking to the page ``back`` with that area."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST]
    after = request.GET.get("after", "").replace("\0", "")[: place.LONGEST]
    back = request.GET.get("back", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = "/"
    actor = actor_for(cast("User", request.user))
    found = place.published().search(actor, query, after, LIMIT + 1) if query else []
    context = {
        "query": query,
        "back": back,
        "found": [(each, place.switched(back, each.code)) for each in found[:LIMIT]],
        "after": found[LIMIT - 1].code if len(found) > LIMIT else "",
    }
    alone = request.headers.get("HX-Request") == "true"
    return render(request, "platform/places_found.html" if alone else "platform/places.html", context)
