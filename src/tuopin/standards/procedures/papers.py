"""Papers handed in with the procedures of a subject, for its explanation: what, of which day, until when it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.platform.access import may
from tuopin.platform.models import Evidence
from tuopin.standards.permissions import VIEW_PROCEDURE

from .models import Procedure
from .services import ABOUT

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor

MOST = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """``name``: of the file, or where the paper lies. ``href``: the file ('' = there is none here), ``days``: its age
    on the day asked for; ``is_old``: it no longer counts that day."""

    name: str
    day: date
    days: int
    valid_until: date | None
    is_old: bool
    href: str
    procedure: str


def papers_of(actor: Actor, level: str, subject_id: int, path: str, day: date) -> tuple[Proof, ...]:
    """The newest papers about a subject: one query; none for who may not see its procedures."""
    household = subject_id if level == "household" else None
    if not may(actor, VIEW_PROCEDURE, area_path=path, household_id=household):
        return ()
    begun = Procedure.objects.filter(level=level, subject_id=subject_id)
    rows = Evidence.objects.filter(about=ABOUT, about_id__in=begun.values("pk")).order_by("-day", "-pk")[:MOST]
    return tuple(
        Proof(
            row.name or row.reference, row.day, (day - row.day).days, row.valid_until,
            row.valid_until is not None and row.valid_until < day,
            reverse("standards:procedure_paper", args=[row.about_id, row.pk]) if row.digest else "",
            reverse("standards:procedure", args=[row.about_id]),
        )
        for row in rows
    )  # fmt: skip
