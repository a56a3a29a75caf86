"""The SQL writer: a program as one query over a whole register, in short named steps.

The query reads one canonical relation a level, named by the level or by ``relations``: columns ``id``, ``parent_id``,
each stored fact that :attr:`Program.needs` names in the catalogue's encoding (money and decimals as scaled BIGINT,
BOOLEAN, DATE, VARCHAR; NULL = unknown), and for each fact of :attr:`Program.absent_needs` a BOOLEAN column
``<fact>__absent``, true where the workbook did not have the column.

For each level, the lowest first::

    <level>_0       loaded columns, joined with what was gathered from the level below
    <level>_1 …     computed columns, each step resting only on the ones before
    <level>_total   one row a parent: every aggregate that any item needs, in one pass

Integers are BIGINT where the proven bound allows it, else as wide as the engine has; the bounds leave no operation that
could overflow.
There is no float and no division in the query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.dialects import DIALECTS, DUCKDB
from tuopin.core.language.operations_sql import OperationWriter, literal, quoted
from tuopin.core.language.plan import Constant, Range, Scaled, columns_in

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from tuopin.core.language.dialects import Dialect
    from tuopin.core.language.plan import Aggregate, ColumnKind, LevelPlan, Load, Lowered, Operation, Step
    from tuopin.core.language.program import Program


@dataclass(frozen=True, slots=True)
class NamedStep:
    """One step of the query."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """Where a value stands in the result.

    ``plain``: one column. ``number``: two columns, (numerator, divisor), the value being
    ``numerator / (divisor * scale)``; unknown if either is NULL. ``interval``: four columns, the two of the lower bound
    and the two of the upper, with ``scale`` of both (they are equal).
    """

    shape: Literal["plain", "number", "interval"]
    columns: tuple[str, ...]
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Query:
    """``steps`` and the last SELECT over them; ``text`` is the whole query, one row a subject of the top level.

    Its columns are ``id``, ``parent_id`` and those of ``outputs`` (by key) and ``facts`` of the program.
    """

    steps: tuple[NamedStep, ...]
    select: str
    outputs: dict[str, ResultColumn]
    facts: dict[str, ResultColumn]

    @property
    def text(self) -> str:
        """The query."""
        steps = ",\n".join(f"{step.name} AS (\n{step.sql}\n)" for step in self.steps)
        return f"WITH {steps}\n{self.select}"


def write_sql(
    program: Program, day: datetime.date, relations: Mapping[str, str] | None = None, dialect: str = "duckdb"
) -> Query:
    """Write a program as SQL for a day. ``relations`` maps levels to table names (default: the level's name),
    ``dialect`` is that of the engine (``duckdb``, ``spark``)."""
    named = relations or {}
    steps: list[NamedStep] = []
    gathered: LevelWriter | None = None
    for plan in reversed(program.plans):
        writer = LevelWriter(plan, named.get(plan.level, plan.level), gathered, day, DIALECTS[dialect])
        steps += writer.steps
        gathered = writer
    if gathered is None:
        raise ValueError("a program has at least the plan of its own level")
    return _Selection(gathered, steps).query(program)


class LevelWriter:
    """Steps of one level. ``last`` is the name of the step that has every column."""

    def __init__(
        self,
        plan: LevelPlan,
        relation: str,
        below: LevelWriter | None,
        day: datetime.date,
        dialect: Dialect = DUCKDB,
    ) -> None:
        self.plan, self.below, self.dialect = plan, below, dialect
        self.names = [f"c{index}_{re.sub(r'[^a-z0-9_]', '_', name.lower())}" for index, name in enumerate(plan.names)]
        self.operations = OperationWriter(self.names, day, dialect)
        self.steps: list[NamedStep] = []
        if below is not None and plan.aggregates:
            self.steps.append(NamedStep(f"{plan.below}_total", self._gather(below)))
        self.last = f"{plan.level}_0"
        self.steps.append(NamedStep(self.last, self._load(relation)))
        for number, layer in enumerate(self._layers(), start=1):
            computed = [self._computed(step) for step in layer]
            name = f"{plan.level}_{number}"
            self.steps.append(NamedStep(name, _select(["*", *computed], self.last)))
            self.last = name

    def _computed(self, step: Step) -> str:
        return f"{self.operations.typed(step.operation, step.column.kind)} AS {self.names[step.column.index]}"

    def _load(self, relation: str) -> str:
        columns = ["r.id", "r.parent_id"]
        columns += [f"{_loaded(load, self.dialect)} AS {self.names[load.column.index]}" for load in self.plan.loads]
        columns += [f"{self._aggregated(one)} AS {self.names[one.column.index]}" for one in self.plan.aggregates]
        joined = f"{quoted(relation)} AS r"
        if self.below is not None and self.plan.aggregates:
            joined += f"\nLEFT JOIN {self.plan.below}_total AS t ON t.parent_id = r.id"
        return _select(columns, joined)

    def _gather(self, below: LevelWriter) -> str:
        columns = dict(_gathered(one, self._operand(one), self.dialect) for one in self.plan.aggregates)
        listed = [f"{sql} AS {name}" for name, sql in columns.items()]
        return _select(["parent_id", *listed], below.last) + "\nGROUP BY parent_id"

    def _aggregated(self, one: Aggregate) -> str:
        """The aggregate for a parent, whose members may be none (then every column of the join is NULL)."""
        gathered = f"t.{_gathered(one, self._operand(one), self.dialect)[0]}"
        match one.primitive:
            case "all":
                return f"CASE {gathered} WHEN 0 THEN FALSE WHEN 1 THEN NULL ELSE TRUE END"
            case "any":
                return f"CASE {gathered} WHEN 2 THEN TRUE WHEN 1 THEN NULL ELSE FALSE END"
            case "size" | "trues" | "possible":
                return f"coalesce({gathered}, 0)"
            case "sum":
                return f"CASE WHEN t.parent_id IS NULL THEN 0 ELSE {gathered} END"
            case _:
                return gathered

    def _operand(self, one: Aggregate) -> str:
        return "" if one.operand is None or self.below is None else self.below.names[one.operand.index]

    def _layers(self) -> list[list[Step]]:
        """Steps by how many other steps they rest on in a row, so that each layer reads only earlier ones."""
        depths: dict[int, int] = {}
        layers: list[list[Step]] = []
        for step in self.plan.steps:
            depth = max((depths.get(index, 0) for index in columns_in(step.operation)), default=0) + 1
            depths[step.column.index] = depth
            if depth > len(layers):
                layers.append([])
            layers[depth - 1].append(step)
        return layers


class _Selection:
    """The last SELECT: outputs and facts under their own columns."""

    def __init__(self, writer: LevelWriter, steps: list[NamedStep]) -> None:
        self.writer, self.steps = writer, steps
        self.selected: dict[str, str] = {"id": "id", "parent_id": "parent_id"}

    def query(self, program: Program) -> Query:
        outputs = {key: self._value(f"output_{key}", output.value) for key, output in program.outputs.items()}
        facts = {name: self._value(f"fact_{name}", value) for name, value in program.facts.items()}
        columns = [sql if sql == name else f"{sql} AS {name}" for name, sql in self.selected.items()]
        return Query(tuple(self.steps), _select(columns, self.writer.last), outputs, facts)

    def _value(self, name: str, value: Lowered) -> ResultColumn:
        match value:
            case Range():
                low, high = self._number(f"{name}_low", value.low), self._number(f"{name}_high", value.high)
                return ResultColumn("interval", (*low, *high), value.low.scale)
            case Scaled():
                return ResultColumn("number", self._number(name, value), value.scale)
            case _:
                return ResultColumn("plain", (self._column(name, value, "boolean"),))

    def _number(self, name: str, value: Scaled) -> tuple[str, str]:
        divisor = value.divisor or Constant(1)
        return self._column(name, value.number, "integer"), self._column(f"{name}_by", divisor, "integer")

    def _column(self, name: str, operation: Operation, kind: ColumnKind) -> str:
        """A column of the result; ``kind`` is that of a value that is unknown of everybody."""
        safe = re.sub(r"[^a-z0-9_]", "_", name.lower())
        unique, number = safe, 2
        while unique in self.selected:
            unique, number = f"{safe}_{number}", number + 1
        self.selected[unique] = self.writer.operations.typed(operation, kind)
        return unique


def _select(columns: Iterable[str], source: str) -> str:
    return "SELECT " + ",\n  ".join(columns) + f"\nFROM {source}"


def _loaded(load: Load, dialect: Dialect) -> str:
    fact = f"r.{quoted(load.fact)}"
    if load.has_absent:
        absent = f"r.{quoted(load.fact + '__absent')}"
        fact = f"CASE WHEN {absent} THEN {literal(load.absent, dialect)} ELSE {fact} END"
    if load.column.kind != "integer":
        return fact
    limit = load.column.bound
    return f"CASE WHEN {fact} BETWEEN -{limit} AND {limit} THEN CAST({fact} AS BIGINT) END"


def _gathered(one: Aggregate, name: str, dialect: Dialect) -> tuple[str, str]:
    """Name and SQL of the column, in the pass over the members, that an aggregate needs.

    Of truths, 0 stands for false, 1 for unknown, 2 for true: Kleene's conjunction is then the least of them and the
    disjunction the greatest, in one column each.
    """
    rank = f"CAST(CASE WHEN {name} THEN 2 WHEN NOT {name} THEN 0 ELSE 1 END AS {dialect.small})"
    match one.primitive:
        case "size":
            return "size", "count(*)"
        case "all":
            return f"all_{name}", f"min({rank})"
        case "any":
            return f"any_{name}", f"max({rank})"
        case "trues":
            return f"yes_{name}", f"count(*) FILTER (WHERE {name})"
        case "possible":
            return f"maybe_{name}", f"count(*) FILTER (WHERE {name} IS DISTINCT FROM FALSE)"
        case "sum":
            return f"sum_{name}", f"CASE WHEN count({name}) = count(*) THEN {dialect.total.format(name)} END"
        case "least":
            return f"least_{name}", f"min({name})"
        case "greatest":
            return f"greatest_{name}", f"max({name})"
