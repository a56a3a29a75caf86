"""The clock: what is due is taken, in sets, each step of each limit once.

Every step that was missed becomes an event; about the last of them one message goes to each who is to know. A batch is
one transaction with its events, messages, proposals and one entry of the audit: killed half-way, it did not happen, and
the next tick takes it. The time is an input.
"""

from __future__ import annotations

import gc
import hashlib
import math
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.platform import database, working_days
from tuopin.platform.auditing import audit
from tuopin.platform.models import Marker
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Problem, Refused
from tuopin.register.correcting.subjects import listed

from .. import limits, reach
from ..kinds import rhythm
from ..models import Matter
from . import absences, proposing, recounting, rows
from .chain import Chains
from .people import People
from .rows import Event
from .telling import Teller
from .waiting import WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tuopin.core.matters import Standing, Step
    from tuopin.platform.access import Actor
    from tuopin.platform.outbox.services import Letter

    from .proposing import Proposed
    from .rows import Row

MARKER = "orders.clock"
BATCH = 5_000
_AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Report:
    """What a tick did: ``matters`` looked at, ``steps`` taken by key, new ``events``, ``messages`` and ``proposals``,
    clocks ``stopped``, limits ``recounted``. ``unfinished``: more is due, and the time given was over."""

    matters: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    events: int = 0
    messages: int = 0
    proposals: int = 0
    stopped: int = 0
    recounted: int = 0
    unfinished: bool = False

    def document(self) -> dict[str, object]:
        return {
            "matters": self.matters, "steps": dict(sorted(self.steps.items())), "events": self.events,
            "messages": self.messages, "proposals": self.proposals, "stopped": self.stopped,
            "recounted": self.recounted, "unfinished": self.unfinished,
        }  # fmt: skip


def tick(
    actor: Actor, now: datetime, *, force: bool = False, seconds: float | None = None, size: int = BATCH
) -> Report:
    """Take all that is due at ``now``; the same moment again does nothing. ``seconds``: begin no batch after so long.

    Raises Refused for an account: the clock is the product's own, and the operator's. Raises Problem for a time before
    that of the last tick, or more than a day ahead of the machine's, unless ``force``.
    """
    if not actor.unrestricted:
        raise Refused("refused", "时钟由系统运行。", "The clock is run by the product itself.")
    began = time.monotonic()
    remember(now, force=force)
    report = Report()
    report.recounted = recounting.recount(actor, now, Clock(actor, now).steps)
    until = math.inf if seconds is None else began + seconds
    report.stopped, whole = absences.stop(actor, now, until)
    if not whole:  # nobody who is away is reminded before the clock stands still
        report.unfinished = True
        return report
    clock = Clock(actor, now)
    while clock.batch(report, size):
        if time.monotonic() > until:
            report.unfinished = True
            break
    return report


def remember(now: datetime, *, force: bool = False) -> None:
    """Keep the time of the tick. Raises Problem for one that goes back, or far ahead."""
    with database.write():
        Marker.objects.bulk_create([Marker(name=MARKER)], ignore_conflicts=True)
        row = Marker.objects.select_for_update().get(name=MARKER)
        last = datetime.fromisoformat(row.text) if row.text else None
        if not force and last is not None and now < last:
            raise Problem(
                "clock_set_back",
                f"时间早于上一次运行（{timezone.localtime(last):%Y-%m-%d %H:%M}）。请校准机器时钟；"
                "确需回退请加 --force。",
                "The time lies before that of the last tick. Set the machine’s clock right; --force goes back on"
                " purpose.",
                last=last.isoformat(),
            )
        if not force and now > timezone.now() + _AHEAD:
            raise Problem(
                "clock_ahead",
                "时间比机器时钟晚一天以上，会提前催办。确需这样请加 --force。",
                "The time is more than a day ahead of the machine’s: everybody would be reminded too early. --force"
                " does it on purpose.",
            )
        if now != last:
            row.text = now.isoformat()
            row.save(update_fields=["text"])


