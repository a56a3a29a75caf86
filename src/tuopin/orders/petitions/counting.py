"""Counts of petitions as they may be told: exact to who may read each petition that is counted (its office, its holder,
the operator of the machine), which the pages and messages of these are; to all others, and in what others read too
(audit, pages of jobs), no small number."""

from __future__ import annotations

FEWEST = 5
"""A count below this is not told to others."""


def noted(count: int) -> int:
    """How many rows of a list of petitions the log of readings says were read: at least :data:`FEWEST`, where any were.
    Whoever keeps that log learns who read the list, and not how few complain."""
    return max(count, FEWEST) if count else 0


def few(count: int) -> int | str:
    """A count as others may read it: of fewer than :data:`FEWEST` only that they are few."""
    return f"<{FEWEST}" if 0 < count < FEWEST else count
