"""A standard made ready for a day: parameters resolved, names and types checked, one program for both evaluators."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language import (
    Environment,
    FactDefinition,
    GroupDefinition,
    Origin,
    Parameter,
    build,
    check,
    parse,
)
from tuopin.core.language.catalogue import Title
from tuopin.core.standards.combined import with_used
from tuopin.core.standards.expecting import as_awaited, still_awaited
from tuopin.core.standards.model import UNCONFIRMED, PackError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tuopin.core.language import Program, Typed
    from tuopin.core.language.catalogue import Catalogue
    from tuopin.core.standards.expecting import Expected
    from tuopin.core.standards.kinds import Kind
    from tuopin.core.standards.model import DatedParameter, DatedValue, Item, Pack, Standard

MEMBERS = {"household": "person"}
"""Levels whose subjects are unknown as long as nobody belongs to them: a household without members is unknown."""


@dataclass(frozen=True, slots=True)
class PreparedItem:
    """An item with its checked expressions. ``unset`` names the open parameters it rests on that have no value,
    ``waiting`` the facts that no room publishes yet: with either it is unknown of everybody."""

    item: Item
    test: Typed
    applies: Typed | None
    parameters: tuple[str, ...]
    unset: tuple[str, ...]
    waiting: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...]  # (level, fact table) it reads, for the age of evidence

    @property
    def key(self) -> str:
        return self.item.key

    @property
    def is_open(self) -> bool:
        """Whether it is unknown whatever the register says."""
        return bool(self.unset or self.waiting)

    @property
    def aged_blocks(self) -> tuple[tuple[str, str], ...]:
        """The blocks whose age decides: none where the item sets no age."""
        return self.blocks if self.item.evidence_max_age is not None else ()


@dataclass(frozen=True, slots=True)
class Draft:
    """Something of a standard that is not confirmed: every verdict that rests on it says so."""

    key: str
    kind: Literal["unconfirmed", "limit_not_set", "not_tested", "waiting"]
    title: Title
    reason: Title


@dataclass(frozen=True, slots=True)
class Shown:
    """A fact shown beside the verdicts, with its decimals."""

    name: str
    title: Title
    unit: str
    places: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A standard of a pack on a day, ready to be evaluated."""

    pack: Pack
    standard: Standard
    catalogue: Catalogue
    day: datetime.date
    values: Mapping[str, DatedValue | None]
    awaited: Mapping[str, Expected]
    items: tuple[PreparedItem, ...]
    program: Program
    shown: tuple[Shown, ...]
    draft: tuple[Draft, ...]
    parameter_hash: str

    @property
    def kind(self) -> Kind:
        return self.standard.kind

    @property
    def decisive(self) -> tuple[PreparedItem, ...]:
        """The items of which the overall verdict is made. A rule of quality that waits for data says nothing of anybody
        and keeps nobody from being without doubts; one whose limit is not set can be told of nobody, and says so."""
        judged = tuple(item for item in self.items if not item.waiting)
        return judged if judged and self.kind.key == "quality" else self.items

    @property
    def members(self) -> str | None:
        """The level below without which the subject is unknown."""
        return MEMBERS.get(self.standard.level)


