"""Where findings come from: evaluations here, what people told in ``told``. Both answer the same questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tuopin.standards.telling import touching

from . import holders
from .order import CLOSED_TEXT, CLOSED_TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.core.standards import Item, Prepared
    from tuopin.register.models import AreaVersion

    from .findings import Findings, Row
    from .order import Origin


class Source(Protocol):
    """Findings of one standard and origin in a place. ``level``: of their subjects, as ``cycle.toml`` names it, or
    ``area`` for areas of any level; ``day``: as of which a closing is proposed; ``way``: the origin by whose ways a
    holder is looked for."""

    origin: Origin
    standard: str
    level: str
    day: date
    way: str

    def waiting(self, most: int) -> Iterator[tuple[dict[str, str], list[Row]]]:
        """Those without a matter, some at a time, with what their matters have in common."""

    def came_back(self) -> list[int]:
        """Matters that were closed, and whose finding was found again after that."""

    def gone(self) -> set[int]:
        """Matters whose finding is found no more."""

    def areas(self) -> QuerySet[AreaVersion, int]:
        """The areas of the place."""


class Judged:
    """The findings of an evaluation."""

    def __init__(self, found: Findings, prepared: Prepared) -> None:
        self._found, self._prepared, self._closed = found, prepared, touching(prepared)
        self._items = [each.item for each in prepared.items if each.key in found.run.items]
        self.origin, self.standard = found.origin, found.run.standard
        self.level, self.day, self.way = found.run.level, found.run.day, found.origin.key

    def waiting(self, most: int) -> Iterator[tuple[dict[str, str], list[Row]]]:
        """Item by item."""
        for item in self._items:
            pattern, after = self._pattern(item), 0
            while rows := self._found.without_matter(item.key, after, most):
                after = rows[-1].at
                yield pattern, rows

    def came_back(self) -> list[int]:
        return sorted({number for item in self._items for number in self._found.came_back(item.key)})

    def gone(self) -> set[int]:
        gone: set[int] = set()
        for item in self._items:
            # of a rule that rests on a closed class, none found, cannot be told and not applicable are one word
            letters = "mua" if self.origin.kind == "quality" and item.key in self._closed else self.origin.gone
            gone.update(self._found.gone(item.key, letters))
        return gone

    def areas(self) -> QuerySet[AreaVersion, int]:
        return self._found.areas()

    def _pattern(self, item: Item) -> dict[str, str]:
        """What all matters of one item have in common. One that rests on a closed class is not named: who holds it
        looks the finding up with grants of his own."""
        origin, standard = self.origin, self._prepared.standard
        told = item.key not in self._closed
        title = f"{standard.title.zh}：{item.title.zh} {origin.ending}" if told else CLOSED_TITLE
        text = f"{self.day} 核查：{standard.title.zh}，“{item.title.zh}”{origin.title.zh}。" if told else CLOSED_TEXT
        return {
            "level": self._found.level, "origin": origin.key, "standard": self.standard, "title": title[:200],
            "text": text, "urgency": holders.urgency(origin.key), "source": origin.source,
            "category": holders.category(origin.key, item.key) if told else "",
        }  # fmt: skip
