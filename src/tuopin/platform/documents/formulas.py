"""Formulas of a workbook that read something from elsewhere, or run it, as soon as it is opened or counted anew."""

from __future__ import annotations

import re
from typing import IO
from xml.parsers import expat

CHUNK = 1 << 20
_NAME = 256  # bytes: the longest beginning of an element that may lie across two pieces
_LONGEST = 8_192
"""Characters of a formula in Excel. Of a longer text the rest is not looked at: no program counts it."""
_FETCHING = re.compile(
    r"\b(?:WEBSERVICE|IMAGE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|SQL\.REQUEST|STOCKHISTORY)\s*\(|[\w.]+\|", re.IGNORECASE
)
"""Functions that fetch or run, under any prefix, and ``program|topic``, the old exchange between programs (DDE)."""
_QUOTED = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
_SOME = re.compile(rb"<(?:[\w.-]+:)?(?:f|formula\d?|definedName|oldFormula|calculatedColumnFormula)[\s>]")
_NAMES = frozenset({"f", "formula", "formula1", "formula2", "definedName", "oldFormula", "calculatedColumnFormula"})


def there_are(part: IO[bytes]) -> bool:
    """Whether a part of a workbook may hold a formula. Sheets without, the largest as a rule, need not be read as XML:
    of 100,000 rows that takes many seconds."""
    before = part.read(CHUNK)
    if not _plain(before):
        return True
    while not _SOME.search(before):
        piece = part.read(CHUNK)
        if not piece:
            return False
        before = before[-_NAME:] + piece
    return True


def fetch(part: IO[bytes]) -> bool:
    """Whether one of its formulas reads something from elsewhere or runs it. Raises ExpatError for what is no XML,
    ValueError for entities of its own."""
    formulas = _Formulas()
    while piece := part.read(CHUNK):
        formulas.reader.Parse(piece, False)
    formulas.reader.Parse(b"", True)
    return formulas.found


def _plain(head: bytes) -> bool:
    """Whether names in it are written as themselves: in UTF-8, which is what it is where nothing is said."""
    said = re.search(rb"encoding\s*=\s*[\"']([^\"']+)", head)
    return b"\0" not in head[:64] and (not said or said[1].lower() in {b"utf-8", b"us-ascii"})


class _Formulas:
    def __init__(self) -> None:
        self.found = False
        self._inside = 0
        self._text: list[str] = []
        self.reader = expat.ParserCreate()
        self.reader.buffer_text = True
        self.reader.StartDoctypeDeclHandler = no_entities
        self.reader.StartElementHandler, self.reader.EndElementHandler = self._begin, self._end

    def _begin(self, name: str, _attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] in _NAMES:
            self._inside += 1
            self.reader.CharacterDataHandler = self._text.append

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] not in _NAMES:
            return
        self._inside -= 1
        if not self._inside:
            self.reader.CharacterDataHandler = None
            formula = _QUOTED.sub("", "".join(self._text)[:_LONGEST])
            self._text.clear()
            self.found |= _FETCHING.search(formula) is not None


def no_entities(*_given: object) -> None:
    """For a reader of XML: a document type of its own is refused."""
    raise ValueError("document type")
