"""Leads that somebody tries to bend: handed over and decided by oneself, told on paper too late, before the time to
report is over, kept from another place, pressed twice, an officer who comes to have a conflict."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from officials import assigned
from people import account, signed_in
from rooms.duties.lead_case import GROUNDS, NAME, REPLY, Case, refused, text
from rooms.duties.place import Place
from tuopin.duties.incidents import lead_rules, leads
from tuopin.duties.incidents import services as incidents
from tuopin.duties.models import Incident, Lead, Official
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry, Grant
from tuopin.platform.problems import Missing
from tuopin.register import cards

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    place = Place()
    cards.refresh_all()
    return Case(place)


def over(key: str) -> None:
    Lead.objects.filter(key=key).update(limit=timezone.localdate() - datetime.timedelta(days=1))


def test_who_handed_it_over_sees_and_decides_it_no_more(case: Case) -> None:
    """Opening a lead, handing it to a friend and deciding it oneself would be one person after all."""
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    leads.hand_over(actor_for(case.officer), key, "second")
    over(key)
    text(signed_in(case.officer), f"/duties/leads/{key}/", 404)
    assert not lead_rules.heard(actor_for(case.officer), timezone.localdate()).exists()
    third = account("third", "discipline", case.place.city.code)
    assert lead_rules.heard(actor_for(third), timezone.localdate()).exists()
    leads.dismiss(actor_for(case.second), key)
    assert Lead.objects.get(key=key).kept_before == "", "no tie is left of one that was dismissed"


def test_an_officer_who_comes_to_have_a_conflict_hands_it_over_and_nothing_else(case: Case) -> None:
    key, today, local = case.open(), timezone.localdate(), local_admin()
    own = officials.add_officials(local, [("承办人", "", "")], area_id=case.place.county.area_id, day=today)[0]
    Official.objects.filter(pk=own).update(user=case.officer)
    officials.appoint(local, own, organisations.add_post(local, case.office, "科员", day=today), day=today)
    refused("conflict", lambda: leads.dismiss(actor_for(case.officer), key))
    text(signed_in(case.officer), f"/duties/leads/{key}/", 302, do="hand_over", username="second")
    assert Lead.objects.get(key=key).officer_id == case.second.pk


def test_an_officer_who_turns_out_to_be_the_person_keeps_none(case: Case) -> None:
    key = case.open()
    Official.objects.filter(pk=case.official).update(user=case.officer)
    assert lead_rules.orphaned(actor_for(case.second)).filter(key=key).exists()
    leads.take_over(actor_for(case.second), key)
    text(signed_in(case.second), f"/duties/leads/{key}/", 302, do="tell", day=timezone.localdate(), document="回执")


def test_a_grant_that_went_to_another_place_keeps_no_lead(case: Case) -> None:
    key = case.open()
    Grant.objects.filter(user=case.officer).update(scope_id=case.place.other.area_id)
    with pytest.raises(Missing):
        leads.tell(actor_for(case.officer), key, day=timezone.localdate(), proof="回执")
    text(signed_in(case.officer), f"/duties/leads/{key}/", 404)
    leads.take_over(actor_for(case.second), key)
    county = account("county-officer", "discipline", case.place.county.code)
    own = leads.open_lead(actor_for(county), leads.Wanted(case.official, "inspection", "另一件", "文件"))
    assert lead_rules.held(actor_for(county)).get().key == own, "who serves the county keeps leads about it"
    assert not lead_rules.orphaned(actor_for(case.second)).filter(key=own).exists()


def test_telling_recorded_too_late_takes_nobody_s_reply(case: Case) -> None:
    key, today = case.open(), timezone.localdate()
    Lead.objects.filter(key=key).update(opened_on=today - datetime.timedelta(days=60))
    early = today - datetime.timedelta(days=50)
    refused("told_too_long_ago", lambda: leads.tell(actor_for(case.officer), key, day=early, proof="回执"))
    row = Lead.objects.get(key=key)
    assert (row.state, row.told_on, row.limit) == ("opened", None, None)
    leads.tell(actor_for(case.officer), key, day=today, proof="回执")
    over(key)
    leads.record_reply(actor_for(case.officer), key, REPLY, document="当天收到的书面答复")
    assert REPLY in text(signed_in(case.second), f"/duties/leads/{key}/")
    refused("wrong_state", lambda: leads.reply(actor_for(case.concerned), key, "晚了"))


def test_a_button_pressed_twice_opens_one(case: Case) -> None:
    case.open()
    refused("opened_already", case.open)
    case.open(grounds="另一件事")
    assert Lead.objects.count() == 2


def _incident(case: Case, ago: int) -> Incident:
    found = timezone.localdate() - datetime.timedelta(days=ago)
    assigned(NAME, "县水利局", "13811112222", household=case.place.here[0])
    accounts.grant(local_admin(), case.officer, "inspector", "area", case.place.other.area_id)
    opening = incidents.Opening(case.place.here[0].code, "fallback", found, "village")
    return incidents.open_incidents(actor_for(case.others["county"]), [opening])[0]


@pytest.mark.parametrize(("ago", "code"), [(0, "report_still_due"), (7, "report_still_due"), (8, "")])
def test_an_incident_opens_none_while_a_report_would_be_in_time(case: Case, ago: int, code: str) -> None:
    row = _incident(case, ago)
    if code:
        refused(code, lambda: case.open(source="incident", incident_id=row.pk))
    else:
        case.open(source="incident", incident_id=row.pk)


def test_a_report_in_time_that_came_after_the_lead_speaks_for_the_person(case: Case) -> None:
    row, today = _incident(case, 1), timezone.localdate()
    key = case.open(source="audit", incident_id=row.pk)
    assert "已按时上报" not in text(signed_in(case.officer), f"/duties/leads/{key}/")
    clerk = actor_for(case.others["county"])
    incidents.report(clerk, row, "及时上报", official_id=case.official, day=today, document="报告单")
    assert "已按时上报" in text(signed_in(case.officer), f"/duties/leads/{key}/")
    leads.see(actor_for(case.concerned), key)
    assert "已按时上报" in text(signed_in(case.concerned), "/duties/leads/mine/")


def test_no_report_is_older_than_what_happened(case: Case) -> None:
    row, today = _incident(case, 0), timezone.localdate()
    clerk = actor_for(case.others["county"])
    later = incidents.Opening(case.place.here[0].code, "market", today, "village", happened_on=today)
    [known] = incidents.open_incidents(clerk, [later])
    before = today - datetime.timedelta(days=30)
    given = {"official_id": case.official, "day": before, "document": "报告单"}
    refused("no_document", lambda: incidents.report(clerk, known, "早就报了", **given))
    incidents.report(clerk, row, "发现前已报", **given)


def test_what_is_tended_goes_on_where_a_lead_cannot_be_opened(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    Lead.objects.filter(key=key).update(provisional=True, limit=timezone.localdate())
    content = Lead.objects.get(key=key).content
    Lead.objects.filter(key=key).update(content="bm90IG91cnM=")
    leads.tend(timezone.localdate())
    Lead.objects.filter(key=key).update(content=content)
    leads.tend(timezone.localdate())
    row = Lead.objects.get(key=key)
    assert row.limit is not None
    assert row.limit > timezone.localdate()


def test_a_dismissal_noted_stands_in_the_log_without_the_account(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    leads.dismiss(actor_for(case.officer), key)
    leads.take_note(actor_for(case.concerned), key)
    entry = AuditEntry.objects.get(action="duties.note_lead")
    assert (entry.subject, entry.user_id, entry.actor_kind, entry.detail) == (f"lead:{key}", None, "system", "{}")


def test_everybody_finds_the_page_where_he_is_asked(case: Case) -> None:
    """Also who sees nothing of duties: officials of departments, of petition offices."""
    clerk = account("department-clerk", "department", case.place.county.code)
    Official.objects.filter(pk=case.official).update(user=clerk)
    key = case.open()
    client = signed_in(clerk)
    assert "/duties/leads/mine/" in text(client, "/account/")
    text(client, "/duties/leads/mine/", 302, do="see", lead=key)
    assert GROUNDS in text(client, "/duties/leads/mine/")


def test_what_ended_long_ago_pushes_nothing_open_off_the_page(case: Case) -> None:
    then = timezone.localdate() - datetime.timedelta(days=900)
    shared = {"official_id": case.official, "city_id": case.place.city.area_id, "officer_id": case.officer.pk}
    Lead.objects.bulk_create(
        Lead(key=f"{at:032d}", state="closed", opened_on=then, told_on=then, limit=then, ended_on=then, **shared)
        for at in range(110)
    )
    told, untold = case.open(), case.open(grounds="另一件")
    leads.see(actor_for(case.concerned), told)
    shown = text(signed_in(case.officer), "/duties/leads/")
    assert told in shown
    assert untold in shown
    over(told)
    assert told in text(signed_in(case.second), "/duties/leads/")
