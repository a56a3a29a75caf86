"""Absences that are corrected one after the other, or after somebody let the clock run; and ticks that come late."""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rooms.orders.clocks import last_day, steps
from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.duties.models import Absence
from tuopin.orders.clock import correcting
from tuopin.orders.clock.rows import Event, write_events
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Matter
from tuopin.platform import working_days
from tuopin.platform.access import system
from tuopin.platform.models import Marker

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)
ONE = datetime.timedelta(days=1)
FAR = DAY(2018, 9, 28)
_NUMBERS = itertools.count()


@pytest.fixture
def city() -> Offices:
    return Offices()


def away(official: int, first: datetime.date, last: datetime.date | None, kind: str = "sick", **more: Any) -> Absence:
    return Absence.objects.create(
        official_id=official, kind=kind, valid_from=first, valid_to=last, document="病假条", **more
    )


def given_to(city: Offices, limit: datetime.date = FAR) -> tuple[Matter, int]:
    """A matter of somebody new in the department."""
    number = next(_NUMBERS)
    head = city.official(f"科长{number}", city.education, f"科长{number}")
    return city.issued(NOW, limit, official_id=head), head


def ticked(row: Matter, *moments: datetime.datetime) -> Matter:
    for each in moments:
        tick(system(), each, force=True)
    row.refresh_from_db()
    return row


def by(limit: datetime.date, *spans: tuple[datetime.date, datetime.date]) -> datetime.date:
    """A limit, moved by the working days of spans (until excluded), each day once."""
    days = {first + each * ONE for first, until in spans for each in range((until - first).days)}
    calendar = working_days.calendar()
    return calendar.after(limit, sum(calendar.is_working(day) for day in days)).day


def until(absence: Absence, day: datetime.date) -> None:
    """Correct an absence, past the service: the next tick looks, not only the first one of the next day."""
    Marker.objects.filter(name=correcting.MARKER).delete()
    Absence.objects.filter(pk=absence.pk).update(valid_to=day)


# -- a limit that is cut off at today ---------------------------------------------------------------------------------


def test_a_limit_cut_off_at_today_owes_the_days(city: Offices) -> None:
    """Days that it kept because today is the earliest are not added to those of the next correction."""
    first, today = DAY(2018, 6, 12), DAY(2018, 6, 26)
    row, head = given_to(city, DAY(2018, 6, 13))
    absence = away(head, first, DAY(2018, 6, 27))
    row = ticked(row, at(first), at(today, 8))
    until(absence, DAY(2018, 6, 14))
    row = ticked(row, at(today, 10))
    assert last_day(row) == today, "by the absence it would be 15 June"
    until(absence, DAY(2018, 6, 20))
    row = ticked(row, at(today, 11))
    assert last_day(row) == today, "three working days more than 15 June, not than today"
    until(absence, DAY(2018, 7, 3))
    row = ticked(row, at(today, 12))
    assert last_day(row) == by(DAY(2018, 6, 13), (first, DAY(2018, 7, 3)))


def test_a_calendar_that_cuts_a_limit_off_owes_the_days(
    city: Offices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_days, "folder", lambda: tmp_path)
    written = tmp_path / "2018.toml"
    written.write_text("off = [2018-01-01, 2018-06-18, 2018-06-19, 2018-06-20]\n", "utf-8")
    tick(system(), NOW)
    row = city.issued(NOW)
    before, today = last_day(row), DAY(2018, 7, 4)
    written.write_text("off = [2018-01-01]\n", "utf-8")
    row = ticked(row, at(today))
    assert (before, last_day(row)) == (DAY(2018, 7, 5), today), "by the days it would be 2 July"
    written.write_text("off = [2018-01-01, 2018-06-18]\n", "utf-8")
    assert last_day(ticked(row, at(today, 10))) == today


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
)
@given(
    begin=st.integers(0, 8),
    corrections=st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(1, 40)), min_size=1, max_size=6),
)
def test_whatever_the_order_of_corrections(city: Offices, begin: int, corrections: list[tuple[int, bool, int]]) -> None:
    """In the end the limit is the one that the absences give as they stand then, but never earlier than the day of the
    correction."""
    limit, first, then = DAY(2018, 6, 15), DAY(2018, 6, 12), DAY(2018, 6, 27)
    row, head = given_to(city, limit)
    some = (away(head, first, then), away(head, then, DAY(2018, 7, 6), "leave"))
    row = ticked(row, at(first), at(then))
    day = then + begin * ONE
    for minute, (later, which, length) in enumerate(corrections):
        day += later * ONE
        if last_day(row) < day:  # it has passed: late stays late
            break
        absence = some[which]
        until(absence, absence.valid_from + length * ONE)
        row = ticked(row, at(day, 9, minute))
        spans = [(one.valid_from, one.valid_to) for one in Absence.objects.filter(official_id=head)]
        assert last_day(row) == max(by(limit, *[(one, end) for one, end in spans if end is not None]), day)


# -- somebody let the clock run ---------------------------------------------------------------------------------------


