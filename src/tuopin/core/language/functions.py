"""The type check of calls: ``if``, ``known``, times between dates and the aggregations over groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language import syntax
from tuopin.core.language.refusals import (
    refuse_arguments,
    refuse_kind,
    refuse_no_level,
    refuse_not_a_group,
    refuse_value,
)
from tuopin.core.language.typed import Group, Node
from tuopin.core.language.types import BOOLEAN, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.language.check import Checker
    from tuopin.core.language.errors import Origin
    from tuopin.core.language.plan import ElapsedUnit

_SHAPES = {
    "if": (3, 3, "if(condition, a, b)"),
    "known": (1, 1, "known(x)"),
    "years": (2, 2, "years(birth_date, day)"),
    "months_between": (2, 2, "months_between(start, day)"),
    "days_between": (2, 2, "days_between(start, day)"),
    "every": (2, 2, "every(group, condition)"),
    "some": (1, 2, "some(group) or some(group, condition)"),
    "count": (1, 1, "count(group)"),
    "share": (2, 2, "share(group, condition)"),
    "sum": (2, 2, "sum(group, x)"),
    "min": (2, 2, "min(group, x)"),
    "max": (2, 2, "max(group, x)"),
}

ELAPSED: Mapping[str, ElapsedUnit] = {"years": "year", "months_between": "month", "days_between": "day"}
"""Functions of two dates, with the unit of what they count."""


def check_call(checker: Checker, node: syntax.Call) -> Node:
    """Check a call; raises :class:`RuleError`."""
    least, most, shape = _SHAPES[node.function]
    if not least <= len(node.arguments) <= most:
        raise refuse_arguments(node.function, len(node.arguments), shape, node.at)
    match node.function:
        case "if":
            condition = checker.boolean(node.arguments[0])
            yes, no = checker.visit(node.arguments[1]), checker.visit(node.arguments[2])
            return Node("if", checker.join(yes, no, node.at), node.at, (condition, yes, no))
        case "known":
            return Node("known", BOOLEAN, node.at, (checker.visit(node.arguments[0]),))
        case "years" | "months_between" | "days_between" as function:
            dates = tuple(checker.date(one) for one in node.arguments)
            return Node(function, Type("number", ((ELAPSED[function], 1),)), node.at, dates)
        case _:
            return _aggregation(checker, node)


def _aggregation(checker: Checker, node: syntax.Call) -> Node:
    group = _group(checker, node.arguments[0], node)
    inner = checker.at_level(group.source)
    operator, whole = node.function, group.where is None
    match operator:
        case "count":
            unit = ((group.source, 1),)
            return Node(operator, Type("number", unit, interval=not whole), node.at, value=group)
        case "every" | "some":
            arguments = tuple(inner.boolean(one) for one in node.arguments[1:])
            return Node(operator, BOOLEAN, node.at, arguments, group)
        case "share":
            return Node(operator, Type("number", interval=True), node.at, (inner.boolean(node.arguments[1]),), group)
        case _:
            value = inner.visit(node.arguments[1])
            if value.type.kind != "number" and not (value.type.kind == "date" and operator != "sum"):
                raise refuse_kind(value, "number")
            type_ = Type(value.type.kind, value.type.unit, value.type.free)
            return Node(operator, type_, node.at, (value,), group)


def _group(checker: Checker, node: syntax.Node, call: syntax.Call) -> Group:
    names, below = checker.names, checker.names.below(checker.level)
    if not below:
        raise refuse_no_level(call.function, checker.level, call.at)
    if not isinstance(node, syntax.Name):
        raise refuse_value(call.function, node.at)
    at: Origin = node.at
    if node.name == below:
        return Group(below, below, None)
    group = names.group(node.name)
    if group is not None and group.source == below:
        return group
    groups = [one for one, definition in names.environment.groups.items() if definition.source == below]
    raise refuse_not_a_group(node.name, [below, *groups], at)
