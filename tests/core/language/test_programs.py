"""Programs: what they need, what results and explanations show, the shape of the query, subjects left alone."""

from __future__ import annotations

import copy
import datetime
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.language.both import both, household
from core.language.sample import DAY, environment, program
from tuopin.core.language import (
    Exact,
    FactDefinition,
    Interval,
    RuleError,
    build,
    check,
    compile_python,
    explain,
    parse,
    write_sql,
)


def person(years: int, **facts: Any) -> dict[str, Any]:
    return {"birth_date": datetime.date(2018 - years, 6, 1), **facts}


FAMILY = household(
    person(40, insured=True),
    person(8, insured=False, in_class=False),
    person(10, insured=None, in_class=True),
    {"birth_date": None, "insured": True, "in_class": None},
    wage=1_000_000,
    cost=100,
)


def test_a_program_needs_only_what_it_names() -> None:
    bare = replace(environment(), facts={}, groups={})
    made = build(bare, {"x": check(parse("some(person, insured) and food"), bare)})
    assert made.levels == ("household", "person")
    assert made.needs == {"household": ("food",), "person": ("insured",)}
    assert made.absent_needs == {"household": (), "person": ()}
    alone = build(bare, {"x": check(parse("food"), bare)})
    assert alone.levels == ("household",)
    assert compile_python(alone, DAY)({"food": True}).verdict("x") is True


def test_a_village_reaches_persons_through_households() -> None:
    bare = replace(environment("village"), groups={}, facts={})
    made = build(bare, {"x": check(parse("sum(household, member_count) == population"), bare)})
    assert made.levels == ("village", "household", "person")
    village = {"population": 3, "household": [household({}, {}), household(), household({})]}
    assert compile_python(made, DAY)(village).verdict("x") is True
    assert both("sum(household, member_count) == population", village, "village") is True


def test_absent_columns_are_asked_for() -> None:
    assert program(x="every(person, employee_insurance)").absent_needs["person"] == ("employee",)


def test_a_fact_may_say_what_its_own_missing_column_means() -> None:
    more = {"employee": FactDefinition("employee", "person", None, absent=True)}
    names = replace(environment(), facts=more, groups={})
    made = compile_python(build(names, {"x": check(parse("every(person, employee)"), names)}), DAY)
    assert made(household({})).verdict("x") is True
    assert made(household({"employee": None})).verdict("x") is None


def test_a_result_shows_facts_and_groups() -> None:
    result = compile_python(program(x="income_per_head > line"), DAY)(FAMILY)
    facts = result.facts()
    assert facts["income_per_head"] == Exact(999_900, 400)
    assert facts["wage"] == Exact(1_000_000, 100)
    assert facts["member_count"] == Exact(4, 1)
    assert facts["pupils"] == Interval(Exact(2, 1), Exact(3, 1))
    assert result.groups()["school_age"] == ((1, 2), (3,))
    assert result.groups()["women"] == ((), (0, 1, 2, 3))


def test_a_result_of_another_type_is_no_verdict() -> None:
    result = compile_python(program(x="wage", y="registration", z="max(person, birth_date)"), DAY)(
        FAMILY | {"registration": "exited"}
    )
    assert result.value("x") == Exact(1_000_000, 100)
    assert result.value("y") == "exited"
    assert result.value("z") is None
    with pytest.raises(TypeError):
        result.verdict("y")
    with pytest.raises(KeyError):
        result.verdict("nothing")


def test_an_explanation_tells_limit_distance_and_who_decides() -> None:
    made = program(
        income="income_per_head > line", medical="every(person, insured)", school="some(school_age, not in_class)"
    )
    result = compile_python(made, DAY)(FAMILY)
    income = explain(result, "income")
    assert income.value is False
    assert income.facts == {"income_per_head": Exact(999_900, 400)}
    (comparison,) = income.comparisons
    assert comparison.operator == ">"
    assert comparison.left_names == ("income_per_head",)
    assert comparison.right_names == ("line",)
    assert comparison.right == Exact(299_500, 100)
    assert comparison.distance is not None
    assert comparison.distance.text(2) == "-495.25"
    assert comparison.unit == "CNY/person/year"
    (medical,) = explain(result, "medical").members
    assert (medical.operator, medical.group, medical.deciding, medical.unsure) == ("every", "person", (1,), (2,))
    (school,) = explain(result, "school").members
    assert (school.deciding, school.unsure) == ((1,), (3,))


