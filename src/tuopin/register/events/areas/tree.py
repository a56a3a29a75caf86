"""The tree of a day as changes of areas need it: what the lines name, what lies below, who else holds a code."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.access import visible_paths

from ...correcting.subjects import listed, listed_texts
from ...models import AreaMap, AreaVersion
from ...permissions import CHANGE_AREAS
from ...selectors import on_day
from .plan import Node, Tree, codes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .given import Line

_COLUMNS = ("pk", "area_id", "code", "name", "level", "parent_id", "path", "valid_from", "valid_to")
_DEEP = frozenset({AreaMap.Kind.MOVED, AreaMap.Kind.MERGED, AreaMap.Kind.SPLIT, AreaMap.Kind.ABOLISHED})
_LEVELS = 8  # no tree is deeper


def load(actor: Actor, day: date, lines: Sequence[Line]) -> Tree:
    """The tree as far as the lines of a day can touch it. A fixed number of statements."""
    named = _nodes(Q(code__in=listed_texts(sorted(set(codes_of(lines))))) & on_day(day))
    nodes = {each.area_id: each for each in named}
    by_code = {each.code: each.area_id for each in named}
    below = {by_code[line.old] for line in lines if line.kind in _DEEP and line.old in by_code}
    seen: set[int] = set()  # whose children are known: a line may name an area below another line's
    for _level in range(_LEVELS):
        if not below:
            break
        seen |= below
        found = _nodes(Q(parent_id__in=listed(sorted(below))) & on_day(day))
        below = {each.area_id for each in found} - seen
        nodes |= {each.area_id: each for each in found}
    above = {each.parent_id for each in nodes.values() if each.parent_id} - set(nodes)
    if above:
        nodes |= {each.area_id: each for each in _nodes(Q(area_id__in=listed(sorted(above))) & on_day(day))}
    return Tree(nodes, by_code, _taken(day, lines), _today(nodes), visible_paths(actor, CHANGE_AREAS))


def _nodes(condition: Q) -> list[Node]:
    return [Node(*row) for row in AreaVersion.objects.filter(condition).values_list(*_COLUMNS)]


def _taken(day: date, lines: Iterable[Line]) -> dict[str, set[int]]:
    """Who holds the new codes on the day or later."""
    wanted = sorted({line.code for line in lines if line.code})
    held = AreaVersion.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), code__in=listed_texts(wanted))
    found: dict[str, set[int]] = defaultdict(set)
    for code, area_id in held.values_list("code", "area_id"):
        found[code].add(area_id)
    return found


def _today(nodes: dict[int, Node]) -> dict[int, str]:
    rows = AreaVersion.objects.filter(area_id__in=listed(sorted(nodes)), valid_to=None)
    return dict(rows.values_list("area_id", "path"))
