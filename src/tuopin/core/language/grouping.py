"""Breaking aggregations down: a column for each member, and a primitive that gathers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.arithmetic import total
from tuopin.core.language.plan import And, Choose, Compare, Constant, Known, Not, Or, Range, Scaled
from tuopin.core.language.refusals import refuse_quotient

if TYPE_CHECKING:
    from tuopin.core.language.lowering import LevelLowering
    from tuopin.core.language.plan import Column, ColumnKind, Lowered, Operation, Primitive
    from tuopin.core.language.typed import Group, Node


def aggregate(level: LevelLowering, node: Node, group: Group) -> Lowered:
    """Operations of an aggregation over a group of the level below."""
    match node.operator:
        case "every" | "some":
            primitive: Primitive = "all" if node.operator == "every" else "any"
            return level.gather(primitive, deciding(level, node, group), name_of(node, group), node.at)
        case "count":
            return _count(level, node, group)
        case "share":
            return _share(level, node, group)
        case "sum":
            return _sum(level, node, group)
        case _:
            return _extreme(level, node, group)


def name_of(node: Node, group: Group) -> str:
    """Name of the column of an aggregation."""
    return f"{node.operator}_{group.name}"


def deciding(level: LevelLowering, node: Node, group: Group) -> Column:
    """The members' column that an ``every`` or ``some`` gathers: "not in the group, or c"; "in the group, and c"."""
    members = level.members(group.source)
    membership = members.membership(group)
    condition: Operation = members.plain(node.arguments[0]) if node.arguments else Constant(True)
    if membership is not None and not node.arguments:
        condition = membership
    elif membership is not None:
        condition = Or((Not(membership), condition)) if node.operator == "every" else And((membership, condition))
    return members.column(condition, f"{node.operator}_in_{group.name}")


def _count(level: LevelLowering, node: Node, group: Group) -> Lowered:
    membership = level.members(group.source).membership(group)
    if membership is None:
        return Scaled(level.gather("size", None, f"count_{group.name}", node.at))
    low = level.gather("trues", membership, f"sure_{group.name}", node.at)
    return Range(Scaled(low), Scaled(level.gather("possible", membership, f"possible_{group.name}", node.at)))


def _share(level: LevelLowering, node: Node, group: Group) -> Lowered:
    """Bounds over every way the unknown memberships and conditions could turn out; unknown without a sure member.

    The share is lowest if every unsure member without a sure yes belongs and is a no, and every unsure yes does not
    belong; highest the other way round.
    """
    members = level.members(group.source)
    membership = members.membership(group)
    condition = members.plain(node.arguments[0])
    with_it = condition if membership is None else And((membership, condition))
    without = Not(condition) if membership is None else And((membership, Not(condition)))
    yes, no = members.column(with_it, f"with_{group.name}"), members.column(without, f"without_{group.name}")

    def gather(primitive: Primitive, operand: Column | None, name: str) -> Column:
        return level.gather(primitive, operand, f"{name}_{group.name}", node.at)

    size = gather("size", None, "count") if membership is None else gather("trues", membership, "sure")
    sure_yes, sure_no = gather("trues", yes, "yes"), gather("trues", no, "no")
    may_yes, may_no = gather("possible", yes, "maybe_yes"), gather("possible", no, "maybe_no")

    def part(numerator: Column, others: Column) -> Scaled:
        whole = total([(1, numerator), (1, others)], node.at)
        return Scaled(numerator, 1, Choose(Compare(">", size, Constant(0)), whole, Constant(None)))

    return Range(part(sure_yes, may_no), part(may_yes, sure_no))


def _argument(level: LevelLowering, node: Node, group: Group) -> tuple[Operation, int]:
    """What is summed or compared, for each member, and the scale of the result."""
    members = level.members(group.source)
    if node.type.kind == "date":
        return members.plain(node.arguments[0]), 1
    number = members.number(node.arguments[0])
    if number.divisor is not None:
        raise refuse_quotient(node.operator, node.at)
    return number.number, number.scale


def _sum(level: LevelLowering, node: Node, group: Group) -> Lowered:
    members = level.members(group.source)
    value, scale = _argument(level, node, group)
    membership = members.membership(group)
    if membership is not None:
        value = Choose(membership, value, Constant(0))
    column = members.column(value, f"summed_in_{group.name}", "integer")
    return Scaled(level.gather("sum", column, name_of(node, group), node.at), scale)


def _extreme(level: LevelLowering, node: Node, group: Group) -> Lowered:
    """Least or greatest value; unknown if a membership or a member's value is unknown, or nobody belongs."""
    members = level.members(group.source)
    value, scale = _argument(level, node, group)
    membership = members.membership(group)
    complete: Operation = Known((value,))
    if membership is not None:
        complete = Choose(membership, complete, Constant(True))
        value = Choose(membership, value, Constant(None))
    kind: ColumnKind = "date" if node.type.kind == "date" else "integer"
    column = members.column(value, f"compared_in_{group.name}", kind)
    found = level.gather("least" if node.operator == "min" else "greatest", column, name_of(node, group), node.at)
    sure = level.gather("all", members.column(complete, f"known_in_{group.name}"), f"known_{group.name}", node.at)
    result = Choose(sure, found, Constant(None))
    return result if kind == "date" else Scaled(result, scale)
