"""Nodes of orders: how many problems of the ledger are left by the days by which inspections are to be accounted for
and all problems cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.nodes import Left
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion

from .ledger import colours, selectors
from .permissions import VIEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor
    from tuopin.platform.nodes import Target

ROOM = "orders"
SOURCES = {"inspection_rectified": ("central_inspection", "provincial_inspection", "inspection")}
"""The sources that a node is about; any other node of this room is about all problems."""


def nodes_left(actor: Actor, area: AreaVersion, below: Sequence[AreaVersion], target: Target) -> Left | None:
    """The problems of the ledger that are not closed. Two statements."""
    if target.room != ROOM or not may(actor, VIEW, area_path=area.path):
        return None
    rows = selectors.problems(actor, area).order_by()
    sources = SOURCES.get(target.key)
    if sources:
        rows = rows.filter(source__in=sources)
    found = {
        key: (left, total)
        for key, left, total in rows.values_list("area_id").annotate(
            left=Count("pk", filter=~Q(state__in=colours.CLOSED)), total=Count("pk")
        )
    }
    paths = dict(
        AreaVersion.objects.filter(area_id__in=listed(found)).order_by("valid_from").values_list("area_id", "path")
    )
    tops = {
        each.area_id: (sum(n for key, (n, _all) in found.items() if paths.get(key, "").startswith(each.path)), 0)
        for each in below
    }
    chosen = "".join(f"&source={each}" for each in sources or ())
    return Left(
        sum(left for left, _total in found.values()), 0, sum(total for _left, total in found.values()),
        Title("件问题", "problems"), timezone.localdate(), tops,
        f"{reverse('orders:ledger')}?area={area.code}{chosen}",
        note=Title("谁承办，见整改台账汇总的“按责任单位”", "who holds them: the sums of the ledger, by unit"),
    )  # fmt: skip
