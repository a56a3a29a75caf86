"""What is told once a day about petitions: to their offices letters that are owed, and who came that may be erased; to
holders what they were given. Nothing is done by itself. Days without a clock are caught up with in one message."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.models import Marker
from tuopin.platform.outbox import services as outbox

from ..clock.chain import Chains
from ..clock.people import People
from ..clock.telling import Teller
from . import erasing, held, owed

if TYPE_CHECKING:
    from datetime import datetime

    from tuopin.platform.access import Actor

MARKER = "orders.petitions_told"


def tell(actor: Actor, now: datetime) -> int:
    """Tell what is to be told today; how many messages are new. The same day again tells nothing; of two processes at
    once one does it."""
    today = timezone.localdate(now)
    if Marker.objects.filter(name=MARKER, text=today.isoformat()).exists():
        return 0
    with database.write():
        Marker.objects.bulk_create([Marker(name=MARKER)], ignore_conflicts=True)
        row = Marker.objects.select_for_update().get(name=MARKER)
        if row.text == today.isoformat():
            return 0
        yesterday = today - timedelta(days=1)
        # a day ahead was left by a clock that was set back since
        last = min(date.fromisoformat(row.text), yesterday) if row.text else yesterday
        row.text = today.isoformat()
        row.save(update_fields=["text"])
        teller = Teller(People(Chains(today)))
        letters = [
            *owed.letters(teller.people, last, now), *erasing.letters(actor, teller.people, now),
            *held.given(teller, last),
        ]  # fmt: skip
        return outbox.post(actor, letters, now=now).new
