"""The clock of questions: who has not answered is reminded once, on the working day before the last day; a question
whose matter was withdrawn or merged ends. The time is an input; told twice is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform import database, working_days
from tuopin.platform.outbox import services as outbox

from ..models import AlikeQuestion, AlikeSubject
from . import selectors, services, telling

if TYPE_CHECKING:
    from datetime import datetime

    from tuopin.platform.access import Actor

BATCH = 50


def look(actor: Actor, now: datetime) -> int:
    """Tell all that is due; returns how many messages are new."""
    told = 0
    while _end(actor, now):
        pass
    while (new := _remind(actor, now)) is not None:
        told += new
    return told


def _end(actor: Actor, now: datetime) -> bool:
    with database.write():
        found = AlikeQuestion.objects.filter(ended_at=None, matter__state__in=selectors.OVER).order_by("pk")
        rows = list(found.select_for_update(of=("self",))[:BATCH])
        if rows:
            services.ended(actor, rows, now)
    return len(rows) == BATCH


def _remind(actor: Actor, now: datetime) -> int | None:
    """One batch of questions; None where none is due."""
    today = timezone.localdate(now)
    with database.write():
        found = AlikeQuestion.objects.filter(
            kind=AlikeQuestion.Kind.WORDS, ended_at=None, reminded_on=None,
            until__lte=working_days.calendar().after(today, 1).day,
        )  # fmt: skip
        rows = list(found.select_for_update(of=("self",)).order_by("pk")[:BATCH])
        if not rows:
            return None
        for row in rows:
            row.reminded_on = today
        AlikeQuestion.objects.bulk_update(rows, ["reminded_on"])
        left = list(AlikeSubject.objects.filter(question__in=rows, answer=selectors.LEFT).order_by("pk"))
        return outbox.post(actor, telling.letters(rows, left, "due", now), now=now).new
