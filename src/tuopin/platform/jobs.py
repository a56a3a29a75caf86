"""Jobs: work that outlives a request, one row each (docs/decisions/0014).

A room's ``jobs.py`` registers functions with :func:`job`; a service calls :func:`enqueue` inside its transaction. A
function may run again after a crash: it must be able to begin anew.
"""

from __future__ import annotations

import datetime
import importlib
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import Actor, Limits
from tuopin.platform.api.tokens import stands
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.database import write
from tuopin.platform.locks import Busy, exclusive
from tuopin.platform.models import Job
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

type Function = Callable[..., dict[str, Any] | None]

_PAUSE_BETWEEN_REPORTS = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Kind:
    """A registered function: how often it is tried, and how long after a failure it waits (seconds, doubled)."""

    name: str
    function: Function
    max_attempts: int
    retry_after: int
    title: Title


_kinds: dict[str, Kind] = {}


def job(
    name: str, *, max_attempts: int = 3, retry_after: int = 10, title: Title | None = None
) -> Callable[[Function], Function]:
    """Register a function as the job ``room.verb_noun``. It is called with a :class:`Run` and the payload by name.

    ``title`` is what its page calls it. The function's result may hold ``href``, ``title_zh`` and ``title_en``: where
    the page leads to when it is done.
    """

    def register(function: Function) -> Function:
        _kinds[name] = Kind(name, function, max_attempts, retry_after, title or Title(name, name))
        return function

    return register


def kind(name: str) -> Kind:
    """A registered kind of job. Raises KeyError."""
    return _kinds[name] if name in _kinds else kinds()[name]


def kinds() -> dict[str, Kind]:
    """Every kind of job by name."""
    importlib.import_module("tuopin.platform.lists.export_job")  # the platform's own
    importlib.import_module("tuopin.platform.auditing.job")
    importlib.import_module("tuopin.platform.seals.jobs")
    importlib.import_module("tuopin.platform.outbox.jobs")
    for _room, module in rooms_modules("jobs"):
        importlib.import_module(module.__name__)
    return _kinds


def enqueue(
    actor: Actor,
    name: str,
    payload: dict[str, Any],
    *,
    after: datetime.datetime | None = None,
    upkeep: bool = False,
) -> Job:
    """Put a job into the queue, as part of the caller's transaction. ``payload`` is JSON: ids and dates, no objects.

    ``upkeep``: it brings up to date what follows from an act already done, and has to be done even if the token of that
    act ends meanwhile; its function asks for no permission and shows nothing.
    """
    now = timezone.now()
    return Job.objects.create(
        kind=name,
        payload=payload,
        max_attempts=kind(name).max_attempts,
        run_after=after or now,
        created_at=now,
        actor_kind=actor.kind,
        user_id=actor.user_id,
        actor_name=actor.name,
        os_user=actor.os_user,
        limits=actor.limits.document() if actor.limits and not upkeep else None,
    )


class TokenEnded(Refused):
    """The token that began the job is good no more: the job ends where it is, and is not tried again."""


class Lost(Exception):  # noqa: N818 - what happened to the claim
    """The job was given to somebody else: stop, and write nothing more."""


class Run:
    """One attempt at a job, as its function sees it."""

    def __init__(self, row: Job) -> None:
        self.id = row.pk
        self.attempt = row.attempts
        self.actor = Actor(
            row.actor_kind,  # type: ignore[arg-type]  # as written by enqueue
            row.user_id, row.actor_name, row.os_user, Limits.read(row.limits),
        )  # fmt: skip
        self._claim = row.claim
        self._reported = 0.0

    def progress(self, done: int, total: int = 0, note: str = "") -> None:
        """Report how far it is, at most twice a second. Inside a transaction nothing is written: nobody would see it.

        Raises Lost if the job now belongs to another worker, TokenEnded if the token that began it has ended.
        """
        now = time.monotonic()
        if connection.in_atomic_block or (now - self._reported < _PAUSE_BETWEEN_REPORTS and done != total):
            return
        self._reported = now
        held = Job.objects.filter(pk=self.id, claim=self._claim, state=Job.State.RUNNING)
        values = {"progress_done": done, "progress_total": total, "progress_note": note[:200]}
        if not held.update(heartbeat=timezone.now(), **values):
            raise Lost
        self.check_token()

    def check_token(self) -> None:
        """Raise TokenEnded when the job was begun by a token that was revoked or has expired, or whose owner is shut
        out. What it has not written yet stays unwritten."""
        if self.actor.limits is not None and not stands(self.actor.limits.token_id):
            raise TokenEnded(
                "token_ended",
                "发起这项任务的令牌已作废或过期，任务没有完成。如仍需要，请用有效的令牌重新发起。",
                "The token that began this job was revoked or has expired; the job was not completed."
                " Begin it again with a good token if it is still needed.",
            )


