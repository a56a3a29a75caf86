"""The overview of an area: the figures that matter, what is unknown and who can fill it, what is newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.catalogue import catalogue, rooms_modules
from tuopin.register.models import Import

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuopin.console.selectors import Card, ItemName
    from tuopin.core.standards import Prepared
    from tuopin.core.standards.programs import PreparedItem
    from tuopin.standards.results import Incidence

LIMIT_NOT_SET = Title(
    "标准包中的限额未定：由指挥部确认后写入标准包", "its limit is not set: the headquarters decides it in the pack"
)
MOST = 8  # rows of what is unknown; the page by standard has them all


@dataclass(frozen=True, slots=True)
class Unknown:
    """An item of which something is unknown: of how many subjects, which facts it rests on, and who can fill them."""

    card: Card
    item: ItemName
    number: int
    facts: tuple[Title, ...]
    who: tuple[Title, ...]


def unknowns(cards: Iterable[Card]) -> list[Unknown]:
    """The items with most unknown first."""
    found = []
    for card in cards:
        items = {item.key: item for item in card.run.prepared.items} if card.run.prepared else {}
        for item, counts in card.rows[1:]:
            if counts.unknown:
                source = items.get(item.key)
                facts = _facts(card.run.prepared, source)
                found.append(Unknown(card, item, counts.unknown, facts, _who(source)))
    return sorted(found, key=lambda each: -each.number)[:MOST]


def _facts(prepared: Prepared | None, item: PreparedItem | None) -> tuple[Title, ...]:
    """Titles of the tables' facts that the test names, in the order of the catalogue."""
    if prepared is None or item is None or item.unset:
        return ()
    names = {word for source in (item.item.test, item.item.applies) if source for word in _words(source.text)}
    for spec in [prepared.standard.facts[name] for name in names if name in prepared.standard.facts]:
        names |= _words(spec.expression.text) if spec.expression else set()
    tables = {table for _level, table in item.blocks}
    return tuple(
        fact.title for table in catalogue().tables if table.name in tables for fact in table.facts if fact.name in names
    )


def _words(text: str) -> set[str]:
    return set("".join(each if each.isalnum() or each == "_" else " " for each in text).split())


def _who(item: PreparedItem | None) -> tuple[Title, ...]:
    if item is None:
        return ()
    if item.unset:
        return (LIMIT_NOT_SET,)
    known = {
        name: title
        for _room, module in rooms_modules("facts")
        for name, title in getattr(module, "FILLED_BY", {}).items()
    }
    return tuple(dict.fromkeys(known[table] for _level, table in item.blocks if table in known))


def newest_import() -> Import | None:
    """When data last came in; who brought which rows stands in the history of imports."""
    return Import.objects.only("id", "as_of", "finished_at").order_by("-id").first()


def incidence(cards: Iterable[Card]) -> tuple[Card, Incidence] | None:
    """The register incidence of the area, with the card of villages that it comes from."""
    for card in cards:
        found = card.figures.incidence.get(0)
        if found is not None and found.population:
            return card, found
    return None
