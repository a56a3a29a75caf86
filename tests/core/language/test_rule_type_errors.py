"""A rule that is wrong does not load: each refusal, with its code, its place and what it proposes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.language.sample import CATALOGUE, FACTS, GROUPS, PARAMETERS, environment
from tuopin.core.language import (
    Environment,
    FactDefinition,
    GroupDefinition,
    Origin,
    Parameter,
    RuleError,
    Typed,
    build,
    check,
    parse,
)
from tuopin.core.language.catalogue import Catalogue, Derived, Title


def typed(text: str, level: str = "household", **more: FactDefinition) -> Typed:
    return check(parse(text), environment(level, **more))


def refused(text: str, level: str = "household", **more: FactDefinition) -> RuleError:
    with pytest.raises(RuleError) as caught:
        typed(text, level, **more)
    error = caught.value
    assert error.zh
    assert error.en
    return error


def fact(name: str, text: str, level: str = "household", **more: Any) -> dict[str, FactDefinition]:
    return {name: FactDefinition(name, level, parse(text), **more)}


# --- names -------------------------------------------------------------------------------------------------------


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    error = refused("incom_per_head > line")
    assert (error.code, error.column) == ("unknown_name", 1)
    assert error.expected.split(", ")[0] == "income_per_head"
    assert "did you mean income_per_head?" in error.hint_en


def test_a_chinese_title_proposes_its_name() -> None:
    assert refused("工资性收入 > 1").expected == "wage"
    assert refused("脱贫属姓 == 'registered'").expected == "registration"


def test_a_name_unlike_any_other_lists_what_there_is() -> None:
    assert "category" in refused("xyzzy == 1").expected


def test_a_fact_of_the_level_below_needs_a_group() -> None:
    error = refused("age > 6")
    assert error.code == "unknown_name"
    assert "level person" in error.hint_en
    assert "person 层" in error.hint_zh


def test_a_fact_of_the_level_above_or_two_below_is_out_of_sight() -> None:
    assert refused("poor_village").code == "unknown_name"
    assert refused("sum(household, pay) > 1", "village").code == "unknown_name"


def test_a_group_of_another_level_is_refused() -> None:
    assert refused("some(school_age)", "village").code == "not_a_group"
    assert "level person" in refused("school_age", "village").hint_en
    assert refused("some(schol_age)").hint_en == "did you mean school_age?"


def test_a_group_is_not_a_value_and_a_value_is_not_a_group() -> None:
    assert refused("school_age").code == "group_as_value"
    assert refused("person == 1").code == "group_as_value"
    assert refused("count(wage) > 1").code == "not_a_group"
    assert refused("count(1) > 1").code == "not_a_group"


def test_there_is_no_level_below_persons() -> None:
    assert refused("some(person)", "person").code == "no_level_below"


# --- codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["registration == 'registerd'", "registration in ('exited', 'registerd')"])
def test_a_code_outside_its_list_does_not_load(text: str) -> None:
    error = refused(text)
    assert error.code == "unknown_code"
    assert error.found == "registerd"
    assert error.hint_en == "did you mean 'registered'?"
    assert "'returned'" in error.expected


def test_a_title_in_place_of_a_code_proposes_the_code() -> None:
    assert refused("category == '一般贫困户'").hint_en == "did you mean 'ordinary'?"


def test_a_code_is_checked_on_either_side_and_in_branches() -> None:
    assert refused("'registerd' == registration").code == "unknown_code"
    assert refused("if(food, registration, 'registerd') == 'exited'").code == "unknown_code"


def test_codes_of_two_lists_do_not_compare() -> None:
    assert refused("registration == category").code == "wrong_type"
    assert typed("registration == registration").kind == "boolean"


def test_a_code_is_no_text_and_has_no_order() -> None:
    assert refused("registration == remark").code == "wrong_type"
    assert refused("registration < 'exited'").code == "wrong_type"
    assert refused("remark < 'a'").code == "wrong_type"


# --- types -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "food == 1",
        "food > 0",
        "1 == food",
        "wage == 'a'",
        "wage == day",
        "food in (1, 2)",
        "food between 0 and 1",
        "true < false",
        "checked_on == '2018-12-01'",
        "wage",
        "1",
        "'a'",
        "day",
        "not wage",
        "food and wage",
        "wage or food",
        "food + 1 > 2",
        "-food > 1",
        "day - checked_on > 365",
        "years(checked_on, 1) > 1",
        "years(1, day) > 1",
        "if(wage, food, food)",
        "if(food, 1, food)",
        "every(person, pay)",
        "some(person, 1)",
        "share(person, age) > 1",
        "sum(person, insured) > 1",
        "sum(person, birth_date) > 1",
        "min(person, sex) == 'male'",
        "sum(person, unknown) > 1",
        "wage + unknown > 1",
    ],
)
def test_wrong_types_are_refused(text: str) -> None:
    assert refused(text).code == "wrong_type"


def test_comparing_with_unknown_is_refused() -> None:
    for text in ("food == unknown", "wage in (unknown)", "unknown == unknown", "wage between unknown and 1"):
        error = refused(text)
        assert error.code == "unknown_compared"
        assert "known(x)" in error.hint_en


@pytest.mark.parametrize(
    "text",
    ["known() ", "known(food, food)", "if(food, food)", "every(person)", "count()", "count(person, insured) > 1",
     "some(person, insured, food)", "years(day) > 1", "sum(person) > 1", "share(person) > 1"],
)  # fmt: skip
def test_the_number_of_arguments_is_checked(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        typed(text)
    assert caught.value.code in {"arguments", "syntax"}


def test_a_test_must_be_a_condition() -> None:
    error = refused("wage + cost")
    assert error.expected == "boolean"
    assert check(parse("wage + cost"), environment(), expect="any").unit == "CNY/year"
    assert check(parse("wage + cost"), environment(), expect="number").kind == "number"
    with pytest.raises(RuleError):
        check(parse("food"), environment(), expect="number")


# --- units -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "wage > line",
        "wage > land",
        "wage + land > 1",
        "wage - member_count > 1",
        "income_per_head > wage",
        "member_count > rooms",
        "wage between land and 1",
        "wage in (land, 1)",
        "if(food, wage, land) > 1",
        "wage * rate > line",
        "count(person) > share(person, insured)",
        "sum(person, pay) > line",
        "sum(person, pay) > sum(person, months)",
        "wage / cost > line",
        "wage > rooms * 1000",
    ],
)
def test_units_must_match(text: str) -> None:
    assert refused(text).code == "unit_mismatch"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("wage / member_count", "CNY/person/year"),
        ("wage / count(women)", "CNY/person/year"),
        ("wage / cost", ""),
        ("wage * land", "CNY*mu/year"),
        ("wage * wage", "CNY*CNY/year/year"),
        ("1 / land", "1/mu"),
        ("wage * 2 + 100", "CNY/year"),
        ("100 + wage", "CNY/year"),
        ("sum(person, pay)", "CNY/year"),
        ("max(person, age)", "year"),
        ("years(checked_on, day)", "year"),
        ("count(person)", "person"),
        ("share(person, insured)", ""),
        ("if(food, 0, wage)", "CNY/year"),
        ("-wage", "CNY/year"),
        ("wage * rate", "CNY/year"),
    ],
)
def test_units_of_results(text: str, unit: str) -> None:
    assert check(parse(text), environment(), expect="number").unit == unit


def test_a_declared_unit_must_be_that_of_the_expression() -> None:
    error = refused("x > 1", **fact("x", "wage / member_count", unit="CNY/year"))
    assert error.code == "unit_mismatch"
    assert error.found == "CNY/person/year"
    assert typed("x > line", **fact("x", "wage / member_count", unit="CNY/year/person")).kind == "boolean"
    assert refused("x", **fact("x", "food", unit="CNY")).code == "unit_mismatch"
    assert refused("x > 1", **fact("x", "wage", unit="")).code == "unit_mismatch"


def test_a_declared_unit_makes_a_written_number_a_quantity() -> None:
    more = fact("floor", "2000", unit="CNY/person/year")
    assert typed("income_per_head > floor", **more).kind == "boolean"
    assert refused("wage > floor", **more).code == "unit_mismatch"


def test_a_unit_must_be_readable() -> None:
    assert refused("x > 1", **fact("x", "wage", unit="元/年")).code == "bad_unit"
    names = replace(environment(), parameters={"line": Parameter("line", 1, 0, "CNY//person")})
    with pytest.raises(RuleError) as caught:
        check(parse("wage > line"), names)
    assert caught.value.code == "bad_unit"


# --- definitions -------------------------------------------------------------------------------------------------


def test_facts_in_a_circle_are_refused() -> None:
    more = fact("a", "b + 1") | fact("b", "c * 2") | fact("c", "a")
    error = refused("a > 1", **more)
    assert error.code == "cycle"
    assert error.found in {"a → b → c → a", "b → c → a → b", "c → a → b → c"}
    assert refused("a", **fact("a", "not a")).found == "a → a"


def test_a_refused_circle_leaves_other_facts_usable() -> None:
    names = environment(**fact("a", "a > 1"))
    for _ in range(2):
        with pytest.raises(RuleError) as caught:
            check(parse("a"), names)
        assert caught.value.code == "cycle"
    assert check(parse("income_per_head > line"), names).kind == "boolean"


@pytest.mark.parametrize("name", ["and", "day", "sum", "Wage", "收入", "a-b", "", "1a", "unknown"])
def test_names_that_cannot_be_written_are_refused(name: str) -> None:
    assert refused("food", **fact(name, "food")).code == "bad_name"


@pytest.mark.parametrize("name", ["wage", "member_count", "person", "line"])
def test_names_that_are_taken_are_refused(name: str) -> None:
    assert refused("food", **fact(name, "food")).code == "name_taken"


def test_parameters_and_groups_may_not_hide_facts() -> None:
    for change in (
        {"parameters": {"wage": Parameter("wage", 1)}},
        {"groups": {"wage": GroupDefinition("wage", "person", parse("insured"))}},
        {"groups": {"income": GroupDefinition("income", "person", parse("insured"))}, "facts": FACTS},
    ):
        names = Environment(CATALOGUE, "household", **change)  # type: ignore[arg-type]
        with pytest.raises(RuleError) as caught:
            check(parse("food"), names)
        assert caught.value.code == "name_taken"


def test_levels_must_exist() -> None:
    assert refused("food", **fact("x", "food", level="hous")).code == "unknown_level"
    assert refused("food", "town").code == "unknown_level"
    names = replace(environment(), groups={"g": GroupDefinition("g", "village", parse("poor_village"))})
    with pytest.raises(RuleError) as caught:
        check(parse("food"), names)
    assert caught.value.code == "unknown_level"


def test_unused_facts_and_groups_are_checked_by_build() -> None:
    names = environment("household", **fact("x", "paye > 1", level="person"))
    with pytest.raises(RuleError) as caught:
        build(names, {})
    assert caught.value.found == "paye"
    groups = GROUPS | {"g": GroupDefinition("g", "household", parse("nothing"))}
    with pytest.raises(RuleError):
        build(replace(environment(), groups=groups), {})


def test_a_fact_without_expression_is_a_stored_fact_with_absent() -> None:
    origin = Origin("s.toml", 3, 1)
    nothing = FactDefinition("employee", "person", None, origin=origin)
    error = refused("every(person, employee)", employee=nothing)
    assert (error.code, error.file, error.line) == ("no_expression", "s.toml", 3)
    assert refused("x", x=FactDefinition("x", "household", None, absent=False)).code == "no_expression"


@pytest.mark.parametrize(
    ("column", "level", "absent"),
    [
        ("employee", "person", 0),
        ("employee", "person", "no"),
        ("sex", "person", "x"),
        ("sex", "person", False),
        ("pay", "person", False),
        ("pay", "person", 10**15 + 1),
        ("birth_date", "person", "2018-01-01"),
        ("remark", "household", 1),
    ],
)
def test_absent_must_be_a_value_of_the_column(column: str, level: str, absent: Any) -> None:
    definition = FactDefinition(column, level, None, absent=absent)
    with pytest.raises(RuleError) as caught:
        build(environment("household", **{column: definition}), {})
    assert caught.value.code == "wrong_absent"


@pytest.mark.parametrize("text", ["insured or employee", "not employee", "covered", "true", "employee_insurance"])
def test_absent_needs_a_bare_column(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        build(environment("household", **fact("x", text, level="person", absent=False)), {})
    assert caught.value.code == "absent_needs_column"


def test_a_derived_fact_of_the_catalogue_is_checked_too() -> None:
    title = Title("x", "x")
    bad = Catalogue(CATALOGUE.levels, CATALOGUE.tables, (), (Derived("late", "household", "checked_on > wage", title),))
    with pytest.raises(RuleError) as caught:
        check(parse("late"), Environment(bad, "household"))
    assert caught.value.code == "wrong_type"
    assert "derived fact late" in caught.value.en


# --- sizes -------------------------------------------------------------------------------------------------------


def test_expressions_that_could_leave_127_bits_are_refused() -> None:
    names = environment()
    for text in (
        "wage * wage * wage > 0",
        "sum(person, pay * pay) * 1000000 > 0",
        "wage * wage / land / land > wage * wage / land / land",
    ):
        one = check(parse(text), names)
        with pytest.raises(RuleError) as caught:
            build(environment(), {"x": one})
        assert caught.value.code == "too_large"


def test_a_huge_literal_or_parameter_is_refused() -> None:
    one = check(parse("wage > " + "9" * 60), environment())
    with pytest.raises(RuleError) as caught:
        build(environment(), {"x": one})
    assert caught.value.code == "too_large"
    names = replace(environment(), parameters=PARAMETERS | {"line": Parameter("line", 10**40, 0, "CNY/person/year")})
    with pytest.raises(RuleError):
        build(names, {"x": check(parse("income_per_head > line"), names)})


def test_sums_of_quotients_are_refused() -> None:
    one = check(parse("sum(household, income_per_head) > 1"), environment("village"))
    with pytest.raises(RuleError) as caught:
        build(environment("village"), {"x": one})
    assert caught.value.code == "quotient_in_group"


# --- what the check tells ----------------------------------------------------------------------------------------


def test_a_typed_expression_tells_what_it_rests_on() -> None:
    one = typed("income_per_head > open_line or some(school_age, covered)")
    assert one.names == ("income_per_head", "open_line", "school_age", "covered")
    assert one.parameters == {"open_line"}
    assert one.open_parameters == {"open_line"}
    assert ("household", "wage") in one.facts
    assert ("person", "birth_date") in one.facts
    assert ("person", "employee") in one.facts
    assert typed("income_per_head > line").open_parameters == frozenset()


def test_open_parameters_are_found_behind_facts_and_groups() -> None:
    assert typed("low", **fact("low", "income_per_head < open_line")).open_parameters == {"open_line"}
    groups = {"low": GroupDefinition("low", "household", parse("income_per_head < open_line"))}
    names = replace(environment("village"), groups=groups, facts={k: FACTS[k] for k in ("income_per_head",)})
    assert check(parse("count(low) == 0"), names).open_parameters == {"open_line"}


def test_dates_compare() -> None:
    assert typed("checked_on <= day and checked_on >= date('2018-01-01')").kind == "boolean"
    assert typed("max(person, birth_date) < day").kind == "boolean"
