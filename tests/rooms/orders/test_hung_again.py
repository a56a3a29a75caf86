"""Signs, where something is done twice: dropped and asked again, returned and answered again, given to another unit."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import PASSWORD
from rooms.orders.office import BEGIN, DAY, MONDAY, at
from rooms.orders.test_hung_signs import FRIDAY, Hung, code_of, messages
from tuopin.core.language.catalogue import Title
from tuopin.orders.hung import clock, items, page, selectors, services
from tuopin.orders.hung.items import Asked
from tuopin.orders.hung.telling import about_day
from tuopin.orders.models import HungEvent, Matter
from tuopin.platform import nodes
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.models import Message
from tuopin.platform.problems import Problem
from tuopin.register import areas

if TYPE_CHECKING:
    from tuopin.orders.models import HungSign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> Hung:
    return Hung()


def late(city: Hung, row: HungSign, day: datetime.date) -> list[int]:
    view = page.view(city.city_office(), row.pk, at(day))
    return [each.late for week in (*view.weeks, *view.older) for each in week.items]


def test_what_was_dropped_by_mistake_is_asked_again(city: Hung) -> None:
    row = city.hang()
    item = city.asked(row)
    items.drop(city.city_office(), item.pk, "点错了", at(MONDAY))
    again = city.asked(row)
    items.drop(city.city_office(), again.pk, "又点错了", at(MONDAY))
    city.asked(row)
    with pytest.raises(Problem) as caught:
        city.asked(row)
    assert code_of(caught) == "asked_already"


def test_a_message_says_of_all_that_is_asked_by_a_day(city: Hung) -> None:
    clerk = city.county_office()
    row = city.hang()
    wanted = [Asked("报送名单", FRIDAY, 2), Asked("报送进度", FRIDAY, 2)]
    made = items.ask(city.city_office(), row.pk, wanted, at(MONDAY))
    told = Message.objects.get(kind="orders.hung_due")
    assert (told.parameters["n"], told.parameters["day"], told.about) == (
        4, FRIDAY.isoformat(), about_day(row.pk, FRIDAY),
    )  # fmt: skip
    first, second = [each for each in made if each.due == FRIDAY]
    items.answer(clerk, first.pk, "已报送", at(MONDAY), reference="县档案室")
    assert Message.objects.get(pk=told.pk).done_at is None, "another is still owed by that day"
    items.answer(clerk, second.pk, "已报送", at(MONDAY), reference="县档案室")
    assert Message.objects.get(pk=told.pk).done_at is not None


def test_an_ended_sign_leaves_no_message_about_a_day(city: Hung) -> None:
    city.county_office()
    row = city.hang()
    city.asked(row)
    services.withdraw(city.city_office(), row.pk, "挂错", at(MONDAY))
    assert not Message.objects.filter(kind="orders.hung_due", done_at=None).exists()


def test_a_late_answer_stays_late(city: Hung) -> None:
    row = city.hang()
    item = city.asked(row)
    answered = DAY(2018, 6, 20)
    items.answer(city.county_office(), item.pk, "已报送", at(answered), reference="县档案室")
    assert late(city, row, answered) == [5]
    items.check(actor_for(city.chief), item.pk, accepted=False, words="缺附件", now=at(answered, 10))
    assert late(city, row, answered) == [5]
    items.answer(city.county_office(), item.pk, "补了附件", at(DAY(2018, 6, 21)), reference="县档案室")
    items.check(actor_for(city.chief), item.pk, accepted=True, words="", now=at(DAY(2018, 6, 21), 10))
    assert late(city, row, DAY(2018, 6, 21)) == [5], "the second answer came by its new day, the first was late"


def test_an_answer_in_time_is_not_late_for_being_returned(city: Hung) -> None:
    row = city.hang()
    item = city.asked(row)
    items.answer(city.county_office(), item.pk, "已报送", at(FRIDAY), reference="县档案室")
    items.check(actor_for(city.chief), item.pk, accepted=False, words="缺附件", now=at(FRIDAY, 10))
    items.answer(city.county_office(), item.pk, "补了", at(DAY(2018, 6, 21)), reference="县档案室")
    assert late(city, row, DAY(2018, 6, 21)) == [0]


def test_a_unit_that_holds_the_matter_no_more_is_not_reminded(city: Hung) -> None:
    one = city.issued(at(BEGIN))
    row = city.hang(target="matter", matter_id=one.pk)
    city.asked(row)
    holder = city.department()
    assert [each.sign_id for each in selectors.to_answer(holder, FRIDAY)] == [row.pk]
    city.act(city.city_office(), "reassign", one, at(MONDAY), note="转镇办", holder_id=city.township)
    for day in (DAY(2018, 6, 14), DAY(2018, 6, 16), DAY(2018, 6, 25)):
        clock.tell(system(), at(day))
    stages = ("due:", "late:", "late_again:")
    told = [each for kind in ("orders.hung_due", "orders.hung_late") for each in messages(kind)]
    assert not [each for each in told if each[1].startswith(stages)]
    moved = [who for who, key in told if key == f"reassigned:{city.township}"]
    assert "teacher" not in moved
    assert moved == sorted(set(moved)), "each hears once"
    assert {"chief", "city"} & set(moved)
    assert selectors.to_answer(holder, FRIDAY) == []
    Matter.objects.filter(pk=one.pk).update(holder=city.education)
    assert [each.sign_id for each in selectors.to_answer(holder, FRIDAY)] == [row.pk]


def test_the_page_of_nodes_says_what_hangs_on_them(city: Hung, django_assert_max_num_queries: Any) -> None:
    day = timezone.localdate() + datetime.timedelta(days=90)
    nodes.add(local_admin(), city.county, day, Title("清零", ""), Title("", ""), "县方案")
    [node] = [each.key for each in nodes.of_area(city.county, areas.ids(city.county.path), timezone.localdate())]
    row = city.hang(target="node", node=node, title="这块牌挂在节点上")
    city.hang(title="这块牌挂在全县")
    client = Client()
    assert client.login(username="city", password=PASSWORD)
    sign, page_of = reverse("orders:hung_sign", args=[row.pk]), reverse("console:nodes", args=[city.county.code])
    with django_assert_max_num_queries(20):
        text = client.get(page_of).content.decode()
    assert text.count("这块牌挂在节点上") == 1
    assert "这块牌挂在全县" not in text
    assert f'href="{sign}"' in text
    assert f'href="{page_of}"' in client.get(sign).content.decode()
    other = Client()
    city.account("neighbour", "county", "area", city.other.area_id)
    assert other.login(username="neighbour", password=PASSWORD)
    assert "这块牌挂在节点上" not in other.get(reverse("console:nodes", args=[city.other.code])).content.decode()
    services.withdraw(city.city_office(), row.pk, "挂错", at(MONDAY))
    assert "这块牌挂在节点上" not in client.get(page_of).content.decode()


def test_a_long_history_is_read_to_its_end(city: Hung) -> None:
    row = city.hang()
    item = city.asked(row)
    city.done(item, MONDAY)
    HungEvent.objects.bulk_create(
        HungEvent(sign=row, act="asked", at=at(MONDAY), actor="x", data={"items": [1]}) for _ in range(1_005)
    )
    view = page.view(city.city_office(), row.pk, at(MONDAY))
    assert (len(view.lines), view.more_lines) == (100, 909)
    [shown] = view.weeks[0].items
    assert [each.event.act for each in shown.lines] == ["answered", "accepted"], "however much happened since"
    seen = [each.event.pk for each in view.lines]
    while view.more_lines:
        view = page.view(city.city_office(), row.pk, at(MONDAY), view.before)
        seen += [each.event.pk for each in view.lines]
    assert seen == list(HungEvent.objects.filter(sign=row).order_by("-pk").values_list("pk", flat=True))
    client = Client()
    assert client.login(username="city", password=PASSWORD)
    address = reverse("orders:hung_sign", args=[row.pk])
    assert "#happened" in client.get(address).content.decode()
    assert "#happened" not in client.get(address, {"before": seen[-50]}).content.decode()
    assert client.get(address, {"before": "9" * 17}).status_code == 200
    assert client.get(address, {"before": "-1;"}).status_code == 200
