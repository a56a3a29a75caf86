"""Databases of before the migrations were made one per room (``docs/decisions/0116``): what they amount to today.

A database that has all migrations that one of today replaces goes on, one that has some of them does not: those that it
lacks are no longer there. It is brought up to date by the last source that had them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.migrations.loader import MigrationLoader

if TYPE_CHECKING:
    from collections.abc import Iterable

LAST_SOURCE = "f900245"  # a commit that has every migration replaced


def unknown(applied: Iterable[str]) -> list[str]:
    """Which of ``applied`` (``room.name``) this version does not know, not as replaced ones either."""
    replaced = _replaced()
    return sorted(set(applied) - set(replaced).union(*replaced.values()))


def lacking(applied: Iterable[str]) -> list[str]:
    """What would have to be applied too before today's migrations can go on from ``applied``; empty where they can."""
    had = set(applied)
    return sorted(name for old in _replaced().values() if old & had for name in old - had)


def reached(applied: Iterable[str]) -> set[str]:
    """The migrations of today that are applied, themselves or by all that they replace."""
    had = set(applied)
    return {name for name, old in _replaced().items() if name in had or (old and old <= had)}


def _replaced() -> dict[str, set[str]]:
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {
        f"{room}.{name}": {f"{its}.{old}" for its, old in migration.replaces}
        for (room, name), migration in disk.items()
    }
