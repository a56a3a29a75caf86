"""The interpreter: one subject, with every value that an explanation needs kept in its row.

A program is written as Python functions, one a level (:mod:`tuopin.core.language.operations_python`), as the SQL writer
writes it as steps of a query. The function of a household reads, in effect::

    def household(subject):
        get = subject.get
        c0 = get('wage')
        members = [person(each) for each in subject['person']]
        m0, m1 = zip(*members) if members else ((), ())
        c1 = len(members)
        c2 = False if False in m0 else None if None in m0 else True
        c3 = None if c0 is None else c0 > 299500 * c1
        return (members, c0, c1, c2, c3)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.language.exact import Exact, Interval
from tuopin.core.language.operations_python import PythonWriter, function
from tuopin.core.language.plan import Constant, Range, Scaled, columns_in, columns_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tuopin.core.language.plan import Column, LevelPlan, Lowered
    from tuopin.core.language.program import ComparisonPlan, MembersPlan, Program

type Row = tuple[Any, ...]
type Value = bool | str | datetime.date | Exact | Interval | None
type Reader = Callable[[Row], Value]
type Explaining = tuple[
    Callable[[Row], tuple[Value, dict[str, Value], list[Value]]], tuple[ComparisonPlan, ...], tuple[MembersPlan, ...]
]

_NUMBERS = {"Exact": Exact, "Interval": Interval}
_CERTAIN = {"size", "trues", "possible"}
_GATHERED = {
    "size": "len(members)",
    "all": "False if False in {0} else None if None in {0} else True",
    "any": "True if True in {0} else None if None in {0} else False",
    "trues": "{0}.count(True)",
    "possible": "len({0}) - {0}.count(False)",
    "sum": "None if None in {0} else sum({0})",
    "least": "min([each for each in {0} if each is not None], default=None)",
    "greatest": "max([each for each in {0} if each is not None], default=None)",
}


class LevelFunction:
    """The function of one level: from a subject to its row, which is the members' rows and then columns.

    Of a level below the top the row has only what is read from above: ``kept`` are the indices of those columns.
    """

    def __init__(self, plan: LevelPlan, kept: Iterable[int], below: LevelFunction | None, day: datetime.date) -> None:
        order = sorted(kept)
        self.places = {index: place for place, index in enumerate(order, start=1)}  # place 0 holds the members
        writer = PythonWriter(
            {index: f"c{index}" for index in columns_of(plan)},
            day,
            [one.column.index for one in plan.aggregates if one.primitive in _CERTAIN],
        )
        self._load(plan, writer)
        known: dict[str, Any] = {}
        if below is not None:
            known[f"of_{plan.below}"] = below.run
            self._gather(plan, below, writer)
        reached = _reached(plan, order)
        for step in plan.steps:
            if step.column.index in reached:
                writer.keep(step.column.index, step.operation)
        members = "members" if below is not None else "()"
        row = ", ".join([members, *(f"c{index}" for index in order)])
        self.run: Callable[[Mapping[str, Any]], Row] = function(plan.level, "subject", writer, f"({row},)", known)

    def _load(self, plan: LevelPlan, writer: PythonWriter) -> None:
        writer.lines.append("get = subject.get")
        for load in plan.loads:
            name, fact = f"c{load.column.index}", repr(load.fact)
            absent = f", {writer.constant(load.absent)}" if load.has_absent else ""
            writer.lines.append(f"{name} = get({fact}{absent})")
            if load.column.kind == "integer":
                limit = load.column.bound
                writer.lines.append(f"if {name} is not None and not -{limit} <= {name} <= {limit}: {name} = None")

    def _gather(self, plan: LevelPlan, below: LevelFunction, writer: PythonWriter) -> None:
        writer.lines.append(f"members = [of_{plan.below}(each) for each in subject[{plan.below!r}]]")
        places = sorted(below.places.values())
        if places:
            listed = ", ".join(["_", *(f"m{place}" for place in places)])
            nothing = ", ".join("()" for _ in range(len(places) + 1))
            writer.lines.append(f"{listed} = zip(*members) if members else ({nothing})")
        for one in plan.aggregates:
            column = "" if one.operand is None else f"m{below.places[one.operand.index]}"
            writer.lines.append(f"c{one.column.index} = {_GATHERED[one.primitive].format(column)}")


def _reached(plan: LevelPlan, kept: Sequence[int]) -> set[int]:
    """The columns that the kept ones rest on, themselves included."""
    found = set(kept)
    for step in reversed(plan.steps):
        if step.column.index in found:
            found |= columns_in(step.operation)
    return found


class Interpreter:
    """A program compiled for a day. Call it with a subject: facts by name, members in a list under their level's name.

    A missing fact is a column that was not there, ``None`` a blank cell. The list of members must be there where the
    program reads the level below (KeyError otherwise); it may be empty.
    """

    __slots__ = ("_explained", "_readers", "below", "day", "outputs", "places", "program", "run")

    def __init__(self, program: Program, day: datetime.date) -> None:
        self.program, self.day = program, day
        made: LevelFunction | None = None
        self.below: LevelFunction | None = None
        for at in range(len(program.plans) - 1, -1, -1):
            self.below = made
            made = LevelFunction(program.plans[at], _kept(program, at), made, day)
        if made is None:
            raise ValueError("a program has at least the plan of its own level")
        self.run, self.places = made.run, made.places
        self._readers: dict[int, Reader] = {}
        self._explained: dict[str, Explaining] = {}
        self.outputs = {key: self.reader(output.value) for key, output in program.outputs.items()}

    def __call__(self, subject: Mapping[str, Any]) -> Result:
        return Result(self, self.run(subject))

    def reader(self, value: Lowered) -> Reader:
        """What reads a value of the program from a row; kept, as an explanation reads the same few every time."""
        known = self._readers.get(id(value))  # the program keeps the value, so its id stays its own
        if known is None:
            writer = self._writer()
            result = _number(writer, value)
            known = self._readers[id(value)] = function("read", "row", writer, result, _NUMBERS)
        return known

    def explained(self, key: str) -> Explaining:
        """What reads, for an explanation, an output's value, the facts that it names, and of each comparison the left
        side, the right side and what stands above the line of the left one; with the output's comparisons and members.
        Kept. KeyError for an unknown key."""
        known = self._explained.get(key)
        if known is None:
            output, facts, writer = self.program.outputs[key], self.program.facts, self._writer()
            value = _number(writer, output.value)
            named = [f"{name!r}: {_number(writer, facts[name])}" for name in output.typed.names if name in facts]
            sides: list[Lowered | None] = []
            for each in output.comparisons:
                sides += [each.left, each.right, None if each.ratio is None else each.ratio.above]
            compared = [_number(writer, Constant(None) if side is None else side) for side in sides]
            result = f"({value}, {{{', '.join(named)}}}, [{', '.join(compared)}])"
            read = function("explained", "row", writer, result, _NUMBERS)
            known = self._explained[key] = read, output.comparisons, output.members
        return known

    def truths(self, keys: Iterable[str]) -> Callable[[Row], tuple[bool | None, ...]]:
        """What reads several outputs, all of them conditions, from a row at once. Errors: KeyError, TypeError."""
        writer = self._writer()
        read = []
        for key in keys:
            value = self.program.outputs[key].value
            if isinstance(value, Scaled | Range):
                raise TypeError(f"output {key} is no condition")
            read.append(writer.value(value))
        return function("truths", "row", writer, f"({''.join(f'{one}, ' for one in read)})", {})

    def _writer(self) -> PythonWriter:
        return PythonWriter({index: f"row[{place}]" for index, place in self.places.items()}, self.day)


def _number(writer: PythonWriter, value: Lowered) -> str:
    """An expression with the value as results show it."""
    match value:
        case Range():
            low, high = _number(writer, value.low), _number(writer, value.high)
            return f"None if {low} is None or {high} is None else Interval({low}, {high})"
        case Scaled(Constant(int(number)), scale, None):
            return writer.constant(Exact(number, scale))
        case Scaled():
            above = writer.value(value.number)
            if value.divisor is None:
                return writer.named(f"None if {above} is None else Exact({above}, {value.scale})")
            below = writer.value(value.divisor)
            return writer.named(
                f"None if {above} is None or {below} is None else Exact({above}, {below} * {value.scale})"
            )
        case _:
            return writer.value(value)


def _kept(program: Program, at: int) -> set[int]:
    """Columns of the plan at ``at`` that its rows hold: all of the top one, what is read from above of the others."""
    plan = program.plans[at]
    if at == 0:
        return columns_of(plan)
    read: set[int] = {one.operand.index for one in program.plans[at - 1].aggregates if one.operand is not None}
    if at == 1:
        read |= {column.index for column in program.groups.values()}
        read |= {each.column.index for output in program.outputs.values() for each in output.members}
    return read


class Result:
    """The values of one subject."""

    __slots__ = ("interpreter", "row")

    def __init__(self, interpreter: Interpreter, row: Row) -> None:
        self.interpreter, self.row = interpreter, row

    def verdict(self, key: str) -> bool | None:
        """A boolean output. Raises KeyError for an unknown key, TypeError for an output of another type."""
        value = self.interpreter.outputs[key](self.row)
        if value is None or value is True or value is False:
            return value
        raise TypeError(f"output {key} is no condition")

    def value(self, key: str) -> Value:
        """An output of any type."""
        return self.interpreter.outputs[key](self.row)

    def facts(self) -> dict[str, Value]:
        """Facts of the subject's own level: those of the standard, and those that an output rests on."""
        return {name: self.read(value) for name, value in self.interpreter.program.facts.items()}

    def groups(self) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
        """Members of each group, as indices into ``subject[level below]``: those who belong, those who may."""
        return {name: self.members(column) for name, column in self.interpreter.program.groups.items()}

    def members(self, column: Column) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Indices of the members for whom a truth column of their level is true, and unknown."""
        below = self.interpreter.below
        if below is None:
            return (), ()
        place = below.places[column.index]
        sure, unsure = [], []
        for index, row in enumerate(self.row[0]):
            value = row[place]
            if value is True:
                sure.append(index)
            elif value is None:
                unsure.append(index)
        return tuple(sure), tuple(unsure)

    def read(self, value: Lowered) -> Value:
        """A value of the program at the subject's own level."""
        return self.interpreter.reader(value)(self.row)


def compile_python(program: Program, day: datetime.date) -> Interpreter:
    """Compile a program for a day; the interpreter may be used for any number of subjects, by several threads."""
    return Interpreter(program, day)
