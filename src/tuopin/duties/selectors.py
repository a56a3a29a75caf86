"""Reading duties: who is on duty for whom, and where nobody is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from tuopin.platform.access import page_memo, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.register.selectors import area_ids_within, on_day, subtree, within

from .assigning.living import live as live_duties
from .kinds import role
from .lasting import lasting_household_ids
from .models import Assignment, Official, OrganisationVersion, Term
from .permissions import KEEP_OFFICIALS, VIEW_HELPER, VIEW_OFFICIAL

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor


def ranges_at(actor: Actor, permission: str, place: AreaVersion | None = None) -> list[tuple[str, str]] | None:
    """Where the actor has the permission, within a place, as ranges of paths; None = everywhere."""
    ranges = visible_paths(actor, permission)
    if place is None:
        return ranges
    low, high = subtree(place)
    if ranges is None:
        return [(low, high)]
    return [(max(low, first), min(high, last)) for first, last in ranges if first < high and low < last]


def duties_in(ranges: list[tuple[str, str]] | None) -> Q:
    """Assignments to what lies in ranges of paths; to households that live nowhere any more, by where they lived last:
    a duty that nobody sees could not be ended."""
    if ranges is None:
        return Q()
    areas = area_ids_within(ranges)
    return (
        Q(household_id__in=lasting_household_ids(ranges))
        | Q(area_id__in=areas)
        | Q(organisation_id__in=_organisations_in(ranges))
    )


def _organisations_in(ranges: list[tuple[str, str]]) -> QuerySet[OrganisationVersion, int]:
    return last_versions(ranges).values_list("organisation_id", flat=True)


def last_versions(ranges: list[tuple[str, str]] | None) -> QuerySet[OrganisationVersion]:
    """The newest version of each organisation in ranges of paths (None = everywhere); those that ended are among them.

    An area that is no more keeps its organisations where it lay, until somebody says where they belong now.
    """
    newer = OrganisationVersion.objects.filter(
        organisation=OuterRef("organisation"), valid_from__gt=OuterRef("valid_from")
    )
    found = OrganisationVersion.objects.filter(Q(valid_to=None) | ~Exists(newer))
    if ranges is None:
        return found
    return found.filter(area_id__in=_pool_areas(ranges))


def officials(actor: Actor, permission: str = VIEW_OFFICIAL, place: AreaVersion | None = None) -> QuerySet[Official]:
    """The officials with a post, a duty or a place in the areas where the actor has the permission (in ``place``)."""
    found = Official.objects.filter(merged_into=None)
    ranges = ranges_at(actor, permission, place)
    if ranges is None:
        return found
    terms = Term.objects.filter(official=OuterRef("pk"), post__organisation_id__in=_organisations_in(ranges))
    duties = Assignment.objects.filter(duties_in(ranges), official=OuterRef("pk"))
    return found.filter(Q(area_id__in=_pool_areas(ranges)) | Exists(terms) | Exists(duties))


def kept(actor: Actor) -> QuerySet[Official]:
    """The officials whom the actor keeps: with a post or duty that has not ended, or a place, where the actor may keep
    officials. A county that somebody left keeps him no longer; who left everything is kept by whoever had him."""
    found = officials(actor, KEEP_OFFICIALS)
    ranges = ranges_at(actor, KEEP_OFFICIALS)
    if ranges is None:
        return found
    still = Q(valid_to=None) | Q(valid_to__gt=timezone.localdate())
    terms = Term.objects.filter(still, official=OuterRef("pk"))
    duties = Assignment.objects.filter(still, official=OuterRef("pk"))
    here = (
        Q(area_id__in=_pool_areas(ranges))
        | Q(Exists(terms.filter(post__organisation_id__in=_organisations_in(ranges))))
        | Q(Exists(duties.filter(duties_in(ranges))))
    )
    return found.filter(here | (Q(area=None) & ~Exists(terms) & ~Exists(duties)))


def _pool_areas(ranges: list[tuple[str, str]]) -> QuerySet[AreaVersion, int]:
    """The areas in ranges of paths that keep officials: those that are no more among them, where they lay last."""
    later = AreaVersion.objects.filter(area_id=OuterRef("area_id"), valid_from__gt=OuterRef("valid_from"))
    found = AreaVersion.objects.filter(within(ranges)).filter(Q(valid_to=None) | ~Exists(later))
    return found.values_list("area_id", flat=True)


def own_official(actor: Actor) -> int | None:
    """The actor's own entry among the officials, or the one that it was merged into. Asked once a page."""
    if actor.user_id is None:
        return None
    memo, key = page_memo(), f"duties.own_official.{actor.user_id}"
    if key not in memo:
        found = Official.objects.filter(user_id=actor.user_id).values_list("pk", "merged_into_id").first()
        memo[key] = (found[1] or found[0]) if found is not None else None
    number: int | None = memo[key]
    return number


def official(actor: Actor, number: int) -> Official:
    """One official. Raises Missing outside the grants; the two look alike."""
    found = officials(actor).filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise Missing(
            "no_such_official",
            "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )
    return found


def duties_of(actor: Actor, who: Official) -> QuerySet[Assignment]:
    """What an official answers or answered for, within the grants: what is open first, then the newest."""
    found = Assignment.objects.filter(duties_in(ranges_at(actor, VIEW_HELPER)), official=who)
    return found.select_related("household").order_by(F("valid_to").desc(nulls_first=True), "-valid_from", "pk")


def organisation_names(organisation_ids: Collection[int], day: date) -> dict[int, str]:
    """What organisations are called on a day; those that ended, by their last name."""
    if not organisation_ids:
        return {}
    found = OrganisationVersion.objects.filter(organisation_id__in=listed(organisation_ids), valid_from__lte=day)
    return dict(found.order_by("valid_from").values_list("organisation_id", "name"))


def titles_on(official_ids: Collection[int], day: date) -> dict[int, tuple[str, str]]:
    """Organisation and post of officials on a day, the main one; those without a post are left out. Two statements."""
    terms = list(
        Term.objects.filter(on_day(day), official_id__in=listed(official_ids))
        .order_by("concurrent", "valid_from")
        .values_list("official_id", "post__organisation_id", "post__title")
    )
    versions = OrganisationVersion.objects.filter(on_day(day), organisation_id__in={each[1] for each in terms})
    names = dict(versions.values_list("organisation_id", "name"))
    found: dict[int, tuple[str, str]] = {}
    for official, organisation, title in terms:
        found.setdefault(official, (names.get(organisation, ""), title))
    return found


@dataclass(frozen=True, slots=True)
class Away:
    """That an official is not at work, until when (None: not said), and who stands in ('' = nobody). Why is not said:
    only who keeps officials reads that."""

    until: date | None
    stand_in: str
    phone: str


def without_live_helper(actor: Actor, day: date) -> QuerySet[Household]:
    """Households living in the actor's area on the day that no helper answers for: live = started and not ended.

    An assistant alone is no helper: the duty stays with the helper.
    """
    villages = AreaVersion.objects.filter(
        on_day(day), within(visible_paths(actor, VIEW_HELPER)), level="village"
    ).values("area_id")
    living = Residence.objects.filter(on_day(day), household=OuterRef("pk"), area_id__in=villages)
    live = live_duties(role(Assignment.Role.HELPER), day).filter(household=OuterRef("pk"))
    return Household.objects.filter(Exists(living), ~Exists(live)).order_by("code")
