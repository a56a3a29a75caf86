"""Corrections: any field, all or none, conflicts, history and undo."""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from county import areas, household, households, person, take, write
from rooms.register.correcting.steps import DAY, WHY, actor, newest, the, who
from tuopin.core.workbook.values import Bad
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting import fields
from tuopin.register.correcting.services import Change, Conflict, Why, correct, undo
from tuopin.register.models import (
    AreaVersion,
    CorrectedValue,
    Correction,
    Household,
    HouseholdIncome,
    HouseholdLiving,
    PersonCondition,
    PersonIdentity,
    VillageCondition,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_field_of_the_blocks_can_be_corrected_and_is_named_in_both_languages() -> None:
    found = fields.all_fields()
    assert len(found) > 90
    for item in found.values():
        assert item.title.zh, item.name
        assert item.title.en, item.name
        if item.field.type == "code":
            assert set(item.field.codes.values()) <= {code for code, _title in item.codes}, item.name


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("wage", "1.2万元", 1_200_000),
        ("wage", "12,000.50", 1_200_050),
        ("wage", " ", None),
        ("house_area", "80平方米", 8000),
        ("water_safe", "安全", True),
        ("water_safe", "否", False),
        ("danger_grade", "C级", "C"),
        ("main_cause", "因病", "illness"),
        ("main_cause", "illness", "illness"),
        ("health", "残疾，长期慢性病", "chronic,disabled"),
        ("birth_date", "1970年1月2日", date(1970, 1, 2)),
        ("head_name", "=cmd|'/c calc'!A0", "=cmd|'/c calc'!A0"),
    ],
)
def test_values_are_read_as_the_workbook_reader_reads_them(name: str, text: str, value: object) -> None:
    item = fields.field_named(name)
    read = fields.read(item, text)
    assert read == value
    assert type(read) is type(value)
    assert fields.is_of_type(item, read)
    assert fields.read(item, fields.written(item, read)) == value  # type: ignore[arg-type]  # no Bad here
    assert fields.decode(item, fields.encode(read)) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wage", "约一万"),
        ("wage", "1e400"),
        ("wage", "9" * 40),
        ("water_safe", "也许"),
        ("danger_grade", "E"),
        ("birth_date", "2018-02-30"),
        ("id_number", "110101199003071"),
        ("head_name", "x" * 101),
        ("phone", "1.38E+10"),
    ],
)
def test_what_is_no_value_is_named_as_such(name: str, text: str) -> None:
    assert isinstance(fields.read(fields.field_named(name), text), Bad)


@pytest.mark.parametrize(("name", "value"), [("wage", 1 << 63), ("wage", -(1 << 64)), ("phone", "1\x002")])
def test_what_no_column_holds_is_refused(name: str, value: str | int) -> None:
    """A program may send 64 bits without a sign, and a zero byte."""
    assert not fields.is_of_type(fields.field_named(name), value)
    assert fields.is_of_type(fields.field_named("wage"), (1 << 63) - 1)


def test_one_act_corrects_households_persons_and_villages(tmp_path: Path) -> None:
    village = {"县": "示范县", "镇": "东乡", "村": "甲村委会", "总户数": "100", "总人口数": "400"}
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    take(write(tmp_path / "村信息.csv", [village], titles=["导出时间：2018-12-01"]))
    place = AreaVersion.objects.get(code="990101100201").area_id
    outcome = correct(
        local_admin(),
        [
            Change("household", the(), "wage", 1_300_000),
            Change("household", the(), "water_safe", False),
            Change("person", who(), "relation", "head"),  # says so already
            Change("person", who(), "education", "junior"),
            Change("person", who(), "name", "张山"),
            Change("village", place, "population", 401),
        ],
        WHY,
    )
    assert outcome.written == 5
    assert (newest(HouseholdIncome).wage, newest(HouseholdLiving).water_safe) == (1_300_000, False)
    assert (newest(PersonIdentity).name, newest(PersonCondition).education) == ("张山", "junior")
    assert newest(PersonIdentity).id_sound
    assert newest(VillageCondition).population == 401
    old = HouseholdIncome.objects.get(superseded_at__isnull=False)
    assert (old.wage, old.as_of) == (1_200_000, DAY)
    assert newest(HouseholdIncome).sheet_id == old.sheet_id, "the other fields still come from the workbook"
    entry = AuditEntry.objects.filter(action="register.correct_facts").get()
    assert '"values":5' in entry.detail
    assert "张山" not in entry.detail
    assert Correction.objects.get().size == 5


