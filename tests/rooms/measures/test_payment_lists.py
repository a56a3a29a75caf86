"""Payment lists: who received is found, what cannot be matched goes back with its reason, none is doubled."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import take
from people import account
from rooms.measures.conftest import DAY
from rooms.measures.lists import CHILD, HEAD, ILL, line, payments
from tuopin.measures.models import Payment
from tuopin.measures.policies import policies
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.catalogue import workbook_kinds
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import DataIssue, Membership, Person, RejectedRow, WaitingRow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]


def rows() -> list[tuple[str, str, str, int | None]]:
    """(household, person, policy, fen) of what counts."""
    found = Payment.objects.filter(superseded_at=None).order_by("pk")
    return [
        (household, code or "", policy, amount)
        for household, code, policy, amount in found.values_list("household__code", "person__code", "policy", "amount")
    ]


def refused() -> list[str]:
    return sorted(RejectedRow.objects.values_list("reason", flat=True))


def open_issues() -> list[tuple[str, str, str]]:
    found = DataIssue.objects.filter(closed_at=None, kind="payment")
    return sorted(found.values_list("code", "subject", "value"))


def test_the_kind_names_every_policy_and_no_other() -> None:
    assert set(workbook_kinds()["payment"].field("policy").codes.values()) == set(policies())


def test_receivers_are_found_by_number_and_within_the_household(tmp_path: Path) -> None:
    take(
        payments(
            tmp_path / "发放.csv",
            line("义务教育补助", CHILD, 姓名="张小"),
            line("低保金", 户编号="9902", 发放金额="0.12万元"),
            line("公益岗位", 户编号="9901", 姓名="张三"),
        )
    )
    assert rows() == [
        ("9901", "990102", "schooling_grant", 50_000),
        ("9902", "", "low_income_allowance", 120_000),
        ("9901", "990101", "public_post_pay", 50_000),
    ]
    assert (refused(), open_issues()) == ([], [])


def test_what_cannot_be_matched_goes_back_with_its_reason(tmp_path: Path) -> None:
    take(
        payments(
            tmp_path / "发放.csv",
            line("义务教育补助", "11010119900307767X"),
            line("义务教育补助", ILL, 户编号="9901"),
            line("小额补贴", CHILD),
            line("义务教育补助", 户编号="9901"),
            line("义务教育补助", CHILD, 发放日期="2019-01-05"),
            line("低保金", 户编号="9999"),
        )
    )
    assert rows() == []
    assert refused() == [
        "payment_in_future", "payment_nobody", "payment_not_member", "payment_not_member", "payment_policy_unknown",
    ]  # fmt: skip
    assert WaitingRow.objects.get().household_code == "9999"


def test_doubles_are_reported_and_counted_once(tmp_path: Path) -> None:
    twice = line("义务教育补助", CHILD)
    take(payments(tmp_path / "发放.csv", twice, twice, line("义务教育补助", CHILD, 文件依据="第二批")))
    assert [amount for *_rest, amount in rows()] == [50_000, 50_000]
    assert refused() == ["payment_twice"]
    assert [code for code, *_ in open_issues()] == ["payment_same_month", "payment_twice"]


def test_the_same_list_again_changes_nothing_and_another_amount_is_a_new_version(tmp_path: Path) -> None:
    first = payments(tmp_path / "a" / "发放.csv", line("义务教育补助", CHILD))
    take(first)
    take(first)
    assert Payment.objects.count() == 1
    take(payments(tmp_path / "b" / "发放.csv", line("义务教育补助", CHILD, 发放金额="625")))
    assert rows() == [("9901", "990102", "schooling_grant", 62_500)]
    assert Payment.objects.count() == 2


def test_undoing_takes_exactly_the_list_back(tmp_path: Path) -> None:
    take(payments(tmp_path / "a" / "发放.csv", line("义务教育补助", CHILD)))
    report = take(payments(tmp_path / "b" / "发放.csv", line("义务教育补助", CHILD, 发放金额="625")))
    assert report.import_id is not None
    undo_import(local_admin(), report.import_id)
    assert rows() == [("9901", "990102", "schooling_grant", 50_000)]
    assert Payment.objects.count() == 1


def test_a_payment_after_somebody_has_left_is_taken_and_reported_without_the_policy(tmp_path: Path) -> None:
    ill = Person.objects.get(code="990201")
    left = {"valid_from": datetime.date(2014, 1, 1), "valid_to": datetime.date(2018, 6, 1)}
    Membership.objects.filter(person=ill).update(**left)
    take(payments(tmp_path / "发放.csv", line("大病救助", ILL, 户编号="9902", 姓名="李大四")))
    assert rows() == [("9902", "990201", "serious_illness_aid", 50_000)]
    assert open_issues() == [("payment_after_leaving", "9902", ""), ("payment_name_differs", "9902", "")]


def test_of_persons_outside_the_grants_nothing_is_told(tmp_path: Path) -> None:
    east = actor_for(account("east", "township", "990101100000"))
    path = payments(tmp_path / "发放.csv", line("大病救助", ILL), line("义务教育补助", CHILD), line("大病救助", HEAD))
    import_paths(east, [path], as_of=DAY)
    assert [policy for _household, _person, policy, _amount in rows()] == ["schooling_grant", "serious_illness_aid"]
    assert refused() == ["payment_nobody"]
