"""A small catalogue of three levels, and an environment over it: what the tests of the rule language speak of."""

from __future__ import annotations

import datetime

from tuopin.core.language import Environment, FactDefinition, GroupDefinition, Parameter, Program, build, check, parse
from tuopin.core.language.catalogue import Catalogue, Derived, Fact, FactTable, Level, Title

DAY = datetime.date(2018, 12, 1)


def _title(zh: str) -> Title:
    return Title(zh, zh)


def _fact(name: str, kind: str, zh: str = "", **more: object) -> Fact:
    return Fact(name, kind, _title(zh or name), **more)  # type: ignore[arg-type]  # kinds are the catalogue's own words


REGISTRATION = tuple((one, _title(one)) for one in ("none", "registered", "exited", "returned"))
CATEGORY = (("ordinary", _title("一般贫困户")), ("low_income", _title("低保贫困户")))

PERSON = (
    _fact("birth_date", "date", "出生日期"),
    _fact("sex", "code", codes=(("male", _title("男")), ("female", _title("女")))),
    _fact("in_class", "boolean"),
    _fact("insured", "boolean"),
    _fact("employee", "boolean"),
    _fact("pay", "money", unit="CNY/year"),
    _fact("months", "integer", unit="month"),
)
HOUSEHOLD = (
    _fact("wage", "money", "工资性收入", unit="CNY/year"),
    _fact("cost", "money", unit="CNY/year"),
    _fact("land", "decimal", unit="mu", scale=2),
    _fact("rooms", "integer"),
    _fact("food", "boolean"),
    _fact("dangerous", "boolean"),
    _fact("registration", "code", "脱贫属性", codes=REGISTRATION),
    _fact("category", "code", "贫困户属性", codes=CATEGORY),
    _fact("checked_on", "date"),
    _fact("remark", "text"),
)
VILLAGE = (
    _fact("population", "integer", unit="person"),
    _fact("poor_village", "boolean"),
    _fact("collective", "money", unit="CNY/year"),
)

CATALOGUE = Catalogue(
    levels=(
        Level("person", _title("人"), "person", "id", "code", parent="household"),
        Level("household", _title("户"), "household", "id", "code", parent="village"),
        Level("village", _title("村"), "village", "id", "code"),
    ),
    tables=(
        FactTable("person_facts", "person", "t", "s", PERSON),
        FactTable("household_facts", "household", "t", "s", HOUSEHOLD),
        FactTable("village_facts", "village", "t", "s", VILLAGE),
    ),
    derived=(
        Derived("member_count", "household", "count(person)", _title("家庭人口"), "person"),
        Derived("age", "person", "years(birth_date, day)", _title("周岁"), "year"),
    ),
)

PARAMETERS = {
    "line": Parameter("line", 299500, 2, "CNY/person/year"),
    "rate": Parameter("rate", 2, 2),
    "open_line": Parameter("open_line", None, 2, "CNY/person/year"),
}

FACTS = {
    "income": FactDefinition("income", "household", parse("wage - cost"), "CNY/year"),
    "income_per_head": FactDefinition(
        "income_per_head", "household", parse("(wage - cost) / member_count"), "CNY/person/year"
    ),
    "pupils": FactDefinition("pupils", "household", parse("count(school_age)")),
    "employee_insurance": FactDefinition("employee_insurance", "person", parse("employee"), absent=False),
    "covered": FactDefinition("covered", "person", parse("insured or employee_insurance")),
    "adult": FactDefinition("adult", "person", parse("age >= 16")),
    "unexited": FactDefinition("unexited", "village", parse("sum(unexited_households, member_count)"), "person"),
    "incidence": FactDefinition("incidence", "village", parse("unexited / population"), ""),
}

GROUPS = {
    "school_age": GroupDefinition("school_age", "person", parse("age between 6 and 15")),
    "women": GroupDefinition("women", "person", parse("sex == 'female'")),
    "unexited_households": GroupDefinition(
        "unexited_households", "household", parse("registration in ('registered', 'returned')")
    ),
    "poor": GroupDefinition("poor", "household", parse("income_per_head <= line")),
}


def environment(level: str = "household", **more: FactDefinition) -> Environment:
    """The sample environment at a level, with more facts."""
    return Environment(CATALOGUE, level, PARAMETERS, FACTS | more, GROUPS)


def program(level: str = "household", **outputs: str) -> Program:
    """A program of outputs given as text."""
    names = environment(level)
    return build(names, {key: check(parse(text), names, expect="any") for key, text in outputs.items()})
