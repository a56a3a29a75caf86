"""Parts that end after their whole.

Nobody gives a part such a limit (:func:`tuopin.orders.families.tree.within_wholes`). A clock that stood still, a matter
that was reported up and days off that were corrected move a limit by themselves: that is somebody's right, or nobody's
doing, and is not refused because of another matter. The whole stays; who holds it, and who issued it and may extend it,
hear of it, and the pages of both say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.outbox import services as outbox
from tuopin.register.correcting.subjects import listed

from ..clock import telling
from ..clock.chain import Chains
from ..clock.people import People
from ..clock.rows import row_of
from ..models import RUNNING, Matter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

MOVES = frozenset({"stop", "resume", "report_up"})
"""Acts by which a limit moves without a day that somebody names."""
_SAID = Title(
    "{word} 有分件晚于总件到期，最晚 {limit}。请提前办结，或由交办方延长总件",
    "A part of {word} ends after it, on {limit}: finish earlier, or have the whole extended by its issuer",
)


def found(matters: Sequence[Matter], now: datetime) -> list[Matter]:
    """The parts, with their wholes, that end after a whole whose limit lies ahead: of some matters as parts and as
    wholes. Two statements."""
    ids = listed([each.pk for each in matters])
    late = Matter.objects.filter(
        state__in=RUNNING, parent__state__in=RUNNING, parent__limit_at__gt=now, limit_at__gt=F("parent__limit_at")
    ).select_related("parent")
    rows = {each.pk: each for some in (late.filter(pk__in=ids), late.filter(parent_id__in=ids)) for each in some}
    return [rows[key] for key in sorted(rows)]


def tell(actor: Actor, matters: Sequence[Matter], now: datetime) -> None:
    """Say of limits that have just moved, in the database, which wholes end before a part: once a whole and day."""
    last: dict[int, datetime] = {}
    wholes: dict[int, Matter] = {}
    for each in found(matters, now):
        if each.parent is not None and each.limit_at is not None:
            wholes[each.parent.pk] = each.parent
            last[each.parent.pk] = max(each.limit_at, last.get(each.parent.pk, each.limit_at))
    if not wholes:
        return
    people = People(Chains(timezone.localdate(now)))
    teller, rows = telling.Teller(people), [row_of(each) for each in wholes.values()]
    teller.know(rows)
    letters = [
        telling.letter(user, row.id, f"part_later:{last[row.id]:%Y%m%dT%H%M}", "orders.limit_moved", _SAID,
                       last[row.id], now)
        for row in rows
        for user in dict.fromkeys((*teller.holder(row), *(people.office(row.issuer_id) if row.issuer_id else ())))
        if user != actor.user_id
    ]  # fmt: skip
    outbox.post(actor, letters, now=now)
