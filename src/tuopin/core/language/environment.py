"""What an expression may speak of: the catalogue, parameters of the day, facts and groups of a standard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from tuopin.core.language.catalogue import Catalogue, Fact
    from tuopin.core.language.errors import Origin
    from tuopin.core.language.syntax import Expression
    from tuopin.core.language.typed import DefinedFact, Group, StoredFact


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated parameter, resolved for the day: ``value / 10 ** scale`` in ``unit``.

    ``value=None`` is an open parameter: its value is unknown, and :attr:`Typed.open_parameters` names it.
    """

    name: str
    value: int | None
    scale: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """A fact that a standard defines.

    ``expression=None`` means the stored fact of the same name and needs ``absent``. ``unit`` (when not ``None``) must
    be the unit of the expression. ``absent`` is the value, in the catalogue's encoding, of a column that the workbook
    does not have; the expression must then be the bare name of a stored fact.
    """

    name: str
    level: str
    expression: Expression | None
    unit: str | None = None
    absent: bool | int | str | datetime.date | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class GroupDefinition:
    """A named part of a level: the subjects of level ``source`` for which ``where`` holds."""

    name: str
    source: str
    where: Expression


@dataclass(frozen=True, slots=True)
class AwaitedFact:
    """A fact that is announced but that no room publishes yet: its type is known, its value is unknown everywhere."""

    level: str
    fact: Fact
    origin: Origin


@dataclass(slots=True)
class Resolved:
    """What the check has worked out already, so that a fact named by ten items is checked once."""

    facts: dict[tuple[str, str], StoredFact | DefinedFact] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    open: list[tuple[str, str]] = field(default_factory=list)  # facts being checked: one met again is a cycle
    validated: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """The names in sight of a standard whose subjects are of ``level``."""

    catalogue: Catalogue
    level: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    facts: Mapping[str, FactDefinition] = field(default_factory=dict)
    groups: Mapping[str, GroupDefinition] = field(default_factory=dict)
    awaited: Mapping[str, AwaitedFact] = field(default_factory=dict)
    resolved: Resolved = field(default_factory=Resolved, init=False, repr=False, compare=False)
