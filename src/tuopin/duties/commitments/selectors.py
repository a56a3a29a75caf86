"""Reading commitments, inside the grants; who is one of the two sides sees the own ones wherever they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from tuopin.platform.access import may, visible_ids, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import household_ids_within

from ..lasting import lasting_area_ids
from ..models import Official
from ..permissions import SIGN_COMMITMENT, VIEW_COMMITMENT
from ..selectors import ranges_at
from .measures import LEVELS
from .models import Commitment, CommitmentState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor


def missing() -> Missing:
    """What is said of a commitment that is not there, or not for this reader."""
    return Missing(
        "no_such_commitment",
        "没有找到这份军令状，或不在您的管辖范围内。",
        "There is no such commitment, or none within your grants.",
    )


def commitments(actor: Actor, place: AreaVersion | None = None) -> QuerySet[Commitment]:
    """Commitments about areas where the actor may see them (in ``place``), about households that the actor may see, and
    those that the actor is a side of."""
    found = Commitment.objects.all()
    ranges = ranges_at(actor, VIEW_COMMITMENT, place)
    homes = visible_paths(actor, VIEW_HOUSEHOLD)
    if ranges is None and homes is None:
        return found
    seen = Q(household=None) & _areas(ranges)
    seen |= Q(household__isnull=False) & _households(ranges) & _households(homes)
    if place is None:
        single = visible_ids(actor, VIEW_COMMITMENT, "household")
        seen |= Q(household_id__in=listed(single))
        seen |= own(actor)
    return found.filter(seen)


def _areas(ranges: list[tuple[str, str]] | None) -> Q:
    return Q() if ranges is None else Q(area_id__in=lasting_area_ids(ranges))


def _households(ranges: list[tuple[str, str]] | None) -> Q:
    """By where a household lives; one that lives nowhere any more by where its commitment was to be fulfilled."""
    if ranges is None:
        return Q()
    lives = Q(Exists(Residence.objects.filter(household_id=OuterRef("household_id"), valid_to=None)))
    return Q(household_id__in=household_ids_within(ranges)) | (Q(area_id__in=lasting_area_ids(ranges)) & ~lives)


def own(actor: Actor) -> Q:
    """Those that the actor is a side of, for who may sign."""
    if actor.user_id is None or not may(actor, SIGN_COMMITMENT):
        return Q(pk__in=[])
    mine = Official.objects.filter(Q(user_id=actor.user_id) | Q(merged_into__user_id=actor.user_id)).values("pk")
    return Q(inferior_id__in=mine) | Q(superior_id__in=mine)


def sides_of(rows: Sequence[Commitment], actor: Actor) -> dict[int, str]:
    """Which side of each the actor is; '' = neither. Two statements."""
    mine: set[int] = set()
    if actor.user_id is not None:
        mine = set(Official.objects.filter(user_id=actor.user_id).values_list("pk", flat=True))
        mine |= set(Official.objects.filter(merged_into_id__in=mine).values_list("pk", flat=True))
    return {
        row.pk: "inferior" if row.inferior_id in mine else "superior" if row.superior_id in mine else "" for row in rows
    }


def side_of(row: Commitment, actor: Actor) -> str:
    """Which side the actor is; '' = neither."""
    return sides_of([row], actor)[row.pk]


def one(actor: Actor, number: int) -> Commitment:
    """One commitment with both sides and where it stands. Raises Missing."""
    rows = commitments(actor).select_related("superior", "inferior", "household", "state")
    found = rows.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise missing()
    return found


@dataclass(frozen=True, slots=True)
class Linked:
    """A commitment in its chain: ``depth`` below the top."""

    commitment: Commitment
    depth: int


MOST_BELOW = 200


def chain(actor: Actor, row: Commitment) -> tuple[list[Commitment], list[Commitment], int]:
    """What stands above (from the top down) and right below, as far as the actor may see it; how many below there are.
    Superseded ones are left out below. A statement a level above, of which there are five."""
    seen = commitments(actor).select_related("superior", "inferior", "state")
    above: list[Commitment] = []
    key = row.under_id
    while key is not None and len(above) < len(LEVELS):
        found = seen.filter(pk=key).first()
        if found is None:
            break
        above.insert(0, found)
        key = found.under_id
    below = seen.filter(under_id=row.pk, replaced=None)
    return above, list(below.order_by("area_id", "pk")[:MOST_BELOW]), below.count()


def by_level(actor: Actor, place: AreaVersion) -> dict[str, dict[str, int]]:
    """How many of each level stand how (superseded ones left out): one statement."""
    rows = CommitmentState.objects.filter(commitment__in=commitments(actor, place)).exclude(outcome="superseded")
    found: dict[str, dict[str, int]] = {}
    for level, outcome, count in rows.values_list("commitment__level", "outcome").annotate(n=Count("pk")):
        found.setdefault(level, {})[outcome] = count
    return {level: found[level] for level in LEVELS if level in found}


def by_area(actor: Actor, place: AreaVersion, below: Sequence[AreaVersion]) -> dict[int, dict[str, int]]:
    """The same by the areas right below a place, each with all that lies in it: two statements."""
    rows = CommitmentState.objects.filter(commitment__in=commitments(actor, place)).exclude(outcome="superseded")
    counts = list(rows.values_list("commitment__area_id", "outcome").annotate(n=Count("pk")))
    versions = AreaVersion.objects.filter(area_id__in=listed({each[0] for each in counts})).order_by("valid_from")
    paths = dict(versions.values_list("area_id", "path"))
    width = len(place.path) + 8
    tops = {each.path: each.area_id for each in below}
    found: dict[int, dict[str, int]] = {each.area_id: {} for each in below}
    for area_id, outcome, count in counts:
        top = tops.get(paths.get(area_id, "")[:width])
        if top is not None:
            found[top][outcome] = found[top].get(outcome, 0) + count
    return found
