"""What an explanation says would turn an item does turn it, and one step less does not; both languages say the same."""

from __future__ import annotations

import copy
import operator
import re
from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.standards.registers import CATALOGUE, DAY, pack
from tuopin.core.language import Comparison, Exact, Interval
from tuopin.core.language import explain as explain_output
from tuopin.core.language.explain import Ratio
from tuopin.core.standards import Judge, prepare
from tuopin.core.standards.explaining import explain_judgement
from tuopin.core.standards.probe import Generator
from tuopin.core.standards.turning import Turn, turns, unsettled

if TYPE_CHECKING:
    from tuopin.core.standards.explaining import ItemExplanation

HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

operators = st.sampled_from(sorted(HOLDS))
limits = st.builds(Exact, st.integers(-50, 400), st.sampled_from([1, 2, 3, 50, 100]))


def holds(sign: str, above: int, below: int, limit: Exact) -> bool:
    return bool(HOLDS[sign](above * limit.denominator, limit.numerator * below))


def moved(turn: Turn, above: int, less: int = 0) -> int:
    amount = turn.amount.numerator - less
    return above + amount if turn.more else above - amount


@given(operators, st.integers(-500, 500), st.sampled_from([1, 100]), limits)
def test_a_value_is_turned_by_the_least_step(sign: str, value: int, scale: int, limit: Exact) -> None:
    found = turns(Comparison(sign, Exact(value, scale), limit, None, (), (), "CNY"))  # type: ignore[arg-type]  # a sign
    (turn,) = found
    before = holds(sign, value, scale, limit)
    assert turn.holds is not before
    assert holds(sign, moved(turn, value), scale, limit) is not before
    assert holds(sign, moved(turn, value, 1), scale, limit) is before


@given(operators, st.integers(0, 500), st.integers(1, 600), limits)
def test_a_rate_is_turned_by_whole_persons(sign: str, above: int, below: int, limit: Exact) -> None:
    ratio = Ratio(Exact(above, 1), "person", "left", is_share=False)
    found = turns(Comparison(sign, Exact(above, below), limit, None, (), (), "", ratio))  # type: ignore[arg-type]
    before = holds(sign, above, below, limit)
    if not found:  # it would take fewer persons than none
        assert {holds(sign, number, below, limit) for number in range(0, 900, 7)} == {before}
        return
    (turn,) = found
    assert turn.amount.denominator == 1
    assert holds(sign, moved(turn, above), below, limit) is not before
    assert holds(sign, moved(turn, above, 1), below, limit) is before
    assert moved(turn, above) >= 0


@given(operators, st.integers(0, 60), st.integers(0, 20), st.integers(0, 60), limits)
def test_a_share_of_which_some_are_unknown_is_settled_by_so_many(
    sign: str, yes: int, unknown: int, no: int, limit: Exact
) -> None:
    whole = yes + unknown + no
    assume(whole > 0 and unknown > 0)
    left = Interval(Exact(yes, whole), Exact(yes + unknown, whole))
    comparison = Comparison(sign, left, limit, None, (), (), "", Ratio(None, "household", "g", is_share=True))  # type: ignore[arg-type]
    ends = {holds(sign, yes + more, whole, limit) for more in range(unknown + 1)}
    assert unsettled(comparison) == unknown
    found = turns(comparison)
    assert bool(found) == (len(ends) == 2)
    for turn in found:
        for less, decided in ((0, True), (1, False)):
            number = turn.amount.numerator - less
            possible = range(yes + number, yes + unknown + 1) if turn.more else range(yes, yes + unknown - number + 1)
            results = {holds(sign, count, whole, limit) for count in possible}
            assert (results == {turn.holds}) is decided


# -- in explanations ------------------------------------------------------------------------------------------------


def explained(judge: Judge, subject: dict[str, object]) -> dict[str, ItemExplanation]:
    judgement = judge(subject)
    found = explain_judgement(judge.prepared, judgement, subject, judge.shown(judgement))
    assert found.overall == judgement.overall
    assert {item.key: item.verdict for item in found.items} == dict(judgement.items)
    return {item.key: item for item in found.items}


