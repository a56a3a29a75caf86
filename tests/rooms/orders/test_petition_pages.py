"""Petitions stand nowhere else; the pages of their office, and what is refused there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rooms.orders.office import Offices
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.models import Matter, MatterSubject, Petition, Petitioner
from tuopin.orders.papers import services as writing
from tuopin.orders.papers.content import Written
from tuopin.orders.petitions import selectors as petitions
from tuopin.orders.petitions.services import STATES, take_in
from tuopin.platform.access import actor_for, grants_of
from tuopin.platform.api import tokens
from tuopin.platform.lists import recent
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

from rooms.orders.petitioners import NOW, WHO, accepted, client, intake, office, taken, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


# -- nowhere else -------------------------------------------------------------------------------------------------


def test_petitions_stand_nowhere_else(city: Offices) -> None:
    mark, now = "隐匿转述", timezone.now()
    household = city.here[0]
    row = taken(city, now, title=mark, text=mark, household=household.code, consent=True)
    city.act(office(city), "accept", row, now, holder_id=city.education)
    assert not MatterSubject.objects.filter(matter=row).exists()
    city.city_office()
    boss = client("city")
    here = {"area": city.county.code}
    pages = [reverse(f"orders:{name}", query=here) for name in ("matters", "board", "heat", "inbox")]
    pages += [reverse("orders:matters", query={**here, "kind": "petition"}), reverse("orders:numbers")]
    pages += [reverse("console:household", args=[household.code]), reverse("console:area", args=[city.county.code])]
    for page in pages:
        answer = boss.get(page)
        assert mark not in text(answer), page
    for kind in ("csv", "xlsx"):
        answer = boss.post(reverse("orders:matters", query=here), {"export": kind})
        body = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
        assert mark.encode() not in body
    found = boss.post("/search/", {"q": mark}, follow=True)
    assert f"{mark}</" not in text(found)
    assert boss.get(reverse("orders:petitions")).status_code == 403
    for name in ("petition", "matter"):
        assert boss.get(reverse(f"orders:{name}", args=[row.pk])).status_code == 404
    city.department()
    holder = client("teacher")
    assert mark in text(holder.get(reverse("orders:matter", args=[row.pk])))
    assert holder.get(reverse("orders:petition", args=[row.pk])).status_code == 404
    assert holder.post(reverse("orders:petition", args=[row.pk]), {"reason": "answer"}).status_code == 404
    page = text(holder.get(reverse("orders:matter", args=[row.pk])))
    assert household.code not in page
    assert all(mark not in str(each.detail) for each in AuditEntry.objects.all())


def test_no_program_reads_or_acts_upon_petitions(city: Offices) -> None:
    row = accepted(city)
    teacher = city.department()
    names = [each.name for each in tokens.offered(teacher)]
    _kept, secret = tokens.make_token(
        teacher, "p", grants=[each.pk for each in grants_of(teacher)], permissions=names, days=1
    )
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get(reverse("api:matter", args=[row.pk])).status_code == 404
    other = city.issued(NOW, title="一件问题")
    assert program.get(reverse("api:matter", args=[other.pk])).status_code == 200  # what is no petition it reads
    body = {"act": "receive", "ids": [row.pk]}
    assert program.post(reverse("api:act_on_matters"), body, content_type="application/json").status_code == 404
    assert row.title not in text(program.get(reverse("api:matter_inbox")))
    assert Matter.objects.get(pk=row.pk).state == "issued"
    made = writing.write(teacher, writing.Draft(row.pk, "reply", city.education, Written("报告", "稿")), NOW)
    assert program.get(reverse("api:papers_of_matter", args=[row.pk])).status_code == 404
    assert program.get(reverse("api:paper", args=[made.pk])).status_code == 404


def test_the_office_counts_what_it_lists_and_no_more(city: Offices) -> None:
    """Exactly, for it has the list in front of it; one about a reader of the office is in neither."""
    user = city.account("accused", "petition_office", "area", city.county.area_id)
    who = city.official("钱被告", city.township, user=user)
    accused = actor_for(user)
    for _each in range(3):
        taken(city)
    before = (petitions.counts(accused), len(petitions.page(accused, "", 0, timezone.now())[0]))
    taken(city, about_official_id=who)
    assert petitions.counts(office(city)) == [("draft", STATES["draft"], 4)]
    assert petitions.counts(accused) == [("draft", STATES["draft"], 3)]
    assert (petitions.counts(accused), len(petitions.page(accused, "", 0, timezone.now())[0])) == before
    shown = text(client("petitions").get(reverse("orders:petitions")))
    assert "少于" not in shown
    with pytest.raises(Refused):
        petitions.counts(city.city_office())


# -- pages and bad input ------------------------------------------------------------------------------------------


FORM = {
    "channel": "visit", "title": "反映评议结果没有公开", "text": "要求公开。", "name": WHO.name, "phone": WHO.phone,
    "words": "原话", "category": "policies",
}  # fmt: skip


def test_the_pages_of_the_office(city: Offices, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    office(city)
    browser = client("petitions")
    new = reverse("orders:new_petition", query={"area": city.county.code})
    assert "封存" in text(browser.get(new))
    answer = browser.post(new, {**FORM, "about_organisation": "镇政府"})
    row = Matter.objects.get(kind="petition")
    assert answer["Location"] == reverse("orders:petition", args=[row.pk])
    page = text(browser.get(answer["Location"]))
    assert "镇政府" in page
    assert WHO.name not in page
    shown = text(browser.post(answer["Location"], {"reason": "ask"}))
    assert WHO.name in shown
    assert browser.post(answer["Location"], {"reason": ""}).status_code == 400
    accept = {"seen": row.version, "holder": "县教育局"}
    assert browser.post(reverse("orders:act", args=[row.pk, "accept"]), accept).status_code == 302
    for _each in range(3):
        taken(city, timezone.now())
    for state in ("", "issued", "nonsense"):
        with django_assert_max_num_queries(20):
            assert browser.get(reverse("orders:petitions", query={"state": state, "page": "9" * 30})).status_code == 200
    assert row.title in text(browser.get(reverse("orders:petitions")))
    with django_assert_max_num_queries(20):
        matter = text(browser.get(reverse("orders:matter", args=[row.pk])))
    assert reverse("orders:petitions") in matter


@pytest.mark.parametrize(
    "more",
    [
        {"channel": "smoke"}, {"received_on": "0001-01-01"}, {"received_on": "9999-12-31"}, {"received_on": "x"},
        {"title": ""}, {"title": "甲" * 201}, {"title": "a\nb"}, {"text": " "}, {"text": "甲" * 4001},
        {"name": "甲" * 61}, {"words": "甲" * 4001}, {"repeats": "-1"}, {"repeats": "9" * 40}, {"repeats": "abc"},
        {"about_organisation": "没有这个单位"}, {"about_official": "某人"}, {"household": "H-none", "consent": "1"},
        {"category": "nonsense"}, {"name": "某某某", "text": "某某某来访"},
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_words_and_keeps_nothing(city: Offices, more: dict[str, str]) -> None:
    office(city)
    answer = client("petitions").post(
        reverse("orders:new_petition", query={"area": city.county.code}), {**FORM, **more}
    )
    assert answer.status_code in {400, 404}
    assert 'role="alert"' in text(answer)
    assert not Matter.objects.exists()
    assert not Petitioner.objects.exists()


def test_a_household_is_named_by_choice_alone_and_repeats_are_joined_by_number(city: Offices) -> None:
    household = city.here[0]
    with pytest.raises(Problem) as found:
        taken(city, household=household.code)
    assert found.value.code == "no_consent"
    first = taken(city)
    second = taken(city, repeats=first.pk)
    third = taken(city, repeats=second.pk)
    assert Petition.objects.get(pk=third.pk).repeats_id == first.pk
    assert petitions.beside(office(city), first.pk).later == [second.pk, third.pk]
    far = city.actor("far", "petition_office", "area", city.other.area_id)
    with pytest.raises(Missing):
        take_in(far, intake(city, area_id=city.other.area_id, repeats=first.pk), NOW)
    with pytest.raises(Missing):
        take_in(far, intake(city), NOW)
    with pytest.raises(Refused):
        take_in(city.city_office(), intake(city), NOW)


def test_a_petition_is_not_drafted_past_its_intake_with_what_others_read(city: Offices) -> None:
    draft = services.Draft("petition", "题目", city.county.area_id, "petition", holder_id=city.education)
    with pytest.raises(Problem) as found:
        services.draft(office(city), [draft], NOW)
    assert found.value.code == "bad_petition"


def test_two_officers_answer_once(city: Offices) -> None:
    row = taken(city)
    seen = {row.pk: row.version}
    services.act(office(city), "accept", [row.pk], Given(holder_id=city.education), NOW, seen)
    with pytest.raises(Problem) as found:
        services.act(office(city), "accept", [row.pk], Given(holder_id=city.education), NOW, seen)
    assert found.value.code == "changed_meanwhile"
    with pytest.raises(Problem) as found:
        services.act(office(city), "decline", [row.pk, taken(city).pk], Given(note="不属于"), NOW)
    assert found.value.code == "one_by_one"
