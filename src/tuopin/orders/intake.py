"""What stands in the way of undoing events: matters about a household or a person that an event made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.importing.changes import named
from tuopin.register.models import Household, Import, Person

from .ledger import intake as ledger
from .models import AlikeSubject, MatterSubject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.register.importing.changes import Naming
    from tuopin.register.models import RegisterEvent

_SAID = Title("已有关于新户或新成员的事项", "matters are about the new household or member")


def uses_of_event(event: RegisterEvent) -> Iterator[Title]:
    """One wording for households and persons. A household of a petition is known to its sealed row alone."""
    made = event.changes.get("made", {})
    household, person = made.get("household"), made.get("person")
    rows = MatterSubject.objects
    listed = AlikeSubject.objects.filter(household_id=household)
    if household is not None and (rows.filter(household_id=household).exists() or listed.exists()):
        yield _SAID
        return
    if person is not None and rows.filter(person_id=person).exists():
        yield _SAID


def uses_of_import(record: object) -> Iterator[Title]:
    """Matters about households or persons that came with an import. Changes of areas ask too: they bring none."""
    if not isinstance(record, Import):
        return
    own = record.sheets.values("pk")  # what came with it goes with it
    rows = MatterSubject.objects.exclude(matter__ledger__sheet__in=own)
    about: list[Naming] = [
        (Household, rows, "household_id"), (Person, rows, "person_id"),
        (Household, AlikeSubject.objects.all(), "household_id"),
    ]  # fmt: skip
    found = named(record, {"matters": about, "acted": ledger.acted_upon()})
    if "matters" in found:
        yield Title("已有关于其中的户或人的事项", "matters are about households or persons of it")
    if "acted" in found:
        yield Title("其中的问题已在系统里办理或催办", "problems of it were acted upon, or reminded of, since")


INTAKES = {"rectification": ledger.plan_rectification}
