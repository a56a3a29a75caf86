"""Quiet hours: nothing leaves at night or on a day off, and the next moment is the first at which something may."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core.calendar import published
from tuopin.core.quiet import OpenHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")  # has hours that do not exist and hours that come twice
UTC = datetime.UTC

START = datetime.datetime(2017, 12, 20, tzinfo=UTC)
moments = st.integers(0, 9 * 365 * 86_400_000).map(lambda each: START + datetime.timedelta(milliseconds=each))
times = st.times().filter(lambda each: each > datetime.time(0))
zones = st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/St_Johns"), UTC])


@st.composite
def hours(draw: st.DrawFn) -> OpenHours:
    opens, closes = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    return OpenHours(published(), draw(zones), opens, closes)


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


OFFICE = OpenHours(published(), SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2018-11-30T07:59:59", "2018-11-30T08:00"),
        ("2018-11-30T08:00", "2018-11-30T08:00"),
        ("2018-11-30T19:59:59", "2018-11-30T19:59:59"),
        ("2018-11-30T20:00", "2018-12-03T08:00"),  # a Friday evening
        ("2018-09-29T10:00", "2018-09-29T10:00"),  # a Saturday worked in lieu of the national holiday
        ("2018-09-30T21:00", "2018-10-08T08:00"),  # the national holiday
        ("2018-02-15T09:00", "2018-02-22T08:00"),  # the spring festival
    ],
)
def test_the_days_and_hours_of_offices(moment: str, expected: str) -> None:
    assert OFFICE.next(at(moment)) == at(expected)


@given(hours(), moments)
def test_the_next_moment_is_open_and_not_before(office: OpenHours, moment: datetime.datetime) -> None:
    found = office.next(moment)
    assert found >= moment
    assert office.are_open(found)
    assert office.next(found) == found


@given(hours(), moments, st.floats(0, 1, exclude_max=True))
def test_nothing_between_is_open(office: OpenHours, moment: datetime.datetime, part: float) -> None:
    found = office.next(moment)
    between = moment + (found - moment) * part
    if found > moment and between < found:
        assert not office.are_open(between)


@given(hours(), moments, moments)
def test_who_comes_later_leaves_no_earlier(office: OpenHours, one: datetime.datetime, other: datetime.datetime) -> None:
    first, second = sorted((one, other))
    assert office.next(first) <= office.next(second)


@given(moments)
def test_open_means_a_working_day_by_day(moment: datetime.datetime) -> None:
    if OFFICE.are_open(moment):
        local = moment.astimezone(SHANGHAI)
        assert published().is_working(local.date())
        assert 8 <= local.hour < 20


def test_hours_over_midnight_are_refused() -> None:
    with pytest.raises(ValueError, match="opens"):
        OpenHours(published(), SHANGHAI, datetime.time(20), datetime.time(8))


def test_the_end_of_time_has_no_next_moment() -> None:
    with pytest.raises(OverflowError):
        OFFICE.next(datetime.datetime(9999, 12, 31, 23, tzinfo=UTC))
