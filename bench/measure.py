"""Shared by the benchmarks: a command timed with the peak memory of its whole family, and a data folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

TUOPIN = Path(sys.executable).with_name("tuopin")
POLL_SECONDS = 0.1


@contextmanager
def empty_home() -> Iterator[Path]:
    """A temporary folder that is TUOPIN_HOME, with SQLite, for this process and those it starts."""
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory(prefix="tuopin-bench-") as folder:
        os.environ["TUOPIN_HOME"] = str(Path(folder, "home"))
        yield Path(folder)


def family_bytes(process: psutil.Process) -> int:
    """Memory of a process and all below it. Pages that several share are counted once where the system tells (PSS)."""
    total = 0
    for member in (process, *process.children(recursive=True)):
        try:
            memory = member.memory_full_info()
            total += getattr(memory, "pss", memory.uss)
        except psutil.Error:  # it has just ended
            continue
    return total


def timed(*command: str | Path) -> tuple[float, float]:
    """Runs a command to its end: (seconds, peak MB of its family). Raises CalledProcessError if it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0

    def watch() -> None:
        nonlocal peak
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, family_bytes(watched))
            except psutil.Error:
                return
            time.sleep(POLL_SECONDS)

    watching = threading.Thread(target=watch)
    watching.start()
    code = process.wait()
    seconds = time.perf_counter() - began
    watching.join()
    if code:
        raise subprocess.CalledProcessError(code, command)
    return seconds, peak / 2**20
