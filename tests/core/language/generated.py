"""Hypothesis strategies: well-typed expressions as text, and registers of villages, households and persons."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

NUMBERS = {  # level → unit → names; "~" stands for names that are quotients or intervals
    "person": {
        "CNY/year": ["pay"],
        "month": ["months", "months_between(birth_date, day)"],
        "year": ["age", "years(birth_date, date('2016-02-29'))"],
    },
    "household": {
        "day": ["days_between(checked_on, day)", "days_between(date('2016-02-29'), checked_on)"],
        "CNY/year": ["wage", "cost", "income"],
        "mu": ["land"],
        "": ["rooms"],
        "person": ["member_count", "count(person)", "pupils", "count(women)"],
        "CNY/person/year": ["income_per_head", "line", "open_line"],
    },
    "village": {
        "CNY/year": ["collective"],
        "person": ["population", "unexited"],
        "household": ["count(household)", "count(poor)", "count(unexited_households)"],
        "": ["incidence", "rate"],
    },
}
FLAT = {
    "person": {"CNY/year": ["pay"], "month": ["months"], "year": ["age"]},
    "household": {"CNY/year": ["wage", "income"], "mu": ["land"], "person": ["member_count", "pupils"]},
}
TRUTHS = {
    "person": ["in_class", "insured", "employee", "employee_insurance", "covered", "adult"],
    "household": ["food", "dangerous"],
    "village": ["poor_village"],
}
CODES = {
    "person": {"sex": ["male", "female"]},
    "household": {"registration": ["none", "registered", "exited", "returned"], "category": ["ordinary", "low_income"]},
    "village": {},
}
DATES = {"person": ["birth_date", "day"], "household": ["checked_on", "day"], "village": ["day"]}
BELOW = {"household": "person", "village": "household"}
GROUPS = {"household": ["person", "school_age", "women"], "village": ["household", "unexited_households", "poor"]}
LITERALS = ["0", "1", "2", "6", "15", "16", "0.5", "2995", "2995.00", "0.02", "-1", "3.333"]
SIGNS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


@st.composite
def number(draw: DrawFn, level: str, unit: str, depth: int) -> str:
    """A number of a unit."""
    names = NUMBERS[level].get(unit, [])
    shapes = ["literal", *(["name"] * 3 if names else [])]
    if depth > 0:
        shapes += ["+", "-", "scaled", "if", "negative"]
        shapes += ["aggregate"] * 2 if level in BELOW and unit in FLAT[BELOW[level]] else []
        shapes += ["ratio", "share"] if unit == "" else []
        shapes += ["per_head"] if unit == "CNY/person/year" and level == "household" else []
    less = depth - 1
    match draw(st.sampled_from(shapes)):
        case "name":
            return draw(st.sampled_from(names))
        case "literal":
            return draw(st.sampled_from(LITERALS))
        case "+" | "-" as sign:
            return f"({draw(number(level, unit, less))} {sign} {draw(number(level, unit, less))})"
        case "negative":
            return f"-({draw(number(level, unit, less))})"
        case "scaled":
            sign = draw(st.sampled_from(["*", "/"]))
            return f"({draw(number(level, unit, less))} {sign} {draw(number(level, '', min(less, 1)))})"
        case "if":
            yes, no = draw(number(level, unit, less)), draw(number(level, unit, less))
            return f"if({draw(truth(level, less))}, {yes}, {no})"
        case "aggregate":
            function, group = draw(st.sampled_from(["sum", "min", "max"])), draw(st.sampled_from(GROUPS[level]))
            inner = draw(st.sampled_from(FLAT[BELOW[level]][unit]))
            condition = draw(truth(BELOW[level], 0))
            argument = draw(st.sampled_from([inner, f"({inner} * 2 - 0.5)", f"if({condition}, {inner}, 0)"]))
            return f"{function}({group}, {argument})"
        case "ratio":
            other = draw(st.sampled_from(sorted(NUMBERS[level])))
            return f"({draw(number(level, other, less))} / ({draw(number(level, other, less))} + 0))"
        case "share" if level in BELOW:
            return f"share({draw(st.sampled_from(GROUPS[level]))}, {draw(truth(BELOW[level], less))})"
        case "per_head":
            return (
                f"(({draw(number(level, 'CNY/year', less))} + 0) / {draw(st.sampled_from(['member_count', 'pupils']))})"
            )
    return draw(st.sampled_from(LITERALS))


@st.composite
def truth(draw: DrawFn, level: str, depth: int) -> str:  # noqa: C901 - one flat case per shape
    """A condition."""
    shapes = ["name", "name", "code"] if CODES[level] else ["name", "name", "date"]
    if depth > 0:
        shapes += ["compare"] * 4 + ["between", "and", "or", "not", "known", "if", "date", "in", "unknown"]
        shapes += ["every", "some", "share", "count"] if level in BELOW else []
    less = depth - 1
    match draw(st.sampled_from(shapes)):
        case "code":
            name = draw(st.sampled_from(sorted(CODES[level])))
            return f"{name} {draw(st.sampled_from(['==', '!=']))} '{draw(st.sampled_from(CODES[level][name]))}'"
        case "date":
            one, other = (
                draw(st.sampled_from(DATES[level])),
                draw(st.sampled_from([*DATES[level], "date('2003-12-01')"])),
            )
            return f"{one} {draw(SIGNS)} {other}"
        case "compare":
            unit = draw(st.sampled_from(sorted(NUMBERS[level])))
            return f"{draw(number(level, unit, less))} {draw(SIGNS)} {draw(number(level, unit, less))}"
        case "between":
            unit = draw(st.sampled_from(sorted(NUMBERS[level])))
            low, high = draw(number(level, unit, 0)), draw(number(level, unit, 0))
            return f"{draw(number(level, unit, less))} between {low} and {high}"
        case "and" | "or" as word:
            return "(" + f" {word} ".join(draw(st.lists(truth(level, less), min_size=2, max_size=3))) + ")"
        case "not":
            return f"not ({draw(truth(level, less))})"
        case "known":
            unit = draw(st.sampled_from(sorted(NUMBERS[level])))
            return f"known({draw(st.one_of(number(level, unit, less), truth(level, less)))})"
        case "if":
            return f"if({draw(truth(level, less))}, {draw(truth(level, less))}, {draw(truth(level, less))})"
        case "in":
            unit = draw(st.sampled_from(sorted(NUMBERS[level])))
            choices = ", ".join(draw(st.lists(number(level, unit, 0), min_size=1, max_size=3)))
            return f"({draw(number(level, unit, less))} in ({choices}))"
        case "unknown":
            return "unknown"
        case "every" | "some" as function:
            return f"{function}({draw(st.sampled_from(GROUPS[level]))}, {draw(truth(BELOW[level], less))})"
        case "share":
            group = draw(st.sampled_from(GROUPS[level]))
            limit = draw(st.sampled_from(["0.5", "1", "0", "0.02"]))
            return f"share({group}, {draw(truth(BELOW[level], less))}) {draw(SIGNS)} {limit}"
        case "count":
            one, other = draw(st.sampled_from(GROUPS[level])), draw(st.sampled_from(GROUPS[level]))
            right = draw(st.sampled_from(["0", "1", "2", f"count({other})"]))
            return f"count({one}) {draw(SIGNS)} {right}"
    return draw(st.sampled_from(TRUTHS[level]))


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[strategy] * 5, st.none())


MONEY = st.one_of(
    st.sampled_from([0, 1, -1, 299500, 599000, 898500, 10**15, 10**15 + 1, -(10**15), 2**63 - 1]),
    st.integers(0, 2_000_000),
)
SMALL = st.one_of(st.integers(-1, 4), st.sampled_from([10**10, 10**10 + 1, -(10**10)]))
BIRTHS = st.one_of(
    st.sampled_from([datetime.date(2012, 12, 1), datetime.date(2012, 12, 2), datetime.date(2002, 12, 1)]),
    st.sampled_from([datetime.date(2002, 12, 2), datetime.date(2012, 2, 29), datetime.date(2018, 12, 2)]),
    st.dates(datetime.date(1930, 1, 1), datetime.date(2019, 6, 1)),
)
FLAG = _maybe(st.booleans())

PERSON = st.fixed_dictionaries(
    {
        "birth_date": _maybe(BIRTHS),
        "sex": _maybe(st.sampled_from(["male", "female"])),
        "in_class": FLAG,
        "insured": FLAG,
        "pay": _maybe(MONEY),
        "months": _maybe(SMALL),
    },
    optional={"employee": FLAG},
)


def _codes(name: str) -> st.SearchStrategy[Any]:
    return _maybe(st.sampled_from(CODES["household"][name]))


HOUSEHOLD = st.fixed_dictionaries(
    {
        "wage": _maybe(MONEY),
        "cost": _maybe(MONEY),
        "land": _maybe(st.one_of(st.integers(0, 1000), st.sampled_from([10**12, 10**12 + 1]))),
        "rooms": _maybe(SMALL),
        "food": FLAG,
        "dangerous": FLAG,
        "registration": _codes("registration"),
        "category": _codes("category"),
        "checked_on": _maybe(st.dates(datetime.date(2017, 1, 1), datetime.date(2019, 1, 1))),
        "person": st.lists(PERSON, max_size=4),
    }
)
VILLAGE = st.fixed_dictionaries(
    {
        "population": _maybe(st.one_of(st.integers(0, 200), st.just(10**10))),
        "poor_village": FLAG,
        "collective": _maybe(MONEY),
        "household": st.lists(HOUSEHOLD, max_size=3),
    }
)
REGISTER = st.lists(VILLAGE, min_size=1, max_size=3)
