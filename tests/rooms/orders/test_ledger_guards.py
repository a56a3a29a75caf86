"""What an import of the rectification ledger must not do: to problems elsewhere, without the permission, by a slip of
the pen; and what stays one problem whatever becomes of counties."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rooms.orders.office import at
from rooms.orders.test_ledger_import import DAY, city, row, take, told
from tuopin.duties.organisations import services as organisations
from tuopin.orders import services
from tuopin.orders.changes import Given as To
from tuopin.orders.limits import day_of
from tuopin.orders.models import LedgerEntry, Matter, MatterSubject
from tuopin.platform.access import Limits, actor_for, grants_of, local_admin
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.events.areas.services import record as change_areas
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

    from rooms.orders.office import Offices
    from tuopin.platform.access import Actor

__all__ = ["city"]
pytestmark = pytest.mark.django_db(transaction=True)
DONE = {"销号时间": "2018-05-02", "验收人": "赵主任", "牵头单位": "县政府"}


def limited(actor: Actor, *permissions: str) -> Actor:
    """The same person by a token that may do these things."""
    grants = frozenset(each.pk for each in grants_of(actor))
    return replace(actor, limits=Limits(0, grants, frozenset(permissions)))


def reasons() -> list[tuple[str, str]]:
    return sorted(RejectedRow.objects.values_list("subject", "reason"))


def test_a_township_changes_no_problem_of_the_county(city: Offices, tmp_path: Path) -> None:
    """The number is the county's: one of a problem that lies elsewhere in it opens nothing and changes nothing."""
    assert city.village.parent_id is not None
    AreaVersion.objects.filter(area_id=city.village.parent_id).update(name="城关镇")
    take(tmp_path, row("1"))
    clerk = city.actor("townsman", "township", "area", city.village.parent_id)
    take(tmp_path, row("1", 乡镇="城关镇", 存在问题="改写的问题", 责任单位="镇政府", 责任人=""),
         row("2", 乡镇="城关镇", 责任单位="镇政府", 责任人=""), actor=clerk)  # fmt: skip
    first = Matter.objects.get(label="1")
    assert (first.area_id, first.holder_id, first.version) == (city.county.area_id, city.education, 1)
    assert Matter.objects.get(label="2").holder_id == city.township
    assert reasons() == [("1", "ledger_number_taken")]


def test_who_may_not_verify_closes_nothing_and_who_may_not_issue_opens_nothing(city: Offices, tmp_path: Path) -> None:
    clerk = city.clerk()
    take(tmp_path, row("1"), row("2"), actor=limited(clerk, "register.import_workbooks", "orders.issue_matter"))
    may = limited(clerk, "register.import_workbooks", "orders.issue_matter")
    take(tmp_path, row("1", **DONE), row("3", **DONE), row("2"), actor=may)
    assert dict(Matter.objects.values_list("label", "state")) == {"1": "issued", "2": "issued"}
    assert reasons() == [("1", "ledger_may_not_close"), ("3", "ledger_may_not_close")]
    take(tmp_path, row("2"), row("4"), row("1", **DONE), actor=limited(clerk, "register.import_workbooks"))
    assert reasons()[-1:] == [("4", "ledger_may_not_issue")]
    take(tmp_path, row("1", **DONE), actor=clerk)
    assert dict(Matter.objects.values_list("label", "state")) == {"1": "closed", "2": "issued"}


@pytest.mark.parametrize("named", ["王 局长", "王　局长", "无", "县教育局", "县教育局王局长", "王局长、王 局长", "-"])
def test_who_is_responsible_verifies_nothing_however_it_is_written(city: Offices, tmp_path: Path, named: str) -> None:
    take(tmp_path, row("1", **(DONE | {"验收人": named})), row("2", **(DONE | {"验收人": f"{named}、赵 主任"})))
    assert dict(Matter.objects.values_list("label", "state")) == {"1": "reported", "2": "closed"}


def test_a_problem_with_parts_is_not_changed_by_a_row(city: Offices, tmp_path: Path) -> None:
    """Somebody put parts under it here: no row ends it before them, nor closes it while they run."""
    take(tmp_path, row("1"), row("2"), row("3"))
    whole, part, alone = (Matter.objects.get(label=each) for each in "123")
    services.act(local_admin(), "attach", [part.pk], To(parent_id=whole.pk), at(DAY(2018, 6, 12)))
    take(tmp_path, row("1", 整改时限="2018-06-20"), row("3", 整改时限="2018-06-20"), on=DAY(2018, 6, 13))
    take(tmp_path, row("1", **DONE), on=DAY(2018, 6, 14))
    before = whole.limit_at
    for each in (whole, part, alone):
        each.refresh_from_db()
    assert (whole.limit_at, whole.state, whole.version) == (before, "issued", 1)
    assert alone.limit_at is not None
    assert day_of(alone.limit_at) == DAY(2018, 6, 20)
    assert len(told("kept_by_hand")) == 1


