"""Organisations as places of grants: found by number, or by a name that one alone bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.platform.given import whole_number
from tuopin.register.correcting.subjects import listed, listed_texts
from tuopin.register.models import AreaVersion

from ..models import OrganisationVersion
from ..selectors import last_versions, organisation_names

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet


def find(code: str) -> int | None:
    """The id of the standing organisation of this number, or of this name where no other has it."""
    standing = OrganisationVersion.objects.filter(valid_to=None)
    number = whole_number(code, None)
    named = standing.filter(organisation_id=number) if number is not None else standing.filter(name=code)
    found = list(named.values_list("organisation_id", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def find_all(codes: Collection[str]) -> Mapping[str, int]:
    """The ids of several standing organisations by number or name, as :func:`find` finds one; those that are not there,
    or whose name another has too, are left out. One statement."""
    numbers = {each: whole_number(each, None) for each in codes}
    names = Q(name__in=listed_texts([each for each, number in numbers.items() if number is None]))
    keys = Q(organisation_id__in=listed({number for number in numbers.values() if number is not None}))
    rows = OrganisationVersion.objects.filter(names | keys, valid_to=None).values_list("organisation_id", "name")
    standing: set[int] = set()
    named: dict[str, set[int]] = {}
    for key, name in rows:
        standing.add(key)
        named.setdefault(name, set()).add(key)
    found: dict[str, int] = {}
    for code, number in numbers.items():
        some = named.get(code, set()) if number is None else {number} & standing
        if len(some) == 1:
            found[code] = min(some)
    return found


def paths(organisation_ids: Collection[int]) -> Mapping[int, str]:
    """Where organisations lie today; those that ended, or whose area did, are left out."""
    rows = OrganisationVersion.objects.filter(organisation_id__in=listed(organisation_ids), valid_to=None)
    places = dict(rows.values_list("organisation_id", "area_id"))
    known = dict(
        AreaVersion.objects.filter(area_id__in=listed(set(places.values())), valid_to=None).values_list(
            "area_id", "path"
        )
    )
    return {key: known[area] for key, area in places.items() if area in known}


def names(organisation_ids: Collection[int]) -> Mapping[int, str]:
    """What organisations are called today."""
    return organisation_names(organisation_ids, timezone.localdate())


def within(ranges: list[tuple[str, str]]) -> QuerySet[OrganisationVersion, int]:
    """The organisations in ranges of paths, as a subquery, for grants."""
    return last_versions(ranges).values_list("organisation_id", flat=True)
