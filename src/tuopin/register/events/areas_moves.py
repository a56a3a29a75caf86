"""Which households came under other areas by events of areas: for the balance of an area (opening + in − out).

Either their village became part of another one (merged, split), or an area above it was put under another parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from ..areas import ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

MOVES = """
SELECT m.day AS day, r.household_id AS household_id, m.path AS old_path, m.new_path AS new_path
FROM register_area_map m
JOIN register_residence p ON p.area_id = m.area_id AND p.valid_to = m.day
JOIN register_residence r ON r.household_id = p.household_id AND r.area_id = m.successor_id AND r.valid_from = m.day
WHERE m.kind IN ('merged', 'split') AND m.area_id <> m.successor_id AND m.day > %s AND m.day <= %s
  AND NOT EXISTS (SELECT 1 FROM register_area_event_undone u WHERE u.event_id = m.event_id)
UNION ALL
SELECT v.valid_from, r.household_id, w.path, v.path
FROM register_area_version v
JOIN register_area_version w ON w.area_id = v.area_id AND w.valid_to = v.valid_from AND w.path <> v.path
JOIN register_residence r ON r.area_id = v.area_id AND r.valid_from < v.valid_from
  AND (r.valid_to IS NULL OR r.valid_to > v.valid_from)
WHERE v.level = 'village' AND v.valid_from > %s AND v.valid_from <= %s
"""
"""Rows (day, household_id, old_path, new_path), one a household and event. Parameters: :func:`moves_between`'s days,
twice. ``old_path`` is the path of its village on the day before, ``new_path`` on the day itself."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A household that came under other areas on a day without moving house."""

    day: date
    household_id: int
    old_path: str
    new_path: str

    @property
    def left(self) -> frozenset[int]:
        """Areas that it was in on the day before, and no more."""
        return frozenset(ids(self.old_path)) - frozenset(ids(self.new_path))

    @property
    def entered(self) -> frozenset[int]:
        """Areas that it is in from the day on, and was not before."""
        return frozenset(ids(self.new_path)) - frozenset(ids(self.old_path))


def moves_between(after: date, until: date) -> Iterator[Moved]:
    """Households that changed areas by events dated after ``after`` and at or before ``until``: what lies between the
    register as it stood on the one day and on the other. One statement; what was taken back is not among it."""
    with connection.cursor() as cursor:
        cursor.execute(MOVES, [after, until, after, until])
        while chunk := cursor.fetchmany(10_000):
            for day, household_id, old_path, new_path in chunk:
                yield Moved(_day(day), int(household_id), str(old_path), str(new_path))


def _day(value: object) -> date:
    from datetime import date

    return value if isinstance(value, date) else date.fromisoformat(str(value))
