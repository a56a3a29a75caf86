"""Unknown is neither yes nor no: the truth tables of every operator, in the interpreter and in SQL."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from core.language.both import both, household
from core.language.sample import DAY, program
from tuopin.core.language import Exact, Interval, all_of, any_of, compile_python, negate

THREE = (True, False, None)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(THREE, THREE)))
def test_and_or_not(a: bool | None, b: bool | None) -> None:
    subject = household(food=a, dangerous=b)
    conjunction = False if a is False or b is False else None if a is None or b is None else True
    disjunction = True if a is True or b is True else None if a is None or b is None else False
    assert both("food and dangerous", subject) is conjunction
    assert both("food or dangerous", subject) is disjunction
    assert both("not food", subject) is (None if a is None else not a)
    assert both("food == dangerous", subject) is (None if a is None or b is None else a is b)
    assert both("food != dangerous", subject) is (None if a is None or b is None else a is not b)
    assert all_of([a, b]) is conjunction
    assert any_of([a, b]) is disjunction
    assert negate(a) is (None if a is None else not a)


def test_helpers_of_nothing() -> None:
    assert all_of([]) is True
    assert any_of([]) is False


@pytest.mark.parametrize("condition", THREE)
def test_if_needs_a_known_condition(condition: bool | None) -> None:
    subject = household(food=condition)
    assert both("if(food, true, true)", subject) is (None if condition is None else True)
    assert both("if(food, unknown, false)", subject) is {True: None, False: False, None: None}[condition]


def test_known_is_never_unknown() -> None:
    subject = household(wage=None, cost=0, food=None)
    assert both("known(wage)", subject) is False
    assert both("known(cost)", subject) is True
    assert both("known(food)", subject) is False
    assert both("known(food and false)", subject) is True
    assert both("known(wage / cost)", subject) is False
    assert both("known(cost / cost)", subject) is False
    assert both("known(unknown)", subject) is False


def test_comparisons_and_arithmetic_with_a_blank_are_unknown() -> None:
    subject = household(wage=None, cost=0)
    for text in ("wage > 0", "wage + cost > 0", "wage * 0 == 0", "cost * wage == 0", "wage == wage", "0 - wage < 1"):
        assert both(text, subject) is None


def test_a_missing_column_is_unknown_unless_declared() -> None:
    assert both("food", household()) is None
    assert both("every(person, employee)", household({})) is None
    assert both("every(person, employee_insurance)", household({})) is False
    assert both("every(person, employee_insurance)", household({"employee": None})) is None
    assert both("every(person, employee_insurance)", household({"employee": True})) is True


def test_between_and_in() -> None:
    assert both("wage between 1 and 3", household(wage=100)) is True
    assert both("wage between 1 and 3", household(wage=300)) is True
    assert both("wage between 1 and 3", household(wage=301)) is False
    assert both("wage between 1 and cost", household(wage=50, cost=None)) is False
    assert both("wage between 1 and cost", household(wage=500, cost=None)) is None
    assert both("wage in (1, cost)", household(wage=100, cost=None)) is True
    assert both("wage in (1, cost)", household(wage=200, cost=None)) is None
    assert both("registration in ('none')", household(registration=None)) is None


EMPTY = household()
NOBODY = household({"sex": "male", "insured": False, "pay": 5})


@pytest.mark.parametrize("subject", [EMPTY, NOBODY])
def test_an_empty_group(subject: dict[str, Any]) -> None:
    assert both("every(women, insured)", subject) is True
    assert both("some(women, insured)", subject) is False
    assert both("some(women)", subject) is False
    assert both("count(women) == 0", subject) is True
    assert both("sum(women, pay) == 0", subject) is True
    assert both("min(women, pay) == 0", subject) is None
    assert both("max(women, pay) == 0", subject) is None
    assert both("share(women, insured) >= 0", subject) is None


def person(inside: bool | None, fulfils: bool | None) -> dict[str, Any]:
    return {"sex": {True: "female", False: "male", None: None}[inside], "insured": fulfils}


@pytest.mark.parametrize(("inside", "fulfils"), list(itertools.product(THREE, THREE)))
def test_every_and_some_of_one(inside: bool | None, fulfils: bool | None) -> None:
    subject = household(person(inside, fulfils))
    outside = negate(inside)
    assert both("every(women, insured)", subject) is any_of([outside, fulfils])
    assert both("some(women, insured)", subject) is all_of([inside, fulfils])


def test_one_not_met_beats_any_number_of_unknown() -> None:
    subject = household(person(True, None), person(None, False), person(True, False), person(None, None))
    assert both("every(women, insured)", subject) is False
    subject = household(person(True, None), person(None, True), person(True, True))
    assert both("some(women, insured)", subject) is True


def test_a_person_of_unknown_age_makes_education_unknown() -> None:
    subject = household({"birth_date": None, "in_class": False})
    assert both("every(school_age, in_class)", subject) is None
    assert both("every(school_age, in_class)", household({"birth_date": None, "in_class": True})) is True


def test_counts_are_intervals() -> None:
    subject = household(person(True, True), person(None, True), person(None, True), person(False, True))
    value = compile_python(program(x="count(women)"), DAY)(subject).value("x")
    assert value == Interval(Exact(1, 1), Exact(3, 1))
    assert both("count(women) >= 1", subject) is True
    assert both("count(women) >= 2", subject) is None
    assert both("count(women) > 3", subject) is False
    assert both("count(women) < 1", subject) is False
    assert both("count(women) <= 3", subject) is True
    assert both("count(women) == 0", subject) is False
    assert both("count(women) == 2", subject) is None
    assert both("count(women) != 4", subject) is True
    assert both("count(women) between 1 and 3", subject) is True
    assert both("2 <= count(women)", subject) is None
    assert both("count(women) <= count(person)", subject) is True
    assert both("count(women) in (0, 4)", subject) is False


def test_an_uncertain_count_is_unknown_in_arithmetic_and_kept_by_a_name() -> None:
    subject = household({"birth_date": None})
    assert both("count(school_age) + 0 >= 0", subject) is None
    assert both("known(count(school_age))", subject) is False
    assert both("pupils >= 0", subject) is True
    assert both("pupils <= 1", subject) is True
    assert both("pupils < 1", subject) is None
    assert both("known(count(school_age))", household({"birth_date": DAY})) is True


def test_shares_are_intervals() -> None:
    subject = household(person(True, True), person(None, True), person(None, False), person(True, None))
    # Lowest: the unsure yes stays out, the unsure no comes in: 1 of 3. Highest: 3 of 3.
    value = compile_python(program(x="share(women, insured)"), DAY)(subject).value("x")
    assert value == Interval(Exact(1, 3), Exact(3, 3))
    assert both("share(women, insured) >= 0.33", subject) is True
    assert both("share(women, insured) >= 0.34", subject) is None
    assert both("share(women, insured) > 1", subject) is False


def test_a_share_without_a_sure_member_is_unknown() -> None:
    assert both("share(women, insured) >= 0", household(person(None, True))) is None


def test_sums_and_extremes_need_every_membership_and_every_value_of_members() -> None:
    sure = {"sex": "female", "pay": 700}
    assert both("sum(women, pay) == 7", household(sure)) is True
    assert both("sum(women, pay) == 7", household(sure, {"sex": None, "pay": 0})) is None
    assert both("sum(women, pay) == 7", household(sure, {"sex": "female", "pay": None})) is None
    assert both("sum(women, pay) == 7", household(sure, {"sex": "male", "pay": None})) is True
    assert both("max(women, pay) == 7", household(sure, {"sex": "male", "pay": 900})) is True
    assert both("max(women, pay) == 7", household(sure, {"sex": None, "pay": 100})) is None
    assert both("min(women, pay) == 7", household(sure, {"sex": "female", "pay": None})) is None
    assert both("min(person, pay) == 7", household(sure, {"pay": 900})) is True


def test_a_village_counts_households_of_unknown_income_as_an_interval() -> None:
    rich = household({}, wage=400_000, cost=0)
    poor = household({}, wage=200_000, cost=0)
    blank = household({}, wage=None, cost=0)
    village = {"household": [rich, poor, blank], "population": 3}
    assert both("count(poor) >= 1", village, "village") is True
    assert both("count(poor) >= 2", village, "village") is None
    assert both("share(household, income_per_head > line) <= 0.5", village, "village") is None
    assert both("share(household, income_per_head > line) <= 0.7", village, "village") is True
