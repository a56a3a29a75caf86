"""What an official may answer for: households, areas, organisations. Where they lie, and who may say who answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.platform.access import require, visible_paths
from tuopin.platform.problems import Missing, Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.selectors import on_day

from ..models import OrganisationVersion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from tuopin.platform.access import Actor

KINDS = ("household", "area", "organisation")


@dataclass(frozen=True, slots=True)
class Target:
    """``kind``: one of :data:`KINDS`; ``level``: of an area, else empty; ``path``: where it lies; ``code``: what people
    call it by (an organisation's name)."""

    kind: str
    id: int
    code: str
    path: str
    level: str = ""


def reachable(
    actor: Actor, permission: str, kind: str, ids: Collection[int], day: date, *, ending: bool = False
) -> Mapping[int, Target]:
    """The targets by id as they lie on the day, two statements at most; where something is ``ending``, households that
    live nowhere any more by where they lived last. Raises Refused for who may do this nowhere, Missing if one is
    outside the grants or not there: the two look alike."""
    require(actor, permission)
    found = _last_homes(ids, day) if ending and kind == "household" else _FIND[kind](ids, day)
    ranges = visible_paths(actor, permission)
    inside = {
        key: target
        for key, target in found.items()
        if ranges is None or any(low <= target.path < high for low, high in ranges)
    }
    if len(inside) < len(set(ids)):
        raise outside()
    return inside


def outside() -> Missing:
    """What is said of everything that is not there, or not for this reader."""
    return Missing(
        "no_such_target",
        "没有找到这些户、区划或组织，或不在您的管辖范围内。",
        "There are no such households, areas or organisations, or they lie outside your grants.",
    )


def _households(ids: Collection[int], day: date) -> dict[int, Target]:
    rows = Residence.objects.filter(on_day(day), household_id__in=listed(ids))
    homes = list(rows.values_list("household_id", "household__code", "area_id"))
    paths = {key: target.path for key, target in _areas({area for _household, _code, area in homes}, day).items()}
    return {key: Target("household", key, code, paths[area]) for key, code, area in homes if area in paths}


def _last_homes(ids: Collection[int], day: date) -> dict[int, Target]:
    rows = Residence.objects.filter(valid_from__lte=day, household_id__in=listed(ids)).order_by("valid_from")
    homes = {key: (code, area) for key, code, area in rows.values_list("household_id", "household__code", "area_id")}
    areas = AreaVersion.objects.filter(valid_from__lte=day, area_id__in=listed({area for _, area in homes.values()}))
    paths = dict(areas.order_by("valid_from").values_list("area_id", "path"))
    return {key: Target("household", key, code, paths[area]) for key, (code, area) in homes.items() if area in paths}


def _areas(ids: Collection[int], day: date) -> dict[int, Target]:
    rows = AreaVersion.objects.filter(on_day(day), area_id__in=listed(ids))
    return {
        key: Target("area", key, code, path, level)
        for key, code, path, level in rows.values_list("area_id", "code", "path", "level")
    }


def _organisations(ids: Collection[int], day: date) -> dict[int, Target]:
    rows = OrganisationVersion.objects.filter(on_day(day), organisation_id__in=listed(ids))
    found = list(rows.values_list("organisation_id", "name", "area_id"))
    # an area that is no more keeps its organisations where it lay, so that somebody may say where they belong now
    areas = AreaVersion.objects.filter(valid_from__lte=day, area_id__in=listed({area for _id, _name, area in found}))
    paths = dict(areas.order_by("valid_from").values_list("area_id", "path"))
    return {key: Target("organisation", key, name, paths[area]) for key, name, area in found if area in paths}


_FIND = {"household": _households, "area": _areas, "organisation": _organisations}


def require_level(levels: Collection[str], targets: Collection[Target], title_zh: str, title_en: str) -> None:
    """Raise Problem for an area of another level than the role is for."""
    wrong = [target.code for target in targets if levels and target.level not in levels]
    if wrong:
        raise Problem(
            "wrong_level",
            f"“{title_zh}”不能设在这一级区划：{'、'.join(wrong[:5])}。",
            f"There is no {title_en} at this level of areas: {', '.join(wrong[:5])}.",
            areas=wrong[:100],
        )
