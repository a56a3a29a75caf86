"""What cards show on the page of a household and among the tabs of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Panel, Tab

from ..permissions import PRINT_CARDS, PRINT_PAPERS, VIEW_CARDS

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.register.selectors import Placed


def household_panel(actor: Actor, placed: Placed) -> list[Panel]:
    """The ways to the household's papers. No statement."""
    path, code = placed.village.path, placed.household.code
    if not may(actor, PRINT_PAPERS, area_path=path):
        return []
    asked = urlencode({"area": placed.village.code, "household": code, "only": "all"})
    content: dict[str, object] = {
        "handbook": reverse("duties:handbook", args=[code]),
        "cards": f"{reverse('duties:print_cards')}?{asked}" if may(actor, PRINT_CARDS, area_path=path) else "",
    }
    return [Panel("papers", Title("打印", "Papers"), "duties/panel_papers.html", 40, content, aside=True)]


def area_tab(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The cards of an area."""
    if not may(actor, VIEW_CARDS, area_path=area.path):
        return []
    return [Tab("cards", Title("明白卡", "Cards"), f"{reverse('duties:cards')}?area={area.code}", 42)]
