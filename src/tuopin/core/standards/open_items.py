"""What of a pack is open: statements without a published text, limits without a value, data that nobody keeps yet.

Every open item has a key that stays the same from version to version, and a digest of its text: a confirmation holds
for the text that was read. The text of a condition is all that decides it, with the facts and groups it speaks of.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title
from tuopin.core.language.syntax import names_in
from tuopin.core.standards.model import UNCONFIRMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tuopin.core.language import Expression
    from tuopin.core.standards.model import DatedParameter, DatedValue, Pack, Standard
    from tuopin.core.standards.programs import Prepared, PreparedItem

type OpenKind = Literal["condition", "value", "limit", "waiting", "not_tested"]

CONFIRMABLE: frozenset[OpenKind] = frozenset({"condition", "value", "limit"})
"""Kinds that a document can confirm; the others can only be set aside with a reason."""

_NOT_TESTED = Title("现有表册无此列，不参与判定", "no column of the workbooks shows it; it does not enter the verdict")


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One open item. ``text`` is what stands in the pack (an expression, a value), ``source`` what the pack says of
    its origin; ``parameter`` names the limit that a value belongs to."""

    key: str
    kind: OpenKind
    standard: str
    title: Title
    reason: Title
    text: str
    source: str
    digest: str
    parameter: str = ""


def open_items(pack: Pack, prepared: Mapping[str, Prepared]) -> tuple[OpenItem, ...]:
    """The open items of a pack as its files stand. ``prepared`` holds its standards, ready for any day."""
    found: list[OpenItem] = []
    used: set[str] = set()
    for key, standard in pack.standards.items():
        ready = prepared[key]
        for item in ready.items:
            used |= set(item.parameters)
            found += _of_item(ready, item)
        for each in standard.not_tested:
            found.append(
                OpenItem(
                    f"not_tested:{key}.{each.key}", "not_tested", key, each.title, _NOT_TESTED, "", each.source,
                    _digest("not_tested", key, each.key, _both(each.title), each.source),
                )
            )  # fmt: skip
    for name in sorted(used):
        found += _of_parameter(pack, pack.parameters[name])
    return tuple(found)


def rests_on(prepared: Prepared) -> dict[str, tuple[str, ...]]:
    """Item (or condition not tested) of a standard → the keys of the open items for which it is draft on its day."""
    found: dict[str, tuple[str, ...]] = {}
    standard = prepared.standard.key
    for item in prepared.items:
        keys = [f"limit:{name}" for name in item.unset]
        keys += [f"waiting:{standard}.{item.key}"] if item.waiting else []
        keys += [f"condition:{standard}.{item.key}"] if item.item.confidence in UNCONFIRMED else []
        for name in item.parameters:
            value = prepared.values.get(name)
            if value is not None and value.confidence in UNCONFIRMED:
                keys.append(value_key(name, value))
        if keys:
            found[item.key] = tuple(keys)
    for condition in prepared.standard.not_tested:
        found[condition.key] = (f"not_tested:{standard}.{condition.key}",)
    return found


def value_key(name: str, value: DatedValue) -> str:
    return f"value:{name}@{value.valid_from.isoformat()}"


def rule_digest(prepared: Prepared, item: str) -> str:
    """The digest of one item's text, or of the condition ``applies`` of the whole standard."""
    found = next((each for each in prepared.items if each.key == item.partition(":")[0]), None)
    if found is not None:
        return _digest("rule", *_decisive(prepared.standard, found))
    applies = prepared.standard.applies
    return _digest("rule", prepared.standard.key, item, applies.text if applies else "")


def limit_digest(pack: str, parameter: DatedParameter) -> str:
    """What a value given for an open limit was given for: the limit of this pack, its type and unit."""
    return _digest("limit", pack, parameter.name, _both(parameter.title), parameter.type, parameter.unit,
                   parameter.scale)  # fmt: skip


def _of_item(prepared: Prepared, item: PreparedItem) -> Iterable[OpenItem]:
    standard, source = prepared.standard.key, item.item
    if source.confidence in UNCONFIRMED:
        yield OpenItem(
            f"condition:{standard}.{item.key}", "condition", standard, source.title,
            Title("条款未经确认", "the condition is not confirmed"), source.written, source.source,
            _digest("condition", *_decisive(prepared.standard, item)),
        )  # fmt: skip
    if item.waiting:
        yield OpenItem(
            f"waiting:{standard}.{item.key}", "waiting", standard, source.title,
            prepared.awaited[item.waiting[0]].waiting, ", ".join(item.waiting), source.source,
            _digest("waiting", *_decisive(prepared.standard, item), *sorted(item.waiting)),
        )  # fmt: skip


def _of_parameter(pack: Pack, parameter: DatedParameter) -> Iterable[OpenItem]:
    for value in parameter.values:
        if value.confidence in UNCONFIRMED:
            text = json.dumps([value.value, parameter.scale, parameter.unit, value.valid_from.isoformat(),
                               value.valid_to.isoformat() if value.valid_to else None])  # fmt: skip
            yield OpenItem(
                value_key(parameter.name, value), "value", "", parameter.title,
                Title("取值未经确认", "the value is not confirmed"), _written(value, parameter), value.source,
                _digest("value", parameter.name, _both(parameter.title), text, value.source, value.confidence),
                parameter.name,
            )  # fmt: skip
    if parameter.open and (not parameter.values or parameter.values[-1].valid_to is not None):
        yield OpenItem(
            f"limit:{parameter.name}", "limit", "", parameter.title, Title("限值未定", "limit not set"), "",
            "", limit_digest(pack.key, parameter), parameter.name,
        )  # fmt: skip


def _written(value: DatedValue, parameter: DatedParameter) -> str:
    until = value.valid_to.isoformat() if value.valid_to else ""
    number = Decimal(value.value).scaleb(-parameter.scale)
    return f"{number:f} {parameter.unit} {value.valid_from.isoformat()} → {until}".strip()


def _decisive(standard: Standard, item: PreparedItem) -> list[object]:
    source = item.item
    parts = [part for part in (source.test, source.applies, standard.applies) if part is not None]
    return [
        standard.key, item.key, _both(source.title), source.written, source.applies.text if source.applies else None,
        standard.applies.text if standard.applies else None, source.source, source.confidence, source.limit,
        source.evidence_max_age, _spoken_of(standard, parts),
    ]  # fmt: skip


def _spoken_of(standard: Standard, parts: list[Expression]) -> list[list[object]]:
    """The definitions of the facts and groups that expressions name, and of those that these name in turn."""
    waiting, found = list(parts), dict[str, list[object]]()
    while waiting:
        for name in names_in(waiting.pop().root) - found.keys():
            fact, group = standard.facts.get(name), standard.groups.get(name)
            if fact is not None:
                text = fact.expression.text if fact.expression is not None else None
                found[name] = [name, fact.level, text, fact.unit, fact.absent]
                waiting += [fact.expression] if fact.expression is not None else []
            elif group is not None:
                found[name] = [name, group.source, group.where.text]
                waiting.append(group.where)
    return [found[name] for name in sorted(found)]


def _both(title: Title) -> list[str]:
    return [title.zh, title.en]


def _digest(*decisive: object) -> str:
    return hashlib.sha256(json.dumps(decisive, ensure_ascii=False).encode()).hexdigest()
