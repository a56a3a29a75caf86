"""A benchmark inside the process that holds the data: on PostgreSQL by script/postgres.py or, with ``--sqlite``, on
SQLite; and what such a process asks: its tables without their indexes, the CPU time on both sides of a connection."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from harness import HERE, environment, report, workplace

sys.path.insert(0, str(HERE.parent / "script"))
import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TUNED = ("shared_buffers=512MB", "work_mem=64MB", "effective_cache_size=2GB", "random_page_cost=1.1")


def on_either(measure: Callable[..., dict[str, float]], whole: Sequence[int], quick: Sequence[int]) -> None:
    """The main of a benchmark: ``measure(*sizes)`` in a process of its own over an empty data folder; reports what it
    returns. Sizes are ``whole``, with ``--quick`` ``quick``. Other arguments go along."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    sizes = quick if "--quick" in sys.argv else whole
    if "--measure" in sys.argv:
        import django

        django.setup()
        print(json.dumps(measure(*sizes)))
        return
    again = [sys.executable, *sys.argv, "--measure"]
    with workplace() as folder:
        settings = environment(Path(folder, "home"))

        def run(extra: dict[str, str]) -> None:
            done = subprocess.run(again, env=settings | extra, stdout=subprocess.PIPE, check=True)
            report(json.loads(done.stdout.splitlines()[-1]))

        if "--sqlite" in sys.argv:
            run({})
            return
        with postgres.server(TUNED) as url:
            run({"DATABASE_URL": url})


@contextmanager
def bare(*models: Any) -> Iterator[None]:
    """Tables without their indexes, which are made at once when they are full; constraints stay. PostgreSQL asks no
    foreign keys meanwhile: rows are made from rows that are there."""
    from django.db import connection

    editor = connection.SchemaEditorClass(connection)
    indexes = [(model, index) for model in models for index in model._meta.indexes]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("set session_replication_role = replica")
        for _model, index in indexes:
            cursor.execute(f"drop index {index.name}")
        yield
        for model, index in indexes:
            cursor.execute(str(index.create_sql(model, editor)))
        if connection.vendor == "postgresql":
            cursor.execute("set session_replication_role = default")


def process_behind(connection: Any) -> psutil.Process | None:
    """The process of PostgreSQL that answers this connection; None in SQLite."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("set max_parallel_workers_per_gather = 0")  # what others did for it would not be counted
        cursor.execute("select pg_backend_pid()")
        return psutil.Process(cursor.fetchone()[0])


def cpu_seconds(behind: psutil.Process | None) -> float:
    """Of this process and the one behind its connection."""
    own = time.process_time()
    if behind is None:
        return own
    used = behind.cpu_times()
    return own + float(used.user + used.system)
