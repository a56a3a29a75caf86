"""Reading lists and pairs. What lies outside the reader's grants is neither shown nor counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.access import field_classes_at, may, require, subtree, visible_paths
from tuopin.platform.problems import Missing

from ..areas import ids
from ..models import AreaVersion, MatchPair, MatchRun
from ..permissions import DECIDE_MATCHES, MATCH_LISTS, VIEW_PERSON
from ..selectors import within
from .kinds import list_kind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

type Ranges = list[tuple[str, str]]

FEW = 5
"""Below so many, a count is not told to who may not see the people: it would be a question about one person."""


def runs(actor: Actor) -> QuerySet[MatchRun]:
    """The lists a reader may know of: the own ones, and those about areas where the reader decides."""
    found = MatchRun.objects.order_by("-pk")
    if actor.unrestricted:
        return found
    mine = Q(user_id=actor.user_id) if actor.user_id and may(actor, MATCH_LISTS) else Q(pk__in=[])
    ranges = visible_paths(actor, DECIDE_MATCHES)
    if ranges is None:
        return found
    inside = AreaVersion.objects.filter(within(ranges), valid_to=None).values("area_id")
    above = {each for low, _high in ranges for each in ids(low)}
    return found.filter(mine | Q(area_id__in=inside) | Q(area_id__in=above))


def run(actor: Actor, run_id: int) -> MatchRun:
    """One list. Raises Missing."""
    found = runs(actor).filter(pk=run_id).first()
    if found is None:
        raise _no_such_list()
    return found


def own_run(actor: Actor, run_id: int) -> MatchRun:
    """A list that the actor answers for: handed in by the actor, or about an area over all of which the actor decides.

    Raises Missing for a list that the actor may not know of, Refused for one that is another's.
    """
    found = run(actor, run_id)
    if actor.unrestricted or (found.user_id == actor.user_id and may(actor, MATCH_LISTS)):
        return found
    require(actor, DECIDE_MATCHES, area_path=area_path(found))
    return found


def area_path(found: MatchRun) -> str:
    """The present path of a list's area; one that leads nowhere where the area was abolished."""
    path = AreaVersion.objects.filter(area_id=found.area_id, valid_to=None).values_list("path", flat=True).first()
    return path or "0" * 8


def reach(actor: Actor, found: MatchRun) -> Ranges:
    """Where within the list's area the reader may see and decide matches: needs the permission, the right to see
    persons, and the class of fields that the list is of."""
    low, high = subtree(area_path(found))
    if actor.unrestricted:
        return [(low, high)]
    ranges = visible_paths(actor, DECIDE_MATCHES)
    needed = {list_kind(found.kind).field_class, "identity"} - {"general"}
    inside = [(low, high)] if ranges is None else _common(ranges, low, high)
    return [each for each in inside if _opens(actor, each[0], needed)]


def _common(ranges: Ranges, low: str, high: str) -> Ranges:
    return [(max(low, one), min(high, other)) for one, other in ranges if max(low, one) < min(high, other)]


def _opens(actor: Actor, path: str, needed: set[str]) -> bool:
    if not may(actor, VIEW_PERSON, area_path=path):
        return False
    classes = field_classes_at(actor, DECIDE_MATCHES, path)
    return classes is None or needed <= classes


def covers(actor: Actor, found: MatchRun) -> bool:
    """Whether the reader sees matches over the whole area of the list: only then do its other rows mean anything."""
    return reach(actor, found) == [subtree(area_path(found))]


def pairs(actor: Actor, found: MatchRun) -> QuerySet[MatchPair]:
    """The pairs of a list within the reader's reach, the likeliest first."""
    ranges = reach(actor, found)
    return MatchPair.objects.filter(within(ranges), run=found).order_by("-points", "pk")


def pair(actor: Actor, pair_id: int) -> MatchPair:
    """One pair within the reach. Raises Missing."""
    found = MatchPair.objects.select_related("run").filter(pk=pair_id).first()
    try:
        ranges = reach(actor, run(actor, found.run_id)) if found else []
    except Missing:  # of a list that is none of the actor's business: no other words than for a pair that is not there
        ranges = []
    if found is None or not any(low <= found.path < high for low, high in ranges):
        raise Missing("no_such_pair", "没有这一条待判断的记录。", "There is no such pair to decide.")
    return found


def _no_such_list() -> Missing:
    return Missing("no_such_list", "没有这份名单。", "There is no such list.")
