"""The interpreter: one subject, with every value that an explanation needs kept in its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.language.closures import Compiler
from tuopin.core.language.exact import Exact, Interval
from tuopin.core.language.gathering import gathering
from tuopin.core.language.plan import Column, Constant, Range, Scaled

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping

    from tuopin.core.language.closures import Closure, Row
    from tuopin.core.language.gathering import Gathering
    from tuopin.core.language.plan import LevelPlan, Lowered
    from tuopin.core.language.program import Program

type Value = bool | str | datetime.date | Exact | Interval | None
type Reader = Callable[[Row], Value]


class LevelRunner:
    """Computes the row of a subject: members' rows first, then loaded, aggregated and computed columns."""

    __slots__ = ("aggregates", "below", "compiler", "level_below", "loads", "numbers", "steps")

    def __init__(self, plan: LevelPlan, below: LevelRunner | None, day: datetime.date) -> None:
        self.below, self.level_below = below, plan.below
        order = [load.column for load in plan.loads]
        order += [one.column for one in plan.aggregates]
        order += [step.column for step in plan.steps]
        places = {column.index: place for place, column in enumerate(order, start=1)}  # place 0 holds the members
        self.compiler = Compiler(places, day)
        self.loads = [(load.fact, load.absent if load.has_absent else None) for load in plan.loads]
        self.numbers = [
            (places[load.column.index], load.column.bound) for load in plan.loads if load.column.kind == "integer"
        ]
        self.aggregates: list[Gathering] = [
            gathering(one.primitive, 0 if below is None or one.operand is None else below.place(one.operand))
            for one in plan.aggregates
        ]
        self.steps: list[Closure] = [self.compiler.compile(step.operation) for step in plan.steps]

    def place(self, column: Column) -> int:
        """Place of a column in a row."""
        return self.compiler.places[column.index]

    def run(self, subject: Mapping[str, Any]) -> Row:
        """The row of a subject of this level."""
        get = subject.get
        row: Row = [None]
        row += [get(fact, absent) for fact, absent in self.loads]
        for place, bound in self.numbers:
            value = row[place]
            if value is not None and not -bound <= value <= bound:
                row[place] = None
        append = row.append
        if self.below is not None:
            run = self.below.run
            members = row[0] = [run(member) for member in subject[self.level_below]]
            for gather in self.aggregates:
                append(gather(members))
        for step in self.steps:
            append(step(row))
        return row


class Interpreter:
    """A program compiled for a day. Call it with a subject: facts by name, members in a list under their level's name.

    A missing fact is a column that was not there, ``None`` a blank cell. The list of members must be there where the
    program reads the level below (KeyError otherwise); it may be empty.
    """

    __slots__ = ("_readers", "day", "outputs", "program", "runner")

    def __init__(self, program: Program, day: datetime.date) -> None:
        self.program, self.day = program, day
        runner: LevelRunner | None = None
        for plan in reversed(program.plans):
            runner = LevelRunner(plan, runner, day)
        if runner is None:
            raise ValueError("a program has at least the plan of its own level")
        self.runner = runner
        self._readers: dict[int, Reader] = {}
        self.outputs = {key: self.reader(output.value) for key, output in program.outputs.items()}

    def __call__(self, subject: Mapping[str, Any]) -> Result:
        return Result(self, self.runner.run(subject))

    def reader(self, value: Lowered) -> Reader:
        """What reads a value of the program from a row; kept, as an explanation reads the same few every time."""
        known = self._readers.get(id(value))  # the program keeps the value, so its id stays its own
        if known is None:
            known = self._readers[id(value)] = _reader(value, self.runner.compiler)
        return known


def _reader(value: Lowered, compiler: Compiler) -> Reader:
    match value:
        case Range():
            low, high = _reader(value.low, compiler), _reader(value.high, compiler)

            def interval(row: Row) -> Value:
                least, most = low(row), high(row)
                return Interval(least, most) if isinstance(least, Exact) and isinstance(most, Exact) else None

            return interval
        case Scaled():
            scale, number = value.scale, compiler.compile(value.number)
            divisor = compiler.compile(value.divisor or Constant(1))

            def exact(row: Row) -> Value:
                above, below = number(row), divisor(row)
                return None if above is None or below is None else Exact(above, below * scale)

            return exact
        case _:
            return compiler.compile(value)


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
        below = self.interpreter.runner.below
        if below is None:
            return (), ()
        place = below.place(column)
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
