"""The one page that nobody signs in for: what a card's code opens. The code travels by POST alone; a square code
brings it behind a #, which no browser sends, and a script of ours puts it into the form (docs/decisions/0089)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from tuopin.platform.accounts import throttle

from . import services

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PURPOSE = "card"


@login_not_required
@sensitive_post_parameters("code")
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest) -> HttpResponse:
    """Ask for the code; show what it opens. Wrong codes count by address, as wrong passwords do, but apart from them:
    a village must not shut out the office that shares its address."""
    context: dict[str, object] = {"voice": settings.TUOPIN_VOICE_PHONE}
    status = 200
    if request.method == "POST":
        if minutes := throttle.blocked(request, PURPOSE):
            context["blocked"], status = minutes, 429
        else:
            opened = services.open_code(request.POST.get("code", ""))
            if opened is None:
                throttle.failed(request, PURPOSE)
                context["wrong"], status = True, 404
            else:
                context["opened"] = opened
    answer = render(request, "duties/public_card.html", context, status=status)
    answer.headers["Cache-Control"] = "no-store, private"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
