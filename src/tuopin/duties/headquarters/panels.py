"""Headquarters on the page of an area: how many, what is late, which opinions are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Panel, Tab

from ..permissions import VIEW_HEADQUARTERS
from . import opinions, selectors

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..around import Around


def area_panel(area: AreaVersion, read: Around, day: date) -> list[Panel]:
    """For areas that have headquarters, or whose counties are to issue opinions: one statement, none without any."""
    led = read.led
    late = selectors.count_late(list(led), day) if led else 0
    missing = [opinions.state_of(each, day) for each in read.missing]
    if not led and not missing:
        return []
    own = f"{reverse('duties:headquarters')}?area={area.code}"
    matrix = f"{reverse('duties:opinions')}?area={area.code}"
    lines = [
        (Title("指挥部", "headquarters"), len(led), own),
        (Title("没有指挥长", "without a commander"), sum(not each for each in led.values()), own),
        (Title("逾期步骤", "late steps"), late, own),
        (Title("缺贯彻落实意见", "opinions missing"), len(missing), matrix),
        (Title("其中逾期", "overdue of these"), missing.count("late"), matrix),
    ]
    return [
        Panel("headquarters", Title("指挥部", "Headquarters"), "duties/panel_headquarters.html", 33, {"lines": lines})
    ]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    if area.level not in selectors.LEVELS or not may(actor, VIEW_HEADQUARTERS, area_path=area.path):
        return []
    return [
        Tab("headquarters", Title("指挥部", "Headquarters"), f"{reverse('duties:headquarters')}?area={area.code}", 42),
        Tab("opinions", Title("贯彻落实意见", "Opinions"), f"{reverse('duties:opinions')}?area={area.code}", 43),
    ]
