"""Who answers for a household, for rooms below that must keep a helper away from an act (a re-check, say), or say who
can fill in what is blank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.access import may
from tuopin.platform.models import Grant
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .models import Assignment
from .permissions import VIEW_HELPER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from tuopin.platform.access import Actor


def helpers(household_ids: Collection[int], day: date) -> Mapping[int, tuple[set[str], set[int]]]:
    """Names of helpers and assistants on the day and the accounts with a helper's grant today, by household: two
    statements."""
    found: dict[int, tuple[set[str], set[int]]] = {}
    terms = Assignment.objects.filter(on_day(day), household_id__in=listed(household_ids))
    for key, name in terms.values_list("household_id", "name"):
        found.setdefault(key, (set(), set()))[0].add(name)
    grants = Grant.objects.filter(
        on_day(day), role="helper", scope_kind="household", scope_id__in=listed(household_ids)
    )
    for scope, user in grants.values_list("scope_id", "user_id"):
        if scope is not None:
            found.setdefault(scope, (set(), set()))[1].add(user)
    return found


def named(actor: Actor, path: str, household_id: int, day: date) -> list[str]:
    """The helper and assistants of a household on the day, helpers first, for a reader who may see them."""
    if not may(actor, VIEW_HELPER, area_path=path, household_id=household_id):
        return []
    terms = Assignment.objects.filter(on_day(day), household_id=household_id)
    found = list(terms.order_by("pk").values_list("role", "name"))
    return [name for role, name in sorted(found, key=lambda each: each[0] != Assignment.Role.HELPER)]
