"""Incidences: parts add up to the whole, intervals hold the truth whatever the unknown turns out to be, limits are
compared exactly, and what is missing is named."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core.standards.incidence import (
    PARTS,
    Basics,
    County,
    Incidence,
    Persons,
    Rate,
    percent_text,
    side_by_side,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

few = st.integers(0, 40)
rates = st.integers(0, PARTS)


@st.composite
def surveyed(draw: st.DrawFn) -> Rate:
    low, estimate, high = sorted(draw(st.tuples(rates, rates, rates)))
    return draw(st.sampled_from([Rate(estimate, low, high), Rate(estimate), Rate(estimate, low)]))


@st.composite
def counties(draw: st.DrawFn) -> Basics:
    persons = Persons(draw(few), draw(few), draw(few), draw(few), draw(few), 0)
    rural = persons.unexited + persons.exited + persons.unclear + draw(st.integers(1, 200))
    county = County(rural, persons.unexited, persons.exited, persons.unclear, draw(surveyed()), draw(surveyed()))
    return Basics(persons, persons, draw(st.integers(1, 500)), 3, 0, (county,), draw(few), 3)


def whole(parts: Sequence[Basics]) -> Basics:
    def total(name: str) -> Persons:
        return Persons(*(sum(getattr(getattr(each, name), field.name) for each in parts) for field in fields(Persons)))

    return Basics(
        total("persons"), total("counted"), sum(each.population for each in parts),
        sum(each.villages for each in parts), sum(each.unpopulated for each in parts),
        tuple(county for each in parts for county in each.counties), sum(each.form for each in parts),
        sum(each.formed for each in parts),
    )  # fmt: skip


@given(st.lists(counties(), min_size=1, max_size=5))
def test_numerators_and_denominators_of_parts_add_up_to_the_whole(parts: list[Basics]) -> None:
    for at, found in enumerate(side_by_side(whole(parts))):
        below = [side_by_side(each)[at] for each in parts]
        assert found.low == sum(each.low or 0 for each in below)
        assert found.high == sum(each.high or 0 for each in below)
        assert found.denominator == sum(each.denominator or 0 for each in below)
        if found.estimate is not None:
            assert found.estimate == sum(each.estimate or 0 for each in below)


@given(counties(), st.data())
def test_the_interval_holds_the_truth_however_the_unknown_is_filled(area: Basics, data: st.DataObject) -> None:
    register, verdict, composite, _form = side_by_side(area)
    persons, (county,) = area.persons, area.counties
    as_poor = data.draw(st.integers(0, persons.unclear))
    as_exited = data.draw(st.integers(0, persons.unclear - as_poor))
    fails = data.draw(st.integers(0, persons.doubtful))
    known = replace(
        persons, unexited=persons.unexited + as_poor, exited=persons.exited + as_exited, unclear=0,
        failing=persons.failing + fails, doubtful=0,
    )  # fmt: skip
    ends = [each.ends for each in (county.missed, county.wrong_exit)]
    truths = [data.draw(st.integers(*end)) for end in ends if end is not None]
    filled = replace(
        county, unexited=known.unexited, exited=known.exited, unclear=0, missed=Rate(truths[0]),
        wrong_exit=Rate(truths[1]),
    )  # fmt: skip
    truth = side_by_side(replace(area, persons=known, counted=known, counties=(filled,)))
    for between, exact in zip((register, verdict, composite), truth, strict=False):
        assert exact.low == exact.high
        assert between.lowest is not None
        assert between.highest is not None
        assert exact.estimated is not None
        assert between.lowest <= exact.estimated <= between.highest
        for operator in ("<", "<=", ">", ">="):
            said = between.against(operator, Fraction(2, 100))
            assert said in ("unknown", exact.against(operator, Fraction(2, 100)))


def reading(low: int, high: int, of: int) -> Incidence:
    return Incidence("register", "rural", low * PARTS, high * PARTS, None, of)


def test_exactly_two_per_cent_goes_by_the_operator_and_no_rounding_helps() -> None:
    limit = Fraction(2, 100)
    assert [reading(20, 20, 1000).against(sign, limit) for sign in ("<", "<=", ">", ">=")] == [
        "not_met", "met", "not_met", "met",
    ]  # fmt: skip
    million = reading(20_001, 20_001, 1_000_000)
    assert percent_text(million.lowest) == "2.0001"
    assert million.against("<=", limit) == "not_met"
    assert reading(19, 21, 1000).against("<=", limit) == "unknown"
    assert reading(20, 21, 1000).against("<=", limit) == "unknown", "the end at the limit meets it, the other does not"
    assert reading(19, 20, 1000).against("<=", limit) == "met"


def county(**changed: object) -> Basics:
    base = County(10_000, 100, 400, 0, Rate(10_000, 5_000, 15_000), Rate(5_000, 2_500, 7_500))
    persons = Persons(100, 400, 0, 120, 30)
    return Basics(persons, persons, 11_000, 8, 0, (replace(base, **changed),))  # type: ignore[arg-type]


def test_the_composite_incidence_by_hand() -> None:
    register, verdict, composite = side_by_side(county())
    # 100 left + 0.5 % of 400 wrongly exited + 1 % of 9,500 missed = 100 + 2 + 95
    assert composite.estimated == Fraction(197, 10_000)
    assert percent_text(composite.estimated) == "1.9700"
    assert composite.lowest == Fraction(100 + 1, 10_000) + Fraction(475, 100_000)
    assert composite.highest == Fraction(100 + 3, 10_000) + Fraction(1425, 100_000)
    assert composite.against("<=", Fraction(2, 100)) == "unknown", "the interval straddles the limit"
    assert (register.basis, register.lowest) == ("rural", Fraction(1, 100))
    assert (verdict.lowest, verdict.highest) == (Fraction(12, 1000), Fraction(15, 1000))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rural": None}, "1 个县未填农业户籍人口"),
        ({"missed": Rate(None)}, "1 个县未填漏评率"),
        ({"wrong_exit": Rate(None, 1, 2)}, "1 个县未填错退率"),
        ({"rural": 499}, "1 个县的农业户籍人口少于建档立卡人口，请核对"),
    ],
)
def test_what_is_missing_is_named_and_the_reading_unknown(changed: dict[str, object], said: str) -> None:
    composite = side_by_side(county(**changed))[2]
    assert not composite.is_known
    assert said in [each.zh for each in composite.missing]
    assert composite.against("<=", Fraction(2, 100)) == "unknown"


def test_without_the_rural_population_the_villages_stand_in_and_it_says_so() -> None:
    register = side_by_side(county(rural=None))[0]
    assert (register.basis, register.denominator) == ("population", 11_000)
    assert [each.zh for each in register.missing] == ["1 个县未填农业户籍人口"]


def test_zero_population_is_unknown_with_a_reason() -> None:
    nobody = Basics(Persons(1), Persons(), 0, 2, 2)
    for found in side_by_side(nobody):
        assert not found.is_known
        assert found.lowest is None
        assert found.missing
        assert found.against("<=", Fraction(2, 100)) == "unknown"
    empty = side_by_side(county(rural=0, unexited=0, exited=0))
    assert [each.is_known for each in empty] == [False, False, False]


def test_villages_without_a_population_are_in_neither_sum() -> None:
    area = Basics(Persons(unexited=30), Persons(unexited=20), 1_000, 3, 1)
    register = side_by_side(area)[0]
    assert register.lowest == Fraction(2, 100)
    assert "1 个村总人口未填" in register.notes[0].zh


def test_the_village_form_stands_beside_the_count_where_every_village_has_its_numbers() -> None:
    area = Basics(Persons(unexited=20), Persons(unexited=20), 1_000, 2, 0, form=22, formed=2)
    assert side_by_side(area)[3].lowest == Fraction(22, 1_000)
    assert not side_by_side(replace(area, formed=1))[3].is_known
    assert len(side_by_side(replace(area, formed=0))) == 3
