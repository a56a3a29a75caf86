"""What an address or a form gives, before anything is looked up with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = 17  # what every database takes as a number of its own


def whole_number[Other](text: str, otherwise: Other) -> int | Other:
    """The number that a text of up to 17 digits is, ``otherwise`` for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else otherwise


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """The numbers among them, in their order."""
    found = (whole_number(text, None) for text in texts)
    return [number for number in found if number is not None]