def test_what_a_row_does_not_know_takes_nothing_away(city: Offices, tmp_path: Path) -> None:
    """A unit that is not found leaves the holder, or no clock would run; a blank village leaves the village."""
    take(tmp_path, row("1", 村="郑楼村"), row("2"))
    take(tmp_path, row("1", 责任单位="县教育局（错字）", 责任人="王局长"), row("2", 责任单位="镇政府", 责任人=""))
    first, second = Matter.objects.get(label="1"), Matter.objects.get(label="2")
    assert (first.state, first.holder_id, first.area_id) == ("issued", city.education, city.village.area_id)
    assert first.official is not None
    assert first.ledger.unit == "县教育局（错字）"
    assert told("ledger_unit_unknown") == [("责任单位", "1")]
    assert (second.holder_id, second.official_id) == (city.township, None), "nobody answers for another's unit"


def test_a_name_that_is_taken_out_is_no_subject_any_more(city: Offices, tmp_path: Path) -> None:
    code, other = city.here[0].code, city.here[1].code
    take(tmp_path, row("1", 涉及乡村户=f"郑楼村、{code}"), row("2", 涉及乡村户=code))
    second = take(tmp_path, row("1", 涉及乡村户=other), row("2", 整改进展="正在整改"))

    def about() -> set[tuple[object, ...]]:
        return set(MatterSubject.objects.values_list("matter__label", "household__code", "area_id"))

    assert about() == {("1", other, None), ("2", code, None)}
    assert second.import_id
    undo_import(local_admin(), second.import_id)
    assert about() == {("1", code, None), ("1", None, city.village.area_id), ("2", code, None)}


def test_after_a_merger_of_counties_a_row_is_known_again(city: Offices, tmp_path: Path) -> None:
    """Two counties become one: each row finds its own problem by what it says, and opens none."""
    there = {"县": "睢县", "责任单位": "邻县教育局", "责任人": "", "存在问题": "邻县的问题"}
    take(tmp_path, row("1"), row("1", **there), row("2", **there), row("3"), row("3", **there))
    line = Line("merged", DAY(2018, 6, 12), city.other.code, code=city.county.code)
    change_areas(local_admin(), Given((line,), "批文一号"))
    now = {"县": "宁县", "责任单位": "", "责任人": ""}
    take(tmp_path, row("1"), row("1", **(there | now)), row("2", **(there | now), 整改进展="正在整改"),
         on=DAY(2018, 6, 13))  # fmt: skip
    assert Matter.objects.count() == LedgerEntry.objects.count() == 5
    moved = Matter.objects.get(label="2")
    assert (moved.state, moved.holder_id, moved.area_id) == ("working", city.elsewhere, city.county.area_id)
    assert not RejectedRow.objects.exists()
    line = Line("merged", DAY(2018, 6, 14), city.county.code, code="411425000000", name="新县")
    change_areas(local_admin(), Given((line,), "批文二号"))
    take(tmp_path, row("3", 县="新县", 存在问题="改了说法"), on=DAY(2018, 6, 15))
    assert reasons() == [("3", "ledger_ambiguous")]


def test_after_a_merger_of_offices_a_row_is_known_again(city: Offices, tmp_path: Path) -> None:
    """Another office took the place of the one that issued it: the same number and text are the same problem, from then
    on by the new office's name; what the new office itself numbers so is another one."""
    take(tmp_path, row("1", 交办单位="市扶贫办"), row("2", 交办单位="市扶贫办"))
    Matter.objects.filter(label="2").update(version=7)  # somebody acted upon it here
    organisations.close_organisation(local_admin(), city.issuer, day=DAY(2018, 6, 12))
    new = organisations.found_organisation(
        local_admin(), "市乡村振兴局", "leading_group_office", area_id=city.city.area_id, day=DAY(2018, 6, 12)
    )
    again = {"交办单位": "市乡村振兴局"}
    take(tmp_path, row("1", **again), row("2", **again), on=DAY(2018, 6, 13))
    assert Matter.objects.count() == LedgerEntry.objects.filter(issuer=new).count() == 2
    take(tmp_path, row("1", **again, 存在问题="改了说法"), on=DAY(2018, 6, 14))
    assert Matter.objects.count() == 2
    assert Matter.objects.get(label="1").text.text == "改了说法"
    other = take(tmp_path, row("3", 交办单位="市教育局"), row("3", **again, 存在问题="另一件"), on=DAY(2018, 6, 15))
    assert Matter.objects.count() == 4
    assert other.import_id
    undo_import(local_admin(), other.import_id)
    assert Matter.objects.count() == 2


def renamed(city: Offices, name: str, kind: str = "leading_group_office") -> int:
    """Another office takes the place of the city’s, on a day."""
    organisations.close_organisation(local_admin(), city.issuer, day=DAY(2018, 6, 12))
    area = city.city.area_id
    return organisations.found_organisation(local_admin(), name, kind, area_id=area, day=DAY(2018, 6, 12))


