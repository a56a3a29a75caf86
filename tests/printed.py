"""What stands where on a printed page, read back from the PDF: characters, lines, in millimetres from the top left."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams, LTChar, LTCurve

if TYPE_CHECKING:
    from collections.abc import Iterator

POINT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Character:
    """``left`` and ``right`` by its advance, ``base`` its baseline; ``size`` in points (as drawn, upright)."""

    text: str
    font: str
    size: float
    left: float
    right: float
    base: float
    colour: tuple[float, ...]

    @property
    def top(self) -> float:
        """Of the square of the character: 0.88 of it above the baseline."""
        return self.base - 0.88 * self.size * POINT

    @property
    def bottom(self) -> float:
        return self.base + 0.12 * self.size * POINT


@dataclass(frozen=True, slots=True)
class Rule:
    """A level line: its middle at ``at``, ``width`` its thickness."""

    left: float
    right: float
    at: float
    width: float
    colour: tuple[float, ...]


@dataclass(slots=True)
class Page:
    width: float
    height: float
    characters: list[Character] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def lines(self) -> list[list[Character]]:
        """Characters of one baseline together, from the top, each line from the left."""
        ordered = sorted(self.characters, key=lambda each: (round(each.base, 1), each.left))
        return [list(line) for _base, line in groupby(ordered, key=lambda each: round(each.base, 1))]

    def line(self, beginning: str) -> list[Character]:
        """The line that begins so."""
        return next(line for line in self.lines() if words(line).startswith(beginning))


def words(line: list[Character]) -> str:
    return "".join(each.text for each in line)


def pages(content: bytes) -> list[Page]:
    found = []
    for layout in extract_pages(io.BytesIO(content), laparams=LAParams(all_texts=True)):
        page = Page(layout.width * POINT, layout.height * POINT)
        for item in _leaves(layout):
            if isinstance(item, LTChar):
                page.characters.append(
                    Character(
                        item.get_text(), item.fontname, item.size, item.x0 * POINT, item.x1 * POINT,
                        (layout.height - item.matrix[5]) * POINT, _tuple(item.graphicstate.ncolor),
                    )
                )  # fmt: skip
            elif isinstance(item, LTCurve) and abs(item.y0 - item.y1) < 0.01:
                page.rules.append(
                    Rule(
                        item.x0 * POINT, item.x1 * POINT, (layout.height - item.y0) * POINT, item.linewidth * POINT,
                        _tuple(item.stroking_color),
                    )
                )  # fmt: skip
        found.append(page)
    return found


def _tuple(colour: object) -> tuple[float, ...]:
    return tuple(colour) if isinstance(colour, tuple | list) else (float(colour or 0),)  # type: ignore[arg-type]


def _leaves(item: object) -> Iterator[object]:
    for each in getattr(item, "_objs", ()):
        if getattr(each, "_objs", None):
            yield from _leaves(each)
        else:
            yield each