def claim(worker: str) -> Job | None:
    """Take the next job that is due, for ``worker``; None when there is none."""
    due = Job.objects.filter(state=Job.State.QUEUED, run_after__lte=timezone.now())
    if not due.exists():  # without a write lock, since an idle worker asks every second
        return None
    with write():
        waiting = due.order_by("run_after", "pk")
        if connection.vendor == "postgresql":
            waiting = waiting.select_for_update(skip_locked=True)
        row = waiting.first()
        if row is None:
            return None
        now = timezone.now()
        row.state, row.worker, row.claim = Job.State.RUNNING, worker, uuid.uuid4().hex
        row.attempts, row.started_at, row.heartbeat = row.attempts + 1, now, now
        row.save(update_fields=["state", "worker", "claim", "attempts", "started_at", "heartbeat"])
    return row


def finish(row: Job, result: dict[str, Any] | None) -> bool:
    """Write the result of an attempt; False if the job was meanwhile given to another worker."""
    return bool(
        _held(row).update(
            state=Job.State.DONE, result=result, error=None, finished_at=timezone.now(), worker="",
            progress_done=F("progress_total"),
        )
    )  # fmt: skip


def fail(row: Job, error: dict[str, Any], *, again: bool) -> bool:
    """Write a failure; with ``again`` the job is queued anew, later each time, while attempts are left."""
    if again and row.attempts < row.max_attempts:
        later = timezone.now() + datetime.timedelta(seconds=kind(row.kind).retry_after * 2 ** (row.attempts - 1))
        return bool(_held(row).update(state=Job.State.QUEUED, worker="", claim="", error=error, run_after=later))
    return bool(_held(row).update(state=Job.State.FAILED, error=error, finished_at=timezone.now(), worker=""))


def refuse(row: Job, run: Run, problem: Problem) -> None:
    """End a job whose token has ended, and say so in the audit log: somebody may have to know what was stopped."""
    with write():
        if fail(row, problem.document(), again=False) and run.actor.limits is not None:
            detail: dict[str, object] = {"kind": row.kind, "token": run.actor.limits.token_id, "reason": problem.code}
            audit.record(run.actor, "platform.refuse_job", f"job:{row.pk}", detail)


def _held(row: Job) -> Any:
    return Job.objects.filter(pk=row.pk, claim=row.claim, state=Job.State.RUNNING)


def worker_lock(worker: str) -> str:
    """The name of the lock that a living worker holds."""
    return f"worker-{worker}"


def reap() -> int:
    """Take the jobs of dead workers back into the queue (or fail them after the last attempt); return how many.

    A worker is dead when nobody holds its lock: the system frees it with the process, however that ended.
    """
    workers = set(Job.objects.filter(state=Job.State.RUNNING).values_list("worker", flat=True))
    done = 0
    for worker in sorted(workers):
        try:
            with exclusive(worker_lock(worker), wait=0):
                done += _give_back(worker)
        except Busy:
            continue
    return done


def _give_back(worker: str) -> int:
    error = {"error": "worker_died", "zh": "处理进程意外中止。", "en": "The process that did it ended unexpectedly."}
    now = timezone.now()
    with write():
        lost = Job.objects.filter(state=Job.State.RUNNING, worker=worker)
        spent = lost.filter(Q(attempts__gte=F("max_attempts")))
        done = spent.update(state=Job.State.FAILED, error=error, finished_at=now, worker="", claim="")
        return done + lost.update(state=Job.State.QUEUED, error=error, run_after=now, worker="", claim="")


def of_user(actor: Actor, job_id: int) -> Job | None:
    """A job as its owner may see it; the unrestricted see every one."""
    return own(actor).filter(pk=job_id).first()


def own(actor: Actor) -> QuerySet[Job]:
    """The jobs the actor began, the newest first; all of them for the unrestricted. A token sees its own alone."""
    found = Job.objects.order_by("-pk")
    if actor.unrestricted:
        return found
    found = found.filter(actor_kind="user", user_id=actor.user_id)
    return found.filter(limits__token=actor.limits.token_id) if actor.limits else found


def again(actor: Actor, job_id: int) -> Job:
    """Begin a failed job of one's own anew, with the same payload. Raises Missing, Problem if it has not failed."""
    row = of_user(actor, job_id)
    if row is None:
        raise no_such_job()
    if row.state != Job.State.FAILED:
        raise Problem(
            "not_failed", "这项任务没有失败，不必重做。", "This job has not failed; there is nothing to repeat."
        )
    try:
        kind(row.kind)
    except KeyError:  # of an older version of the product
        raise no_such_job() from None
    with write():
        return enqueue(actor, row.kind, row.payload)


def no_such_job() -> Missing:
    """What another's job and an unknown one look like."""
    return Missing("no_such_job", "没有这项任务。", "There is no such job.")
