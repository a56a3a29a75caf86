"""What holders are told of petitions: one message a person and day that counts, and names nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rooms.orders.office import MONDAY, Offices, at
from rooms.orders.petitioners import DAY, NOW, WHO, accepted, office, taken
from tuopin.orders.clock.chain import Chains
from tuopin.orders.clock.people import People
from tuopin.orders.clock.telling import Teller
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Petition
from tuopin.orders.petitions import daily, held, reassigning
from tuopin.orders.petitions.services import Whom
from tuopin.platform.access import system
from tuopin.platform.models import Message, User
from tuopin.platform.outbox import selectors as inbox

if TYPE_CHECKING:
    from tuopin.orders.models import Matter

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    made = Offices()
    made.department()
    return made


def told(name: str = "teacher") -> list[Message]:
    return list(Message.objects.filter(user__username=name).order_by("day", "pk"))


def numbers(name: str = "teacher") -> list[dict[str, Any]]:
    return [each.parameters for each in told(name)]


def days(first: int, last: int, size: int = 5) -> None:
    """The clock, once on each of some days after the Monday."""
    for each in range(first, last + 1):
        tick(system(), at(MONDAY + each * DAY), size=size)
        daily.tell(system(), at(MONDAY + each * DAY))


def test_many_that_are_handed_over_are_one_message_on_the_next_day(city: Offices) -> None:
    rows = [accepted(city) for _each in range(12)]
    days(0, 0)
    assert told() == []  # more may come today
    days(1, 1)
    [one] = told()
    assert one.parameters == {"held": 12, "unsigned": 12, "soon": 0, "late": 0}
    assert (one.kind, one.view, one.args, one.word) == ("orders.assigned", "orders:inbox", [], "")
    days(2, 5)
    assert len(told()) == len({each.day for each in told()})
    shown = "".join(f"{inbox.title(vars(each))}{each.key}{each.about}{each.parameters}" for each in told())
    assert WHO.name not in shown
    assert rows[0].title not in shown


def test_what_is_due_and_late_is_counted_once_a_day_for_all_of_them(city: Offices) -> None:
    for _each in range(3):
        city.act(city.department(), "receive", accepted(city), NOW)
    for _each in range(2):
        later = NOW + 4 * DAY
        city.act(city.department(), "receive", accepted(city, later), later)
    days(4, 75)
    messages = told()
    assert len(messages) == len({each.day for each in messages})
    by_day = {(each.day - MONDAY).days: each.parameters for each in messages}
    assert by_day[61] == {"held": 5, "unsigned": 0, "soon": 2, "late": 3}
    assert by_day[65] == {"held": 5, "unsigned": 0, "soon": 0, "late": 5}
    assert {each.kind for each in messages if (each.day - MONDAY).days >= 61} == {"orders.overdue"}


def test_one_that_was_returned_or_reassigned_is_told_to_who_has_it_now(city: Offices) -> None:
    user = city.account("bureau", "department", "organisation", city.city_education)
    row = city.act(city.department(), "receive", accepted(city), NOW)
    row = city.act(city.department(), "done", row, NOW, note="已公开")
    days(1, 1)
    assert numbers() == []  # it is out of their hands, and nothing is left to do
    row = city.act(office(city), "return", row, NOW + DAY, note="重办")
    days(2, 2)
    assert [each["held"] for each in numbers()] == [1]
    city.act(office(city), "reassign", row, NOW + 2 * DAY, holder_id=city.city_education, note="改派")
    days(3, 3)
    assert [each["held"] for each in numbers()] == [1], "who had it hears no more"
    assert [each["unsigned"] for each in numbers(user.username)] == [1]


def test_nobody_hears_of_one_about_oneself_or_that_is_to_go_elsewhere(city: Offices) -> None:
    user = User.objects.get(username="teacher")
    who = city.official("李某", city.government, user=user)
    accepted(city)
    row = city.act(office(city), "accept", taken(city), NOW, holder_id=city.city_education)
    reassigning.name(office(city), row.pk, Whom(about_official_id=who), NOW)
    days(1, 1)
    assert [each["held"] for each in numbers()] == [1]
    withheld: Matter = accepted(city, NOW + DAY)
    reassigning.name(office(city), withheld.pk, Whom(about_organisation_id=city.education), NOW + DAY)
    days(2, 70)
    assert {each["held"] for each in numbers()} == {1}


def test_what_holders_are_told_is_read_as_often_for_many(city: Offices) -> None:
    read = []
    for many in (1, 4):
        for _each in range(many):
            accepted(city)
        with CaptureQueriesContext(connection) as found:
            teller = Teller(People(Chains(MONDAY + DAY)))
            assert next(each.parameters["held"] for each in list(held.given(teller, MONDAY))) >= many
        read.append(len(found))
    assert read[0] == read[1] <= 30, [each["sql"][:90] for each in found]


def test_the_database_counts_and_reads_one_of_those_about_the_same(
    city: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = (city.account(name, "department", "organisation", city.city_education) for name in ("own", "other"))
    who = city.official("李某", city.government, user=own)
    read, loaded, real = [], [], held.row_of
    monkeypatch.setattr(held, "row_of", lambda row: loaded.append(row.pk) or real(row))
    for many in (1, 4):
        for _each in range(many):
            for about in (None, who):
                row = taken(city, about_official_id=about)
                city.act(office(city), "accept", row, NOW, holder_id=city.city_education)
        loaded.clear()
        letters = list(held.letters(Teller(People(Chains(MONDAY + DAY))), {own.pk, other.pk}))
        read.append(len(loaded))
    assert {each.user_id: each.parameters["held"] for each in letters} == {own.pk: 5, other.pk: 10}
    # the office has said of one that it is to go elsewhere: of the others about the same it has not
    Petition.objects.filter(pk=loaded[0]).update(withheld=True, reassign_at=NOW)
    letters = list(held.letters(Teller(People(Chains(MONDAY + DAY))), {own.pk, other.pk}))
    assert {each.user_id: each.parameters["held"] for each in letters} == {own.pk: 4, other.pk: 9}
    assert read == [2, 2], "as many as there are holders and ways to be about somebody, however many petitions"
