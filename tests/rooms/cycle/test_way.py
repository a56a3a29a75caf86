"""One household’s way through the cycle, and matters that become measures of its help plan."""

from __future__ import annotations

import datetime
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.cycle.judging import judged
from rooms.cycle.test_told import incident, problem
from rooms.orders.office import Offices
from tuopin.cycle import planning, services, trace
from tuopin.cycle.models import PlanItem
from tuopin.duties.models import IncidentClosing
from tuopin.duties.visits.models import Visit
from tuopin.measures.plans import services as plans
from tuopin.measures.plans.models import HelpPlan, PlannedMeasure
from tuopin.measures.plans.services import Wanted
from tuopin.orders import services as orders
from tuopin.orders.changes import Given
from tuopin.orders.models import Matter, MatterSubject
from tuopin.platform.access import Actor, actor_for, grants_of, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import tokens
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register import selectors as register

if TYPE_CHECKING:
    from django.test import Client

    from tuopin.cycle.trace import Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Offices:
    return Offices()


def matter(city: Offices, **more: Any) -> Matter:
    """An issued problem about the first household, opened for a finding of today."""
    now = timezone.now()
    judged(city, {city.here[0].pk: "nmmmmmm"}, started=now - datetime.timedelta(hours=1))
    services.choose(local_admin(), city.county, [("household_exit", "not_met")], city.issuer, now)
    services.run(local_admin(), city.county, now)
    row = Matter.objects.latest("pk")
    Matter.objects.filter(pk=row.pk).update(**more)
    return row


def wanted(**more: Any) -> Wanted:
    values: dict[str, Any] = {
        "sort": "work", "content": "安排公益岗位", "organisation": "镇政府", "due": timezone.localdate(),
    }  # fmt: skip
    return Wanted(**values | more)


def put(city: Offices, row: Matter, actor: Actor | None = None, **more: Any) -> PlanItem:
    return planning.put(actor or local_admin(), row.pk, city.here[0].code, wanted(**more), timezone.now())


def sign(city: Offices) -> PlannedMeasure:
    plan = HelpPlan.objects.filter(household=city.here[0]).latest("version")
    plans.answer(local_admin(), [plan.pk], "signed", timezone.localdate(), reference="档案柜")
    return PlannedMeasure.objects.filter(plan=plan).latest("number")


def test_a_matter_becomes_a_measure_once(city: Offices) -> None:
    row = matter(city)
    item = put(city, row)
    assert (item.number, item.year) == (1, timezone.localdate().year)
    with pytest.raises(Problem, match="planned_already"):
        put(city, row)
    assert HelpPlan.objects.count() == 1
    second = city.issued(
        timezone.now(), subjects=(orders.SubjectRef("household", city.here[0].pk),), area_id=city.village.area_id
    )
    assert put(city, second, content="修缮").number == 2  # a new version, with what stood before
    newest = HelpPlan.objects.latest("pk")
    assert (newest.version, newest.reason) == (2, f"由事项 {second.pk} 增加措施")
    measures = PlannedMeasure.objects.filter(plan=newest).order_by("number")
    assert list(measures.values_list("number", "content")) == [(1, "安排公益岗位"), (2, "修缮")]


def test_what_was_done_is_proposed_to_be_reported(city: Offices) -> None:
    row = matter(city, state="working")
    put(city, row)
    assert not planning.done(local_admin(), city.county).exists()
    measure = sign(city)
    [done] = plans.record_done(local_admin(), [plans.Done(measure.pk, timezone.localdate())])
    assert list(planning.done(local_admin(), city.county)) == [row]
    assert Matter.objects.get().state == "working"  # nobody reports by machine
    assert not planning.done(city.actor("watch", "discipline", "area", city.county.area_id), city.county).exists()
    plans.take_back(local_admin(), done.pk)
    assert not planning.done(local_admin(), city.county).exists()


def test_what_cannot_be_put_into_a_plan(city: Offices) -> None:
    row = matter(city)
    for state in ("draft", "reported", "closed", "withdrawn"):
        Matter.objects.update(state=state)
        with pytest.raises(Problem):
            put(city, row)
    Matter.objects.update(state="working")
    with pytest.raises(Missing):  # a household that it is not about
        planning.put(local_admin(), row.pk, city.here[1].code, wanted(), timezone.now())
    for bad in ({"sort": "x"}, {"content": ""}, {"content": "x" * 301}, {"due": datetime.date(1900, 1, 1)}):
        with pytest.raises(Problem):
            put(city, row, **bad)
    with pytest.raises(Refused):
        put(city, row, city.actor("watch", "inspector", "area", city.county.area_id))
    with pytest.raises(Missing):
        put(city, row, city.actor("away", "county", "area", city.other.area_id))
    assert not HelpPlan.objects.exists()
    Matter.objects.update(kind="petition")
    with pytest.raises(Missing):
        put(city, row)


