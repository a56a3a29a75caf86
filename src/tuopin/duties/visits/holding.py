"""Visits that hold what an import or an event made: it cannot be undone under them. Visits do not raise the data
version, so that nothing else would notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.models import Area, Household, Person

from ..models import Official
from .models import Visit, VisitBy, VisitMet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.register.importing.changes import Naming
    from tuopin.register.models import Import, RegisterEvent


def naming(record: Import) -> list[Naming]:
    """Visits to households and areas, by officials or with persons that came with an import."""
    held = (
        (Household, Visit, "household_id"), (Area, Visit, "area_id"), (Official, VisitBy, "official_id"),
        (Person, VisitMet, "person_id"),
    )  # fmt: skip
    return [(made, _later(table, record), column) for made, table, column in held]


HELD = Title("已有走访记录", "visits are recorded of what it brought")


def uses_of_import(record: Import) -> Iterator[Title]:
    """Changes of visits that came with an import itself."""
    if Visit.objects.filter(sheet__run=record).exists() and _since(record):
        yield Title("之后又有走访记录、更正或撤回", "visits were recorded, corrected or taken back since")


def _later(table: type[Visit | VisitBy | VisitMet], record: Import):  # type: ignore[no-untyped-def]  # a query set of it
    """Rows of visits that did not come with the import itself."""
    name = "sheet__run" if table is Visit else "visit__sheet__run"
    return table._default_manager.exclude(**{name: record})


def _since(record: Import) -> bool:
    at = record.finished_at
    return (
        Visit.objects.filter(recorded_at__gt=at).exclude(sheet__run=record).exists()
        or Visit.objects.filter(sheet__run=record, superseded_at__isnull=False).exists()
        or Visit.objects.filter(sheet__run=record, taken_back_at__isnull=False).exists()
    )


def uses_of_event(event: RegisterEvent) -> Iterator[Title]:
    """Visits to a household, or with a person, that an event made."""
    made = event.changes.get("made", {})
    household, person = made.get("household"), made.get("person")
    if household is not None and Visit.objects.filter(household_id=household).exists():
        yield Title("新户已有走访记录", "visits are recorded of the new household")
    if person is not None and VisitMet.objects.filter(person_id=person).exists():
        yield Title("新成员已有走访记录", "visits are recorded of the new member")
