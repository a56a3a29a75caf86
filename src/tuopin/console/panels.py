"""The console's own tabs of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import Tab

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


def area_tabs(_actor: Actor, area: AreaVersion) -> list[Tab]:
    """The overview, the results by standard, and the figures."""
    return [
        Tab("overview", Title("概况", "Overview"), reverse("console:area", args=[area.code]), 0),
        Tab("results", Title("按标准", "By standard"), reverse("console:results", args=[area.code]), 5),
        Tab("figures", Title("图表", "Figures"), reverse("console:figures", args=[area.code]), 65),
    ]
