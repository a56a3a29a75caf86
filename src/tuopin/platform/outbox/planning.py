"""What leaves: pending messages gathered into one dispatch a person, in a few statements however many there are.

A digest leaves once a person and day by each channel. Urgent kinds leave by gateway without waiting for it, all that a
person has pending at that moment together. In quiet hours only what holds a kind for any hour is made. What could not
leave for a day goes back among the pending: after a week away there is one digest a person, not seven.
"""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from tuopin.core.quiet import OpenHours
from tuopin.platform import working_days
from tuopin.platform.database import exclusive, is_postgresql, write
from tuopin.platform.locks import Busy
from tuopin.platform.models import Dispatch
from tuopin.platform.outbox.kinds import all_kinds, leaving

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MAIL, GATEWAY = "mail", "gateway"
FRESH = datetime.timedelta(hours=24)
"""How old an urgent message may be to leave by itself; older ones go with the digest."""
_WANTED = {MAIL: "c.mail AND c.confirmed <> ''", GATEWAY: "c.gateway"}


def open_hours() -> OpenHours:
    """When messages may leave, by the settings and the calendar of the installation."""
    opens, closes = (datetime.time.fromisoformat(each) for each in settings.TUOPIN_OPEN_HOURS)
    return OpenHours(working_days.calendar(), timezone.get_default_timezone(), opens, closes)


def plan(channels: Collection[str], now: datetime.datetime) -> int:
    """Make the dispatches that are due by these channels; returns how many. One process at a time: another one that
    plans meanwhile is left to it."""
    try:
        with exclusive("outbox-plan", wait=0), write():
            return sum(_plan(channel, now, is_open=open_hours().are_open(now)) for channel in channels)
    except Busy:
        return 0


def _plan(channel: str, now: datetime.datetime, *, is_open: bool) -> int:
    digest = f"digest:{timezone.localdate(now)}"
    _give_back(channel, digest, now, is_open=is_open)
    kinds = leaving(channel)
    at_any_hour = [key for key in kinds if all_kinds()[key].at_any_hour]
    made = 0
    if channel == GATEWAY:
        urgent = [key for key in (kinds if is_open else at_any_hour) if all_kinds()[key].urgent]
        made += _gather(channel, "", urgent, now, at_any_hour, since=now - FRESH)
        return made + (_gather(channel, digest, kinds, now, at_any_hour) if is_open else 0)
    return _gather(channel, digest, kinds, now, at_any_hour, only_urgent=not is_open)


def _marks(values: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


def _pending(channel: str, kinds: Sequence[str]) -> str:
    """Of the message ``m``: open, not yet gone by the channel, of a kind that goes by it and is wanted."""
    return (
        f"m.read_at IS NULL AND m.done_at IS NULL AND m.{channel}_id IS NULL AND m.not_before <= %s"  # noqa: S608 - our own names and marks
        f" AND m.not_before >= %s AND m.kind IN ({_marks(kinds)})"
        " AND NOT EXISTS (SELECT 1 FROM platform_message_mute x"
        " WHERE x.user_id = m.user_id AND x.channel = %s AND x.kind = m.kind)"
    )


def _gather(
    channel: str, digest: str, kinds: Sequence[str], now: datetime.datetime, at_any_hour: Sequence[str], *,
    since: datetime.datetime | None = None, only_urgent: bool = False,
) -> int:  # fmt: skip
    """One dispatch a person with something pending, and the pending messages with it. Without ``digest`` it is named by
    the newest of them. ``only_urgent``: for those alone who have something for any hour."""
    if not kinds:
        return 0
    mark = uuid.uuid4().hex
    pending = _pending(channel, kinds)
    values: list[Any] = [now, since or datetime.datetime(1900, 1, 1, tzinfo=datetime.UTC), *kinds, channel]
    key = "%s" if digest else "'urgent:' || max(m.id)"
    for_any_hour = f"max(CASE WHEN m.kind IN ({_marks(at_any_hour)}) THEN 1 ELSE 0 END) = 1"
    having = f"HAVING {for_any_hour}" if only_urgent else ""
    again = (
        "AND NOT EXISTS (SELECT 1 FROM platform_dispatch d"
        " WHERE d.channel = %s AND d.user_id = c.user_id AND d.key = %s)"
        if digest
        else ""
    )
    insert = (
        "INSERT INTO platform_dispatch"  # noqa: S608 - our own names and marks
        " (channel, user_id, key, state, attempts, next_at, at_any_hour, worker, claim, error, created_at)"
        f" SELECT %s, c.user_id, {key}, 'queued', 0, %s, {for_any_hour}, '', %s, '', %s"
        # In SQLite CROSS JOIN keeps the order: who wants something first, then what they have open by its index.
        " FROM platform_message_choice c CROSS JOIN platform_user u CROSS JOIN platform_message m"
        " WHERE u.id = c.user_id AND m.user_id = c.user_id"
        f" AND u.is_active AND {_WANTED[channel]} AND {pending} {again}"
        f" GROUP BY c.user_id {having} ON CONFLICT (channel, user_id, key) DO NOTHING"
    )
    # SQLite is to begin with the new dispatches. PostgreSQL, which knows nothing yet of rows made in this transaction,
    # would look through all that are queued for each message, instead of for the person's own.
    queued = "" if is_postgresql() else " AND d.state = 'queued'"
    update = (
        f"UPDATE platform_message AS m SET {channel}_id = d.id FROM platform_dispatch d"  # noqa: S608 - as above
        f" WHERE d.claim = %s{queued} AND d.channel = %s AND d.user_id = m.user_id AND {pending}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            insert,
            [channel, *([digest] if digest else []), now, *at_any_hour, mark, now, *values,
             *([channel, digest] if digest else []), *(at_any_hour if only_urgent else [])],
        )  # fmt: skip
        made: int = max(cursor.rowcount, 0)
        if made:
            cursor.execute(update, [mark, channel, *values])
    return made


def _give_back(channel: str, digest: str, now: datetime.datetime, *, is_open: bool) -> None:
    """End what waits since an earlier day, and let its messages go with today's digest."""
    if not is_open:
        return
    stale = Dispatch.objects.filter(channel=channel, state=Dispatch.State.QUEUED)
    old = stale.filter(key__startswith="digest:").exclude(key=digest).exclude(created_at__gt=now)
    old = old | stale.filter(key__startswith="urgent:", created_at__lte=now - FRESH)
    if not old.exists():
        return
    mark = uuid.uuid4().hex
    old.update(state=Dispatch.State.DROPPED, error="superseded", ended_at=now, claim=mark)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE platform_message SET {channel}_id = NULL WHERE {channel}_id IN"  # noqa: S608 - our own names
            " (SELECT id FROM platform_dispatch WHERE state = 'dropped' AND channel = %s AND claim = %s)",
            [channel, mark],
        )