def prepare(pack: Pack, key: str, catalogue: Catalogue, day: datetime.date, *, carry: Iterable[str] = ()) -> Prepared:
    """Check the standard ``key`` of the pack against the catalogue with the parameters of ``day``.

    ``carry`` names facts of the standard's level that the program gives out too (outputs ``carry:<name>``), for the
    pass over the level above.

    Errors: :class:`PackError` for a parameter without a value on the day that is not declared open, an unknown level
    or shown fact; ``RuleError`` for everything that is wrong in an expression, and for a fact that is published
    otherwise than the standard expects it.
    """
    values = {name: parameter.on(day) for name, parameter in pack.parameters.items()}
    standard = with_used(
        pack, pack.standard(key), MEMBERS, lambda name: values.get(name) is None,
        lambda used: still_awaited(used, catalogue),
    )  # fmt: skip
    _check_levels(standard, catalogue)
    awaited = still_awaited(standard, catalogue)
    environment = _environment(pack, standard, catalogue, values, awaited)
    outputs: dict[str, Typed] = {}
    if standard.applies is not None:
        outputs["applies"] = check(standard.applies, environment)
    if standard.level in MEMBERS:
        outputs["members"] = check(parse(f"count({MEMBERS[standard.level]}) >= 1"), environment)
    everywhere = set(outputs["applies"].facts) if "applies" in outputs else set()
    items = tuple(_item(item, environment, pack, values, everywhere) for item in standard.items)
    for item in items:
        outputs[f"{item.key}:test"] = item.test
        if item.applies is not None:
            outputs[f"{item.key}:applies"] = item.applies
    for name in standard.show:
        outputs[f"show:{name}"] = _number(name, standard, environment)
    for name in carry:
        outputs[f"carry:{name}"] = check(parse(name), environment, expect="any")
    program = build(environment, outputs)
    used = {name for typed in outputs.values() for name in typed.parameters} | {
        name for item in items for name in item.parameters
    }
    _refuse_missing(pack, standard, values, used, day)
    return Prepared(
        pack=pack,
        standard=standard,
        catalogue=catalogue,
        day=day,
        values={name: values[name] for name in sorted(used)},
        awaited=awaited,
        items=items,
        program=program,
        shown=tuple(_shown(name, standard, catalogue, outputs[f"show:{name}"]) for name in standard.show),
        draft=_draft(items, standard, pack, values, awaited),
        parameter_hash=_hash(pack, values, used, awaited),
    )


def _check_levels(standard: Standard, catalogue: Catalogue) -> None:
    known = {level.name for level in catalogue.levels}
    named = {
        standard.level,
        *(fact.level for fact in standard.facts.values()),
        *(g.source for g in standard.groups.values()),
        *(each.level for each in standard.expects.values()),
    }
    for name in sorted(named - known):
        listed = "、".join(level.name for level in catalogue.levels)
        raise PackError(
            "unknown_level",
            standard.file,
            f"没有层级“{name}”，有：{listed}",
            f"there is no level {name!r}; there are: {listed}",
        )


def _environment(
    pack: Pack,
    standard: Standard,
    catalogue: Catalogue,
    values: Mapping[str, DatedValue | None],
    awaited: Mapping[str, Expected],
) -> Environment:
    parameters = {}
    for name, parameter in pack.parameters.items():
        value = values[name]
        parameters[name] = Parameter(name, None if value is None else value.value, parameter.scale, parameter.unit)
    return Environment(
        catalogue=catalogue,
        level=standard.level,
        parameters=parameters,
        facts={
            fact.name: FactDefinition(
                fact.name,
                fact.level,
                fact.expression,
                unit=fact.unit,
                absent=fact.absent,
                origin=Origin(standard.file, what=f"fact {fact.name}"),
            )
            for fact in standard.facts.values()
        },
        groups={
            group.name: GroupDefinition(group.name, group.source, group.where) for group in standard.groups.values()
        },
        awaited=as_awaited(awaited),
    )


def _item(
    item: Item,
    environment: Environment,
    pack: Pack,
    values: Mapping[str, DatedValue | None],
    everywhere: set[tuple[str, str]],
) -> PreparedItem:
    test = check(item.test, environment)
    applies = None if item.applies is None else check(item.applies, environment)
    if item.limit is not None and item.limit not in pack.parameters:
        raise PackError(
            "unknown_parameter", item.test.origin.file, f"指标 {item.key} 的 limit“{item.limit}”不是参数",
            f"item {item.key}: limit {item.limit!r} is not a parameter",
        )  # fmt: skip
    parameters = set(test.parameters) | ({item.limit} if item.limit else set())
    if applies is not None:
        parameters |= applies.parameters
    unset = tuple(sorted(name for name in parameters if values[name] is None and pack.parameters[name].open))
    facts = set(test.facts) | (set() if applies is None else set(applies.facts))
    blocks = {
        (table.level, table.name)
        for table in environment.catalogue.tables
        for fact in table.facts
        if (table.level, fact.name) in facts
    }
    reached = facts | everywhere
    waiting = tuple(name for name, each in environment.awaited.items() if (each.level, name) in reached)
    return PreparedItem(item, test, applies, tuple(sorted(parameters)), unset, waiting, tuple(sorted(blocks)))


