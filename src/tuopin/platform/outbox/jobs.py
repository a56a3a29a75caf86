"""Sending as a job of the worker, begun when something is due, and the deleting of old messages."""

from __future__ import annotations

import datetime
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import jobs
from tuopin.platform.access import system
from tuopin.platform.database import exclusive, write
from tuopin.platform.jobs import job
from tuopin.platform.locks import Busy
from tuopin.platform.models import Dispatch, Job, Message
from tuopin.platform.outbox.channels import channels
from tuopin.platform.outbox.planning import plan
from tuopin.platform.outbox.sending import due, reap, send

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tuopin.platform.jobs import Run

SEND = "platform.send_messages"
_SECONDS = 20.0  # of one run: other jobs wait behind it
_LOOK_EVERY = 30.0  # seconds
_PURGE_EVERY = 3600.0  # seconds
_PIECE = 5_000
_looked = {"due": float("-inf"), "old": float("-inf")}


@job(SEND, max_attempts=1, title=Title("发送消息", "Messages sent"))
def send_messages(run: Run) -> dict[str, Any]:
    """Send what is due, for a while; what is left begins another job."""
    return dict(send(run.actor, timezone.now(), seconds=_SECONDS).document())


def tend() -> None:
    """Called every few seconds: now and then a look at what is due, and at what is old."""
    now = time.monotonic()
    if now - _looked["due"] >= _LOOK_EVERY:
        _looked["due"] = now
        begin(timezone.now())
    if now - _looked["old"] >= _PURGE_EVERY:
        _looked["old"] = now
        purge(timezone.now())


def begin(now: datetime.datetime) -> bool:
    """Begin the job that sends, if something is due and none is waiting or at work; whether it was begun."""
    names = tuple(channels())
    if not names:
        return False
    reap(now)
    plan(names, now)
    if not due(now).filter(channel__in=names).exists():
        return False
    try:
        with exclusive(f"begin-{SEND}", wait=0), write():
            if Job.objects.filter(kind=SEND, state__in=Job.UNFINISHED).exists():
                return False
            jobs.enqueue(system(), SEND, {})
            return True
    except Busy:
        return False


def purge(now: datetime.datetime) -> int:
    """Delete messages that are older than they are kept, and so are the days they are about: a letter that comes again
    would not be taken in (``services.post``). Dispatches go with them. Returns how many messages."""
    oldest = now - datetime.timedelta(days=settings.TUOPIN_MESSAGES_DAYS)
    day = timezone.localdate(oldest)
    gone = _delete(Message.objects.filter(created_at__lt=oldest, day__lt=day))
    ended = (Dispatch.State.SENT, Dispatch.State.DROPPED, Dispatch.State.DEAD)
    _delete(Dispatch.objects.filter(created_at__lt=oldest, state__in=ended))
    return gone


def _delete(rows: QuerySet[Any]) -> int:
    gone = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:_PIECE]):
        with write():
            gone += rows.model._default_manager.filter(pk__in=ids)._raw_delete(rows.db)
    return gone
