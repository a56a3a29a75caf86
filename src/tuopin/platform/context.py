"""What every page's template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from tuopin.platform.home import home
from tuopin.platform.words import language

if TYPE_CHECKING:
    from django.http import HttpRequest


def page(_request: HttpRequest) -> dict[str, Any]:
    """``languages`` to switch between, the current ``language``, and whether this installation shows invented data.

    The demo loader writes ``TUOPIN_HOME/DEMO``: every page then says that its people are invented.
    """
    return {
        "languages": settings.LANGUAGES,
        "language": language(),
        "invented_data": (home() / "DEMO").exists(),
    }
