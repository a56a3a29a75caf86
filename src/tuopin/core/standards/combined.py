"""The overall verdict of a standard as one expression, so that a standard of a level above can count it.

``uses = ["household_exit"]`` in a village's standard makes ``household_exit`` a fact of households: true if met, false
if not met, unknown if unknown or not applicable. So ``share(household, not household_exit)`` is the incidence by
verdict, an interval as long as households are unknown; the incidence by legal status needs no such thing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuopin.core.language import Expression
from tuopin.core.language.syntax import Call, Compare, Logic, Name, Not, Number, Unknown, names_in
from tuopin.core.standards.model import FactSpec, PackError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tuopin.core.language.syntax import Node
    from tuopin.core.standards.model import Item, Pack, Standard


def with_used(
    pack: Pack,
    standard: Standard,
    members: dict[str, str],
    is_unset: Callable[[str], bool],
    awaited: Callable[[Standard], Collection[str]],
) -> Standard:
    """The standard with the facts, groups and overall verdicts of those it uses.

    ``members``: level → the level below without which a subject is unknown. ``is_unset`` tells open parameters,
    ``awaited`` the facts that nobody publishes yet.
    Errors: :class:`PackError` for an unknown standard, one of the same level, or a name that means two things.
    """
    facts, groups, expects = dict(standard.facts), dict(standard.groups), dict(standard.expects)
    for key in standard.uses:
        used = pack.standard(key)
        if used.level == standard.level or used.uses or any(item.evidence_max_age for item in used.items):
            raise PackError(
                "bad_use", standard.file,
                f"uses 中的“{key}”须属于下面的层级，自身不引用其他标准，也不限定依据的时效",
                f"uses names {key!r}, which must be of a level below, use no standard and set no age of evidence",
            )  # fmt: skip
        if used.kind.overall is None:
            raise PackError(
                "bad_use", standard.file,
                f"uses 中的“{key}”是分类，没有综合判定", f"uses names {key!r}, categories without an overall verdict",
            )  # fmt: skip
        names = frozenset(awaited(used))
        still_open = {item.key for item in used.items if _rests_on_unset(item, is_unset) or awaits(used, item, names)}
        expression = overall(used, members, still_open)
        verdict = FactSpec(key, used.level, used.title, expression, None, None, None)
        for name, fact in {**used.facts, key: verdict}.items():
            _add(facts, name, fact, standard)
        for name, group in used.groups.items():
            _add(groups, name, group, standard)
        for name, expected in used.expects.items():
            _add(expects, name, expected, standard)
    return replace(standard, facts=facts, groups=groups, expects=expects)


def merged(standard: Standard, other: Standard, levels: frozenset[str]) -> Standard:
    """The standard with the other's facts of these levels, and its groups of members of these levels."""
    facts, groups, expects = dict(standard.facts), dict(standard.groups), dict(standard.expects)
    for name, expected in other.expects.items():
        _add(expects, name, expected, standard)
    for name, fact in other.facts.items():
        if fact.level in levels:
            _add(facts, name, fact, standard)
    for name, group in other.groups.items():
        if group.source in levels:
            _add(groups, name, group, standard)
    return replace(standard, facts=facts, groups=groups, expects=expects)


def _add[T](known: dict[str, T], name: str, new: T, standard: Standard) -> None:
    if known.setdefault(name, new) is not new and _texts(known[name]) != _texts(new):
        raise PackError(
            "name_clash",
            standard.file,
            f"“{name}”在所引用的标准中另有含义",
            f"{name!r} means something else in a used standard",
        )


def _texts(named: object) -> tuple[object, ...]:
    return tuple(
        value.text if isinstance(value, Expression) else value
        for name in ("level", "source", "absent", "expression", "where", "fact", "room")
        if (value := getattr(named, name, None)) is not None
    )


def overall(standard: Standard, members: dict[str, str], still_open: Collection[str]) -> Expression:
    """True where the overall verdict is met, false where it is not met, else unknown. ``still_open`` names items that
    are unknown whatever the register says."""
    origin = standard.items[0].test.origin
    held, met = [], []
    for item in standard.items:
        at = item.test.origin
        test: Node = Unknown(at) if item.key in still_open else item.test.root
        parts = [part.root for part in (standard.applies, item.applies) if part is not None]
        applies = Logic(at, "and", tuple(parts)) if len(parts) > 1 else parts[0] if parts else None
        held.append(test if applies is None else Logic(at, "or", (Not(at, applies), test)))
        not_excluded = None if applies is None else Logic(at, "or", (Not(at, Call(at, "known", (applies,))), applies))
        met.append(test if not_excluded is None else Logic(at, "and", (not_excluded, test)))
    some_met = Logic(origin, "or", tuple(met)) if len(met) > 1 else met[0]
    root: Node = Logic(origin, "and", (*held, Logic(origin, "or", (some_met, Unknown(origin)))))
    if standard.level in members:
        count = Call(origin, "count", (Name(origin, members[standard.level]),))
        has_members = Compare(origin, ">=", count, Number(origin, 1, 0))
        root = Call(origin, "if", (has_members, root, Unknown(origin)))
    return Expression(origin, f"overall verdict of {standard.key}", root)


def _rests_on_unset(item: Item, is_unset: Callable[[str], bool]) -> bool:
    """An open limit that the item names beside its test. One inside the test is unknown by itself."""
    return item.limit is not None and is_unset(item.limit)


def awaits(standard: Standard, item: Item, names: frozenset[str]) -> bool:
    """Whether an item rests on one of these facts, by itself or through facts and groups of its standard."""
    if not names:
        return False
    waiting = [part for part in (item.test, item.applies, standard.applies) if part is not None]
    seen: set[str] = set()
    while waiting:
        for name in names_in(waiting.pop().root):
            if name in names:
                return True
            if name not in seen:
                seen.add(name)
                fact, group = standard.facts.get(name), standard.groups.get(name)
                waiting += [fact.expression] if fact is not None and fact.expression is not None else []
                waiting += [group.where] if group is not None else []
    return False
