"""Signs on the pages of an area and of a matter, and an area’s page of signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import OPEN
from tuopin.core.supervision import OWED
from tuopin.platform.access import may
from tuopin.platform.panels import Panel, Tab

from ..models import HungSign, Matter
from ..permissions import HANG, VIEW
from . import selectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..board.matter import View

_TITLE = Title("挂牌督战", "Hung signs")


def area_panels(actor: Actor, area: AreaVersion) -> list[Panel]:
    """What hangs here and below, the area’s own first: one statement. Nothing where nothing hangs."""
    if not may(actor, VIEW, area_path=area.path):
        return []
    owed = Q(items__state__in=OWED, items__by__lt=timezone.localdate())
    rows = selectors.signs(actor, area).filter(state="hanging").select_related("supervisor")
    here = Count("pk", filter=Q(area_id=area.area_id), distinct=True)
    found = list(
        rows.annotate(late=Count("items", filter=owed), here=here).order_by("-here", "pk")[: selectors.ROWS + 1]
    )
    if not found:
        return []
    content: dict[str, object] = {
        "rows": found[: selectors.ROWS], "area_id": area.area_id, "more": len(found) > selectors.ROWS,
        "href": f"{reverse('orders:hung')}?area={area.code}",
    }  # fmt: skip
    return [Panel("hung", _TITLE, "orders/panel_hung.html", 11, content, aside=True)]


def node_panels(actor: Actor, area: AreaVersion, nodes: Sequence[str]) -> list[Panel]:
    """What hangs on the nodes of an area, here or below: a panel a node, which bears its key. One statement."""
    if not nodes or not may(actor, VIEW, area_path=area.path):
        return []
    found: dict[str, list[HungSign]] = {}
    rows = selectors.signs(actor, area).filter(state="hanging", target="node", node__in=nodes)
    for row in rows.select_related("supervisor").order_by("pk")[: selectors.ROWS * len(nodes)]:
        found.setdefault(row.node, []).append(row)
    return [
        Panel(node, _TITLE, "orders/panel_hung.html", 11, {"rows": some[: selectors.ROWS], "area_id": area.area_id,
              "more": len(some) > selectors.ROWS, "href": f"{reverse('orders:hung')}?area={area.code}"})
        for node, some in found.items()
    ]  # fmt: skip


def matter_panels(actor: Actor, view: View) -> list[Panel]:
    """What hangs over one matter, and where one may be hung over it. One statement; never for a petition."""
    row, area = view.row, view.area
    if row.kind == Matter.Kind.PETITION or area is None:
        return []
    found = list(selectors.signs(actor).filter(matter_id=row.pk).order_by("-pk")[: selectors.ROWS])
    hangs = row.state in OPEN and may(actor, HANG, area_path=area.path)
    hangs = hangs and not any(each.state == HungSign.State.HANGING for each in found)
    if not found and not hangs:
        return []
    content: dict[str, object] = {
        "rows": [(each, selectors.STATES[each.state]) for each in found],
        "hang": f"{reverse('orders:hang')}?area={area.code}&matter={row.pk}" if hangs else "",
    }  # fmt: skip
    return [Panel("hung", _TITLE, "orders/panel_hung_matter.html", 50, content)]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The page of signs of an area."""
    if not may(actor, VIEW, area_path=area.path):
        return []
    return [Tab("hung", _TITLE, f"{reverse('orders:hung')}?area={area.code}", 54)]
