"""Commitments on the pages of an area and a household."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Panel, Tab

from ..beside import beside
from ..permissions import VIEW_COMMITMENT
from .following import OUTCOMES

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.register.selectors import Placed

    from ..around import Around
    from ..beside import Line

_TITLE = Title("军令状", "Commitments")


def area_panel(area: AreaVersion, read: Around) -> list[Panel]:
    """What was promised for the area itself. Nothing where nothing was."""
    if not read.promised:
        return []
    href = f"{reverse('duties:commitments')}?area={area.code}"
    content: dict[str, object] = {"rows": [_row(each) for each in read.promised], "href": href}
    return [Panel("commitments", _TITLE, "duties/panel_commitments.html", 34, content)]


def household_panel(actor: Actor, placed: Placed) -> list[Panel]:
    """What was promised for a household, for who may see it there. No statement of its own."""
    if not may(actor, VIEW_COMMITMENT, area_path=placed.village.path, household_id=placed.household.pk):
        return []
    rows = beside(actor, placed).commitments
    if not rows:
        return []
    content: dict[str, object] = {"rows": [_row(each) for each in rows], "href": ""}
    return [Panel("commitments", _TITLE, "duties/panel_commitments.html", 30, content, aside=True)]


def _row(line: Line) -> tuple[dict[str, object], Title]:
    return {"pk": line.key, "title": line.text, "inferior": {"name": line.more}, "due": line.day}, OUTCOMES[line.third]


def area_tab(actor: Actor, area: AreaVersion) -> list[Tab]:
    if not may(actor, VIEW_COMMITMENT, area_path=area.path):
        return []
    return [Tab("commitments", _TITLE, f"{reverse('duties:commitments')}?area={area.code}", 44)]
