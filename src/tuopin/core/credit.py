"""Unified social credit codes (统一社会信用代码, GB 32100-2015): the last of 18 characters checks the rest."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and letters without I, O, S, V, Z: their places are their values."""
LENGTH = 18


def check_character(body: str) -> str:
    """The last character for the first seventeen. Raises ValueError for a character outside the alphabet."""
    total = sum(ALPHABET.index(each) * pow(3, at, 31) for at, each in enumerate(body))
    return ALPHABET[-total % 31]


def is_sound(code: str) -> bool:
    """Whether a code has the right length and characters, and its last one fits."""
    return len(code) == LENGTH and all(each in ALPHABET for each in code) and check_character(code[:-1]) == code[-1]
