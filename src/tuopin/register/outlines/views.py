"""The outlines of the areas below one, for its map."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db.models import Q
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from tuopin.platform.access import actor_for
from tuopin.register import outlines, selectors
from tuopin.register.models import AreaVersion

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from tuopin.platform.models import User


@require_safe
def below(request: HttpRequest, area: str) -> HttpResponseBase:
    """GeoJSON of the areas one level down that have an outline. A browser that holds it gets 304."""
    actor = actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in
    version = selectors.area(actor, area)
    inside = selectors.areas(actor).filter(parent_id=version.area_id).order_by("code")
    held = dict(inside.values_list("area_id", "code"))
    codes = list(held.values())
    former = _former(held)
    tag = outlines.tag([*codes, *(each for before in former.values() for each in before)])
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return unchanged
    response = HttpResponse(outlines.document(codes, former), content_type="application/geo+json")
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def _former(held: dict[int, str]) -> dict[str, list[str]]:
    """The codes that areas had before, the newest first: a map may be older than the present ones."""
    found: dict[str, list[str]] = {}
    once = AreaVersion.objects.filter(~Q(valid_to=None), area_id__in=list(held)).order_by("-valid_to")
    for area_id, code in once.values_list("area_id", "code"):
        if code != held[area_id]:
            found.setdefault(held[area_id], []).append(code)
    return found
