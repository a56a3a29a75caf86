"""Whom a procedure is about: households and areas within the grants, and who their helpers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.core.procedures import Parties
from tuopin.platform.access import visible_ids, visible_paths
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.problems import Missing
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, HouseholdCard
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import subtree, within
from tuopin.standards.permissions import RUN_PROCEDURE

from .models import Procedure

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.core.procedures import Procedure as Definition
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion as Area

MOST_CANDIDATES = 501
_MOST_AREAS = 40


@dataclass(frozen=True, slots=True)
class Subject:
    """A household or an area as it stands now. ``name`` is that of the head, or of the area; ``status`` the place on
    the axis asked for; ``area_id`` and ``path`` are where it lies."""

    id: int
    level: str
    code: str
    name: str
    area_id: int
    path: str
    status: str


def find(actor: Actor, permission: str, level: str, ids: Collection[int], axis: str = "") -> dict[int, Subject]:
    """Those of the subjects that lie within the grants for ``permission``; of households, who may be opened too.
    One statement."""
    if level != "household":
        areas = AreaVersion.objects.filter(area_id__in=listed(ids), level=level, valid_to=None)
        return _areas(areas.filter(within(visible_paths(actor, permission))))
    cards = HouseholdCard.objects.filter(_households(actor, permission), pk__in=listed(ids))
    return _cards(cards, axis)


def ids_of(level: str, codes: Collection[str]) -> list[int]:
    """Ids of codes of a level; whether they lie within the grants the service asks. Raises Missing."""
    if level == "household":
        found = dict(HouseholdCard.objects.filter(code__in=list(codes)).values_list("code", "pk"))
    else:
        areas = AreaVersion.objects.filter(code__in=list(codes), level=level, valid_to=None)
        found = dict(areas.values_list("code", "area_id"))
    if set(found) != set(codes):
        raise Missing(
            "no_such_procedure", "没有找到，或不在您的管辖范围内。", "There is no such thing within your grants."
        )
    return sorted(found.values())


def _areas(found: QuerySet[Area]) -> dict[int, Subject]:
    return {
        each.area_id: Subject(each.area_id, each.level, each.code, each.name, each.area_id, each.path, "")
        for each in found
    }


def _cards(found: QuerySet[HouseholdCard], axis: str) -> dict[int, Subject]:
    return {
        each.pk: Subject(
            each.pk, "household", each.code, each.head_name, each.area_id or 0, each.path,
            getattr(each, axis, None) or "" if axis in {"registration", "monitoring", "support"} else "",
        )
        for each in found
    }  # fmt: skip


def _households(actor: Actor, permission: str) -> Q:
    """Households under both permissions: to see procedures (or run them), and to open the household."""
    condition = Q()
    for each in (permission, VIEW_HOUSEHOLD):
        ranges = visible_paths(actor, each)
        if ranges is not None:  # everywhere is no condition, which "or" would make one
            condition &= within(ranges) | Q(pk__in=listed(visible_ids(actor, each, "household")))
    return condition


def rows(actor: Actor, permission: str, place: Area | None = None) -> QuerySet[Procedure]:
    """The procedures on subjects that the actor may see under ``permission``, in a place. A household that moved is
    seen by those of its new village."""
    cards = HouseholdCard.objects.filter(_households(actor, permission))
    areas = AreaVersion.objects.filter(within(visible_paths(actor, permission)), valid_to=None)
    if place is not None:
        low, high = subtree(place)
        inside = Q(path__gte=low, path__lt=high)
        cards, areas = cards.filter(inside), areas.filter(inside)
    return Procedure.objects.filter(
        Q(level="household", subject_id__in=cards.values("pk"))
        | (~Q(level="household") & Q(subject_id__in=areas.values("area_id")))
    )


def parties(household_ids: Collection[int], day: date) -> Mapping[int, Parties]:
    """Who helps each household on the day: what the rooms above publish in ``answering.py`` as
    ``helpers(household_ids, day)`` → id → (names, accounts)."""
    names: dict[int, set[str]] = {}
    people: dict[int, set[int]] = {}
    for _room, module in rooms_modules("answering"):
        for key, (called, accounts) in module.helpers(household_ids, day).items():
            names.setdefault(key, set()).update("".join(each.split()).casefold() for each in called)
            people.setdefault(key, set()).update(accounts)
    return {key: Parties(frozenset(names[key]), frozenset(people[key])) for key in names}


def candidates(actor: Actor, procedure: Definition, area: Area) -> dict[int, Subject]:
    """Whom a procedure may be about in an area: households whose status it starts from, areas of its level. One more
    than an act may have, at most."""
    low, high = subtree(area)
    inside = Q(path__gte=low, path__lt=high)
    if procedure.level != "household":
        versions = AreaVersion.objects.filter(inside, level=procedure.level, valid_to=None)
        seen = versions.filter(within(visible_paths(actor, RUN_PROCEDURE)))
        return _areas(seen.order_by("code")[:MOST_CANDIDATES])
    condition = Q(**{f"{procedure.axis}__in": [each for each in procedure.from_ if each]})
    if "" in procedure.from_:
        condition |= Q(**{f"{procedure.axis}__isnull": True})
    cards = HouseholdCard.objects.filter(inside & condition & _households(actor, RUN_PROCEDURE))
    return _cards(cards.order_by("code")[:MOST_CANDIDATES], procedure.axis)


def most(procedure: Definition) -> int:
    """How many are weighed on one page: an area is judged with all that lies in it."""
    return MOST_CANDIDATES - 1 if procedure.level == "household" else _MOST_AREAS


def area_of(subject: Subject) -> Area | None:
    """The area in which a subject lies now (of an area, itself)."""
    return AreaVersion.objects.filter(area_id=subject.area_id, valid_to=None).first()
