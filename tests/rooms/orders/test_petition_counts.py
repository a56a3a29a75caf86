"""Counts of petitions: exact for who may read all that is counted, and below five told to nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rooms.orders.clocks import matter, saved
from rooms.orders.office import MONDAY, Offices, at
from rooms.orders.petitioners import DAY, NOW, accepted, answered, office
from rooms.orders.test_petition_letters import line, sheet
from tuopin.orders.clock.tick import tick
from tuopin.orders.petitions import hotline
from tuopin.platform.access import system
from tuopin.platform.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    return Offices()


def details(**asked: Any) -> list[dict[str, Any]]:
    rows = AuditEntry.objects.filter(**asked).order_by("pk")
    return [json.loads(each) for each in rows.values_list("detail", flat=True)]


def test_the_audit_of_a_tick_tells_no_count_of_petitions(city: Offices) -> None:
    answered(city)
    city.act(city.department(), "receive", accepted(city), NOW)
    later = at(MONDAY + 62 * DAY)
    late = saved([matter(city, NOW, later - DAY) for _each in range(2)])
    report = tick(system(), later)
    assert report.steps["satisfied"] == 1  # the operator, who reads everything
    [said] = details(action="orders.tick")
    assert said["matters"] == len(late)
    assert "satisfied" not in said["steps"]
    assert said["steps"]["overdue"] == 2  # the petition is late too
    assert AuditEntry.objects.get(action="orders.tick").digest


def test_the_audit_of_a_short_list_tells_no_count(city: Offices) -> None:
    office(city)
    taken = hotline.take(office(city), city.county, sheet(*(line(f"M{each}") for each in range(3))), NOW)
    assert taken.row is not None
    hotline.take_back(office(city), taken.row.pk, NOW)
    said = details(action__startswith="orders.")
    assert {each["matters"] for each in said if "matters" in each} == {"<5"}
    assert not [value for each in said for value in each.values() if value == 3]
    hotline.take(office(city), city.county, sheet(*(line(f"N{each}") for each in range(7))), NOW)
    assert details(action="orders.draft_matter")[-1]["matters"] == 7
