"""What livelihood shows on pages of other rooms; the caller has asked for the permission."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import Panel, Tab

from . import figures, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from .panel import Line

TITLE = Title("产业就业", "Livelihood")


def household_panel(code: str, lines: Iterable[Line], day: date, classes: frozenset[str] | None) -> Panel:
    """Links, dividends, work, loans, relocation: no statement, the room reads its lines together."""
    content: dict[str, object] = {"code": code, "found": shown.household(lines, day, classes)}
    return Panel("livelihood", TITLE, "measures/panel_livelihood.html", 16, content)


def area_panel(actor: Actor, area: AreaVersion, day: date) -> Panel:
    """Links and work: one statement."""
    content: dict[str, object] = {
        "area": area.code,
        "numbers": shown.panel(*figures.short(actor, area, day), area.code),
    }
    return Panel("livelihood", TITLE, "measures/panel_livelihood_area.html", 36, content)


def area_tab(area: AreaVersion) -> Tab:
    """The area's figures."""
    return Tab("livelihood", TITLE, f"{reverse('measures:livelihood')}?area={area.code}", 38)
