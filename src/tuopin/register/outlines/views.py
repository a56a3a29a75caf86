"""The outlines of the areas below one, for its map."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from tuopin.platform.access import actor_for
from tuopin.register import outlines, selectors

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
    codes = list(inside.values_list("code", flat=True))
    tag = outlines.tag(codes)
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return unchanged
    response = HttpResponse(outlines.document(codes), content_type="application/geo+json")
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
