"""Rows of a sheet that are no data: blank ones, totals, and the header repeated in mid-sheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from tuopin.core.workbook.text import key, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.workbook.headers import Match

Skip = Literal["blank", "repeated_header", "total"]
SKIPS: tuple[Skip, ...] = ("blank", "repeated_header", "total")


class RowFilter:
    """Says of a row why it is left out, or None.

    A row is a repeated header when its filled cells are those of the header or of a row above it. It is a total when
    its first filled cell, or that of a required field, is a total word, with nothing but a count behind it.
    """

    def __init__(self, match: Match, above: Sequence[Sequence[str]]) -> None:
        self._heads = {self._filled(row) for row in [*above, match.headers]} - {()}
        self._first_words = {head[0][1] for head in self._heads}
        self._required = tuple(match.columns[name] for name in match.kind.required)
        words = "|".join(re.escape(key(word)) for word in match.kind.total_words)
        self._total = re.compile(rf"(?:本页|本表|全[县乡镇村市区])?(?:{words})(?:\d+[户人口]?)*")

    @staticmethod
    def _filled(row: Sequence[object]) -> tuple[tuple[int, str], ...]:
        return tuple((at, text) for at, cell in enumerate(row) if (text := key(render(cell))))

    def reason(self, row: Sequence[object]) -> Skip | None:
        first = next((text for cell in row if cell != "" and (text := key(render(cell)))), "")
        if not first:
            return None if any(render(cell).strip() for cell in row) else "blank"
        if first in self._first_words and self._filled(row) in self._heads:
            return "repeated_header"
        marks = (first, *(key(render(row[at])) for at in self._required if row[at] != ""))
        return "total" if any(self._total.fullmatch(mark) for mark in marks) else None

    def is_plain(self, row: Sequence[object]) -> bool:
        """Quick and on the safe side: True for a row whose first cell and first code are numbers, as most are."""
        first, code = row[0], row[self._required[0]]
        return type(code) is str and code.isdigit() and type(first) is str and first.isdigit()
