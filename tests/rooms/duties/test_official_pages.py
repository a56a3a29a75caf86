"""Pages of officials, gaps and assigning: what they show, what they write, and to whom they are closed."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from officials import assigned
from people import signed_in
from rooms.duties.place import Place
from tuopin.duties.models import Assignment, Official
from tuopin.duties.officials import services as officials
from tuopin.platform.access import local_admin
from tuopin.platform.models import AuditEntry
from tuopin.register import cards

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    made = Place()
    cards.refresh_all()
    return made


@pytest.fixture
def clerk(place: Place) -> Client:
    return signed_in(place.user())


def text(client: Client, address: str, status: int = 200, **given: object) -> str:
    answer = client.post(address, given) if given else client.get(address)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def household(place: Place, at: int = 0) -> str:
    return f"/duties/assign/household/{place.here[at].code}/"


TODAY = timezone.localdate


def official(place: Place, name: str = "张伟") -> int:
    return officials.add_officials(
        local_admin(), [(name, "县财政局", "13800000001")], area_id=place.county.area_id, day=TODAY()
    )[0]


def test_the_list_holds_the_area_s_officials_alone(place: Place, clerk: Client) -> None:
    assigned("李娜", "县医院", household=place.here[0])
    assigned("赵敏", "市医院", household=place.there[0])
    official(place)
    shown = text(clerk, "/duties/officials/")
    assert "李娜" in shown
    assert "张伟" in shown
    assert "赵敏" not in shown
    assert "李娜" not in text(clerk, "/duties/officials/?duty=0")
    assert "张伟" not in text(clerk, "/duties/officials/?role=helper")
    assert "赵敏" not in text(clerk, "/duties/officials/find/", q="赵")


def test_one_official_shows_only_duties_within_the_grants(place: Place, clerk: Client) -> None:
    here = assigned("李娜", "县医院", household=place.here[0])
    assigned("李娜", "县医院", household=place.there[0])
    shown = text(clerk, f"/duties/officials/{here.official_id}/")
    assert place.here[0].code in shown
    assert place.there[0].code not in shown
    theirs = assigned("赵敏", "市医院", household=place.there[1])
    for number in (theirs.official_id, 10**15, 10**30):
        text(clerk, f"/duties/officials/{number}/", 404)


def test_gaps_are_counted_and_named(place: Place, clerk: Client) -> None:
    assigned("李娜", household=place.here[0])
    shown = text(clerk, "/duties/gaps/")
    assert "5</a> / 6" in shown
    assert f"/duties/assign/area/{place.village.code}/" in shown
    assert "0 / 0" in shown, "no poor village, no first secretary needed"
    text(clerk, f"/duties/gaps/?area={place.other.code}", 404)


def test_from_the_name_to_the_helper(place: Place, clerk: Client) -> None:
    who = official(place)
    address = household(place)
    assert "没有责任人" in text(clerk, address)
    assert "张伟" in text(clerk, address, do="find", q="张")
    wanted = {"official": who, "role": "helper", "day": TODAY().isoformat(), "reason": "结对"}
    shown = text(clerk, address, do="preview", **wanted)
    assert f"自 {TODAY().isoformat()} 起担任帮扶责任人" in shown
    assert not Assignment.objects.exists(), "a preview writes nothing"
    text(clerk, address, 302, do="save", **wanted)
    row = Assignment.objects.get()
    assert (row.official_id, row.role, row.reason, row.valid_from) == (who, "helper", "结对", TODAY())
    assert AuditEntry.objects.filter(action="duties.begin_duty").count() == 1


def test_a_change_hands_over_and_nobody_ends(place: Place, clerk: Client) -> None:
    old = assigned("李娜", household=place.here[0])
    assistant = assigned("周杰", household=place.here[0], role="assistant")
    who, address, day = official(place), household(place), TODAY().isoformat()
    shown = text(clerk, address, do="preview", official=who, role="helper", day=day)
    assert f"李娜：帮扶责任人到 {day} 为止" in shown
    text(clerk, address, 302, do="save", official=who, role="helper", day=day)
    old.refresh_from_db()
    assert (old.valid_to, Assignment.objects.get(valid_to=None, role="helper").official_id) == (TODAY(), who)
    text(clerk, address, 302, do="save", official=0, role="assistant", ending=assistant.pk, day=day)
    tomorrow = (TODAY() + datetime.timedelta(days=1)).isoformat()
    text(clerk, address, 302, do="save", official=0, role="helper", day=tomorrow)
    assert not Assignment.objects.filter(valid_to=None).exists()


def test_a_new_official_is_taken_in_on_the_way(place: Place, clerk: Client) -> None:
    shown = text(clerk, household(place), do="new", q="钱多", unit="<script>", phone="1")
    assert "<script>" not in shown.replace("<script src", "")
    assert Official.objects.get().area_id == place.village.area_id


@pytest.mark.parametrize(
    "given",
    [
        {"role": "chief"},
        {"role": "first_secretary"},
        {"day": "tomorrow"},
        {"day": ""},
        {"official": "0"},
        {"official": "x"},
        {"day": "1990-01-01", "official": "0"},
        {"reason": "\0" * 300, "official": "x"},
    ],
)
def test_bad_forms_are_refused_with_a_reason(place: Place, clerk: Client, given: dict[str, str]) -> None:
    wanted = {"official": str(official(place)), "role": "helper", "day": TODAY().isoformat(), **given}
    for step in ("preview", "save"):
        assert 'role="alert"' in text(clerk, household(place), 400, do=step, **wanted)
    assert not Assignment.objects.exists()


def test_areas_have_their_own_roles(place: Place, clerk: Client) -> None:
    address = f"/duties/assign/area/{place.village.code}/"
    who, day = official(place), TODAY().isoformat()
    assert "驻村第一书记" in text(clerk, address, do="find", q="张")
    text(clerk, address, 302, do="save", official=who, role="first_secretary", day=day)
    assert Assignment.objects.get().area_id == place.village.area_id
    assert "驻村第一书记" not in text(clerk, f"/duties/assign/area/{place.county.code}/", do="find", q="张")
    text(clerk, address, 400, do="save", official=who, role="helper", day=day)


def test_closed_to_others(place: Place, clerk: Client) -> None:
    theirs = assigned("赵敏", household=place.there[0])
    for address in (f"/duties/assign/household/{place.there[0].code}/", f"/duties/assign/area/{place.other.code}/"):
        text(clerk, address, 404)
    text(clerk, household(place), 404, do="save", official=theirs.official_id, role="helper", day=TODAY().isoformat())
    village = signed_in(place.user("village"))
    text(village, household(place), 403)
    text(village, f"/duties/assign/area/{place.village.code}/", 403)
    assert "duties/assign" not in text(village, "/duties/gaps/")
    assert Assignment.objects.count() == 1


def test_pages_ask_little(place: Place, clerk: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    rows = [assigned(f"干{at % 3}", household=each) for at, each in enumerate(place.here)]
    for address in ("/duties/officials/", "/duties/gaps/", f"/duties/officials/{rows[0].official_id}/"):
        with django_assert_max_num_queries(20):
            text(clerk, address)
