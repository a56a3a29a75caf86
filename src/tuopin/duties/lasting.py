"""Areas by where they lie, or lay last, households by where they live, or lived last: what belongs to a village or a
household that was merged away is still found by those who could see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from tuopin.register.models import AreaVersion, Residence
from tuopin.register.selectors import within

if TYPE_CHECKING:
    from django.db.models import QuerySet


def lasting_area_ids(ranges: list[tuple[str, str]]) -> QuerySet[AreaVersion, int]:
    """The ids of the areas whose last version lies in ranges of paths, as a subquery, for grants."""
    newer = AreaVersion.objects.filter(area_id=OuterRef("area_id"), valid_from__gt=OuterRef("valid_from"))
    return AreaVersion.objects.filter(within(ranges), ~Exists(newer)).values_list("area_id", flat=True)


def lasting_household_ids(ranges: list[tuple[str, str]]) -> QuerySet[Residence, int]:
    """The ids of the households that live in ranges of paths, or lived there last, as a subquery, for grants."""
    later = Residence.objects.filter(household_id=OuterRef("household_id"), valid_from__gt=OuterRef("valid_from"))
    found = Residence.objects.filter(Q(valid_to=None) | ~Exists(later), area_id__in=lasting_area_ids(ranges))
    return found.values_list("household_id", flat=True)
