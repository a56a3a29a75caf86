"""Counts of petitions as they may be told."""

from __future__ import annotations

FEWEST = 5
"""A count below this is not shown."""


def few(count: int) -> int | str:
    """A count as others may read it: of fewer than :data:`FEWEST` only that they are few."""
    return f"<{FEWEST}" if 0 < count < FEWEST else count