def test_who_let_the_clock_run_decided_on_the_days_that_were_known(city: Offices) -> None:
    """What is corrected among them starts no clock again; days that come to it do, when they begin."""
    first, back, known, last = DAY(2018, 6, 12), DAY(2018, 6, 14), DAY(2018, 6, 22), DAY(2018, 6, 29)
    row, head = given_to(city)
    absence = away(head, first, known)
    row = ticked(row, at(first))
    row = city.act(city.city_office(), "resume", row, at(back))
    decided = last_day(row)
    assert decided == by(FAR, (first, back))
    until(absence, DAY(2018, 6, 20))
    row = ticked(row, at(DAY(2018, 6, 15)))
    assert (last_day(row), row.stopped_until) == (decided, None), "sooner back, after the decision"
    until(absence, last)
    row = ticked(row, at(DAY(2018, 6, 15), 10), at(DAY(2018, 6, 20)), at(known - ONE))
    assert (last_day(row), row.stopped_until) == (decided, None), "the decision holds as far as it went"
    row = ticked(row, at(known))
    assert last_day(row) == by(FAR, (first, back), (known, last))
    assert row.stopped_until == last
    version = row.version
    assert ticked(row, at(known, 10), at(known + ONE)).version == version, "once"
    row = city.act(city.city_office(), "resume", row, at(DAY(2018, 6, 26)))
    assert last_day(row) == by(FAR, (first, back), (known, DAY(2018, 6, 26)))
    row = ticked(row, at(DAY(2018, 6, 26), 10), at(last), at(DAY(2018, 7, 2)))
    assert (last_day(row), row.stopped_until) == (by(FAR, (first, back), (known, DAY(2018, 6, 26))), None)
    until(absence, DAY(2018, 6, 13))
    assert last_day(ticked(row, at(DAY(2018, 7, 3)))) == by(FAR, (first, DAY(2018, 6, 13)))


def test_added_days_that_nobody_looked_on_count_afterwards(city: Offices) -> None:
    first, back, known, last = DAY(2018, 6, 12), DAY(2018, 6, 14), DAY(2018, 6, 22), DAY(2018, 6, 29)
    row, head = given_to(city)
    absence = away(head, first, known)
    row = ticked(row, at(first))
    row = city.act(city.city_office(), "resume", row, at(back))
    until(absence, last)
    row = ticked(row, at(DAY(2018, 7, 10)))
    assert (last_day(row), row.stopped_until) == (by(FAR, (first, back), (known, last)), None)


@pytest.mark.parametrize("again", [DAY(2018, 6, 14), DAY(2018, 6, 16)])
def test_an_absence_noted_anew_is_the_one_that_was_decided_upon(city: Offices, again: datetime.date) -> None:
    """Leave that becomes sick leave, from a day on: the first entry is cut short, the second goes on from it."""
    first, back, known, last = DAY(2018, 6, 12), DAY(2018, 6, 14), DAY(2018, 6, 22), DAY(2018, 6, 29)
    row, head = given_to(city)
    absence = away(head, first, known, "leave")
    row = ticked(row, at(first))
    row = city.act(city.city_office(), "resume", row, at(back))
    decided = last_day(row)
    until(absence, again)
    away(head, again, last)
    row = ticked(row, at(again), at(again + ONE), at(known - ONE))
    assert (last_day(row), row.stopped_until) == (decided, None)
    row = ticked(row, at(known))
    assert (last_day(row), row.stopped_until) == (by(FAR, (first, back), (known, last)), last)


def test_who_came_back_and_is_away_again_stops_it_again(city: Offices) -> None:
    first, back, known = DAY(2018, 6, 12), DAY(2018, 6, 14), DAY(2018, 6, 27)
    row, head = given_to(city)
    absence = away(head, first, known)
    row = ticked(row, at(first))
    row = city.act(city.city_office(), "resume", row, at(back))
    until(absence, back)
    away(head, DAY(2018, 6, 19), DAY(2018, 6, 22))
    row = ticked(row, at(DAY(2018, 6, 19)))
    assert row.stopped_until == DAY(2018, 6, 22)
    assert last_day(row) == by(FAR, (first, back), (DAY(2018, 6, 19), DAY(2018, 6, 22)))


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
)
@given(
    begin=st.integers(0, 5),
    length=st.integers(1, 20),
    acts=st.dictionaries(st.integers(0, 30), st.none() | st.integers(1, 30), max_size=4),
)
def test_whatever_is_corrected_and_let_run(city: Offices, begin: int, length: int, acts: dict[int, int | None]) -> None:
    """On each day it stands (if nobody decided otherwise before) or runs; the limit moves by the days on which it
    stood. ``acts``: on a day the absence is corrected to a length, or somebody lets the clock run (None)."""
    row, head = given_to(city)
    first = DAY(2018, 6, 12) + begin * ONE
    absence, ran = away(head, first, first + length * ONE), set()
    for number in range(60):
        day = DAY(2018, 6, 12) + number * ONE
        row = ticked(row, at(day))
        act = acts.get(number, 0)
        if act is None and row.stopped_until is not None and row.stopped_until > day:
            ran |= {day + each * ONE for each in range((row.stopped_until - day).days)}
            row = city.act(city.city_office(), "resume", row, at(day, 10))
        elif act:
            until(absence, first + act * ONE)
        absence.refresh_from_db()
        assert absence.valid_to is not None
        row = ticked(row, at(day, 11))
        assert (row.stopped_until is not None) == (first <= day < absence.valid_to and day not in ran), day
    stood = {first + each * ONE for each in range((absence.valid_to - first).days)} - ran
    assert last_day(row) == by(FAR, *((day, day + ONE) for day in stood))


