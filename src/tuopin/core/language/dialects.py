"""What differs between the engines' SQL. Everything else that the writers write, both understand alike.

Spark is asked for its ANSI mode with double-quoted names (:mod:`tuopin.core.engine_spark` sets both): an overflow or a
wrong cast is an error there as in DuckDB, never a silent NULL. Neither engine is ever asked to divide.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """``wide`` holds 38 digits, ``small`` a verdict's code. The others are patterns for their operands."""

    wide: str
    small: str
    sign: str
    days: str
    total: str
    """The exact sum of BIGINT values: of fen over a nation it may leave 64 bits."""

    backslash_escapes: bool = False

    def text(self, value: str) -> str:
        """A quoted text."""
        escaped = (
            value.replace("\\", "\\\\").replace("'", "\\'") if self.backslash_escapes else value.replace("'", "''")
        )
        return f"'{escaped}'"


DUCKDB = Dialect(
    wide="HUGEINT", small="UTINYINT", sign="sign({0})", days="CAST(({1}) - ({0}) AS BIGINT)", total="sum({0})"
)
SPARK = Dialect(
    wide="DECIMAL(38, 0)",
    small="TINYINT",
    sign="CAST(sign({0}) AS BIGINT)",  # of a BIGINT it is a binary float there, of which -1, 0 and 1 are exact
    days="CAST(datediff({1}, {0}) AS BIGINT)",
    total="sum(CAST({0} AS DECIMAL(38, 0)))",
    backslash_escapes=True,
)
DIALECTS = {"duckdb": DUCKDB, "spark": SPARK}
