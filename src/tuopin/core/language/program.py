"""A checked program: the expressions of a standard at one level, broken down into plans for each level below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuopin.core.language.plan import Column, LevelPlan, Lowered
    from tuopin.core.language.syntax import ComparisonOperator
    from tuopin.core.language.typed import Typed


@dataclass(frozen=True, slots=True)
class RatioPlan:
    """What a quotient or share divides: ``above`` in ``unit``, by whole things counted. ``above`` None: a share, whose
    bounds are quotients of counts themselves. ``name`` is the fact above the line, if it has a name."""

    above: Lowered | None
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """A comparison of numbers within an output, kept for the explanation. ``ratio`` is set where its left side divides
    by a count, so that one can say how many more or fewer would turn it."""

    operator: ComparisonOperator
    left: Lowered
    right: Lowered
    left_names: tuple[str, ...]
    right_names: tuple[str, ...]
    unit: str
    ratio: RatioPlan | None = None


@dataclass(frozen=True, slots=True)
class MembersPlan:
    """An ``every`` or ``some`` within an output: the column of the level below that says which members decide."""

    operator: str
    group: str
    column: Column


@dataclass(frozen=True, slots=True)
class Output:
    """A value asked for under a key."""

    typed: Typed
    value: Lowered
    comparisons: tuple[ComparisonPlan, ...]
    members: tuple[MembersPlan, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """What :func:`build` makes of an environment and the expressions asked for.

    ``plans`` are by level, the top one first. ``facts`` are the facts of the top level that are computed or loaded;
    ``groups`` the groups of the level below, with the column that tells membership.
    """

    level: str
    plans: tuple[LevelPlan, ...]
    outputs: dict[str, Output]
    facts: dict[str, Lowered]
    groups: dict[str, Column]

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are read, the top one first."""
        return tuple(plan.level for plan in self.plans)

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        """Stored facts to load, by level; a level may need none but its subjects."""
        return {plan.level: tuple(dict.fromkeys(load.fact for load in plan.loads)) for plan in self.plans}

    @property
    def absent_needs(self) -> dict[str, tuple[str, ...]]:
        """Facts of which SQL needs a column ``<fact>__absent`` (true where the workbook had no such column)."""
        return {
            plan.level: tuple(dict.fromkeys(load.fact for load in plan.loads if load.has_absent)) for plan in self.plans
        }
