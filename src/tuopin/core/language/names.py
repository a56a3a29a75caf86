"""Resolving the names of an environment: facts by level, groups, parameters; refusals with the nearest candidates."""

from __future__ import annotations

import datetime
import difflib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tuopin.core.language.errors import Origin, RuleError
from tuopin.core.language.reader import KEYWORDS, parse
from tuopin.core.language.syntax import Expression, Unknown
from tuopin.core.language.typed import Absent, DefinedFact, Group, Node, StoredFact, Typed
from tuopin.core.language.types import BOUNDS, Kind, Type
from tuopin.core.language.units import PLAIN, parse_unit, unit_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.core.language.catalogue import Derived, Fact
    from tuopin.core.language.environment import AwaitedFact, Environment, FactDefinition
    from tuopin.core.language.units import Unit

    type Checker = Callable[[Expression, Environment, str, str], Typed]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KINDS: dict[str, Kind] = {"boolean": "boolean", "code": "code", "text": "text", "date": "date"}


class Names:
    """The names of one environment. ``checker`` checks an expression at a level, expecting a kind."""

    def __init__(self, environment: Environment, checker: Checker) -> None:
        self.environment = environment
        self.checker = checker
        if not environment.resolved.validated:
            self._validate()
            environment.resolved.validated = True

    # --- what there is ---------------------------------------------------------------------------------------------

    def below(self, level: str) -> str:
        """Name of the level below, or nothing."""
        found = self.environment.catalogue.below(level)
        return found.name if found else ""

    def fact(self, level: str, name: str) -> StoredFact | DefinedFact | None:
        """The fact of this name at this level; checks its definition. Raises RuleError for a cycle."""
        key, resolved = (level, name), self.environment.resolved
        if key not in resolved.facts:
            if key in resolved.open:
                self._refuse_cycle(key)
            resolved.open.append(key)
            try:
                found = self._resolve(level, name)
            finally:
                resolved.open.pop()
            if found is None:
                return None
            resolved.facts[key] = found
        return resolved.facts[key]

    def group(self, name: str) -> Group | None:
        """The group of this name; checks its ``where``."""
        resolved, definition = self.environment.resolved, self.environment.groups.get(name)
        if definition is None:
            return None
        if name not in resolved.groups:
            where = self.checker(definition.where, self.environment, definition.source, "boolean")
            resolved.groups[name] = Group(name, definition.source, where)
        return resolved.groups[name]

    def in_sight(self, level: str) -> dict[str, str]:
        """Every name an expression of ``level`` may use, with its Chinese title where it has one."""
        environment, catalogue = self.environment, self.environment.catalogue
        below = self.below(level)
        names = {name: fact.title.zh for name, fact in catalogue.facts(level).items()}
        names |= {one.name: one.title.zh for one in catalogue.derived if one.level == level}
        names |= dict.fromkeys((name for name, one in environment.facts.items() if one.level == level), "")
        names |= {name: one.fact.title.zh for name, one in environment.awaited.items() if one.level == level}
        names |= dict.fromkeys(environment.parameters, "")
        names |= dict.fromkeys((name for name, one in environment.groups.items() if one.source == below), "")
        return names | ({below: ""} if below else {})

    def levels_of(self, name: str) -> list[str]:
        """Levels that have a fact of this name."""
        catalogue = self.environment.catalogue
        found = [level.name for level in catalogue.levels if name in catalogue.facts(level.name)]
        found += [one.level for one in catalogue.derived if one.name == name]
        for one in (self.environment.facts.get(name), self.environment.awaited.get(name)):
            found += [one.level] if one else []
        return found

    # --- refusals --------------------------------------------------------------------------------------------------

    def unknown(self, level: str, name: str, at: Origin) -> RuleError:
        """The error for a name that is not in sight at ``level``."""
        names = self.in_sight(level)
        near = nearest(name, names)
        elsewhere = [one for one in self.levels_of(name) if one != level]
        group = self.environment.groups.get(name)
        hint_zh, hint_en = (f"是否要写 {near[0]}？", f"did you mean {near[0]}?") if near else ("", "")
        if elsewhere:
            hint_zh = f"{name} 属于 {elsewhere[0]} 层；请通过组来使用，如 every(组, 条件)、sum(组, {name})"
            hint_en = f"{name} is a fact of level {elsewhere[0]}; use it through a group, as in sum(group, {name})"
        elif group:
            hint_zh = f"组 {name} 的成员属于 {group.source} 层，不在 {level} 的下一层"
            hint_en = f"the members of group {name} are of level {group.source}, not of the level below {level}"
        candidates = ", ".join(near or sorted(names)[:12])
        return RuleError(
            "unknown_name",
            at,
            f"{level} 层没有名称 {name}；最接近的：{candidates}",
            f"unknown name {name} at level {level}; nearest: {candidates}",
            found=name,
            expected=candidates,
            hint_zh=hint_zh,
            hint_en=hint_en,
        )

    def _refuse_cycle(self, key: tuple[str, str]) -> None:
        path = self.environment.resolved.open
        names = [name for _, name in path[path.index(key) :]] + [key[1]]
        definition = self.environment.facts.get(key[1])
        at = (definition.expression.origin if definition and definition.expression else None) or Origin()
        chain = " → ".join(names)
        raise RuleError("cycle", at, f"事实循环定义：{chain}", f"facts defined in a circle: {chain}", found=chain)

    # --- definitions -----------------------------------------------------------------------------------------------

    def _resolve(self, level: str, name: str) -> StoredFact | DefinedFact | None:
        stored = self.environment.catalogue.facts(level).get(name)
        definition = self.environment.facts.get(name)
        if definition is not None and definition.level == level:
            return self._defined(definition, stored)
        for derived in self.environment.catalogue.derived:
            if derived.level == level and derived.name == name:
                return self._derived(derived)
        awaited = self.environment.awaited.get(name)
        if stored is None and awaited is not None and awaited.level == level:
            return _awaited(awaited)
        return StoredFact(level, stored) if stored else None

    def _derived(self, derived: Derived) -> DefinedFact:
        origin = Origin("catalogue", what=f"derived fact {derived.name}")
        typed = self.checker(parse(derived.expression, origin), self.environment, derived.level, "any")
        return DefinedFact(derived.level, derived.name, with_unit(typed, derived.unit or None))

    def _defined(self, definition: FactDefinition, stored: Fact | None) -> StoredFact | DefinedFact:
        origin = definition.origin or (definition.expression.origin if definition.expression else Origin())
        if definition.expression is None:
            if stored is None or definition.absent is None:
                raise RuleError(
                    "no_expression",
                    origin,
                    f"事实 {definition.name} 没有表达式；只有数据列的 absent 可以省略表达式",
                    f"fact {definition.name} has no expression; only absent of a stored fact may do without one",
                    found=definition.name,
                )
            check_absent(stored, definition.absent, origin)
            return StoredFact(definition.level, stored, True, definition.absent)
        typed = self.checker(definition.expression, self.environment, definition.level, "any")
        if definition.absent is not None:
            source = typed.root.value
            if not isinstance(source, StoredFact) or typed.root.operator != "fact" or source.has_absent:
                raise RuleError(
                    "absent_needs_column",
                    origin,
                    "有 absent 的事实，其表达式只能是一个数据列的名称",
                    "the expression of a fact with absent must be the bare name of a stored fact",
                    found=definition.expression.text,
                    expected="a stored fact",
                )
            check_absent(source.fact, definition.absent, origin)
            root = replace(typed.root, value=replace(source, has_absent=True, absent=definition.absent))
            typed = replace(typed, root=root)
        return DefinedFact(definition.level, definition.name, with_unit(typed, definition.unit))

    def _validate(self) -> None:
        environment, catalogue = self.environment, self.environment.catalogue
        levels = {level.name: level for level in catalogue.levels}
        if environment.level not in levels:
            raise _unknown_level(environment.level, list(levels), Origin())
        stored = {name for level in levels for name in catalogue.facts(level)}
        stored |= {one.name for one in catalogue.derived}
        taken: dict[str, str] = dict.fromkeys(levels, "level")
        for name in environment.parameters:
            self._claim(name, "parameter", taken | dict.fromkeys(stored, "stored fact"), Origin())
            taken[name] = "parameter"
        for name, fact in environment.facts.items():
            at = fact.origin or (fact.expression.origin if fact.expression else Origin())
            if fact.level not in levels:
                raise _unknown_level(fact.level, list(levels), at)
            own = set(catalogue.facts(fact.level)) | {one.name for one in catalogue.derived if one.level == fact.level}
            self._claim(name, "fact", taken | (dict.fromkeys(own, "stored fact") if fact.expression else {}), at)
            taken[name] = "fact"
        for name, awaited in environment.awaited.items():
            if awaited.level not in levels:
                raise _unknown_level(awaited.level, list(levels), awaited.origin)
            self._claim(name, "expected fact", taken, awaited.origin)
            taken[name] = "expected fact"
        for name, group in environment.groups.items():
            if group.source not in levels or not levels[group.source].parent:
                below = [level.name for level in catalogue.levels if level.parent]
                raise _unknown_level(group.source, below, group.where.origin)
            self._claim(name, "group", taken | dict.fromkeys(stored, "stored fact"), group.where.origin)
            taken[name] = "group"

    @staticmethod
    def _claim(name: str, what: str, taken: dict[str, str], at: Origin) -> None:
        if name in KEYWORDS or not _NAME.fullmatch(name):
            raise RuleError(
                "bad_name",
                at,
                f"名称 {name} 不可用：须是小写英文字母、数字、下划线，且不是语言的词",
                f"bad name {name} of a {what}: lower-case letters, digits, underscores, and no word of the language",
                found=name,
            )
        if name in taken:
            raise RuleError(
                "name_taken",
                at,
                f"名称 {name} 已被占用（{taken[name]}）",
                f"the name {name} of a {what} is taken by a {taken[name]}",
                found=name,
            )


