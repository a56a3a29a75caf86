"""Officials and the register: who has an entry there, whose household it is, who has died.

A merge of two rows of one person is followed, and taken back with it: what the official points at stays as it was said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register.correcting.subjects import listed
from tuopin.register.models import EventSubject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


def people_now(person_ids: Iterable[int | None]) -> Mapping[int, int]:
    """The entry that goes on, by the one asked for: itself, unless rows were merged. A statement a merge of merges."""
    found = {key: key for key in person_ids if key is not None}
    asked = set(found)
    while asked:
        merged = EventSubject.objects.filter(
            event__kind="same_person", event__undone=None, person_id__in=listed(asked), same_as__isnull=False
        )
        follows = dict(merged.values_list("person_id", "same_as_id"))
        found = {key: follows.get(now, now) for key, now in found.items()}
        asked = set(follows.values()) - asked
    return found


def died(person_ids: Iterable[int | None], day: date) -> set[int]:
    """Those of these entries (or what they were merged into) whose death on or before the day is recorded."""
    now = people_now(person_ids)
    events = EventSubject.objects.filter(
        event__kind="death", event__undone=None, event__day__lte=day, person_id__in=listed(set(now.values()))
    )
    dead = set(events.values_list("person_id", flat=True))
    return {key for key, current in now.items() if current in dead}
