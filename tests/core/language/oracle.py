"""A third evaluator, slow and plain: walks the syntax tree with fractions. It shares no code with the other two."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tuopin.core.language import parse, syntax

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from tuopin.core.language import Environment

BOUNDS = {"money": 10**15, "decimal": 10**12, "integer": 10**10}
Bounds = tuple[Fraction, Fraction]


class Oracle:
    def __init__(self, environment: Environment, day: datetime.date) -> None:
        self.environment, self.day = environment, day

    def value(self, node: syntax.Node, level: str, subject: Mapping[str, Any]) -> Any:  # noqa: C901 - flat cases
        """None, bool, str, date, Fraction, or a pair of Fractions for an interval."""
        match node:
            case syntax.Name():
                return self.named(node.name, level, subject)
            case syntax.Number():
                return Fraction(node.value, 10**node.scale)
            case syntax.Text() | syntax.Date() | syntax.Truth():
                return node.value
            case syntax.Unknown():
                return None
            case syntax.Day():
                return self.day
            case syntax.Negative():
                inner = _point(self.value(node.operand, level, subject))
                return None if inner is None else -inner
            case syntax.Not():
                inner = self.value(node.operand, level, subject)
                return None if inner is None else not inner
            case syntax.Logic():
                return _logic(node.operator, [self.value(one, level, subject) for one in node.operands])
            case syntax.Arithmetic():
                left, right = (_point(self.value(one, level, subject)) for one in (node.left, node.right))
                return _arithmetic(node.operator, left, right)
            case syntax.Compare():
                return _compare(
                    node.operator, self.value(node.left, level, subject), self.value(node.right, level, subject)
                )
            case syntax.Between():
                value, low, high = (self.value(one, level, subject) for one in (node.operand, node.low, node.high))
                return _logic("and", [_compare(">=", value, low), _compare("<=", value, high)])
            case syntax.In():
                value = self.value(node.operand, level, subject)
                return _logic("or", [_compare("==", value, self.value(one, level, subject)) for one in node.choices])
            case syntax.Call():
                return self.call(node, level, subject)

    def named(self, name: str, level: str, subject: Mapping[str, Any]) -> Any:
        definition = self.environment.facts.get(name)
        if definition is not None:
            assert definition.expression is not None
            if definition.absent is not None and definition.expression.text not in subject:
                return definition.absent
            return self.value(definition.expression.root, level, subject)
        for derived in self.environment.catalogue.derived:
            if derived.name == name and derived.level == level:
                return self.value(parse(derived.expression).root, level, subject)
        fact = self.environment.catalogue.facts(level).get(name)
        if fact is None:
            parameter = self.environment.parameters[name]
            return None if parameter.value is None else Fraction(parameter.value, 10**parameter.scale)
        value = subject.get(name)
        if value is None or fact.type not in BOUNDS:
            return value
        scale = {"money": 2, "decimal": fact.scale, "integer": 0}[fact.type]
        return Fraction(value, 10**scale) if abs(value) <= BOUNDS[fact.type] else None

    def call(self, node: syntax.Call, level: str, subject: Mapping[str, Any]) -> Any:
        match node.function:
            case "if":
                condition, yes, no = (self.value(one, level, subject) for one in node.arguments)
                return None if condition is None else _point(yes if condition else no)
            case "known":
                return _point(self.value(node.arguments[0], level, subject)) is not None
            case "years" | "months_between" | "days_between" as function:
                start, end = (self.value(one, level, subject) for one in node.arguments)
                return None if start is None or end is None else Fraction(_elapsed(function, start, end))
            case _:
                return self.aggregate(node, level, subject)

    def aggregate(self, node: syntax.Call, level: str, subject: Mapping[str, Any]) -> Any:
        below = self.environment.catalogue.below(level)
        group = node.arguments[0]
        assert below is not None
        assert isinstance(group, syntax.Name)
        members = []
        for member in subject[below.name]:
            inside: Any = True
            if group.name != below.name:
                inside = self.value(self.environment.groups[group.name].where.root, below.name, member)
            argument = self.value(node.arguments[1], below.name, member) if len(node.arguments) > 1 else True
            members.append((inside, argument))
        match node.function:
            case "every":
                return _logic("and", [_logic("or", [None if m is None else not m, c]) for m, c in members])
            case "some":
                return _logic("or", [_logic("and", [m, c]) for m, c in members])
            case "count":
                low = Fraction(sum(m is True for m, _ in members))
                high = Fraction(sum(m is not False for m, _ in members))
                return low if low == high else (low, high)
            case "share":
                return _share(members)
        values = [_point(value) for inside, value in members if inside is True]
        if any(inside is None for inside, _ in members) or None in values:
            return None
        if node.function == "sum":
            return sum(values, Fraction(0))
        return (min if node.function == "min" else max)(values, default=None)


def _elapsed(function: str, start: datetime.date, end: datetime.date) -> int:
    if function == "days_between":
        return end.toordinal() - start.toordinal()
    if function == "months_between":
        months = 12 * end.year + end.month - 12 * start.year - start.month
        return months if end.day >= start.day else months - 1
    years = end.year - start.year
    birthday = (start.month, start.day)
    return years if (end.month, end.day) >= birthday else years - 1


def _share(members: list[tuple[Any, Any]]) -> Any:
    """The definition itself: every way in which the unknown could turn out."""
    outcomes: set[tuple[int, int]] = {(0, 0)}
    for inside, fulfils in members:
        found = set()
        for yes, size in outcomes:
            for belongs in [True, False] if inside is None else [inside]:
                for fine in [True, False] if fulfils is None else [fulfils]:
                    found.add((yes + (belongs and fine), size + belongs))
        outcomes = found
    if any(size == 0 for _, size in outcomes):
        return None
    shares = [Fraction(yes, size) for yes, size in outcomes]
    low, high = min(shares), max(shares)
    return low if low == high else (low, high)


def _point(value: Any) -> Any:
    return None if isinstance(value, tuple) else value


def _logic(operator: str, values: list[bool | None]) -> bool | None:
    rank: list[bool | None] = [False, None, True]
    places = [rank.index(value) for value in values]
    return rank[min(places, default=2) if operator == "and" else max(places, default=0)]


def _arithmetic(operator: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return None if right == 0 else left / right


def _compare(operator: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if operator == "!=":
        equal = _compare("==", left, right)
        return None if equal is None else not equal
    if not isinstance(left, tuple) and not isinstance(right, tuple):
        return {
            "==": lambda: left == right,
            "<": lambda: left < right,
            "<=": lambda: left <= right,
            ">": lambda: left > right,
            ">=": lambda: left >= right,
        }[operator]()
    a = left if isinstance(left, tuple) else (left, left)
    b = right if isinstance(right, tuple) else (right, right)
    if operator == "==":
        return False if a[1] < b[0] or b[1] < a[0] else None
    outcomes = {_compare(operator, one, other) for one in a for other in b}
    return outcomes.pop() if len(outcomes) == 1 else None
