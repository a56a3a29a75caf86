"""Department lists: which facts and issues they write, and how that is taken back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from county import households, id_number, take
from rooms.register.matching.steps import DAY, condition, hand_in, identity, number, people, rows, uninsured
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.matching import writing
from tuopin.register.matching.kinds import list_kinds
from tuopin.register.models import (
    CorrectedValue,
    DataIssue,
    HouseholdLiving,
    PersonCondition,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def test_facts_carry_the_lists_day_and_source_and_survive_a_reimport(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301")}))
    assert run.counts["facts"] == {"changed": 1}
    result = writing.write(local_admin(), run.pk)
    row = condition("990301")
    assert (row.as_of, row.resident_insurance) == (DAY, True)
    assert row.overrides["resident_insurance"]["source"] == "department_list"
    assert CorrectedValue.objects.get(field="resident_insurance").state == "open"
    assert (result.facts, result.opened) == (1, 1)
    issue = DataIssue.objects.get(closed_at=None, kind="list_resident_insurance")
    assert (issue.code, issue.subject, issue.person) == ("insured_per_department_not_in_register", "9903", "990301")
    again = writing.write(local_admin(), run.pk)
    assert (again.facts, again.opened, again.closed) == (0, 0, 1)  # the register now says what the list says
    take(households(tmp_path, uninsured(), day="2018-12-20"))
    assert condition("990301", date(2018, 12, 31)).resident_insurance is True


def test_what_agrees_writes_nothing(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")}))
    assert run.counts["facts"] == {"same": 1}
    assert writing.write(local_admin(), run.pk).facts == 0
    assert PersonCondition.objects.filter(person__code="990101").count() == 1


def test_a_correction_by_hand_and_a_newer_record_stay(tmp_path: Path) -> None:
    from tuopin.register.correcting.services import Change, Why, correct
    from tuopin.register.models.blocks import Source

    people(tmp_path)
    key = identity("990301").person_id
    by_hand = Why(date(2018, 12, 10), Source.BY_HAND, "入户核实")
    correct(local_admin(), [Change("person", key, "resident_insurance", None)], by_hand)
    path = rows(tmp_path, {"身份证号": number("990301")})
    run = hand_in(path)
    assert run.counts["facts"] == {"kept": 1}
    assert writing.write(local_admin(), run.pk).facts == 0
    early = hand_in(
        rows(tmp_path, {"身份证号": number("990102")}, name="早.csv"), kind="low_income", as_of=date(2018, 11, 1)
    )
    assert early.counts["facts"] == {"newer": 1}
    assert writing.write(local_admin(), early.pk).facts == 0


def test_not_listed_means_nothing_unless_the_list_is_complete(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"身份证号": number("990101")}, {"身份证号": "", "姓名": "无名"})
    open_list = hand_in(path)
    assert open_list.counts["facts"] == {"same": 1}
    whole = hand_in(path, complete=True, again=True)
    # 王小二 and 赵六 have sound numbers and are not listed; 李四 has none and cannot be said to be missing
    assert whole.counts["facts"] == {"same": 2, "changed": 1}
    assert whole.counts["doubts"] == {"insured_in_register_not_on_list": 1}
    writing.write(local_admin(), whole.pk)
    assert condition("990102").resident_insurance is False
    assert condition("990201").resident_insurance is True


def test_a_namesake_without_number_on_the_list_protects_from_being_called_absent(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": "", "姓名": "王小二"}), complete=True)
    assert "990102" not in set(DataIssue.objects.values_list("person", flat=True))
    writing.write(local_admin(), run.pk)
    assert condition("990102").resident_insurance is True


def test_household_lists_write_the_households_fact_once(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(
        rows(
            tmp_path,
            {"户主身份证号": number("990101"), "鉴定等级": "D级"},
            {"户主身份证号": number("990102"), "鉴定等级": "D级"},
        ),
        kind="house_safety",
    )
    result = writing.write(local_admin(), run.pk)
    assert result.facts == 1
    living = HouseholdLiving.objects.filter(household__code="9901", superseded_at=None).order_by("-as_of")[0]
    assert (living.danger_grade, living.as_of) == ("D", DAY)
    assert DataIssue.objects.filter(code="dangerous_per_department", closed_at=None).count() == 2


def test_flags_ask_for_a_visit_and_do_not_accuse(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"车主身份证号": number("990101"), "车主": "张三丰"}), kind="vehicle_owner")
    writing.write(local_admin(), run.pk)
    issue = DataIssue.objects.get(code="listed_vehicle_owner")
    assert issue.area is not None
    assert PersonCondition.objects.filter(person__code="990101").count() == 1  # no fact, no status, nothing decided
    from tuopin.register.issue_codes import issue_codes

    for kind in list_kinds().values():
        for doubt in kind.doubts:
            code = issue_codes()[doubt.code]
            text = code.title.zh + code.action.zh
            assert not any(word in text for word in ("骗", "违规", "冒领", "清退", "不符合条件")), doubt.code
            assert code.severity == "doubt"


def test_an_issue_is_not_doubled_and_closes_when_a_later_list_no_longer_shows_it(tmp_path: Path) -> None:
    people(tmp_path)
    one = rows(tmp_path, {"身份证号": number("990101")}, name="一.csv")
    run = hand_in(one, kind="deaths")
    writing.write(local_admin(), run.pk)
    assert writing.write(local_admin(), run.pk).opened == 0
    empty = rows(tmp_path, {"身份证号": id_number("19990101", 5)}, name="二.csv")
    part = hand_in(empty, kind="deaths")
    assert writing.write(local_admin(), part.pk).closed == 0  # it does not speak of that person
    whole = hand_in(empty, kind="deaths", complete=True, again=True)
    assert writing.write(local_admin(), whole.pk).closed == 1


def test_a_writing_is_taken_back_as_a_whole(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990301")}))
    result = writing.write(local_admin(), run.pk)
    writing.take_back(local_admin(), result.pk)
    assert condition("990301").resident_insurance is False
    assert not DataIssue.objects.filter(closed_at=None, kind="list_resident_insurance").exists()
    with pytest.raises(Problem, match="already_undone"):
        writing.take_back(local_admin(), result.pk)
