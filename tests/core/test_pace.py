"""The day of zero: against the published bounds of Poisson counts, at the edges, and never out of order."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core.calendar import published
from tuopin.core.pace import day_of_zero, poisson_bounds

TODAY = datetime.date(2018, 6, 11)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.025, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_bounds_of_a_count_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    """Garwood's 95 % limits, as printed in tables of Poisson confidence limits."""
    assert poisson_bounds(count, 0.95) == pytest.approx((low, high), abs=6e-4)


def test_a_large_count_ends() -> None:
    low, high = poisson_bounds(1_000_000, 0.9)
    assert (low, high) == pytest.approx((998_356, 1_001_646), abs=5)


def test_at_a_steady_pace() -> None:
    found = day_of_zero(40, 40, 0, 20, TODAY, published())
    assert (found.pace, found.day) == (2.0, datetime.date(2018, 7, 10))  # 20 working days; 18 June is off
    assert found.earliest is not None
    assert found.latest is not None
    assert found.earliest < datetime.date(2018, 7, 10) < found.latest


def test_without_a_pace_there_is_no_day() -> None:
    still = day_of_zero(10, 0, 0, 20, TODAY, published())
    assert (still.day, still.latest) == (None, None)
    assert still.earliest is not None  # nothing in twenty days may be chance: three a month are possible
    growing = day_of_zero(10, 5, 200, 20, TODAY, published())
    assert (growing.day, growing.earliest, growing.latest) == (None, None, None)
    assert day_of_zero(10**9, 1, 0, 20, TODAY, published()).day is None


def test_nothing_left_is_today() -> None:
    assert day_of_zero(0, 0, 9, 20, TODAY, published()).day == TODAY


@pytest.mark.parametrize("bad", [(-1, 0, 0, 1, 0.9), (1, -1, 0, 1, 0.9), (1, 0, 0, 0, 0.9), (1, 0, 0, 1, 1.0)])
def test_impossible_numbers(bad: tuple[int, int, int, int, float]) -> None:
    left, closed, opened, days, confidence = bad
    with pytest.raises(ValueError, match="counts"):
        day_of_zero(left, closed, opened, days, TODAY, published(), confidence)


@given(st.integers(1, 500), st.integers(0, 300), st.integers(0, 300), st.integers(1, 60))
def test_the_interval_holds_the_day(left: int, closed: int, opened: int, days: int) -> None:
    found = day_of_zero(left, closed, opened, days, TODAY, published())
    far = datetime.date.max
    assert TODAY < (found.earliest or far) <= (found.day or far) <= (found.latest or far)
    more = day_of_zero(left + 1, closed, opened, days, TODAY, published())
    assert (more.day or far) >= (found.day or far)
