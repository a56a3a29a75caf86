"""Times and places of visits go after 12 months: they are of the moment, and never the sole ground of anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import require_everywhere, system
from tuopin.platform.auditing import audit
from tuopin.platform.models import Marker

from ..permissions import RECORD_VISIT
from .models import VisitPlace
from .selectors import KEPT_DAYS

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor

_DONE = "duties.places_erased"


def erase(actor: Actor, today: date | None = None) -> int:
    """Delete what is older; returns how many. Two statements. Raises Refused for who may not everywhere."""
    require_everywhere(actor, RECORD_VISIT)
    before = (today or timezone.localdate()) - timedelta(days=KEPT_DAYS)
    with database.write():
        count, _by_model = VisitPlace.objects.filter(day__lt=before).delete()
        if count:
            audit.record(actor, "duties.erase_places", "visit_places", {"count": count, "before": before.isoformat()})
    return count


def tend() -> None:
    """Once a day; one small query otherwise."""
    today = timezone.localdate().toordinal()
    if Marker.objects.filter(name=_DONE).values_list("number", flat=True).first() == today:
        return
    erase(system())
    Marker.objects.update_or_create(name=_DONE, defaults={"number": today})
