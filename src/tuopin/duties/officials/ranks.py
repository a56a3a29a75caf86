"""Of what rank officials are on a day: the highest level of their posts, and at which levels of areas they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day

from .. import kinds
from ..models import OrganisationVersion, Term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class Rank:
    """``level``: the highest of the posts, empty = unknown or no post; ``serves``: levels of the areas of their
    organisations; ``authority``: who manages the holder of that post, empty = unknown."""

    level: str = ""
    serves: frozenset[str] = frozenset()
    authority: str = ""

    def passes(self, levels: Collection[str], cadres: Collection[str] = ()) -> bool | None:
        """Whether somebody of this rank is of one of the levels, or serves at one of ``cadres``; None = unknown."""
        if self.level in levels or self.serves & set(cadres):
            return True
        return False if self.level else None


@dataclass(frozen=True, slots=True)
class Held:
    """A post that an official holds on a day, with the organisation's name and where that lies; the main one comes
    first. ``area_level`` and ``path`` empty: its area is no more."""

    official: int
    title: str
    level: str
    authority: str
    unit: str
    area_level: str
    path: str


def posts_held(official_ids: Collection[int], day: date) -> list[Held]:
    """The posts of these officials on a day: one statement."""
    offices = OrganisationVersion.objects.filter(on_day(day), organisation_id=OuterRef("post__organisation_id"))
    areas = AreaVersion.objects.filter(on_day(day), area_id=OuterRef("_area"))
    rows = (
        Term.objects.filter(on_day(day), official_id__in=listed(official_ids))
        .annotate(_unit=Subquery(offices.values("name")[:1]), _area=Subquery(offices.values("area_id")[:1]))
        .annotate(_level=Subquery(areas.values("level")[:1]), _path=Subquery(areas.values("path")[:1]))
        .order_by("concurrent", "valid_from")
        .values_list("official_id", "post__title", "post__level", "post__authority", "_unit", "_level", "_path")
    )
    return [Held(row[0], *(text or "" for text in row[1:])) for row in rows]


def ranks(official_ids: Collection[int], day: date) -> Mapping[int, Rank]:
    """The rank of each of these officials on a day: one statement."""
    return ranks_of(official_ids, posts_held(official_ids, day))


def ranks_of(official_ids: Collection[int], posts: Iterable[Held]) -> Mapping[int, Rank]:
    """The same of posts that were read already."""
    order = {level: at for at, level in enumerate(kinds.levels())}
    found = dict.fromkeys(official_ids, Rank())
    for each in posts:
        before = found[each.official]
        serves = before.serves | ({each.area_level} if each.area_level else frozenset())
        higher = order.get(each.level, len(order)) < order.get(before.level, len(order))
        best = (each.level, each.authority) if higher or not before.level else (before.level, before.authority)
        found[each.official] = Rank(best[0], frozenset(serves), best[1])
    return found
