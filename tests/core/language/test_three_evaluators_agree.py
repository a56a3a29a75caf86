"""Interpreter, SQL and a plain oracle give the same values on generated expressions and generated registers.

The examples are the same in every run; ``TUOPIN_LANGUAGE_EXAMPLES=5000`` explores new ones.
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.language.generated import NUMBERS, REGISTER, number, truth
from core.language.oracle import Oracle
from core.language.relations import fill
from core.language.sample import DAY, environment
from tuopin.core.language import (
    Exact,
    Interval,
    Query,
    RuleError,
    Typed,
    build,
    check,
    compile_python,
    parse,
    write_sql,
)

EXAMPLES = int(os.environ.get("TUOPIN_LANGUAGE_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 120,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def plain(value: Any) -> Any:
    """Values of the interpreter and of SQL as the oracle writes them."""
    match value:
        case Exact():
            return Fraction(value.numerator, value.denominator)
        case Interval():
            low, high = plain(value.low), plain(value.high)
            return low if low == high else (low, high)
        case _:
            return value


def read(query: Query, key: str, row: dict[str, Any]) -> Any:
    column = query.outputs[key]
    values = [row[name] for name in column.columns]
    match column.shape:
        case "plain":
            return values[0]
        case "number":
            return None if None in values else Fraction(values[0], values[1] * column.scale)
        case _:
            if None in values:
                return None
            low, high = (Fraction(a, b * column.scale) for a, b in (values[:2], values[2:]))
            return low if low == high else (low, high)


@st.composite
def outputs(draw: st.DrawFn, level: str) -> dict[str, str]:
    texts = draw(st.lists(truth(level, 3), min_size=3, max_size=6))
    for unit in sorted(NUMBERS[level]):
        texts.append(draw(number(level, unit, 2)))
    return {f"o{index}": text for index, text in enumerate(texts)}


def check_and_build(text: str, level: str) -> Typed | None:
    """None for the few texts the generator cannot keep legal, as a literal times a number has no unit to take."""
    names = environment(level)
    refusals = set()
    try:
        one = check(parse(text), names, expect="any")
        build(names, {"x": one})
    except RuleError as error:
        refusals.add(error.code)
    assert refusals <= {"too_large", "quotient_in_group", "unit_mismatch"}, text
    return None if refusals else one


@pytest.mark.parametrize("level", ["household", "village", "person"])
@PROFILE
@given(data=st.data())
def test_values_are_equal(connection: duckdb.DuckDBPyConnection, level: str, data: st.DataObject) -> None:
    names = environment(level)
    typed = {}
    for key, text in data.draw(outputs(level), label="outputs").items():
        one = check_and_build(text, level)
        if one is not None:
            typed[key] = one
    program = build(names, typed)
    query, interpreter, oracle = write_sql(program, DAY), compile_python(program, DAY), Oracle(names, DAY)
    subjects = fill(connection, data.draw(REGISTER, label="register"))[level]
    cursor = connection.execute(query.text)
    columns = [one[0] for one in cursor.description or ()]
    rows = {row[0]: dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
    assert sorted(rows) == list(range(len(subjects)))
    for identity, subject in enumerate(subjects):
        result = interpreter(subject)
        for key, one in typed.items():
            text = one.expression.text
            expected = oracle.value(one.expression.root, level, subject)
            assert plain(result.value(key)) == expected, f"interpreter: {text} of {subject}"
            assert read(query, key, rows[identity]) == expected, f"SQL: {text} of {subject}"