def test_under_a_successor_the_number_is_enough(city: Offices, tmp_path: Path) -> None:
    """What it says may change in the very import in which its issuer bears another name: it is known by its number."""
    take(tmp_path, row("1", 交办单位="市扶贫办"), row("2", 交办单位="市扶贫办"))
    new = renamed(city, "市乡村振兴局")
    again = {"交办单位": "市乡村振兴局"}
    take(tmp_path, row("1", **again, 存在问题="改了说法"), row("3", **again), on=DAY(2018, 6, 13))
    assert Matter.objects.get(label="1").text.text == "改了说法"
    take(tmp_path, row("2", **again, 存在问题="也改了"), on=DAY(2018, 6, 14))
    assert Matter.objects.count() == LedgerEntry.objects.filter(issuer=new).count() == 3


def test_of_another_kind_it_takes_the_place_once_a_row_tells(city: Offices, tmp_path: Path) -> None:
    """A row that says the same under the same number tells who took the place of the issuer, in that ledger alone, then
    and later. Without one, another office’s number is its own."""
    old = {"交办单位": "市扶贫办"}
    take(tmp_path, row("1", **old), row("2", **old), row("3", **old), row("3", **old, 问题来源="巡视"))
    new = renamed(city, "市乡村振兴局", "department")
    again = {"交办单位": "市乡村振兴局"}
    take(tmp_path, row("1", **again), row("2", **again, 存在问题="改了说法"), on=DAY(2018, 6, 13))
    assert Matter.objects.count() == 4
    assert Matter.objects.get(label="2").text.text == "改了说法"
    other = row("3", **again, 问题来源="巡视", 存在问题="新局自己的")
    take(tmp_path, row("1", **again), row("3", **again, 存在问题="后来改的"), other, on=DAY(2018, 6, 14))
    assert Matter.objects.count() == 5
    assert LedgerEntry.objects.filter(issuer=new).count() == 4
    assert set(Matter.objects.filter(label="3").values_list("text__text", flat=True)) >= {"后来改的", "新局自己的"}


def test_of_two_who_name_one_that_is_no_more_one_is_its_heir(city: Offices, tmp_path: Path) -> None:
    """Not both, nor for who may issue nothing there, nor before the other has ended."""
    take(tmp_path, row("1", 交办单位="市扶贫办"))
    organisations.close_organisation(local_admin(), city.issuer, day=DAY(2018, 6, 14))
    heir, other = row("1", 交办单位="县政府"), row("1", 交办单位="镇政府")
    take(tmp_path, row("1", 交办单位="市教育局"), on=DAY(2018, 6, 13))
    assert Matter.objects.count() == 2, "it still stands that day: another one’s own number"
    may = limited(city.clerk(), "register.import_workbooks")
    take(tmp_path, heir, on=DAY(2018, 6, 15), actor=may)
    assert set(LedgerEntry.objects.values_list("issuer", flat=True)) == {city.issuer, city.city_education}
    assert reasons() == [("1", "ledger_may_not_issue")]
    take(tmp_path, heir, other, on=DAY(2018, 6, 16))
    assert set(LedgerEntry.objects.values_list("issuer", flat=True)) == {city.city_education, city.government}
    assert reasons()[-1:] == [("1", "ledger_twice")]
    take(tmp_path, heir, other, on=DAY(2018, 6, 17))
    assert Matter.objects.count() == 3, "by now its own number"


def test_identity_numbers_in_words_are_hidden(city: Offices, tmp_path: Path) -> None:
    """Whoever sees the ledger sees no number of a person; a code of a household stays what it is."""
    code = city.here[0].code
    one, two = "411423198001011234", "41142319920229456x"
    said = {"存在问题": f"张三（{one}）,{two},补助未发", "整改进展": f"已核{two}", "涉及乡村户": f"{code}、{one}"}
    take(tmp_path, row("1", **said), row("2", 存在问题=f"合同号{one}7未签"))
    take(tmp_path, row("1", **said))
    made = Matter.objects.select_related("text", "ledger").get(label="1")
    assert made.text.text == "张三（411423************）,411423************,补助未发"
    assert made.text.progress == "已核411423************"
    assert made.ledger.places == f"{code}、411423************"
    assert made.title == made.text.text
    assert made.version == 1
    assert [each.household_id for each in made.subjects.all()] == [city.here[0].pk]
    assert Matter.objects.get(label="2").title == f"合同号{one}7未签"
    assert told("ledger_identity") == [("存在问题", "1")]


def test_the_holder_and_the_day_stay_with_a_closed_problem(city: Offices, tmp_path: Path) -> None:
    """A closed problem stays closed through a row that says nothing of its end."""
    take(tmp_path, row("1", **DONE))
    take(tmp_path, row("1", 责任单位="没有的局"))
    made = Matter.objects.get()
    assert (made.state, made.holder_id) == ("closed", city.education)
    assert made.closed_at == datetime.datetime(2018, 5, 1, 16, tzinfo=datetime.UTC)


def test_an_actor_without_limits_is_asked_for_nothing(city: Offices, tmp_path: Path) -> None:
    user = city.user()
    take(tmp_path, row("1", **DONE), actor=actor_for(user))
    assert Matter.objects.get().state == "closed"
