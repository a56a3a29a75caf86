"""Incidents: what is frozen with them, who reports in time, and to whom a kind is told."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from officials import assigned
from people import account, signed_in
from rooms.duties.place import Place
from tuopin.duties.incidents import known, rules, selectors, services
from tuopin.duties.models import Incident, IncidentReport, Official, Visit, VisitProblem
from tuopin.duties.visits import selectors as visits
from tuopin.platform.access import actor_for
from tuopin.platform.database import write
from tuopin.platform.models.append_only import AppendOnlyError
from tuopin.platform.problems import Missing, Problem
from tuopin.register import cards
from tuopin.register.models import Residence, StatusPeriod

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


@pytest.fixture
def place() -> Place:
    made = Place()
    for each in made.here:
        StatusPeriod.objects.create(
            household=each, axis="registration", value="exited", valid_from=datetime.date(2018, 12, 1)
        )
    cards.refresh_all()
    return made


def text(client: Client, address: str, status: int = 200, **given: object) -> str:
    answer = client.post(address, given) if given else client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def happened(actor: Actor, place: Place, kind: str = "fallback", at: int = 0, **more: Any) -> Incident:
    wanted: dict[str, Any] = {"found_on": TODAY(), "channel": "village"} | more
    [row] = services.open_incidents(actor, [services.Opening(place.here[at].code, kind, **wanted)])
    return row


def refused(code: str, act: Any) -> None:
    with pytest.raises(Problem) as raised:
        act()
    assert raised.value.code == code


def test_what_was_known_is_frozen(place: Place) -> None:
    actor = actor_for(account("town", "township", place.village.code, "health"))
    assigned("李娜", "县医院", household=place.here[0])
    visit = {"household": place.here[0], "area": place.village.area, "sort": "home", "outcome": "met", "origin": "page",
             "recorded_at": timezone.now(), "actor": "x"}  # fmt: skip
    Visit.objects.create(number=1, day=TODAY() - DAY, **visit)
    row = happened(actor, place)
    said = {each["zh"] for each in row.known}
    assert {"帮扶责任人 李娜", "登记状态：已脱贫", "最近一次走访；一年内走访 1 次"} <= said
    assert f"{TODAY().year} 年没有帮扶计划" in said
    Visit.objects.create(number=2, day=TODAY(), **visit)
    view = selectors.one(actor, row.pk)
    assert view.whole
    assert len(view.lines) == len(row.known)
    with pytest.raises(AppendOnlyError):
        Incident.objects.filter(pk=row.pk).update(known=[])
    assert known.digest(row.known) == row.digest
    assert known.digest([*row.known, {}]) != row.digest


def test_the_database_refuses_changes(place: Place) -> None:
    from django.db import connection

    row = happened(actor_for(account("town", "township", place.village.code)), place)
    with pytest.raises(DatabaseError), write(), connection.cursor() as cursor:
        cursor.execute("UPDATE duties_incident SET digest = '' WHERE id = %s", [row.pk])


@pytest.mark.parametrize(("ago", "in_time"), [(0, True), (7, True), (8, False)])
def test_reporting_in_time_weighs_for_who_reports(place: Place, ago: int, in_time: bool) -> None:
    helper = account("town", "township", place.village.code)
    who = assigned("李娜", household=place.here[0]).official_id
    Official.objects.filter(pk=who).update(user=helper)
    actor = actor_for(helper)
    row = happened(actor, place, happened_on=TODAY() - DAY * ago, account="房子淹了，已报乡里")
    report = IncidentReport.objects.get(incident=row)
    assert (report.official_id, report.in_time, report.day) == (who, in_time, TODAY())
    refused("reported_already", lambda: services.report(actor, row, "再报"))


def test_an_office_takes_in_a_written_report(place: Place) -> None:
    actor = actor_for(account("town", "township", place.village.code))
    who = assigned("李娜", household=place.here[0]).official_id
    other = assigned("周杰", household=place.here[1]).official_id
    row = happened(actor, place, found_on=TODAY() - DAY * 20)
    refused("not_a_holder", lambda: services.report(actor, row, "我的报告"))
    for wrong in ({"day": None}, {"document": ""}, {"day": TODAY() + DAY}):
        given: dict[str, Any] = {"official_id": who, "day": TODAY() - DAY * 15, "document": "报告单"} | wrong
        refused("no_document", lambda given=given: services.report(actor, row, "报", **given))
    refused(
        "not_a_holder",
        lambda: services.report(actor, row, "报", official_id=other, day=TODAY(), document="报告单"),
    )
    services.report(actor, row, "报", official_id=who, day=TODAY() - DAY * 15, document="报告单")
    assert IncidentReport.objects.get().in_time


def test_bad_input_changes_nothing(place: Place) -> None:
    actor = actor_for(account("town", "township", place.village.code, "health"))
    for wrong in (
        {"kind": "plague"}, {"channel": "petition"}, {"found_on": TODAY() + DAY}, {"found_on": datetime.date(1, 1, 1)},
        {"happened_on": TODAY() + DAY}, {"account": "字" * 1001},
    ):  # fmt: skip
        with pytest.raises(Problem):
            happened(actor, place, **wrong)
    with pytest.raises(Missing):
        services.open_incidents(actor, [services.Opening(place.there[0].code, "fallback", TODAY(), "village")])
    happened(actor, place)
    refused("incident_exists", lambda: happened(actor, place))
    assert Incident.objects.count() == 1


# -- to whom it is told -------------------------------------------------------------------------------------------


def test_a_kind_stands_in_its_class_everywhere(place: Place) -> None:
    """Without the class there is no row, no count, no choice, no page, no panel, no cell in an export."""
    opened = account("town", "township", place.village.code, "health")
    closed = signed_in(account("other-town", "township", place.village.code))
    row = happened(actor_for(opened), place, "illness", account="肝癌晚期")
    plain = happened(actor_for(opened), place, "disaster", at=1, account="其实是病")
    address = f"/duties/incidents/?area={place.village.code}"
    assert "大病" in text(signed_in(opened), address)
    shown = text(closed, address)
    assert "大病" not in shown
    assert place.here[0].code not in shown
    assert "自然灾害" in shown
    assert place.here[0].code not in text(closed, f"{address}&kind=illness", 400), "no such choice"
    text(closed, f"/duties/incidents/{row.pk}/", 404)
    assert "大病" not in text(closed, f"/households/{place.here[0].code}/")
    one = text(closed, f"/duties/incidents/{plain.pk}/")
    assert "其实是病" not in one, "what people write may tell of health"
    assert "其实是病" in text(signed_in(opened), f"/duties/incidents/{plain.pk}/")
    refused("class_closed", lambda: happened(actor_for_name("other-town"), place, "illness", at=2))
    assert "大病" not in text(closed, f"/duties/incidents/new/{place.here[0].code}/")


def actor_for_name(name: str) -> Actor:
    from tuopin.platform.models import User

    return actor_for(User.objects.get(username=name))


def test_discipline_sees_the_work_not_the_household(place: Place) -> None:
    town = actor_for(account("town", "township", place.village.code, "health"))
    assigned("李娜", household=place.here[0])
    row = happened(town, place, account="私事")
    shown = text(signed_in(account("officer", "discipline", place.city.code)), f"/duties/incidents/{row.pk}/")
    assert "帮扶责任人 李娜" in shown
    for secret in ("登记状态", "私事", f"/households/{place.here[0].code}/"):
        assert secret not in shown


def test_the_other_county_has_none(place: Place) -> None:
    row = happened(actor_for(account("town", "township", place.village.code)), place)
    other = signed_in(account("away", "county", place.other.code, "health"))
    text(other, f"/duties/incidents/{row.pk}/", 404)
    text(other, f"/duties/incidents/new/{place.here[0].code}/", 404)
    assert place.here[0].code not in text(other, "/duties/incidents/")
    for number in (10**15, 10**30):
        text(other, f"/duties/incidents/{number}/", 404)


def test_from_the_household_to_the_end(place: Place, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in(account("town", "township", place.village.code, "health"))
    who = assigned("李娜", household=place.here[0]).official_id
    assert f"/duties/incidents/new/{place.here[0].code}/" in text(client, f"/households/{place.here[0].code}/")
    address = f"/duties/incidents/new/{place.here[0].code}/"
    given = {"kind": "disaster", "channel": "village", "found_on": TODAY().isoformat(), "account": "<script>x</script>"}
    text(client, address, 400, **(given | {"found_on": "明天"}))
    text(client, address, 302, **given)
    row = Incident.objects.get()
    one = f"/duties/incidents/{row.pk}/"
    with django_assert_max_num_queries(20):
        shown = text(client, one)
    assert "&lt;script&gt;" in shown
    text(client, one, 302, do="report", official=who, day=TODAY().isoformat(), document="单", text="报过")
    text(client, one, 400, do="report", text="")
    text(client, one, 302, do="close", outcome="helped", day=TODAY().isoformat(), note="已修房")
    text(client, one, 400, do="close", outcome="helped", day=TODAY().isoformat())
    assert "已落实帮扶" in text(client, "/duties/incidents/")
    with django_assert_max_num_queries(20):
        text(client, f"/duties/incidents/?area={place.village.code}&open=0")


def test_every_word_of_the_data_has_both_languages() -> None:
    for name, parts in (("incidents", ("kind", "channel", "outcome")), ("leads", ("source", "stop", "form"))):
        for part in parts:
            assert all(each.zh and each.en for each in rules.titles(name, part).values())
    with pytest.raises(Problem):
        rules.days("incidents", "report", datetime.date(2000, 1, 1))


def test_what_happened_to_a_household_that_is_no_more_is_still_listed(place: Place) -> None:
    """A merged household lives nowhere: its incident, visit and open problem stay with who saw them."""
    home = place.here[0]
    row = happened(actor_for(account("town", "township", place.village.code)), place)
    visit = Visit.objects.create(
        number=1, day=TODAY() - DAY, household=home, area=place.village.area, sort="home", outcome="met",
        origin="page", recorded_at=timezone.now(), actor="x",
    )  # fmt: skip
    problem = VisitProblem.objects.create(
        visit_number=1, household=home, area=place.village.area, sort="water", text="x", first_day=TODAY() - DAY,
        last_day=TODAY(),
    )  # fmt: skip
    Residence.objects.filter(household=home).update(valid_to=TODAY())
    for clerk, found in ((place.clerk(), 1), (actor_for(account("away", "county", place.other.code)), 0)):
        assert selectors.incidents(clerk, None, None).filter(pk=row.pk).count() == found
        assert visits.visits(clerk).filter(pk=visit.pk).count() == found
        assert visits.problems(clerk, None, None).filter(pk=problem.pk).count() == found
    assert selectors.incidents(place.clerk("auditor"), place.county, None).count() == 1
