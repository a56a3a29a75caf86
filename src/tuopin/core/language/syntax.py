"""The syntax tree of the rule language: frozen nodes, each with the place of its first character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime

    from tuopin.core.language.errors import Origin

type ComparisonOperator = Literal["==", "!=", "<", "<=", ">", ">="]
type ArithmeticOperator = Literal["+", "-", "*", "/"]
type Node = (
    Name
    | Number
    | Text
    | Date
    | Truth
    | Unknown
    | Day
    | Negative
    | Not
    | Logic
    | Arithmetic
    | Compare
    | Between
    | In
    | Call
)


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, parameter, group or level."""

    at: Origin
    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal literal: ``value / 10 ** scale``."""

    at: Origin
    value: int
    scale: int


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal: a code or a text."""

    at: Origin
    value: str


@dataclass(frozen=True, slots=True)
class Date:
    """``date('2018-12-01')``."""

    at: Origin
    value: datetime.date


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false``."""

    at: Origin
    value: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The literal ``unknown``."""

    at: Origin


@dataclass(frozen=True, slots=True)
class Day:
    """``day``: the day of the evaluation."""

    at: Origin


@dataclass(frozen=True, slots=True)
class Negative:
    """``-x``."""

    at: Origin
    operand: Node


@dataclass(frozen=True, slots=True)
class Not:
    """``not x``."""

    at: Origin
    operand: Node


@dataclass(frozen=True, slots=True)
class Logic:
    """``a and b and c`` or ``a or b or c``."""

    at: Origin
    operator: Literal["and", "or"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``a + b``; ``at`` is the place of the operator."""

    at: Origin
    operator: ArithmeticOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare:
    """``a > b``; ``at`` is the place of the operator."""

    at: Origin
    operator: ComparisonOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between:
    """``x between low and high``, both included."""

    at: Origin
    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In:
    """``x in (a, b)``."""

    at: Origin
    operand: Node
    choices: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """``every(g, c)``, ``years(a, b)``, ``known(x)`` …"""

    at: Origin
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed text: its origin, the text as written and the tree."""

    origin: Origin
    text: str
    root: Node


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``, in the order of the text."""
    match node:
        case Negative() | Not():
            return (node.operand,)
        case Logic():
            return node.operands
        case Arithmetic() | Compare():
            return (node.left, node.right)
        case Between():
            return (node.operand, node.low, node.high)
        case In():
            return (node.operand, *node.choices)
        case Call():
            return node.arguments
        case _:
            return ()


def names_in(node: Node) -> set[str]:
    """The names that ``node`` and the nodes below it speak of."""
    found: set[str] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Name):
            found.add(one.name)
        stack.extend(children(one))
    return found
