"""Why an output has the value it has: what it names, how far its comparisons are from their limits, who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tuopin.core.language.exact import Exact

if TYPE_CHECKING:
    from tuopin.core.language.interpreter import Result, Value
    from tuopin.core.language.program import ComparisonPlan, MembersPlan
    from tuopin.core.language.syntax import ComparisonOperator


class Ratio(NamedTuple):
    """A left side that divides by a count. ``above`` is what stands above the line, in ``unit``; of a share it is the
    count itself (and ``unit`` the level that is counted). ``name``: the fact or group, if it has a name."""

    above: Value
    unit: str
    name: str
    is_share: bool


class Comparison(NamedTuple):
    """A comparison of numbers: both sides and ``distance`` = left - right, all exact, in ``unit``; None is unknown.

    ``left_names`` and ``right_names`` are the facts, groups and parameters that each side names.
    """

    operator: ComparisonOperator
    left: Value
    right: Value
    distance: Exact | None
    left_names: tuple[str, ...]
    right_names: tuple[str, ...]
    unit: str
    ratio: Ratio | None = None


class Members(NamedTuple):
    """Who decides an ``every`` or ``some``, as indices into ``subject[level below]``.

    ``deciding``: of ``every`` those who are in the group and fail, of ``some`` those who are in it and fulfil.
    ``unsure``: those of whom it is unknown.
    """

    operator: str
    group: str
    deciding: tuple[int, ...]
    unsure: tuple[int, ...]


class Explanation(NamedTuple):
    """An output's value; the values of the facts it names; its comparisons; the members that decide it."""

    key: str
    value: Value
    facts: dict[str, Value]
    comparisons: tuple[Comparison, ...]
    members: tuple[Members, ...]


def explain(result: Result, key: str) -> Explanation:
    """Explain one output of a result. Raises KeyError for an unknown key."""
    read, plans, groups = result.interpreter.explained(key)
    value, named, sides = read(result.row)
    comparisons: tuple[Comparison, ...] = ()
    members: tuple[Members, ...] = ()
    if plans:
        comparisons = tuple([_comparison(plan, *sides[3 * at : 3 * at + 3]) for at, plan in enumerate(plans)])
    if groups:
        members = tuple([_members(result, plan) for plan in groups])
    return Explanation(key, value, named, comparisons, members)


def _comparison(plan: ComparisonPlan, left: Value, right: Value, above: Value) -> Comparison:
    distance = None
    if isinstance(left, Exact) and isinstance(right, Exact):
        (number, below), (limit, under) = left, right
        distance = Exact(number * under - limit * below, below * under)
    ratio = None if plan.ratio is None else Ratio(above, plan.ratio.unit, plan.ratio.name, plan.ratio.above is None)
    return Comparison(plan.operator, left, right, distance, plan.left_names, plan.right_names, plan.unit, ratio)


def _members(result: Result, plan: MembersPlan) -> Members:
    sure, unsure = result.members(plan.column)
    if plan.operator == "some":
        return Members(plan.operator, plan.group, sure, unsure)
    others = {*sure, *unsure}
    failing = tuple([index for index in range(len(result.row[0])) if index not in others])
    return Members(plan.operator, plan.group, failing, unsure)
