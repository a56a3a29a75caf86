"""Sending: dispatches are claimed, handed to their channel, and what came of them is written down.

Safe with several processes and after a crash: a dispatch belongs to one claim at a time (``SKIP LOCKED`` in PostgreSQL,
the one writer in SQLite), and what a dead process had claimed is queued anew. A crash between the sending and the
writing down repeats a parcel with the same key: at least once, and recognisable.
"""

from __future__ import annotations

import datetime
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from tuopin.platform.auditing import audit
from tuopin.platform.database import exclusive, is_postgresql, write
from tuopin.platform.locks import Busy
from tuopin.platform.models import Dispatch
from tuopin.platform.outbox import operators
from tuopin.platform.outbox.channels import channels, is_over
from tuopin.platform.outbox.digests import parcels
from tuopin.platform.outbox.planning import open_hours, plan
from tuopin.platform.seals.services import instance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.platform.outbox.channels import Channel, Outcome

ATTEMPTS = 8
_FIRST_WAIT, _LONGEST_WAIT = 60, 4 * 3600  # seconds; with eight attempts about four hours in all
State = Dispatch.State
_here = threading.local()


@dataclass(slots=True)
class Report:
    """What one run did: dispatches ``planned``, and by channel how many were ``sent``, are to be tried ``later``, are
    ``dead`` or were ``dropped`` because nobody wants them any more."""

    planned: int = 0
    by_channel: dict[str, dict[str, int]] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        return {"planned": self.planned, "channels": self.by_channel}


def send(actor: Actor, now: datetime.datetime, *, seconds: float | None = None) -> Report:
    """Plan what is due and send it, for at most about ``seconds`` (None = until nothing is due). ``now`` is the time by
    which everything is decided: days, quiet hours, waits."""
    found = channels()
    report = Report()
    if not found:
        return report
    reap(now)  # first: what a dead process held since yesterday goes with today's digest
    report.planned = plan(tuple(found), now)
    end = None if seconds is None else time.monotonic() + seconds
    here = instance()
    name = _own_name()
    with exclusive(name):
        for channel in found.values():
            counted = _send_all(channel, name, here, now, end)
            if counted:
                report.by_channel[channel.name] = dict(sorted(counted.items()))
    if report.by_channel:
        with write():
            audit.record(actor, "platform.send_messages", "messages", {"channels": report.by_channel})
            operators.tell(actor, report.by_channel, now)
    return report


def _own_name() -> str:
    """The name of this thread as a sender: one for all its runs, since the file of a lock stays."""
    if not hasattr(_here, "name"):
        _here.name = f"outbox-{uuid.uuid4().hex[:16]}"
    return str(_here.name)


def _send_all(channel: Channel, worker: str, here: str, now: datetime.datetime, end: float | None) -> Counter[str]:
    counted: Counter[str] = Counter()
    while not is_over(end):
        taken = claim(channel.name, worker, channel.size, now)
        if not taken:
            break
        made = parcels(taken, here)
        outcomes = channel.deliver(list(made.values()), now, end) if made else {}
        counted += note(taken, set(made), outcomes, now)
        # Nobody there, or nothing tried: the rest waits for another run.
        if any(each.away for each in outcomes.values()) or (made and not outcomes):
            break
    return counted


def due(now: datetime.datetime) -> QuerySet[Dispatch]:
    """What may leave now. In quiet hours only what may leave at any hour."""
    found = Dispatch.objects.filter(state=State.QUEUED, next_at__lte=now)
    return found if open_hours().are_open(now) else found.filter(at_any_hour=True)


