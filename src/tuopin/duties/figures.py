"""What duties shows of an area on its page of figures: on the map, the share of households with a live helper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.charts import Cell, Measure, Offer, Series, percent
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .assigning import gaps
from .permissions import VIEW_HELPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

_HOUSEHOLDS = Title("户", "households")


def area_figures(actor: Actor, area: AreaVersion) -> Offer:
    """The measure for whoever may see helpers there; it is worked out when it is chosen."""
    if area.level == "village" or not may(actor, VIEW_HELPER, area_path=area.path):
        return Offer()
    day = timezone.localdate()
    lists = may(actor, VIEW_HOUSEHOLD, area_path=area.path)

    def cells() -> Mapping[int, tuple[Cell, ...]]:
        found = {}
        for below, held in gaps.helped(actor, area, day):
            href = f"{reverse('console:households', args=[below.code])}?helped=0" if lists else ""
            share = percent(held.held, held.needed)
            found[below.area_id] = (Cell(share), Cell(held.missing, href), Cell(held.needed))
        return found

    series = (
        Series(Title("有在任帮扶人的户", "households with a live helper"), Title("%", "%"), 2),
        Series(Title("无在任帮扶人", "without one"), _HOUSEHOLDS, drawn=False),
        Series(Title("户数", "households"), _HOUSEHOLDS, drawn=False),
    )
    measure = Measure(
        "duties.helped", Title("有在任帮扶人的户", "Households with a live helper"), series, cells,
        Title("帮扶责任登记", "duties on record"), day, order=60,
    )  # fmt: skip
    return Offer((), (measure,))
