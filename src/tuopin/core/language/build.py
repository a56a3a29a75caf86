"""From typed trees to a program: operations, level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Fact
from tuopin.core.language.check import names_of
from tuopin.core.language.grouping import deciding
from tuopin.core.language.lowering import LevelLowering
from tuopin.core.language.plan import Scaled
from tuopin.core.language.program import ComparisonPlan, MembersPlan, Output, Program, RatioPlan
from tuopin.core.language.typed import DefinedFact, Group, Node, StoredFact, Typed, referred, walk
from tuopin.core.language.units import unit_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.language.environment import Environment
    from tuopin.core.language.plan import Column, LevelPlan, Lowered
    from tuopin.core.language.syntax import ComparisonOperator

_COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


def build(environment: Environment, outputs: Mapping[str, Typed]) -> Program:
    """Break the outputs, and every fact and group of the environment, down into a program for the environment's level.

    ``outputs`` maps a key of the caller's to an expression checked in this environment at its level. Facts of the
    level itself and groups of the level below are computed for every subject whether an output names them or not, as
    they are shown; facts and groups of other levels are only checked. Raises :class:`RuleError`.
    """
    names, level = names_of(environment), environment.level
    top = LevelLowering(level)
    below = names.below(level)
    built = {key: _output(top, key, typed) for key, typed in outputs.items()}
    facts: dict[str, Lowered] = {}
    for name, definition in environment.facts.items():
        found = names.fact(definition.level, name)
        if definition.level == level and isinstance(found, DefinedFact):
            facts[name] = top.defined(found)
        elif definition.level == level and isinstance(found, StoredFact):
            facts[name] = top.stored(found)
    groups: dict[str, Column] = {}
    for name in environment.groups:
        group = names.group(name)
        if group is not None and group.source == below:
            column = top.members(below).membership(group)
            if column is not None:
                groups[name] = column
    for used_level, name in sorted({one for typed in outputs.values() for one in typed.facts}):
        if used_level == level and name not in facts:
            fact = names.fact(level, name)
            if isinstance(fact, DefinedFact):
                facts[name] = top.defined(fact)
            elif isinstance(fact, StoredFact):
                facts[name] = top.stored(fact)
    plans: list[LevelPlan] = []
    lowering: LevelLowering | None = top
    while lowering is not None:
        plans.append(lowering.plan)
        lowering = lowering.below
    return Program(level, tuple(plans), built, facts, groups)


def _output(top: LevelLowering, key: str, typed: Typed) -> Output:
    value = top.keep(top.lower(typed.root), key)
    comparisons: list[ComparisonPlan] = []
    members: list[MembersPlan] = []
    inside: set[int] = set()  # nodes of the level below: arguments of groups
    for node in walk(typed.root):
        if id(node) in inside or isinstance(node.value, Group):
            inside |= {id(one) for one in node.arguments}
        if id(node) in inside:
            continue
        if node.operator in {"every", "some"} and isinstance(node.value, Group):
            members.append(MembersPlan(node.operator, node.value.name, deciding(top, node, node.value)))
        elif node.operator in _COMPARISONS and node.arguments[0].type.kind == "number":
            comparisons.append(_comparison(top, node))
    return Output(typed, value, tuple(comparisons), tuple(members))


def _comparison(top: LevelLowering, node: Node) -> ComparisonPlan:
    left, right = node.arguments
    operator: ComparisonOperator = node.operator  # type: ignore[assignment]  # the caller has looked
    unit = left.type.unit or right.type.unit
    lowered = top.lower(left)
    ratio = _ratio(top, left, lowered)
    return ComparisonPlan(operator, lowered, top.lower(right), _names(left), _names(right), unit_text(unit), ratio)


def _ratio(top: LevelLowering, node: Node, lowered: Lowered) -> RatioPlan | None:
    """What a side of a comparison divides: it, or the fact that it names, is a share or a quotient by a count."""
    while isinstance(node.value, DefinedFact):
        node = node.value.typed.root
    if node.operator == "share" and isinstance(node.value, Group):
        return RatioPlan(None, node.value.source, node.value.name)
    if node.operator != "/" or not isinstance(lowered, Scaled):
        return None
    above, below = node.arguments
    divisor, counted = top.lower(below), top.lower(above)
    if not isinstance(divisor, Scaled) or (divisor.scale, divisor.divisor) != (1, None):
        return None
    if not isinstance(counted, Scaled) or counted.divisor is not None or counted.scale != lowered.scale:
        return None
    named = above.value.fact if isinstance(above.value, StoredFact) else above.value
    name = named.name if isinstance(named, DefinedFact | Fact) else ""
    return RatioPlan(counted, unit_text(above.type.unit), name)


def _names(node: Node) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for one in referred(node):
        match one.value:
            case StoredFact() as stored:
                found[stored.fact.name] = None
            case None | bool() | str() | tuple():
                pass
            case value if hasattr(value, "name"):
                found[value.name] = None
    return tuple(found)
