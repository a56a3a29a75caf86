"""Signs, looked at again: what counts as done, who may no longer check, what is told to whom."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from people import signed_in
from rooms.orders.office import BEGIN, DAY, MONDAY, at
from rooms.orders.test_hung_signs import FRIDAY, Hung, code_of, messages
from tuopin.core.language.catalogue import Title
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.orders import services as matters
from tuopin.orders.hung import clock, items, measuring, page, reach, selectors, services
from tuopin.orders.hung.items import Asked
from tuopin.orders.hung.measuring import Criterion
from tuopin.orders.models import HungItem, HungSign, Matter
from tuopin.platform import nodes
from tuopin.platform.access import actor_for, local_admin, may, system
from tuopin.platform.models import Message, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion
from tuopin.standards.permissions import VIEW as VIEW_STANDARDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tuopin.core.standards.verdicts import Verdict
    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> Hung:
    return Hung()


def found(city: Hung, row: HungSign, day: datetime.date) -> list[tuple[str, Verdict]]:
    return [(each.found.zh, each.verdict) for each in page.view(city.city_office(), row.pk, at(day)).criteria]


def test_weeks_ahead_are_not_done_in_a_day(city: Hung) -> None:
    row = city.hang(criteria=(Criterion("weeks", 3),))
    city.asked(row, FRIDAY, 3)
    for item in HungItem.objects.order_by("due"):
        city.done(item, MONDAY)
    assert found(city, row, FRIDAY) == [("1 周", "not_met")]
    assert found(city, row, DAY(2018, 6, 19)) == [("2 周", "not_met")]
    assert found(city, row, DAY(2018, 6, 29)) == [("3 周", "met")]


def test_none_left_since_the_last_closing(city: Hung) -> None:
    """What was cleared in time stays so, whenever somebody looks."""
    one = city.issued(at(BEGIN))
    row = city.hang(criteria=(Criterion("zero", day=FRIDAY),))
    closed = Matter.objects.filter(pk=one.pk)
    closed.update(state="closed", closed_at=at(DAY(2018, 6, 14)))
    assert found(city, row, DAY(2018, 8, 1)) == [("2018-06-14 已清零", "met")]
    closed.update(closed_at=at(DAY(2018, 6, 16)))
    assert found(city, row, DAY(2018, 8, 1)) == [("2018-06-16 已清零", "not_met")]
    closed.update(closed_at=None)
    assert found(city, row, DAY(2018, 8, 1)) == [("未知", "unknown")]
    assert found(city, row, FRIDAY) == [("已清零", "met")]


def test_numbers_of_a_million_are_whole(city: Hung, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = measuring.Counts(open=1_234_567, undated=2_345_678)
    monkeypatch.setattr(measuring.Measure, "_counts", lambda _self: counts)
    row = city.hang(criteria=(Criterion("open", 0), Criterion("late", 0)))
    assert [each[0] for each in found(city, row, MONDAY)] == ["1234567 件", "0–2345678 件"]


def test_no_sign_hangs_over_a_draft(city: Hung) -> None:
    [draft] = matters.draft(city.city_office(), [city.draft()], at(MONDAY))
    assert draft.holder_id is not None
    with pytest.raises(Problem) as caught:
        city.hang(target="matter", matter_id=draft.pk)
    assert code_of(caught) == "not_open"


def test_signs_are_hung_by_who_governs(city: Hung) -> None:
    unit = organisations.found_organisation(
        local_admin(), "市国企", "dispatching_unit", area_id=city.city.area_id, day=BEGIN
    )
    with pytest.raises(Problem) as caught:
        city.hang(office_id=unit)
    assert code_of(caught) == "bad_office"


def test_the_list_owes_nothing_for_what_came_off(city: Hung) -> None:
    row = city.hang()
    city.asked(row, FRIDAY, 2)
    items.answer(city.county_office(), city.asked(row, DAY(2018, 6, 14)).pk, "已报", at(MONDAY), reference="档案室")
    listed = selectors.counted(HungSign.objects.all(), DAY(2018, 6, 20))
    assert list(listed.values_list("owed", "late", "waiting", "next_by")) == [(2, 1, 1, FRIDAY)]
    services.withdraw(city.city_office(), row.pk, "挂错", at(MONDAY))
    assert list(listed.values_list("owed", "late", "waiting", "next_by")) == [(0, 0, 0, None)]


def test_a_supervisor_with_a_new_post_there_checks_no_more(city: Hung) -> None:
    item = city.asked(city.hang())
    items.answer(city.county_office(), item.pk, "已报送", at(MONDAY), reference="县档案室")
    post = organisations.add_post(
        local_admin(), city.government, "副县长", day=BEGIN, level="county", authority="city"
    )  # fmt: skip
    officials.appoint(local_admin(), city.supervisor, post, day=DAY(2018, 6, 13), concurrent=True, reason="挂职")
    chief = actor_for(city.chief)
    with pytest.raises(Problem) as caught:
        items.check(chief, item.pk, accepted=True, words="", now=at(FRIDAY))
    assert code_of(caught) == "handler_supervises"
    items.check(city.city_office(), item.pk, accepted=True, words="", now=at(FRIDAY), reference="签字件")


def test_a_supervisor_who_left_office_checks_no_more(city: Hung) -> None:
    item = city.asked(city.hang())
    items.answer(city.county_office(), item.pk, "已报送", at(MONDAY), reference="县档案室")
    officials.end_term(local_admin(), officials.Term.objects.get(official_id=city.supervisor).pk, day=DAY(2018, 6, 13))
    with pytest.raises(Problem) as caught:
        items.check(actor_for(city.chief), item.pk, accepted=True, words="", now=at(FRIDAY))
    assert code_of(caught) == "supervisor_not_above"


def test_who_takes_over_is_told_of_what_waits(city: Hung) -> None:
    later = city.account("later", "headquarters", "area", city.city.area_id)
    officials.Official.objects.filter(pk=city.second).update(user=later)
    row = city.hang()
    item = city.asked(row)
    items.answer(city.county_office(), item.pk, "已报送", at(MONDAY), reference="县档案室")
    clock.tell(system(), at(DAY(2018, 6, 14)))
    services.hand_over(city.city_office(), row.pk, city.second, "轮换", at(FRIDAY))
    clock.tell(system(), at(FRIDAY, 10))
    told = [each[0] for each in messages("orders.hung_check") if each[1].startswith("check:")]
    assert told == ["chief", "later"]
    former = Message.objects.filter(user__username="chief", about=f"hung_item:{item.pk}", done_at=None)
    assert not former.exists(), "who handed over has nothing to check any more"


def test_what_is_left_of_a_node_is_told_to_who_sees_it_there(
    city: Hung, monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:  # fmt: skip
    """A clerk of the unit that answers sees the sign by that unit, and no verdict of the county."""

    def left(actor: Actor, area: nodes.Area, _below: object, _target: object) -> nodes.Left | None:
        if not may(actor, VIEW_STANDARDS, area_path=area.path):
            return None
        return nodes.Left(7913, 2, 9000, Title("户", "households"), MONDAY, {}, "")

    words = Title("全部达标", "all meet it")
    due = timezone.localdate() + datetime.timedelta(days=90)
    node = nodes.add(local_admin(), city.county, due, words, words, "市文件", "household_exit")
    monkeypatch.setattr(nodes, "left", left)
    city.city_office()
    city.county_office()
    row = city.hang(timezone.now(), target="node", node=node.key, criteria=(Criterion("left", 7914),))
    address = reverse("orders:hung_sign", args=[row.pk])
    boss, clerk = (signed_in(User.objects.get(username=each)) for each in ("city", "answers"))
    with django_assert_max_num_queries(20):
        assert "7913–7915" in boss.get(address).content.decode()
    for off in (False, True):
        if off:
            services.take_off(city.city_office(), row.pk, "够了", timezone.now())
            assert "7913–7915" in boss.get(address).content.decode()
        told = clerk.get(address).content.decode()
        assert "7913" not in told
        assert "7914" in told


def test_no_way_leads_to_a_list_that_is_not_there(city: Hung) -> None:
    """A clerk whose grant is over the unit alone has no list of an area."""
    address = reverse("orders:hung_sign", args=[city.hang(timezone.now()).pk])
    city.county_office()
    boss, clerk = (signed_in(User.objects.get(username=each)) for each in ("city", "answers"))
    way = f'<li><a href="{reverse("orders:hung")}'
    assert way in boss.get(address).content.decode()
    assert way not in clerk.get(address).content.decode()
    assert clerk.get(reverse("orders:hung")).status_code == 404


def test_a_matter_that_is_held_by_another_unit_says_so(city: Hung) -> None:
    one = city.issued(at(BEGIN))
    row = city.hang(target="matter", matter_id=one.pk, criteria=(Criterion("open", 0),))
    assert not page.view(city.city_office(), row.pk, at(MONDAY)).reassigned
    city.act(city.city_office(), "reassign", one, at(MONDAY), holder_id=city.government, note="划转")
    assert page.view(city.city_office(), row.pk, at(MONDAY)).reassigned
    address = reverse("orders:hung_sign", args=[row.pk])
    assert "向现承办单位重新挂牌" in signed_in(User.objects.get(username="city")).get(address).content.decode()
    services.withdraw(city.city_office(), row.pk, "换了单位", at(MONDAY))
    assert not page.view(city.city_office(), row.pk, at(MONDAY)).reassigned
    again = city.hang(target="matter", matter_id=one.pk, criteria=(Criterion("open", 0),))
    assert again.holder_id == city.government


def test_of_a_place_what_hangs_there_is_shown_also_of_ones_own(city: Hung) -> None:
    row, chief = city.hang(), actor_for(city.chief)
    assert list(selectors.signs(chief, city.county)) == [row]
    assert not selectors.signs(chief, city.other).exists(), "one supervises it, but it hangs elsewhere"


# -- who may ------------------------------------------------------------------------------------------------------


def below(city: Hung, **more: object) -> tuple[Actor, services.Wanted]:
    """A clerk of the county, and a sign of its department of education over its township."""
    clerk = city.actor("county", "county", "area", city.county.area_id)
    values = {
        "area_id": city.village.parent_id, "office_id": city.education, "holder_id": city.township,
        "supervisor_id": city.official("县教育局的人", city.education, "科长"),
    }  # fmt: skip
    return clerk, city.wanted(**(values | more))


def test_each_step_is_for_whose_it_is(city: Hung) -> None:
    """A supervisor without the right to hang, and the unit that answers."""
    watcher = city.account("watcher", "auditor", "area", city.city.area_id)
    officials.Official.objects.filter(pk=city.second).update(user=watcher)
    row = city.hang(supervisor_id=city.second)
    item, supervisor, unit = city.asked(row), actor_for(watcher), city.county_office()
    parts = [reach.parts(each, [row])[row.pk] for each in (city.city_office(), supervisor, unit)]
    assert parts == [{"hanger"}, {"supervisor"}, {"holder"}]
    for who in (supervisor, unit):
        for act in (services.withdraw, services.take_off):
            with pytest.raises(Refused):
                act(who, row.pk, "够了", at(MONDAY))
        with pytest.raises((Refused, Missing)):  # Missing for who sees no officials of the city
            services.hand_over(who, row.pk, city.supervisor, "轮换", at(MONDAY))
    with pytest.raises(Refused):
        items.ask(unit, row.pk, [Asked("再报一次", FRIDAY, 1)], at(MONDAY))
    with pytest.raises(Refused):
        items.drop(unit, item.pk, "不报了", at(MONDAY))
    with pytest.raises(Refused):
        items.answer(supervisor, item.pk, "替答", at(MONDAY), reference="x")
    items.drop(supervisor, item.pk, "写错了", at(MONDAY))


def test_who_reads_a_sign_and_handles_elsewhere_does_not_answer(city: Hung) -> None:
    """A clerk of the office that hung it, who may not hang one, and handles for that office."""
    row, clerk = city.hang(), city.actor("clerk", "department", "organisation", city.issuer)
    assert list(selectors.signs(clerk)) == [row]
    assert reach.parts(clerk, [row])[row.pk] == frozenset()


def test_nobody_hangs_for_an_office_above_the_grants(city: Hung) -> None:
    clerk, wanted = below(city)
    with pytest.raises(Missing, match="no_such_target"):
        services.hang(clerk, replace(wanted, office_id=city.issuer), at(MONDAY))
    area = AreaVersion.objects.get(area_id=city.village.parent_id)
    assert {number for number, _name in selectors.hangers(clerk, area)} == {city.government, city.education}
    assert services.hang(clerk, wanted, at(MONDAY)).office_id == city.education


def test_no_sign_hangs_over_a_matter_that_one_does_not_see(city: Hung) -> None:
    one = city.issued(at(BEGIN), area_id=city.city.area_id, holder_id=city.township)
    clerk, wanted = below(city, target="matter", matter_id=one.pk)
    with pytest.raises(Missing, match="no_such_matter"):
        services.hang(clerk, wanted, at(MONDAY))
    Matter.objects.filter(pk=one.pk).update(area_id=city.village.area_id)
    assert services.hang(clerk, wanted, at(MONDAY)).matter_id == one.pk


def test_who_acted_upon_the_matter_does_not_supervise_it(city: Hung) -> None:
    one, teacher = city.issued(at(BEGIN)), city.department()
    city.act(teacher, "receive", one, at(MONDAY))
    officials.Official.objects.filter(pk=city.second).update(user_id=teacher.user_id)
    with pytest.raises(Problem, match="handler_supervises"):
        city.hang(target="matter", matter_id=one.pk, supervisor_id=city.second)
    assert city.hang(target="matter", matter_id=one.pk).supervisor_id == city.supervisor
