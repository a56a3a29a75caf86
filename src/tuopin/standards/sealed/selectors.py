"""Reading what was judged from seals, and the registered instances: each within the grants of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, Subquery

from tuopin.platform.access import may, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.standards.models import SealedEvaluation, SealInstance, SeenSeal
from tuopin.standards.permissions import VERIFY_FEDERATION, VIEW
from tuopin.standards.places import AREA_LEVELS
from tuopin.standards.results import WORDS
from tuopin.standards.sealed import files
from tuopin.standards.telling import closed_for, told_letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuopin.platform.access import Actor
    from tuopin.standards.sealed.files import AreaCounts

LISTED = 50


def sealed(actor: Actor, number: int) -> SealedEvaluation:
    """One result. Raises Missing for an unknown one and one of an area outside the grants."""
    row = SealedEvaluation.objects.filter(pk=number).first() if 0 < number < 2**62 else None
    if row is None or not _allowed(actor, row, _paths([row])):
        raise Missing("no_such_result", "没有这次封存核查。", "There is no such result from seals.")
    return row


def newest(actor: Actor, *, joint: bool) -> list[SealedEvaluation]:
    """The newest results that the actor may see, however many others there are. Three queries."""
    asked = SealedEvaluation.objects.filter(joint=joint)
    areas = dict(asked.order_by().values_list("area_id", "path").distinct())
    judged = [SealedEvaluation(joint=joint, area_id=area_id, path=path) for area_id, path in areas.items()]
    paths = _paths(judged)
    opened = {each.area_id for each in judged if _allowed(actor, each, paths)}
    inside = Q(area_id__in=opened - {None}) | (Q(area_id=None) if None in opened else Q(pk__in=[]))
    return list(asked.filter(inside).order_by("-pk")[:LISTED])


def _paths(rows: Sequence[SealedEvaluation]) -> dict[int, str]:
    wanted = {row.area_id for row in rows if row.area_id is not None}
    found = AreaVersion.objects.filter(area_id__in=wanted).order_by("valid_from")
    return dict(found.values_list("area_id", "path"))


def _allowed(actor: Actor, row: SealedEvaluation, paths: dict[int, str]) -> bool:
    permission = VERIFY_FEDERATION if row.joint else VIEW
    if row.area_id is None:
        return visible_paths(actor, permission) is None
    return may(actor, permission, area_path=paths.get(row.area_id, row.path))


def may_list(actor: Actor, row: SealedEvaluation) -> bool:
    """Whether the actor may have the rows of a result, one a subject: of households and persons it needs its own
    permission, over the place. Rows of other instances name nobody, and yet they are one household each: numbers stay
    the same from seal to seal, and whoever has the seals finds them."""
    if row.level in AREA_LEVELS:
        return True
    if row.area_id is None:
        return visible_paths(actor, VIEW_HOUSEHOLD) is None
    return may(actor, VIEW_HOUSEHOLD, area_path=_paths([row]).get(row.area_id, row.path))


@dataclass(frozen=True, slots=True)
class Shown:
    """A result in one of its areas (None: all of it), with what lies right below, and for several instances the cities
    and the counties."""

    row: SealedEvaluation
    area: AreaCounts | None
    below: list[AreaCounts]
    cities: list[AreaCounts]
    counties: list[AreaCounts]


def shown(row: SealedEvaluation, code: str = "", part: int | None = None) -> Shown:
    """The figures of a result that the actor was given. Raises Missing where its files are gone, or for an area that it
    does not have."""
    with files.Result(row.digest) as result:
        if code:
            area = result.coded(code, part)
            if area is None or not area.path.startswith(row.path):
                raise Missing("no_such_area", f"没有找到区划 {code}。", f"There is no area {code}.", area=code)
            return Shown(row, area, result.below(area.path), [], [])
        if row.joint:
            return Shown(row, None, result.highest(), result.of_level("city"), result.of_level("county"))
        area = result.area(row.path) if row.path else None
        return Shown(row, area, result.below(row.path) if row.path else result.highest(), [], [])


def rows(actor: Actor, row: SealedEvaluation) -> Iterator[list[tuple[str, str, str, str, str]]]:
    """(code of the household if the actor may know it, id, code of the area, letters, shown) in chunks, of a result
    whose rows the actor may have. The caller notes the reading."""
    of_households = row.level == "household" and not row.joint
    path = _paths([row]).get(row.area_id or 0, "") if row.joint else row.path  # paths of a joint result are its own
    closed = closed_for(actor, row, path) if row.level == "household" else frozenset()
    for chunk in files.rows(row.digest):
        codes = _codes(actor, [number for number, *_rest in chunk]) if of_households else {}
        yield [
            (codes.get(number, ""), str(number), area or "", told_letters(letters, row.items, closed), facts)
            for number, area, letters, facts in chunk
        ]


def _codes(actor: Actor, numbers: list[int]) -> dict[int, str]:
    from tuopin.register.models import Household

    opened: frozenset[int] = frozenset()
    found: dict[int, str] = {}
    for at in range(0, len(numbers), 5_000):
        some = numbers[at : at + 5_000]
        opened = register.opened_households(actor, some)
        found |= dict(Household.objects.filter(pk__in=opened).values_list("id", "code"))
    return found


def words(letters: str) -> list[str]:
    """The verdicts behind letters."""
    return [WORDS.get(letter, "") for letter in letters]


# -- registered instances ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Registered:
    """An instance with its newest seal and the area that it stands for."""

    row: SealInstance
    area: AreaVersion
    newest: SeenSeal | None
    seals: int


def instances(actor: Actor, permission: str = VERIFY_FEDERATION) -> list[Registered]:
    """The registered instances within the grants, by the code of their areas. Four queries."""
    last = SeenSeal.objects.filter(instance=OuterRef("pk")).order_by("-number").values("pk")[:1]
    found = list(SealInstance.objects.filter(ended_at=None).annotate(last=Subquery(last)))
    areas = AreaVersion.objects.filter(area_id__in=[row.area_id for row in found]).order_by("valid_from")
    versions = {version.area_id: version for version in areas}
    seals = SeenSeal.objects.in_bulk([row.last for row in found])
    counts: dict[int, int] = {}
    for number in SeenSeal.objects.filter(instance__in=found).values_list("instance_id", flat=True):
        counts[number] = counts.get(number, 0) + 1
    listed = [
        Registered(row, versions[row.area_id], seals.get(row.last), counts.get(row.pk, 0))
        for row in found
        if may(actor, permission, area_path=versions[row.area_id].path)
    ]
    return sorted(listed, key=lambda each: (each.area.code, each.row.pk))


def instance(actor: Actor, number: int, permission: str = VERIFY_FEDERATION) -> Registered:
    """One registered instance. Raises Missing."""
    found = next((each for each in instances(actor, permission) if each.row.pk == number), None)
    if found is None:
        raise Missing("no_such_instance", "没有登记这个实例。", "There is no such instance registered.")
    return found
