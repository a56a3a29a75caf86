"""Leads decided: three flows, conflicts of interest, handing over, dismissing, from an incident, the table."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from officials import assigned
from people import account, signed_in
from rooms.duties.lead_case import GROUNDS, NAME, REPLY, SECRETS, TOLD_BY, Case, refused, text
from rooms.duties.place import Place
from tuopin.duties.incidents import flow, lead_rules, leads, rules
from tuopin.duties.incidents import services as incidents
from tuopin.duties.incidents.conflicts import conflict
from tuopin.duties.models import Incident, IncidentReport, Lead, Official, OrganisationVersion, Term
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Refused
from tuopin.register import cards

if TYPE_CHECKING:
    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    place = Place()
    cards.refresh_all()
    return Case(place)


def decide(user: User, key: str, act: str, **more: str) -> None:
    given = {"form": "talk", "reason": "理由", "document": "文件"} | more
    leads.decide(actor_for(user), key, act, **given)


# -- the three flows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authority", "act", "state"),
    [("province", "propose", "proposed"), ("city", "decide", "decided"), ("county", "demand", "demanded")],
)
def test_the_managing_authority_decides_the_flow(case: Case, authority: str, act: str, state: str) -> None:
    from tuopin.duties.models import Post

    Post.objects.filter(pk=case.post).update(authority=authority)
    key = case.heard()
    for other in {"propose", "decide", "demand"} - {act}:
        refused("wrong_flow", lambda other=other: decide(case.second, key, other))
    with pytest.raises(Refused):
        decide(case.officer, key, act)
    client = signed_in(case.second)
    shown = text(client, f"/duties/leads/{key}/")
    assert f'value="{act}"' in shown
    text(client, f"/duties/leads/{key}/", 302, do=act, form="admonition", reason="理由", document="文件")
    row = Lead.objects.get(key=key)
    assert row.state == state
    assert (row.due is None) == (act == "decide")
    if act != "decide":
        text(client, f"/duties/leads/{key}/", 302, do="close", outcome="已诫勉", document="县纪〔2026〕9号")
        assert Lead.objects.get(key=key).state == "closed"
    assert "诫勉" in text(signed_in(case.concerned), "/duties/leads/mine/")
    refused("wrong_state", lambda: leads.dismiss(actor_for(case.officer), key))


def test_an_unknown_authority_cannot_be_decided(case: Case) -> None:
    from tuopin.duties.models import Post

    Post.objects.filter(pk=case.post).update(authority="")
    key = case.heard()
    for act in ("propose", "decide", "demand"):
        refused("authority_unknown", lambda act=act: decide(case.second, key, act))
    assert "管理权限未知" in text(signed_in(case.second), f"/duties/leads/{key}/")
    Post.objects.filter(pk=case.post).update(authority="city")
    decide(case.second, key, "decide")


def test_who_left_office_is_decided_by_the_post_of_then_or_the_last(case: Case) -> None:
    """Leaving office is no way out."""
    from tuopin.duties.models import Term

    key, today = case.heard(), timezone.localdate()
    row = Lead.objects.get(key=key)
    begun = today - datetime.timedelta(days=100)
    Term.objects.filter(official_id=case.official).update(valid_from=begun, valid_to=today)
    Lead.objects.filter(key=key).update(opened_on=today - datetime.timedelta(days=50))
    row.refresh_from_db()
    assert lead_rules.authority(row, today) == lead_rules.Authority("county", "then")
    Term.objects.filter(official_id=case.official).update(valid_to=today - datetime.timedelta(days=60))
    assert lead_rules.authority(row, today) == lead_rules.Authority("county", "last")
    shown = text(signed_in(case.second), f"/duties/leads/{key}/")
    assert "按最后的职务" in shown
    decide(case.second, key, "demand")
    kept = leads.words(Lead.objects.get(key=key))["decision"]
    assert (kept["authority"], kept["since"], kept["why"]) == ("county", "last", "")


def test_who_left_with_nothing_but_a_post_that_ended_is_in_reach(case: Case) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Official.objects.filter(pk=case.official).update(area=None)
    before = {"valid_from": yesterday - datetime.timedelta(days=900)}
    Term.objects.filter(official=case.official).update(valid_to=yesterday, **before)
    OrganisationVersion.objects.filter(organisation=case.office).update(valid_to=yesterday, **before)
    row = Lead.objects.get(key=case.open())
    assert row.city_id == case.place.city.area_id
    assert lead_rules.authority(row, timezone.localdate()) == lead_rules.Authority("county", "last")


def test_where_no_post_is_known_a_person_chooses_and_says_why(case: Case) -> None:
    from tuopin.duties.models import Term

    key = case.heard()
    Term.objects.filter(official_id=case.official).delete()
    client, page = signed_in(case.second), f"/duties/leads/{key}/"
    assert "选定管理权限" in text(client, page)
    given = {"do": "as_chosen", "form": "talk", "reason": "理由", "document": "文件"}
    for wrong in ({}, {"authority": "city"}, {"authority": "moon", "authority_reason": "x"},
                  {"authority": "city", "authority_reason": "长" * 201}):  # fmt: skip
        text(client, page, 400, **(given | wrong))
    assert Lead.objects.get(key=key).state == "hearing"
    text(client, page, 302, **(given | {"authority": "city", "authority_reason": "档案所载，原任县局<局长>"}))
    row = Lead.objects.get(key=key)
    assert row.state == "decided"
    kept = leads.words(row)["decision"]
    assert (kept["authority"], kept["since"], kept["why"]) == ("city", "chosen", "档案所载，原任县局<局长>")
    assert "原任县局&lt;局长&gt;" in text(client, page)
    assert all("原任" not in str(each.detail) for each in AuditEntry.objects.all())


def test_what_a_post_tells_nobody_chooses_away(case: Case) -> None:
    key = case.heard()
    chosen = leads.Chosen("city", "我来定")
    refused(
        "wrong_flow",
        lambda: leads.decide(
            actor_for(case.second), key, "decide", form="talk", reason="x", document="y", chosen=chosen
        ),
    )


# -- conflicts of interest ----------------------------------------------------------------------------------------


def test_nobody_deals_with_himself_his_office_or_his_line(case: Case) -> None:
    local, today = local_admin(), timezone.localdate()
    county = case.place.county.area_id
    own = officials.add_officials(local, [("承办人", "", "")], area_id=county, day=today)[0]
    Official.objects.filter(pk=own).update(user=case.officer)
    assert not conflict(case.officer.pk, case.official, today)
    government = organisations.found_organisation(local, "县政府", "government", area_id=county, day=today)
    head = organisations.add_post(local, government, "县长", day=today)
    officials.appoint(local, own, head, day=today)
    assert not conflict(case.officer.pk, case.official, today)
    organisations.change_organisation(
        local, case.office, day=today + datetime.timedelta(days=1), name="县水利局", kind="department", area_id=county,
        parent_id=government,
    )  # fmt: skip
    later = today + datetime.timedelta(days=1)
    assert conflict(case.officer.pk, case.official, later), "who stands above"
    Official.objects.filter(pk=own).update(user=None)
    Official.objects.filter(pk=case.official).update(user=case.officer)
    refused("conflict", case.open)
    Official.objects.filter(pk=case.official).update(user=case.concerned)
    same = officials.add_officials(local, [("同事", "", "")], area_id=county, day=today)[0]
    Official.objects.filter(pk=same).update(user=case.second)
    key = case.heard()
    officials.appoint(local, same, organisations.add_post(local, case.office, "科员", day=today), day=today)
    refused("conflict", lambda: decide(case.second, key, "demand"))


def test_one_who_is_concerned_is_never_its_officer_or_decider(case: Case) -> None:
    """A discipline officer about whom there is a lead sees it as any other person does, and nothing else of it."""
    key = case.open()
    Official.objects.filter(pk=case.official).update(user=case.second)
    Lead.objects.filter(key=key).update(officer_id=case.second.pk)
    assert lead_rules.roles_towards(actor_for(case.second), Lead.objects.get(key=key), timezone.localdate()) == {
        "concerned"
    }
    text(signed_in(case.second), f"/duties/leads/{key}/", 404)
    assert key not in text(signed_in(case.second), "/duties/leads/")


# -- handing over, dismissing -------------------------------------------------------------------------------------


def test_one_officer_at_a_time(case: Case) -> None:
    key = case.open()
    officer = signed_in(case.officer)
    for name in ("keeper", "elsewhere", "nobody", "officer", "hq"):
        text(officer, f"/duties/leads/{key}/", 400, do="hand_over", username=name)
    text(officer, f"/duties/leads/{key}/", 302, do="hand_over", username="second")
    text(officer, f"/duties/leads/{key}/", 404)
    assert TOLD_BY in text(signed_in(case.second), f"/duties/leads/{key}/")


def test_a_lead_whose_officer_is_gone_can_be_taken_over(case: Case) -> None:
    key = case.open()
    client = signed_in(case.second)
    assert key not in text(client, "/duties/leads/")
    case.officer.is_active = False
    case.officer.save()
    assert key in text(client, "/duties/leads/")
    shown = text(client, f"/duties/leads/{key}/")
    assert not any(secret in shown for secret in (*SECRETS, NAME)), "nothing before it is taken over"
    text(client, f"/duties/leads/{key}/", 302, do="take_over")
    assert GROUNDS in text(client, f"/duties/leads/{key}/")
    text(signed_in(case.others["elsewhere"]), f"/duties/leads/{key}/", 404)


def test_dismissed_it_is_erased(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    leads.reply(actor_for(case.concerned), key, REPLY)
    officer = signed_in(case.officer)
    text(officer, f"/duties/leads/{key}/", 400, do="dismiss")
    text(officer, f"/duties/leads/{key}/", 302, do="dismiss", sure="yes")
    for user in (case.officer, case.second):
        text(signed_in(user), f"/duties/leads/{key}/", 404)
        assert NAME not in text(signed_in(user), "/duties/leads/")
    row = Lead.objects.get(key=key)
    assert (row.content, row.private, row.salt, row.incident_id, row.limit) == ("", "", "", None, None)
    own = text(signed_in(case.concerned), "/duties/leads/mine/")
    assert "不予追究" in own
    assert GROUNDS not in own
    text(signed_in(case.concerned), "/duties/leads/mine/", 302, do="note", lead=key)
    assert Lead.objects.get(key=key).official_id is None
    assert "没有请您说明的事项" in text(signed_in(case.concerned), "/duties/leads/mine/")
    entry = AuditEntry.objects.get(action="duties.dismiss_lead")
    assert (entry.subject, entry.detail) == (f"lead:{key}", "{}"), "the log keeps that it was, not what"


def test_the_last_tie_goes_by_itself(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    leads.dismiss(actor_for(case.officer), key)
    today = timezone.localdate()
    leads.tend(today)
    assert Lead.objects.get(key=key).official_id == case.official
    leads.tend(today + datetime.timedelta(days=31))
    assert Lead.objects.get(key=key).official_id is None
    untold = case.open()
    leads.dismiss(actor_for(case.officer), untold)
    assert Lead.objects.get(key=untold).official_id is None, "who never knew is not told of its end"


# -- from an incident ---------------------------------------------------------------------------------------------


def test_who_reported_in_time_is_protected(case: Case) -> None:
    place = case.place
    assigned(NAME, "县水利局", "13811112222", household=place.here[0])
    today = timezone.localdate()
    accounts.grant(local_admin(), case.officer, "inspector", "area", place.other.area_id)
    found = today - datetime.timedelta(days=8)
    [row] = incidents.open_incidents(
        actor_for(case.others["county"]), [incidents.Opening(place.here[0].code, "fallback", found, "village")]
    )
    refused("no_incident", lambda: case.open(source="incident"))
    key = case.open(source="incident", incident_id=row.pk)
    assert Lead.objects.get(key=key).incident_id == row.pk
    leads.dismiss(actor_for(case.officer), key)
    incidents.report(
        actor_for(case.others["county"]), row, "及时上报", official_id=case.official, day=found, document="报告单"
    )
    refused("reporter_protected", lambda: case.open(source="incident", incident_id=row.pk))
    key = case.open(source="audit", incident_id=row.pk)
    assert "已按时上报" in text(signed_in(case.officer), f"/duties/leads/{key}/")
    other = assigned("别人", household=place.here[1]).official_id
    refused("not_a_holder", lambda: case.open(source="audit", incident_id=row.pk, official_id=other))
    shown = text(signed_in(case.others["county"]), f"/duties/incidents/{row.pk}/")
    assert "线索" not in shown, "the incident does not say that there is a lead"
    assert Incident.objects.count() == 1
    assert IncidentReport.objects.count() == 1


# -- the page that opens one --------------------------------------------------------------------------------------


def test_from_the_name_to_the_lead(case: Case) -> None:
    officer = signed_in(case.officer)
    found = text(officer, "/duties/leads/new/", q=NAME[:2])
    assert NAME in found
    given = {
        "official": case.official,
        "source": "audit",
        "document": "审计报告",
        "grounds": GROUNDS,
        "told_by": TOLD_BY,
    }
    text(officer, "/duties/leads/new/", 302, do="open", **given)
    assert Lead.objects.get().officer_id == case.officer.pk
    for wrong in ({"grounds": " "}, {"source": "x"}, {"document": ""}, {"grounds": "字" * 4500}):
        text(officer, "/duties/leads/new/", 400, do="open", **(given | wrong))
    for wrong in ({"official": "1e9"}, {"official": "9" * 40}, {"official": ""}):
        text(officer, "/duties/leads/new/", 404, do="open", **(given | wrong))
    assert Lead.objects.count() == 1
    for name in ("headquarters", "county", "administrator", "auditor"):
        text(signed_in(case.others[name]), "/duties/leads/new/", 403)
    away = officials.add_officials(
        local_admin(), [("外县干部", "", "")], area_id=case.place.other.area_id, day=timezone.localdate()
    )[0]
    county = account("county-officer", "discipline", case.place.county.code)
    text(signed_in(county), "/duties/leads/new/", 404, do="open", **(given | {"official": away}))


def test_hostile_acts_change_nothing(case: Case) -> None:
    key = case.heard()
    client = signed_in(case.second)
    for given in (
        {"do": "x"}, {"do": "demand"}, {"do": "demand", "form": "beheading", "reason": "a", "document": "b"},
        {"do": "dismiss", "sure": "no"}, {"do": "demand", "form": "talk", "reason": "\0", "document": "b"},
    ):  # fmt: skip
        text(client, f"/duties/leads/{key}/", 400, **given)
    for address in (f"/duties/leads/{key}x/", "/duties/leads/%00/", "/duties/leads/" + "a" * 500 + "/"):
        text(client, address, 404)
    assert Lead.objects.get(key=key).state == "hearing"


# -- the table ----------------------------------------------------------------------------------------------------


def test_the_document_is_drawn_from_the_table() -> None:
    assert flow.diagram() in Path("docs/methods/incidents.md").read_text("utf-8")


def test_every_state_can_be_left_or_is_an_end() -> None:
    reached = {"opened", "heard"} | {each.target for each in flow.TRANSITIONS if each.target}
    assert reached == set(flow.STATES)
    ends = {state for state in flow.STATES if not any(state in each.sources for each in flow.TRANSITIONS)}
    assert ends == {"decided", "closed", "dismissed"}
    assert {rules.flow_of(key) for key in ("province", "city", "county")} <= set(flow.ACTS)
    assert rules.flow_of("") == ""
