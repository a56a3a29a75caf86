"""Breaking typed trees down into operations, one :class:`LevelLowering` a level, created from the top downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language import arithmetic
from tuopin.core.language.environment import Parameter
from tuopin.core.language.functions import ELAPSED
from tuopin.core.language.grouping import aggregate
from tuopin.core.language.plan import (
    MOST_YEARS,
    Aggregate,
    And,
    Choose,
    Column,
    Compare,
    Constant,
    Day,
    Elapsed,
    Known,
    LevelPlan,
    Load,
    Not,
    Or,
    Range,
    Reached,
    Scaled,
    Step,
    bound,
    natural,
)
from tuopin.core.language.refusals import refuse_size
from tuopin.core.language.typed import DefinedFact, Group, StoredFact
from tuopin.core.language.types import BOUNDS, COUNT_BOUND, LARGEST, MONEY_SCALE

if TYPE_CHECKING:
    from tuopin.core.language.catalogue import FactType
    from tuopin.core.language.errors import Origin
    from tuopin.core.language.plan import ColumnKind, Lowered, Operation, Primitive
    from tuopin.core.language.typed import Node
    from tuopin.core.language.types import Kind

_KINDS: dict[Kind, ColumnKind] = {
    "boolean": "boolean",
    "unknown": "boolean",
    "number": "integer",
    "code": "text",
    "text": "text",
    "date": "date",
}
_FACT_KINDS: dict[FactType, ColumnKind] = {"boolean": "boolean", "date": "date", "code": "text", "text": "text"}


class LevelLowering:
    """Builds the plan of one level. Equal operations share a column, so each is computed once for every subject."""

    def __init__(self, level: str) -> None:
        self.plan = LevelPlan(level)
        self.below: LevelLowering | None = None
        self._facts: dict[tuple[str, bool], Lowered] = {}
        self._columns: dict[tuple[Operation, ColumnKind], Column] = {}  # what is unknown of everybody has any kind
        self._shared: dict[int, tuple[Node, Lowered]] = {}  # the node is kept, so that its id stays its own
        self._aggregates: dict[tuple[Primitive, Column | None], Column] = {}

    def lower(self, node: Node) -> Lowered:
        """Operations of a typed node of this level."""
        match node.operator, node.value:
            case "literal", (int(value), int(scale)):
                return Scaled(Constant(value), 10**scale)
            case "literal", value if not isinstance(value, tuple | StoredFact | DefinedFact | Group | Parameter):
                return Constant(value)
            case "unknown", _:
                return arithmetic.UNKNOWN_NUMBER if node.type.kind == "number" else Constant(None)
            case "day", _:
                return Day()
            case "parameter", Parameter() as parameter:
                return Scaled(Constant(parameter.value), 10**parameter.scale)
            case "fact", StoredFact() as stored:
                return self.stored(stored)
            case "fact", DefinedFact() as defined:
                return self.defined(defined)
            case _, Group() as group:
                return aggregate(self, node, group)
            case "shared", _:
                if id(node) not in self._shared:
                    self._shared[id(node)] = (node, self.keep(self.lower(node.arguments[0]), "shared"))
                return self._shared[id(node)][1]
            case (("+" | "-" | "*" | "/" | "negative"), _):
                return self._arithmetic(node)
            case _:
                return self._logic(node)

    def number(self, node: Node) -> Scaled:
        """Operations of a number; an uncertain count is unknown in arithmetic."""
        lowered = self.lower(node)
        return arithmetic.point(lowered, node.at) if isinstance(lowered, Scaled | Range) else arithmetic.UNKNOWN_NUMBER

    def plain(self, node: Node) -> Operation:
        """Operation of a truth, text or date."""
        return _plain(self.lower(node))

    def stored(self, stored: StoredFact) -> Lowered:
        """A loaded fact."""
        fact = stored.fact
        key = (fact.name, stored.has_absent)
        if key not in self._facts:
            kind = _FACT_KINDS.get(fact.type, "integer")
            column = self._new(fact.name, kind, fact.bound or BOUNDS.get(fact.type, 0))
            self.plan.loads.append(Load(column, fact.name, stored.has_absent, stored.absent))
            scale = {"money": MONEY_SCALE, "decimal": fact.scale}.get(fact.type, 0)
            self._facts[key] = Scaled(column, 10**scale) if kind == "integer" else column
        return self._facts[key]

    def defined(self, defined: DefinedFact) -> Lowered:
        """A fact of the standard or a derived one of the catalogue, kept in columns under its name."""
        key = (f"={defined.name}", False)
        if key not in self._facts:
            self._facts[key] = self.keep(self.lower(defined.typed.root), defined.name)
        return self._facts[key]

    def membership(self, group: Group) -> Column | None:
        """Column of this level (the members') that says who belongs to the group; None if all do."""
        if group.where is None:
            return None
        return self.column(self.plain(group.where.root), f"in_{group.name}")

    def keep(self, value: Lowered, name: str) -> Lowered:
        """The value, its operations kept in columns."""
        if isinstance(value, Range):
            return Range(self._keep_number(value.low, f"{name}_low"), self._keep_number(value.high, f"{name}_high"))
        if isinstance(value, Scaled):
            return self._keep_number(value, name)
        if value == Constant(None):
            return value  # a column of it would have no type, and so compare with nothing
        return self.column(value, name)

    def _keep_number(self, value: Scaled, name: str) -> Scaled:
        number = self.column(value.number, name, "integer")
        divisor = None if value.divisor is None else self.column(value.divisor, f"{name}_by", "integer")
        return Scaled(number, value.scale, divisor)

    def column(self, operation: Operation, name: str, kind: ColumnKind | None = None) -> Column:
        """The column that holds an operation; made if there is none yet."""
        if isinstance(operation, Column):
            return operation
        shape = kind or kind_of(operation)
        if (operation, shape) not in self._columns:
            column = self._new(name, shape, bound(operation), natural(operation))
            self.plan.steps.append(Step(column, operation))
            self._columns[operation, shape] = column
        return self._columns[operation, shape]

    def gather(self, primitive: Primitive, operand: Column | None, name: str, at: Origin) -> Column:
        """The column of this level that aggregates a column of the members."""
        key = (primitive, operand)
        if key not in self._aggregates:
            if operand is None or primitive in {"size", "trues", "possible"}:
                column = self._new(name, "integer", COUNT_BOUND, is_natural=True)
            else:
                size = operand.bound * (COUNT_BOUND if primitive == "sum" else 1)
                if size > LARGEST:
                    raise refuse_size(at)
                column = self._new(name, operand.kind, size, operand.natural)
            self.plan.aggregates.append(Aggregate(column, primitive, operand))
            self._aggregates[key] = column
        return self._aggregates[key]

    def members(self, level: str) -> LevelLowering:
        """The lowering of the level below."""
        if self.below is None:
            self.below = LevelLowering(level)
            self.plan.below = level
        return self.below

    def _new(self, name: str, kind: ColumnKind, size: int, is_natural: bool = False) -> Column:
        self.plan.names.append(name)
        return Column(len(self.plan.names) - 1, kind, size, is_natural)

    def _arithmetic(self, node: Node) -> Lowered:
        if node.operator == "negative":
            only = self.number(node.arguments[0])
            return Scaled(arithmetic.times(only.number, -1, node.at), only.scale, only.divisor)
        left, right = (self.number(one) for one in node.arguments)
        if node.operator == "/" and not isinstance(right.number, Constant):
            right = self._keep_number(right, "divisor")  # it enters the quotient twice, as a magnitude and as a sign
        match node.operator:
            case "+":
                return arithmetic.add(left, right, 1, node.at)
            case "-":
                return arithmetic.add(left, right, -1, node.at)
            case "*":
                return arithmetic.multiply(left, right, node.at)
            case _:
                return arithmetic.divide(left, right, node.at)

    def _logic(self, node: Node) -> Lowered:
        match node.operator:
            case "not":
                return Not(self.plain(node.arguments[0]))
            case "and":
                return And(tuple(self.plain(one) for one in node.arguments))
            case "or":
                return Or(tuple(self.plain(one) for one in node.arguments))
            case "known":
                value = self.lower(node.arguments[0])
                return arithmetic.known(value, node.at) if isinstance(value, Scaled | Range) else Known((value,))
            case "years" | "months_between" | "days_between" as function:
                start, end = (self.plain(one) for one in node.arguments)
                return Scaled(Elapsed(start, end, ELAPSED[function]))
            case "if":
                return self._choose(node)
            case "==" | "!=" | "<" | "<=" | ">" | ">=":
                left, right = (self.lower(one) for one in node.arguments)
                if isinstance(left, Scaled | Range) and isinstance(right, Scaled | Range):
                    return self._by_date(arithmetic.compare(node.operator, left, right, node.at))
                return Compare(node.operator, _plain(left), _plain(right))
            case _:
                raise TypeError(node.operator)

    def _by_date(self, compared: Operation) -> Operation:
        """Completed years until the day against a number of years, as comparisons of dates; all else as it is."""
        match compared:
            case Compare(sign, Column() as column, Constant(int(years))) if 0 <= years < MOST_YEARS:
                steps = [step.operation for step in self.plan.steps if step.column == column]
            case _:
                return compared
        match steps:
            case [Elapsed(start, Day(), "year")]:
                reached, passed = Reached(start, years), Reached(start, years + 1)
            case _:
                return compared
        match sign:
            case ">=":
                return reached
            case ">":
                return passed
            case "<":
                return Not(reached)
            case "<=":
                return Not(passed)
            case "==":
                return And((reached, Not(passed)))
            case "!=":
                return Or((Not(reached), passed))

    def _choose(self, node: Node) -> Lowered:
        condition = self.plain(node.arguments[0])
        if node.type.kind == "number":
            condition = self.column(condition, "condition")  # numerator and divisor both hang on it
            yes, no = self.number(node.arguments[1]), self.number(node.arguments[2])
            return arithmetic.choose(condition, yes, no, node.at)
        return Choose(condition, self.plain(node.arguments[1]), self.plain(node.arguments[2]))


def _plain(lowered: Lowered) -> Operation:
    if isinstance(lowered, Scaled | Range):
        raise TypeError(lowered)  # the check lets no number through to here
    return lowered


def kind_of(operation: Operation) -> ColumnKind:
    """Kind of the value of an operation that is not known to be an integer."""
    match operation:
        case Column():
            return operation.kind
        case Day():
            return "date"
        case Constant():
            value = operation.value
            return "boolean" if isinstance(value, bool | None) else "text" if isinstance(value, str) else "date"
        case Choose():
            yes = kind_of(operation.yes)
            undecided = isinstance(operation.yes, Constant) and operation.yes.value is None
            return kind_of(operation.no) if undecided else yes
        case _:
            return "boolean"