def test_who_is_not_told_of_all_measures_adds_none(city: Offices) -> None:
    row = matter(city)
    put(city, row, sort="health", content="大病救治")
    second = city.issued(
        timezone.now(), subjects=(orders.SubjectRef("household", city.here[0].pk),), area_id=city.village.area_id
    )
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    with pytest.raises(Problem):
        put(city, second, clerk)
    assert PlanItem.objects.count() == 1
    [linked] = planning.of_matter(clerk, row)
    assert (linked.content, linked.kept) == ("", True)
    assert planning.of_matter(local_admin(), row)[0].content == "大病救治"


def test_the_link_is_seen_from_both_sides(client: Client, city: Offices, django_assert_max_num_queries: Any) -> None:
    row = matter(city, state="working")
    problem(city)
    services.choose(
        local_admin(), city.county, [("household_exit", "not_met"), ("housing", "visit")], city.issuer, timezone.now()
    )
    services.run(local_admin(), city.county, timezone.now())
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    form = reverse("cycle:plan_item", args=[row.pk])
    assert form in client.get(reverse("orders:matter", args=[row.pk])).content.decode()
    page = client.get(form).content.decode()
    assert f'value="{row.title}"' in page
    assert f'value="{city.here[0].code}"' in page
    given = {"household": city.here[0].code, "sort-0": "work", "content-0": "<b>岗位</b>", "organisation-0": "镇政府"}
    assert client.post(form, given | {"due-0": "x"}).status_code == 400
    answer = client.post(form, given | {"due-0": timezone.localdate().isoformat()})
    assert answer.status_code == 302
    text = client.get(answer.headers["Location"]).content.decode()
    assert reverse("orders:matter", args=[row.pk]) in text
    assert "<b>岗位" not in text
    with django_assert_max_num_queries(36):
        text = client.get(reverse("orders:matter", args=[row.pk])).content.decode()
    assert reverse("measures:plan", args=[city.here[0].code]) in text
    assert form not in text
    told = Matter.objects.exclude(pk=row.pk).get()
    found = MatterSubject.objects.get(origin="visit")
    from tuopin.duties.visits.models import VisitProblem

    link = reverse("duties:visit_problem", args=[VisitProblem.objects.get(household=found.household).pk])
    assert link in client.get(reverse("orders:matter", args=[told.pk])).content.decode()
    text = client.get(link).content.decode()
    assert reverse("orders:matter", args=[told.pk]) in text
    listed = client.get(reverse("duties:visit_problems"), {"area": city.county.code}).content.decode()
    assert "待签收" in listed
    measure = sign(city)
    plans.record_done(local_admin(), [plans.Done(measure.pk, timezone.localdate())])
    with django_assert_max_num_queries(20):
        text = client.get(reverse("cycle:follow_up"), {"area": city.county.code}).content.decode()
    assert "建议报结" in text
    other = type(client)(headers={"host": "localhost"})
    away = city.account("away", "county", "area", city.other.area_id)
    other.login(username=away.username, password=PASSWORD)
    assert other.get(form).status_code == other.post(form, given).status_code == 404


def test_the_answer_to_a_refused_form_asks_little(
    client: Client, city: Offices, django_assert_max_num_queries: Any
) -> None:
    """The menus around it ask for the grants once, as on a page that was asked for."""
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    with django_assert_max_num_queries(20):
        assert client.post(reverse("cycle:plan_item", args=[99_999]), {}).status_code == 404


# -- the way of a household -------------------------------------------------------------------------------------------


def full(city: Offices) -> None:
    """A household with something in each step, much of it of closed classes."""
    today = timezone.localdate()
    row = matter(city)
    put(city, row)
    measure = sign(city)
    plans.record_done(local_admin(), [plans.Done(measure.pk, today)])
    visit = Visit.objects.create(
        household=city.here[0], area_id=city.village.area_id, day=today, sort="routine", outcome="met", origin="web",
        number=1, recorded_at=timezone.now(), actor="x", said="母亲住院",
    )  # fmt: skip
    problem(city, "health", day=today, visit_number=visit.number)
    problem(city, day=today, visit_number=visit.number, settled_at=timezone.now(), settled_day=today)
    ill = incident(city, "illness", today)
    incident(city, "disaster", today)
    IncidentClosing.objects.create(incident=ill, day=today, outcome="helped", at=timezone.now(), actor="x")
    Matter.objects.filter(pk=row.pk).update(state="verified")
    orders.act(local_admin(), "close", [row.pk], Given(), timezone.now())


