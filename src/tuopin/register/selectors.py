"""Reading the register. Every selector that shows people takes the actor and applies the grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform import access
from tuopin.platform.access import require, visible_ids, visible_paths
from tuopin.platform.problems import Missing

from .areas import ids
from .models import AreaVersion, DataIssue, Household, Residence
from .permissions import VIEW_AREA, VIEW_HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor


# -- areas --------------------------------------------------------------------------------------------------------


def on_day(day: date) -> Q:
    """Rows of a dated table that hold on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def area_id_of(code: str) -> int | None:
    """The id of the area that has this code today, for grants."""
    return AreaVersion.objects.filter(code=code, valid_to=None).values_list("area_id", flat=True).first()


def paths_of(area_ids: Collection[int]) -> Mapping[int, str]:
    """Materialised paths of areas as of now; abolished areas are left out."""
    return dict(AreaVersion.objects.filter(area_id__in=area_ids, valid_to=None).values_list("area_id", "path"))


def area_name(area_id: int) -> str:
    """The present name of an area; its last one if it was abolished."""
    found = AreaVersion.objects.filter(area_id=area_id).order_by("-valid_from").values_list("name", flat=True).first()
    return found or ""


def within(paths: list[tuple[str, str]] | None, column: str = "path") -> Q:
    """A condition for half-open ranges of paths; ``None`` = everywhere, an empty list = nowhere."""
    if paths is None:
        return Q()
    condition = Q(pk__in=[])
    for low, high in paths:
        condition |= Q(**{f"{column}__gte": low, f"{column}__lt": high})
    return condition


def areas(actor: Actor, day: date | None = None) -> QuerySet[AreaVersion]:
    """Areas inside the actor's grants on a day (default: as of now)."""
    found = AreaVersion.objects.filter(within(visible_paths(actor, VIEW_AREA)))
    return found.filter(on_day(day)) if day else found.filter(valid_to=None)


def area(actor: Actor, code: str, day: date | None = None) -> AreaVersion:
    """One area by code. Raises Missing when it does not exist or lies outside the grants: the two look alike."""
    found = areas(actor, day).filter(code=code).first()
    if found is None:
        raise Missing("no_such_area", f"没有找到区划 {code}。", f"There is no area {code}.", area=code)
    return found


def areas_beginning_with(actor: Actor, text: str) -> QuerySet[AreaVersion]:
    """Areas of today within the grants whose name or code begins with the text; none for an empty one."""
    if not text:
        return AreaVersion.objects.none()
    return areas(actor).filter(Q(name__startswith=text) | Q(code__startswith=text))


def ancestors(version: AreaVersion, day: date | None = None) -> list[AreaVersion]:
    """The areas above, from the top down, the area itself last."""
    found = AreaVersion.objects.filter(area_id__in=ids(version.path))
    found = found.filter(on_day(day)) if day else found.filter(valid_to=None)
    return sorted(found, key=lambda item: len(item.path))


def subtree(version: AreaVersion) -> tuple[str, str]:
    """The half-open range of paths of an area and all below it."""
    return access.subtree(version.path)


# -- households ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Placed:
    """A household with the village where it lives on the day asked for."""

    household: Household
    village: AreaVersion
    group_name: str


def household_id_of(code: str) -> int | None:
    """The id of a household code, for grants."""
    return Household.objects.filter(code=code).values_list("id", flat=True).first()


def household(actor: Actor, code: str, day: date) -> Placed:
    """A household within the grants. Raises Missing otherwise: outside and not existing look alike."""
    residence = (
        Residence.objects.filter(on_day(day), household__code=code).select_related("household").first()
        or Residence.objects.filter(household__code=code).select_related("household").order_by("valid_from").first()
    )
    village = AreaVersion.objects.filter(on_day(day), area_id=residence.area_id).first() if residence else None
    if residence is None or village is None or not _sees(actor, residence.household_id, village.path):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.", household=code)
    return Placed(residence.household, village, residence.group_name)


def _sees(actor: Actor, household_id: int, path: str) -> bool:
    ranges = visible_paths(actor, VIEW_HOUSEHOLD)
    if ranges is None or any(low <= path < high for low, high in ranges):
        return True
    return household_id in visible_ids(actor, VIEW_HOUSEHOLD, "household")


# -- data issues --------------------------------------------------------------------------------------------------


def open_issues(actor: Actor, *, code: str = "", subject: str = "") -> QuerySet[DataIssue]:
    """Open data issues of the households in the actor's grants; of everything, where the grants are everywhere."""
    require(actor, VIEW_HOUSEHOLD)
    found = DataIssue.objects.filter(closed_at=None).select_related("sheet").order_by("code", "subject", "row")
    ranges = visible_paths(actor, VIEW_HOUSEHOLD)
    if ranges is not None:
        villages = AreaVersion.objects.filter(within(ranges), level="village", valid_to=None).values("area_id")
        mine = Residence.objects.filter(valid_to=None, area_id__in=villages).values("household__code")
        found = found.filter(subject__in=mine)
    if code:
        found = found.filter(code=code)
    if subject:
        found = found.filter(subject=subject)
    return found
