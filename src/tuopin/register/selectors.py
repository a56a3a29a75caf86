"""Reading the register. Every selector that shows people takes the actor and applies the grants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Q
from django.utils import timezone

from tuopin.platform import access
from tuopin.platform.access import may, page_memo, require, visible_ids, visible_paths
from tuopin.platform.problems import Missing

from .areas import ids
from .models import AreaVersion, DataIssue, Household, Residence
from .permissions import VIEW_AREA, VIEW_HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
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


def area_ids_within(ranges: list[tuple[str, str]]) -> QuerySet[AreaVersion, int]:
    """The ids of the areas of today in ranges of paths, as a subquery, for grants."""
    return AreaVersion.objects.filter(within(ranges), valid_to=None).values_list("area_id", flat=True)


def household_ids_within(ranges: list[tuple[str, str]]) -> QuerySet[Residence, int]:
    """The ids of the households living in ranges of paths today, as a subquery, for grants."""
    return Residence.objects.filter(valid_to=None, area_id__in=area_ids_within(ranges)).values_list(
        "household_id", flat=True
    )


def household_paths(household_ids: Collection[int]) -> Mapping[int, str]:
    """The path of the village where each household lives today, for grants; those who live nowhere are left out."""
    lives = dict(
        Residence.objects.filter(household_id__in=household_ids, valid_to=None).values_list("household_id", "area_id")
    )
    paths = paths_of(set(lives.values()))
    return {household_id: paths[area_id] for household_id, area_id in lives.items() if area_id in paths}


def household_codes(household_ids: Collection[int]) -> Mapping[int, str]:
    """The codes of households by id, for lists of grants and readings."""
    return dict(Household.objects.filter(pk__in=household_ids).values_list("id", "code"))


def area_names(area_ids: Collection[int]) -> Mapping[int, str]:
    """The present names of areas; the last ones of those that were abolished."""
    found = AreaVersion.objects.filter(area_id__in=area_ids).order_by("valid_from").values_list("area_id", "name")
    return dict(found)


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
    """One area by code. Raises Missing when it does not exist or lies outside the grants: the two look alike.

    Codes are those of today, also with a day: an area is found as it was then, whatever its code was. One that is no
    more is found by the code that it had on the day.
    """
    found = None
    if day is not None:
        same = AreaVersion.objects.filter(code=code, valid_to=None).values("area_id")
        found = areas(actor, day).filter(area_id__in=same).first()
    if found is None:
        found = areas(actor, day).filter(code=code).first() if day is not None else if_open(actor, code)
    if found is None:
        _say_what_became(actor, code)
        raise Missing("no_such_area", f"没有找到区划 {code}。", f"There is no area {code}.", area=code)
    return found


def if_open(actor: Actor, code: str) -> AreaVersion | None:
    """One of :func:`areas` by its code of now, read together with those above it; None where there is none."""
    ranges = visible_paths(actor, VIEW_AREA)
    found = standing("code", code) if ranges is None or ranges else None
    if found is None or ranges is None or any(low <= found.path < high for low, high in ranges):
        return found
    return None


_ABOVE = "register.above:"


def standing(column: Literal["area_id", "code"], value: int | str) -> AreaVersion | None:
    """An area that has not ended, read together with those above it: its page names them too."""
    rows = AreaVersion.objects.raw(
        f"""
        WITH RECURSIVE up (area_id, parent_id) AS (
          SELECT area_id, parent_id FROM register_area_version WHERE {column} = %s AND valid_to IS NULL
          UNION SELECT v.area_id, v.parent_id FROM register_area_version v JOIN up ON v.area_id = up.parent_id
          WHERE v.valid_to IS NULL)
        SELECT * FROM register_area_version WHERE valid_to IS NULL AND area_id IN (SELECT area_id FROM up)
        """,  # noqa: S608 - one of two names
        [value],
    )
    above = sorted(rows, key=lambda each: len(each.path))
    found = next((each for each in above if getattr(each, column) == value), None)
    if found is not None and [each.area_id for each in above] == list(ids(found.path)):
        page_memo()[f"{_ABOVE}{found.pk}"] = above
    return found


def _say_what_became(actor: Actor, code: str) -> None:
    """Raise Missing with what an area is now that had this code once, where the actor may see that."""
    from .events.areas.mapping import former_with_code  # which asks here

    once = former_with_code(actor, code) if code else None
    if once is None or not once.now:
        return
    zh = "、".join(f"{each.name}（{each.code}）" for each in once.now)
    en = ", ".join(f"{each.name} ({each.code})" for each in once.now)
    day = once.version.valid_to
    raise Missing(
        "area_ended",
        f"{once.version.name}（{code}）到 {day} 为止，现在是 {zh}。",
        f"{once.version.name} ({code}) ended on {day}; it is {en} now.",
        area=code,
        now=[each.code for each in once.now],
    )


def areas_beginning_with(actor: Actor, text: str) -> QuerySet[AreaVersion]:
    """Areas of today within the grants whose name or code begins with the text; none for an empty one."""
    if not text:
        return AreaVersion.objects.none()
    return areas(actor).filter(Q(name__startswith=text) | Q(code__startswith=text))


def ancestors(version: AreaVersion, day: date | None = None) -> list[AreaVersion]:
    """The areas above, from the top down, the area itself last."""
    held: list[AreaVersion] | None = None if day else page_memo().get(f"{_ABOVE}{version.pk}")
    if held is not None:
        return held
    found = AreaVersion.objects.filter(area_id__in=ids(version.path))
    found = found.filter(on_day(day)) if day else found.filter(valid_to=None)
    return sorted(found, key=lambda item: len(item.path))


def subtree(version: AreaVersion) -> tuple[str, str]:
    """The half-open range of paths of an area and all below it."""
    return access.subtree(version.path)


# -- households ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Placed:
    """A household with the village where it lives now: by that its grants and classes of fields are asked.

    ``memo`` holds what the rooms have read of it for one page (``household_file.file_of``), by a name of the room's.
    """

    household: Household
    village: AreaVersion
    group_name: str
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


RESIDENCES = "register.residences"
"""In the memo of a placed household: where it lived and lives, the oldest first."""
_RESIDENCES = 200  # no household moves more often


def household_id_of(code: str) -> int | None:
    """The id of a household code, for grants."""
    return Household.objects.filter(code=code).values_list("id", flat=True).first()


def household(actor: Actor, code: str) -> Placed:
    """A household within the grants. Raises Missing otherwise: outside and not existing look alike.

    It is judged by where it lives now (its last home, if it has left the register), whatever day the caller shows:
    after a move all of it, its old verdicts too, belongs to the readers of the new village, and the old village opens
    it no more. Lists of an old evaluation still count it where it lived on that day (``standards.results``).
    """
    lived = list(
        Residence.objects.filter(household__code=code).select_related("household").order_by("valid_from")[:_RESIDENCES]
    )
    home = _home(lived)
    village = _version(home.area_id) if home else None
    if home is None or village is None or not _sees(actor, home.household_id, village.path):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.", household=code)
    return Placed(home.household, village, home.group_name, {RESIDENCES: lived})


def _home(lived: Sequence[Residence]) -> Residence | None:
    """Where a household lives today, else where it lived last; ``lived`` in the order of time."""
    today = timezone.localdate()
    there = [each for each in lived if each.valid_from <= today and (each.valid_to is None or each.valid_to > today)]
    return (there or lived)[-1] if lived else None


def _version(area_id: int) -> AreaVersion | None:
    """An area as it is today, else as it was last."""
    found = standing("area_id", area_id)
    if found is not None and found.valid_from <= timezone.localdate():
        return found
    versions = AreaVersion.objects.filter(area_id=area_id)
    return versions.filter(on_day(timezone.localdate())).first() or versions.order_by("-valid_from").first()


def home_on(placed: Placed, day: date) -> tuple[AreaVersion, str]:
    """The village and group where a household lived on a day; those of now if it was not on the register that day."""
    lived: list[Residence] = placed.memo.get(RESIDENCES, [])
    there = [each for each in lived if each.valid_from <= day and (each.valid_to is None or each.valid_to > day)]
    if not there:
        return placed.village, placed.group_name
    versions = AreaVersion.objects.filter(area_id=there[0].area_id)
    return versions.filter(on_day(day)).first() or placed.village, there[0].group_name


def opened_households(actor: Actor, household_ids: Collection[int]) -> frozenset[int]:
    """Those of some households that the actor may open (:func:`household`): two statements, however many there are."""
    ranges = visible_paths(actor, VIEW_HOUSEHOLD)
    if ranges is None:
        return frozenset(household_ids)
    lived: dict[int, list[Residence]] = {}
    for each in Residence.objects.filter(household_id__in=household_ids).order_by("valid_from"):
        lived.setdefault(each.household_id, []).append(each)
    homes = {key: home.area_id for key, found in lived.items() if (home := _home(found)) is not None}
    paths: dict[int, str] = {}
    today = timezone.localdate()
    for version in AreaVersion.objects.filter(area_id__in=set(homes.values()), valid_from__lte=today).order_by(
        "valid_from"
    ):
        paths[version.area_id] = version.path
    inside = {
        key for key, area_id in homes.items() if any(low <= paths.get(area_id, "") < high for low, high in ranges)
    }
    return frozenset(inside | (visible_ids(actor, VIEW_HOUSEHOLD, "household") & set(household_ids)))


def _sees(actor: Actor, household_id: int, path: str) -> bool:
    ranges = visible_paths(actor, VIEW_HOUSEHOLD)
    if ranges is None or any(low <= path < high for low, high in ranges):
        return True
    return household_id in visible_ids(actor, VIEW_HOUSEHOLD, "household")


def sees_names(actor: Actor, path: str, household_id: int) -> bool:
    """Whether the actor is shown the names of a household's members.

    The one rule, for the table of members and for explanations alike: who may open the household sees the names of
    its members; ID number, birth date and all else stand in classes of fields of their own.
    """
    return may(actor, VIEW_HOUSEHOLD, area_path=path, household_id=household_id)


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
