"""Elementary operations as Python closures over a row: a list with the columns of one subject.

Most of the cases are the general one; the few special ones (a column against a constant, a plain sum of columns) are
there because nearly every operation of a real standard is one of them, and each saves a call.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from tuopin.core.language.kleene import negate
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
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from tuopin.core.language.plan import ElapsedUnit, Operation

type Row = list[Any]
type Closure = Callable[[Row], Any]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Compiler:
    """Compiles the operations of one level for one day. ``places`` maps a column's index to its place in the row."""

    def __init__(self, places: dict[int, int], day: datetime.date) -> None:
        self.places = places
        self.day = day

    def compile(self, operation: Operation) -> Closure:  # noqa: C901 - one flat case per operation
        """A closure that computes the operation from a row."""
        match operation:
            case Column():
                return operator.itemgetter(self.places[operation.index])
            case Constant():
                return _always(operation.value)
            case Day():
                return _always(self.day)
            case Sum():
                return self._sum(operation)
            case Product():
                return _product(self.compile(operation.left), self.compile(operation.right))
            case Sign() | Magnitude() | NonZero():
                return _one(operation, self.compile(operation.operand))
            case Compare():
                return self._compare(operation)
            case And():
                return self._and(operation)
            case Or():
                return self._or(operation)
            case Not():
                inner = self.compile(operation.operand)
                return lambda row: negate(inner(row))
            case Known():
                return self._known(operation)
            case Choose():
                return _choose(*(self.compile(one) for one in (operation.condition, operation.yes, operation.no)))
            case Elapsed():
                return self._elapsed(operation)
            case Reached():
                return self._compare(Compare("<=", operation.start, Constant(operation.latest(self.day))))

    def _sum(self, operation: Sum) -> Closure:
        columns = [(factor, self.places[one.index]) for factor, one in operation.terms if isinstance(one, Column)]
        if len(columns) == len(operation.terms):
            return _sum_of_columns(columns)
        terms = [(factor, self.compile(one)) for factor, one in operation.terms]

        def evaluate(row: Row) -> int | None:
            result = 0
            for factor, term in terms:
                value = term(row)
                if value is None:
                    return None
                result += factor * value
            return result

        return evaluate

    def _compare(self, operation: Compare) -> Closure:
        test = _OPERATORS[operation.operator]
        left, right = operation.left, operation.right
        if isinstance(right, Constant):
            limit = right.value
            if limit is None:
                return _always(None)
            if isinstance(left, Column):
                return _compare_column(test, self.places[left.index], limit)
        one, other = self.compile(left), self.compile(right)

        def evaluate(row: Row) -> bool | None:
            first = one(row)
            if first is None:
                return None
            second = other(row)
            return None if second is None else test(first, second)

        return evaluate

    def _and(self, operation: And) -> Closure:
        tests = [self.compile(one) for one in operation.operands]
        if len(tests) != 2:
            return _and_of_many(tests)
        one, other = tests

        def evaluate(row: Row) -> bool | None:
            first = one(row)
            if first is False:
                return False
            second = other(row)
            return second if first is True or second is False else None

        return evaluate

    def _or(self, operation: Or) -> Closure:
        listed = _listed(operation)
        if listed is not None:
            return _one_of(self.places[listed[0].index], listed[1])
        tests = [self.compile(one) for one in operation.operands]
        if len(tests) != 2:
            return _or_of_many(tests)
        one, other = tests

        def evaluate(row: Row) -> bool | None:
            first = one(row)
            if first is True:
                return True
            second = other(row)
            return second if first is False or second is True else None

        return evaluate

    def _known(self, operation: Known) -> Closure:
        parts = [self.compile(one) for one in operation.operands]
        if len(parts) == 1:
            part = parts[0]
            return lambda row: part(row) is not None
        return lambda row: all(part(row) is not None for part in parts)

    def _elapsed(self, operation: Elapsed) -> Closure:
        if isinstance(operation.end, Day) and operation.unit == "year":
            return _years_to(self.compile(operation.start), self.day)
        start, end, count = self.compile(operation.start), self.compile(operation.end), _COUNTED[operation.unit]

        def evaluate(row: Row) -> int | None:
            first, last = start(row), end(row)
            return None if first is None or last is None else count(first, last)

        return evaluate


