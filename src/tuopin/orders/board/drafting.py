"""Drafting for one holder or for several: one matter a holder, under a parent that its issuer keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuopin.duties.models import OrganisationVersion
from tuopin.platform import database
from tuopin.platform.access import grants_of, visible_paths
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from .. import reach, services
from ..changes import Given
from ..permissions import ISSUE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..models import Matter
    from ..services import Draft

MOST_HOLDERS = 60
CHOICES = 300
"""Organisations that a form offers."""


def draft(
    actor: Actor, base: Draft, holders: Sequence[tuple[int, int | None]], now: datetime, *, issue: bool,
    limit: date | None = None,
) -> Matter:  # fmt: skip
    """Open a matter for its holders (organisation, person responsible): none = a draft that nobody holds yet, several =
    one part each. Issued at once if asked for. Returns the matter, or the parent. Raises Refused, Missing, Problem."""
    if len(holders) > MOST_HOLDERS:
        raise Problem("too_many_holders", f"一次最多 {MOST_HOLDERS} 个承办单位。", f"At most {MOST_HOLDERS} holders.")
    if len({office for office, _person in holders}) < len(holders):
        raise Problem("holder_twice", "同一承办单位写了两次。", "A holder is named twice.")
    if len(holders) > 1 and base.issuer_id is None:
        raise Problem(
            "no_issuer", "交办给多个单位时，请选择交办单位：总件由它掌握。",
            "Choose who issues it: with several holders the issuer keeps the whole.",
        )  # fmt: skip
    with database.write():
        if len(holders) <= 1:
            office, person = holders[0] if holders else (None, None)
            made = services.draft(actor, [replace(base, holder_id=office, official_id=person)], now)
        else:
            made = services.draft(actor, [replace(base, holder_id=base.issuer_id)], now)
            parts = [
                replace(base, holder_id=office, official_id=person, parent_id=made[0].pk, subjects=())
                for office, person in holders
            ]
            made += services.draft(actor, parts, now)
        if issue:
            made = services.act(actor, "issue", [row.pk for row in made], Given(limit=limit), now)
    return made[0]


def issuers(actor: Actor, place: AreaVersion) -> list[tuple[int, str]]:
    """The organisations for which the actor may issue: granted by themselves, of the very areas granted, and of the
    place that the page is about."""
    areas = {each.scope_id for each in grants_of(actor, ISSUE) if each.scope_kind == "area" and each.scope_id}
    ranges = visible_paths(actor, ISSUE)
    if ranges is None or any(low <= place.path < high for low, high in ranges):
        areas.add(place.area_id)
    rows = OrganisationVersion.objects.filter(valid_to=None, area_id__in=listed(areas)).order_by("area_id", "name")
    found = {each.organisation_id: each.name for each in rows[:CHOICES]}
    own = reach.own_organisations(actor, ISSUE)
    for each in OrganisationVersion.objects.filter(valid_to=None, organisation_id__in=listed(own)) if own else ():
        found[each.organisation_id] = each.name
    return sorted(found.items(), key=lambda each: each[1])
