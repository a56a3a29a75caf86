"""Rules of data quality that apply by what a sensitive class keeps (“poor by illness” …), for whom it is closed.

Such a rule's doubts are told to everybody who may see doubts: they are to be mended. But that it applies and finds
nothing, or cannot be told, says of a household what the class keeps; so “none found”, “cannot be told” and “not
applicable” are one word there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tuopin.core.standards.kinds import QUALITY
from tuopin.platform.access import SENSITIVE, field_classes_at
from tuopin.platform.problems import Problem
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .packs import get_prepared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor

    from .models import Evaluation

FOUND = "not_met"
_NONE_FOUND = "met"


def closed_rules(
    kind: str, items: Sequence[str], prepared: Prepared | None, classes: AbstractSet[str] | None
) -> frozenset[str]:
    """Keys of the rules of which a reader with these classes (None = all) is told the doubts alone. ``prepared`` None:
    the pack no longer loads, and any of ``items`` may be one."""
    closed = frozenset() if classes is None else SENSITIVE - classes
    if kind != QUALITY.key or not closed:
        return frozenset()
    if prepared is None:
        return frozenset(items)
    facts = _facts(prepared, closed)
    return frozenset(
        each.key for each in prepared.items if each.applies is not None and not facts.isdisjoint(each.applies.facts)
    )


def worked_out(prepared: Prepared, classes: AbstractSet[str]) -> frozenset[str]:
    """Keys of the items whose test rests on a fact of a class that is closed for a reader with these classes: what is
    worked out of it (a sum, a distance from a known limit) would tell the fact."""
    facts = _facts(prepared, SENSITIVE - classes)
    return frozenset(each.key for each in prepared.items if not facts.isdisjoint(each.test.facts))


def touching(prepared: Prepared) -> frozenset[str]:
    """Keys of the items that rest, by their test or by whom they apply to, on a fact of any sensitive class: what they
    are called tells something that an area does not open."""
    facts = _facts(prepared, SENSITIVE)
    applying = {each.key for each in prepared.items if each.applies and not facts.isdisjoint(each.applies.facts)}
    return worked_out(prepared, frozenset()) | applying


def _facts(prepared: Prepared, closed: AbstractSet[str]) -> set[tuple[str, str]]:
    """(level, name) of the stored facts of these classes."""
    return {
        (table.level, fact.name) for table in prepared.catalogue.tables for fact in table.facts
        if fact.field_class in closed
    }  # fmt: skip


class Judged(Protocol):
    """An evaluation, of the register or of a seal."""

    pack: str
    standard: str
    day: date
    items: list[str]


def closed_for(actor: Actor, run: Judged, path: str) -> frozenset[str]:
    """Those of an evaluation of households, for an actor who reads a list of the area at ``path``."""
    try:
        prepared = get_prepared(run.pack, run.standard, run.day)
    except Problem:  # the pack is gone, or no longer loads
        prepared = None
    kind = QUALITY if prepared is None else prepared.kind
    return closed_rules(kind.key, run.items, prepared, field_classes_at(actor, VIEW_HOUSEHOLD, path))


def asked_of(actor: Actor, run: Evaluation, path: str, item: str, verdict: str) -> frozenset[str]:
    """The closed rules for a list of those with a verdict on an item. Raises Problem as :func:`check_asked`."""
    closed = closed_for(actor, run, path) if run.kind == QUALITY.key else frozenset()
    check_asked(item, verdict, closed)
    return closed


def told_letters(letters: str, items: Sequence[str], closed: AbstractSet[str]) -> str:
    """The letters of a subject (overall first, then ``items``) as they may be told."""
    if not closed:
        return letters
    rest = zip(items, letters[1:], strict=True)
    return letters[0] + "".join("m" if key in closed and letter != "n" else letter for key, letter in rest)


def told_verdicts(verdicts: Mapping[str, str], closed: AbstractSet[str]) -> dict[str, str]:
    """Verdicts by item as they may be told."""
    return {key: _NONE_FOUND if key in closed and word != FOUND else word for key, word in verdicts.items()}


def check_asked(item: str, verdict: str, closed: AbstractSet[str]) -> None:
    """Raise Problem for a list of those of whom a closed rule finds nothing."""
    if item in closed and verdict not in {"", FOUND}:
        raise Problem(
            "closed_rule",
            "这条规则涉及未对您开放的资料，只能列出发现疑点的。",
            "This rule asks for facts that are not open to you: only the doubts that it finds are listed.",
        )
