"""The type check: syntax tree to typed tree, every name resolved, every type and unit compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tuopin.core.language import syntax
from tuopin.core.language.environment import Parameter
from tuopin.core.language.functions import check_call
from tuopin.core.language.names import Names, read_unit, type_of
from tuopin.core.language.refusals import (
    refuse_code,
    refuse_group_as_value,
    refuse_kind,
    refuse_order,
    refuse_pair,
    refuse_units,
    refuse_unknown_compared,
)
from tuopin.core.language.typed import DefinedFact, Group, Node, StoredFact, Typed, referred
from tuopin.core.language.types import BOOLEAN, DATE, TEXT, UNKNOWN, Type
from tuopin.core.language.units import multiply

if TYPE_CHECKING:
    from tuopin.core.language.environment import Environment
    from tuopin.core.language.errors import Origin

type Expected = Literal["boolean", "number", "any"]


def check(
    expression: syntax.Expression,
    environment: Environment,
    *,
    level: str | None = None,
    expect: Expected = "boolean",
) -> Typed:
    """Check an expression at ``level`` (default: the environment's) and resolve its names.

    Raises :class:`RuleError`: unknown name, code outside its list, types or units that do not match, facts defined in
    a circle, a value of another kind than ``expect``.
    """
    return _check(expression, environment, level or environment.level, expect)


def _check(expression: syntax.Expression, environment: Environment, level: str, expect: str) -> Typed:
    root = Checker(Names(environment, _check), level).visit(expression.root)
    if expect != "any" and root.type.kind not in {expect, "unknown"}:
        raise refuse_kind(root, expect)
    return _collect(expression, level, root)


def _collect(expression: syntax.Expression, level: str, root: Node) -> Typed:
    names: dict[str, None] = {}
    parameters: set[str] = set()
    undecided: set[str] = set()
    facts: set[tuple[str, str]] = set()
    for node in referred(root):
        inner: Typed | None = None
        match node.value:
            case Parameter() as parameter:
                names[parameter.name] = None
                parameters.add(parameter.name)
                if parameter.value is None:
                    undecided.add(parameter.name)
            case Group() as group:
                names[group.name] = None
                inner = group.where
            case StoredFact() as stored:
                names[stored.fact.name] = None
                facts.add((stored.level, stored.fact.name))
            case DefinedFact() as defined:
                names[defined.name] = None
                facts.add((defined.level, defined.name))
                inner = defined.typed
        if inner is not None:
            parameters |= inner.parameters
            undecided |= inner.open_parameters
            facts |= inner.facts
    return Typed(expression, level, root, tuple(names), frozenset(parameters), frozenset(undecided), frozenset(facts))


class Checker:
    """Checks the nodes of one expression at one level."""

    def __init__(self, names: Names, level: str) -> None:
        self.names = names
        self.level = level

    def at_level(self, level: str) -> Checker:
        """A checker of the same names one level further down (arguments of groups)."""
        return Checker(self.names, level)

    def visit(self, node: syntax.Node) -> Node:  # noqa: C901 - one flat case per kind of node
        match node:
            case syntax.Name():
                return self._name(node)
            case syntax.Number():
                return Node("literal", Type("number", free=True), node.at, value=(node.value, node.scale))
            case syntax.Text():
                return Node("literal", TEXT, node.at, value=node.value)
            case syntax.Date():
                return Node("literal", DATE, node.at, value=node.value)
            case syntax.Truth():
                return Node("literal", BOOLEAN, node.at, value=node.value)
            case syntax.Unknown():
                return Node("unknown", UNKNOWN, node.at)
            case syntax.Day():
                return Node("day", DATE, node.at)
            case syntax.Negative():
                operand = self.number(node.operand)
                type_ = Type("number", operand.type.unit, operand.type.free)
                return Node("negative", type_, node.at, (operand,))
            case syntax.Not():
                return Node("not", BOOLEAN, node.at, (self.boolean(node.operand),))
            case syntax.Logic():
                return Node(node.operator, BOOLEAN, node.at, tuple(self.boolean(one) for one in node.operands))
            case syntax.Arithmetic():
                return self._arithmetic(node)
            case syntax.Compare():
                return self._compare(node.operator, self.visit(node.left), self.visit(node.right), node.at)
            case syntax.Between():
                operand = _shared(self.visit(node.operand))
                low = self._compare(">=", operand, self.visit(node.low), node.at)
                high = self._compare("<=", operand, self.visit(node.high), node.at)
                return Node("and", BOOLEAN, node.at, (low, high))
            case syntax.In():
                operand = _shared(self.visit(node.operand))
                equal = tuple(self._compare("==", operand, self.visit(one), one.at) for one in node.choices)
                return Node("or", BOOLEAN, node.at, equal)
            case syntax.Call():
                return check_call(self, node)

    def boolean(self, node: syntax.Node) -> Node:
        """The node, which must be a yes or no."""
        found = self.visit(node)
        if found.type.kind not in {"boolean", "unknown"}:
            raise refuse_kind(found, "boolean")
        return found

    def number(self, node: syntax.Node) -> Node:
        """The node, which must be a number."""
        found = self.visit(node)
        if found.type.kind != "number":
            raise refuse_kind(found, "number")
        return found

    def date(self, node: syntax.Node) -> Node:
        """The node, which must be a date."""
        found = self.visit(node)
        if found.type.kind != "date":
            raise refuse_kind(found, "date")
        return found

    def join(self, left: Node, right: Node, at: Origin) -> Type:
        """The type of a value that is either ``left`` or ``right`` (compared, or branches of ``if``)."""
        one, other = left.type, right.type
        if "unknown" in {one.kind, other.kind}:
            return other if one.kind == "unknown" else one
        if one.kind == "number" and other.kind == "number":
            if not one.free and not other.free and one.unit != other.unit:
                raise refuse_units(left, right, at)
            return Type("number", other.unit if one.free else one.unit, one.free and other.free)
        for code, text in ((left, right), (right, left)):
            if code.type.kind == "code" and text.type.kind == "text" and text.operator == "literal":
                if not any(value == text.value for value, _ in code.type.codes):
                    raise refuse_code(code, text)
                return code.type
        same_codes = [value for value, _ in one.codes] == [value for value, _ in other.codes]
        if one.kind != other.kind or not same_codes:
            raise refuse_pair(left, right, at)
        return one

    def _name(self, node: syntax.Name) -> Node:
        fact = self.names.fact(self.level, node.name)
        if isinstance(fact, DefinedFact):
            return Node("fact", fact.typed.root.type, node.at, value=fact)
        if isinstance(fact, StoredFact):
            return Node("fact", type_of(fact.fact, node.at), node.at, value=fact)
        parameter = self.names.environment.parameters.get(node.name)
        if parameter is not None:
            return Node("parameter", Type("number", read_unit(parameter.unit, node.at)), node.at, value=parameter)
        below = self.names.below(self.level)
        group = self.names.environment.groups.get(node.name)
        if (node.name == below and below) or (group and group.source == below):
            raise refuse_group_as_value(node.name, node.at)
        raise self.names.unknown(self.level, node.name, node.at)

    def _arithmetic(self, node: syntax.Arithmetic) -> Node:
        left, right = self.number(node.left), self.number(node.right)
        free = left.type.free and right.type.free
        if node.operator in {"+", "-"}:
            joined = self.join(left, right, node.at)
            type_ = Type("number", joined.unit, free)
        else:
            power = 1 if node.operator == "*" else -1
            type_ = Type("number", multiply(left.type.unit, right.type.unit, power), free)
        return Node(node.operator, type_, node.at, (left, right))

    def _compare(self, operator: syntax.ComparisonOperator, left: Node, right: Node, at: Origin) -> Node:
        for side in (left, right):
            if side.type.kind == "unknown":
                raise refuse_unknown_compared(side)
        joined = self.join(left, right, at)
        if operator not in {"==", "!="} and joined.kind not in {"number", "date"}:
            raise refuse_order(operator, joined, at)
        return Node(operator, BOOLEAN, at, (left, right))


def _shared(node: Node) -> Node:
    """Mark a computed operand that is compared several times: it is worked out once."""
    return (
        node
        if node.operator in {"fact", "parameter", "literal", "day"}
        else Node("shared", node.type, node.at, (node,))
    )


def names_of(environment: Environment) -> Names:
    """The names of an environment, checked as they are asked for."""
    return Names(environment, _check)
