"""Data made fit for print: nothing invisible, nothing that turns the direction of writing, no character that the font
lacks. What is lacking is replaced by 〓, as printers do, and named, so that the office writes it in by hand.

Rare characters of names come from older programs as private ones (U+E000 …) or are newer than this program's tables:
these are lacking as well, never left out, or the paper would name somebody else."""

from __future__ import annotations

import unicodedata
from typing import Any

from .coverage import covers

LACKING = "〓"
DRAWING = "square"
"""The key of a drawing, which no text of people's may stand under."""
_LONGEST = 4_000  # characters of one text
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_VARIANTS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))  # which of a character's pictures
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(document: Any) -> tuple[Any, tuple[str, ...]]:
    """``document`` (what JSON can hold) with every text cleaned, and the characters that the font lacks.

    Keys are ours and stay as they are; what stands under :data:`DRAWING` is a drawing of ours.
    """
    lacking: dict[str, None] = {}
    return _clean(document, lacking), tuple(lacking)


def _clean(value: Any, lacking: dict[str, None]) -> Any:
    if isinstance(value, str):
        return _text(value, lacking)
    if isinstance(value, dict):
        return {key: each if key == DRAWING else _clean(each, lacking) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each, lacking) for each in value]
    return value


def _text(text: str, lacking: dict[str, None]) -> str:
    found = []
    for character in text[:_LONGEST]:
        if character in "\t\n\r\x0b\x0c\u2028\u2029" or character.isspace():
            found.append(" " if character != "\u3000" else character)
        elif character in _TURNING or unicodedata.category(character) in _UNSEEN or character in _VARIANTS:
            continue
        elif covers(character):
            found.append(character)
        else:
            found.append(LACKING)
            lacking[character] = None
    return "".join(found) + ("…" if len(text) > _LONGEST else "")
