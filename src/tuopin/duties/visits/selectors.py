"""Reading visits: of a household, one with all that the reader may know, what is mine and falls due.

What people said and wrote stands in the class ``health``: who is not opened it sees that there was a visit, when and by
whom, the findings of items that tell nothing closed, and the problems of open sorts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from tuopin.platform.access import SENSITIVE, field_classes_at, may
from tuopin.register.models import AreaVersion, Household, PersonCard
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import within

from ..lasting import lasting_household_ids
from ..models import Official
from ..permissions import VIEW_VISIT
from ..selectors import own_official, ranges_at
from . import kinds, photos, reach, troubles
from .items import asked_at
from .models import Visit, VisitBy, VisitFinding, VisitMet, VisitPlace, VisitProblem
from .services import no_such_visit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

    from .items import Asked
    from .models import VisitPhoto

TEXTS = "health"
"""The class of what people said and wrote."""
KEPT_DAYS = 365
"""How long a place is kept after the day."""


@dataclass(frozen=True, slots=True)
class Said:
    """A version as the reader may see it. ``closed``: parts of it are not open. ``by``: names of who was there."""

    visit: Visit
    by: tuple[str, ...]
    met: tuple[str, ...]
    findings: tuple[tuple[Asked, VisitFinding], ...]
    texts: bool
    closed: bool

    @property
    def sort(self) -> Title | None:
        return kinds.sorts().get(self.visit.sort)

    @property
    def why_not(self) -> Title | None:
        return kinds.reasons().get(self.visit.why_not)


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit with its versions, the newest first. ``place`` is shown to those who were there or recorded it; others
    are told that one is kept, until ``place_until``."""

    versions: tuple[Said, ...]
    photos: tuple[VisitPhoto, ...]
    problems: tuple[tuple[kinds.ProblemSort | None, VisitProblem], ...]
    household: Household | None
    village: AreaVersion
    place: VisitPlace | None
    has_place: bool
    place_until: date
    second_look: date | None

    @property
    def newest(self) -> Said:
        return self.versions[0]


def visits(actor: Actor, place: AreaVersion | None = None) -> QuerySet[Visit]:
    """The visits within the grants (in ``place``), as they stand: those to households by where these live now, or lived
    last."""
    found = Visit.objects.filter(superseded_at=None)
    return _within(found, actor, place)


def _within[M: (Visit, VisitProblem)](found: QuerySet[M], actor: Actor, place: AreaVersion | None) -> QuerySet[M]:
    """Where the actor may see both visits and households: rows name households."""
    for permission in (VIEW_VISIT, VIEW_HOUSEHOLD):
        ranges = ranges_at(actor, permission, place)
        if ranges is not None:
            found = found.filter(_inside(ranges))
    return found


def _inside(ranges: list[tuple[str, str]]) -> Q:
    """What lies in ranges of paths: of households and areas that are no more by where they lived or lay last, so that a
    visit to what was merged, and a problem found there, is not lost."""
    now = AreaVersion.objects.filter(area_id=OuterRef("area_id"), valid_to=None)
    last = AreaVersion.objects.filter(within(ranges)).filter(Q(valid_to=None) | ~Exists(now))
    homes = lasting_household_ids(ranges)
    return Q(household_id__in=homes) | Q(household=None, area_id__in=last.values("area_id"))


def problems(actor: Actor, place: AreaVersion | None, classes: Collection[str] | None) -> QuerySet[VisitProblem]:
    """Problems found at visits, of the sorts open to a reader with these classes, within the grants. What later rooms
    take up: a row is one target, sort and item as long as it is open."""
    found = VisitProblem.objects.exclude(sort__in=troubles.closed_sorts(classes))
    if classes is not None:
        found = found.filter(sort__in=list(kinds.problem_sorts()))
    return _within(found, actor, place)


def of_household(household_id: int, most: int) -> list[Visit]:
    """The newest visits to a household as they stand; the caller has checked the household."""
    found = Visit.objects.filter(household_id=household_id, superseded_at=None)
    return list(found.order_by("-day", "-pk")[:most])


def names_of(visit_ids: Collection[int]) -> dict[int, list[str]]:
    """Who was there, by visit: one statement."""
    found: dict[int, list[str]] = {}
    rows = VisitBy.objects.filter(visit_id__in=visit_ids).order_by("pk").values_list("visit_id", "official__name")
    for key, name in rows:
        found.setdefault(key, []).append(name)
    return found


def visible(actor: Actor, number: int) -> tuple[Visit, str]:
    """The version that stands of a visit that the reader may see, and the path by which grants count. Raises
    Missing."""
    found = Visit.objects.filter(number=number, superseded_at=None).first() if 0 < number < 2**63 else None
    if found is None:
        raise no_such_visit()
    path = reach.path_of(found)
    if not may(actor, VIEW_VISIT, area_path=path, household_id=found.household_id) or (
        found.household_id is not None
        and not may(actor, VIEW_HOUSEHOLD, area_path=path, household_id=found.household_id)
    ):
        raise no_such_visit()
    return found, path


