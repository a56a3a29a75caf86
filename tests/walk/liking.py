"""Like for like of a county: a condition with a household that it found, a question answered with a paper; a closing
that was drawn to be looked back at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.orders.alike import answering, services
from tuopin.orders.models import AlikeSubject, EarlyLookBack, Matter, MatterEvent
from tuopin.platform.access import actor_for
from tuopin.register.models import Household
from walk.following import paper

if TYPE_CHECKING:
    from tuopin.platform.models import User
    from tuopin.register.models import AreaVersion


def alike(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """About the newest problem of the county."""
    actor, now = actor_for(user), timezone.now()
    number = Matter.objects.filter(kind="problem", title__startswith=mark).latest("pk").pk
    query = services.Query(area.code, "data-quality", "household_quality", "not water_safe")
    asked = services.ask_query(actor, number, query, now)
    AlikeSubject.objects.create(question=asked, household=Household.objects.get(code=household), note=f"{mark}说明")
    words = services.ask_words(actor, number, services.Words(f"{mark}自查", (area.code,)), now)
    given = answering.Answer(1, f"{mark}答复", papers=(paper(mark, "自查"),))
    answering.answer(actor, words.pk, words.subjects.get().pk, given, now)
    event = MatterEvent.objects.filter(matter_id=number).latest("pk")
    EarlyLookBack.objects.create(  # as a closing on a day with many does
        matter_id=number, closing=event, reason="closed", seed="0" * 64, look_back_on=timezone.localdate(), at=now
    )
