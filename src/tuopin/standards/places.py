"""Which areas an evaluation covers, and which pack holds there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Max, Min, Q, When

from tuopin.platform.access import subtree
from tuopin.platform.problems import Missing
from tuopin.register.areas import WIDTH, ids
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards.models import PackBinding
from tuopin.standards.packs import DEFAULT
from tuopin.standards.statements import Choice

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

LEVELS = ("person", "household", "village", "township", "county", "city", "province", "nation")
"""From the bottom up: a standard is evaluated over an area of its own level or of one above."""
AREA_LEVELS = frozenset({"village", "township", "county", "city", "province", "nation"})


def lies_above(level: str, other: str) -> bool:
    """Whether a level is that of areas above another one: what is judged there has no figures below."""
    return {level, other} <= AREA_LEVELS and LEVELS.index(level) > LEVELS.index(other)


@dataclass(frozen=True, slots=True)
class Place:
    """An area as it stood on the day; ``path`` empty = the whole register."""

    area_id: int | None
    path: str


def place_of(code: str | None, day: datetime.date) -> Place:
    """The area with this code, as it was on the day; without a code the whole register. Raises Missing.

    Codes are those of today: an area that had another one on the day is found by its present one, and of two that
    swapped theirs each by its own. One that is no more is found by the code that it had on the day.
    """
    if code is None:
        return Place(None, "")
    today = AreaVersion.objects.filter(code=code, valid_to=None).values("area_id")
    found = (
        AreaVersion.objects.filter(on_day(day), Q(area_id__in=today) | Q(code=code))
        .annotate(other=Case(When(area_id__in=today, then=0), default=1))
        .order_by("other")
        .values_list("area_id", "path")
        .first()
    )
    if found is None:
        raise Missing("no_such_area", f"{day} 没有区划 {code}。", f"There is no area {code} on {day}.", area=code)
    return Place(*found)


def choice(place: Place, level: str, day: datetime.date) -> Choice:
    """The subjects of ``level`` inside the place: by the areas of that level, or by the villages they live in."""
    at = level if level in AREA_LEVELS else "village"
    if not place.path:
        return Choice(at)
    low, high = subtree(place.path)
    inside = AreaVersion.objects.filter(on_day(day), level=at, path__gte=low, path__lt=high)
    return Choice(at, tuple(inside.order_by("area_id").values_list("area_id", flat=True)))


def bound_pack(place: Place, day: datetime.date) -> str:
    """The pack of the nearest area with one; for the whole register, of the smallest area that holds all villages."""
    return nearest_pack(bindings(day), place.path, day)


def bindings(day: datetime.date) -> dict[int, str]:
    """The packs bound on a day, by area."""
    return dict(PackBinding.objects.filter(on_day(day)).values_list("area_id", "pack"))


def nearest_pack(bound: Mapping[int, str], path: str, day: datetime.date) -> str:
    """:func:`bound_pack` among bindings read before."""
    if not bound:
        return DEFAULT
    return next((bound[area_id] for area_id in reversed(ids(path or common_path(day))) if area_id in bound), DEFAULT)


def common_path(day: datetime.date) -> str:
    """The path of the smallest area that holds every village of the day."""
    villages = AreaVersion.objects.filter(on_day(day), level="village")
    ends = villages.aggregate(first=Min("path"), last=Max("path"))
    first, last = ends["first"] or "", ends["last"] or ""
    width = 0
    while width < len(first) and first[: width + WIDTH] == last[: width + WIDTH]:
        width += WIDTH
    return first[:width]
