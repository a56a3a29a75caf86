"""Department lists that are damaged, contradict themselves, or mean harm."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from county import household, id_number, person
from rooms.register.matching.steps import DAY, condition, fates, hand_in, number, people, register, rows
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.matching import services, writing
from tuopin.register.models import (
    MatchRun,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_list_of_blank_numbers_and_names_matches_nobody(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, *[{"身份证号": "", "姓名": "", "备注": "x"}] * 30))
    assert fates(run) == {"matched": 0, "repeated": 0, "decide": 0, "not_found": 30}
    assert run.counts["blank"] == 30


def test_formulas_and_script_are_text(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(
        rows(
            tmp_path,
            {"身份证号": "=cmd|' /C calc'!A0", "姓名": "<script>alert(1)</script>", "地址": "'; drop table x; --"},
            {"身份证号": number("990101"), "姓名": "=1+1", "地址": "\u202egnp.exe"},
        )
    )
    assert fates(run)["matched"] == 1
    assert fates(run)["not_found"] == 1


def test_rows_that_contradict_each_other_say_nothing(tmp_path: Path) -> None:
    register(tmp_path, household("9901", person("990101", 在校生状况="七年级", 文化程度="")))
    one = number("990101")
    run = hand_in(
        rows(tmp_path, {"身份证号": one, "年级": "八年级"}, {"身份证号": one, "年级": "九年级"}), kind="school"
    )
    assert fates(run) == {"matched": 1, "repeated": 1, "decide": 0, "not_found": 0}
    assert run.counts["contradicting"] == 1
    assert run.counts["facts"] == {"unsaid": 1}
    writing.write(local_admin(), run.pk)
    assert condition("990101").study == "grade_7"


def test_equal_rows_twice_count_once(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, *[{"身份证号": number("990301")}] * 3))
    assert fates(run) == {"matched": 1, "repeated": 2, "decide": 0, "not_found": 0}
    result = writing.write(local_admin(), run.pk)
    assert (result.facts, result.opened) == (1, 1)


def test_a_cell_in_the_last_row_and_column_is_refused_in_words(tmp_path: Path) -> None:
    from openpyxl import Workbook

    people(tmp_path)
    book = Workbook()
    book.active.append(["身份证号", "姓名"])
    book.active.cell(row=1_048_576, column=16_384, value="x")
    path = tmp_path / "far.xlsx"
    book.save(path)
    run = services.open_run(
        local_admin(),
        path,
        name="宽.xlsx",
        digest="d",
        kind="low_income",
        as_of=DAY,
        area="990100000000",
        complete=False,
    )
    with pytest.raises(Problem) as problem:
        services.match(local_admin(), run.pk)
    assert problem.value.code == "cell_range"
    assert "宽.xlsx" in problem.value.zh
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.counts["problem"]["error"] == problem.value.code


def test_five_thousand_columns_are_no_harm(tmp_path: Path) -> None:
    people(tmp_path)
    run = hand_in(rows(tmp_path, {"身份证号": number("990101")} | {f"列{at}": "x" for at in range(5_000)}))
    assert run.counts["matched"] == 1
    assert len(run.other_headers) == 200


def test_a_list_without_id_numbers_is_refused_in_words(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"姓名": "张三", "地址": "甲村"})
    with pytest.raises(Problem) as problem:
        hand_in(path)
    assert problem.value.code == "unknown_kind"


def test_the_same_file_again_says_so(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"身份证号": number("990101")})
    first = hand_in(path)
    with pytest.raises(Problem) as problem:
        hand_in(path)
    assert problem.value.code == "list_seen_before"
    assert str(first.pk) in problem.value.zh
    assert hand_in(path, again=True).counts["matched"] == 1
    assert hand_in(path, kind="low_income").counts["matched"] == 1


def test_a_list_of_tomorrow_is_refused(tmp_path: Path) -> None:
    people(tmp_path)
    path = rows(tmp_path, {"身份证号": number("990101")})
    with pytest.raises(Problem, match="bad_list_day"):
        hand_in(path, as_of=timezone.localdate() + timedelta(days=1))
    assert not MatchRun.objects.exists()


def test_columns_can_be_chosen_and_the_list_matched_again(tmp_path: Path) -> None:
    people(tmp_path)
    odd = id_number("19990101", 5)
    path = rows(tmp_path, {"身份证号": odd, "被保险人号码": number("990301"), "姓名": "赵六"})
    run = hand_in(path)
    assert run.counts["matched"] == 0
    assert run.other_headers == ["被保险人号码"]
    services.choose_columns(local_admin(), run.pk, {"身份证号": "", "被保险人号码": "id_number"})
    services.match(local_admin(), run.pk)
    run.refresh_from_db()
    assert run.counts["matched"] == 1
    with pytest.raises(Problem, match="bad_columns"):
        services.choose_columns(local_admin(), run.pk, {"身份证号": "no_such_field"})


def test_more_pairs_than_anybody_decides_are_counted_and_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuopin.register.matching import link

    monkeypatch.setattr(link, "PAIRS_PER_LIST", 1)
    people(tmp_path)
    slips = [number(code)[:9] + number(code)[10:] for code in ("990101", "990102")]
    run = hand_in(rows(tmp_path, *({"身份证号": each} for each in slips)), complete=True)
    assert (run.counts["decide"], run.counts["left_out"], run.counts["not_found"]) == (1, 1, 0)
    assert run.counts["doubts"] == {}
    writing.write(local_admin(), run.pk)
    assert condition("990101").resident_insurance is True
    assert condition("990102").resident_insurance is True
