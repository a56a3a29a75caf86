"""One condition for one subject, in both evaluators at once."""

from __future__ import annotations

import functools
from typing import Any

import duckdb

from core.language.relations import fill
from core.language.sample import DAY, program
from tuopin.core.language import compile_python, write_sql


def household(*persons: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A household as the interpreter takes it."""
    return {"person": list(persons), **facts}


@functools.cache
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def both(text: str, subject: dict[str, Any], level: str = "household") -> Any:
    """The value of a condition on a household or village; fails if interpreter and SQL differ."""
    made = program(level, x=text)
    value = compile_python(made, DAY)(subject).verdict("x")
    fill(_connection(), [subject] if level == "village" else [{"household": [subject]}])
    rows = _connection().execute(write_sql(made, DAY).text).fetchall()
    assert len(rows) == 1
    assert rows[0][2] is value, text
    return value