def _refuse_missing(
    pack: Pack, standard: Standard, values: Mapping[str, DatedValue | None], used: set[str], day: datetime.date
) -> None:
    for name in sorted(used):
        if values[name] is None and not pack.parameters[name].open:
            title = pack.parameters[name].title
            raise PackError(
                "no_value_on_day", standard.file,
                f"参数 {name}（{title.zh}）在 {day} 没有取值，又未声明 open = true",
                f"parameter {name} ({title.en}) has no value on {day} and is not declared open",
            )  # fmt: skip


def _number(name: str, standard: Standard, environment: Environment) -> Typed:
    typed = check(parse(name, Origin(standard.file, what="show")), environment, expect="any")
    if typed.kind != "number":
        raise PackError(
            "not_a_number", standard.file, f"show 中的“{name}”不是数", f"show names {name!r}, which is no number"
        )
    return typed


def _shown(name: str, standard: Standard, catalogue: Catalogue, typed: Typed) -> Shown:
    stored = catalogue.facts(standard.level).get(name)
    spec = standard.facts.get(name)
    if stored is not None:
        return Shown(name, stored.title, typed.unit, {"money": 2, "decimal": stored.scale}.get(stored.type, 0))
    default = 2 if "CNY" in typed.unit else 0 if typed.unit else 6
    if spec is not None:
        return Shown(name, spec.title, typed.unit, default if spec.places is None else spec.places)
    titles = [derived.title for derived in catalogue.derived if (derived.level, derived.name) == (standard.level, name)]
    return Shown(name, titles[0] if titles else Title(name, name), typed.unit, default)


def _draft(
    items: tuple[PreparedItem, ...],
    standard: Standard,
    pack: Pack,
    values: Mapping[str, DatedValue | None],
    awaited: Mapping[str, Expected],
) -> tuple[Draft, ...]:
    found: list[Draft] = []
    for item in items:
        if item.unset:
            parameter = pack.parameters[item.unset[0]]
            reason = Title(f"限值未定：{parameter.title.zh}", f"limit not set: {parameter.title.en}")
            found.append(Draft(item.key, "limit_not_set", item.item.title, reason))
        elif item.waiting:
            found.append(Draft(item.key, "waiting", item.item.title, awaited[item.waiting[0]].waiting))
        elif item.item.confidence in UNCONFIRMED:
            found.append(
                Draft(item.key, "unconfirmed", item.item.title, Title("条款未经确认", "the condition is not confirmed"))
            )
        else:
            doubtful = [name for name in item.parameters if (v := values[name]) and v.confidence in UNCONFIRMED]
            for name in doubtful[:1]:
                title = pack.parameters[name].title
                reason = Title(f"当日取值未经确认：{title.zh}", f"the value of the day is not confirmed: {title.en}")
                found.append(Draft(item.key, "unconfirmed", item.item.title, reason))
    not_tested = Title(
        "现有表册无此列，不参与判定", "no column of the workbooks shows it; it does not enter the verdict"
    )
    found.extend(Draft(each.key, "not_tested", each.title, not_tested) for each in standard.not_tested)
    return tuple(found)


def _hash(pack: Pack, values: Mapping[str, DatedValue | None], used: set[str], awaited: Mapping[str, Expected]) -> str:
    """Over what decides verdicts beside the pack's files: limits, and what is still waited for."""

    def written(name: str) -> list[object]:
        parameter: DatedParameter = pack.parameters[name]
        value = values[name]
        return [name, None if value is None else value.value, parameter.scale, parameter.unit]

    decisive = [written(name) for name in sorted(used)] + [[name, "awaited"] for name in sorted(awaited)]
    document = json.dumps(decisive, separators=(",", ":"))
    return hashlib.sha256(document.encode()).hexdigest()


def validate(pack: Pack, catalogue: Catalogue) -> None:
    """Check every standard of the pack on the first day on which all its parameters have a value.

    What the check of expressions does not depend on the day for holds for every day; values that are missing on other
    days are refused when such a day is asked for.
    """
    starts = sorted(
        {value.valid_from for parameter in pack.parameters.values() for value in parameter.values}, reverse=True
    )
    starts = starts or [datetime.date(2000, 1, 1)]  # a pack without parameters holds on every day alike
    for key in sorted(pack.standards):
        errors: list[PackError] = []
        for day in starts:
            try:
                prepare(pack, key, catalogue, day)
                break
            except PackError as error:
                if error.code != "no_value_on_day":
                    raise
                errors.append(error)
        else:
            raise errors[0]
