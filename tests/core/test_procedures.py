"""Procedures: whatever is tried, no history skips a step, goes back in time or cuts a notice short."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tuopin.packs
from tuopin.core.calendar import WorkingCalendar, published
from tuopin.core.procedures import (
    COMPLETED,
    STOPPED,
    Act,
    History,
    Parties,
    Procedure,
    Refusal,
    advance,
    clocks,
    current,
    earliest,
    latest,
    read_procedure,
    replay,
    start,
)
from tuopin.core.standards import PackError

DAY = datetime.date(2018, 11, 1)
LATER = datetime.date(2019, 12, 31)
FILES = sorted(Path(tuopin.packs.__file__).parent.glob("*/procedures/*.toml"))
SHIPPED = {path.stem: read_procedure(path.read_text(encoding="utf-8"), path.name, path.stem) for path in FILES}
EXIT, MONITORING = SHIPPED["household_exit"], SHIPPED["monitoring"]
PAPERS = frozenset({"signature", "recheck", "application", "report", "decision", "announcement"})


def day(offset: int) -> datetime.date:
    return DAY + datetime.timedelta(days=offset)


def done(procedure: Procedure, *acts: tuple[str, str, int, str]) -> History | Refusal:
    """A history of (step, outcome, days after the start, by), or the first refusal."""
    history: History | Refusal = History(DAY)
    for step, outcome, offset, by in acts:
        assert isinstance(history, History)
        act = Act(step, outcome, day(offset), by, evidence=PAPERS)
        history = advance(procedure, history, act, today=LATER, calendar=published())
        if isinstance(history, Refusal):
            return history
    return history


def code(found: History | Refusal) -> str:
    return found.code if isinstance(found, Refusal) else ""


REFUSED = (("review", "passed", 0, "甲"), ("verify", "confirmed", 1, "乙"), ("consent", "refused", 2, "户主"))
SIGNED = (*REFUSED[:2], ("consent", "signed", 2, "户主"))
POSTED = (*SIGNED, ("posted", "posted", 3, "甲"))


# -- any order of acts ------------------------------------------------------------------------------------------------


@st.composite
def attempts(draw: st.DrawFn) -> tuple[Procedure, list[Act]]:
    """Acts as a hurried clerk might enter them: mostly the steps of the procedure in their order, some at random."""
    procedure = draw(st.sampled_from(sorted(SHIPPED.values(), key=lambda each: each.key)))
    steps = draw(st.lists(st.sampled_from([*procedure.steps, *procedure.steps]), max_size=30))
    if draw(st.booleans()):
        steps = [*procedure.steps, *steps]
    acts, at = [], 0
    for step in steps:
        at += draw(st.sampled_from([0, 0, 1, 5, 7, 8, -1, 600]))
        outcome = draw(st.sampled_from([*[each.key for each in step.outcomes], step.outcomes[0].key, "no_such"]))
        by = draw(st.sampled_from(["甲", "乙", "丙", ""]))
        papers = draw(st.sampled_from([PAPERS, PAPERS, frozenset()]))
        acts.append(Act(step.key, outcome, day(at), by, evidence=papers))
    return procedure, acts


@given(attempts())
def test_whatever_is_tried_what_stands_is_in_order(tried: tuple[Procedure, list[Act]]) -> None:
    procedure, acts = tried
    history = History(DAY)
    for act in acts:
        found = advance(procedure, history, act, today=LATER, calendar=published())
        if isinstance(found, History):
            assert found.acts[:-1] == history.acts, "nothing that was done is changed"
            history = found
        else:
            assert found.zh
            assert found.en
    days = [DAY, *(act.day for act in history.acts)]
    assert days == sorted(days)
    assert days[-1] <= LATER
    order = [procedure.index(act.step) for act in history.acts]
    assert order == sorted(set(order)), "each step at most once, none before an earlier one"
    at = procedure.steps[0].key
    for act in history.acts:
        assert act.step == at, "no step is skipped"
        step = procedure.step(at)
        assert step is not None
        outcome = step.outcome(act.outcome)
        assert outcome is not None
        assert {each.key for each in step.evidence if each.required} <= act.evidence
        for wait in step.waits:
            since = history.day_of(wait.from_)
            assert since is None or (act.day - since).days >= wait.length
        for barred in step.not_by:
            assert all(act.by != each.by for each in history.acts if each.step == barred)
        at = outcome.next
    assert at == current(procedure, history)
    assert replay(procedure, DAY, history.acts) == history


@given(attempts())
def test_an_ended_procedure_takes_no_act(tried: tuple[Procedure, list[Act]]) -> None:
    procedure, acts = tried
    stopping = procedure.steps[0].outcomes[-1]
    ended = History(DAY, (Act(procedure.steps[0].key, stopping.key, DAY, "甲"),))
    if current(procedure, ended) not in {COMPLETED, STOPPED}:
        return
    assert {code(advance(procedure, ended, act, today=LATER, calendar=published())) for act in acts} <= {"ended"}


@given(st.integers(0, 30))
def test_a_notice_of_seven_days_ends_after_seven_days(offset: int) -> None:
    found = done(EXIT, *POSTED, ("objections", "none", 3 + offset, "甲"))
    assert code(found) == ("" if offset >= 7 else "too_early")


def test_the_last_day_of_a_notice_belongs_to_whoever_objects() -> None:
    hanging = done(EXIT, *POSTED)
    assert isinstance(hanging, History)
    end = Act("objections", "none", day(10), "甲")
    tried = [advance(EXIT, hanging, end, today=day(at), calendar=published()) for at in (9, 10, 11)]
    assert [code(each) for each in tried] == ["future", "too_early", ""]


@given(st.integers(0, 40), st.integers(5, 40))
def test_the_clock_of_a_clue_runs_fifteen_days(visited: int, decided: int) -> None:
    acts = [
        Act("warning", "clue", DAY, "甲"), Act("visit", "risk", day(visited), "乙"),
        Act("authorised", "signed", day(visited), "户主"), Act("compared", "consistent", day(visited), "丁"),
        Act("review", "passed", day(visited), "甲"), Act("posted", "posted", day(visited), "甲"),
        Act("objections", "none", day(visited + decided), "甲"),
        Act("township", "passed", day(visited + decided), "丙"),
        Act("decided", "near_poor", day(visited + decided), "戊"),
    ]  # fmt: skip
    [clock] = clocks(MONITORING, replay(MONITORING, DAY, acts), LATER, published())
    assert clock.limit.day == day(15)
    assert clock.reached == day(visited + decided)
    assert clock.late == (visited + decided > 15), "late, and on record all the same"


# -- one rule each ----------------------------------------------------------------------------------------------------


def test_the_way_of_a_household_to_its_removal() -> None:
    whole = done(
        EXIT, *POSTED, ("objections", "none", 10, "甲"), ("announced", "announced", 11, "镇"),
        ("removed", "removed", 12, "县"),
    )  # fmt: skip
    assert isinstance(whole, History)
    assert current(EXIT, whole) == COMPLETED


def test_a_household_that_does_not_sign_is_re_checked_by_somebody_else() -> None:
    assert code(done(EXIT, *REFUSED, ("recheck", "upheld", 3, "乙"))) == "same_person"
    assert code(done(EXIT, *REFUSED, ("recheck", "upheld", 3, "丙、 乙 "))) == "same_person", "one of two is enough"
    upheld = done(EXIT, *REFUSED, ("recheck", "upheld", 3, "丙"))
    assert isinstance(upheld, History)
    assert current(EXIT, upheld) == "consent_again", "the household is asked again: nobody exits unsigned"
    again = done(EXIT, *REFUSED, ("recheck", "upheld", 3, "丙"), ("consent_again", "refused", 4, "户主"))
    assert isinstance(again, History)
    assert current(EXIT, again) == STOPPED


@pytest.mark.parametrize(
    "parties", [Parties(names=frozenset({"丙"})), Parties(people=frozenset({7}))], ids=["by name", "by account"]
)
def test_the_helper_does_not_re_check(parties: Parties) -> None:
    history = done(EXIT, *REFUSED)
    assert isinstance(history, History)
    act = Act("recheck", "upheld", day(3), "丙", person=7, evidence=PAPERS)
    found = advance(EXIT, history, act, today=LATER, calendar=published(), parties=parties)
    assert code(found) == "same_person"
    assert "帮扶责任人" in (found.zh if isinstance(found, Refusal) else "")


@pytest.mark.parametrize(
    "by", ["王五 李四", "王五 李四(村主任)", "王五/李四", "李 四", "李四（帮扶责任人）", "王五；李四"]
)
def test_a_name_among_others_is_found(by: str) -> None:
    history = done(EXIT, *REFUSED)
    assert isinstance(history, History)
    helper = Parties(names=frozenset({"李四"}))
    act = Act("recheck", "upheld", day(3), by, evidence=PAPERS)
    assert code(advance(EXIT, history, act, today=LATER, calendar=published(), parties=helper)) == "same_person"
    other = Act("recheck", "upheld", day(3), "李四光 王五", evidence=PAPERS)
    assert isinstance(advance(EXIT, history, other, today=LATER, calendar=published(), parties=helper), History)


def test_the_same_account_under_another_name_is_the_same_person() -> None:
    history = History(DAY)
    for step, outcome, by, person in (("review", "passed", "甲", 1), ("verify", "confirmed", "乙", 2),
                                      ("consent", "refused", "户主", 3)):  # fmt: skip
        found = advance(EXIT, history, Act(step, outcome, DAY, by, person, PAPERS), today=LATER, calendar=published())
        assert isinstance(found, History)
        history = found
    act = Act("recheck", "upheld", DAY, "丙", person=2, evidence=PAPERS)
    assert code(advance(EXIT, history, act, today=LATER, calendar=published())) == "same_person"


def test_without_the_signed_page_there_is_no_consent() -> None:
    history = done(EXIT, *SIGNED[:2])
    assert isinstance(history, History)
    act = Act("consent", "signed", day(2), "户主")
    assert code(advance(EXIT, history, act, today=LATER, calendar=published())) == "no_evidence"


def test_days_to_come_and_days_gone_by_are_refused() -> None:
    assert code(start(day(1), DAY)) == "future"
    assert code(advance(EXIT, History(DAY), Act("review", "passed", day(1), "甲"), today=DAY,
                        calendar=published())) == "future"  # fmt: skip
    assert code(done(EXIT, ("review", "passed", -1, "甲"))) == "before_previous"
    assert code(done(EXIT, ("verify", "confirmed", 1, "甲"))) == "skipped"
    assert code(done(EXIT, REFUSED[0], REFUSED[0])) == "done_already"


def test_what_is_due_leaves_room_for_the_notice() -> None:
    history = replay(MONITORING, DAY, [Act("warning", "clue", DAY, "甲")])
    due = latest(MONITORING, history, DAY, published())
    assert due is not None
    assert due.day == day(10), "fifteen days less the five of the notice"
    posted = done(EXIT, *POSTED)
    assert isinstance(posted, History)
    first = earliest(EXIT, posted, published())
    assert first is not None
    assert first.day == day(10)


def test_working_days_of_an_unpublished_year_are_provisional() -> None:
    text = FILES[[path.stem for path in FILES].index("household_exit")].read_text(encoding="utf-8")
    procedure = read_procedure(text.replace("days = 7", "working_days = 7"), "x.toml")
    posted = done(EXIT, *POSTED)
    assert isinstance(posted, History)
    known = earliest(procedure, posted, published())
    unknown = earliest(procedure, posted, WorkingCalendar(frozenset(), frozenset(), frozenset()))
    assert known is not None
    assert unknown is not None
    assert (known.day, known.provisional, unknown.provisional) == (datetime.date(2018, 11, 13), False, True)
    act = Act("objections", "none", datetime.date(2018, 11, 12), "甲")
    refused = advance(procedure, posted, act, today=LATER, calendar=WorkingCalendar(frozenset(), frozenset(),
                                                                                    frozenset()))  # fmt: skip
    assert isinstance(refused, Refusal)
    assert "暂定" in refused.zh


# -- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(SHIPPED))
def test_every_way_of_a_shipped_procedure_ends(key: str) -> None:
    procedure, seen, ends = SHIPPED[key], set(), set()
    waiting = [procedure.steps[0].key]
    while waiting:
        at = waiting.pop()
        step = procedure.step(at)
        if step is None:
            ends.add(at)
        elif at not in seen:
            seen.add(at)
            waiting += [each.next for each in step.outcomes]
    assert ends == {COMPLETED, STOPPED}
    assert seen == {step.key for step in procedure.steps}


def test_stages_are_those_of_the_sources() -> None:
    stages = {key: max(step.stage for step in each.steps) for key, each in SHIPPED.items()}
    assert [step.key for step in EXIT.main] == [
        "review", "verify", "consent", "posted", "objections", "announced", "removed",
    ]  # fmt: skip
    assert stages == {"household_exit": 6, "village_exit": 5, "county_exit": 5, "monitoring": 9,
                      "risk_removal": 9, "natural_removal": 3}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('next = "verify"', 'next = "review"', "bad_next"),
        ('next = "verify"', 'next = "nowhere"', "bad_next"),
        ('next = "verify"', 'next = "consent"', "unreachable"),
        ('not_by = ["verify", "helper"]', 'not_by = ["removed"]', "bad_not_by"),
        ('from = "posted"', 'from = "removed"', "bad_wait"),
        ("days = 7", "days = 0", "bad_number"),
        ("days = 7", "days = 7\nworking_days = 7", "bad_length"),
        ("days = 7", "dyas = 7", "bad_length"),
        ("notice = true", 'notise = true', "unknown_key"),
        ('axis = "registration"', 'axis = "designation"', "bad_axis"),
        ('confidence = "found"', 'confidence = "sure"', "bad_confidence"),
        ('key = "verify"', 'key = "review"', "duplicate_key"),
        ('level = "household"', 'level = "person"', "bad_level"),
        ("stage = 1", "stage = 【1】", "bad_toml"),
        ('roles = ["village", "township", "county"]', "roles = []", "no_roles"),
    ],
)  # fmt: skip
def test_a_definition_that_cannot_be_walked_does_not_load(old: str, new: str, expected: str) -> None:
    text = FILES[[path.stem for path in FILES].index("household_exit")].read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(PackError) as caught:
        read_procedure(text.replace(old, new, 1), "x.toml")
    assert caught.value.code == expected


def test_a_notice_that_nothing_waits_for_does_not_load() -> None:
    text = FILES[[path.stem for path in FILES].index("household_exit")].read_text(encoding="utf-8")
    at = text.index("[[step.wait]]")
    without = text[:at] + text[text.index("[[step.outcome]]", at) :]
    with pytest.raises(PackError) as caught:
        read_procedure(without, "x.toml")
    assert caught.value.code == "short_notice"