def opened(actor: Actor, number: int) -> Opened:
    """A visit with all that the reader may know, in a fixed number of statements. Raises Missing."""
    newest, path = visible(actor, number)
    classes = field_classes_at(actor, VIEW_VISIT, path, newest.household_id)
    versions = list(Visit.objects.filter(number=number).order_by("-version"))
    keys = [each.pk for each in versions]
    village = AreaVersion.objects.filter(area_id=newest.area_id).order_by("-valid_from")[0]
    asked = asked_at(village, newest.day) if newest.household_id is not None else {}
    by, met = names_of(keys), _met(keys)
    findings: dict[int, list[VisitFinding]] = {}
    for each in VisitFinding.objects.filter(visit_id__in=keys).order_by("pk"):
        findings.setdefault(each.visit_id, []).append(each)
    said = tuple(
        _said(each, by.get(each.pk, []), met.get(each.pk, []), findings.get(each.pk, []), asked, classes)
        for each in versions
    )
    found = VisitProblem.objects.filter(visit_number=number).order_by("pk")
    told = [each for each in found if troubles.told(each, classes)]
    place = VisitPlace.objects.filter(visit_number=number, photo=None).first()
    return Opened(
        said,
        tuple(photos.of(number)),
        tuple((kinds.problem_sorts().get(each.sort), each) for each in told),
        Household.objects.filter(pk=newest.household_id).first() if newest.household_id is not None else None,
        village,
        place if _was_there(actor, newest) else None,
        place is not None,
        newest.day + timedelta(days=KEPT_DAYS),
        second_look(newest),
    )


def _said(
    visit: Visit, by: list[str], met: list[str], findings: Sequence[VisitFinding], asked: dict[str, Asked],
    classes: frozenset[str] | None,
) -> Said:  # fmt: skip
    texts = classes is None or TEXTS in classes
    shown = tuple(
        (asked[each.item], each) for each in findings if each.item in asked and asked[each.item].opened(classes)
    )
    # an item that the standard no longer has is told only to whom nothing is closed
    all_open = classes is None or classes >= SENSITIVE
    texts_of = (visit.said, visit.note, visit.why_not_note, visit.met_others, visit.reason)
    wrote = any(texts_of) or any(each.note for each in findings)
    return Said(visit, tuple(by), tuple(met), shown, texts, (wrote and not texts) or (
        len(shown) < len(findings) and not all_open
    ))  # fmt: skip


def _met(visit_ids: Collection[int]) -> dict[int, list[str]]:
    rows = list(VisitMet.objects.filter(visit_id__in=visit_ids).order_by("pk").values_list("visit_id", "person_id"))
    names = dict(PersonCard.objects.filter(pk__in={person for _visit, person in rows}).values_list("pk", "name"))
    found: dict[int, list[str]] = {}
    for visit, person in rows:
        found.setdefault(visit, []).append(names.get(person, "—"))
    return found


def _was_there(actor: Actor, visit: Visit) -> bool:
    if actor.user_id is None or actor.kind != "user":
        return False
    there = VisitBy.objects.filter(visit=visit, official__user_id=actor.user_id)
    return visit.user_id == actor.user_id or there.exists()


def second_look(visit: Visit) -> date | None:
    """By when a household that was not reached is to be looked for again; None where it was, or has been since."""
    if visit.outcome != Visit.Outcome.NOT_REACHABLE or visit.taken_back_at is not None:
        return None
    met = Visit.objects.filter(
        household_id=visit.household_id or 0, day__gte=visit.day, outcome=Visit.Outcome.MET, superseded_at=None,
        taken_back_at=None,
    )  # fmt: skip
    return None if met.exists() else kinds.second_look_by(visit.day)


def not_reached_since(household_ids: Collection[int] | None = None) -> QuerySet[Visit]:
    """Visits that reached nobody and were not followed by one that did: each waits for a second look."""
    met = Visit.objects.filter(
        household_id=OuterRef("household_id"), day__gte=OuterRef("day"), outcome=Visit.Outcome.MET, superseded_at=None,
        taken_back_at=None,
    )  # fmt: skip
    found = Visit.objects.filter(
        ~Exists(met), outcome=Visit.Outcome.NOT_REACHABLE, superseded_at=None, taken_back_at=None
    )
    return found if household_ids is None else found.filter(household_id__in=household_ids)


def open_problem_counts(household_ids: Collection[int], classes: Collection[str] | None) -> dict[int, int]:
    """How many problems are open, by household, of the sorts open to the reader."""
    rows = VisitProblem.objects.filter(household_id__in=household_ids, settled_at=None)
    rows = rows.exclude(sort__in=troubles.closed_sorts(classes))
    counts = rows.values_list("household_id").annotate(n=Count("pk"))
    return {key: n for key, n in counts if key is not None}


def official_of(actor: Actor) -> Official | None:
    """The official whose account it is."""
    number = own_official(actor)
    return Official.objects.filter(pk=number).first() if number is not None else None