def test_a_stop_of_the_first_version_that_was_let_run_runs(city: Offices) -> None:
    """It did not say by which absence it stood."""
    first, known, back = DAY(2018, 6, 12), DAY(2018, 6, 27), DAY(2018, 6, 14)
    row, head = given_to(city)
    before, limit = row.limit_at, at(by(FAR, (first, known)) + ONE, 0)
    assert before is not None
    absence = away(head, first, None)
    Matter.objects.filter(pk=row.pk).update(stopped_from=first, stopped_until=known, limit_at=limit, next_at=at(known))
    data = {"before": before.isoformat(), "limit": limit.isoformat(), "until": known.isoformat()}
    write_events([Event(row.pk, "clock.stop", "issued", "issued", at(first, 0), data)], at(first), "system")
    row.refresh_from_db()
    row = city.act(city.city_office(), "resume", row, at(back))
    row = ticked(row, at(back, 10), at(DAY(2018, 6, 20)), at(known))
    assert (last_day(row), row.stopped_until) == (by(FAR, (first, back)), None)
    until(absence, DAY(2018, 7, 11))
    row = ticked(row, at(DAY(2018, 6, 28)))
    assert last_day(row) == by(FAR, (first, back), (known, DAY(2018, 7, 11)))


# -- ticks that come late ---------------------------------------------------------------------------------------------


def days(*numbers: int) -> Iterable[datetime.datetime]:
    return (at(MONDAY + each * ONE) for each in numbers)


def test_after_two_weeks_without_a_tick_absences_count_as_they_were(city: Offices) -> None:
    """One that began and ended meanwhile, one after it, one with somebody standing in."""
    row, head = given_to(city)
    other = city.official("副科长", city.education, "副科长")
    row = ticked(row, *days(0))
    away(head, MONDAY + 2 * ONE, MONDAY + 4 * ONE)
    away(head, MONDAY + 8 * ONE, MONDAY + 10 * ONE, "leave")
    away(head, MONDAY + 11 * ONE, MONDAY + 12 * ONE, stand_in_id=other)
    row = ticked(row, *days(15))
    assert last_day(row) == by(FAR, (MONDAY + 2 * ONE, MONDAY + 4 * ONE), (MONDAY + 8 * ONE, MONDAY + 10 * ONE))
    assert row.stopped_until is None
    assert sorted(each for each in steps(row) if "stop" in each) == ["stop", "stop", "stop_ended", "stop_ended"]
    version = row.version
    assert ticked(row, *days(15, 16, 17)).version == version


@settings(
    max_examples=6,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
)
@given(
    limit=st.integers(1, 30),
    some=st.lists(st.tuples(st.integers(0, 25), st.integers(1, 12)), min_size=1, max_size=3),
    rarely=st.sets(st.integers(1, 45), max_size=4),
    hour=st.sampled_from([(0, 0), (9, 0), (23, 59)]),
)
def test_late_ticks_give_what_daily_ticks_give(
    city: Offices, limit: int, some: list[tuple[int, int]], rarely: set[int], hour: tuple[int, int]
) -> None:
    def outcome(ticks: Iterable[int]) -> tuple[object, ...]:
        with transaction.atomic():
            row, head = given_to(city, working_days.calendar().after(MONDAY + limit * ONE, 1).day)
            for begin, length in some:
                away(head, MONDAY + begin * ONE, MONDAY + (begin + length) * ONE)
            row = ticked(row, *(at(MONDAY + each * ONE, *hour) for each in ticks))
            said = [each for each in steps(row) if each in {"stop", "overdue", "overdue_again", "lead"}]
            transaction.set_rollback(True)
        return row.limit_at, row.step, row.stopped_until, sorted(said)

    assert outcome([0, *sorted(rarely), 75]) == outcome([*range(46), 75])


def test_days_before_somebody_got_it_are_not_counted(city: Offices) -> None:
    """Reassigned to somebody who is away: the days before had another one responsible."""
    row, _head = given_to(city)
    other = city.official("副科长", city.education, "副科长")
    away(other, DAY(2018, 6, 12), DAY(2018, 6, 27))
    given = {"note": "调整", "holder_id": city.education, "official_id": other}
    row = city.act(city.city_office(), "reassign", row, at(DAY(2018, 6, 21)), **given)
    row = ticked(row, at(DAY(2018, 6, 21), 10))
    assert last_day(row) == by(FAR, (DAY(2018, 6, 21), DAY(2018, 6, 27)))
