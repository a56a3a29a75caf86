"""Measures of poverty by income: worked examples, the definition written out, and three ways that never differ."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuopin.core.engine import Engine
from tuopin.core.poverty import Bounds, Distribution, Income, gini, measure, measures, statements, sums
from tuopin.core.poverty.inequality import from_sorted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.poverty import Measures, PoorWhen

LINES = st.fractions(min_value=Fraction(1, 7), max_value=4000, max_denominator=100)
INCOMES = st.lists(
    st.builds(
        Income,
        st.none() | st.integers(-3_000, 20_000) | st.sampled_from([0, 2995, 5990]),
        st.sampled_from([1, 2, 3, 5, 7, 300]),
        st.none() | st.integers(0, 9),
    ),
    max_size=150,
)
SENSES = st.sampled_from(["below", "not_above"])


def alone(*incomes: int) -> list[Income]:
    """Persons who live alone."""
    return [Income(each, 1, 1) for each in incomes]


def test_the_handbooks_example_of_four_persons() -> None:
    """Haughton and Khandker (2009), tables 4.1 to 4.3: a line of 125 and expenditures of 100, 110, 150, 160."""
    found = measure(alone(100, 110, 150, 160), Fraction(125), "below")
    assert found.headcount == Bounds(Fraction(1, 2), Fraction(1, 2))
    assert found.gap == Bounds(Fraction(8, 100), Fraction(8, 100))
    assert found.severity == Bounds(Fraction(136, 10_000), Fraction(136, 10_000))
    assert found.watts is not None
    assert round(found.watts, 3) == 0.088
    assert found.missing == Bounds(Fraction(40), Fraction(40))


def test_persons_weigh_a_household() -> None:
    """Two households, of 4 persons with 1,000 yuan each and of 1 person with 5,000; the line is 2,000."""
    found = measure([Income(4_000, 4, 4), Income(5_000, 1, 1)], Fraction(2_000), "below")
    assert found.headcount == Bounds(Fraction(4, 5), Fraction(4, 5))
    assert found.gap == Bounds(Fraction(2, 5), Fraction(2, 5))  # 4 persons × half the line, of 5 persons
    assert found.severity == Bounds(Fraction(1, 5), Fraction(1, 5))
    assert found.missing.low == 4_000
    assert (found.poor_households, found.poor_persons) == (1, 4)
    assert found.watts == pytest.approx(4 * math.log(2) / 5)


def test_who_stands_on_the_line_is_poor_where_the_standard_asks_for_more_than_the_line() -> None:
    on_it = [Income(8_985, 3, 3), Income(8_986, 3, 3)]  # 2,995 a head, and a third of a yuan more
    assert measure(on_it, Fraction(2_995), "not_above").poor_households == 1
    assert measure(on_it, Fraction(2_995), "below").poor_households == 0
    assert Distribution.of(on_it).poor(Fraction(2_995), "not_above") == (1, 3)
    assert Distribution.of(on_it).poor(Fraction(2_995), "below") == (0, 0)
    just_above = Fraction(8_985, 3) + Fraction(1, 10**9)
    assert measure(on_it, just_above, "below").poor_households == 1


def test_unknown_incomes_make_an_interval_and_unknown_persons_are_counted_apart() -> None:
    found = measure(
        [Income(50, 1, 2), Income(None, 1, 1), Income(200, 1, 1), Income(10, 1, None)], Fraction(100), "below"
    )
    assert found.headcount == Bounds(Fraction(2, 4), Fraction(3, 4))
    assert found.gap == Bounds(Fraction(1, 4), Fraction(2, 4))
    assert found.missing == Bounds(Fraction(100), Fraction(200))
    assert (found.sums.unknown_households, found.sums.unknown_persons, found.sums.uncounted) == (1, 1, 1)
    assert found.watts == pytest.approx(2 * math.log(2) / 3), "over persons of known income"


def test_incomes_of_nothing_and_less() -> None:
    found = measure([Income(-100, 1, 1), Income(0, 1, 1), Income(300, 1, 2)], Fraction(200), "below")
    assert found.gap == Bounds(Fraction(1, 2), Fraction(1, 2)), "below zero counts as zero: no gap exceeds the line"
    assert found.missing.low == 500, "the money is counted from where they stand"
    assert found.watts is None
    assert (found.sums.without, found.sums.negative) == (2, 1)


def test_nobody_has_no_shares() -> None:
    found = measure([], Fraction(1), "below")
    assert found.headcount is found.gap is found.severity is found.watts is None
    assert found.missing == Bounds(Fraction(), Fraction())
    assert gini([]) is None


@pytest.mark.parametrize("line", [Fraction(), Fraction(-1)])
def test_a_line_must_be_above_zero(line: Fraction) -> None:
    with pytest.raises(ValueError, match="above zero"):
        measure([], line, "below")
    with pytest.raises(ValueError, match="above zero"):
        Distribution.of([]).sums(line, "below")


@pytest.mark.parametrize("wrong", [Income(1, 0, 1), Income(1, -2, 1), Income(1, 1, -1)])
def test_what_is_no_income_is_refused(wrong: Income) -> None:
    with pytest.raises(ValueError, match="denominator"):
        sums([wrong], Fraction(1), "below")
    with pytest.raises(ValueError, match="denominator"):
        Distribution.of([wrong])


def test_gini_by_hand() -> None:
    assert gini(alone(3, 3, 3)) == 0
    assert gini(alone(0, 0, 0, 10)) == Fraction(3, 4)
    assert gini(alone(1, 2, 3, 4, 5)) == Fraction(4, 15)
    assert gini([Income(2, 1, 3), Income(30, 3, 1)]) == gini(alone(2, 2, 2, 10)), "a household is its persons"
    assert gini(alone(-5, 5)) is None, "no mean above zero"
    assert gini([*alone(1, 2, 3), Income(None, 1, 4), Income(9, 1, None)]) == gini(alone(1, 2, 3))


# -- properties ---------------------------------------------------------------------------------------------------


def by_definition(incomes: Sequence[Income], line: Fraction, poor_when: PoorWhen) -> tuple[Fraction, ...]:
    """FGT 0, 1, 2 and the missing money of the known, person by person, as the papers write them."""
    people = [
        Fraction(each.numerator, each.denominator)
        for each in incomes
        if each.numerator is not None and each.persons is not None
        for _ in range(each.persons)
    ]
    poor = [y for y in people if y < line or (y == line and poor_when == "not_above")]
    ratios = [(line - max(y, Fraction())) / line for y in poor]
    powers = [sum((ratio**alpha for ratio in ratios), Fraction()) for alpha in (0, 1, 2)]
    return (*powers, sum((line - y for y in poor), Fraction()))


@given(INCOMES, LINES, SENSES)
def test_sums_are_the_definition(incomes: list[Income], line: Fraction, poor_when: PoorWhen) -> None:
    found = measure(incomes, line, poor_when)
    headcount, gap, severity, missing = by_definition(incomes, line, poor_when)
    assert found.poor_persons == headcount
    assert found.missing.low == missing
    counted = found.sums.persons + found.sums.unknown_persons
    if counted:
        unknown = found.sums.unknown_persons
        assert found.headcount == Bounds(headcount / counted, (headcount + unknown) / counted)
        assert found.gap == Bounds(gap / counted, (gap + unknown) / counted)
        assert found.severity == Bounds(severity / counted, (severity + unknown) / counted)
        assert found.severity.low <= found.gap.low <= found.headcount.low <= 1


@given(INCOMES, st.lists(LINES, min_size=1, max_size=6), SENSES)
def test_a_distribution_gives_what_the_list_gives(
    incomes: list[Income], lines: list[Fraction], poor_when: PoorWhen
) -> None:
    sorted_once = Distribution.of(incomes)
    for line in lines:
        same(measures(sorted_once.sums(line, poor_when)), measure(incomes, line, poor_when))
        found = measure(incomes, line, poor_when)
        assert sorted_once.poor(line, poor_when) == (found.poor_households, found.poor_persons)
    assert from_sorted(sorted_once.scaled()) == gini(incomes)


@settings(max_examples=40, deadline=None)
@given(INCOMES, LINES, SENSES)
def test_the_set_engine_gives_what_the_list_gives(incomes: list[Income], line: Fraction, poor_when: PoorWhen) -> None:
    with Engine(threads=1) as engine:
        table = pa.table(
            {
                "n": pa.array([each.numerator for each in incomes], pa.int64()),
                "d": pa.array([each.denominator for each in incomes], pa.int64()),
                "w": pa.array([each.persons for each in incomes], pa.int64()),
            }
        )
        engine.load("incomes", table.to_reader())
        columns = statements.Columns("incomes", "n", "d", "w")
        same(measures(statements.sums(engine, columns, line, poor_when)), measure(incomes, line, poor_when))
        assert statements.gini(engine, columns) == gini(incomes)


@given(INCOMES, LINES)
def test_a_proportional_change_of_all_changes_no_measure(incomes: list[Income], line: Fraction) -> None:
    tripled = [
        Income(None if each.numerator is None else 3 * each.numerator, each.denominator, each.persons)
        for each in incomes
    ]
    one, other = measure(incomes, line, "below"), measure(tripled, 3 * line, "below")
    assert (one.headcount, one.gap, one.severity) == (other.headcount, other.gap, other.severity)
    assert gini(incomes) == gini(tripled)


def same(one: Measures, other: Measures) -> None:
    """Everything exact is equal; logarithms are of doubles."""
    a, b = one.sums, other.sums
    assert dict(a.poor) == dict(b.poor)
    assert (a.households, a.persons, a.unknown_households, a.unknown_persons, a.uncounted, a.without, a.negative) == (
        b.households, b.persons, b.unknown_households, b.unknown_persons, b.uncounted, b.without, b.negative
    )  # fmt: skip
    assert (one.headcount, one.gap, one.severity, one.missing) == (
        other.headcount, other.gap, other.severity, other.missing
    )  # fmt: skip
    assert (one.watts is None) == (other.watts is None)
    if one.watts is not None:
        assert one.watts == pytest.approx(other.watts, rel=1e-9, abs=1e-9)
