"""Conflicts of interest: nobody deals with himself, his own office, or whoever stands above or below it.

What the register of officials says decides: an account without an entry among officials has no office that could be
compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import Assignment, Official, OrganisationVersion, Term

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

_DEEP = 20


def conflict(user_id: int, official_id: int, day: date) -> bool:
    """Whether an account has a conflict towards an official on a day: the same person; one office; one stands above
    the other by their offices; or one answers for what the other helps under (a village and its households)."""
    entry = Official.objects.filter(user_id=user_id).first()
    if entry is None:
        return False
    own = entry.merged_into_id or entry.pk
    if official_id in {own, entry.pk} or Official.objects.filter(pk=official_id, merged_into_id=own).exists():
        return True
    offices, others = _offices(own, day), _offices(official_id, day)
    return bool(offices & _with_above(others, day) or others & _with_above(offices, day)) or _answers_together(
        own, official_id, day
    )


def _live(official_id: int, day: date) -> dict[str, object]:
    return {"official_id": official_id, "valid_from__lte": day}


def _offices(official_id: int, day: date) -> set[int]:
    """Offices where somebody holds a post or a duty."""
    terms = Term.objects.filter(**_live(official_id, day)).exclude(valid_to__lte=day)
    duties = Assignment.objects.filter(**_live(official_id, day), organisation__isnull=False).exclude(valid_to__lte=day)
    return {*terms.values_list("post__organisation_id", flat=True), *duties.values_list("organisation_id", flat=True)}


def _with_above(offices: Collection[int], day: date) -> set[int]:
    """Offices and all above them, level by level: a loop that came from elsewhere ends."""
    found, edge = set(offices), set(offices)
    for _level in range(_DEEP):
        rows = OrganisationVersion.objects.filter(organisation_id__in=edge, valid_from__lte=day).exclude(
            valid_to__lte=day
        )
        edge = set(rows.exclude(parent=None).values_list("parent_id", flat=True)) - found
        if not edge:
            break
        found |= edge
    return found


def _answers_together(one: int, other: int, day: date) -> bool:
    """Whether both answer for the same household or area."""
    rows = Assignment.objects.filter(official_id__in=(one, other), valid_from__lte=day).exclude(valid_to__lte=day)
    held: dict[int, set[tuple[int | None, int | None]]] = {one: set(), other: set()}
    for official, household, area in rows.filter(organisation=None).values_list(
        "official_id", "household_id", "area_id"
    ):
        held[official].add((household, area))
    return bool(held[one] & held[other])
