"""The console's own tabs of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tuopin.console import node_pages
from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Panel, Tab
from tuopin.register.permissions import VIEW_AREA, VIEW_HOUSEHOLD, VIEW_PERSON

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


def area_panels(actor: Actor, area: AreaVersion, day: date) -> list[Panel]:  # noqa: ARG001 - as of today
    """The next node, or the last one when all are past."""
    shown = node_pages.next_of(actor, area, timezone.localdate())  # whatever day the page shows
    if shown is None:
        return []
    return [Panel("nodes", Title("时间节点", "Nodes"), "console/panel_node.html", 5, {"area": area, "each": shown})]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The overview, the results by standard, the lists that the reader may see, and the figures."""
    lists = [
        Tab(kind, title, reverse(f"console:{kind}", args=[area.code]), order)
        for kind, title, permission, order in (
            ("households", Title("户", "Households"), VIEW_HOUSEHOLD, 10),
            ("persons", Title("人员", "Persons"), VIEW_PERSON, 12),
            ("villages", Title("村", "Villages"), VIEW_AREA, 14),
        )
        if may(actor, permission, area_path=area.path) and (kind != "villages" or area.level != "village")
    ]
    return [
        *lists,
        Tab("overview", Title("概况", "Overview"), reverse("console:area", args=[area.code]), 0),
        Tab("results", Title("按标准", "By standard"), reverse("console:results", args=[area.code]), 5),
        Tab("nodes", Title("时间节点", "Nodes"), reverse("console:nodes", args=[area.code]), 60),
        Tab("figures", Title("图表", "Figures"), reverse("console:figures", args=[area.code]), 65),
    ]