def test_all_or_none(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    for bad in (
        Change("household", 10**12, "wage", 1),
        Change("household", the(), "wage", True),
        Change("household", the(), "birth_date", None),
        Change("household", the(), "none", 1),
        Change("household", the(), "danger_grade", "Z"),
        Change("household", the(), "wage", 2),
    ):
        with pytest.raises(Problem):
            correct(local_admin(), [Change("household", the(), "wage", 1), bad], WHY)
    assert newest(HouseholdIncome).wage == 1_200_000
    assert not Correction.objects.exists()
    assert not AuditEntry.objects.filter(action="register.correct_facts").exists()


def test_grants_and_field_classes(tmp_path: Path) -> None:
    take(
        areas(tmp_path),
        households(tmp_path / "a", household("9901"), household("9902", 镇="西乡", 村="丙村委会", 户主姓名="李四")),
    )
    east, doctor = actor("east", "990101100000"), actor("doctor", "990101100000", "health")
    user, _password = accounts.add_user(local_admin(), "nobody", "a-long-password-1", must_change=False)
    insured = Change("person", who(), "resident_insurance", False)
    with pytest.raises(Missing):
        correct(east, [Change("household", the("9902"), "wage", 1)], WHY)
    with pytest.raises(Refused) as caught:
        correct(east, [insured], WHY)
    assert caught.value.code == "field_closed"
    with pytest.raises(Refused):
        correct(actor_for(user), [Change("household", the(), "wage", 1)], WHY)
    assert correct(doctor, [insured], WHY).written == 1
    assert correct(east, [Change("household", the(), "wage", 1)], WHY).written == 1


def test_the_second_of_two_is_told_and_nothing_is_overwritten(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    seen = newest(HouseholdIncome).pk
    first = actor("first", "990101100000")
    correct(first, [Change("household", the(), "wage", 1_300_000, seen)], WHY)
    with pytest.raises(Conflict) as caught:
        correct(local_admin(), [Change("household", the(), "wage", 1_400_000, seen)], WHY)
    clash = caught.value.clashes[0]
    assert (clash.base, clash.theirs, clash.by) == (1_200_000, 1_300_000, "first")
    assert clash.at is not None
    assert newest(HouseholdIncome).wage == 1_300_000
    # another field of the same block is no conflict, nor is the same value
    correct(local_admin(), [Change("household", the(), "transfer", 5, seen)], WHY)
    assert correct(local_admin(), [Change("household", the(), "wage", 1_300_000, seen)], WHY).written == 0
    decided = correct(local_admin(), [Change("household", the(), "wage", 1_400_000, newest(HouseholdIncome).pk)], WHY)
    assert decided.written == 1
    assert (newest(HouseholdIncome).wage, newest(HouseholdIncome).transfer) == (1_400_000, 5)


def test_two_at_the_same_moment_one_is_told(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    seen = newest(HouseholdIncome).pk
    key = the()
    told: list[str] = []
    start = threading.Barrier(4)

    def one(value: int) -> None:
        try:
            start.wait()
            correct(local_admin(), [Change("household", key, "wage", value, seen)], WHY)
            told.append("written")
        except Conflict:
            told.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(1_000 + at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["told", "told", "told", "written"]
    assert HouseholdIncome.objects.filter(superseded_at=None).count() == 1
    assert Correction.objects.count() == 1


def test_statements_do_not_grow_with_the_number(tmp_path: Path) -> None:
    groups = [household(str(9901 + at), person(f"{9901 + at}01")) for at in range(60)]
    take(areas(tmp_path), households(tmp_path / "a", *groups))
    keys = list(Household.objects.order_by("pk").values_list("pk", flat=True))

    def statements(ids: list[int], value: int) -> int:
        changes = [Change("household", key, "wage", value, 0) for key in ids]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            correct(local_admin(), [Change(c.level, c.subject, c.field, c.value) for c in changes], WHY)
        return len(queries)

    assert statements(keys[:1], 1) == statements(keys[1:], 1)
    assert statements(keys[:1], 2) == statements(keys[1:], 3) < 40


def test_a_correction_of_a_day_before_a_newer_record_is_refused(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    take(households(tmp_path / "b", household("9901", 工资性收入="14000"), day="2019-12-01"))
    with pytest.raises(Problem) as caught:
        correct(local_admin(), [Change("household", the(), "wage", 1)], WHY)
    assert caught.value.code == "newer_version"
    with pytest.raises(Problem) as caught:
        correct(local_admin(), [Change("household", the(), "wage", 1)], Why(date(2199, 1, 1)))
    assert caught.value.code == "bad_day"


def test_undo_corrects_back_once_and_leaves_no_mark(tmp_path: Path) -> None:
    take(areas(tmp_path), households(tmp_path / "a", household("9901")))
    act = correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], WHY).correction
    assert act is not None
    assert newest(HouseholdIncome).overrides["wage"]["source"] == "by_hand"
    undone = undo(local_admin(), act.pk).correction
    assert undone is not None
    assert (newest(HouseholdIncome).wage, newest(HouseholdIncome).overrides) == (1_200_000, {})
    assert not CorrectedValue.objects.filter(state="open").exists()
    with pytest.raises(Problem) as caught:
        undo(local_admin(), act.pk)
    assert caught.value.code == "already_undone"
    other = correct(local_admin(), [Change("household", the(), "wage", 1_500_000)], WHY).correction
    assert other is not None
    correct(local_admin(), [Change("household", the(), "wage", 1_600_000)], WHY)
    with pytest.raises(Conflict):
        undo(local_admin(), other.pk)
    with pytest.raises(Missing):
        undo(actor("west", "990101101000"), other.pk)
