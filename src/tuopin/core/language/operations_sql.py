"""Elementary operations as SQL expressions."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from tuopin.core.language.dialects import DUCKDB
from tuopin.core.language.plan import (
    And,
    Choose,
    Column,
    Compare,
    Constant,
    Day,
    Elapsed,
    Known,
    Magnitude,
    NonZero,
    Not,
    Or,
    Product,
    Reached,
    Sign,
    Sum,
    bound,
)

if TYPE_CHECKING:
    from tuopin.core.language.dialects import Dialect
    from tuopin.core.language.plan import ColumnKind, Operation

BIGINT = 2**63 - 1
_TYPES: dict[ColumnKind, str] = {"boolean": "BOOLEAN", "integer": "BIGINT", "text": "STRING", "date": "DATE"}


class OperationWriter:
    """Writes operations over columns named ``names`` (by index), for a day."""

    def __init__(self, names: list[str], day: datetime.date | None = None, dialect: Dialect = DUCKDB) -> None:
        self.names = names
        self.day = day
        self.dialect = dialect

    def write(self, operation: Operation) -> str:  # noqa: C901 - one flat case per operation
        """An SQL expression that may stand anywhere."""
        match operation:
            case Column():
                return self.names[operation.index]
            case Constant():
                return literal(operation.value, self.dialect)
            case Day():
                return literal(self.day)
            case Sum():
                return self._sum(operation)
            case Product():
                return f"({self._wide(operation.left, operation.bound)} * {self.write(operation.right)})"
            case Sign():
                return self.dialect.sign.format(self.write(operation.operand))
            case Magnitude():
                return f"abs({self.write(operation.operand)})"
            case NonZero():
                return f"nullif({self.write(operation.operand)}, 0)"
            case Compare():
                sql = "=" if operation.operator == "==" else "<>" if operation.operator == "!=" else operation.operator
                return f"({self.write(operation.left)} {sql} {self.write(operation.right)})"
            case And():
                return f"({' AND '.join(self.write(one) for one in operation.operands)})"
            case Or():
                return f"({' OR '.join(self.write(one) for one in operation.operands)})"
            case Not():
                return f"(NOT {self.write(operation.operand)})"
            case Known():
                return f"({' AND '.join(f'{self.write(one)} IS NOT NULL' for one in operation.operands)})"
            case Choose():
                condition = self.typed(operation.condition, "boolean")
                yes, no = self.write(operation.yes), self.write(operation.no)
                if _is_certain(operation.condition):
                    return f"CASE WHEN {condition} THEN {yes} ELSE {no} END"
                return f"CASE WHEN {condition} THEN {yes} WHEN NOT {condition} THEN {no} END"
            case Elapsed():
                return self._elapsed(operation)
            case Reached():
                latest = None if self.day is None else operation.latest(self.day)
                return f"({self.write(operation.start)} <= {literal(latest)})"

    def typed(self, operation: Operation, kind: ColumnKind) -> str:
        """The expression, a bare NULL with its type: without one Spark takes it for no condition and stores nothing."""
        sql = self.write(operation)
        return f"CAST({sql} AS {_TYPES[kind]})" if _is_untyped(operation) else sql

    def _sum(self, operation: Sum) -> str:
        terms = []
        for factor, one in operation.terms:
            wide = self._wide(one, operation.bound)
            terms.append(wide if factor == 1 else f"{wide} * {literal(factor, self.dialect)}")
        return f"({' + '.join(terms)})"

    def _wide(self, operation: Operation, result: int) -> str:
        """The operand, widened if the result may need it: an operation is carried out in its operands' type."""
        sql = self.write(operation)
        return sql if result <= BIGINT and bound(operation) <= BIGINT else f"CAST({sql} AS {self.dialect.wide})"

    def _elapsed(self, operation: Elapsed) -> str:
        start, end = self.write(operation.start), self.write(operation.end)
        match operation.unit:
            case "day":
                return self.dialect.days.format(start, end)
            case "month":
                late = f"day({end}) < day({start})"
                whole = f"(year({end}) - year({start})) * 12 + month({end}) - month({start})"
            case "year":
                late = f"month({end}) * 32 + day({end}) < month({start}) * 32 + day({start})"
                whole = f"year({end}) - year({start})"
        return f"CAST({whole} - CASE WHEN {late} THEN 1 ELSE 0 END AS BIGINT)"


def _is_untyped(operation: Operation) -> bool:
    """Whether nothing in an expression tells its type."""
    match operation:
        case Constant(None):
            return True
        case Choose():
            return _is_untyped(operation.yes) and _is_untyped(operation.no)
        case _:
            return False


def _is_certain(condition: Operation) -> bool:
    """Whether a condition is never unknown."""
    match condition:
        case Known():
            return True
        case Not():
            return _is_certain(condition.operand)
        case And() | Or():
            return all(_is_certain(one) for one in condition.operands)
        case _:
            return False


def literal(value: bool | int | str | datetime.date | None, dialect: Dialect = DUCKDB) -> str:
    """An SQL literal; integers as BIGINT or the wide type, so that no arithmetic is done in a narrower one."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            kind = "BIGINT" if abs(value) <= BIGINT else dialect.wide
            return f"CAST({value} AS {kind})"
        case str():
            return dialect.text(value)
        case datetime.date():
            return f"DATE '{value.isoformat()}'"


def quoted(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'
