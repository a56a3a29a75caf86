"""What an address or a form gives, before anything is looked up with it."""

from __future__ import annotations


def number(text: str) -> int:
    """An id from an address or a form; -1, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else -1