class Clock:
    """One tick: what stays the same from batch to batch is read once."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor, self.now = actor, now
        self.zone = timezone.get_current_timezone()
        self.calendar, self.rhythm = working_days.calendar(), rhythm()
        self.teller = Teller(People(Chains(timezone.localdate(now))))
        self._steps: dict[Standing, list[Step]] = {}

    def batch(self, report: Report, size: int) -> bool:
        """Take one batch; whether there was anything."""
        with _uncollected(), database.write():
            found = rows.claim(self.now, size)
            if found:
                self._take(found, report)
        return bool(found)

    def _take(self, found: Sequence[Row], report: Report) -> None:
        every = [(row, self.steps(row)) for row in found]
        taken = [(row, core.due(steps, row.step, self.now)) for row, steps in every]
        self.teller.know(row for row, due in taken if due)
        events = [event for row, due in taken for event in self._events(row, due)]
        report.events += rows.write_events(events, self.now, reach.signature(self.actor))
        rows.write_steps([self._after(row, steps, due) for (row, steps), (_row, due) in zip(every, taken, strict=True)])
        self._follow(taken)
        made = proposing.propose([(row, due[-1]) for row, due in taken if due], self.now)
        letters = [each for row, due in taken if due for each in self._letters(row, due, made)]
        letters += self.teller.desk()
        posted = outbox.post(self.actor, letters, now=self.now)
        counted = Counter(step.key for _row, due in taken for step in due)
        report.matters += len(found)
        report.steps += counted
        report.messages += posted.new
        report.proposals += len(made)
        # petitions are in no count that others read: of few it would say how many, and what became of them
        work = [due for row, due in taken if row.kind != "petition"]
        said = Counter(step.key for due in work for step in due)
        detail: dict[str, object] = {
            "matters": len(work), "steps": dict(sorted(said.items())), "messages": posted.new,
            "proposals": len(made), "time": self.now.isoformat(),
        }  # fmt: skip
        audit.record(self.actor, "orders.tick", "matters", detail, digest(events))

    def steps(self, row: Row) -> list[Step]:
        """All steps of a matter; the same for all that stand alike."""
        standing = limits.standing(row)
        if standing not in self._steps:
            self._steps[standing] = core.steps(standing, self.rhythm, self.calendar, self.zone)
        return self._steps[standing]

    def _events(self, row: Row, due: Sequence[Step]) -> list[Event]:
        found = []
        for step in due:
            ends = step.key == "satisfied"
            found.append(
                Event(
                    row.id, step.key if ends else f"clock.{step.key}", row.state, "final" if ends else row.state,
                    _due(row, step), {"at": step.at.isoformat()},
                )
            )  # fmt: skip
        vacant = self.teller.vacancies(row, due[-1]) if due else []
        if vacant:
            data = {"step": due[-1].key, "organisations": [office.id for office in vacant]}
            found.append(Event(row.id, "clock.vacancy", row.state, row.state, due[-1].at, data))
        return found

    def _after(self, row: Row, steps: Sequence[Step], due: Sequence[Step]) -> tuple[int, int, datetime | None]:
        step = max([row.step, *(each.number for each in due)])
        if any(each.key == "satisfied" for each in due):
            return row.id, step, None
        left = [each for each in steps if each.number or each not in due]
        return row.id, step, core.next_at(left, step, self.now)

    def _follow(self, taken: Sequence[tuple[Row, Sequence[Step]]]) -> None:
        """What a step changes on the row beside the step itself."""
        ended = [row.id for row, due in taken for step in due if step.key == "stop_ended"]
        if ended:
            Matter.objects.filter(pk__in=listed(ended)).update(stopped_from=None, stopped_until=None)
        over = [row.id for row, due in taken for step in due if step.key == "satisfied"]
        if over:
            Matter.objects.filter(pk__in=listed(over)).update(
                state="final", version=F("version") + 1, changed_at=self.now
            )

    def _letters(self, row: Row, due: Sequence[Step], proposed: Mapping[int, Proposed]) -> list[Letter]:
        last = due[-1]
        passed = next((each for each in due if each.key == "overdue"), None)
        found = list(self.teller.letters(row, last, _due(row, last), passed))
        if row.id in proposed:
            found += self.teller.proposals(row, last, _due(row, last), proposed[row.id])
        for office in self.teller.vacancies(row, last):
            found += self.teller.vacant(row, office, self.now)
        return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector: the hundred thousand small objects of a batch all live until it is written, and it
    would walk them again and again (a quarter of the time) to find nothing. What is dropped is freed all the same."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def digest(events: Sequence[Event]) -> str:
    """The SHA-256 of a set of changes: which step of which limit of which matter."""
    lines = sorted(f"{each.matter_id} {each.act} {each.due.isoformat()}" for each in events)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _due(row: Row, step: Step) -> datetime:
    """What makes a step one of its kind: the limit that it belongs to, or its own moment."""
    return row.limit_at if step.key not in {*WAITS, "stop_ended", "satisfied"} and row.limit_at else step.at