def _listed(operation: Or) -> tuple[Column, frozenset[Any]] | None:
    """The column and values of ``x in (a, b)``: one column, equal to one of several known constants."""
    found: Column | None = None
    values = []
    for one in operation.operands:
        match one:
            case Compare("==", Column() as column, Constant(value)) if value is not None and found in {None, column}:
                found = column
                values.append(value)
            case _:
                return None
    return None if found is None else (found, frozenset(values))


def _one_of(place: int, values: frozenset[Any]) -> Closure:
    def evaluate(row: Row) -> bool | None:
        value = row[place]
        return None if value is None else value in values

    return evaluate


def _always(value: object) -> Closure:
    def evaluate(_: Row) -> object:
        return value

    return evaluate


def completed_years(start: datetime.date, end: datetime.date) -> int:
    """Completed years from ``start`` to ``end``: born on 29 February, a year is completed on 1 March of common years.

    Negative before the start (-1 on the day before it).
    """
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def completed_months(start: datetime.date, end: datetime.date) -> int:
    """Completed months from ``start`` to ``end``: one begun on the 31st is completed on the 1st after a shorter month.

    Negative before the start.
    """
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _days(start: datetime.date, end: datetime.date) -> int:
    return (end - start).days


_COUNTED: dict[ElapsedUnit, Callable[[datetime.date, datetime.date], int]] = {
    "year": completed_years,
    "month": completed_months,
    "day": _days,
}


def _years_to(start: Closure, day: datetime.date) -> Closure:
    year, position = day.year, day.month * 32 + day.day

    def evaluate(row: Row) -> int | None:
        first = start(row)
        if first is None:
            return None
        years: int = year - first.year
        return years - 1 if first.month * 32 + first.day > position else years

    return evaluate


def _sum_of_columns(terms: list[tuple[int, int]]) -> Closure:
    def evaluate(row: Row) -> int | None:
        result = 0
        for factor, place in terms:
            value = row[place]
            if value is None:
                return None
            result += factor * value
        return result

    return evaluate


def _product(left: Closure, right: Closure) -> Closure:
    def evaluate(row: Row) -> int | None:
        one = left(row)
        if one is None:
            return None
        other = right(row)
        return None if other is None else one * other

    return evaluate


def _one(operation: Sign | Magnitude | NonZero, operand: Closure) -> Closure:
    match operation:
        case Sign():
            return lambda row: None if (value := operand(row)) is None else (value > 0) - (value < 0)
        case Magnitude():
            return lambda row: None if (value := operand(row)) is None else abs(value)
        case NonZero():
            return lambda row: operand(row) or None


def _compare_column(test: Callable[[Any, Any], bool], place: int, limit: object) -> Closure:
    def evaluate(row: Row) -> bool | None:
        value = row[place]
        return None if value is None else test(value, limit)

    return evaluate


def _and_of_many(tests: list[Closure]) -> Closure:
    def evaluate(row: Row) -> bool | None:
        result: bool | None = True
        for test in tests:
            value = test(row)
            if value is False:
                return False
            if value is None:
                result = None
        return result

    return evaluate


def _or_of_many(tests: list[Closure]) -> Closure:
    def evaluate(row: Row) -> bool | None:
        result: bool | None = False
        for test in tests:
            value = test(row)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return evaluate


def _choose(condition: Closure, yes: Closure, no: Closure) -> Closure:
    def evaluate(row: Row) -> Any:
        test = condition(row)
        return None if test is None else yes(row) if test else no(row)

    return evaluate
