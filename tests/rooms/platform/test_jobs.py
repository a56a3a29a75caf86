"""Jobs: claimed once, repeated after failures and crashes, never finished by one that lost it."""

from __future__ import annotations

import datetime
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tuopin.platform import jobs, worker
from tuopin.platform.access import Actor, local_admin
from tuopin.platform.locks import exclusive
from tuopin.platform.models import Job
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installation import Installation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Jobs of the test; what they did is noted in the list."""
    seen: list[Any] = []
    monkeypatch.setattr(jobs, "_kinds", dict(jobs.kinds()))

    @jobs.job("test.add")
    def add(run: jobs.Run, a: int, b: int) -> dict[str, Any]:
        seen.append((run.attempt, run.actor.name))
        run.progress(1, 2, "half")
        run.progress(2, 2, "all")
        return {"sum": a + b}

    @jobs.job("test.refuse")
    def refuse(_run: jobs.Run) -> None:
        raise Problem("no_rows", "没有行", "no rows", row=3)

    @jobs.job("test.break", max_attempts=3, retry_after=0)
    def broken(run: jobs.Run) -> None:
        seen.append(run.attempt)
        raise KeyError("411423199001010011")

    return seen


def work() -> int:
    return worker.work(threading.Event(), until_empty=True)


def test_a_job_is_done_with_progress_and_result(kinds: list[Any]) -> None:
    row = jobs.enqueue(local_admin(), "test.add", {"a": 1, "b": 2})
    assert work() == 1
    row.refresh_from_db()
    assert (row.state, row.result, row.progress_note) == ("done", {"sum": 3}, "all")
    assert kinds == [(1, "local administrator")]
    assert work() == 0


def test_a_job_of_later_is_left_alone(kinds: list[Any]) -> None:
    jobs.enqueue(local_admin(), "test.add", {"a": 1, "b": 2}, after=timezone.now() + datetime.timedelta(hours=1))
    assert work() == 0


def test_an_unknown_kind_is_not_taken_in(kinds: list[Any]) -> None:
    with pytest.raises(KeyError):
        jobs.enqueue(local_admin(), "test.nothing", {})


def test_a_problem_is_final_and_kept_in_both_languages(kinds: list[Any]) -> None:
    row = jobs.enqueue(local_admin(), "test.refuse", {})
    assert work() == 1
    row.refresh_from_db()
    assert row.state == "failed"
    assert row.error == {"error": "no_rows", "zh": "没有行", "en": "no rows", "row": 3}


def test_a_fault_is_tried_again_and_its_text_kept_nowhere(kinds: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    row = jobs.enqueue(local_admin(), "test.break", {})
    assert work() == 3
    row.refresh_from_db()
    assert (row.state, kinds) == ("failed", [1, 2, 3])
    assert "4114231990" not in json.dumps(row.error) + caplog.text


def test_one_that_lost_its_job_writes_nothing(kinds: list[Any]) -> None:
    jobs.enqueue(local_admin(), "test.add", {"a": 1, "b": 2})
    lost = jobs.claim("one")
    assert lost is not None
    assert jobs.claim("two") is None
    assert jobs.reap() == 1, "nobody holds the lock of worker one"
    taken = jobs.claim("two")
    assert taken is not None
    with pytest.raises(jobs.Lost):
        jobs.Run(lost).progress(1)
    assert not jobs.finish(lost, {"sum": 0})
    assert not jobs.fail(lost, {}, again=True)
    assert jobs.finish(taken, {"sum": 3})
    assert Job.objects.get().attempts == 2


def test_a_living_workers_job_is_not_reaped(kinds: list[Any]) -> None:
    jobs.enqueue(local_admin(), "test.add", {"a": 1, "b": 2})
    with exclusive(jobs.worker_lock("alive")):
        assert jobs.claim("alive") is not None
        assert jobs.reap() == 0
    assert jobs.reap() == 1


def test_after_the_last_attempt_a_dead_workers_job_fails(kinds: list[Any]) -> None:
    jobs.enqueue(local_admin(), "test.add", {"a": 1, "b": 2})
    for attempt in range(3):
        row = jobs.claim(f"dead-{attempt}")
        assert row is not None
        assert jobs.reap() == 1
    row = Job.objects.get()
    assert (row.state, row.error["error"]) == ("failed", "worker_died")


def test_a_connection_closed_in_the_callers_transaction_ends_the_work(
    kinds: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside somebody's transaction no connection can be opened anew: trying again would go on for ever."""
    claim = jobs.claim

    def cut(worker_name: str) -> Job | None:
        connection.close()
        return claim(worker_name)

    monkeypatch.setattr(jobs, "claim", cut)
    stop = threading.Event()
    late = threading.Timer(8, stop.set)  # a test that fails must end too
    late.start()
    try:
        with pytest.raises(DatabaseError), transaction.atomic():
            worker.work(stop, until_empty=True)
        assert not stop.is_set()
    finally:
        late.cancel()


def test_a_user_sees_only_his_own_jobs(kinds: list[Any]) -> None:
    mine, other = Actor("user", 1, "a"), Actor("user", 2, "b")
    row = jobs.enqueue(mine, "test.add", {"a": 1, "b": 2})
    assert jobs.of_user(mine, row.pk) == row
    assert jobs.of_user(other, row.pk) is None
    assert jobs.of_user(local_admin(), row.pk) == row


CODE = """
import sys, threading, time
from tuopin.platform import jobs, worker
from tuopin.platform.access import local_admin
from tuopin.platform.database import write
from tuopin.platform.models import Job, Marker

@jobs.job("test.note")
def note(run, n):
    with write():
        Marker.objects.create(name=f"note-{n}-{run.attempt}")

@jobs.job("test.hang")
def hang(run):
    if run.attempt == 1:
        print("hanging", flush=True)
        time.sleep(60)

def work():
    worker.work(threading.Event(), until_empty=True)
"""


def test_three_workers_do_each_job_once(installed: Installation) -> None:
    installed.run(code=CODE + "for n in range(60): jobs.enqueue(local_admin(), 'test.note', {'n': n})")
    workers = [installed.start(code=CODE + "work()") for _ in range(3)]
    for process in workers:
        _out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
    names = installed.run(
        code=CODE + "print(*Marker.objects.filter(name__startswith='note').values_list('name', flat=True))"
    )
    assert sorted(names.split()) == sorted(f"note-{n}-1" for n in range(60))


def test_the_job_of_a_killed_worker_is_done_by_the_next(installed: Installation) -> None:
    installed.run(code=CODE + "jobs.enqueue(local_admin(), 'test.hang', {})")
    first = installed.start(code=CODE + "work()")
    assert first.stdout is not None
    assert first.stdout.readline() == "hanging\n"
    assert "running" in installed.run(code=CODE + "jobs.reap(); print(Job.objects.get().state)")
    first.kill()
    first.communicate()
    time.sleep(0.2)  # PostgreSQL sees a moment later that the connection is gone
    state = installed.run(code=CODE + "work(); row = Job.objects.get(); print(row.state, row.attempts)")
    assert state.split() == ["done", "2"]
