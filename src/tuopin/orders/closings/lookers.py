"""Who looks back at what was drawn: one of those who may verify over its area, and neither handled, verified nor closed
it; drawn by the same seed, so that nobody chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.register.correcting.subjects import listed

from .. import reach
from ..clock.chain import Chains
from ..clock.people import People
from ..models import MatterEvent
from ..permissions import VERIFY
from . import draw as drawing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..models import Matter

WORD = ("verify", "close")


def draw(rows: Sequence[Matter], seeds: Mapping[int, str]) -> dict[int, int]:
    """The account drawn for each of some matters; those for whom nobody is left are left out. A fixed number of
    statements."""
    people = People(Chains(timezone.localdate()))
    holders = {row.holder_id for row in rows if row.holder_id is not None}
    people.chains.know(holders)
    people.know(holders, (), {row.official_id for row in rows if row.official_id is not None})
    paths = reach.paths_of({row.area_id for row in rows})
    events = MatterEvent.objects.filter(
        matter_id__in=listed([row.pk for row in rows]), act__in=[*reach.HANDLED, *WORD], user_id__isnull=False
    )
    took_part: dict[int, set[int]] = {}
    for number, user in events.values_list("matter_id", "user_id"):
        took_part.setdefault(number, set()).add(user or 0)
    found = {}
    for row in rows:
        left = set(people.over(VERIFY, paths.get(row.area_id, ""))) - took_part.get(row.pk, set())
        left -= set(people.everybody(row.holder_id)) if row.holder_id is not None else set()
        left -= set(people.official(row.official_id))
        if left:
            found[row.pk] = drawing.order(f"{seeds[row.pk]}:{row.pk}", left)[0]
    return found
