"""No verdict rests on a rounded number: amounts on the line, signs of divisors, zero, huge amounts."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from core.language.both import both, household
from core.language.sample import DAY, PARAMETERS, environment, program
from tuopin.core.language import (
    Environment,
    Exact,
    FactDefinition,
    Parameter,
    build,
    check,
    compile_python,
    parse,
    write_sql,
)
from tuopin.core.language.operations_python import completed_years


@pytest.mark.parametrize("members", range(1, 12))
def test_exactly_on_the_line_is_not_above_it(members: int) -> None:
    persons = [{}] * members
    on_the_line = 299500 * members
    assert both("income_per_head > line", household(*persons, wage=on_the_line, cost=0)) is False
    assert both("income_per_head >= line", household(*persons, wage=on_the_line, cost=0)) is True
    assert both("income_per_head == line", household(*persons, wage=on_the_line, cost=0)) is True
    assert both("income_per_head > line", household(*persons, wage=on_the_line + 1, cost=0)) is True
    assert both("income_per_head >= line", household(*persons, wage=on_the_line - 1, cost=0)) is False


def test_a_cent_among_seven_persons_counts() -> None:
    subject = household(*[{}] * 7, wage=299500 * 7 + 1, cost=0)
    assert both("income_per_head > line", subject) is True
    value = compile_python(program(x="income_per_head"), DAY)(subject).value("x")
    assert isinstance(value, Exact)
    assert value.text(2) == "2995.00"


def test_decimals_that_binary_floats_get_wrong() -> None:
    assert both("0.1 + 0.2 == 0.3", household()) is True
    assert both("wage * 3 == 0.3", household(wage=10)) is True
    assert both("1.1 * 1.1 == 1.21", household()) is True
    assert both("1 / 3 * 3 == 1", household()) is True
    assert both("land / 3 == 0.01", household(land=3)) is True


@pytest.mark.parametrize(("wage", "cost"), [(1, 3), (-1, 3), (1, -3), (-1, -3), (0, 5), (0, -5)])
def test_the_sign_of_a_divisor(wage: int, cost: int) -> None:
    subject = household(wage=wage, cost=cost)
    assert both("wage / cost > 0", subject) is (wage * cost > 0)
    assert both("wage / cost < 0", subject) is (wage * cost < 0)
    assert both("1 / (wage / cost) > 0", subject) is (None if wage == 0 else wage * cost > 0)
    assert both("0 < wage / cost", subject) is (wage * cost > 0)
    assert both("wage / cost / cost >= 0", subject) is (wage >= 0)
    assert both("wage / -2 >= 0", subject) is (wage <= 0)


def test_a_difference_of_counts_may_be_negative() -> None:
    persons = [{"sex": "female"}, {"sex": "female"}, {"sex": "male"}]
    assert both("1 / (2 - member_count) < 0", household(*persons)) is True
    assert both("wage / (count(women) - member_count) < 0", household(*persons, wage=5)) is True
    assert both("wage / -member_count > 0", household(*persons, wage=5)) is False


def test_division_by_zero_is_unknown() -> None:
    assert both("wage / cost > 1", household(wage=5, cost=0)) is None
    assert both("wage / cost > 1", household(wage=0, cost=0)) is None
    assert both("wage / 0 > 1", household(wage=5)) is None
    assert both("1 / 0 == 1 / 0", household()) is None
    assert both("wage / (cost - cost) > 1", household(wage=5, cost=7)) is None
    assert both("income_per_head > line", household(wage=500000, cost=0)) is None  # nobody in it


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (10**15, True),
        (10**15 + 1, None),
        (-(10**15), False),
        (-(10**15) - 1, None),
        (2**63 - 1, None),
        (-(2**63), None),
    ],
)
def test_amounts_beyond_the_bound_are_unknown(amount: int, expected: bool | None) -> None:
    assert both("wage > 0", household(wage=amount)) is expected


def test_the_largest_amounts_are_exact() -> None:
    subject = household({}, {}, {}, wage=10**15, cost=10**15 - 1)
    assert both("wage * wage > cost * cost", subject) is True
    assert both("wage * cost / wage == cost", subject) is True
    assert both("wage / member_count > cost / member_count", subject) is True
    assert both("wage * wage - cost * cost == (wage + cost) * (wage - cost)", subject) is True
    many = household(*[{"pay": 10**15}] * 50, wage=10**15)
    assert both("sum(person, pay) / count(person) == 10000000000000", many) is True
    assert both("sum(person, pay * 1000) > wage * 1000", many) is True


def test_a_parameter_of_any_scale() -> None:
    names = environment()
    for value, scale in ((2995, 0), (29950, 1), (299500, 2), (2995000000, 6)):
        line = Parameter("line", value, scale, "CNY/person/year")
        names = Environment(names.catalogue, "household", PARAMETERS | {"line": line}, names.facts, names.groups)
        one = compile_python(build(names, {"x": check(parse("income_per_head == line"), names)}), DAY)
        assert one(household({}, {}, wage=599000, cost=0)).verdict("x") is True


def test_an_open_parameter_is_unknown() -> None:
    assert both("income_per_head > open_line", household({}, wage=1, cost=0)) is None


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Exact(2994995, 1000), 2, "2995.00"),
        (Exact(29949949, 10000), 2, "2994.99"),
        (Exact(-1, 200), 2, "-0.01"),
        (Exact(-1, 201), 2, "0.00"),
        (Exact(1, 3), 6, "0.333333"),
        (Exact(2, 3), 0, "1"),
        (Exact(0, 7), 2, "0.00"),
        (Exact(5, 10), 0, "1"),
        (Exact(123456789012345678901234567890, 100), 2, "1234567890123456789012345678.90"),
    ],
)
def test_text_is_rounded_half_up(value: Exact, places: int, text: str) -> None:
    assert value.text(places) == text


@pytest.mark.parametrize(
    ("birth", "day", "years"),
    [
        ("2012-12-01", "2018-12-01", 6),
        ("2012-12-02", "2018-12-01", 5),
        ("2002-12-02", "2018-12-01", 15),
        ("2002-12-01", "2018-12-01", 16),
        ("2012-02-29", "2018-02-28", 5),
        ("2012-02-29", "2018-03-01", 6),
        ("2012-02-29", "2016-02-28", 3),
        ("2012-02-29", "2016-02-29", 4),
        ("2018-12-01", "2018-12-01", 0),
        ("2018-12-02", "2018-12-01", -1),
        ("1900-01-01", "2018-12-31", 118),
    ],
)
def test_completed_years(birth: str, day: str, years: int) -> None:
    start, end = datetime.date.fromisoformat(birth), datetime.date.fromisoformat(day)
    assert completed_years(start, end) == years
    text = f"years(date('{birth}'), date('{day}')) == {years}"
    assert both(text, household()) is True
    subject = household({"birth_date": start})
    made = compile_python(program(x="max(person, age)"), end)(subject)
    assert made.value("x") == Exact(years, 1)


@pytest.mark.parametrize("birth", ["2012-02-28", "2012-02-29", "2012-03-01", "2012-11-30", "2012-12-01", "2012-12-02"])
@pytest.mark.parametrize("day", ["2016-02-28", "2016-02-29", "2018-02-28", "2018-03-01", "2018-12-01"])
@pytest.mark.parametrize("sign", ["<", "<=", "==", "!=", ">=", ">"])
def test_an_age_against_a_limit_is_judged_by_dates_as_by_years(birth: str, day: str, sign: str) -> None:
    """Such a comparison is carried out as one of dates; the other way round it is one of years."""
    end, subject = datetime.date.fromisoformat(day), {"birth_date": datetime.date.fromisoformat(birth)}
    mirrored = sign.translate(str.maketrans("<>", "><"))
    for years in range(7):
        made = program("person", x=f"age {sign} {years}", y=f"{years} {mirrored} age")
        assert " <= DATE '" in write_sql(program("person", x=f"age {sign} {years}"), end).text
        judged = compile_python(made, end)(subject)
        assert judged.verdict("x") is judged.verdict("y")
        assert compile_python(made, end)({"birth_date": None}).verdict("x") is None
        if end == DAY:
            assert both(f"every(person, age {sign} {years})", household(subject)) is judged.verdict("y")
    assert compile_python(program("person", x="age < 300"), end)(subject).verdict("x") is True


@pytest.mark.parametrize(
    ("start", "end", "months", "days"),
    [
        ("2018-11-01", "2018-12-01", 1, 30),
        ("2018-11-02", "2018-12-01", 0, 29),
        ("2018-01-31", "2018-02-28", 0, 28),
        ("2018-01-31", "2018-03-01", 1, 29),
        ("2017-12-01", "2018-12-01", 12, 365),
        ("2018-12-02", "2018-12-01", -1, -1),
        ("2018-12-01", "2018-12-01", 0, 0),
    ],
)
def test_months_and_days_between(start: str, end: str, months: int, days: int) -> None:
    between = f"(date('{start}'), date('{end}'))"
    assert both(f"months_between{between} == {months} and days_between{between} == {days}", household()) is True


def test_six_and_fifteen_are_school_age() -> None:
    for birth, expected in (("2012-12-01", True), ("2012-12-02", False), ("2002-12-02", True), ("2002-12-01", False)):
        subject = household({"birth_date": datetime.date.fromisoformat(birth)})
        assert both("some(school_age)", subject) is expected


def test_the_query_has_no_float_and_no_division() -> None:
    text = write_sql(
        program(x="wage / cost > 0.5", y="share(person, insured) > 0.333", z="income_per_head > line"), DAY
    ).text
    for word in ("DOUBLE", "FLOAT", "DECIMAL", "/"):
        assert word not in text.upper().replace("//", "")


def test_texts_are_quoted() -> None:
    more = {"odd": FactDefinition("odd", "household", parse("""remark == "it's; DROP TABLE household --" """))}
    names = environment("household", **more)
    made = build(names, {"x": check(parse("odd"), names)})
    subject: dict[str, Any] = household(remark="it's; DROP TABLE household --")
    assert compile_python(made, DAY)(subject).verdict("x") is True
    assert "'it''s; DROP TABLE household --'" in write_sql(made, DAY).text
