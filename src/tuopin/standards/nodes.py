"""Nodes of the pack in force, and how much is left of those that a standard shows (see ``platform/nodes.py``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.nodes import Left, Target
from tuopin.platform.problems import Problem

from . import results
from .area_figures import of_areas
from .packs import get_pack
from .permissions import VIEW
from .places import bindings, nearest_pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

NOUNS = {
    "household": Title("户", "households"),
    "village": Title("个村", "villages"),
    "township": Title("个乡镇", "townships"),
    "county": Title("个县", "counties"),
}


def area_nodes(area: AreaVersion, day: date) -> Iterator[Target]:
    """Those of the pack that holds in the area on the day; none of a pack that no longer loads."""
    try:
        pack = get_pack(nearest_pack(bindings(day), area.path, day))
    except Problem:
        return
    for each in pack.nodes:
        yield Target(
            each.key, each.due, each.title, each.target, each.source, each.standard or "", each.room or "", pack.key
        )


def nodes_left(actor: Actor, area: AreaVersion, below: Sequence[AreaVersion], target: Target) -> Left | None:
    """Subjects of the newest evaluation that do not meet the standard, and those of whom it is not known."""
    if not target.standard or not may(actor, VIEW, area_path=area.path):
        return None
    run = next((each for each in results.newest(area) if each.standard == target.standard), None)
    if run is None:
        return None
    found = of_areas(run, [area.area_id, *(each.area_id for each in below)])

    def counts(area_id: int) -> tuple[int, int, int]:
        met, not_met, unknown = found[area_id].tally.get("overall", (0, 0, 0, 0))[:3] if area_id in found else (0, 0, 0)
        return not_met, unknown, met + not_met + unknown

    sure, unknown, total = counts(area.area_id)
    return Left(
        sure,
        unknown,
        total,
        NOUNS.get(run.level, Title(run.level, run.level)),
        run.day,
        {each.area_id: counts(each.area_id)[:2] for each in below},
        results.list_address(run, area.code, verdict="not_met"),
        results.list_address(run, area.code, verdict="unknown"),
    )
