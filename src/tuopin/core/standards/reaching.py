"""What an item's expression reaches: facts of its own level, groups of the level below that its values count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.language import syntax
from tuopin.core.language.typed import DefinedFact, Group, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuopin.core.language.typed import Node
    from tuopin.core.standards.programs import Prepared, PreparedItem

_COUNTING = frozenset({"count", "share", "sum", "min", "max"})

_KEPT: dict[tuple[str, int], tuple[object, Any]] = {}
_MOST_KEPT = 2_000


def kept[Made](what: str, of: object, make: Callable[[], Made]) -> Made:
    """What is the same for every subject, made once: by the identity of what it is made of, which is kept beside it."""
    key = (what, id(of))
    held = _KEPT.get(key)
    if held is None or held[0] is not of:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        held = _KEPT[key] = (of, make())
    made: Made = held[1]
    return made


def within(root: Node, level: str) -> list[str]:
    """Names of the defined facts of a level that an expression reaches, in its order."""
    return list(dict.fromkeys(node.value.name for node in nodes(root, level) if isinstance(node.value, DefinedFact)))


def nodes(root: Node, level: str) -> list[Node]:
    """The nodes of an expression and of the facts that it names, as far as they are of the level itself."""
    return kept(level, root, lambda: _made_nodes(root, level))


def _made_nodes(root: Node, level: str) -> list[Node]:
    found: list[Node] = []
    waiting, seen = [root], set[str]()
    while waiting:
        inside: set[int] = set()  # arguments of groups are of the level below
        for node in walk(waiting.pop()):
            if id(node) in inside:
                inside |= {id(each) for each in node.arguments}
                continue
            found.append(node)
            if isinstance(node.value, Group):
                inside |= {id(each) for each in node.arguments}
            elif isinstance(node.value, DefinedFact) and node.value.level == level and node.value.name not in seen:
                seen.add(node.value.name)
                waiting.append(node.value.typed.root)
    return found


def groups_of(prepared: Prepared, item: PreparedItem) -> tuple[str, ...]:
    """Names of the groups of the level below that the values of an item count."""
    reached = nodes(item.test.root, prepared.standard.level)
    found = [node.value.name for node in reached if isinstance(node.value, Group) and node.value.where is not None
             and node.operator in _COUNTING]  # fmt: skip
    return tuple(dict.fromkeys(found))


def statuses_of(where: syntax.Node) -> tuple[str, ...]:
    """The registration statuses that a group is of, where it is of statuses alone."""
    if isinstance(where, syntax.In) and isinstance(where.operand, syntax.Name):
        texts = [each.value for each in where.choices if isinstance(each, syntax.Text)]
        return tuple(texts) if where.operand.name == "registration" else ()
    return ()
