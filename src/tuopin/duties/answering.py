"""Who answers for a household, for rooms below that must keep a helper away from an act (a re-check, say)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.models import Grant
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .models import Helper

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date


def helpers(household_ids: Collection[int], day: date) -> Mapping[int, tuple[set[str], set[int]]]:
    """Names of helpers and assistants on the day and the accounts with a helper's grant today, by household: two
    statements."""
    found: dict[int, tuple[set[str], set[int]]] = {}
    terms = Helper.objects.filter(on_day(day), household_id__in=listed(household_ids))
    for key, name in terms.values_list("household_id", "name"):
        found.setdefault(key, (set(), set()))[0].add(name)
    grants = Grant.objects.filter(
        on_day(day), role="helper", scope_kind="household", scope_id__in=listed(household_ids)
    )
    for scope, user in grants.values_list("scope_id", "user_id"):
        if scope is not None:
            found.setdefault(scope, (set(), set()))[1].add(user)
    return found