def type_of(fact: Fact, at: Origin) -> Type:
    """The type of a stored fact's value. Raises RuleError for a bad unit."""
    kind = _KINDS.get(fact.type, "number")
    unit = read_unit(fact.unit, at) if kind == "number" else PLAIN
    return Type(kind, unit, codes=tuple((code, title.zh) for code, title in fact.codes))


def _awaited(awaited: AwaitedFact) -> DefinedFact:
    """Of the type announced, and unknown."""
    at, name = awaited.origin, awaited.fact.name
    root = Node("unknown", type_of(awaited.fact, at), at)
    expression = Expression(at, name, Unknown(at))
    typed = Typed(expression, awaited.level, root, (), frozenset(), frozenset(), frozenset())
    return DefinedFact(awaited.level, name, typed)


def nearest(name: str, names: dict[str, str]) -> list[str]:
    """Up to three names like ``name``, which may also be (nearly) the Chinese title of one."""
    titles = {title: one for one, title in names.items() if title}
    near = difflib.get_close_matches(name, [*names, *titles], n=3, cutoff=0.6)
    return list(dict.fromkeys(titles.get(one, one) for one in near))


def with_unit(typed: Typed, declared: str | None) -> Typed:
    """``typed`` with its declared unit. A number written out takes it; anything else must have it already."""
    if declared is None:
        return typed
    at, type_ = typed.expression.origin, typed.root.type
    unit = read_unit(declared, at)
    if type_.kind == "number" and type_.free:
        return replace(typed, root=replace(typed.root, type=replace(type_, unit=unit, free=False)))
    if (type_.kind != "number" and unit) or (type_.kind == "number" and type_.unit != unit):
        own = unit_text(type_.unit) or "no unit"
        raise RuleError(
            "unit_mismatch",
            at,
            f"声明的单位是 {declared or '无'}，表达式的单位是 {unit_text(type_.unit) or '无'}",
            f"declared unit {declared or 'none'}, but the expression has {own}",
            found=own,
            expected=declared,
        )
    return typed


