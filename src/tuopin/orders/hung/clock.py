"""The clock of signs: what is due is told once an item and stage, what nobody asked for once a week.

In sets: a fixed number of statements a batch, each batch one transaction with its messages. Told twice is told once:
messages are unique by their key, and the row remembers its stage. The time is an input.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.supervision import OWED, last_working_day, monday_of
from tuopin.duties.models import Term
from tuopin.platform import database, working_days
from tuopin.platform.database import is_postgresql
from tuopin.platform.outbox import services as outbox
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .. import reach as matters_reach
from ..models import HungEvent, HungItem, HungSign
from . import reach
from .items import TO_CHECK
from .telling import Teller, about_item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tuopin.core.calendar import WorkingCalendar
    from tuopin.platform.access import Actor
    from tuopin.platform.outbox.services import Letter

BATCH = 1_000
_DAY, _WEEK = datetime.timedelta(days=1), datetime.timedelta(days=7)
_AGAIN = 5  # working days after the day that was missed
_STAGES = ("", "due", "late", "late_again")


def tell(actor: Actor, now: datetime.datetime, size: int = BATCH) -> int:
    """Tell all that is due; returns how many messages are new. The same moment again tells nothing."""
    told = 0
    for batch in (_items, _signs):
        while (new := batch(actor, now, size)) is not None:
            told += new
    return told


def _items(actor: Actor, now: datetime.datetime, size: int) -> int | None:
    """One batch of items; None where none is due."""
    today, calendar = timezone.localdate(now), working_days.calendar()
    with database.write():
        found = HungItem.objects.filter(tell_on__lte=today, sign__state="hanging").order_by("tell_on", "pk")
        if is_postgresql():
            found = found.select_for_update(of=("self",), skip_locked=True)
        rows = list(found.select_related("sign__matter")[:size])
        if not rows:
            return None
        moved = _moved(actor, rows, calendar, now)
        teller = Teller({row.sign_id: row.sign for row in rows}.values(), now)
        letters = [letter for row in rows for letter in _of_item(teller, row, today, calendar)]
        HungItem.objects.bulk_update(rows, ["by", "provisional", "told", "tell_on"], batch_size=200)
        HungEvent.objects.bulk_create(moved, batch_size=200)
        return outbox.post(actor, letters, now=now).new


def _moved(
    actor: Actor, rows: Sequence[HungItem], calendar: WorkingCalendar, now: datetime.datetime
) -> list[HungEvent]:
    """Days of a year that is published meanwhile: one that turned out to be off moves to the next working day."""
    events = []
    for row in rows:
        if not row.provisional or not calendar.is_published(row.by):
            continue
        limit = calendar.after(row.by - _DAY, 1)
        row.provisional = limit.provisional
        if limit.day != row.by and row.state in OWED:
            data = {"was": row.by.isoformat(), "by": limit.day.isoformat()}
            row.by = limit.day
            events.append(
                HungEvent(sign_id=row.sign_id, item=row, act="moved", at=now, user_id=actor.user_id,
                          actor=matters_reach.signature(actor), data=data)
            )  # fmt: skip
    return events


def _of_item(teller: Teller, row: HungItem, today: datetime.date, calendar: WorkingCalendar) -> Iterator[Letter]:
    """The letters of one item, which takes its next stage: after downtime the last one due alone."""
    if row.state == "answered":
        row.told, row.tell_on = TO_CHECK + 1, None
        key = f"check:{row.pk}:{row.rounds}"
        day = row.answered_on or today
        yield from teller.letters(teller.supervisor(row.sign), "check", row.sign, key, day, about_item(row.pk))
        return
    if row.state not in OWED:
        row.tell_on = None
        return
    again = calendar.after(row.by, _AGAIN).day
    stage = 3 if today >= again else 2 if today > row.by else 1
    row.tell_on = (row.by + _DAY, again, None)[stage - 1]
    if stage <= row.told:
        return
    row.told = stage
    if reach.reassigned(row.sign):  # whoever hung it is told once a holder, and hangs it anew
        users = teller.office(row.sign) + teller.supervisor(row.sign)
        key = f"reassigned:{row.sign.matter and row.sign.matter.holder_id}"
        yield from teller.letters(users, "reassigned", row.sign, key, today)
        return
    users = teller.holder(row.sign)
    if stage >= 2:
        users += teller.supervisor(row.sign)
    if stage == 3:
        users += teller.above(row.sign) + teller.office(row.sign)
    key = f"{_STAGES[stage]}:{row.pk}:{row.by}"
    yield from teller.letters(users, _STAGES[stage], row.sign, key, row.by, about_item(row.pk))


def _signs(actor: Actor, now: datetime.datetime, size: int) -> int | None:
    """One batch of signs whose week is over: whether anything was asked in it, and whether somebody supervises."""
    today, calendar = timezone.localdate(now), working_days.calendar()
    with database.write():
        found = HungSign.objects.filter(look_on__lte=today, state="hanging").order_by("look_on", "pk")
        if is_postgresql():
            found = found.select_for_update(skip_locked=True)
        rows = list(found[:size])
        if not rows:
            return None
        this = monday_of(today)
        last = this - _WEEK
        asked = set(
            HungItem.objects.filter(sign_id__in=listed([row.pk for row in rows]), due__gte=last, due__lt=this)
            .exclude(state="dropped")
            .values_list("sign_id", flat=True)
        )
        people = {row.supervisor_id for row in rows}
        standing = set(
            Term.objects.filter(on_day(today), official_id__in=listed(people)).values_list("official_id", flat=True)
        )
        teller, works = Teller(rows, now), last_working_day(last, calendar) is not None
        letters: list[Letter] = []
        for row in rows:
            if works and row.pk not in asked and monday_of(row.hung_on) < last:
                users = teller.supervisor(row) + teller.office(row)
                letters += teller.letters(users, "unasked", row, f"unasked:{last}", last)
            if row.supervisor_id not in standing:
                key = f"vacant:{row.supervisor_id}:{this}"
                letters += teller.letters(teller.office(row), "vacant", row, key, today)
        HungSign.objects.filter(pk__in=listed([row.pk for row in rows])).update(look_on=this + _WEEK)
        return outbox.post(actor, letters, now=now).new
