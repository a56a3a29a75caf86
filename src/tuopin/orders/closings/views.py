"""The page of closings that are looked back at sooner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.platform.access import actor_of, require
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.register.listings import reader_at

from .. import kinds
from ..permissions import VERIFY
from .lists import EARLY

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def early_page(request: HttpRequest) -> HttpResponseBase:
    """What was drawn to be looked back at sooner, wherever the grants reach: inspectors have no area."""
    actor = actor_of(request)
    require(actor, VERIFY)
    reader = reader_at(actor, VERIFY, None, first_of(request.GET))
    return list_page(request, EARLY, reader, "orders/early.html", {"pace": kinds.paper()})
