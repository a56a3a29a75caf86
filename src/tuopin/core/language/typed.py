"""The typed tree: what the check makes of a syntax tree, with every name resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.environment import Parameter
from tuopin.core.language.units import unit_text

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

    from tuopin.core.language.catalogue import Fact
    from tuopin.core.language.errors import Origin
    from tuopin.core.language.syntax import Expression
    from tuopin.core.language.types import Kind, Type

type Aggregation = Literal["every", "some", "count", "share", "sum", "min", "max"]
type Absent = bool | int | str | datetime.date | None
type Value = bool | str | datetime.date | tuple[int, int] | StoredFact | DefinedFact | Group | Parameter | None


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact of the catalogue. ``has_absent`` with ``absent``: what a missing column means."""

    level: str
    fact: Fact
    has_absent: bool = False
    absent: Absent = None


@dataclass(frozen=True, slots=True)
class DefinedFact:
    """A fact defined by an expression."""

    level: str
    name: str
    typed: Typed


@dataclass(frozen=True, slots=True)
class Group:
    """Members of ``source``: those for which ``where`` holds, or all of them (``where`` None, ``name`` the level)."""

    name: str
    source: str
    where: Typed | None


@dataclass(frozen=True, slots=True)
class Node:
    """One node, by ``operator``:

    ``literal`` (``value``; a number is (value, scale)), ``unknown``, ``day``, ``fact`` (``value``: StoredFact or
    DefinedFact), ``parameter`` (``value``), ``negative``, ``not``, ``and``, ``or``, the signs of arithmetic and
    comparison, ``known``, ``if``, ``years``, and the aggregations, whose ``value`` is a :class:`Group` and whose
    argument (if any) is of the group's level. ``between`` and ``in`` are comparisons joined by ``and``, ``or``, of a
    ``shared`` operand if it is computed.
    """

    operator: str
    type: Type
    at: Origin
    arguments: tuple[Node, ...] = ()
    value: Value = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A checked expression of ``level``.

    ``names`` are the facts, groups, levels and parameters it names itself, in the order of the text; ``parameters``,
    ``open_parameters`` and ``facts`` (as (level, name), stored and defined) are those reached through facts and groups
    too.
    """

    expression: Expression
    level: str
    root: Node
    names: tuple[str, ...]
    parameters: frozenset[str]
    open_parameters: frozenset[str]
    facts: frozenset[tuple[str, str]]

    @property
    def kind(self) -> Kind:
        """Type of the value."""
        return self.root.type.kind

    @property
    def unit(self) -> str:
        """Canonical text of the unit; empty for a plain number and for everything that is not a number."""
        return unit_text(self.root.type.unit)


def referred(node: Node) -> list[Node]:
    """All nodes of an expression that refer to something by name, in order, facts' own definitions not entered."""
    return [one for one in walk(node) if isinstance(one.value, StoredFact | DefinedFact | Group | Parameter)]


def walk(node: Node) -> Iterator[Node]:
    """All nodes of an expression in order, shared ones once, definitions of facts and groups not entered."""
    seen: set[int] = set()
    stack = [node]
    while stack:
        one = stack.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        stack.extend(reversed(one.arguments))
