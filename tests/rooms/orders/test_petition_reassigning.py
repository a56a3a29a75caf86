"""Whom a petition is about, known after it was accepted; and officials who change office while one about them runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rooms.orders.office import BEGIN, Offices
from rooms.orders.petitioners import DAY, NOW, accepted, answered, client, office, refused, taken, text
from tuopin.duties.models import Official, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.orders import selectors
from tuopin.orders.board import matter
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Matter, Petition
from tuopin.orders.petitions import daily, reassigning
from tuopin.orders.petitions.services import Whom
from tuopin.platform import evidence
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.lists import recent
from tuopin.platform.models import AuditEntry, Message
from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    import datetime

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def named(city: Offices, row: Matter, **whom: int) -> Petition:
    reassigning.name(office(city), row.pk, Whom(**whom), NOW)
    return Petition.objects.get(pk=row.pk)


def seen(who: Any, row: Matter) -> bool:
    try:
        selectors.matter(who, row.pk)
    except Missing:
        return False
    return True


def told(kind: str = "orders.reassign") -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("user__username", flat=True))


def moved_to(city: Offices, official: int, organisation: int, title: str = "副职") -> None:
    """Takes office elsewhere as well."""
    post = organisations.add_post(local_admin(), organisation, title, day=BEGIN, level="county", authority="city")
    officials.appoint(local_admin(), official, post, day=BEGIN, concurrent=True, reason="兼任")


def test_the_holder_reads_it_no_more_once_it_is_known_to_be_about_it(city: Offices) -> None:
    row = city.act(city.department(), "receive", accepted(city), NOW)
    near = city.actor("near", "petition_office", "area", city.county.area_id)
    kept = named(city, row, about_organisation_id=city.education)
    assert kept.withheld
    assert not seen(city.department(), row)
    with pytest.raises(Missing):
        city.act(city.department(), "done", row, NOW, note="办结")
    assert seen(near, row)
    assert told() == ["near"]  # whoever said so knows
    assert not Message.objects.filter(user__username="teacher", done_at=None).exists()
    row = city.act(office(city), "reassign", row, NOW, holder_id=city.city_education, note="另派")
    kept.refresh_from_db()
    assert (kept.withheld, kept.reassign_at) == (False, None)
    assert not seen(city.department(), row)


def test_nobody_below_an_accused_unit_handles_it(city: Offices) -> None:
    row = accepted(city)
    assert named(city, row, about_organisation_id=city.government).withheld  # stands above the department
    assert not seen(city.department(), row)
    refused("complained_about", city, "reassign", row, holder_id=city.township, note="另派")
    refused("to_reassign", city, "receive", row, who=local_admin())
    tick(system(), NOW + 70 * DAY)
    assert not Message.objects.filter(user__username="teacher", done_at=None).exists()


def test_one_that_is_about_somebody_else_stays_where_it_is(city: Offices) -> None:
    row = accepted(city)
    stranger = city.official(
        "周某", city.elsewhere, user=city.account("zhou", "petition_office", "area", city.county.area_id)
    )
    account = Official.objects.select_related("user").get(pk=stranger).user
    assert account is not None
    watcher = actor_for(account)
    assert seen(watcher, row)
    assert not named(city, row, about_official_id=stranger).withheld
    assert not seen(watcher, row)
    assert seen(city.department(), row)
    city.act(city.department(), "receive", Matter.objects.get(pk=row.pk), NOW)
    assert told() == []


def test_a_name_taken_back_gives_it_back(city: Offices) -> None:
    row = accepted(city)
    named(city, row, about_organisation_id=city.education)
    kept = named(city, row)
    assert (kept.withheld, kept.reassign_at, kept.about_organisation_id) == (False, None, None)
    assert seen(city.department(), row)


def test_it_is_not_written_over_what_somebody_did_meanwhile_nor_by_others(city: Offices) -> None:
    row = accepted(city)
    with pytest.raises(Problem) as found:
        reassigning.name(office(city), row.pk, Whom(city.education), NOW, row.version - 1)
    assert found.value.code == "changed_meanwhile"
    for who in (
        city.department(),
        city.city_office(),
        city.actor("far", "petition_office", "area", city.other.area_id),
    ):
        with pytest.raises(Missing):
            reassigning.name(who, row.pk, Whom(city.government), NOW)
    with pytest.raises(Problem) as found:
        reassigning.name(office(city), taken(city).pk, Whom(city.education), NOW)
    assert found.value.code == "not_accepted"
    entries = AuditEntry.objects.filter(action="orders.name_petition")
    named(city, row, about_organisation_id=city.education)
    assert json.loads(entries.get().detail)["about_changed"] is True
    assert "organisation" not in entries.get().detail


def test_naming_does_not_begin_the_time_to_keep_it_anew(city: Offices) -> None:
    row = city.act(office(city), "satisfied", answered(city), NOW)
    named(city, row, about_organisation_id=city.education)
    assert Matter.objects.get(pk=row.pk).changed_at == row.changed_at
    assert not seen(city.department(), row)
    assert told() == []  # it ended: nobody is asked to give it to somebody else


def test_an_accused_who_joins_the_holder_is_noticed_and_nothing_is_taken_away(city: Offices) -> None:
    user = city.account("joins", "petition_office", "area", city.county.area_id)
    accused = city.official("钱某", city.elsewhere, user=user)
    near = city.actor("near", "petition_office", "area", city.county.area_id)
    row = accepted(city, about_official_id=accused)
    assert reassigning.look(system(), NOW) == 0
    moved_to(city, accused, city.education)
    assert reassigning.look(system(), NOW) == 1
    assert reassigning.look(system(), NOW) == 0
    kept = Petition.objects.get(pk=row.pk)
    assert (kept.withheld, kept.reassign_at) == (False, NOW)
    assert told() == ["near", "petitions"]
    assert seen(near, row)
    assert not seen(actor_for(user), row)
    assert seen(city.department(), row)  # his colleagues are not accused
    assert not [each for each in AuditEntry.objects.filter(action="orders.propose_reassigning") if each.detail != "{}"]
    row = city.act(office(city), "reassign", row, NOW, holder_id=city.city_education, note="另派")
    assert not Petition.objects.exclude(reassign_at=None).exists()


def test_many_are_one_message_and_what_is_so_no_more_is_proposed_no_more(city: Offices) -> None:
    accused = city.official("钱某", city.elsewhere)
    for _each in range(3):
        accepted(city, about_official_id=accused)
    moved_to(city, accused, city.government)  # above the holder
    assert reassigning.look(system(), NOW, size=2) == 3
    assert told() == ["petitions"]
    Term.objects.filter(official_id=accused, concurrent=True).delete()
    assert reassigning.look(system(), NOW) == 0
    assert not Petition.objects.exclude(reassign_at=None).exists()


def test_looking_reads_as_often_for_many(city: Offices) -> None:
    accused = city.official("钱某", city.elsewhere)
    accepted(city, about_official_id=accused)
    read = []
    for each in range(2):
        Petition.objects.update(reassign_at=None)
        Term.objects.filter(official_id=accused, concurrent=True).delete()
        for _more in range(3):
            accepted(city, about_official_id=accused)
        moved_to(city, accused, city.education, f"副职{each}")
        Message.objects.all().delete()
        with CaptureQueriesContext(connection) as found:
            assert reassigning.look(system(), NOW) > 0
        read.append(len(found))
    assert read[0] == read[1]


def test_the_page_names_it_and_the_list_shows_it(city: Offices, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    row = accepted(city, now)
    browser, page = client("petitions"), reverse("orders:petition", args=[row.pk])
    form = {"do": "about", "seen": row.version, "about_organisation": "县教育局", "about_official": ""}
    lost = browser.post(page, {**form, "about_organisation": "没有这个单位"})
    assert (lost.status_code, "没有这个单位" in text(lost)) == (404, True)
    assert browser.post(page, form).status_code == 302
    with django_assert_max_num_queries(20):
        shown = text(browser.get(page))
    assert "已看不到这件信访" in shown
    lists = reverse("orders:petitions")
    with django_assert_max_num_queries(20):
        assert "应改派</b>" in text(browser.get(lists, {"state": "to_reassign"}))
    city.act(office(city), "reassign", Matter.objects.get(pk=row.pk), now, holder_id=city.city_education, note="另派")
    assert row.title not in text(browser.get(lists, {"state": "to_reassign"}))
    assert "应改派</b>" not in text(browser.get(lists))


# -- reviews ----------------------------------------------------------------------------------------------------------


def in_review(city: Offices, now: datetime.datetime = NOW) -> Matter:
    """The county's department answered, the county's government has the review."""
    return city.act(office(city), "review", answered(city, now), now, holder_id=city.government, note="不服")


def test_a_review_goes_to_another_unit_above_that_never_is_whom_it_is_about(city: Offices) -> None:
    city.department()
    reviewer = city.actor("reviewer", "department", "organisation", city.government)
    row = in_review(city)
    limit = row.limit_at
    assert seen(reviewer, row)
    assert named(city, row, about_organisation_id=city.government).withheld
    assert not seen(reviewer, row)
    row.refresh_from_db()
    later = NOW + 10 * DAY
    refused("complained_about", city, "reassign_review", row, later, holder_id=city.government, note="另派",
            official_id=city.official("赵某", city.government))  # fmt: skip
    refused("complained_about", city, "reassign_review", row, later, holder_id=city.township, note="另派")
    refused("not_above", city, "reassign_review", row, later, holder_id=city.city_education, note="另派")
    refused("incomplete", city, "reassign_review", row, later, holder_id=city.issuer)
    refused("incomplete", city, "reassign_review", row, later, note="另派")
    row = city.act(office(city), "reassign_review", row, later, holder_id=city.issuer, note="县政府与此有关")
    assert (row.state, row.holder_id, row.limit_at) == ("review", city.issuer, limit)
    kept = Petition.objects.get(pk=row.pk)
    assert (kept.withheld, kept.reassign_at) == (False, None)
    assert not seen(reviewer, row)
    holder = city.actor("holder", "department", "organisation", city.issuer)
    assert seen(holder, row)
    row = city.act(office(city), "answer_review", row, later, note="维持")
    refused("answered_already", city, "reassign_review", row, later, holder_id=city.issuer, note="另派")


def test_a_second_review_never_goes_to_a_unit_that_answered(city: Offices) -> None:
    row = in_review(city)
    refused("same_holder", city, "reassign_review", row, holder_id=city.government, note="另派")
    refused("answered_before", city, "reassign_review", row, holder_id=city.education, note="另派")
    mayor = organisations.found_organisation(
        local_admin(), "市政府", "government", area_id=city.city.area_id, day=BEGIN
    )
    row = city.act(office(city), "answer_review", row, NOW, note="维持")
    row = city.act(office(city), "second_review", row, NOW, holder_id=mayor, note="仍不服")
    refused("answered_before", city, "reassign_review", row, holder_id=city.government, note="另派")
    refused("answered_before", city, "reassign_review", row, holder_id=city.education, note="另派")
    row = city.act(office(city), "reassign_review", row, NOW + DAY, holder_id=city.issuer, note="无权处理")
    row = city.act(office(city), "reassign_review", row, NOW + DAY, holder_id=mayor, note="还是市政府")
    assert (row.state, row.holder_id) == ("second_review", mayor), "who gave it away has answered nothing"
    assert city.act(office(city), "conclude", row, NOW + 2 * DAY, note="复核意见").state == "final"


def test_who_has_a_review_instead_reads_its_own_part_and_hears_of_it(city: Offices) -> None:
    row = in_review(city)
    user = city.account("instead", "department", "organisation", city.issuer)
    file = evidence.keep_bytes(b"%PDF-1.4 what is asked", "复查申请.pdf")
    daily.tell(system(), NOW + DAY)
    row = city.act(office(city), "reassign_review", row, NOW + DAY, holder_id=city.issuer, note="请贵办复查",
                   papers=(file,), hand_on=True)  # fmt: skip
    page = client("instead").get(reverse("orders:matter", args=[row.pk]))
    assert "请贵办复查" in text(page)
    assert "复查申请.pdf" in text(page)
    assert "不服" not in text(page)
    assert "已公开" not in text(page)
    daily.tell(system(), NOW + 2 * DAY)
    assert [each.parameters["held"] for each in Message.objects.filter(user=user)] == [1]
    assert matter.acts(actor_for(user), row) == [], "who has it gives it to nobody"


def test_the_page_offers_it_as_long_as_the_review_is_not_answered(city: Offices) -> None:
    now = timezone.now()
    row = in_review(city, now)
    browser, page = client("petitions"), reverse("orders:matter", args=[row.pk])
    form = reverse("orders:act", args=[row.pk, "reassign_review"])
    assert f'action="{form}"' in text(browser.get(page))
    sent = browser.post(form, {"seen": row.version, "note": "另派", "holder": "市扶贫办"})
    assert sent.status_code == 302
    row = Matter.objects.get(pk=row.pk)
    assert (row.state, row.holder_id) == ("review", city.issuer)
    shown = text(browser.get(page))
    assert "改派复查、复核" in shown
    assert "承办：市扶贫办" in shown
    city.act(office(city), "answer_review", row, now, note="维持")
    shown = text(browser.get(page))
    assert f'action="{form}"' not in shown
    assert reverse("orders:act", args=[row.pk, "second_review"]) in shown
