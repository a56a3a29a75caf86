"""Elementary operations: what both evaluators carry out, and nothing else.

The typed tree is broken down into operations on integers, truths, texts and dates, so that the interpreter and the SQL
writer each have a dozen small cases and no arithmetic of their own to disagree about. Every operation on integers is
unknown (None, NULL) when one operand is; ``And``, ``Or`` and ``Not`` are Kleene's. Each integer operation carries the
``bound`` of its magnitude, proven from the bounds of stored facts.

A number is :class:`Scaled`: ``number / (scale * divisor)`` with a positive constant ``scale`` and a positive divisor
or none. Comparing two of them is a cross-multiplication without any division.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.types import ELAPSED_BOUND

if TYPE_CHECKING:
    import datetime

    from tuopin.core.language.syntax import ComparisonOperator

type Operation = (
    Column
    | Constant
    | Day
    | Sum
    | Product
    | Sign
    | Magnitude
    | NonZero
    | Compare
    | And
    | Or
    | Not
    | Known
    | Choose
    | Elapsed
    | Reached
)
type Primitive = Literal["size", "all", "any", "trues", "possible", "sum", "least", "greatest"]
type ElapsedUnit = Literal["year", "month", "day"]
type ColumnKind = Literal["boolean", "integer", "text", "date"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the level: loaded, aggregated from the level below, or computed by an earlier step."""

    index: int
    kind: ColumnKind
    bound: int = 0
    natural: bool = False  # an integer that is never negative


@dataclass(frozen=True, slots=True)
class Constant:
    """A value of the rule or of a parameter; None is unknown."""

    value: bool | int | str | datetime.date | None


@dataclass(frozen=True, slots=True)
class Day:
    """The day of the evaluation."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Sum of (factor, operand)."""

    terms: tuple[tuple[int, Operation], ...]
    bound: int


@dataclass(frozen=True, slots=True)
class Product:
    """Product of two integers."""

    left: Operation
    right: Operation
    bound: int
    natural: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """-1, 0 or 1."""

    operand: Operation


@dataclass(frozen=True, slots=True)
class Magnitude:
    """Absolute value."""

    operand: Operation


@dataclass(frozen=True, slots=True)
class NonZero:
    """The integer, or unknown if it is zero: the divisor of a division."""

    operand: Operation


@dataclass(frozen=True, slots=True)
class Compare:
    """Comparison of two integers, texts, truths or dates."""

    operator: ComparisonOperator
    left: Operation
    right: Operation


@dataclass(frozen=True, slots=True)
class And:
    """Kleene's conjunction."""

    operands: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Kleene's disjunction."""

    operands: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene's negation."""

    operand: Operation


@dataclass(frozen=True, slots=True)
class Known:
    """Whether every operand is known; itself never unknown."""

    operands: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """``yes`` if the condition is true, ``no`` if it is false, else unknown."""

    condition: Operation
    yes: Operation
    no: Operation


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Completed years or months, or days, from one date to another (see the rule-language page for 29 February)."""

    start: Operation
    end: Operation
    unit: ElapsedUnit = "year"


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether so many years are completed on the day: ``age >= years`` as one comparison of dates."""

    start: Operation
    years: int

    def latest(self, day: datetime.date) -> datetime.date:
        """The latest start with which they are. Born on 29 February, a year is completed on 1 March."""
        try:
            return day.replace(year=day.year - self.years)
        except ValueError:  # the day is 29 February, and that year had none
            return day.replace(year=day.year - self.years, day=28)


MOST_YEARS = 200
"""Years for which :class:`Reached` stands: with them no date leaves the calendar."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """The number ``number / (scale * divisor)``; without divisor ``number / scale``."""

    number: Operation
    scale: int = 1
    divisor: Operation | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A number known only to lie between two others, both included."""

    low: Scaled
    high: Scaled


type Lowered = Operation | Scaled | Range


@dataclass(frozen=True, slots=True)
class Load:
    """A stored fact. A missing column is ``absent`` if ``has_absent``; an integer beyond its bound is unknown."""

    column: Column
    fact: str
    has_absent: bool
    absent: bool | int | str | datetime.date | None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A column made of one column of all members below.

    ``size`` counts members (no operand); ``all`` and ``any`` are Kleene's over truths; ``trues`` counts the true ones,
    ``possible`` the true and unknown ones; ``sum`` is unknown if one value is; ``least`` and ``greatest`` pass over
    unknown values and are unknown if there is no other.
    """

    column: Column
    primitive: Primitive
    operand: Column | None


@dataclass(frozen=True, slots=True)
class Step:
    """A column computed from earlier ones."""

    column: Column
    operation: Operation


@dataclass(slots=True)
class LevelPlan:
    """What is done for each subject of a level, in this order: load, aggregate the level below, compute steps."""

    level: str
    below: str = ""  # the level whose members are aggregated; empty if none is
    names: list[str] = field(default_factory=list)  # of columns by index, for the reader of SQL
    loads: list[Load] = field(default_factory=list)
    aggregates: list[Aggregate] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def bound(operation: Operation) -> int:
    """Largest magnitude of an integer operation."""
    match operation:
        case Column() | Sum() | Product():
            return operation.bound
        case Constant():
            return abs(operation.value) if isinstance(operation.value, int) else 0
        case Sign():
            return 1
        case Magnitude() | NonZero():
            return bound(operation.operand)
        case Choose():
            return max(bound(operation.yes), bound(operation.no))
        case Elapsed():
            return ELAPSED_BOUND
        case _:
            return 0


def natural(operation: Operation) -> bool:
    """Whether an integer operation is never negative."""
    match operation:
        case Column() | Product():
            return operation.natural
        case Constant():
            return not isinstance(operation.value, int) or operation.value >= 0
        case Sum():
            return all(factor >= 0 and natural(term) for factor, term in operation.terms)
        case Magnitude():
            return True
        case NonZero():
            return natural(operation.operand)
        case Choose():
            return natural(operation.yes) and natural(operation.no)
        case _:
            return False


def operands(operation: Operation) -> tuple[Operation, ...]:
    """The operations directly below one."""
    match operation:
        case Sum():
            return tuple(term for _, term in operation.terms)
        case Product() | Compare():
            return (operation.left, operation.right)
        case Sign() | Magnitude() | NonZero() | Not():
            return (operation.operand,)
        case And() | Or() | Known():
            return operation.operands
        case Choose():
            return (operation.condition, operation.yes, operation.no)
        case Elapsed():
            return (operation.start, operation.end)
        case Reached():
            return (operation.start,)
        case _:
            return ()


def columns_in(operation: Operation) -> set[int]:
    """Indices of the columns that an operation reads."""
    found, waiting = set(), [operation]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Column):
            found.add(one.index)
        waiting.extend(operands(one))
    return found


def columns_of(plan: LevelPlan) -> set[int]:
    """Indices of all columns of a level."""
    made: tuple[Load | Aggregate | Step, ...] = (*plan.loads, *plan.aggregates, *plan.steps)
    return {each.column.index for each in made}