def claim(channel: str, worker: str, most: int, now: datetime.datetime) -> list[Dispatch]:
    """Take dispatches of a channel that are due, for ``worker``, which must hold the lock of its name."""
    waiting = due(now).filter(channel=channel)
    if not waiting.exists():  # without a write lock
        return []
    mark = uuid.uuid4().hex
    with write():
        chosen = waiting.order_by("next_at", "pk")
        if is_postgresql():
            chosen = chosen.select_for_update(skip_locked=True)
        ids = list(chosen.values_list("pk", flat=True)[:most])
        Dispatch.objects.filter(pk__in=ids).update(
            state=State.SENDING, worker=worker, claim=mark, attempts=F("attempts") + 1
        )
    return list(Dispatch.objects.filter(pk__in=ids).order_by("pk")) if ids else []


def note(
    taken: Sequence[Dispatch], wanted: set[int], outcomes: Mapping[int, Outcome], now: datetime.datetime
) -> Counter[str]:
    """Write down what came of claimed dispatches; one that belongs to another claim by now is left to it. What was not
    tried waits without its attempt being counted."""
    groups: dict[str, list[Dispatch]] = {State.SENT: [], State.DROPPED: [], State.DEAD: [], State.QUEUED: []}
    untried: list[Dispatch] = []
    for each in taken:
        outcome = outcomes.get(each.pk)
        each.worker = each.error = ""
        if each.pk not in wanted:
            groups[State.DROPPED].append(each)
        elif outcome is None:
            untried.append(each)
        elif outcome.what == "sent":
            groups[State.SENT].append(each)
        else:
            each.error = outcome.error
            for_good = outcome.what == "never" or each.attempts >= ATTEMPTS
            groups[State.DEAD if for_good else State.QUEUED].append(each)
            again = now + datetime.timedelta(seconds=max(outcome.wait, wait(each)))
            each.next_at = again if each.at_any_hour else open_hours().next(again)
    counted: Counter[str] = Counter()
    with write():
        counted["sent"] += _held(groups[State.SENT]).update(state=State.SENT, worker="", error="", ended_at=now)
        # What never left takes up no day: a digest may still be made.
        free = Concat(Value("none:"), Cast("pk", CharField()))
        counted["dropped"] += _held(groups[State.DROPPED]).update(
            state=State.DROPPED, worker="", error="", ended_at=now, key=free
        )
        for each in groups[State.DEAD]:
            counted["dead"] += _held([each]).update(state=State.DEAD, worker="", error=each.error, ended_at=now)
        for each in groups[State.QUEUED]:
            counted["later"] += _held([each]).update(
                state=State.QUEUED, worker="", error=each.error, next_at=each.next_at
            )
        counted["later"] += _held(untried).update(state=State.QUEUED, worker="", attempts=F("attempts") - 1)
    return +counted


def _held(dispatches: Sequence[Dispatch]) -> QuerySet[Dispatch]:
    """Those of the dispatches (of one claim) that the claim still holds."""
    mark = dispatches[0].claim if dispatches else ""
    return Dispatch.objects.filter(pk__in=[each.pk for each in dispatches], claim=mark, state=State.SENDING)


def wait(dispatch: Dispatch) -> int:
    """Seconds until the next attempt: doubled each time, and spread by a third so that those that failed together do
    not all come back together. The same for the same dispatch and attempt."""
    whole = float(min(_FIRST_WAIT << min(dispatch.attempts - 1, 20), _LONGEST_WAIT))
    spread = random.Random(f"{dispatch.channel}:{dispatch.pk}:{dispatch.attempts}").uniform(0.67, 1.33)  # noqa: S311 - no secret
    return round(whole * spread)


def reap(now: datetime.datetime) -> int:
    """Queue anew what dead processes had claimed; returns how many. Alive is whoever holds the lock of its name."""
    workers = set(Dispatch.objects.filter(state=State.SENDING).values_list("worker", flat=True))
    done = 0
    for worker in sorted(workers):
        try:
            with exclusive(worker, wait=0), write():
                lost = Dispatch.objects.filter(state=State.SENDING, worker=worker)
                done += lost.update(state=State.QUEUED, worker="", claim="", next_at=now)
        except Busy:
            continue
    return done
