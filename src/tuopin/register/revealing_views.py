"""The page that shows one whole ID number for a reason; inside the table of members where htmx asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.platform.access import actor_for

from . import revealing, selectors

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.models import User


@never_cache
@require_http_methods(["GET", "POST"])
def identity(request: HttpRequest, code: str, person: int) -> HttpResponse:
    """Ask for the reason, then show the number once."""
    actor = actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in
    placed = selectors.household(actor, code)
    in_page = request.headers.get("HX-Request") == "true"
    context: dict[str, object] = {"household": placed.household, "person": person, "reasons": revealing.REASONS}
    status = 200
    if request.method == "POST":
        reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
        try:
            context["revealed"] = revealing.reveal(actor, placed, person, reason, note)
        except revealing.NoReason as problem:
            context |= {"problem": problem, "given": reason, "note": note[: revealing.NOTE_LENGTH]}
            status = 200 if in_page else 400  # htmx takes in no error pages
    else:
        context["name"] = revealing.name_of(actor, placed, person)
    template = "register/identity_part.html" if in_page else "register/identity.html"
    return render(request, template, context, status=status)
