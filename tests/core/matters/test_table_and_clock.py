"""The table of transitions and the clock of matters, without a database."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuopin.core import matters
from tuopin.core.calendar import published
from tuopin.core.matters import ACTS, ENDED, KINDS, OPEN, STATES, TRANSITIONS, Rhythm, Standing

ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime.date


def at(year: int, month: int, day: int, hour: int = 0) -> datetime.datetime:
    return datetime.datetime(year, month, day, hour, tzinfo=ZONE)


def test_every_row_names_states_that_are_there() -> None:
    assert len(ACTS) == len(TRANSITIONS)
    for each in TRANSITIONS:
        assert set(each.sources) - {""} <= set(STATES), each.act
        assert not each.target or each.target in STATES, each.act
        assert each.who
        assert each.kinds <= set(KINDS)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_state_can_be_reached_and_left(kind: str) -> None:
    rows = [each for each in TRANSITIONS if kind in each.kinds]
    reached, before = {""}, set()
    while reached != before:
        before = set(reached)
        reached |= {each.target for each in rows if each.target and reached & set(each.sources)}
    left = {source for each in rows for source in each.sources}
    assert reached - {""} - left <= ENDED  # nothing gets stuck
    assert reached >= OPEN
    assert "final" in reached


def test_refusals_say_what_is_missing() -> None:
    def code(*args: object) -> str | None:
        found = matters.refusal(*args)  # type: ignore[arg-type]
        return found and found.code

    assert code("problem", "reported", "verify", {"verifier"}, {"note"}) is None
    assert code("problem", "reported", "verify", {"holder"}, {"note"}) == "wrong_hands"
    assert code("problem", "reported", "verify", {"verifier"}, set()) == "incomplete"
    assert code("problem", "closed", "verify", {"verifier"}, {"note"}) == "wrong_state"
    assert code("directive", "draft", "accept", {"office"}, {"holder", "limit"}) == "no_such_act"


def test_steps_of_a_limit() -> None:
    # issued on Monday 11 June 2018, limit Friday 29 June; Monday 18 June is a day off
    standing = Standing("issued", at(2018, 6, 11, 9), at(2018, 6, 30))
    found = matters.steps(standing, Rhythm(), published(), ZONE)
    assert [(each.key, each.at) for each in found] == [
        ("unsigned", at(2018, 6, 13)),
        ("remind", at(2018, 6, 26)),
        ("remind_last", at(2018, 6, 28)),
        ("overdue", at(2018, 6, 30)),
        ("overdue_again", at(2018, 7, 5)),
        ("lead", at(2018, 7, 12)),
    ]


def test_a_step_never_comes_after_a_later_one() -> None:
    # issued on Monday, limit Wednesday: it is reminded of on Tuesday, before it could be found unsigned
    short = Standing("issued", at(2018, 6, 11, 9), at(2018, 6, 14))
    keys = [each.key for each in matters.steps(short, Rhythm(), published(), ZONE)]
    assert keys == ["remind_last", "overdue", "overdue_again", "lead"]


def test_a_stopped_clock_says_nothing_until_the_stop_ends() -> None:
    standing = Standing(
        "received", at(2018, 6, 11, 9), at(2018, 6, 30), stopped_from=DAY(2018, 6, 25), stopped_until=DAY(2018, 6, 28)
    )
    found = matters.steps(standing, Rhythm(), published(), ZONE)
    assert [(each.key, each.at) for each in found][:3] == [
        ("stop_ended", at(2018, 6, 28)), ("remind", at(2018, 6, 28)), ("remind_last", at(2018, 6, 28)),
    ]  # fmt: skip
    assert matters.next_at(found, 0, at(2018, 6, 26)) == at(2018, 6, 28)
    assert [each.key for each in matters.due(found, 3, at(2018, 6, 28))] == ["stop_ended"]


def test_a_petition_ends_when_the_time_to_ask_is_over() -> None:
    standing = Standing("closed", at(2018, 6, 11), at(2018, 6, 30), ask_until=DAY(2018, 7, 31))
    [step] = matters.steps(standing, Rhythm(), published(), ZONE)
    assert (step.key, step.at) == ("satisfied", at(2018, 8, 1))


def test_a_look_back_is_due_on_its_day() -> None:
    standing = Standing("closed", at(2018, 6, 11), at(2018, 6, 30), look_back_on=DAY(2018, 8, 1))
    assert [(s.key, s.at) for s in matters.steps(standing, Rhythm(), published(), ZONE)] == [
        ("look_back", at(2018, 8, 1)), ("look_back_waits", at(2018, 8, 9)),
    ]  # fmt: skip


def test_what_waits_is_said_two_working_days_later() -> None:
    for state, key in (("reported", "verify_waits"), ("verified", "close_waits")):
        standing = Standing(state, at(2018, 6, 11), at(2018, 6, 30), since=DAY(2018, 6, 15))
        found = matters.steps(standing, Rhythm(), published(), ZONE)  # a Friday; the Monday is a holiday
        assert [(each.key, each.at) for each in found] == [(key, at(2018, 6, 21))]
        assert not matters.steps(Standing(state, at(2018, 6, 11), at(2018, 6, 30)), Rhythm(), published(), ZONE)
    assert matters.steps(dataclasses.replace(standing, state="final"), Rhythm(), published(), ZONE) == []


moments = st.datetimes(
    datetime.datetime(2015, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime.datetime(2020, 12, 1),  # noqa: DTZ001 - as above
    timezones=st.just(ZONE),
)


@given(moments, st.integers(1, 60), st.lists(st.integers(1, 100), min_size=1, max_size=12), st.booleans())
def test_however_often_the_clock_looks_each_step_is_taken_once(
    begin: datetime.datetime, length: int, gaps: list[int], signed: bool
) -> None:
    end, _provisional = matters.limit_after(begin, length, "working_days", published(), ZONE)
    standing = Standing("received" if signed else "issued", begin, end)
    every = matters.steps(standing, Rhythm(), published(), ZONE)
    taken, now, seen = 0, begin, []
    for gap in gaps:
        now += datetime.timedelta(days=gap)
        found = matters.due(every, taken, now)
        seen += [each.key for each in found]
        taken = max([taken, *(each.number for each in found)])
        assert matters.due(every, taken, now) == []  # the same moment again: nothing
        ahead = matters.next_at(every, taken, now)
        assert ahead is None or ahead > now
    assert len(seen) == len(set(seen))
    if now >= max(each.at for each in every):
        assert seen[-1] == "lead"
        assert "overdue" in seen


@given(moments, st.integers(0, 60))
def test_a_limit_ends_at_midnight_after_a_working_day(begin: datetime.datetime, length: int) -> None:
    end, _provisional = matters.limit_after(begin, length, "working_days", published(), ZONE)
    last = (end - datetime.timedelta(seconds=1)).astimezone(ZONE).date()
    assert end.astimezone(ZONE).time() == datetime.time()
    assert published().between(begin.date(), last) == length
    assert length == 0 or published().is_working(last)


def test_the_documentation_draws_this_table() -> None:
    drawn = (Path(__file__).parents[3] / "docs" / "methods" / "matters.md").read_text("utf-8")
    assert matters.diagram() in drawn
