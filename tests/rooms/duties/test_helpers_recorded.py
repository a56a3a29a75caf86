"""Where no helper of a village was ever recorded, rules do not know whether its households have one."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from tuopin.duties.models import Assignment, Official
from tuopin.platform.catalogue import catalogue
from tuopin.register.models import Residence
from tuopin.standards import statements
from tuopin.standards.statements import Choice

from .place import Place

if TYPE_CHECKING:
    from collections.abc import Collection

DAY = datetime.date(2018, 6, 15)

pytestmark = pytest.mark.django_db


def recorded(day: datetime.date = DAY, ids: Collection[int] | None = None) -> set[int]:
    from django.db import connection

    period = next(each for each in catalogue().periods if each.name == "helpers_recorded")
    choice = Choice("household", None if ids is None else tuple(ids))
    with connection.cursor() as cursor:
        cursor.execute(statements.period(catalogue(), period, day, choice))
        rows = cursor.fetchall()
    assert all(value for _key, value in rows)
    assert len(rows) == len({key for key, _value in rows})
    return {key for key, _value in rows}


def test_a_village_whose_helpers_came_in_is_known_and_no_other() -> None:
    place = Place()
    first, second = place.here[0], place.here[1]
    assert recorded() == set()
    who = Official.objects.create(name="张伟")
    made = Assignment.objects.create(
        official=who, name="张伟", household=first, role="assistant", valid_from=DAY - datetime.timedelta(days=30)
    )
    assert recorded() == set(), "an assistant is no helper"
    Assignment.objects.filter(pk=made.pk).update(role="helper", since_known=False)
    assert recorded() == {each.pk for each in place.here}, "of the whole village, and not of the other county's"
    assert recorded(ids=[second.pk]) == {second.pk}
    assert recorded(ids=[second.pk, place.there[0].pk]) == {second.pk}
    assert recorded(DAY - datetime.timedelta(days=31)) == set(), "not before the first was"
    Assignment.objects.filter(pk=made.pk).update(valid_to=DAY)
    assert recorded() == {each.pk for each in place.here}, "who has left was recorded"
    Residence.objects.filter(household=second).update(area=place.away.area)
    assert second.pk not in recorded(), "who moved away is asked for where it lives"
