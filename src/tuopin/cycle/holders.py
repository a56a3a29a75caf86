"""Who holds the matter of a finding: read for all findings at once, from ``cycle.toml`` and the room duties."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tuopin.duties.assigning import living
from tuopin.duties.kinds import role
from tuopin.duties.models import OrganisationVersion, Term
from tuopin.duties.selectors import last_versions
from tuopin.orders.permissions import ISSUE
from tuopin.platform.access import visible_paths
from tuopin.register.areas import ids
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day, subtree

from .order import ORIGINS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from tuopin.platform.access import Actor

HELPER_UNIT = "helper_unit"


@cache
def settings() -> Mapping[str, Any]:
    """What ``cycle.toml`` says."""
    return tomllib.loads(resources.files(__package__).joinpath("cycle.toml").read_text("utf-8"))


def urgency(origin: str) -> str:
    """How long a matter of this origin may take (a key of ``orders/matters.toml``)."""
    return str(settings()["urgency"][origin])


def category(origin: str, item: str) -> str:
    """What a matter for an item is about."""
    usual = {"conditions": "identification", "quality": "data"}.get(ORIGINS[origin].kind, "other")
    return str(settings()["category"].get(item, usual))


class Holders:
    """The organisations of a place on a day that the actor may charge, and who answers in them."""

    def __init__(self, actor: Actor, place: AreaVersion, day: date) -> None:
        self._day = day
        ranges = visible_paths(actor, ISSUE)
        reached = last_versions(ranges).filter(on_day(day))
        kinds = {kind for way in settings()["way"].values() for kind in way["kinds"]}
        self._offices: dict[tuple[int, str], int] = {}
        rows = reached.filter(kind__in=kinds).order_by("-organisation_id")
        for office, kind, area in rows.values_list("organisation_id", "kind", "area_id"):
            self._offices[area, kind] = office
        # None: every organisation
        self._reached = None if ranges is None else frozenset(reached.values_list("organisation_id", flat=True))
        low, high = subtree(place)
        inside = AreaVersion.objects.filter(on_day(day), path__gte=low, path__lt=high)
        self._areas: dict[int, dict[str, int]] = {}
        self._levels: dict[int, str] = dict(
            AreaVersion.objects.filter(on_day(day), area_id__in=ids(place.path)).values_list("area_id", "level")
        )
        paths = list(inside.values_list("area_id", "level", "path"))
        self._levels |= {area: level for area, level, _path in paths}
        for area, _level, path in paths:
            self._areas[area] = {self._levels[each]: each for each in ids(path) if each in self._levels}
        heads = living.live(role("first_responsible"), day).filter(area_id__in=listed(self._levels))
        self._heads: dict[int, int] = dict(heads.values_list("area_id", "official_id"))
        self._units: dict[int, int | None] = {}
        self._found: dict[tuple[str, str, int, int | None], tuple[int | None, int | None]] = {}

    def know(self, officials: Collection[int]) -> None:
        """Read the organisations in which helpers hold their main posts."""
        fresh = {each for each in officials if each not in self._units}
        if not fresh:
            return
        terms = Term.objects.filter(on_day(self._day), official_id__in=listed(fresh), concurrent=False)
        held = dict(terms.values_list("official_id", "post__organisation_id"))
        standing = OrganisationVersion.objects.filter(on_day(self._day), organisation_id__in=listed(set(held.values())))
        stands = set(standing.values_list("organisation_id", flat=True))
        for each in fresh:
            unit = held.get(each)
            open_to = unit in stands and (self._reached is None or unit in self._reached)
            self._units[each] = unit if open_to else None

    def of(self, level: str, origin: str, area_id: int, helper: int | None) -> tuple[int | None, int | None]:
        """The organisation, and who answers in it, for a finding of a subject of ``level`` that lies in an area;
        ``area``: of an area, whatever its level is."""
        asked = level, origin, area_id, helper  # many findings of a place have the same
        if asked not in self._found:
            self._found[asked] = self._of(*asked)
        return self._found[asked]

    def _of(self, level: str, origin: str, area_id: int, helper: int | None) -> tuple[int | None, int | None]:
        above = self._areas.get(area_id, {})
        named = self._levels.get(area_id, "") if level == "area" else level
        for way in settings()["holders"].get(named, {}).get(origin, ()):
            if way == HELPER_UNIT:
                unit = self._units.get(helper) if helper is not None else None
                if unit is not None:
                    return unit, helper
                continue
            asked = settings()["way"][way]
            area = above.get(asked["level"], 0)
            for kind in asked["kinds"]:
                if (area, kind) in self._offices:
                    return self._offices[area, kind], self._heads.get(area)
        return None, None
