"""Counts of areas: every level adds up, ages are reached on the birthday, a count waits once however often asked."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from snapshots import restored
from tuopin.platform.access import local_admin
from tuopin.platform.database import data_version, write
from tuopin.platform.models import Job
from tuopin.register import counting
from tuopin.register.demo import write_city
from tuopin.register.importing.services import import_paths
from tuopin.register.models import (
    AreaCounts,
    AreaVersion,
    DataIssue,
    HouseholdProfile,
    Membership,
    PersonIdentity,
    StatusPeriod,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path: Path) -> None:
    def made() -> None:
        summary = write_city(tmp_path / "city", counties=2, townships=4, villages=12, households=150)
        import_paths(local_admin(), summary.files)

    restored("counted_city", made)


def kind(counts: dict[str, int], name: str) -> Counter[str]:
    return Counter({key.partition(":")[2]: number for key, number in counts.items() if key.startswith(f"{name}:")})


def test_the_city_holds_what_the_register_holds(city: None) -> None:
    assert counting.count_areas() == AreaCounts.objects.count() > 12
    top = AreaVersion.objects.get(level="city")
    row = AreaCounts.objects.get(area_id=top.area_id)
    statuses = StatusPeriod.objects.filter(axis="registration", valid_to=None)
    assert kind(row.counts, "status") == Counter(statuses.values_list("value", flat=True))
    listed = statuses.filter(value__in=counting.ON_REGISTER).values("household_id")
    causes = HouseholdProfile.objects.filter(superseded_at=None, household_id__in=listed)
    expected = Counter(cause or "blank" for cause in causes.values_list("main_cause", flat=True))
    assert kind(row.counts, "cause") == expected
    issues = Counter(DataIssue.objects.filter(closed_at=None).exclude(area=None).values_list("code", flat=True))
    assert kind(row.counts, "issue") == issues
    assert issues
    assert row.data_version == data_version()


def test_ages_are_those_of_the_day(city: None) -> None:
    counting.count_areas()
    top = AreaVersion.objects.get(level="city")
    row = AreaCounts.objects.get(area_id=top.area_id)
    listed = StatusPeriod.objects.filter(axis="registration", valid_to=None, value__in=counting.ON_REGISTER)
    members = Membership.objects.filter(valid_to=None, household_id__in=listed.values("household_id"))
    births = PersonIdentity.objects.filter(superseded_at=None, person_id__in=members.values("person_id"))
    expected: Counter[str] = Counter()
    for born in births.values_list("birth_date", flat=True):
        if born is None:
            expected["blank"] += 1
            continue
        age = row.day.year - born.year - ((row.day.month, row.day.day) < (born.month, born.day))
        expected[str(max(first for first in counting.AGES if first <= age))] += 1
    assert kind(row.counts, "age") == expected


def test_levels_add_up(city: None) -> None:
    counting.count_areas()
    top = AreaVersion.objects.get(level="city")
    below = AreaVersion.objects.filter(parent_id=top.area_id).values("area_id")
    added: Counter[str] = Counter()
    for row in AreaCounts.objects.filter(area_id__in=below):
        added.update(row.counts)
    assert added == Counter(AreaCounts.objects.get(area_id=top.area_id).counts)


def test_a_second_count_replaces_the_first(city: None) -> None:
    first = counting.count_areas()
    assert counting.count_areas() == first
    assert AreaCounts.objects.count() == first


def test_an_import_asks_for_one_count(city: None) -> None:
    assert Job.objects.filter(kind=counting.JOB).count() == 1
    with write():
        counting.count_later(local_admin())
    assert Job.objects.filter(kind=counting.JOB).count() == 1


def test_the_twenty_ninth_of_february() -> None:
    assert counting._years_before(datetime.date(2020, 2, 29), 6) == datetime.date(2014, 2, 28)