def way(city: Offices, actor: Actor) -> list[Step]:
    return trace.steps(actor, register.household(actor, city.here[0].code))


def said(steps: list[Step]) -> str:
    return " ".join(each.title.zh + each.source.zh + each.title.en for each in steps)


def test_the_way_has_every_step_in_the_order_of_time(city: Offices) -> None:
    full(city)
    steps = way(city, local_admin())
    days = [each.day for each in steps if each.day is not None]
    assert days == sorted(days)
    assert {each.stage for each in steps} >= {"plan", "measure", "visit", "verdict", "finding", "matter", "closed"}
    text = said(steps)
    for words in ("看病、健康", "大病", "已落实：安排公益岗位", "销号", "未达标", "户主已签字", "走访问题已处理：住房"):
        assert words in text
    assert "住院" not in text + "户主说"  # nobody’s words
    counted = {key: count for key, _title, count, _last in trace.stages(steps)}
    assert sum(counted.values()) == len(steps)
    assert counted["look_back"] == 0


def test_the_way_holds_what_its_reader_may_see(city: Offices) -> None:
    full(city)
    clerk = city.actor("clerk", "county", "area", city.county.area_id)
    text = said(way(city, clerk))
    assert "健康" not in text
    assert "大病" not in text
    assert "自然灾害" in text
    inspector = way(city, city.actor("watch", "inspector", "area", city.county.area_id))
    assert {each.stage for each in inspector} & {"plan", "measure", "visit"} == set()
    assert "自然灾害" not in said(inspector)
    assert "销号" in said(inspector)
    user = accounts.add_user(local_admin(), "helper", PASSWORD, must_change=False)[0]
    accounts.grant(local_admin(), user, "helper", "household", city.here[0].pk)
    helper = said(way(city, actor_for(user)))
    assert "大病" in helper
    assert "销号" not in helper  # matters are seen by grants over areas
    with pytest.raises(Missing):
        way(city, city.actor("away", "county", "area", city.other.area_id))


def test_petitions_are_on_no_way(city: Offices) -> None:
    row = matter(city)
    Matter.objects.filter(pk=row.pk).update(kind="petition", title="来访人反映")
    assert "来访人" not in said(way(city, local_admin()))


def test_the_page_of_the_way(client: Client, city: Offices, django_assert_max_num_queries: Any) -> None:
    full(city)
    user = city.account("clerk", "county", "area", city.county.area_id)
    client.login(username=user.username, password=PASSWORD)
    code = city.here[0].code
    address = reverse("cycle:trace", args=[code])
    assert address in client.get(reverse("console:household", args=[code])).content.decode()
    with django_assert_max_num_queries(20):
        text = client.get(address).content.decode()
    assert "未达标" in text
    assert "健康" not in text
    only = client.get(address, {"stage": "closed"}).content.decode()
    assert len(re.findall(r'<tr class="stage-', only)) == 1
    for bad in ("x", "\0", "x" * 5000):
        assert client.get(address, {"stage": bad}).status_code == 400
    english = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "nothing on record" in english or "没有记录" in english
    for missing in (city.there[0].code, "nothing"):
        assert client.get(reverse("cycle:trace", args=[missing])).status_code == 404


def test_the_way_by_programs(client: Client, city: Offices) -> None:
    full(city)
    actor = actor_for(city.account("clerk", "county", "area", city.county.area_id))
    offered = [each.name for each in tokens.offered(actor)]
    numbers = [each.pk for each in grants_of(actor)]
    _row, secret = tokens.make_token(actor, "x", grants=numbers, permissions=offered, days=1)
    head: Any = {"headers": {"authorization": f"Bearer {secret}"}}
    found = client.get("/api/trace", {"household": city.here[0].code}, **head).json()
    assert {each["stage"] for each in found} >= {"plan", "visit", "finding", "closed"}
    assert "健康" not in json.dumps(found, ensure_ascii=False)
    for missing in (city.there[0].code, "nothing", "\0"):
        assert client.get("/api/trace", {"household": missing}, **head).status_code in {400, 404, 422}
    asked = {"area": city.county.code, "look": True}
    for body in (asked, asked | {"number": 2**62}, asked | {"number": 10**30}, asked | {"day": "9999-12-31"}):
        answer = client.post("/api/chain", body, content_type="application/json", **head)
        assert answer.status_code in {202, 400, 404, 422}
    assert client.post(
        "/api/chain", asked | {"area": city.other.code}, content_type="application/json", **head
    ).status_code == 404  # fmt: skip
