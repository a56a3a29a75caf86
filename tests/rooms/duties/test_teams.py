"""Resident teams: presence against twenty days, leave by length, knowledge checks, reports, proposals."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from officials import assigned
from people import account, signed_in
from rooms.duties.place import Place
from tuopin.duties.models import (
    Assignment,
    KnowledgeCheck,
    Official,
    PresenceSheet,
    TeamLeave,
    TeamProposal,
    TeamReport,
)
from tuopin.duties.organisations import services as organisations
from tuopin.duties.teams import knowledge, leave, members, presence, reporting, rules
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import cards
from tuopin.register.models import HouseholdProfile, Membership, Person, StatusPeriod

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
MONTH = rules.before(timezone.localdate().replace(day=1))


class Team:
    """A village with a first secretary who has an account, and a member who has none."""

    def __init__(self) -> None:
        self.place = Place()
        self.village = self.place.village
        since = {"area": self.village.area, "valid_from": datetime.date(2017, 1, 1)}
        self.first = assigned("驻村甲", "市审计局", "1", role="first_secretary", **since).official_id
        self.member = assigned("驻村乙", "市审计局", "2", role="team_member", **since).official_id
        self.secretary = account("secretary", "village", self.village.code)
        Official.objects.filter(pk=self.first).update(user=self.secretary)
        self.town = account("town", "township", code_above(self.village))
        self.county = account("county", "county", self.place.county.code)
        cards.refresh_all()

    def keep(self, marks: str, who: int = 0, month: datetime.date = MONTH, actor: Actor | None = None) -> int:
        marks = marks.ljust(rules.length(month), "?")
        wanted = presence.Month(who or self.member, month, marks)
        return presence.keep(actor or actor_for(self.secretary), self.village, [wanted])[0]


def code_above(village: Any) -> str:
    from tuopin.register.models import AreaVersion

    return AreaVersion.objects.get(area_id=village.parent_id, valid_to=None).code


@pytest.fixture
def team() -> Team:
    return Team()


def refused(code: str, act: Any) -> None:
    with pytest.raises(Problem) as raised:
        act()
    assert raised.value.code == code


def text(client: Client, address: str, status: int = 200, **given: object) -> str:
    answer = client.post(address, given) if given else client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


# -- presence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "unknown", "whole", "said"),
    [
        (20, 0, True, "met"), (20, 10, True, "met"), (19, 0, True, "not_met"), (19, 1, True, "unknown"),
        (0, 30, True, "unknown"), (0, 19, True, "not_met"), (5, 0, False, "not_applicable"),
    ],
)  # fmt: skip
def test_unknown_days_are_not_absent(present: int, unknown: int, whole: bool, said: str) -> None:
    assert rules.verdict(present, unknown, 20, whole) == said


def test_a_sheet_is_kept_confirmed_and_opened_again(team: Team) -> None:
    key = team.keep("P" * 20)
    row = PresenceSheet.objects.get(pk=key)
    assert (row.present, row.unknown) == (20, rules.length(MONTH) - 20)
    with pytest.raises(Refused):
        presence.confirm(actor_for(team.secretary), [key])
    town = actor_for(team.town)
    assert presence.confirm(town, [key]) == 1
    refused("confirmed_already", lambda: team.keep("A" * 20))
    presence.reopen(town, key, "有两天写错")
    team.keep("P" * 18 + "LA")
    assert PresenceSheet.objects.get(pk=key).present == 18
    assert [each.action for each in AuditEntry.objects.order_by("pk")][-4:] == [
        "duties.keep_team", "duties.confirm_presence", "duties.reopen_presence", "duties.keep_team",
    ]  # fmt: skip


def test_nobody_confirms_what_is_his_own_or_written_by_him(team: Team) -> None:
    town = actor_for(team.town)
    own = team.keep("P" * 20, actor=town)
    refused("own_sheet", lambda: presence.confirm(town, [own]))
    Official.objects.filter(pk=team.first).update(user=team.town)
    mine = team.keep("P" * 20, who=team.first, actor=actor_for(team.county))
    refused("own_sheet", lambda: presence.confirm(town, [mine]))


def test_bad_sheets_are_refused(team: Team) -> None:
    this = TODAY().replace(day=1)
    refused("bad_marks", lambda: team.keep("X"))
    refused("bad_marks", lambda: team.keep("P" * 40))
    refused("bad_month", lambda: team.keep("P", month=rules.last_day(this) + datetime.timedelta(days=1)))
    refused("bad_month", lambda: team.keep("P", month=MONTH.replace(day=2)))
    if TODAY().day < rules.length(this):
        refused("day_to_come", lambda: team.keep("?" * TODAY().day + "P", month=this))
    stranger = assigned("外人", household=team.place.here[0]).official_id
    refused("not_on_the_team", lambda: team.keep("P", who=stranger))
    refused("not_on_the_team", lambda: team.keep("P", month=datetime.date(2016, 12, 1)))
    outsider = account("outsider", "county", team.place.other.code)
    with pytest.raises(Refused):
        team.keep("P", actor=actor_for(outsider))
    key = team.keep("P", month=this)
    refused("month_not_over", lambda: presence.confirm(actor_for(team.town), [key]))
    with pytest.raises(Missing):
        presence.confirm(actor_for(outsider), [key])


def on_the_team(team: Team) -> list[Assignment]:
    return list(members.team(team.village.area_id, MONTH, rules.last_day(MONTH)))


def test_a_month_is_whole_over_two_roles(team: Team) -> None:
    middle = MONTH.replace(day=10)
    Assignment.objects.filter(official_id=team.member).update(valid_to=middle)
    assert not members.covers(on_the_team(team), team.member, MONTH)
    assigned("驻村乙", "市审计局", "2", role="team_leader", area=team.village.area, valid_from=middle)
    assert members.covers(on_the_team(team), team.member, MONTH)


def test_the_list_says_who_is_below_and_who_has_no_sheet(team: Team) -> None:
    client = signed_in(team.county)
    address = f"/duties/teams/?month={MONTH:%Y-%m}"
    team.keep("P" * 10 + "A" * 19)
    short = text(client, f"{address}&standing=not_met")
    assert "驻村乙" in short
    assert "驻村甲" not in short
    none = text(client, f"{address}&standing=none")
    assert "驻村甲" in none
    assert "驻村乙" not in none
    team.keep("P" * 10)
    assert "驻村乙" not in text(client, f"{address}&standing=not_met")
    assert "驻村乙" in text(client, f"{address}&standing=unknown")
    assert "驻村乙" in text(client, f"{address}&confirmed=no")
    away = text(signed_in(account("away", "county", team.place.other.code)), address)
    assert "驻村甲" not in away
    assert "驻村乙" not in away
    for wrong in ("2018-13", "x", "9999-01", "1800-01"):
        text(client, f"/duties/teams/?month={wrong}", 400)


def test_the_page_of_an_area_leads_to_the_lists(team: Team) -> None:
    team.keep("P" * 10 + "A" * 19)
    shown = text(signed_in(team.county), f"/areas/{team.village.code}/")
    assert f"/duties/teams/?area={team.village.code}&amp;standing=not_met" in shown
    assert f"/duties/teams/{team.village.code}/" in shown
    assert "standing=not_met" not in text(
        signed_in(account("away", "county", team.place.other.code)), f"/areas/{team.place.away.code}/"
    )


# -- leave --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "tier"), [(1, "village"), (2, "township"), (3, "township"), (4, "county")])
def test_who_approves_follows_from_the_length(team: Team, days: int, tier: str) -> None:
    first = TODAY()
    row = leave.ask(actor_for(team.secretary), team.village, team.member, first,
                    first + datetime.timedelta(days=days - 1), "家中有事")  # fmt: skip
    assert row.tier == tier
    approvers = {"village": team.secretary, "township": team.town, "county": team.county}
    for level in list(approvers)[: list(approvers).index(tier)]:
        with pytest.raises(Refused):
            leave.decide(actor_for(approvers[level]), row.pk, approve=True, answer="")
    refused("no_reason", lambda: leave.decide(actor_for(approvers[tier]), row.pk, approve=False, answer=" "))
    leave.decide(actor_for(approvers[tier]), row.pk, approve=True, answer="")
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("approved", approvers[tier].pk)
    refused("decided_already", lambda: leave.decide(actor_for(team.county), row.pk, approve=True, answer=""))


def test_nobody_approves_his_own_and_no_two_overlap(team: Team) -> None:
    actor, today = actor_for(team.secretary), TODAY()
    row = leave.ask(actor, team.village, team.first, today, today, "看病")
    refused("own_leave", lambda: leave.decide(actor, row.pk, approve=True, answer=""))
    for shift in (0, 1):
        first = today - datetime.timedelta(days=shift)
        refused("leave_overlaps", lambda first=first: leave.ask(actor, team.village, team.first, first, today, "再请"))
    leave.withdraw(actor, row.pk)
    leave.ask(actor, team.village, team.first, today, today, "再请")
    for first, last in ((today, today - datetime.timedelta(days=1)), (datetime.date(1, 1, 1), today)):
        refused(
            "bad_dates", lambda first=first, last=last: leave.ask(actor, team.village, team.member, first, last, "x")
        )
    other = actor_for(account("away", "county", team.place.other.code))
    with pytest.raises(Missing):
        leave.decide(other, row.pk, approve=True, answer="")
    assert TeamLeave.objects.count() == 2


def test_why_somebody_is_on_leave_is_not_told_to_everybody(team: Team) -> None:
    leave.ask(actor_for(team.secretary), team.village, team.member, TODAY(), TODAY(), "化疗")
    address = f"/duties/teams/{team.village.code}/"
    assert "化疗" in text(signed_in(team.town), address)
    assert "化疗" not in text(signed_in(account("auditor", "auditor", team.place.city.code)), address)


# -- knowledge ----------------------------------------------------------------------------------------------------


def poor(team: Team) -> None:
    for at, each in enumerate(team.place.here):
        StatusPeriod.objects.create(
            household=each, axis="registration", value="registered", valid_from=datetime.date(2018, 1, 1)
        )
        person = Person.objects.create(code=f"p{at}")
        Membership.objects.create(
            household=each, person=person, valid_from=datetime.date(2018, 1, 1), confirmed_on=datetime.date(2018, 1, 1)
        )
        HouseholdProfile.objects.create(
            household=each, year=2018, as_of=datetime.date(2018, 12, 1), main_cause="illness", head_name=f"户主{at}",
            source="national", recorded_at=timezone.now(),
        )  # fmt: skip
    cards.refresh_all()


def test_questions_come_again_by_the_seed_and_their_key_is_frozen(team: Team) -> None:
    poor(team)
    town = actor_for(team.town)
    row = knowledge.draw_check(town, team.village, team.member, seed=7)
    again = knowledge.draw_check(town, team.village, team.member, seed=7)
    assert row.questions == again.questions
    assert row.digest == again.digest
    assert len({each["subject"] for each in row.questions}) == knowledge.HOUSEHOLDS
    answers = {at: each["answer"] for at, each in enumerate(row.questions)}
    Membership.objects.all().update(valid_to=TODAY())
    cards.refresh_all()
    assert knowledge.score(town, row, answers) == row.asked, "by what the register said when they were drawn"
    refused("scored_already", lambda: knowledge.score(town, row, answers))
    assert AuditEntry.objects.filter(action="duties.run_check", detail__contains='"seed":7').count() == 2


def test_no_closed_class_is_asked(team: Team) -> None:
    poor(team)
    row = knowledge.draw_check(actor_for(team.town), team.village, team.member, seed=1)
    assert {each["kind"] for each in row.questions} <= set(knowledge.KINDS)
    assert "illness" not in json.dumps(row.questions)
    shown = text(signed_in(team.town), f"/duties/teams/checks/{row.pk}/")
    assert "因病" not in shown
    assert "户主" in shown


def test_the_key_is_shown_once_it_is_answered_and_to_no_member(team: Team) -> None:
    poor(team)
    row = knowledge.draw_check(actor_for(team.town), team.village, team.first, seed=3)
    address = f"/duties/teams/checks/{row.pk}/"
    town = signed_in(team.town)
    assert "登记</th>" not in text(town, address)
    for user in (team.secretary, account("hq", "headquarters", team.place.city.code),
                 account("away", "county", team.place.other.code)):  # fmt: skip
        text(signed_in(user), address, 404)
    given = {f"answer-{at}": each["answer"] for at, each in enumerate(row.questions)}
    text(town, address, 302, **given)
    assert "登记</th>" in text(town, address)
    assert KnowledgeCheck.objects.get(pk=row.pk).right == row.asked
    assert f"{row.asked} / {row.asked}" in text(signed_in(team.secretary), f"/duties/teams/{team.village.code}/")
    Official.objects.filter(pk=team.member).update(user=team.town)
    refused("own_check", lambda: knowledge.draw_check(actor_for(team.town), team.village, team.member))
    for number in (10**15, 10**30):
        text(town, f"/duties/teams/checks/{number}/", 404)


# -- reports, proposals -------------------------------------------------------------------------------------------


def dispatched(team: Team) -> reporting.Pair:
    local, day = local_admin(), datetime.date(2017, 1, 1)
    unit = organisations.found_organisation(
        local, "市审计局", "dispatching_unit", area_id=team.place.city.area_id, day=day
    )
    own = organisations.found_organisation(local, "驻村队", "resident_team", area_id=team.village.area_id, day=day)
    organisations.link_organisations(local, unit, [own], relation="dispatches", day=day)
    [pair] = reporting.pairs(team.village.area_id, TODAY())
    assert (pair.team, pair.unit) == ("驻村队", "市审计局")
    return pair


def test_a_report_holds_figures_and_no_household(team: Team) -> None:
    poor(team)
    pair = dispatched(team)
    team.keep("P" * 21)
    secretary = signed_in(team.secretary)
    address = f"/duties/teams/{team.village.code}/report/?month={MONTH:%Y-%m}"
    shown = text(secretary, address)
    assert "市审计局" in shown
    assert "21" in shown
    assert not any(each.code in shown for each in team.place.here)
    assert "户主" not in shown
    text(secretary, address, 302, unit=pair.unit_id)
    text(secretary, address, 400, unit=pair.unit_id)
    text(secretary, address, 400, unit="7" * 30)
    row = TeamReport.objects.get()
    team.keep("P" * 5)
    assert [each["present"] for each in row.figures["members"]] == [None, 21]
    assert row.digest in text(secretary, address)
    assert "21" in text(secretary, address), "what was sent stays as it was sent"
    text(secretary, f"/duties/teams/{team.village.code}/report/?month={TODAY():%Y-%m}", 400, unit=pair.unit_id)


def test_consequences_are_proposals_with_a_ground(team: Team) -> None:
    county, second = actor_for(team.county), actor_for(account("second", "county", team.place.county.code))
    town, year = actor_for(team.town), MONTH.year
    assert not reporting.grounds(team.village, year)
    refused("no_ground", lambda: reporting.propose(county, team.village, team.member, year))
    key = team.keep("P" * 3 + "A" * 26)
    assert not reporting.grounds(team.village, year), "nobody has confirmed it"
    presence.confirm(town, [key])
    [ground] = reporting.grounds(team.village, year)
    assert (ground.official_id, ground.kind.key) == (team.member, "reminder")
    row = reporting.propose(county, team.village, team.member, year)
    refused("proposed_already", lambda: reporting.propose(county, team.village, team.member, year))
    with pytest.raises(Refused):
        reporting.answer(county, row.pk, agree=True, text="同意")
    before = Assignment.objects.filter(valid_to=None).count()
    reporting.answer(second, row.pk, agree=True, text="同意提醒")
    assert TeamProposal.objects.get().state == "agreed"
    assert Assignment.objects.filter(valid_to=None).count() == before, "nobody is replaced by the product"
    address = f"/duties/teams/{team.village.code}/?month={MONTH:%Y-%m}"
    assert "同意提醒" in text(signed_in(team.county), address)
    assert "同意提醒" not in text(signed_in(team.secretary), address)
    Official.objects.filter(pk=team.first).update(user=None)
    Official.objects.filter(pk=team.member).update(user=team.secretary)
    assert "同意提醒" in text(signed_in(team.secretary), address), "the person sees what was proposed about him"


def test_unknown_days_are_no_ground(team: Team) -> None:
    key = team.keep("P" * 3 + "A" * 5)
    presence.confirm(actor_for(team.town), [key])
    assert not reporting.grounds(team.village, MONTH.year)


# -- pages --------------------------------------------------------------------------------------------------------


def test_a_month_on_the_page(team: Team, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    secretary = signed_in(team.secretary)
    address = f"/duties/teams/{team.village.code}/members/{team.member}/?month={MONTH:%Y-%m}"
    with django_assert_max_num_queries(20):
        text(secretary, address)
    given = {f"mark-{at}": "P" for at in range(1, 21)} | {"mark-21": "L", "note-21": "<b>回家</b>"}
    text(secretary, address, 302, **given)
    row = PresenceSheet.objects.get()
    assert row.marks == ("P" * 20 + "L").ljust(rules.length(MONTH), "?")
    assert "&lt;b&gt;回家" in text(secretary, address)
    text(secretary, address, 400, **(given | {"mark-1": "PP"}))
    town = signed_in(team.town)
    with django_assert_max_num_queries(20):
        shown = text(town, f"/duties/teams/{team.village.code}/?month={MONTH:%Y-%m}")
    assert 'name="sheet"' in shown
    text(
        signed_in(team.town), f"/duties/teams/{team.village.code}/?month={MONTH:%Y-%m}", 302, do="confirm", sheet=row.pk
    )
    assert PresenceSheet.objects.get().confirmed_at is not None
    text(secretary, address, 400, **given)


def test_closed_to_others_and_to_hostile_input(team: Team) -> None:
    away = signed_in(account("away", "county", team.place.other.code))
    code = team.village.code
    for address in (
        f"/duties/teams/{code}/",
        f"/duties/teams/{code}/report/",
        f"/duties/teams/{code}/members/{team.member}/",
    ):
        text(away, address, 404)
    town = signed_in(team.town)
    for given in (
        {"do": "x"}, {"do": "ask", "number": team.member}, {"do": "ask", "number": "9" * 40, "first": "2018-01-01"},
        {"do": "confirm"}, {"do": "confirm", "sheet": ["x"] * 10_000}, {"do": "draw", "number": team.member},
        {"do": "propose", "number": team.member},
    ):  # fmt: skip
        text(town, f"/duties/teams/{code}/", 400, **given)
    for given in (
        {"do": "approve", "number": 10**18},
        {"do": "withdraw", "number": "x"},
        {"do": "agree", "number": 7, "answer": "x"},
    ):
        text(town, f"/duties/teams/{code}/", 404, **given)
    text(town, f"/duties/teams/{code}/members/{10**30}/", 404)
    text(town, f"/duties/teams/{code_above(team.village)}/", 400)


# -- one person ---------------------------------------------------------------------------------------------------


def test_two_entries_that_are_one_person_keep_all_their_papers(team: Team) -> None:
    from tuopin.duties.officials.naming import merge
    from tuopin.platform.database import write as transaction

    team.keep("P" * 20)
    leave.ask(actor_for(team.secretary), team.village, team.member, TODAY(), TODAY(), "家事")
    twin = assigned("驻村乙", "市审计局", "新号码", household=team.place.here[0]).official_id
    with transaction():
        merge(twin, [team.member])
    assert PresenceSheet.objects.get().official_id == twin
    assert TeamLeave.objects.get().official_id == twin