def test_an_explanation_of_an_unknown_value_has_no_distance() -> None:
    result = compile_python(program(x="income_per_head > open_line and food"), DAY)(FAMILY)
    (comparison,) = explain(result, "x").comparisons
    assert comparison.left == Exact(999_900, 400)
    assert comparison.right is None
    assert comparison.distance is None


def test_between_explains_both_limits() -> None:
    result = compile_python(program(x="wage between 1 and 2"), DAY)(FAMILY)
    assert [one.operator for one in explain(result, "x").comparisons] == [">=", "<="]


def test_the_subject_is_not_changed_and_results_stand_alone() -> None:
    interpreter = compile_python(program(x="every(school_age, in_class)", y="wage > 1"), DAY)
    before = copy.deepcopy(FAMILY)
    first = interpreter(FAMILY)
    second = interpreter(household(wage=50))
    assert before == FAMILY
    assert (first.verdict("x"), first.verdict("y")) == (False, True)
    assert (second.verdict("x"), second.verdict("y")) == (True, False)


def test_a_forgotten_list_of_members_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        compile_python(program(x="count(person) > 0"), DAY)({"wage": 1})


def test_the_day_is_an_input() -> None:
    made = program(x="some(school_age)")
    subject = household({"birth_date": datetime.date(2012, 12, 1)})
    assert compile_python(made, datetime.date(2018, 11, 30))(subject).verdict("x") is False
    assert compile_python(made, datetime.date(2018, 12, 1))(subject).verdict("x") is True


def test_equal_parts_are_computed_once() -> None:
    made = program(x="every(school_age, in_class) and wage > 1", y="not every(school_age, in_class)", z="wage > 1")
    top = made.plans[0]
    assert sum(one.primitive == "all" for one in top.aggregates) == 1
    assert sum("wage" in load.fact for load in top.loads) == 1


def test_the_query_reads_each_relation_once_and_names_its_steps() -> None:
    query = write_sql(program("village", x="count(poor) == 0"), DAY, {"person": "persons_2018", "village": 'odd "name'})
    assert query.text.count('"persons_2018"') == 1
    assert query.text.count('"household"') == 1
    assert '"odd ""name"' in query.text
    names = [step.name for step in query.steps]
    assert names[0] == "person_0"
    assert names.index("person_total") < names.index("household_0") < names.index("household_total")
    assert len(set(names)) == len(names)


def test_keys_of_outputs_are_any_text() -> None:
    query = write_sql(program(**{"income:test": "wage > 1", "income.test": "wage > 2", "收入": "wage"}), DAY)
    columns = [name for one in query.outputs.values() for name in one.columns]
    assert len(set(columns)) == len(columns) == 4
    assert query.outputs["收入"].shape == "number"
    assert query.outputs["收入"].scale == 100


@pytest.mark.parametrize(
    ("seed", "around"),
    [
        ("wage > 1", "if({}, 1, 2) between 1 and 1"),
        ("wage > 1", "if({}, 1, 2) in (1, 2, 3)"),
        ("wage > 1", "if({}, 1 / rooms, 2 / land * 0.01 * land) == 1 / rooms"),
        ("wage > 1", "1 / if({}, -1, 2) > 0"),
        ("food", "not {} == {}"),
    ],
)
def test_nesting_does_not_multiply_what_is_computed(seed: str, around: str) -> None:
    text = seed
    while len(text) < 400:
        text = f"({around.format(text, 'dangerous')})"
    made = program(x=text)
    subject = household(wage=500, rooms=2, land=10, food=True, dangerous=False)
    assert len(write_sql(made, DAY).text) < 60_000
    assert both(text, subject) == compile_python(made, DAY)(subject).verdict("x")


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused(text: str) -> None:
    refusal: RuleError | None = None
    try:
        parse(text)
    except RuleError as error:
        refusal = error
    assert refusal is None or min(refusal.line, refusal.column) >= 1


WORDS = st.sampled_from(
    ["wage", "food", "age", "person", "school_age", "count", "(", ")", ",", ">", "==", "and", "not", "in", "between",
     "1", "'exited'", "registration", "+", "-", "/", "if", "known", "unknown", "every", "sum", "day", "line"]
)  # fmt: skip


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.lists(WORDS, max_size=14))
def test_any_words_are_checked_or_refused(words: list[str]) -> None:
    names = environment()
    try:
        made = build(names, {"x": check(parse(" ".join(words)), names, expect="any")})
    except RuleError:
        return
    compile_python(made, DAY)(FAMILY).value("x")
    assert write_sql(made, DAY).text
