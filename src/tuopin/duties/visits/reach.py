"""What a visit may be recorded of, and by whom: targets with their places and classes, officials, duties on the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import field_classes_at, may, require, visible_ids, visible_paths
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.areas import ids
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Residence

from ..models import Assignment
from ..permissions import RECORD_VISIT, VIEW_OFFICIAL
from ..selectors import officials as officials_seen
from ..selectors import own_official
from .drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .models import Visit

UNKNOWN_HOME = "not_here"


@dataclass(frozen=True, slots=True)
class Target:
    """``path``: where it lies now, by which grants count; ``home``: the village on the day of the visit."""

    path: str
    home: int


def targets(actor: Actor, drafts: Sequence[Draft]) -> list[Target]:
    """Where each draft's target lies. Raises Refused without the permission anywhere, Missing for what is outside the
    grants or not there, Problem for a household that was not on the register on the day."""
    require(actor, RECORD_VISIT)
    households = {each.household_id for each in drafts if each.household_id is not None}
    areas = {each.area_id for each in drafts if each.area_id is not None}
    paths = dict(register.household_paths(households)) if households else {}
    places = dict(
        AreaVersion.objects.filter(area_id__in=listed(areas), valid_to=None).values_list("area_id", "path")
    ) if areas else {}  # fmt: skip
    ranges = visible_paths(actor, RECORD_VISIT)
    single = visible_ids(actor, RECORD_VISIT, "household")
    homes = _homes(households)
    found = []
    for each in drafts:
        path = paths.get(each.household_id or 0) if each.household_id is not None else places.get(each.area_id or 0)
        inside = path is not None and (ranges is None or any(low <= path < high for low, high in ranges))
        if path is None or (not inside and each.household_id not in single):
            raise outside()
        home = each.area_id if each.household_id is None else _home(homes.get(each.household_id, []), each.day)
        if home is None:
            raise Problem(
                UNKNOWN_HOME,
                f"{each.day} 这户不在登记册上，不能记这一天的走访。请核对日期。",
                f"The household was not on the register on {each.day}: check the day.",
                day=each.day.isoformat(),
            )
        found.append(Target(path, home))
    return found


def outside() -> Missing:
    """What is said of everything that is not there, or not for this reader."""
    return Missing(
        "no_such_target",
        "没有找到这一户或这个区域，或不在您的管辖范围内。",
        "There is no such household or area, or it lies outside your grants.",
    )


def _homes(household_ids: Collection[int]) -> dict[int, list[Residence]]:
    found: dict[int, list[Residence]] = {}
    for each in Residence.objects.filter(household_id__in=listed(household_ids)) if household_ids else ():
        found.setdefault(each.household_id, []).append(each)
    return found


def _home(lived: Iterable[Residence], day: date) -> int | None:
    return next(
        (each.area_id for each in lived if each.valid_from <= day and (each.valid_to is None or each.valid_to > day)),
        None,
    )


def classes_at(actor: Actor, path: str, household_id: int | None) -> frozenset[str] | None:
    """Classes of fields open to who records there; None = all."""
    return classes_for(actor, RECORD_VISIT, path, household_id)


def check_officials(actor: Actor, drafts: Sequence[Draft], found: Sequence[Target]) -> None:
    """Raise Missing for an official that the actor may not name: oneself, those on duty at the target on the day, and
    those whom one may see."""
    own = own_official(actor)
    on_duty = _on_duty(drafts, found)
    asked = {
        official
        for at, draft in enumerate(drafts)
        for official in draft.officials
        if official != own and official not in on_duty[at]
    }
    if not asked:
        return
    seen = (
        set(officials_seen(actor).filter(pk__in=listed(asked)).values_list("pk", flat=True))
        if may(actor, VIEW_OFFICIAL)
        else set()
    )
    if seen != asked:
        raise Missing(
            "no_such_official",
            "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )


@dataclass(slots=True)
class _Duties:
    """Assignments around some visits, and the areas that each home lies in."""

    rows: list[Assignment]
    above: dict[int, set[int]]

    def of(self, draft: Draft, target: Target) -> list[Assignment]:
        """Those to the household of a draft, or to an area that the target lies in."""
        areas = self.above.get(target.home, set())
        return [
            row
            for row in self.rows
            if (row.household_id is not None and row.household_id == draft.household_id) or row.area_id in areas
        ]


def _duties(drafts: Sequence[Draft], found: Sequence[Target]) -> _Duties:
    """Two statements, however many drafts there are."""
    above: dict[int, set[int]] = {}
    homes = {target.home for target in found}
    for area, path in AreaVersion.objects.filter(area_id__in=listed(homes)).values_list("area_id", "path"):
        above.setdefault(area, set()).update(ids(path))
    every = set().union(*above.values()) if above else set()
    households = {draft.household_id for draft in drafts if draft.household_id is not None}
    rows = Assignment.objects.filter(Q(household_id__in=listed(households)) | Q(area_id__in=listed(every)))
    columns = ("official_id", "household_id", "area_id", "role", "name", "unit", "valid_from", "valid_to")
    return _Duties(list(rows.only(*columns)), above)


def _live(row: Assignment, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or row.valid_to > day)


def _on_duty(drafts: Sequence[Draft], found: Sequence[Target]) -> list[set[int]]:
    """Who answers for the household, or for an area that it lies in, on the day of each draft."""
    duties = _duties(drafts, found)
    return [
        {row.official_id for row in duties.of(draft, target) if _live(row, draft.day)}
        for draft, target in zip(drafts, found, strict=True)
    ]


def notes(drafts: Sequence[Draft], found: Sequence[Target]) -> list[tuple[Title, ...]]:
    """What makes a visit count for no duty, by draft: it was before the assignment began, or there is none."""
    duties = _duties(drafts, found)
    made = []
    for draft, target in zip(drafts, found, strict=True):
        rows = duties.of(draft, target)
        told = [_note([row for row in rows if row.official_id == each], draft.day) for each in draft.officials]
        made.append(tuple(dict.fromkeys(each for each in told if each is not None)))
    return made


def _note(rows: Sequence[Assignment], day: date) -> Title | None:
    if any(_live(row, day) for row in rows):
        return None
    later = [row.valid_from for row in rows if row.valid_from > day]
    if later:
        begin = min(later).isoformat()
        return Title(
            f"责任自 {begin} 起，{day} 的走访早于责任开始，已记录，不计入走访责任。",
            f"The duty began on {begin}: the visit of {day} is recorded and counts for no duty.",
        )
    return Title(
        "走访人当天对这里没有责任，已记录，不计入走访责任。",
        "The visitor answers for nothing here that day: the visit is recorded and counts for no duty.",
    )


def colleagues(household_id: int | None, home: int, day: date) -> list[tuple[int, str, str]]:
    """Official, name and role of those on duty at a target on a day: whom a form offers as having been there too."""
    target = Target("", home)
    draft = Draft(day=day, officials=(), household_id=household_id, area_id=None if household_id else home)
    rows = [row for row in _duties([draft], [target]).of(draft, target) if _live(row, day)]
    return list({row.official_id: (row.official_id, row.name, row.role) for row in reversed(rows)}.values())


# -- places -------------------------------------------------------------------------------------------------------


def path_of(visit: Visit) -> str:
    """Where the target of a visit lies now: that of its household, else of its area; '' where it is no more."""
    key = (visit.household_id, visit.area_id)
    return paths_of_targets([key]).get(key, "")


def paths_of_targets(pairs: Collection[tuple[int | None, int]]) -> Mapping[tuple[int | None, int], str]:
    """The paths by which grants count, by (household, area). Three statements. A household that lives nowhere any more
    belongs to where it lived last, as for ``register.selectors.household``; an area that ended to its last path."""
    households = {household for household, _area in pairs if household is not None}
    lived = Residence.objects.filter(household_id__in=listed(households)).order_by("valid_from")
    homes = dict(lived.values_list("household_id", "area_id"))
    areas = set(homes.values()) | {area for _household, area in pairs}
    versions = AreaVersion.objects.filter(area_id__in=listed(areas)).order_by("valid_from")
    paths = dict(versions.values_list("area_id", "path"))
    return {
        (household, area): paths.get(homes.get(household, area) if household is not None else area, "")
        for household, area in pairs
    }


def classes_for(actor: Actor, permission: str, path: str, household_id: int | None) -> frozenset[str] | None:
    """Classes of fields open to the actor there under a permission; None = all."""
    return field_classes_at(actor, permission, path, household_id)
