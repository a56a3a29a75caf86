"""The page of all help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_GET

from tuopin.platform import help as texts

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """What each page is for, the glossary, and what the rooms explain."""
    return render(request, "platform/help.html", {"pages": texts.listed(), "sections": texts.sections()})