def turn_of(judge: Judge, subject: dict[str, object], key: str) -> Turn:
    (comparison,) = explain_output(judge(subject).result, f"{key}:test").comparisons
    (turn,) = turns(comparison)
    return turn


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_yuan_for_the_whole_household_turn_its_income(seed: int) -> None:
    judge = Judge(prepare(pack("shangqiu-2018"), "household_exit", CATALOGUE, DAY))
    subject = Generator(judge.prepared, seed).subject()
    before = explained(judge, subject)["income"].verdict
    assume(before in {"met", "not_met"})
    turn = turn_of(judge, subject, "income")
    assert (turn.unit, turn.of_ratio) == ("CNY/year", True)
    for less, turned in ((0, True), (1, False)):
        other = copy.deepcopy(subject) | {"wage": moved(turn, int(str(subject["wage"])), less)}
        assert (explained(judge, other)["income"].verdict != before) is turned


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), population=st.integers(1, 400))
def test_persons_turn_the_incidence_of_a_village(seed: int, population: int) -> None:
    judge = Judge(prepare(pack("shangqiu-2018"), "village_exit", CATALOGUE, DAY))
    subject = Generator(judge.prepared, seed).subject() | {"population": population}
    households = [
        {"registration": "registered", "person": [{}] * (1 + seed % 9)},
        {"registration": "exited", "person": [{}]},
    ]
    subject["household"] = households
    before = explained(judge, subject)["incidence"].verdict
    turn = turn_of(judge, subject, "incidence")
    assert (turn.unit, turn.name) == ("person", "unexited_persons")
    persons = len(households[0]["person"])
    for less, turned in ((0, True), (1, False)):
        households[0] = {"registration": "registered", "person": [{}] * moved(turn, persons, less)}
        assert (explained(judge, subject)["incidence"].verdict != before) is turned


def numbers(text: str) -> list[str]:
    return re.findall(r"\d[\d.,]*", text)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_both_languages_have_the_same_facts(seed: int) -> None:
    for key in ("household_exit", "village_exit", "county_exit"):
        judge = Judge(prepare(pack("shangqiu-2018"), key, CATALOGUE, DAY))
        for item in explained(judge, Generator(judge.prepared, seed).subject()).values():
            titles = [*item.distances, *item.turns, *(each.value for each in (*item.named, *item.cells))]
            titles += [each.value for each in item.limits if each.value]
            for title in titles:
                assert numbers(title.zh) == numbers(title.en), (title.zh, title.en)
                assert title.en


def test_numerator_and_denominator_stand_below_a_rate() -> None:
    judge = Judge(prepare(pack("shangqiu-2018"), "village_exit", CATALOGUE, DAY))
    subject = Generator(judge.prepared, 3).subject() | {"population": 500}
    left, gone = {"registration": "registered", "person": [{}] * 12}, {"registration": "exited", "person": [{}]}
    item = explained(judge, subject | {"household": [left, gone]})["incidence"]
    assert [(each.name, each.value.zh) for each in item.named] == [
        ("incidence", "2.40%"),
        ("unexited_persons", "12 人"),
    ]
    assert [each.zh for each in item.distances] == ["超出 0.40 个百分点"]
    assert [(each.zh, each.en) for each in item.turns] == [
        ("未脱贫人口再减少 2 人即达标", "met with 2 persons less (persons not exited)")
    ]
    (counted,) = item.counted
    assert (counted.title.zh, counted.sure, counted.unsure) == ("未脱贫户", 1, 0)
    blank = explained(judge, subject | {"household": [left, {"registration": None, "person": [{}]}]})["incidence"]
    assert (blank.verdict, blank.turns) == ("unknown", ())
    assert [(each.sure, each.unsure) for each in blank.counted] == [(1, 1)]


def test_a_village_without_people_or_households_is_unknown_with_a_reason() -> None:
    judge = Judge(prepare(pack("shangqiu-2018"), "village_exit", CATALOGUE, DAY))
    for population in (0, None):
        item = explained(judge, {"population": population, "household": []})["incidence"]
        assert (item.verdict, item.distances, item.turns) == ("unknown", (), ())
        assert item.reason is not None