def read_unit(text: str, at: Origin) -> Unit:
    """:func:`parse_unit` with the refusal of a bad unit."""
    try:
        return parse_unit(text)
    except ValueError:
        raise RuleError(
            "bad_unit",
            at,
            f"单位 {text} 写法不对，应如 CNY/person/year",
            f"bad unit {text}; write it like CNY/person/year",
            found=text,
            expected="CNY/person/year",
        ) from None


def check_absent(fact: Fact, absent: Absent, at: Origin) -> None:
    """Refuse an ``absent`` that is not a value of the fact."""
    allowed = ", ".join(code for code, _ in fact.codes) or fact.type
    match fact.type:
        case "boolean":
            fits = isinstance(absent, bool)
        case "code":
            fits = isinstance(absent, str) and any(code == absent for code, _ in fact.codes)
        case "text":
            fits = isinstance(absent, str)
        case "date":
            fits = isinstance(absent, datetime.date)
        case "money" | "decimal" | "integer":
            fits = isinstance(absent, int) and not isinstance(absent, bool) and abs(absent) <= BOUNDS[fact.type]
    if not fits:
        raise RuleError(
            "wrong_absent",
            at,
            f"absent = {absent!r} 不是 {fact.name} 的值（{allowed}）",
            f"absent = {absent!r} is not a value of {fact.name} ({allowed})",
            found=repr(absent),
            expected=allowed,
        )


def _unknown_level(name: str, levels: list[str], at: Origin) -> RuleError:
    known = ", ".join(levels)
    return RuleError(
        "unknown_level",
        at,
        f"没有层级 {name}；有：{known}",
        f"unknown level {name}; there are: {known}",
        found=name,
        expected=known,
    )
