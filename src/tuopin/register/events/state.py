"""What the register says of the households and persons that an event is about, read as a set."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count

from tuopin.platform.access import visible_paths

from ..correcting.subjects import listed
from ..models import (
    AreaVersion,
    EventSubject,
    Household,
    Membership,
    PersonIdentity,
    RegisterEvent,
    Residence,
    StatusPeriod,
)
from ..permissions import RECORD_EVENTS
from .areas import mapping as areas_map

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from tuopin.platform.access import Actor


@dataclass(slots=True)
class House:
    """A household with all its dated rows, the oldest first. ``home``: where it lives, or lived last; of one that has
    left a village that is no more, what that one ``became``."""

    id: int
    code: str
    residences: list[Residence] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    statuses: list[StatusPeriod] = field(default_factory=list)
    became: int = 0

    @property
    def residence(self) -> Residence | None:
        """The open one."""
        return next((row for row in self.residences if row.valid_to is None), None)

    @property
    def home(self) -> int:
        """The village where it lives, or lived last; 0 if it never lived anywhere."""
        if self.became:
            return self.became
        row = self.residence or (self.residences[-1] if self.residences else None)
        return row.area_id if row is not None else 0

    @property
    def members(self) -> list[Membership]:
        """The open memberships."""
        return [row for row in self.memberships if row.valid_to is None]

    @property
    def open_statuses(self) -> list[StatusPeriod]:
        return [row for row in self.statuses if row.valid_to is None]

    def mark(self) -> str:
        """Changes with everything that an event could have changed: who looked at an earlier one is told."""
        rows = (
            [self.residence.pk if self.residence else 0],
            sorted(row.pk for row in self.members),
            sorted(row.pk for row in self.open_statuses),
            self.code,
        )
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:20]


@dataclass(slots=True)
class State:
    """``memberships`` are all of the persons asked for, by person; ``villages`` the areas of today by id."""

    houses: dict[int, House]
    memberships: dict[int, list[Membership]]
    villages: dict[int, AreaVersion]
    identities: dict[int, PersonIdentity]
    ranges: list[tuple[str, str]] | None
    dead: frozenset[int] = frozenset()  # persons whose death is recorded
    began: dict[int, date] = field(default_factory=dict)  # the first day of each area asked for
    splits: dict[int, int] = field(default_factory=dict)  # how often each household was split, taken back or not

    def reaches(self, area_id: int) -> bool:
        """Whether the actor may record events there."""
        version = self.villages.get(area_id)
        return version is not None and (
            self.ranges is None or any(low <= version.path < high for low, high in self.ranges)
        )


def count_splits(households: Collection[int]) -> dict[int, int]:
    """How often each household was split, taken back or not."""
    found = RegisterEvent.objects.filter(household_id__in=listed(sorted(households)), kind="split")
    return dict(found.values_list("household_id").annotate(number=Count("pk")))


def _villages(area_ids: set[int]) -> tuple[dict[int, AreaVersion], dict[int, date]]:
    """Areas of today, and the first day of each."""
    villages: dict[int, AreaVersion] = {}
    began: dict[int, date] = {}
    for version in AreaVersion.objects.filter(area_id__in=listed(sorted(area_ids))).order_by("valid_from"):
        began.setdefault(version.area_id, version.valid_from)
        if version.valid_to is None:
            villages[version.area_id] = version
    return villages, began


def load(actor: Actor, households: Collection[int], persons: Collection[int], areas: Collection[int]) -> State:
    """Eight statements, however many they are; a few more where a village has ended."""
    houses = {
        key: House(key, code)
        for key, code in Household.objects.filter(pk__in=listed(sorted(households))).values_list("pk", "code")
    }
    for residence in Residence.objects.filter(household_id__in=listed(houses)).order_by("valid_from"):
        houses[residence.household_id].residences.append(residence)
    for member in Membership.objects.filter(household_id__in=listed(houses)).order_by("valid_from", "pk"):
        houses[member.household_id].memberships.append(member)
    for status in StatusPeriod.objects.filter(household_id__in=listed(houses)).order_by("valid_from"):
        houses[status.household_id].statuses.append(status)
    people = set(persons) | {row.person_id for house in houses.values() for row in house.memberships}
    memberships: dict[int, list[Membership]] = {}
    for member in Membership.objects.filter(person_id__in=listed(sorted(people))).order_by("valid_from", "pk"):
        memberships.setdefault(member.person_id, []).append(member)
    identities = {
        row.person_id: row
        for row in PersonIdentity.objects.filter(person_id__in=listed(sorted(people)), superseded_at=None).order_by(
            "as_of"
        )
    }
    villages, began = _villages(set(areas) | {house.home for house in houses.values()})
    left = {house.home for house in houses.values() if house.residence is None} - set(villages)
    if left:
        became = {key: found[0] for key, found in areas_map.followed(left).items() if len(found) == 1}
        for house in houses.values():
            house.became = became.get(house.home, 0) if house.residence is None else 0
        more = _villages(set(became.values()))
        villages, began = villages | more[0], began | more[1]
    dead = EventSubject.objects.filter(
        person_id__in=listed(sorted(people)), event__kind="death", event__undone=None
    ).values_list("person_id", flat=True)
    return State(
        houses,
        memberships,
        villages,
        identities,
        visible_paths(actor, RECORD_EVENTS),
        frozenset(dead),
        began,
    )
