"""Nodes of duties: days by which implementing opinions are to be issued, and how many are missing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.nodes import Left, Target

from .headquarters.selectors import LEVELS, deadlines, opinions
from .permissions import VIEW_HEADQUARTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

ROOM = "duties"
_KEY = "opinions_"


def area_nodes(area: AreaVersion, day: date) -> Iterator[Target]:  # noqa: ARG001 - what is due counts as it stands
    """One node a day on which opinions of the area's counties are due; below counties there are none."""
    if area.level not in LEVELS:
        return
    for due, required, _missing in deadlines(area):
        yield Target(
            f"{_KEY}{due.isoformat()}", due, Title("贯彻落实意见全部印发", "all implementing opinions issued"),
            Title(f"{required} 份贯彻落实意见全部印发", f"{required} implementing opinions issued"),
            "各指挥部的要求", room=ROOM,
        )  # fmt: skip


def nodes_left(actor: Actor, area: AreaVersion, below: Sequence[AreaVersion], target: Target) -> Left | None:
    """The opinions due on that day that are missing."""
    if target.room != ROOM or not target.key.startswith(_KEY) or not may(actor, VIEW_HEADQUARTERS, area_path=area.path):
        return None
    due = date.fromisoformat(target.key.removeprefix(_KEY))  # the day may have been moved: the key has the first one
    rows = list(opinions(actor, area).filter(required=True, due=due).values_list("area_id", "document"))
    tops = {each.area_id: (sum(key == each.area_id and not document for key, document in rows), 0) for each in below}
    href = f"{reverse('duties:opinions')}?area={area.code}"
    missing = sum(not document for _key, document in rows)
    return Left(missing, 0, len(rows), Title("份", "opinions"), timezone.localdate(), tops, href)
