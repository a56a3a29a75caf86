"""Reading events, within the grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from ..models import EventEcho, Household, RegisterEvent
from ..record import is_open
from ..selectors import opened_households
from . import shown
from .kinds import UNDO

if TYPE_CHECKING:
    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

    from ..record import Classes

_MOST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """An event of a household for its page."""

    event: RegisterEvent
    title: Title
    undone: bool
    confirmed: bool
    words: bool
    """Whether reason and document may be read: people write of persons there."""

    def made(self, household: int) -> bool:
        """Whether the household was split off by it, with a code that no export knows yet."""
        return (
            self.event.kind == "split" and self.event.other_id == household and not self.undone and not self.confirmed
        )


def of_household(actor: Actor, household: int, classes: Classes) -> list[Line]:
    """What was recorded of a household, the newest first. Three statements. Codes of other households only as far as
    the actor may open them. The caller has checked the grants over this one and knows its open ``classes``."""
    found = RegisterEvent.objects.filter(Q(household_id=household) | Q(other_id=household)).exclude(kind=UNDO)
    rows = list(
        found.annotate(
            taken_back=Exists(RegisterEvent.objects.filter(undoes=OuterRef("pk"))),
            confirmed=Exists(EventEcho.objects.filter(event=OuterRef("pk"), state="confirmed")),
        ).order_by("-day", "-pk")[:_MOST]
    )
    others = {key for row in rows for key in (row.household_id, row.other_id) if key is not None}
    codes = dict(
        Household.objects.filter(pk__in=opened_households(actor, others)).values_list("pk", "code") if others else []
    )
    words = is_open(classes, "identity")
    return [Line(row, shown.line(row, codes, classes), row.taken_back, row.confirmed, words) for row in rows]


def new_code(number: int) -> str:
    """The code of the household that an event made; '' if it made none."""
    event = RegisterEvent.objects.filter(pk=number).first()
    made = event.changes.get("made", {}).get("household") if event else None
    return Household.objects.filter(pk=made).values_list("code", flat=True).first() or "" if made else ""


def household_code(number: int) -> str:
    """The code of the household where an event happened."""
    return RegisterEvent.objects.filter(pk=number).values_list("household__code", flat=True).first() or ""
