"""Numbers mended, pairs scored: what is proposed to a person, and that nothing is taken by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core import identity
from tuopin.core.linkage import (
    PROPOSED_FROM,
    Side,
    bare_place,
    compare_births,
    compare_names,
    compare_places,
    mended,
    of_certificate,
    read_number,
    score,
    upgraded,
)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Sound numbers of today."""
    born = date(1930, 1, 1) + timedelta(days=draw(st.integers(0, 36_000)))
    digits = f"{draw(st.integers(110_000, 659_999))}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return digits + identity.check_character(digits)


@given(numbers())
def test_a_sound_number_needs_no_mending(number: str) -> None:
    assert mended(number) == []
    assert read_number(number.lower()) == number
    assert read_number(f" {number[:6]} {number[6:]} ") == number


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_digit_is_found_wherever_it_stands(number: str, at: int, digit: str) -> None:
    wrong = number[:at] + digit + number[at + 1 :]
    if wrong == number or "X" in wrong[:-1]:
        return
    assert (number, "one_wrong") in mended(wrong)
    assert all(identity.fault(each) is None for each, _slip in mended(wrong))


@given(numbers(), st.integers(0, 16))
def test_exchanged_neighbours_are_found(number: str, at: int) -> None:
    wrong = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if wrong == number or "X" in wrong[:-1]:
        return
    assert number in dict(mended(wrong))


@given(numbers(), st.integers(0, 17), st.integers(0, 9))
def test_a_missing_and_a_surplus_digit_are_found(number: str, at: int, digit: int) -> None:
    assert number in dict(mended(number[:at] + number[at + 1 :]))
    assert number in dict(mended(number[:at] + str(digit) + number[at:]))


@pytest.mark.parametrize(
    "text", ["", "4.11423E+17", "无", "=cmd|'/c calc'!A1", "1" * 5000, "４１", "X" * 18, "12345678901234567Y"]
)
def test_what_is_no_number_is_not_mended(text: str) -> None:
    assert mended(identity.normal_id(text)) == []
    assert read_number(text) is None


def test_old_numbers_are_upgraded_with_the_century_of_their_time() -> None:
    full = upgraded("990101700101001")
    assert full is not None
    assert full[:17] == "99010119700101001"
    assert identity.fault(full) is None
    assert upgraded("990101701301001") is None  # no thirteenth month
    assert upgraded("99010170010100") is None


def test_the_number_within_a_disability_certificate() -> None:
    digits = "99010119700101001"
    number = digits + identity.check_character(digits)
    assert of_certificate(number + "43") == number
    assert of_certificate(number + "43B1") == number
    assert of_certificate("1" * 20) is None
    assert read_number(number + "43") == number


def test_names() -> None:
    assert compare_names("张 三", "张三") == "equal"
    assert compare_names("买买提•阿不都", "买买提·阿不都") == "equal"
    assert compare_names("张三丰", "张叁丰") == "near"
    assert compare_names("张三", "李四") == "differs"
    assert compare_names("", "李四") == "unknown"
    assert compare_names("买买提", "买买提·阿不都") == "near"


def test_births() -> None:
    day = date(1970, 3, 4)
    assert compare_births(day, day) == "equal"
    assert compare_births(day, date(1970, 4, 3)) == "swapped"
    assert compare_births(day, date(1970, 3, 9)) == "month"
    assert compare_births(day, date(1970, 9, 9)) == "year"
    assert compare_births(day, date(1971, 3, 4)) == "differs"
    assert compare_births(None, day) == "unknown"


def test_places() -> None:
    assert bare_place("郑楼村村民委员会") == "郑楼"
    assert bare_place("柳河镇") == "柳河"
    assert compare_places("宁陵县柳河镇郑楼村三组12号", "郑楼村委会", "柳河镇") == "village"
    assert compare_places("郑楼村", "郑楼村", "柳河镇") == "village"
    assert compare_places("宁陵县张弓镇郑楼村", "郑楼村", "柳河镇") == "elsewhere"  # another township's
    assert compare_places("柳河镇李庄村", "郑楼村", "柳河镇") == "township"
    assert compare_places("商丘市梁园区", "郑楼村", "柳河镇") == "elsewhere"
    assert compare_places("", "郑楼村", "柳河镇") == "unknown"


def test_more_agreement_never_means_fewer_points() -> None:
    born, other = date(1970, 1, 2), date(1980, 5, 6)
    person = Side("张三丰", born, "", "郑楼村", "柳河镇")
    best = score(Side("张三丰", born, "柳河镇郑楼村"), person, "one_wrong")
    assert best.points == 100
    for worse in (
        Side("张叁丰", born, "柳河镇郑楼村"),
        Side("张三丰", other, "柳河镇郑楼村"),
        Side("张三丰", born, "张弓镇李庄村"),
        Side("", None, ""),
    ):
        assert score(worse, person, "none").points < score(Side("张三丰", born, "柳河镇郑楼村"), person, "none").points
    assert score(Side("李四", other, ""), person, "one_wrong").points < PROPOSED_FROM


def test_a_namesake_of_the_village_is_proposed_and_no_more() -> None:
    """There is no score that takes a pair: points only order the work."""
    found = score(Side("张三", None, "柳河镇郑楼村"), Side("张三", date(1970, 1, 2), "", "郑楼村", "柳河镇"), "none")
    assert found.is_proposed
    assert found.reasons == ("name_equal", "birth_unknown", "area_village")
    unlike = score(
        Side("张三", date(1990, 1, 2), "柳河镇郑楼村"), Side("张三", date(1970, 1, 2), "", "郑楼村", "柳河镇"), "none"
    )
    assert not unlike.is_proposed
