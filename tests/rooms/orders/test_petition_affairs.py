"""What a petition must not lose on its way: rows of two hotlines, whom it is about, letters owed, the time to erase."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from rooms.orders.office import MONDAY, Offices
from rooms.orders.petitioners import (
    DAY,
    NOW,
    WHO,
    accepted,
    answered,
    client,
    intake,
    letter,
    notice,
    office,
    refused,
    taken,
    text,
    word_of,
)
from rooms.orders.test_petition_letters import line, problem, sheet
from tuopin.orders import jobs
from tuopin.orders.models import Matter, Petition, Petitioner
from tuopin.orders.papers import numbers
from tuopin.orders.petitions import erasing, hotline, letters, services
from tuopin.orders.petitions.sealed import Who
from tuopin.orders.petitions.services import Wording, take_in
from tuopin.platform.access import actor_for
from tuopin.platform.documents.official import printing
from tuopin.platform.home import make_home
from tuopin.platform.lists import recent
from tuopin.platform.models import AuditEntry

pytestmark = pytest.mark.django_db

LATER = NOW + 1827 * DAY


@pytest.fixture
def city() -> Offices:
    recent.forget()
    return Offices()


def fresh(row: Matter) -> Matter:
    return Matter.objects.get(pk=row.pk)


def test_two_hotlines_that_count_alike_lose_no_call(city: Offices) -> None:
    here = hotline.take(office(city), city.county, sheet(line("2018-1")), NOW)
    there = hotline.take(office(city), city.other, sheet(line("2018-1", 诉求内容="另一件事")), NOW)
    assert (here.taken, there.taken, there.known) == (1, 1, 0)


def test_a_call_voided_by_itself_does_not_come_again(city: Offices) -> None:
    made = hotline.take(office(city), city.county, sheet(line("E1"), line("E2")), NOW)
    first = Petition.objects.filter(batch=made.row).order_by("pk")[0]
    city.act(office(city), "void", first.matter, NOW, note="骚扰电话")
    erasing.erase(office(city), NOW + 31 * DAY)
    assert Petitioner.objects.get(pk=first.pk).erased_at is not None
    again = hotline.take(office(city), city.county, sheet(line("E1"), line("E2")), NOW + 32 * DAY)
    assert (again.taken, again.known) == (0, 2)


def test_a_person_who_was_not_found_stays_open_when_the_unit_alone_is_kept(city: Offices) -> None:
    hotline.take(office(city), city.county, sheet(line("F1", 被反映单位="县教育局", 被反映人="孙不明")), NOW)
    row = Petition.objects.get()
    assert (row.about_organisation_id, row.about_open) == (city.education, True)
    services.reword(office(city), row.pk, Wording("题", "转述", "", city.education), NOW)  # as the form comes filled in
    refused("about_open", city, "accept", row.matter, holder_id=city.city_education)
    services.reword(office(city), row.pk, Wording("题", "转述", "", city.education, nobody=True), NOW)
    city.act(office(city), "accept", fresh(row.matter), NOW, holder_id=city.city_education)


def test_a_call_about_a_unit_of_elsewhere_is_worded_all_the_same(city: Offices) -> None:
    near = city.actor("near", "petition_office", "area", city.county.area_id)
    hotline.take(near, city.county, sheet(line("G1", 被反映单位="邻县教育局")), NOW)
    row = Petition.objects.get()
    assert row.about_organisation_id == city.elsewhere
    browser, page = client("near"), reverse("orders:petition", args=[row.pk])
    form = {"do": "wording", "title": "题", "text": "转述一", "about_organisation": str(city.elsewhere)}
    assert browser.post(page, form).status_code == 302
    assert Petition.objects.get().about_organisation_id == city.elsewhere
    lost = browser.post(page, {**form, "text": "写了很久的转述", "about_organisation": "没有这个单位"})
    assert lost.status_code == 404
    assert "写了很久的转述" in text(lost)  # nothing typed is lost for a name not found


def test_a_form_gone_back_to_is_another_petition(city: Offices) -> None:
    first = take_in(office(city), intake(city, form="abc"), NOW)
    assert take_in(office(city), intake(city, form="abc", who=Who("另一人")), NOW).pk != first.pk
    assert take_in(office(city), intake(city, form="abc"), NOW).pk == first.pk


def test_whoever_a_call_is_about_learns_of_it_from_no_count_of_its_list(city: Offices) -> None:
    me = city.account("clerk", "petition_office", "area", city.county.area_id)
    city.official("赵科长", city.government, "科长", user=me)
    hotline.take(office(city), city.county, sheet(line("H1"), line("H2", 被反映单位="县政府")), NOW)
    hotline.take(office(city), city.county, sheet(line("H3")), NOW)
    assert [each.taken for each in hotline.lists(actor_for(me))] == [1]
    assert [each.taken for each in hotline.lists(office(city))] == [1, 2]


def test_a_letter_is_owed_to_whoever_was_content_at_once(city: Offices) -> None:
    row = city.act(office(city), "satisfied", answered(city), NOW)
    assert letter(city, row, "answered").kind == "answered"
    problem("letter_not_now", letter, city, row, "reviewed")
    problem("letter_not_now", letter, city, row, "concluded")


def test_no_answer_of_a_second_review_that_there_never_was(city: Offices) -> None:
    row = city.act(office(city), "review", answered(city), NOW, holder_id=city.government, note="不服")
    row = city.act(office(city), "answer_review", row, NOW, note="维持")
    row = city.act(office(city), "satisfied", row, NOW)
    problem("letter_not_now", letter, city, row, "concluded")
    assert letter(city, row, "reviewed").kind == "reviewed"


def test_the_notice_on_which_more_time_was_given_stays(city: Offices) -> None:
    row = city.act(city.department(), "receive", accepted(city), NOW)
    made = notice(city, row, MONDAY + 79 * DAY)
    city.act(office(city), "extend", row, NOW, limit=MONDAY + 77 * DAY)
    problem("notice_used", letters.withdraw, office(city), row.pk, made.pk, NOW)


def test_no_letter_is_older_than_its_petition(city: Offices) -> None:
    row = accepted(city)
    problem("bad_day", lambda: letter(city, row, "accepted", day=MONDAY - DAY))


def test_where_numbers_begin_stays_once_a_letter_drew_one(city: Offices) -> None:
    now = timezone.now()
    letter(city, accepted(city, now), "accepted", now)
    problem("numbers_drawn", numbers.begin, office(city), word_of(city), timezone.localdate(now).year, 7)


def test_one_that_ended_while_its_review_ran_is_erased_too(city: Offices) -> None:
    row = city.act(office(city), "review", answered(city), NOW, holder_id=city.government, note="不服")
    row = city.act(office(city), "satisfied", row, NOW)
    assert row.closed_at is None
    assert not erasing.due(office(city), NOW + 1800 * DAY).exists()
    assert [each.pk for each in erasing.due(office(city), LATER)] == [row.pk]


def test_all_earlier_ones_are_kept_while_the_affair_goes_on(city: Offices) -> None:
    first = city.act(office(city), "satisfied", answered(city), NOW)
    second = city.act(office(city), "satisfied", answered(city, repeats=first.pk), NOW)
    third = taken(city, repeats=first.pk)
    assert not erasing.due(office(city), LATER).exists()
    city.act(office(city), "decline", third, NOW, note="不属于")
    assert {each.pk for each in erasing.due(office(city), LATER)} == {first.pk, second.pk, third.pk}


def test_the_job_tells_no_small_number_and_no_digest_is_left(city: Offices) -> None:
    class Run:
        actor = office(city)

    row = city.act(office(city), "decline", taken(city, form="xyz"), NOW - 3000 * DAY, note="不属于")
    assert Petition.objects.get(pk=row.pk).key
    run: Any = Run()
    told = jobs.erase_petitioners(run)
    assert told is not None
    assert told["title_zh"] == "已清除少于 5 件"
    assert Petition.objects.get(pk=row.pk).key == ""
    assert WHO.name not in str(Petitioner.objects.get(pk=row.pk).sealed)


def test_a_list_taken_away_while_it_is_looked_at_stops_no_clock(city: Offices) -> None:
    gone = make_home() / "staging" / "hotline-just-gone"
    gone.symlink_to(gone.with_name("nowhere"))
    try:
        assert hotline.purge(time.time() + 3600) == 0
    finally:
        gone.unlink()


def test_the_audit_keeps_that_whom_it_is_about_was_changed_not_who(city: Offices) -> None:
    row = taken(city, about_organisation_id=city.government)
    services.reword(office(city), row.pk, Wording("题", "转述", "", city.government), NOW)
    services.reword(office(city), row.pk, Wording("题", "转述"), NOW)
    kept = AuditEntry.objects.filter(action="orders.reword_petition").order_by("pk")
    assert [json.loads(each.detail)["about_changed"] for each in kept] == [False, True]
    assert not [each for each in kept if "organisation" in each.detail]


def test_a_withdrawn_letter_says_so_on_paper(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    row = accepted(city)
    made = letter(city, row, "accepted")
    letters.withdraw(office(city), row.pk, made.pk, NOW)
    monkeypatch.setattr(printing, "paper_pdf", lambda paper: paper.title.encode())
    assert letters.printed(office(city), row.pk, made.pk)[0].decode() == "信访事项受理告知书（已作废）"
