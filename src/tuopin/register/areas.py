"""Levels of areas and what a materialised path holds.

A path is the ids from the top down, eight digits each, without separators: digits sort alike under every collation,
so a subtree is a half-open range on a plain index of SQLite and PostgreSQL alike (``platform.access.subtree``).
"""

LEVELS = ("nation", "province", "city", "county", "township", "village", "group")
WIDTH = 8

EVER = "1900-01-01"
"""First day of an area version whose beginning is not known: areas are older than the installation."""


def ids(path: str) -> list[int]:
    """Area ids from the top down to the area itself."""
    return [int(path[at : at + WIDTH]) for at in range(0, len(path), WIDTH)]
