"""What a corrected calendar does not move: the law's days for a petition, days off that somebody named, a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rooms.orders.clocks import last_day, matter, saved
from rooms.orders.office import DAY, MONDAY, Offices, at
from rooms.orders.petitioners import DAY as ONE
from rooms.orders.petitioners import accepted
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import MatterEvent
from tuopin.platform import working_days
from tuopin.platform.access import system
from tuopin.platform.models import Message

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

pytestmark = pytest.mark.django_db
NOW = at(MONDAY)


@pytest.fixture
def city() -> Offices:
    return Offices()


@pytest.fixture
def calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of years that an office adds."""
    monkeypatch.setattr(working_days, "folder", lambda: tmp_path)
    return tmp_path


def test_the_days_of_a_petition_are_the_law_s_whatever_days_off_are(city: Offices, calendar: Path) -> None:
    """They are calendar days: a day off more neither moves its limit beyond them, nor one that ends on it. Nor does it
    move a day that somebody named, unless it is that day."""
    (calendar / "2018.toml").write_text("off = [2018-01-01]\n", "utf-8")
    tick(system(), NOW)
    row, work = accepted(city), city.issued(NOW)
    limit, last = row.limit_at, last_day(row)
    held = city.issued(NOW, DAY(2018, 7, 4))
    [ledger] = saved([matter(city, NOW, at(DAY(2018, 7, 1), 0))])  # as a ledger had it: a Saturday
    (calendar / "2018.toml").write_text(f"off = [2018-01-01, {MONDAY + 2 * ONE}, {last}]\n", "utf-8")
    assert tick(system(), at(MONDAY + ONE)).recounted == 1, "the work alone"
    for each in (row, work, held, ledger):
        each.refresh_from_db()
    assert row.limit_at == limit
    assert last_day(ledger) == DAY(2018, 6, 30), "it was a day off before, too"
    assert last_day(held) == DAY(2018, 7, 4)


@pytest.mark.parametrize("changed", ["off = [2018-01-01, 2018-06-20]", "off = [2018-01-01]\nworked = [2018-06-23]"])
def test_days_off_within_a_stop_move_nothing(city: Offices, calendar: Path, changed: str) -> None:
    (calendar / "2018.toml").write_text("off = [2018-01-01]\n", "utf-8")
    tick(system(), NOW)
    row = city.act(city.city_office(), "stop", city.issued(NOW), NOW, until=DAY(2018, 6, 27), note="病假")
    (calendar / "2018.toml").write_text(f"{changed}\n", "utf-8")
    assert tick(system(), at(MONDAY + ONE)).recounted == 0
    limit = row.limit_at
    row.refresh_from_db()
    assert row.limit_at == limit


@pytest.mark.parametrize("named", [None, DAY(2018, 7, 4)])
def test_days_off_within_a_stop_that_has_ended_move_nothing(
    city: Offices, calendar: Path, named: datetime.date | None
) -> None:
    """Nobody had those days: that the stop was one working day shorter takes one from the limit, and the calendar gives
    it back. A day after the stop moves the limit as ever."""
    (calendar / "2018.toml").write_text("off = [2018-01-01]\n", "utf-8")
    tick(system(), NOW)
    row = city.act(city.city_office(), "stop", city.issued(NOW, named), NOW, until=DAY(2018, 6, 21), note="病假")
    tick(system(), at(DAY(2018, 6, 21)))
    row.refresh_from_db()
    assert row.stopped_until is None
    before = last_day(row)
    (calendar / "2018.toml").write_text("off = [2018-01-01, 2018-06-20]\n", "utf-8")
    tick(system(), at(DAY(2018, 6, 22)))
    row.refresh_from_db()
    assert last_day(row) == (before if named is None else DAY(2018, 7, 13)), (
        "a named day is moved by six days, not seven"
    )
    before = last_day(row)
    (calendar / "2018.toml").write_text(f"off = [2018-01-01, 2018-06-20, {before}]\n", "utf-8")
    tick(system(), at(DAY(2018, 6, 25)))
    row.refresh_from_db()
    assert last_day(row) == working_days.calendar().after(before, 1).day


def test_days_off_that_are_corrected_back_and_forth_are_said_each_time(city: Offices, calendar: Path) -> None:
    """From the same limit it is moved twice: both stand with the matter, and the holder hears of both."""
    before, after = ("off = [2018-01-01]\n", "off = [2018-01-01, 2018-06-20]\n")
    (calendar / "2018.toml").write_text(before, "utf-8")
    city.department()
    tick(system(), NOW)
    row = city.issued(NOW)
    for at_day, text in enumerate((after, before, after), 1):
        (calendar / "2018.toml").write_text(text, "utf-8")
        assert tick(system(), at(MONDAY + at_day * ONE)).recounted == 1
    said = MatterEvent.objects.filter(matter=row, act="clock.recounted").order_by("pk")
    first, second, third = (each.data["limit"] for each in said)
    assert first == third != second
    assert Message.objects.filter(kind="orders.limit_moved").count() == 3
