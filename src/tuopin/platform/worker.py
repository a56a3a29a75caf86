"""The process, or thread, that does jobs, chains the audit log and takes in the read log."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

from tuopin.platform import downloads, jobs, uploads
from tuopin.platform.api import repeated
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.locks import exclusive
from tuopin.platform.logs import places
from tuopin.platform.outbox import jobs as outbox
from tuopin.platform.problems import Problem

_log = logging.getLogger("tuopin.platform")

_IDLE = 1.0  # seconds between looks into an empty queue
_TEND_EVERY = 2.0  # seconds between roundups of pending audit entries, reads and dead workers


def work(stop: threading.Event, *, until_empty: bool = False) -> int:
    """Do jobs until ``stop`` is set, or until none is due; return how many attempts were made.

    While it lives it holds a lock of its own name; see :func:`tuopin.platform.jobs.reap`.
    """
    name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    done = 0
    with exclusive(jobs.worker_lock(name)):
        jobs.reap()
        while not stop.is_set():
            close_old_connections()
            try:
                row = jobs.claim(name)
            except DatabaseError as error:  # the server restarts, the disk is full: try again later
                if connection.in_atomic_block:  # of whoever called: no later attempt can get out of their transaction
                    raise
                _log.error("queue: %s", places(error))
                stop.wait(_IDLE * 5)
                continue
            if row is not None:
                attempt(row)
                done += 1
            elif until_empty:
                break
            else:
                stop.wait(_IDLE)
    return done


def attempt(row: Any) -> None:
    """Run one claimed job and write what came of it."""
    run = jobs.Run(row)
    try:
        run.check_token()
        result = jobs.kind(row.kind).function(run, **row.payload)
    except jobs.Lost:
        _log.warning("job %s was taken over by another worker", row.pk)
    except jobs.TokenEnded as problem:
        jobs.refuse(row, run, problem)
    except Problem as problem:  # trying again would find the same
        jobs.fail(row, problem.document(), again=False)
    except Exception as error:  # noqa: BLE001 - a job must not end the worker; the fault is logged and written
        number = uuid.uuid4().hex[:12]
        _log.error("job %s (%s) error %s\n%s", row.pk, row.kind, number, places(error))
        jobs.fail(row, _fault(number), again=True)
    else:
        jobs.finish(row, result)


def _fault(number: str) -> dict[str, Any]:
    return {
        "error": "internal",
        "number": number,
        "zh": f"程序内部错误，编号 {number}。",
        "en": f"Internal error, number {number}.",
    }


def tend(stop: threading.Event) -> None:
    """Chain, drain and reap every few seconds until ``stop`` is set; then what the rooms' ``tending.py`` have to do."""
    while not stop.is_set():
        close_old_connections()
        try:
            audit.chain_pending()
            readlog.drain()
            jobs.reap()
            downloads.purge()
            repeated.purge()
            uploads.tend()
            outbox.tend()
            for _room, module in rooms_modules("tending"):
                module.tend()
        except DatabaseError as error:  # the database is away or full: the next round does it
            _log.error("tending: %s", places(error))
        stop.wait(_TEND_EVERY)
    connection.close()  # this thread's own


def _work_here(stop: threading.Event) -> None:
    work(stop)
    connection.close()  # this thread's own


def start(stop: threading.Event) -> list[threading.Thread]:
    """Start one worker and the tending as threads of this process."""
    threads = [
        threading.Thread(target=_work_here, args=(stop,), name="tuopin-worker", daemon=True),
        threading.Thread(target=tend, args=(stop,), name="tuopin-tend", daemon=True),
    ]
    for thread in threads:
        thread.start()
    return threads
