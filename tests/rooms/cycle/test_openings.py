"""Findings open matters exactly once; what came back is reopened, what is gone is proposed to be closed."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.urls import reverse

from officials import assigned
from people import PASSWORD
from rooms.cycle.judging import STANDARD, TODAY, judged
from rooms.orders.office import BEGIN, DAY, Offices, at
from tuopin.cycle import selectors, services, told
from tuopin.cycle.models import ClosingProposal, Opening
from tuopin.cycle.order import CLOSED_TITLE, ORIGINS
from tuopin.duties.models import Assignment, Official
from tuopin.duties.organisations import services as organisations
from tuopin.orders import found
from tuopin.orders import selectors as orders
from tuopin.orders.models import Matter, MatterEvent, MatterSubject
from tuopin.platform.access import actor_for, grants_of, local_admin
from tuopin.platform.api import tokens
from tuopin.platform.models import AuditEntry, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import Residence
from tuopin.standards.models import FindingWaiver

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
NOW = at(TODAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


def choose(city: Offices, *wanted: tuple[str, str]) -> None:
    services.choose(local_admin(), city.county, wanted or [(STANDARD, "not_met")], city.issuer, NOW)


def run(city: Offices, now: datetime.datetime = NOW) -> services.Report:
    return services.run(local_admin(), city.county, now)


def test_each_finding_opens_one_matter(city: Offices) -> None:
    first, second = city.here[:2]
    judged(city, {first.pk: "nmmmmmn", second.pk: "mmmmmmm", city.there[0].pk: "nnnnnnn"})
    choose(city)
    assert run(city).document() == {
        "opened": 2, "without_holder": 0, "reopened": 0, "proposed": 0, "left_out": [],
    }  # fmt: skip
    assert run(city).opened == 0
    subjects = MatterSubject.objects.order_by("pk")
    assert [(each.household_id, each.origin, each.standard, each.item) for each in subjects] == [
        (first.pk, "not_met", STANDARD, "income"), (first.pk, "not_met", STANDARD, "housing"),
    ]  # fmt: skip
    row = subjects[0].matter
    assert (row.kind, row.state, row.source, row.category, row.urgency) == (
        "problem", "issued", "not_met", "income", "difficult",
    )  # fmt: skip
    assert (row.holder_id, row.issuer_id, row.area_id) == (city.township, city.issuer, city.village.area_id)
    assert row.title == "贫困户脱贫“123”标准：年人均纯收入稳定超过国家扶贫标准 未达标"


def test_rows_are_those_of_the_acts(city: Offices) -> None:
    """What is written by tables is what drafting and issuing one by one writes."""
    judged(city, {city.here[0].pk: "nmmmmmm"})
    choose(city)
    run(city)
    opened = Matter.objects.get()
    other = city.issued(
        NOW, title=opened.title, area_id=opened.area_id, holder_id=opened.holder_id, source="not_met",
        category="income", urgency="difficult",
    )  # fmt: skip
    left = {"id", "official_id", "version", "_state", "changed_at"}
    fields = [each.attname for each in Matter._meta.concrete_fields if each.attname not in left]
    assert [getattr(opened, name) for name in fields] == [getattr(other, name) for name in fields]
    events = [
        list(MatterEvent.objects.filter(matter=one).order_by("pk").values_list("act", "came_from", "went_to", "data"))
        for one in (opened, other)
    ]
    assert events[0] == events[1]
    assert orders.matter(local_admin(), opened.pk).text.text.startswith("2018-06-11 核查")
    entry = AuditEntry.objects.get(action="orders.open_found")
    assert '"matters": 1' in entry.detail.replace('":1', '": 1')


def test_unknown_and_not_met_are_two_findings(city: Offices) -> None:
    key = city.here[0].pk
    judged(city, {key: "ummmmmm"})
    choose(city, (STANDARD, "unknown"), (STANDARD, "not_met"))
    assert run(city).opened == 1
    assert Matter.objects.get().source == "data_check"
    judged(city, {key: "nmmmmmm"}, TODAY + datetime.timedelta(days=1))
    later = run(city, at(TODAY + datetime.timedelta(days=1)))
    assert (later.opened, later.proposed) == (1, 1)  # what was unknown is known now
    assert ClosingProposal.objects.get().matter.source == "data_check"


def test_items_of_closed_classes_are_not_named(city: Offices) -> None:
    judged(city, {city.here[0].pk: "mmmmnnm"})
    choose(city)
    run(city)
    rows = {each.item: each.matter for each in MatterSubject.objects.select_related("matter__text")}
    assert {rows["education"].title, rows["medical"].title} == {CLOSED_TITLE}
    for row in rows.values():
        assert row.category == ""
        assert "教育" not in row.text.text
        assert "医疗" not in row.text.text


def test_holder_by_the_village_or_the_helper(city: Offices) -> None:
    head = Official.objects.get(pk=city.official("李主任", city.township))
    assigned("第一责任人", role="first_responsible", area=city.county.area)  # of another level: not asked
    town = city.village.parent_id
    Assignment.objects.create(official=head, role="first_responsible", area_id=town, name="李主任", valid_from=BEGIN)
    judged(city, {city.here[0].pk: "nummmmm"})
    choose(city, (STANDARD, "not_met"), (STANDARD, "unknown"))
    run(city)
    assert set(Matter.objects.values_list("holder_id", "official_id")) == {(city.township, head.pk)}
    village = organisations.found_organisation(
        local_admin(), "村两委", "village_committees", area_id=city.village.area_id, day=BEGIN
    )
    judged(city, {city.here[1].pk: "mummmmm"})
    run(city)
    assert Matter.objects.latest("pk").holder_id == village


def test_helper_of_the_household(city: Offices) -> None:
    organisations_end(city)
    number = city.official("帮扶人", city.education)
    Assignment.objects.create(
        official_id=number, role="helper", household=city.here[0], name="帮扶人", valid_from=BEGIN
    )
    judged(city, {city.here[0].pk: "nmmmmmm", city.here[1].pk: "nmmmmmm"})
    choose(city)
    report = run(city)
    assert (report.opened, report.without_holder) == (2, 1)
    by_household = {each.household_id: each.matter for each in MatterSubject.objects.select_related("matter")}
    held, lone = by_household[city.here[0].pk], by_household[city.here[1].pk]
    assert (held.state, held.holder_id, held.official_id) == ("issued", city.education, number)
    assert (lone.state, lone.holder_id, lone.next_at) == ("draft", None, None)
    assert list(selectors.without_holder(local_admin(), city.county)) == [lone]


def organisations_end(city: Offices) -> None:
    from tuopin.duties.models import OrganisationVersion

    OrganisationVersion.objects.filter(organisation_id=city.township).update(valid_to=TODAY)


def test_a_unit_outside_the_grants_is_passed_over(city: Offices) -> None:
    """The county cannot charge a department of the city: the next way is tried, then none."""
    organisations_end(city)
    number = city.official("市里的帮扶人", city.city_education)
    Assignment.objects.create(
        official_id=number, role="helper", household=city.here[0], name="市里的帮扶人", valid_from=BEGIN
    )
    judged(city, {city.here[0].pk: "nmmmmmm"})
    actor = city.actor("county-clerk", "county", "area", city.county.area_id)
    services.choose(actor, city.county, [(STANDARD, "not_met")], city.government, NOW)
    report = services.run(actor, city.county, NOW)
    assert (report.opened, report.without_holder) == (1, 1)


def test_who_may_not(city: Offices) -> None:
    judged(city, {city.here[0].pk: "nmmmmmm"})
    choose(city)
    for role, kind, number in (
        ("county", "area", city.other.area_id), ("township", "area", city.county.area_id),
        ("inspector", "area", city.county.area_id),
    ):  # fmt: skip
        actor = city.actor(f"{role}-{number}", role, kind, number)
        with pytest.raises(Refused):
            services.run(actor, city.county, NOW)
        with pytest.raises(Refused):
            services.choose(actor, city.county, [(STANDARD, "not_met")], city.issuer, NOW)
    county = city.actor("clerk", "county", "area", city.county.area_id)
    with pytest.raises(Missing):  # the city’s office issues for nobody below
        services.choose(county, city.county, [(STANDARD, "not_met")], city.issuer, NOW)
    assert not Matter.objects.exists()


def test_what_cannot_be_chosen(city: Offices) -> None:
    judged(city, {city.here[0].pk: "nmmmmmm"})
    me = local_admin()
    for wanted, issuer in (
        ([("nothing", "not_met")], city.issuer), ([(STANDARD, "doubt")], city.issuer), ([(STANDARD, "")], city.issuer),
        ([(STANDARD, "not_met")], None),
    ):  # fmt: skip
        with pytest.raises(Problem):
            services.choose(me, city.county, wanted, issuer, NOW)
    choose(city)
    choose(city)
    assert Opening.objects.count() == 1
    services.choose(me, city.county, [(STANDARD, "not_met")], city.government, NOW)
    assert list(Opening.objects.order_by("pk").values_list("issuer_id", "ended_at")) == [
        (city.issuer, NOW), (city.government, None),
    ]  # fmt: skip
    services.choose(me, city.county, [], None, NOW)
    assert not selectors.chosen(city.county)
    with pytest.raises(Problem):
        services.begin(me, city.county)
    assert run(city).opened == 0


def test_it_came_back(city: Offices) -> None:
    key = city.here[0].pk
    judged(city, {key: "nmmmmmm"})
    choose(city)
    run(city)
    row = Matter.objects.get()
    closed = at(DAY(2018, 6, 20))
    Matter.objects.filter(pk=row.pk).update(state="closed", closed_at=closed, look_back_on=DAY(2018, 7, 20))
    later = at(DAY(2018, 7, 2))
    judged(city, {key: "nmmmmmm"}, DAY(2018, 6, 19), started=later)  # a day before the closing tells nothing
    assert run(city, later).document()["reopened"] == 0
    judged(city, {key: "nmmmmmm"}, DAY(2018, 7, 2))
    report = run(city, later)
    assert (report.opened, report.reopened) == (0, 1)
    row.refresh_from_db()
    assert (row.state, row.reopened, row.closed_at) == ("issued", 1, None)
    assert run(city, later).reopened == 0
    Matter.objects.filter(pk=row.pk).update(state="withdrawn")  # somebody decided: it stays so
    judged(city, {key: "nmmmmmm"}, DAY(2018, 7, 3))
    assert run(city, at(DAY(2018, 7, 3))).document() == services.Report().document()


def test_it_is_gone(city: Offices) -> None:
    first, second = (each.pk for each in city.here[:2])
    judged(city, {first: "nmmmmmm", second: "nmmmmmm"})
    choose(city)
    run(city)
    judged(city, {first: "mmmmmmm", second: "ummmmmm"}, DAY(2018, 6, 25))
    later = at(DAY(2018, 6, 25))
    assert run(city, later).proposed == 1
    [row] = selectors.proposed(local_admin(), city.county)
    assert row.subjects.get().household_id == first
    assert row.state == "issued"  # nobody closes by machine
    assert run(city, later).proposed == 0
    judged(city, {first: "nmmmmmm", second: "ummmmmm"}, DAY(2018, 6, 26))
    run(city, at(DAY(2018, 6, 26)))
    assert not selectors.proposed(local_admin(), city.county).exists()


def test_doubts_that_somebody_vouched_for(city: Offices) -> None:
    from tuopin.standards.packs import get_pack

    standard = next(each for each in get_pack("data-quality").standards.values() if each.level == "household")
    items = [each.key for each in standard.items]
    first, second = (each.pk for each in city.here[:2])
    letters = "n" + "m" * (len(items) - 1)
    judged(
        city, {first: letters, second: letters}, standard=standard.key, pack="data-quality", kind="quality", items=items
    )
    FindingWaiver.objects.create(
        standard=standard.key, item=items[0], level="household", subject_id=first, area_id=city.village.area_id,
        reason="属实", until=TODAY, at=NOW, actor="x",
    )  # fmt: skip
    choose(city, (standard.key, "doubt"))
    assert run(city).opened == 1
    assert MatterSubject.objects.get().household_id == second
    assert run(city, at(TODAY + datetime.timedelta(days=1))).opened == 1  # the waiver has ended


def test_households_are_looked_for_where_they_live(city: Offices) -> None:
    moved, gone = city.here[:2]
    judged(city, {moved.pk: "nmmmmmm", gone.pk: "nmmmmmm"})
    Residence.objects.filter(household=moved).update(area=city.away.area)
    Residence.objects.filter(household=gone).update(valid_to=TODAY)
    choose(city)
    assert run(city).opened == 0


def test_found_refuses_what_cannot_be(city: Offices) -> None:
    one = found.Found(
        "household", city.here[0].pk, city.village.area_id, "not_met", STANDARD, "income", "标题", "", "ordinary",
        "not_met", "income", city.issuer, city.township,
    )  # fmt: skip
    me = local_admin()
    for bad in (
        {"title": ""}, {"title": "a\nb"}, {"title": "x" * 201}, {"text": "\0"}, {"level": "village"}, {"origin": ""},
        {"urgency": "petition"}, {"source": "nothing"}, {"area_id": 999}, {"holder_id": 999},
    ):  # fmt: skip
        with pytest.raises(Problem):
            found.open_found(me, [replace(one, **bad)], NOW)
    with pytest.raises(Problem):
        found.open_found(me, [], NOW)
    assert found.open_found(me, [one, one], NOW) == found.Opened(1, 0)
    assert found.open_found(me, [one], NOW) == found.Opened()


def test_statements_do_not_grow(city: Offices, django_assert_max_num_queries: Any) -> None:
    judged(city, {each.pk: "nnnmmmm" for each in city.here})
    choose(city)
    with django_assert_max_num_queries(140):
        assert run(city).opened == 18
    with django_assert_max_num_queries(75):
        assert run(city).opened == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_each_once() -> None:
    city = Offices()
    judged(city, {each.pk: "nnnmmmm" for each in city.here})
    choose(city)
    failed: list[BaseException] = []
    together = threading.Barrier(2)

    def work() -> None:
        try:
            together.wait()
            run(city)
        except BaseException as problem:  # noqa: BLE001 - shown below
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    assert (Matter.objects.count(), MatterSubject.objects.count()) == (18, 18)
    assert MatterEvent.objects.count() == 36


# -- pages ------------------------------------------------------------------------------------------------------------


def signed(client: Client, user: User) -> Client:
    client.login(username=user.username, password=PASSWORD)
    return client


def test_pages(client: Client, city: Offices, django_assert_max_num_queries: Any) -> None:
    judged(city, {each.pk: "nnnmmmm" for each in city.here})
    signed(client, city.account("clerk", "county", "area", city.county.area_id))
    address = reverse("cycle:openings")
    with django_assert_max_num_queries(20):
        page = client.get(address, {"area": city.county.code})
    text = page.content.decode()
    assert f'value="{STANDARD}:not_met"' in text
    answer = client.post(address, {"do": "keep", "opens": f"{STANDARD}:not_met"})
    assert answer.status_code == 400
    assert "请选择由哪个单位交办" in answer.content.decode()
    answer = client.post(address, {"do": "keep", "opens": f"{STANDARD}:not_met", "issuer": str(city.government)})
    assert answer.status_code == 302
    with django_assert_max_num_queries(20):
        assert ">6</td>" in client.get(answer.headers["Location"]).content.decode()
    first = client.post(address, {"do": "open"})
    assert client.post(address, {"do": "open"}).headers["Location"] == first.headers["Location"]
    for bad in ({"do": "x"}, {"do": "keep", "opens": ["a"] * 300}, {"do": "keep", "opens": "\0:x"}):
        assert client.post(address, bad).status_code == 400
    assert client.post(address, {"do": "keep", "opens": f"{STANDARD}:not_met", "issuer": "9" * 30}).status_code in {
        400, 404,
    }  # fmt: skip
    assert client.get(address, {"area": city.other.code}).status_code == 404
    assert not Matter.objects.exists()


def test_page_of_what_follows(client: Client, city: Offices, django_assert_max_num_queries: Any) -> None:
    judged(city, {each.pk: "nmmmmmm" for each in city.here})
    choose(city)
    run(city)
    judged(city, {each.pk: "mmmmmmm" for each in city.here}, DAY(2018, 6, 25))
    run(city, at(DAY(2018, 6, 25)))
    signed(client, city.account("clerk", "county", "area", city.county.area_id))
    with django_assert_max_num_queries(20):
        text = client.get(reverse("cycle:follow_up"), {"area": city.county.code}).content.decode()
    assert text.count("年人均纯收入稳定超过国家扶贫标准") == 6
    other = signed(type(client)(headers={"host": "localhost"}), city.account("b", "county", "area", city.other.area_id))
    text = other.get(reverse("cycle:follow_up")).content.decode()
    assert "年人均纯收入" not in text


def test_job_and_command(city: Offices, capsys: pytest.CaptureFixture[str]) -> None:
    from tuopin.cycle.cli import cycle_group
    from tuopin.platform import jobs, worker

    judged(city, {city.here[0].pk: "nmmmmmm"})
    choose(city)
    job = services.begin(actor_for(city.account("hq", "headquarters", "area", city.city.area_id)), city.county)
    row = jobs.claim("test")
    assert row is not None
    worker.attempt(row)
    job.refresh_from_db()
    assert job.state == "done"
    assert job.result is not None
    assert job.result["opened"] == 1
    cycle_group.main(["open", "--area", city.county.code, "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["opened"] == 0
    cycle_group.main(["preview", "--area", city.county.code], standalone_mode=False)
    assert "not_met\t1\t0" in capsys.readouterr().out


def test_by_programs(client: Client, city: Offices) -> None:
    judged(city, {city.here[0].pk: "nmmmmmm"})
    user = city.account("clerk", "county", "area", city.county.area_id)
    actor = actor_for(user)
    services.choose(actor, city.county, [(STANDARD, "not_met")], city.government, NOW)
    offered = [each.name for each in tokens.offered(actor)]
    numbers = [each.pk for each in grants_of(actor)]
    _row, secret = tokens.make_token(actor, "x", grants=numbers, permissions=offered, days=1)
    head = {"headers": {"authorization": f"Bearer {secret}"}}
    found = {each["origin"]: each for each in client.get("/api/openings", {"area": city.county.code}, **head).json()}
    assert (found["not_met"]["chosen"], found["unknown"]["chosen"]) == (True, False)
    body = {"area": city.county.code}
    assert client.post("/api/openings", body, content_type="application/json", **head).status_code == 202
    for area in (city.other.code, "nothing"):
        assert client.get("/api/openings", {"area": area}, **head).status_code == 404


def test_origins_have_their_settings() -> None:
    """Every origin and level finds its holders, urgency and category in the files."""
    from tuopin.cycle import holders
    from tuopin.cycle.order import LEVELS
    from tuopin.duties import kinds as duties
    from tuopin.orders import kinds

    said = holders.settings()
    assert set(said["holders"]) == set(LEVELS)
    judged_by = {key for key, each in ORIGINS.items() if each.kind != "told"}
    for level, ways in said["holders"].items():
        spoken_of = {
            key for key, levels in told.LEVELS.items() if (level if level == "household" else "area") in levels
        }
        assert set(ways) == judged_by | (spoken_of if level != "person" else set())
    ways = {way for level in said["holders"].values() for some in level.values() for way in some}
    assert ways <= set(said["way"]) | {holders.HELPER_UNIT}
    assert {kind for way in said["way"].values() for kind in way["kinds"]} <= set(duties.kinds())
    assert {holders.urgency(key) for key in ORIGINS} <= set(kinds.urgencies())
    assert set(said["category"].values()) <= set(kinds.categories())
    assert {each.source for each in ORIGINS.values()} <= set(kinds.sources())
