"""Some incidents of the demo city. Leads it has none: people alone open them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.register.models import HouseholdCard

from ..models import Incident
from . import known, services

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

EVERY = 23
_KINDS = ("disaster", "market", "job_lost", "fallback", "housing", "illness", "income", "accident")
_SAID = "房屋进水，已临时安置，报乡镇。"


def fill(actor: Actor) -> None:
    """Incidents of the last weeks, some reported in time, some late, some closed."""
    if Incident.objects.exists():
        return
    today = timezone.localdate()
    wanted = HouseholdCard.objects.exclude(path="").filter(registration="exited").order_by("code")
    cards = list(wanted.values_list("code", "household_id", "area_id")[: 24 * EVERY : EVERY])
    openings = [
        services.Opening(
            code, _KINDS[at % len(_KINDS)], today - datetime.timedelta(days=at), "village", _SAID if at % 3 == 0 else ""
        )
        for at, (code, _household, _area) in enumerate(cards)
    ]
    if not openings:
        return
    for at, row in enumerate(services.open_incidents(actor, openings)):
        _code, household, area = cards[at]
        holders = known.holders(household, area or 0, row.found_on)
        if holders and at % 2 == 0:
            day = min(today, row.found_on + datetime.timedelta(days=at % 11))
            services.report(
                actor, row, "入户核实后上报乡镇。", official_id=holders[0].official_id, day=day, document="上报单"
            )
        if at % 4 == 3:
            services.close(actor, row, "helped", day=today)
