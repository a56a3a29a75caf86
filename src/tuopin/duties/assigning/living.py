"""Who counts as a live holder of a duty on a day: begun, not ended, and there, as far as the role says so.

``roles.toml`` names, for a role, the absences that count and whether the last post on record must still be held. Who
never had a post on record loses nothing. Released from office (脱产) is no absence: it gives time to help.
"""

# ruff: noqa: S608 - own texts; values travel as parameters
from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from ..models import Absence, Assignment, Term

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

    from ..kinds import Role


def live(role: Role, day: date) -> QuerySet[Assignment]:
    """The duties in a role with a live holder on a day."""
    found = Assignment.objects.filter(on_day(day), role=role.key)
    if role.absent:
        away = Absence.objects.filter(on_day(day), kind__in=role.absent, official=OuterRef("official_id"))
        found = found.filter(~Exists(away))
    if role.in_office:
        posts = Term.objects.filter(valid_from__lte=day, official=OuterRef("official_id"))
        held = Term.objects.filter(on_day(day), official=OuterRef("official_id"))
        found = found.filter(~Exists(posts) | Exists(held))
    return found


def out_of_office(role: Role, official_ids: Collection[int], day: date) -> set[int]:
    """Those of the officials whose last post on record is over, where that counts for the role."""
    if not role.in_office:
        return set()
    begun = Term.objects.filter(valid_from__lte=day, official_id__in=listed(official_ids))
    ends: dict[int, bool] = {}
    for official, last in begun.values_list("official_id", "valid_to"):
        ends[official] = ends.get(official, False) or last is None or last > day
    return {official for official, held in ends.items() if not held}


def condition(role: Role, duty: str = "a") -> str:
    """The same as SQL on a row of duties, with the parameters ``on`` and ``role``; the officials who are not there are
    found once, not for each duty. Texts come from ``roles.toml`` alone."""
    now = "{0}.valid_from <= %(on)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(on)s)"
    parts = [f"{duty}.role = %(role)s", now.format(duty)]
    if role.absent:
        kinds = ", ".join(f"'{Absence.Kind(each).value}'" for each in role.absent)
        parts.append(
            f"{duty}.official_id NOT IN (SELECT x.official_id FROM duties_absence x"
            f" WHERE x.kind IN ({kinds}) AND {now.format('x')})"
        )
    if role.in_office:
        parts.append(
            f"{duty}.official_id NOT IN (SELECT t.official_id FROM duties_term t WHERE t.valid_from <= %(on)s"
            " GROUP BY t.official_id HAVING max(CASE WHEN t.valid_to IS NULL OR t.valid_to > %(on)s THEN 1 ELSE 0 END)"
            " = 0)"
        )
    return " AND ".join(parts)
