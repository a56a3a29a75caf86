"""A directive's copy goes to the discipline group of each recipient, and to no other."""

from __future__ import annotations

import pytest

from rooms.orders.office import MONDAY, Offices, at
from tuopin.orders import selectors
from tuopin.orders.models import MatterEvent, MatterUnit

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


def test_a_directive_is_copied_to_the_group_that_watches_its_holder(city: Offices) -> None:
    watcher = city.actor("watcher", "discipline", "organisation", city.discipline)
    problem, directive = city.issued(NOW), city.issued(NOW, kind="directive")
    unwatched = city.issued(NOW, kind="directive", holder_id=city.township)
    assert list(selectors.matters(watcher)) == [directive]
    assert problem not in selectors.matters(watcher)
    [copy] = MatterUnit.objects.filter(role="copied")
    assert (copy.matter_id, copy.organisation_id, copy.watched_id) == (directive.pk, city.discipline, city.education)
    told = {event.matter_id: event.data["copied"] for event in MatterEvent.objects.filter(act="issue").exclude(data={})
            if "copied" in event.data}  # fmt: skip
    assert told == {directive.pk: [city.discipline], unwatched.pk: []}


def test_it_follows_the_directive_to_another_holder_and_stays_with_who_had_it(city: Offices) -> None:
    row = city.issued(NOW, kind="directive", holder_id=city.township)
    for holder in (city.education, city.township, city.education):
        row = city.act(city.city_office(), "reassign", row, NOW, note="改由承办", holder_id=holder)
    assert MatterUnit.objects.filter(matter=row, role="copied").count() == 1
