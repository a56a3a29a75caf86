"""Nodes: those of the pack, what is left of them, a day moved, a node set and dropped; nothing outside the grants."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from console_city import City, account, grant, restored
from tuopin.core.language.catalogue import Title
from tuopin.platform import nodes
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import AuditEntry, Node, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.areas import ids
from tuopin.standards.models import AreaTally, Evaluation, PackBinding
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "people_cleared"  # of the pack jincheng-2020, by the end of September


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    made = restored(tmp_path_factory, households=160)
    PackBinding.objects.update_or_create(
        area_id=made.top.area_id, valid_to=None, defaults={"pack": "jincheng-2020", "valid_from": "2018-01-01"}
    )
    return made


def reader(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def who(name: str) -> Actor:
    return actor_for(User.objects.get(username=name))


def listed(area: AreaVersion) -> list[nodes.Target]:
    return nodes.of_area(area, ids(area.path), timezone.localdate())


def one(area: AreaVersion, key: str = KEY) -> nodes.Target:
    return nodes.checked(listed(area), key)


def address(area: AreaVersion) -> str:
    return f"/areas/{area.code}/nodes/"


def test_the_nodes_of_the_pack_stand_in_order_of_their_days(city: City) -> None:
    days = [each.due for each in listed(city.township)]
    assert days == [datetime.date(2020, month, day) for month, day in ((4, 30), (6, 30), (9, 30), (12, 31))]
    assert {each.pack for each in listed(city.township)} == {"jincheng-2020"}


def test_what_is_left_is_what_the_evaluation_counts(city: City) -> None:
    evaluate(local_admin(), "household_exit", day=datetime.date(2018, 12, 1), pack="jincheng-2020")
    run = Evaluation.objects.filter(standard="household_exit").latest("pk")
    tallies = AreaTally.objects.filter(evaluation=run, item="overall")
    left = nodes.left(local_admin(), city.top, [], one(city.top))
    assert left is not None
    assert left.sure == sum(tallies.values_list("not_met", flat=True)) > 0
    assert left.unknown == sum(tallies.values_list("unknown", flat=True)) > 0
    assert str(left.sure) in reader("county").get(address(city.top)).content.decode()


def test_a_node_that_no_standard_shows_says_so_and_is_never_reached(city: City) -> None:
    page = reader("county").get(address(city.top)).content.decode()
    assert "暂不能统计剩余数" in page
    assert nodes.left(local_admin(), city.top, [], one(city.top, "grand_account")) is None


def test_without_an_evaluation_what_is_left_is_unknown(city: City) -> None:
    Evaluation.objects.all().delete()
    page = reader("county").get(address(city.top)).content.decode()
    assert "剩余数未知" in page
    assert "已达到" not in page


def test_an_office_moves_a_day_for_itself_and_below_and_takes_it_back(city: City) -> None:
    later = datetime.date(2020, 10, 15)
    nodes.move(who("leader"), city.township, one(city.township), later, "市委办〔2020〕7号")
    assert (one(city.township).due, one(city.township).first_due) == (later, datetime.date(2020, 9, 30))
    assert one(city.top).due == one(city.other).due == datetime.date(2020, 9, 30)
    again = datetime.date(2020, 11, 1)
    nodes.move(who("leader"), city.township, one(city.township), again, "再延一次")
    assert (one(city.township).due, one(city.township).first_due) == (again, datetime.date(2020, 9, 30))
    assert Node.objects.filter(key=KEY).count() == 2  # what stood before is kept
    nodes.drop(who("leader"), city.township, one(city.township), "恢复")
    assert one(city.township).due == datetime.date(2020, 9, 30)
    assert AuditEntry.objects.filter(action=nodes.SET).count() == 3


def test_the_nearest_area_counts(city: City) -> None:
    nodes.move(who("leader"), city.top, one(city.top), datetime.date(2020, 9, 1), "全市提前")
    nodes.move(who("leader"), city.township, one(city.township), datetime.date(2020, 8, 1), "本乡提前")
    assert one(city.township).due == datetime.date(2020, 8, 1)
    assert one(city.other).due == datetime.date(2020, 9, 1)
    with pytest.raises(Missing):
        nodes.drop(who("leader"), city.other, one(city.other), "不是本级设的")


def test_a_node_of_ones_own_is_set_counted_and_dropped(city: City) -> None:
    actor = who("county")
    made = nodes.add(
        actor, city.township, timezone.localdate(), Title("年底对账", ""), Title("", ""), "县里要求", "household_exit"
    )
    assert one(city.township, made.key).title.en == "年底对账"
    assert made.key not in {each.key for each in listed(city.other)}
    left = nodes.left(actor, city.township, [], one(city.township, made.key))
    assert left is not None
    assert left.total == len(city.ours)
    nodes.drop(actor, city.township, one(city.township, made.key), "做完了")
    assert made.key not in {each.key for each in listed(city.township)}


@pytest.mark.parametrize(
    ("due", "source", "code"),
    [
        (datetime.date(2020, 9, 30), "没有变", "same_day"),
        (datetime.date(2020, 10, 1), "", "no_source"),
        (datetime.date(2020, 10, 1), "两\n行", "no_source"),
        (datetime.date(2020, 10, 1), "长" * 301, "no_source"),
        (datetime.date(2199, 1, 1), "太远", "bad_due"),
    ],
)
def test_what_cannot_be_is_refused(city: City, due: datetime.date, source: str, code: str) -> None:
    with pytest.raises(Problem) as found:
        nodes.move(local_admin(), city.township, one(city.township), due, source)
    assert found.value.code == code
    assert not Node.objects.exists()


def test_of_two_who_saw_the_same_day_the_second_is_told(city: City) -> None:
    seen = one(city.township)
    nodes.move(who("leader"), city.township, seen, datetime.date(2020, 10, 1), "先改的")
    with pytest.raises(Problem) as found:
        nodes.move(who("county"), city.township, seen, datetime.date(2020, 10, 2), "后改的")
    assert found.value.code == "node_changed"
    assert one(city.township).due == datetime.date(2020, 10, 1)


def test_only_those_who_may_set_and_only_inside_their_grants(city: City) -> None:
    with pytest.raises(Refused):
        nodes.move(who("clerk"), city.township, one(city.township), datetime.date(2020, 10, 1), "乡里无权")
    grant(account("town_office"), "county", city.township)
    with pytest.raises(Refused):
        nodes.move(who("town_office"), city.other, one(city.other), datetime.date(2020, 10, 1), "别处")
    office = reader("town_office")
    assert office.get(address(city.other)).status_code == 404
    assert office.post(address(city.other), {"do": "add"}).status_code == 404
    assert "设定节点" in office.get(address(city.township)).content.decode()
    assert "设定节点" not in reader("clerk").get(address(city.township)).content.decode()
    assert not Node.objects.exists()


def test_the_forms_of_the_page(city: City) -> None:
    page, where = reader("leader"), address(city.township)
    form = {"do": "add", "title_zh": "<script>节点</script>", "due": "2026-12-31", "source": "会议定", "standard": ""}
    assert page.post(where, form).status_code == 302
    shown = page.get(where).content.decode()
    assert "&lt;script&gt;" in shown
    assert "<script>节点" not in shown
    moved = {"do": "move", "key": KEY, "seen": "2020-09-30", "due": "2020-10-08", "source": "延期"}
    assert page.post(where, moved).status_code == 302
    assert page.post(where, moved).status_code == 400  # the page that was seen is old
    assert "标准包原定 2020-09-30" in page.get(where).content.decode()
    for hostile in ({"do": "x"}, {"do": "move", "key": "none"}, form | {"due": "0000"}, form | {"standard": "../x"}):
        assert page.post(where, hostile).status_code in {400, 404}


def test_few_queries_whatever_the_area_holds(city: City, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    page = reader("county")
    for area in (city.top, city.township):
        page.get(address(area))
        with django_assert_max_num_queries(20):
            assert page.get(address(area)).status_code == 200
