"""Leads: who sees them and who does not, the right of reply, the three flows, what is left when one is dismissed."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from people import signed_in
from rooms.duties.lead_case import GROUNDS, NAME, REPLY, SECRETS, TOLD_BY, Case, refused, text
from rooms.duties.place import Place
from tuopin.duties.incidents import flow, lead_rules, leads
from tuopin.duties.incidents.conflicts import conflict
from tuopin.duties.models import Lead, Official
from tuopin.duties.officials import services as officials
from tuopin.platform import roles
from tuopin.platform.access import Actor, Limits, actor_for, local_admin, system
from tuopin.platform.auditing import readlog
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry, ReadEntry
from tuopin.platform.problems import Missing, Refused
from tuopin.register import cards

if TYPE_CHECKING:
    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    place = Place()
    cards.refresh_all()
    return Case(place)


# -- who sees it --------------------------------------------------------------------------------------------------


def test_while_the_person_may_reply_two_people_see_it(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    leads.reply(actor_for(case.concerned), key, REPLY)
    shown = text(signed_in(case.officer), f"/duties/leads/{key}/")
    assert all(secret in shown for secret in SECRETS)
    own = text(signed_in(case.concerned), "/duties/leads/mine/")
    assert GROUNDS in own
    assert REPLY in own
    assert TOLD_BY not in own, "who told is for the officer alone"
    text(signed_in(case.concerned), f"/duties/leads/{key}/", 404)
    for name, user in {**case.others, "second": case.second}.items():
        client = signed_in(user)
        status = {"second": 200, "elsewhere": 200}.get(name, 403)
        listed = text(client, "/duties/leads/", status)
        assert key not in listed, name
        assert NAME not in listed, name
        there, nowhere = text(client, f"/duties/leads/{key}/", 404), text(client, f"/duties/leads/{'0' * 32}/", 404)
        assert there.count("没有这条记录") == nowhere.count("没有这条记录"), "outside looks like not there"
        assert not any(secret in there for secret in SECRETS)
        assert "没有请您说明的事项" in text(client, "/duties/leads/mine/")


def test_what_every_reader_may_open_says_nothing_of_it(case: Case) -> None:
    """Each page of the navigation, the lists, the logs, the API, the search: before and after a lead they are the same
    to everybody else."""
    readers = {**case.others, "second": case.second}
    household, village = case.place.here[0].code, case.place.village.code
    addresses = [
        "/", "/duties/officials/", "/duties/gaps/", "/duties/incidents/", f"/duties/officials/{case.official}/",
        "/read-log/", "/audit/", "/jobs/", "/account/", "/accounts/", "/api/openapi.json",
        f"/households/{household}/", f"/areas/{village}/", f"/duties/assign/area/{village}/",
    ]  # fmt: skip
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    leads.reply(actor_for(case.concerned), key, REPLY)
    text(signed_in(case.concerned), "/duties/leads/mine/")
    text(signed_in(case.officer), f"/duties/leads/{key}/")
    readlog.drain()
    for name, user in readers.items():
        client = signed_in(user)
        for address in addresses:
            shown = client.get(address, follow=True).content.decode()
            assert not any(secret in shown for secret in SECRETS), (name, address)
            if address in {
                "/read-log/",
                "/audit/",
            }:  # that there is a lead is said to who reads the logs, never about whom
                assert NAME not in shown, (name, address)
                assert case.concerned.username not in shown, (name, address)
            else:
                assert key not in shown, (name, address)
                assert "问责线索" not in shown or name in {"second", "elsewhere"}, (name, address)
        found = client.post("/find/", {"q": NAME[:2]}, follow=True).content.decode()
        assert key not in found
        assert not any(secret in found for secret in SECRETS)


def test_headquarters_see_no_leads_even_after_the_time_to_reply(case: Case) -> None:
    key = case.heard()
    for name, user in case.others.items():
        text(signed_in(user), f"/duties/leads/{key}/", 404)
        assert not lead_rules.heard(actor_for(user), timezone.localdate()).exists(), name
    assert REPLY in text(signed_in(case.second), f"/duties/leads/{key}/")
    assert TOLD_BY not in text(signed_in(case.second), f"/duties/leads/{key}/"), "who told stays with the officer"


def test_no_role_but_discipline_and_no_pattern_opens_leads() -> None:
    for permission in ("duties.hold_lead", "duties.decide_lead"):
        assert [key for key in roles.all_roles() if roles.allows(key, permission)] == ["discipline"]


def test_only_people_act_on_leads(case: Case) -> None:
    """Neither the system, nor the command line, nor a token of the API."""
    key = case.open()
    wanted = leads.Wanted(case.official, "inspection", "依据", "文件")
    token = Actor("user", case.officer.pk, "officer", limits=Limits(1, frozenset({1}), frozenset({"duties.hold_lead"})))
    for actor in (system(), local_admin(), token):
        with pytest.raises(Refused):
            leads.open_lead(actor, wanted)
        with pytest.raises(Missing):
            leads.dismiss(actor, key)
        today = timezone.localdate()
        of_all = [lead_rules.held(actor), lead_rules.concerning(actor), lead_rules.heard(actor, today)]
        for rows in (*of_all, lead_rules.orphaned(actor)):
            assert not rows.exists()


def test_a_flag_or_a_position_opens_none(case: Case) -> None:
    for source in ("flag", "position", "", "x" * 400):
        refused("unknown_key", lambda source=source: case.open(source=source))
    assert not Lead.objects.exists()


def test_nothing_is_published(case: Case) -> None:
    """Neither as a list (exports, the API), nor as a fact for rules, nor sealed."""
    from tuopin.duties import sealing
    from tuopin.platform.catalogue import catalogue
    from tuopin.platform.lists.registry import listings

    case.open()
    assert not [key for key in listings() if "lead" in key]
    assert "duties_lead" in sealing.LEFT_OUT
    assert not [table for table in catalogue().tables if "lead" in table.table]


def test_what_is_written_lies_sealed(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    leads.reply(actor_for(case.concerned), key, REPLY)
    row = Lead.objects.filter(key=key).values().get()
    assert not any(secret in str(row) for secret in SECRETS)
    assert case.official == row["official_id"]
    logged = [*AuditEntry.objects.values_list("actor_name", "user_id", "subject", "detail", "digest", "action")]
    mine = [entry for entry in logged if entry[2] == f"lead:{key}"]
    assert [entry[5] for entry in mine] == ["duties.open_lead", "duties.see_lead", "duties.reply_to_lead"]
    assert [entry[1] for entry in mine] == [case.officer.pk, None, None], "the person concerned is not named"
    assert all(entry[3] == "{}" for entry in mine)
    spooled = "".join(path.read_text("utf-8") for path in (home() / "logs").glob("*.log")) if home().exists() else ""
    assert not any(secret in spooled for secret in SECRETS)


def test_every_reading_is_noted_and_the_person_s_own_without_his_account(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    text(signed_in(case.officer), f"/duties/leads/{key}/")
    text(signed_in(case.concerned), "/duties/leads/mine/")
    readlog.drain()
    mine = ReadEntry.objects.filter(what="duties.lead", filter__contains=key)  # the spool holds other tests' lines too
    rows = mine.order_by("pk").values_list("user_id", "actor_kind", "filter")
    assert [(user, kind) for user, kind, _filter in rows] == [(case.officer.pk, "user"), (None, "system")]
    assert all(json.loads(noted)["lead"] == key for _user, _kind, noted in rows)


def test_it_follows_the_person_through_a_merger_of_entries(case: Case) -> None:
    """The account stands with one entry among the officials, the lead with the other; the person sees it all the same,
    and an officer whose second entry it is about does not."""
    key = case.open()
    twin = officials.add_officials(
        local_admin(), [(NAME, "县水利站", "")], area_id=case.place.county.area_id, day=timezone.localdate()
    )[0]
    Official.objects.filter(pk=case.official).update(user=None)
    Official.objects.filter(pk=twin).update(user=case.concerned, merged_into=case.official)
    assert "有一件事请您说明" in text(signed_in(case.concerned), "/duties/leads/mine/")
    Official.objects.filter(pk=twin).update(user=case.officer)
    text(signed_in(case.officer), f"/duties/leads/{key}/", 404)
    assert conflict(case.officer.pk, case.official, timezone.localdate())


# -- the right of reply -------------------------------------------------------------------------------------------


def test_no_clock_runs_before_the_person_knows(case: Case) -> None:
    key = case.open()
    own = signed_in(case.concerned)
    shown = text(own, "/duties/leads/mine/")
    assert "有一件事请您说明" in shown
    assert GROUNDS not in shown
    assert Lead.objects.get(key=key).limit is None
    refused("wrong_state", lambda: leads.reply(actor_for(case.concerned), key, "早了"))
    text(own, "/duties/leads/mine/", 302, do="see", lead=key)
    row = Lead.objects.get(key=key)
    assert row.told_on == timezone.localdate()
    assert row.limit == flow.limit(row.told_on, 10, []).day
    text(own, "/duties/leads/mine/", 302, do="reply", lead=key, text=REPLY)
    text(own, "/duties/leads/mine/", 302, do="reply", lead=key, text="补充")
    assert len(leads.words(Lead.objects.get(key=key))["replies"]) == 2
    text(own, "/duties/leads/mine/", 400, do="reply", lead=key, text=" ")
    text(own, "/duties/leads/mine/", 404, do="reply", lead="0" * 32, text="别人的")


def test_working_days_and_stops() -> None:
    friday = datetime.date(2018, 12, 7)
    assert flow.limit(friday, 3, []).day == datetime.date(2018, 12, 12)
    sick = (datetime.date(2018, 12, 10), datetime.date(2018, 12, 11))
    assert flow.limit(friday, 3, [sick]).day == datetime.date(2018, 12, 14)
    twice = flow.limit(friday, 3, [sick, sick]).day
    assert twice == datetime.date(2018, 12, 14), "a day stands still once"
    assert flow.limit(datetime.date(2018, 12, 28), 1, []).day == datetime.date(2018, 12, 29), "worked in lieu"


def test_the_clock_stops_with_reason_and_end(case: Case) -> None:
    key = case.open()
    officer = signed_in(case.officer)
    leads.see(actor_for(case.concerned), key)
    before = Lead.objects.get(key=key).limit
    assert before is not None
    today = timezone.localdate()
    first, last = today.isoformat(), (today + datetime.timedelta(days=14)).isoformat()
    address = f"/duties/leads/{key}/"
    text(officer, address, 302, do="stop", reason="sick", first=first, last=last, document="住院证明")
    after = Lead.objects.get(key=key).limit
    assert after is not None
    assert after > before
    for wrong in (
        {"reason": "holiday"}, {"first": ""}, {"last": ""}, {"document": ""}, {"last": "9999-12-31"},
        {"first": "2000-01-01"}, {"first": last, "last": first},
    ):  # fmt: skip
        given = {"reason": "leave", "first": first, "last": last, "document": "假条"} | wrong
        text(officer, address, 400, do="stop", **given)
    assert Lead.objects.get(key=key).limit == after


def test_somebody_without_an_account_is_told_on_paper(case: Case) -> None:
    Official.objects.filter(pk=case.official).update(user=None)
    key = case.open()
    officer, today = actor_for(case.officer), timezone.localdate()
    refused("bad_date", lambda: leads.tell(officer, key, day=today + datetime.timedelta(days=1), proof="回执"))
    leads.tell(officer, key, day=today, proof="回执")
    leads.record_reply(officer, key, REPLY, document="书面答复")
    assert leads.words(Lead.objects.get(key=key))["replies"][0]["text"] == REPLY


def test_nobody_decides_before_the_time_to_reply_is_over(case: Case) -> None:
    key = case.open()
    leads.see(actor_for(case.concerned), key)
    with pytest.raises(Missing):
        decide(case.second, key, "demand")
    with pytest.raises(Refused):
        decide(case.officer, key, "demand")


def decide(user: User, key: str, act: str, **more: str) -> None:
    given = {"form": "talk", "reason": "理由", "document": "文件"} | more
    leads.decide(actor_for(user), key, act, **given)
