"""Explaining an area without reading what lies below it: what it counts is taken from the stored evaluation.

The standard of a county reaches down to every person. Its explanation needs but a few numbers of that (persons not
exited, say), and the evaluation kept them among the shown facts. So the standard is prepared anew with these as stored
facts of the area itself; what it says of them is exact, as whole numbers were kept whole. An item that counts something
else is not judged here: its verdict is the stored one, and its values are those that were shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Fact, FactTable, Title
from tuopin.core.language.plan import Scaled
from tuopin.core.language.syntax import names_in
from tuopin.core.standards.explaining import (
    ItemExplanation,
    Named,
    SubjectExplanation,
    explain_judgement,
    limits_of,
    reason_of,
    unconfirmed,
)
from tuopin.core.standards.judging import Judge
from tuopin.core.standards.programs import prepare
from tuopin.core.standards.wording import UNKNOWN, shown_title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.language import Expression
    from tuopin.core.standards.judging import Reason
    from tuopin.core.standards.model import Standard
    from tuopin.core.standards.programs import Prepared, PreparedItem
    from tuopin.core.standards.verdicts import Verdict

CHANGED = Title("评估之后资料有变动，请重新核查", "the data have changed since the evaluation: evaluate again")
BELOW = Title("下级资料不全", "values of the areas or households below are unknown")


@dataclass(frozen=True, slots=True)
class Abridged:
    """A standard as far as it can be judged from the area's own rows and ``given`` numbers; None where nothing can.
    ``needs`` are the stored facts of the area to read."""

    whole: Prepared
    own: Prepared | None
    given: tuple[str, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        if self.own is None:
            return ()
        names = self.own.program.needs.get(self.own.standard.level, ())
        return tuple(name for name in names if name not in self.given)


def abridge(prepared: Prepared) -> Abridged:
    """The standard of an area without what lies below it."""
    standard, level = prepared.standard, prepared.standard.level
    given = tuple(name for name in _counting(standard, prepared) if _is_whole(prepared, name))
    closed = _closed(standard, prepared, given)
    items = tuple(item for item in standard.items if all(_stays(each, closed) for each in (item.test, item.applies)))
    if not items:
        return Abridged(prepared, None, given)
    facts = tuple(
        Fact(name, "integer", standard.facts[name].title, unit=prepared.program.outputs[f"show:{name}"].typed.unit)
        for name in given
    )
    table = FactTable("given", level, "given", "id", facts)
    own = replace(
        standard, uses=(), show=(), items=items, groups={},
        applies=standard.applies if _stays(standard.applies, closed) else None,
        facts={
            name: spec for name, spec in standard.facts.items()
            if spec.level == level and name not in closed and name not in given
        },
        expects={name: each for name, each in standard.expects.items() if each.level == level},
    )  # fmt: skip
    pack = replace(prepared.pack, standards={**prepared.pack.standards, standard.key: own})
    catalogue = replace(prepared.catalogue, tables=(*prepared.catalogue.tables, table))
    return Abridged(prepared, prepare(pack, standard.key, catalogue, prepared.day), given)


def explain_stored(
    abridged: Abridged, verdicts: Mapping[str, Verdict], shown: Mapping[str, str | None], own: Mapping[str, object]
) -> SubjectExplanation:
    """Explain an area by what an evaluation stored of it: ``verdicts`` by key with ``overall``, ``shown`` facts as
    text. ``own``: its stored facts today. Verdicts are those stored; an item says where today's facts differ."""
    judged: dict[str, ItemExplanation] = {}
    if abridged.own is not None:
        subject = dict(own) | {
            name: None if (text := shown.get(name)) is None else int(text) for name in abridged.given
        }
        judgement = Judge(abridged.own)(subject)
        judged = {each.key: each for each in explain_judgement(abridged.own, judgement, subject, {}).items}
    items = []
    for item in abridged.whole.items:
        verdict, found = verdicts[item.key], judged.get(item.key)
        if found is None:
            items.append(_by_letter(abridged.whole, item, verdict, shown))
        elif found.verdict == verdict:
            items.append(_without_given(found, abridged.given))
        else:
            stale = replace(found, verdict=verdict, reason=CHANGED, distances=(), turns=())
            items.append(_without_given(stale, abridged.given))
    return SubjectExplanation(verdicts["overall"], tuple(items), shown)


def _without_given(item: ItemExplanation, given: tuple[str, ...]) -> ItemExplanation:
    """Given numbers stand among the values: no cell holds them."""
    values = tuple(Named(cell.name, cell.title, UNKNOWN if cell.blank else cell.value) for cell in item.cells
                   if cell.name in given)  # fmt: skip
    return replace(
        item, named=(*item.named, *values), cells=tuple(cell for cell in item.cells if cell.name not in given)
    )


def _by_letter(
    prepared: Prepared, item: PreparedItem, verdict: Verdict, shown: Mapping[str, str | None]
) -> ItemExplanation:
    source = item.item
    titles = {each.name: each for each in prepared.shown}
    named = tuple(
        Named(name, titles[name].title, shown_title(shown.get(name), titles[name].unit))
        for name in item.test.names if name in titles
    )  # fmt: skip
    reason = None
    if verdict == "unknown":
        waits: Reason | None = "limit_not_set" if item.unset else "waiting" if item.waiting else None
        reason = BELOW if waits is None else reason_of(prepared, item, waits)
    return ItemExplanation(
        key=item.key, group=source.group, title=source.title, verdict=verdict, reason=reason, test=source.written,
        applies=source.applies.text if source.applies else "", source=source.source, confidence=source.confidence,
        draft=bool(unconfirmed(prepared, item)), named=named, limits=limits_of(prepared, item), distances=(), cells=(),
        members=(), severity=source.severity, advice=source.advice,
        unconfirmed=unconfirmed(prepared, item),
    )  # fmt: skip


def _counting(standard: Standard, prepared: Prepared) -> set[str]:
    """Facts of the standard's own level that speak of a level below, or of a group of one."""
    below = {level.name for level in prepared.catalogue.levels} | set(standard.groups)
    return {
        name for name, spec in standard.facts.items()
        if spec.level == standard.level and spec.expression is not None and names_in(spec.expression.root) & below
    }  # fmt: skip


def _is_whole(prepared: Prepared, name: str) -> bool:
    """Whether the evaluation keeps it exactly: a whole number that is shown as one."""
    if not any(shown.name == name and not shown.places for shown in prepared.shown):
        return False
    value = prepared.program.outputs[f"show:{name}"].value
    return isinstance(value, Scaled) and value.scale == 1 and value.divisor is None


def _closed(standard: Standard, prepared: Prepared, given: tuple[str, ...]) -> set[str]:
    """Names that cannot be spoken of any more: groups, levels, facts that count without being given, what rests on
    such facts."""
    closed = _counting(standard, prepared) - set(given)
    closed |= set(standard.groups) | {level.name for level in prepared.catalogue.levels}
    while more := {
        name for name, spec in standard.facts.items()
        if spec.level == standard.level and name not in closed and name not in given
        and not _stays(spec.expression, closed)
    }:  # fmt: skip
        closed |= more
    return closed


def _stays(expression: Expression | None, closed: set[str]) -> bool:
    return expression is None or not names_in(expression.root) & closed
