"""What resident teams show on the page of an area: last month's presence in three numbers, each leading to its list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.lists import Reader
from tuopin.platform.panels import Panel, Tab

from ..permissions import VIEW_TEAM
from .lists import month_of

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..around import Around


def team_panels(actor: Actor, area: AreaVersion, read: Around, day: date) -> list[Panel]:
    """Nothing where nobody is on a team."""
    members, short, bare = read.team
    if not members:
        return []
    address = f"{reverse('duties:teams')}?area={area.code}"
    content: dict[str, object] = {
        "month": month_of(Reader(actor, day, area)),
        "rows": [
            (Title("队员", "members"), members, address),
            (Title("在村天数不足", "below the days"), short, f"{address}&standing=not_met"),
            (Title("没有考勤", "no sheet"), bare, f"{address}&standing=none"),
        ],
        "team": reverse("duties:team", args=[area.code]) if area.level == "village" else "",
    }
    return [Panel("teams", Title("驻村工作队", "Resident teams"), "duties/panel_teams.html", 32, content)]


def team_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The list of the area's teams."""
    if not may(actor, VIEW_TEAM, area_path=area.path):
        return []
    return [Tab("teams", Title("驻村", "Resident teams"), f"{reverse('duties:teams')}?area={area.code}", 42)]
