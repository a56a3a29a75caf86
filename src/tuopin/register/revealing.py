"""One whole ID number shown to one reader for a stated reason, which the read log keeps (一次一人一因)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import field_classes_at, require
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Missing, Problem

from . import record
from .household_file import file_of
from .permissions import REVEAL, VIEW_HOUSEHOLD

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

    from .models import PersonIdentity
    from .selectors import Placed

OTHER = "other"
REASONS = {
    "check_document": Title("入户核对证件", "checking the document at the door"),
    "apply": Title("代办业务、申报补贴", "an application or grant for the person"),
    "correct": Title("更正登记信息", "correcting the register"),
    "compare": Title("与部门核对", "comparing with a department"),
    OTHER: Title("其他（请说明）", "another reason (say which)"),
}
NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Revealed:
    """What is shown once. ``number`` is as written in the workbook, blank where none is recorded."""

    name: str
    number: str


class NoReason(Problem):
    """The form lacks a reason."""


def reveal(actor: Actor, placed: Placed, person_id: int, reason: str, note: str) -> Revealed:
    """The whole ID number of a present member of a household that the caller has found within the grants.

    Raises Refused without the permission or the class of field, Missing for somebody else, NoReason.
    The read log gets one entry with the reason before the number is handed out.
    """
    identity = _identity(actor, placed, person_id)
    said = " ".join(note.split())[:NOTE_LENGTH]
    if reason not in REASONS or (reason == OTHER and not said):
        raise NoReason(
            "no_reason",
            "请选择查看原因；选“其他”时请写明。",
            "Choose why you need the number; with “another reason” say which.",
        )
    readlog.read(
        actor,
        f"person_identity:{person_id}",
        {"household": placed.household.pk, "reason": reason, "note": record.masked(said)},
        1,
    )
    return Revealed(identity.name, identity.id_number)


def name_of(actor: Actor, placed: Placed, person_id: int) -> str:
    """Whose number would be shown. Raises as :func:`reveal`."""
    return _identity(actor, placed, person_id).name


def _identity(actor: Actor, placed: Placed, person_id: int) -> PersonIdentity:
    path, household_id = placed.village.path, placed.household.pk
    require(actor, REVEAL, area_path=path, household_id=household_id)
    classes = field_classes_at(actor, VIEW_HOUSEHOLD, path, household_id)
    file = file_of(placed)
    members = {each.person_id for each in file.members()}
    found = file.identity(person_id) if person_id in members else None
    if found is None or not record.is_open(classes, "identity"):
        raise Missing("no_such_person", "本户没有这位成员。", "There is no such member in this household.")
    return found
