"""Elementary operations as Python source, the twin of :mod:`tuopin.core.language.operations_sql`.

An operation becomes an expression over names and literals; what is nested gets a line and a name of its own first. So
the source grows with the number of operations, however deep they are nested. Nothing of a rule's text stands in it:
names are numbered, and whatever has no plain literal is a numbered constant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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
    from collections.abc import Callable, Mapping, Sequence

    from tuopin.core.language.plan import ElapsedUnit, Operation


class _Source(NamedTuple):
    """An expression; ``certain``: it is never None."""

    text: str
    certain: bool


class PythonWriter:
    """Writes operations for a day. ``names`` maps a column's index to an expression that may be repeated.

    ``certain`` are the indices of columns that are never unknown. ``lines`` are what has to be carried out before the
    expressions that were handed out, ``constants`` what they name.
    """

    def __init__(self, names: Mapping[int, str], day: datetime.date, certain: Sequence[int] = ()) -> None:
        self.names, self.day = names, day
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._named: dict[str, str] = {}
        self._certain = {names[index] for index in certain if index in names}

    def value(self, operation: Operation) -> str:
        """A name or literal that holds the operation's value."""
        match operation:
            case Column():
                return self.names[operation.index]
            case Constant():
                return self.constant(operation.value)
            case Day():
                return self.constant(self.day)
        written = self._write(operation)
        name = self.named(written.text)
        if written.certain:
            self._certain.add(name)
        return name

    def named(self, text: str) -> str:
        """The name of a line of its own for an expression; the same expression has one line."""
        if text not in self._named:
            self._named[text] = f"t{len(self.lines)}"
            self.lines.append(f"{self._named[text]} = {text}")
        return self._named[text]

    def keep(self, index: int, operation: Operation) -> None:
        """Computes a column, under its name."""
        written = self._write(operation)
        self.lines.append(f"{self.names[index]} = {written.text}")
        if written.certain:
            self._certain.add(self.names[index])

    def constant(self, value: object) -> str:
        """A literal, or the name of a constant that has none."""
        if value is None or isinstance(value, bool | int | str):
            return repr(value)
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def _write(self, operation: Operation) -> _Source:  # noqa: C901 - one flat case per operation
        match operation:
            case Column() | Constant() | Day():
                value = self.value(operation)
                return _Source(value, self._is_certain(value))
            case Sum():
                return self._sum(operation)
            case Product():
                left, right = self.value(operation.left), self.value(operation.right)
                return self._where_known((left, right), f"{left} * {right}")
            case Sign():
                only = self.value(operation.operand)
                return self._where_known((only,), f"({only} > 0) - ({only} < 0)")
            case Magnitude():
                only = self.value(operation.operand)
                return self._where_known((only,), f"abs({only})")
            case NonZero():
                return _Source(f"{self.value(operation.operand)} or None", certain=False)
            case Compare():
                left, right = self.value(operation.left), self.value(operation.right)
                return self._where_known((left, right), f"{left} {operation.operator} {right}")
            case And():
                return self._all(operation)
            case Or():
                return self._any(operation)
            case Not():
                only = self.value(operation.operand)
                return self._where_known((only,), f"not {only}")
            case Known():
                doubtful = self._doubtful([self.value(one) for one in operation.operands])
                return _Source(" and ".join(f"{one} is not None" for one in doubtful) or "True", certain=True)
            case Choose():
                condition, yes, no = map(self.value, (operation.condition, operation.yes, operation.no))
                chosen = self._where_known((condition,), f"{yes} if {condition} else {no}")
                return chosen._replace(certain=not self._doubtful((condition, yes, no)))
            case Elapsed():
                start, end = self.value(operation.start), self.value(operation.end)
                return self._where_known((start, end), f"{self.constant(_COUNTED[operation.unit])}({start}, {end})")
            case Reached():
                start = self.value(operation.start)
                return self._where_known((start,), f"{start} <= {self.constant(operation.latest(self.day))}")

    def _where_known(self, values: Sequence[str], text: str) -> _Source:
        """The expression, or None where one of the values is unknown."""
        doubtful = self._doubtful(values)
        if not doubtful:
            return _Source(text, certain=True)
        return _Source(f"None if {_either(doubtful, 'None')} else {text}", certain=False)

    def _doubtful(self, values: Sequence[str]) -> list[str]:
        return [one for one in dict.fromkeys(values) if not self._is_certain(one)]

    def _is_certain(self, value: str) -> bool:
        is_constant = value in self.constants or value in {"True", "False"} or value[0] in "'\"-0123456789"
        return is_constant or value in self._certain

    def _sum(self, operation: Sum) -> _Source:
        values = [(factor, self.value(one)) for factor, one in operation.terms]
        terms = [value if factor == 1 else f"{factor} * {value}" for factor, value in values]
        return self._where_known([value for _, value in values], " + ".join(terms))

    def _all(self, operation: And) -> _Source:
        values = [self.value(one) for one in operation.operands]
        whole = " and ".join(values)
        if not self._doubtful(values):
            return _Source(whole, certain=True)
        return _Source(f"True if {whole} else False if {_either(values, 'False')} else None", certain=False)

    def _any(self, operation: Or) -> _Source:
        listed = _listed(operation)
        if listed is not None:
            value = self.value(listed[0])
            return self._where_known((value,), f"{value} in {self.constant(listed[1])}")
        values = [self.value(one) for one in operation.operands]
        whole, doubtful = " or ".join(values), self._doubtful(values)
        if not doubtful:
            return _Source(whole, certain=True)
        return _Source(f"True if {whole} else None if {_either(doubtful, 'None')} else False", certain=False)


def _either(values: Sequence[str], what: str) -> str:
    return " or ".join(f"{one} is {what}" for one in values)


def function(
    name: str, argument: str, writer: PythonWriter, result: str, known: Mapping[str, Any]
) -> Callable[..., Any]:
    """The function of one argument that carries out the writer's lines and gives back ``result``.

    ``known`` are the other functions and classes that the source names.
    """
    body = "\n    ".join([*writer.lines, f"return {result}"])
    source = f"def {name}({argument}):\n    {body}\n"
    found: dict[str, Any] = {**known, **writer.constants}
    exec(compile(source, f"<{name}>", "exec"), found)  # noqa: S102 - our own source; nothing of a rule's text is in it
    made: Callable[..., Any] = found[name]
    return made


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
