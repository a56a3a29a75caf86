"""The map from old to new, read: what became of an area, what an old code or name leads to, who became this area."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from tuopin.platform.access import visible_paths

from ...correcting.subjects import listed
from ...models import AreaMap, AreaVersion
from ...models.area_events import STANDING
from ...permissions import VIEW_AREA
from ...selectors import on_day, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

_LONGEST = 50  # mergers one after the other
_MOST = 50


@dataclass(frozen=True, slots=True)
class Former:
    """An area as it was once: ``version`` its last one with that code or name, ``now`` what it is, or became (none: it
    was abolished), ``last`` the line of the map by which it ended, if it did."""

    version: AreaVersion
    now: tuple[AreaVersion, ...]
    last: AreaMap | None = None


def followed(area_ids: Collection[int], until: date | None = None) -> dict[int, tuple[int, ...]]:
    """What became of areas by the end of a day (default: as of now): the ids of what goes on, the area's own where it
    does. One statement a step of the longest chain of mergers."""
    became: dict[int, set[int]] = defaultdict(set)
    ended: set[int] = set()
    asked, seen = set(area_ids), set(area_ids)
    for _step in range(_LONGEST):
        if not asked:
            break
        found = AreaMap.objects.filter(STANDING, ended=True, area_id__in=listed(sorted(asked)))
        if until is not None:
            found = found.filter(day__lte=until)
        asked = set()
        for key, successor in found.values_list("area_id", "successor_id"):
            ended.add(key)
            if successor is not None:
                became[key].add(successor)
                asked |= {successor} - seen
                seen.add(successor)
    return {key: tuple(sorted(_ends(key, became, ended))) for key in area_ids}


def became_part_of(here: QuerySet[AreaVersion]) -> set[int]:
    """The ids of areas that are no more and became part of those alone (``here``: areas of today): what went elsewhere
    too is told by none of its parts. Two statements a step of the longest chain of mergers, one if nothing merged."""
    found: set[int] = set()
    ended = AreaMap.objects.filter(STANDING, ended=True).exclude(successor_id=None)
    into: Any = here.values("area_id")
    for _step in range(_LONGEST):
        came = set(ended.filter(successor_id__in=into).values_list("area_id", flat=True)) - found
        if not came:
            break
        elsewhere = ended.filter(area_id__in=listed(sorted(came))).exclude(
            Q(successor_id__in=here.values("area_id")) | Q(successor_id__in=listed(sorted(found)))
        )
        came -= set(elsewhere.values_list("area_id", flat=True))
        found |= came
        into = listed(sorted(came))
    return found


def _ends(key: int, became: Mapping[int, set[int]], ended: set[int]) -> set[int]:
    if key not in ended:
        return {key}
    return {end for each in became.get(key, ()) for end in _ends(each, became, ended)}


def former(actor: Actor, versions: Iterable[AreaVersion]) -> list[Former]:
    """What areas that were called so once are now, as far as the actor may see it: by where it lies now, and for an
    area that was abolished by where it lay."""
    rows = list(versions)
    became = followed([row.area_id for row in rows])
    standing = AreaVersion.objects.filter(area_id__in=listed(sorted({k for v in became.values() for k in v})))
    seen = {each.area_id: each for each in standing.filter(within(visible_paths(actor, VIEW_AREA)), valid_to=None)}
    lines = AreaMap.objects.filter(STANDING, ended=True, area_id__in=listed([row.area_id for row in rows]))
    last = {line.area_id: line for line in lines.order_by("-number")}
    ranges = visible_paths(actor, VIEW_AREA)
    found = []
    for row in rows:
        now = tuple(seen[key] for key in became[row.area_id] if key in seen)
        lay = ranges is None or any(low <= row.path < high for low, high in ranges)
        if now or (not became[row.area_id] and lay):
            found.append(Former(row, now, last.get(row.area_id)))
    return found


def former_with_code(actor: Actor, code: str) -> Former | None:
    """The area that had this code last and has it no more. None where there is none that the actor may see."""
    if "\0" in code:
        return None
    rows = AreaVersion.objects.filter(~Q(valid_to=None), code=code).order_by("-valid_to")[:1]
    return next(iter(former(actor, rows)), None)


def former_beginning_with(actor: Actor, text: str) -> list[Former]:
    """Areas that once had a name or code that begins so, and have it no more: the newest of each."""
    if not text:
        return []
    once = AreaVersion.objects.filter(Q(name__startswith=text) | Q(code__startswith=text), ~Q(valid_to=None)).order_by(
        "-valid_to"
    )[: 4 * _MOST]
    newest: dict[int, AreaVersion] = {}
    for row in once:
        newest.setdefault(row.area_id, row)
    same = AreaVersion.objects.filter(area_id__in=list(newest), valid_to=None)
    still = set(same.filter(Q(name__startswith=text) | Q(code__startswith=text)).values_list("area_id", flat=True))
    return former(actor, [row for key, row in newest.items() if key not in still])[:_MOST]


def on_map(actor: Actor, code: str, day: date) -> list[AreaVersion]:
    """What a code means on a day: the area that has it then, or what became of the one that had it last before."""
    if "\0" in code:
        return []
    inside = within(visible_paths(actor, VIEW_AREA))
    holder = AreaVersion.objects.filter(on_day(day), inside, code=code)
    if found := list(holder):
        return found
    once = AreaVersion.objects.filter(code=code, valid_from__lte=day).order_by("-valid_from").first()
    if once is None:
        return []
    keys = followed([once.area_id], day)[once.area_id]
    return list(AreaVersion.objects.filter(on_day(day), inside, area_id__in=keys).order_by("code"))


def predecessors(area_id: int) -> list[AreaMap]:
    """Lines by which other areas, or parts of them, became this one; the newest first."""
    found = AreaMap.objects.filter(STANDING, successor_id=area_id).exclude(area_id=area_id)
    return list(found.order_by("-day", "number")[:500])


def lines_of(area_id: int) -> list[AreaMap]:
    """Lines that say what became of this area; the newest first."""
    return list(AreaMap.objects.filter(STANDING, area_id=area_id).select_related("event").order_by("-day", "number"))


def versions_of(area_id: int) -> list[AreaVersion]:
    """Everything that an area was called and lay under, the oldest first."""
    return list(AreaVersion.objects.filter(area_id=area_id).order_by("valid_from"))
