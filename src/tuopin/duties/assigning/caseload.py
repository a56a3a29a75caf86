"""How much one official may answer for: bounds of ``roles.toml``, or those that an area has set for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q

from tuopin.platform import database
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem
from tuopin.register.areas import ids
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .. import kinds
from ..models import Assignment, Caseload
from ..officials.ranks import ranks
from ..permissions import SET_CASELOAD
from . import targets

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from tuopin.platform.access import Actor

    from ..kinds import Role
    from ..officials.ranks import Rank
    from .targets import Target

LARGEST = 10_000
"""No bound is above this."""


def set_bound(actor: Actor, area_id: int, role: str, most: int | None, *, day: date, level: str = "") -> None:
    """Within an area one official has at most so many targets in a role from ``day`` on; ``most`` None: what the area
    above says counts again. ``level``: only for those whose post has that level. Raises Missing, Problem.

    Who has more already keeps them; nobody gets more.
    """
    chosen = kinds.role(role)
    kinds.require_rank(level, "")
    if most is not None and not 1 <= most <= LARGEST:
        raise Problem("bad_bound", f"上限应在 1 到 {LARGEST} 之间。", f"The bound must lie between 1 and {LARGEST}.")
    with database.write():
        targets.reachable(actor, SET_CASELOAD, "area", [area_id], day)
        rows = Caseload.objects.select_for_update().filter(area_id=area_id, role=chosen.key, level=level, valid_to=None)
        for row in rows:
            if row.valid_from > day:
                raise Problem(
                    "ends_before_it_began",
                    "变更日期必须不早于上一次变更。请更正日期。",
                    "The day must not be before that of the change before.",
                )
            if row.valid_from == day:
                row.delete()
            else:
                Caseload.objects.filter(pk=row.pk).update(valid_to=day)
        if most is not None:
            Caseload.objects.create(area_id=area_id, role=chosen.key, level=level, most=most, valid_from=day)
        detail: dict[str, object] = {"role": role, "level": level, "most": most, "day": day.isoformat()}
        audit.record(actor, "duties.set_caseload", f"area:{area_id}", detail)


def bounds(
    role: Role, official_ids: Collection[int], places: Mapping[int, Collection[str]], day: date,
    standing: Mapping[int, Rank] | None = None,
) -> dict[int, int]:  # fmt: skip
    """How many targets each official may have in a role, by id; who has no bound is left out.

    ``places``: paths of the areas where the official is to answer; the strictest of their bounds counts, each being
    that of the nearest area that has set one. Two statements, one where their ranks (``standing``) are known already.
    """
    paths = {path for each in places.values() for path in each}
    above = {area for path in paths for area in ids(path)}
    rows = Caseload.objects.filter(on_day(day), role=role.key, area_id__in=listed(above))
    own = {(row.area_id, row.level): row.most for row in rows}
    standing = ranks(official_ids, day) if standing is None else standing
    found: dict[int, int] = {}
    for official in official_ids:
        level = standing[official].level
        given = [most for path in places.get(official, ()) if (most := _nearest(own, path, level)) is not None]
        if not given and (usual := role.most_at.get(level, role.most)):
            given = [usual]
        if given:
            found[official] = min(given)
    return found


def _nearest(own: Mapping[tuple[int, str], int], path: str, level: str) -> int | None:
    for area in reversed(ids(path)):
        for key in ((area, level), (area, "")):
            if key in own:
                return own[key]
    return None


def require_room(
    role: Role, wanted: Mapping[int, int], found: Mapping[int, Target], day: date, until: date | None
) -> None:
    """Raise Problem ``caseload_full`` where an official would have more targets in a role than allowed on any of the
    days. The caller has locked the officials, so that two who assign at once see each other."""
    places: dict[int, set[str]] = {}
    more: dict[int, int] = {}
    for target, official in wanted.items():
        places.setdefault(official, set()).add(found[target].path)
        more[official] = more.get(official, 0) + 1
    allowed = bounds(role, list(more), places, day)
    if not allowed:
        return
    during = Q(valid_to=None) | Q(valid_to__gt=day)
    if until is not None:
        during &= Q(valid_from__lt=until)
    held = Assignment.objects.filter(during, role=role.key, official_id__in=listed(allowed))
    loads = {row["official_id"]: row["n"] for row in held.values("official_id").annotate(n=Count("pk"))}
    full = {key: most for key, most in allowed.items() if loads.get(key, 0) + more[key] > most}
    if full:
        official, most = next(iter(full.items()))
        has, adds = loads.get(official, 0), more[official]
        raise Problem(
            "caseload_full",
            f"“{role.title.zh}”每人至多 {most} 项；所选干部已有 {has} 项，再加 {adds} 项就超了（共 {len(full)} 人）。"
            "请另选干部，或由县级以上调整上限。",
            f"One {role.title.en} has at most {most}; an official chosen has {has}, and {adds} more are too many"
            f" ({len(full)} officials in all). Choose others, or set another bound.",
            officials=list(full)[:100], most=most,
        )  # fmt: skip
