"""Pages of organisations, posts, terms, absences, ties, leaving: they work without scripts and are closed to others."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from officials import assigned
from people import signed_in
from rooms.duties.place import ALWAYS, Place
from tuopin.duties.models import (
    Absence,
    Assignment,
    Caseload,
    Official,
    OfficialTie,
    Organisation,
    OrganisationLink,
    OrganisationVersion,
    Post,
    Term,
)
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.platform.access import local_admin
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing
from tuopin.register import cards

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
WEEK = datetime.timedelta(days=7)


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


def office(place: Place, name: str = "县财政局", kind: str = "department") -> int:
    return organisations.found_organisation(
        local_admin(), name, kind, area_id=place.county.area_id, day=datetime.date(2016, 1, 1)
    )


def official(place: Place, name: str = "张伟", phone: str = "13800000001") -> int:
    return officials.add_officials(
        local_admin(), [(name, "县财政局", phone)], area_id=place.county.area_id, day=TODAY()
    )[0]


def test_an_organisation_is_recorded_renamed_and_ended(place: Place, clerk: Client) -> None:
    top = office(place, "县委", "party_committee")
    day = (TODAY() - WEEK).isoformat()
    given = {"name": "扶贫办", "kind": "leading_group_office", "parent": "县委", "day": day}
    text(clerk, "/duties/organisations/new/", 302, do="found", **given)
    made = OrganisationVersion.objects.get(name="扶贫办")
    assert (made.parent_id, made.area_id) == (top, place.county.area_id)
    page = f"/duties/organisations/{made.organisation_id}/"
    assert "县委" in text(clerk, page)
    assert "扶贫办" in text(clerk, "/duties/organisations/?name=扶贫")
    assert "扶贫办" in text(clerk, f"/duties/organisations/{top}/"), "among those below"
    changed = {"name": "乡村振兴局", "kind": "department", "parent": "", "day": TODAY().isoformat()}
    text(clerk, page, 302, do="change", **changed)
    shown = text(clerk, page)
    assert "乡村振兴局" in shown
    assert "扶贫办" in shown, "what it was called stays on record"
    assert 'role="alert"' in text(clerk, page, 400, do="change", **changed), "not twice on one day"
    tomorrow = (TODAY() + WEEK).isoformat()
    text(clerk, page, 302, do="close", day=tomorrow)
    assert "撤销" in text(clerk, page)
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {
        "duties.found_organisation", "duties.change_organisation", "duties.close_organisation",
    }  # fmt: skip


def test_what_watches_what_has_two_sides(place: Place, clerk: Client) -> None:
    group, other = office(place, "派驻纪检监察组", "discipline_group"), office(place, "县水利局")
    day = TODAY().isoformat()
    text(clerk, f"/duties/organisations/{group}/", 302, do="link", relation="watches", other="县水利局", day=day)
    assert "受其监督" in text(clerk, f"/duties/organisations/{other}/")
    assert "没有名为" in text(
        clerk, f"/duties/organisations/{group}/", 400, do="link", relation="watches", other="无此局", day=day
    )
    link = OrganisationLink.objects.get()
    text(clerk, f"/duties/organisations/{group}/", 302, do="unlink", link=link.pk, day=day)
    assert not OrganisationLink.objects.exists(), "it had not begun"


def test_from_the_post_to_the_term_and_its_end(place: Place, clerk: Client) -> None:
    made, who = office(place), official(place)
    page = f"/duties/organisations/{made}/"
    text(clerk, page, 302, do="add_post", title="局长", level="township", authority="", first="1")
    post = Post.objects.get()
    assert (post.level, post.authority, post.first_responsible) == ("township", "", True)
    text(clerk, page, 302, do="change_post", post=post.pk, title="局长", level="township", authority="county")
    assert Post.objects.get().authority == "county"
    appoint = f"/duties/posts/{post.pk}/appoint/"
    assert "张伟" in text(clerk, appoint, do="find", q="张")
    given = {"official": who, "day": TODAY().isoformat(), "document": "县组〔2019〕1号"}
    assert "起任县财政局局长" in text(clerk, appoint, do="preview", **given)
    assert not Term.objects.exists()
    text(clerk, appoint, 302, do="save", **given)
    assert "张伟" in text(clerk, page)
    second = organisations.add_post(local_admin(), made, "书记", day=TODAY())
    other = f"/duties/posts/{second}/appoint/"
    assert "兼任" in text(clerk, other, 400, do="save", **given)
    text(clerk, other, 302, do="save", **given, concurrent="1", reason="班子缺员")
    assert "班子缺员" in text(clerk, f"/duties/officials/{who}/")
    term = Term.objects.get(concurrent=False)
    later = (TODAY() + WEEK).isoformat()
    text(clerk, f"/duties/officials/{who}/", 302, do="end_term", term=term.pk, day=later)
    term.refresh_from_db()
    assert term.valid_to == TODAY() + WEEK


def test_who_is_away_is_said_and_who_stands_in(place: Place, clerk: Client) -> None:
    who = assigned("李娜", "县医院", household=place.here[0]).official_id
    official(place, "王强", "13900000002")
    page, day = f"/duties/officials/{who}/", TODAY().isoformat()
    assert 'role="alert"' in text(clerk, page, 400, do="absent", kind="sick", day=day, document="")
    absent = {"kind": "sick", "day": day, "document": "病假条", "stand_in": "王强"}
    text(clerk, page, 302, do="absent", **absent)
    home = text(clerk, f"/households/{place.here[0].code}/")
    assert "目前不在岗" in home
    assert "王强" in home
    assert "病假" not in home, "why is nobody's business but of those who keep officials"
    official(place, "王强", "13900000003")
    assert "同名" in text(clerk, page, 400, do="absent", **absent | {"kind": "leave"})
    text(clerk, page, 302, do="absent", **absent | {"kind": "leave", "stand_in": "王强 13900000003"})
    away = Absence.objects.get(kind="sick")
    text(clerk, page, 302, do="back", absence=away.pk, day=(TODAY() + WEEK).isoformat())
    away.refresh_from_db()
    assert away.valid_to == TODAY() + WEEK


def test_the_pool_and_a_correction(place: Place, clerk: Client) -> None:
    text(clerk, "/duties/officials/new/", 302, name="钱一", unit="县教育局", phone="1")
    who = Official.objects.get()
    assert "钱一" in text(clerk, "/duties/officials/?post=0&duty=0")
    text(clerk, f"/duties/officials/{who.pk}/", 302, do="change", name="钱一", unit="县体育局", phone="2", sex="male")
    who.refresh_from_db()
    assert (who.unit, who.phone, who.sex) == ("县体育局", "2", "male")
    assert who.names.count() == 2, "workbooks that name him as before are still his"
    text(clerk, "/duties/officials/new/", 302, name="钱二", unit="", phone="")
    clash = text(clerk, f"/duties/officials/{who.pk}/", 400, do="change", name="钱二", unit="", phone="")
    assert "同一人" in clash


def test_leaving_hands_over_what_is_open(place: Place, clerk: Client) -> None:
    who = assigned("李娜", household=place.here[0]).official_id
    for at in (1, 2):
        assigned("李娜", household=place.here[at])
    next_one = official(place)
    page = f"/duties/officials/{who}/leave/"
    assert text(clerk, page).count('name="to-') == 3
    assert "张伟" in text(clerk, page, do="find", q="张")
    given = {"candidate": next_one, "day": TODAY().isoformat()}
    first = Assignment.objects.filter(official_id=who).earliest("pk").pk
    assert "没有接手人" in text(clerk, page, 400, do="preview", **given, **{f"to-{first}": next_one})
    shown = text(clerk, page, do="preview", **given, every=next_one)
    assert shown.count("→") == 3
    assert Assignment.objects.filter(valid_to=None, official_id=who).count() == 3, "a preview writes nothing"
    text(clerk, page, 302, do="save", **given, every=next_one)
    assert Assignment.objects.filter(valid_to=None, official_id=next_one).count() == 3
    assert not Assignment.objects.filter(valid_to=None, official_id=who).exists()


def test_leaving_with_duties_elsewhere_is_not_this_county_s(place: Place, clerk: Client) -> None:
    who = assigned("李娜", household=place.here[0]).official_id
    assigned("李娜", household=place.there[0])
    next_one = official(place)
    page = f"/duties/officials/{who}/leave/"
    shown = text(clerk, page)
    assert "另有 1 项" in shown
    assert place.there[0].code not in shown
    text(clerk, page, 400, do="save", candidate=next_one, every=next_one, day=TODAY().isoformat())
    assert Assignment.objects.filter(valid_to=None, official_id=who).count() == 2


def test_ties_are_kept_and_shown_to_their_keepers_alone(place: Place, clerk: Client) -> None:
    who = official(place)
    page, day = f"/duties/officials/{who}/", TODAY().isoformat()
    given = {"do": "tie", "relation": "kin", "day": day, "document": "本人申报"}
    text(clerk, page, 302, household=place.here[0].code, **given)
    text(clerk, page, 404, household=place.there[0].code, **given)
    assert place.here[0].code in text(clerk, page)
    assert place.here[0].code not in text(signed_in(place.user("village")), page)
    text(clerk, page, 302, do="untie", tie=OfficialTie.objects.get().pk, day=day)
    assert not OfficialTie.objects.exists()


def test_a_county_that_somebody_left_keeps_him_no_longer(place: Place, clerk: Client) -> None:
    past = assigned("李娜", household=place.here[0], valid_to=TODAY() - WEEK)
    who = past.official_id
    assigned("李娜", household=place.there[0])
    officials.note_absence(local_admin(), who, "sick", day=TODAY(), document="病假条甲")
    page = f"/duties/officials/{who}/"
    shown = text(clerk, page)
    assert "病假条甲" not in shown
    assert 'value="change"' not in shown
    text(clerk, page, 404, do="change", name="别人", unit="", phone="")
    Assignment.objects.exclude(pk=past.pk).delete()
    assert "病假条甲" in text(clerk, page), "who left everything is kept by whoever had him"


def test_a_superior_outside_the_grants_stays_but_none_is_chosen(place: Place, clerk: Client) -> None:
    above, strange = (
        organisations.found_organisation(local_admin(), name, "department", area_id=area.area_id, day=ALWAYS)
        for name, area in (("市财政局", place.city), ("外县委", place.other))
    )
    made = office(place)
    page, given = f"/duties/organisations/{made}/", {"kind": "department", "do": "change"}
    organisations.change_organisation(
        local_admin(), made, day=datetime.date(2017, 1, 1), name="县财政局", kind="department",
        area_id=place.county.area_id, parent_id=above,
    )  # fmt: skip
    text(clerk, page, 302, name="县财政和统计局", parent="市财政局", day="2018-01-01", **given)
    assert OrganisationVersion.objects.get(organisation_id=made, valid_to=None).parent_id == above
    text(clerk, page, 400, name="x", parent="外县委", day="2019-01-01", **given)
    with pytest.raises(Missing):
        organisations.change_organisation(
            place.clerk("township"), made, day=TODAY(), name="x", kind="department", area_id=place.county.area_id,
            parent_id=strange,
        )  # fmt: skip


def test_bounds_are_set_by_the_county_and_shown(place: Place, clerk: Client) -> None:
    page = "/duties/caseloads/"
    assert "帮扶责任人" in text(clerk, page)
    day = TODAY().isoformat()
    text(clerk, page, 302, do="save", role="helper", level="", most="3", day=day)
    assert Caseload.objects.get().most == 3
    for most in ("0", "-1", "9" * 8, "x"):
        text(clerk, page, 400, do="save", role="helper", level="", most=most, day=day)
    text(clerk, page, 302, do="save", role="helper", level="", most="", day=day)
    assert not Caseload.objects.exists()
    text(signed_in(place.user("township")), page, 403, do="save", role="helper", most="3", day=day)


def test_closed_to_others(place: Place, clerk: Client) -> None:
    theirs = organisations.found_organisation(
        local_admin(), "外县财政局", "department", area_id=place.other.area_id, day=ALWAYS
    )
    post = organisations.add_post(local_admin(), theirs, "局长", day=TODAY())
    stranger = assigned("赵敏", household=place.there[0]).official_id
    for address in (
        f"/duties/organisations/{theirs}/", f"/duties/posts/{post}/appoint/", f"/duties/officials/{stranger}/leave/",
        f"/duties/organisations/{10**18}/", f"/duties/posts/{10**30}/appoint/", "/duties/organisations/0/",
    ):  # fmt: skip
        text(clerk, address, 404)
    assert "外县财政局" not in text(clerk, "/duties/organisations/")
    ours = office(place)
    text(
        clerk,
        f"/duties/organisations/{ours}/",
        400,
        do="link",
        relation="watches",
        other="外县财政局",
        day="2019-01-01",
    )
    village = signed_in(place.user("village"))
    for address, given in (
        (f"/duties/organisations/{ours}/", {"do": "add_post", "title": "x"}),
        ("/duties/organisations/new/", {"do": "found", "name": "x", "kind": "department", "day": "2019-01-01"}),
    ):
        text(village, address, 403, **given)
    assert 'value="add_post"' not in text(village, f"/duties/organisations/{ours}/"), "to look at, not to change"
    assert Organisation.objects.count() == 2


@pytest.mark.parametrize("day", ["", "0001-01-01", "9999-12-31", "2019-13-01", "x" * 5000, "２０１９"])
def test_no_day_breaks_a_form(place: Place, clerk: Client, day: str) -> None:
    made, who = office(place), official(place)
    text(clerk, f"/duties/organisations/{made}/", 400, do="close", day=day)
    text(clerk, f"/duties/officials/{who}/", 400, do="absent", kind="sick", document="x", day=day)
    text(clerk, f"/duties/officials/{who}/leave/", 400, do="save", day=day)
    text(clerk, f"/duties/officials/{who}/", 400, do="nonsense")
    text(clerk, f"/duties/officials/{who}/", 404, do="end_term", term="9" * 40, day="2019-01-01")


def test_a_script_in_a_name_is_text(place: Place, clerk: Client) -> None:
    made = office(place, "<script>alert(1)</script>")
    post = organisations.add_post(local_admin(), made, "<b>局长", day=TODAY())
    for address in (f"/duties/organisations/{made}/", "/duties/organisations/", f"/duties/posts/{post}/appoint/"):
        shown = text(clerk, address)
        assert "<script>alert" not in shown
        assert "<b>局长" not in shown


def test_pages_ask_little(place: Place, clerk: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    made = office(place)
    people = [official(place, f"干{at}", str(at)) for at in range(6)]
    for at, who in enumerate(people):
        post = organisations.add_post(local_admin(), made, f"职务{at}", day=TODAY())
        officials.appoint(local_admin(), who, post, day=TODAY())
        assigned(f"干{at}", "县财政局", str(at), household=place.here[at], role="watcher")
    pages = ("/duties/organisations/", f"/duties/organisations/{made}/", f"/duties/officials/{people[0]}/",
             f"/duties/officials/{people[0]}/leave/", "/duties/watching/", "/duties/caseloads/",
             f"/duties/posts/{post}/appoint/", f"/households/{place.here[0].code}/")  # fmt: skip
    for address in pages:
        text(clerk, address)
        with django_assert_max_num_queries(20):
            text(clerk, address)
