"""Working days and limits: published years as the notices have them, later years by weekday and marked provisional."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core.calendar import Limit, WorkingCalendar, days_after, published

D = datetime.date
DAYS = st.dates(D(2004, 1, 1), D(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (D(2018, 9, 28), True),
        (D(2018, 9, 29), True),  # a Saturday worked in lieu
        (D(2018, 9, 30), True),  # a Sunday worked in lieu
        (D(2018, 10, 1), False),
        (D(2018, 10, 7), False),
        (D(2018, 10, 8), True),
        (D(2018, 2, 11), True),  # before the Spring Festival
        (D(2018, 2, 15), False),
        (D(2020, 1, 31), False),  # the festival of 2020 was made longer
        (D(2018, 12, 1), False),
    ],
)
def test_days_of_published_years(day: datetime.date, *, working: bool) -> None:
    assert published().is_working(day) is working


def test_a_limit_over_the_national_holiday() -> None:
    assert published().after(D(2018, 9, 28), 3) == Limit(D(2018, 10, 8))
    assert published().after(D(2018, 9, 30), 1) == Limit(D(2018, 10, 8))
    assert published().after(D(2018, 10, 3), 0) == Limit(D(2018, 10, 3)), "nothing to count"


def test_it_ends_at_midnight_of_the_place() -> None:
    ends = Limit(D(2018, 10, 8)).ends(ZoneInfo("Asia/Shanghai"))
    assert ends.isoformat() == "2018-10-09T00:00:00+08:00"
    assert ends.astimezone(datetime.UTC) == datetime.datetime(2018, 10, 8, 16, tzinfo=datetime.UTC)


def test_a_year_not_published_is_counted_by_weekday_and_said_to_be_provisional() -> None:
    last = max(published().years)
    assert last >= 2026
    start = D(last, 12, 28)
    assert not published().after(start, 1).provisional
    later = published().after(start, 10)
    assert later.provisional
    year = published().with_year(last + 1, [D(last + 1, 1, day) for day in range(1, 8)])
    known = year.after(start, 10)
    assert not known.provisional
    assert known.day > later.day, "the notice moves the limit"
    assert not published().is_published(D(last + 1, 1, 1)), "the calendar itself stays as it was"


def test_a_notice_replaces_what_was_known_of_its_year() -> None:
    changed = published().with_year(2018, [D(2018, 12, 3)], [D(2018, 12, 1)])
    assert changed.is_working(D(2018, 12, 1))
    assert not changed.is_working(D(2018, 12, 3))
    assert changed.is_working(D(2018, 10, 1)), "the new notice says nothing of that day"
    assert not changed.is_working(D(2019, 10, 1)), "another year's days stay"


def test_a_faulty_notice_is_refused() -> None:
    with pytest.raises(ValueError, match="2027"):
        published().with_year(2027, [D(2028, 1, 1)])
    with pytest.raises(ValueError, match="both off and worked: 2027-01-02"):
        published().with_year(2027, [D(2027, 1, 2)], [D(2027, 1, 2)])


def test_negative_spans_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        published().after(D(2018, 1, 1), -1)
    with pytest.raises(ValueError, match="negative"):
        days_after(D(2018, 1, 1), -1)


def test_calendar_days() -> None:
    assert days_after(D(2018, 9, 28), 7) == Limit(D(2018, 10, 5))


@given(DAYS, st.integers(0, 90))
def test_counting_there_and_back(start: datetime.date, days: int) -> None:
    limit = published().after(start, days)
    assert published().between(start, limit.day) == days
    assert days == 0 or published().is_working(limit.day)


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_limits_add_up_and_never_go_back(start: datetime.date, first: int, second: int) -> None:
    calendar = published()
    halfway = calendar.after(start, first).day
    assert calendar.after(halfway, second).day == calendar.after(start, first + second).day
    assert calendar.after(start, first).day <= calendar.after(start, first + second).day


@given(DAYS, st.sets(st.integers(0, 364), max_size=20))
def test_more_days_off_never_bring_a_limit_forward(start: datetime.date, rest: set[int]) -> None:
    plain = WorkingCalendar(frozenset(), frozenset(), frozenset())
    off = [D(start.year, 1, 1) + datetime.timedelta(days=at) for at in rest]
    assert plain.with_year(start.year, off).after(start, 15).day >= plain.after(start, 15).day
