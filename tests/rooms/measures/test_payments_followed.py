"""Payments after events: who died, a household that was merged, a person who moved out; the list that shows them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from county import take
from people import account, signed_in
from rooms.measures.lists import CHILD, HEAD, ILL, line, payments
from tuopin.measures.models import Gap, GapFigures, Payment
from tuopin.measures.selectors import STATES, of_household
from tuopin.measures.services import work_out
from tuopin.platform.access import local_admin
from tuopin.register.events import services as events
from tuopin.register.events.planning import Wish
from tuopin.register.events.undo import undo
from tuopin.register.models import (
    AreaVersion,
    DataIssue,
    EventSubject,
    Household,
    Import,
    Membership,
    Person,
    RegisterEvent,
)
from tuopin.register.selectors import household as household_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]

END = datetime.date(2018, 12, 31)
COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"


def happened(kind: str, code: str, day: str, *persons: str, into: str = "") -> None:
    keys = tuple(Person.objects.filter(code__in=persons).values_list("pk", flat=True))
    target = Household.objects.get(code=into).pk if into else None
    wish = Wish(Household.objects.get(code=code).pk, persons=keys, target=target, agreed=True)
    events.record(local_admin(), kind, [wish], events.Why(datetime.date.fromisoformat(day), "测试"))


def counts(policy: str, area: str = COUNTY) -> dict[str, int]:
    run = work_out(local_admin(), day=END)
    area_id = AreaVersion.objects.get(code=area, valid_to=None).area_id
    stored = GapFigures.objects.get(run=run, area_id=area_id).counts.get(policy, [0] * len(STATES))
    return {name: number for name, number in zip(STATES, stored, strict=True) if number}


def page(client: Any, area: str = COUNTY, **given: str) -> str:
    address = f"/measures/payments/?area={area}" + "".join(f"&{name}={value}" for name, value in given.items())
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_payment_after_death_is_reported_whichever_was_known_first(tmp_path: Path) -> None:
    take(
        payments(
            tmp_path / "a" / "发放.csv", line("困难残疾人生活补贴", CHILD, 发放日期="2018-12-06"), day="2018-12-31"
        )
    )
    happened("death", "9901", "2018-12-05", "990102")
    take(
        payments(
            tmp_path / "b" / "发放.csv", line("困难残疾人生活补贴", CHILD, 发放日期="2018-12-20"), day="2018-12-31"
        )
    )
    assert DataIssue.objects.filter(code="payment_to_dead", subject="9901").count() == 1
    clerk = signed_in(account("clerk", "county", COUNTY, "disability", "child", "health"))
    text = page(clerk, doubt="dead")
    assert text.count("领取人已去世</td>") == 2
    assert "2018-12-06" in text
    assert "2018-12-20" in text
    assert "领取人已去世</td>" not in page(clerk, doubt="left")


def test_payments_to_the_dead_are_reported_by_name_too_and_change_nothing_else(tmp_path: Path) -> None:
    happened("death", "9901", "2018-12-05", "990102")
    before = (Membership.objects.count(), EventSubject.objects.count(), counts("schooling_grant").get("both", 0))
    late = {"发放日期": "2018-12-20", "户编号": "9901", "姓名": "张小"}
    done = take(payments(tmp_path / "发放.csv", line("低保金", **late), line("义务教育补助", **late), day="2018-12-31"))
    assert [row.person.code if row.person else "" for row in Payment.objects.all()] == ["990102", "990102"]
    assert DataIssue.objects.filter(code="payment_to_dead", subject="9901").count() == 1
    clerk = signed_in(account("clerk", "county", COUNTY, "disability", "child", "health"))
    Import.objects.filter(pk=done.import_id).update(path=AreaVersion.objects.get(code=COUNTY, valid_to=None).path)
    shown = clerk.get(reverse("register:import", args=[done.import_id])).content.decode()
    assert "发放日期在领取人去世之后" in shown
    assert page(clerk, doubt="dead").count("领取人已去世</td>") == 2
    assert (
        Membership.objects.count(),
        EventSubject.objects.count(),
        counts("schooling_grant").get("both", 0),
    ) == before


def test_a_death_taken_back_takes_the_doubt_back(tmp_path: Path) -> None:
    happened("death", "9901", "2018-12-05", "990102")
    undo(local_admin(), RegisterEvent.objects.get(kind="death").pk, "登记有误")
    take(payments(tmp_path / "发放.csv", line("困难残疾人生活补贴", CHILD, 发放日期="2018-12-06"), day="2018-12-31"))
    assert not DataIssue.objects.filter(code="payment_to_dead").exists()
    clerk = signed_in(account("clerk", "county", COUNTY, "disability", "child", "health"))
    assert "领取人已去世</td>" not in page(clerk)


def test_what_a_merged_household_received_counts_for_the_one_it_is_part_of(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("低保金", 户编号="9901"), line("义务教育补助", CHILD)))
    before = counts("low_income_allowance")
    happened("merge", "9901", "2018-12-20", into="9903")
    assert sum(counts("low_income_allowance").get(name, 0) for name in ("both", "excess", "unclear")) == 1
    assert sum(before.get(name, 0) for name in ("both", "excess", "unclear")) == 1
    assert counts("schooling_grant").get("gone", 0) == 0  # the child is a member there
    households = set(Gap.objects.filter(policy="low_income_allowance").values_list("household__code", flat=True))
    assert "9901" not in households
    placed = household_of(local_admin(), "9903")
    shown, _lines = of_household(placed.village, placed.household.pk, END.year)
    assert {each.policy for each in shown if each.what == "payment"} == {"low_income_allowance", "schooling_grant"}
    clerk = signed_in(account("east", "township", EAST, "child"))
    assert page(clerk, EAST).count("宁扶贫〔2018〕9号") == 2  # both are found where the household is now
    happened("merge", "9903", "2018-12-21", into="9902")
    west = signed_in(account("west", "township", WEST, "child"))
    assert (page(clerk, EAST).count("宁扶贫〔2018〕9号"), page(west, WEST).count("宁扶贫〔2018〕9号")) == (0, 2)


def test_who_moved_to_another_household_has_still_received(tmp_path: Path) -> None:
    take(payments(tmp_path / "发放.csv", line("义务教育补助", CHILD)))
    happened("other_out", "9901", "2018-12-20", "990102", into="9902")
    assert counts("schooling_grant") == {"both": 1}
    placed = household_of(local_admin(), "9902")
    found, _lines = of_household(placed.village, placed.household.pk, END.year)
    assert [each.policy for each in found if each.what == "payment"] == ["schooling_grant"]


def test_the_list_shows_classes_and_places_that_are_open_alone(
    tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    take(
        payments(
            tmp_path / "发放.csv", line("大病救助", ILL), line("公益岗位", HEAD), line("低保金", 户编号="9902"),
            line("义务教育补助", CHILD),
        )
    )  # fmt: skip
    narrow = signed_in(account("narrow", "county", COUNTY))
    with django_assert_max_num_queries(20):
        text = page(narrow)
    assert "大病" not in text
    assert "义务教育" not in text
    assert text.count("宁扶贫〔2018〕9号") == 2
    east = signed_in(account("east", "township", EAST, "health", "child"))
    assert page(east, EAST).count("宁扶贫〔2018〕9号") == 2
    assert east.get(f"/measures/payments/?area={COUNTY}").status_code == 404
    assert page(east, EAST, policy="public_post_pay").count("宁扶贫〔2018〕9号") == 1
