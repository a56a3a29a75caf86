"""What petition offices are told: counts, once a day; letters that are owed; what may be erased. Nothing by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rooms.orders.office import MONDAY, Offices, at
from rooms.orders.petitioners import DAY, NOW, accepted, answered, client, letter, office, taken, text, word_of
from rooms.orders.test_petition_letters import line, sheet
from tuopin.orders.clock.chain import Chains
from tuopin.orders.clock.people import People
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Matter, Petitioner, PetitionLetter
from tuopin.orders.petitions import daily, desk, erasing, hotline, letters, owed
from tuopin.platform.access import system
from tuopin.platform.lists import recent
from tuopin.platform.models import Job, Message, User

if TYPE_CHECKING:
    import datetime

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def told(kind: str) -> list[dict[str, Any]]:
    return [each.parameters for each in Message.objects.filter(kind=kind, user__username="petitions").order_by("pk")]


def days(city: Offices, count: int, first: datetime.datetime = NOW) -> None:
    for each in range(count):
        daily.tell(system(), first + each * DAY)


def test_a_list_of_many_calls_is_one_message_a_person_and_day_that_counts(city: Offices) -> None:
    office(city)
    hotline.take(office(city), city.county, sheet(*(line(f"M{each}") for each in range(12))), NOW)
    for each in range(10, 17):
        tick(system(), at(MONDAY + each * DAY), size=5)
    remind = Message.objects.filter(user__username="petitions")
    assert remind.count() == len({each.day for each in remind})
    assert {each.kind for each in remind} == {"orders.remind", "orders.overdue"}
    assert told("orders.remind")[0] == {"late": 0, "soon": 12}
    assert told("orders.overdue") == [{"late": 12, "soon": 0}]


def test_the_database_counts_and_reads_one_of_those_about_the_same(
    city: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    office(city)
    own = city.account("own", "petition_office", "area", city.city.area_id)
    who = city.official("李某", city.elsewhere, user=own)
    read, real = [], desk.offices
    monkeypatch.setattr(desk, "offices", lambda people, areas: read.append(len(areas)) or real(people, areas))
    for many in (1, 4):
        for _each in range(many):
            taken(city)
            last = taken(city, about_official_id=who)
        taken(city, NOW + 15 * DAY)  # is due much later
    people = People(Chains(MONDAY + 14 * DAY))
    found = {each.user_id: each.parameters for each in desk.letters(people, {last.pk: last.area_id})}
    assert found[User.objects.get(username="petitions").pk] == {"late": 0, "soon": 10}
    assert own.pk not in found, "nothing came that this one may hear of"
    both = {row.pk: row.area_id for row in Matter.objects.all()}
    assert {each.user_id: each.parameters for each in desk.letters(people, both)}[own.pk] == {"late": 0, "soon": 5}
    late = {each.user_id: each.parameters for each in desk.letters(People(Chains(MONDAY + 16 * DAY)), both)}
    assert late[own.pk] == {"late": 5, "soon": 0}
    assert read[1::2] == [2, 2, 2], "as many as there are areas and ways to be about somebody, however many petitions"


def test_the_office_is_told_how_few_it_has(city: Offices) -> None:
    taken(city)
    tick(system(), at(MONDAY + 17 * DAY))
    assert told("orders.overdue") == [{"late": 1, "soon": 0}]


def test_a_letter_that_was_not_sent_is_reminded_of_once_a_step(city: Offices) -> None:
    row = accepted(city)
    days(city, 30)
    said = sorted(Message.objects.filter(kind="orders.letters").values_list("day", flat=True))
    assert said == owed.steps(owed.owed(NOW)[0])
    assert said[-2:] == [MONDAY + 16 * DAY, MONDAY + 21 * DAY]  # the day of the law, 15 days, was over
    assert told("orders.letters")[0] == {"count": 1, "late": 0}
    assert told("orders.letters")[-1] == {"count": 1, "late": 1}
    assert "teacher" not in set(Message.objects.filter(kind="orders.letters").values_list("user__username", flat=True))
    made = letter(city, row, "accepted")
    assert [each.matter_id for each in owed.owed(NOW)] == [row.pk]  # nobody knows that it arrived
    letters.arrived(office(city), row.pk, made.pk, MONDAY, "hand", NOW)
    assert owed.owed(NOW) == []


def test_each_answer_owes_its_letter_by_its_own_day(city: Offices) -> None:
    declined = city.act(office(city), "decline", taken(city), NOW, note="不属于")
    row = answered(city)
    letter(city, row, "answered")  # nobody knows that it arrived
    review = city.act(office(city), "review", answered(city), NOW, holder_id=city.government, note="不服")
    review = city.act(office(city), "answer_review", review, NOW + DAY, note="维持")
    found = {(each.matter_id, each.kind): each.by for each in owed.owed(NOW)}
    assert found[declined.pk, "declined"] == MONDAY + 15 * DAY
    assert (row.pk, "accepted") not in found  # an answer says more
    assert found[row.pk, "answered"] == MONDAY + 60 * DAY
    assert found[review.pk, "reviewed"] == MONDAY + 30 * DAY


def test_days_without_a_clock_are_caught_up_with_in_one_message(city: Offices) -> None:
    accepted(city)
    daily.tell(system(), NOW)
    daily.tell(system(), NOW + 40 * DAY)
    daily.tell(system(), NOW + 40 * DAY)
    assert len(told("orders.letters")) == 1


def test_whoever_a_petition_is_about_hears_of_no_letter(city: Offices) -> None:
    user = city.account("accused", "petition_office", "area", city.county.area_id)
    accepted(city, about_official_id=city.official("钱某", city.township, user=user))
    days(city, 20)
    assert set(Message.objects.filter(kind="orders.letters").values_list("user__username", flat=True)) == {"petitions"}


def test_what_is_owed_is_read_as_often_for_many(city: Offices) -> None:
    read = []
    for many in (1, 4):
        for _each in range(many):
            accepted(city)
        with CaptureQueriesContext(connection) as found:
            assert len(owed.owed(NOW)) >= many
        read.append(len(found))
    assert read[0] == read[1] <= 5


def test_the_list_shows_which_letters_are_owed(city: Offices, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    row = accepted(city, now)
    other = taken(city, now, title="还没有受理的")
    browser = client("petitions")
    with django_assert_max_num_queries(20):
        shown = text(browser.get(reverse("orders:petitions"), {"state": "to_send"}))
    assert row.title in shown
    assert other.title not in shown


def test_what_may_be_erased_is_proposed_and_nothing_erased_by_itself(city: Offices) -> None:
    city.act(office(city), "void", taken(city), NOW, note="误登")
    days(city, 25, NOW + 31 * DAY)
    assert told("orders.to_erase") == [{"count": 1}] * 2  # once a month as long as it is so: July, August
    assert not Petitioner.objects.exclude(erased_at=None).exists()


def test_somebody_confirms_the_list_and_no_more_than_that_is_erased(city: Offices) -> None:
    now = timezone.now()
    first = city.act(office(city), "void", taken(city, now - 40 * DAY), now - 40 * DAY, note="误登")
    second = city.act(office(city), "void", taken(city, now - 31 * DAY), now - 30 * DAY + 9 * DAY / 864, note="误登")
    browser, page = client("petitions"), reverse("orders:petition_erasing")
    shown = text(browser.get(page))
    assert f">{first.pk}</td>" in shown
    assert f">{second.pk}</td>" not in shown
    assert "相关公文的内容和全部附件" in shown
    assert "保留：转述、各步办理时写的说明、公文编号。" in shown
    assert browser.post(page, {"sure": "1"}).status_code == 400
    assert browser.post(page, {"sure": "1", "at": (now - 3 * DAY).isoformat()}).status_code == 400
    assert browser.post(page, {"sure": "1", "at": "2018-06-11"}).status_code == 400
    assert not Job.objects.exists()
    assert browser.post(page, {"sure": "1", "at": now.isoformat()}).status_code == 302
    assert now.isoformat() in str(Job.objects.values().get())
    assert erasing.erase(office(city), now + DAY, now) == 1  # the second one has become due meanwhile
    assert list(Petitioner.objects.exclude(erased_at=None).values_list("pk", flat=True)) == [first.pk]


def test_a_letter_sent_twice_is_one(city: Offices) -> None:
    row = accepted(city, timezone.now())
    page = reverse("orders:petition_letter", args=[row.pk])
    browser = client("petitions")
    form = {"kind": "accepted", "body": "已受理。", "word": word_of(city), "key": "a" * 32}
    assert 'name="key"' in text(browser.get(page))
    assert [browser.post(page, form).status_code for _twice in range(2)] == [302, 302]
    assert PetitionLetter.objects.count() == 1
    assert "没有再次印发" in text(browser.get(reverse("orders:petition", args=[row.pk])))
    assert browser.post(page, {**form, "key": "b" * 32}).status_code == 400  # another form: there is one of its kind
    assert PetitionLetter.objects.count() == 1
