"""What the benchmarks share: data folders of their own, the command line as a child process, its time and memory."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
POLL_SECONDS = 0.02
PASSWORD = "bench-2018-only-here"


@dataclass(frozen=True, slots=True)
class Measured:
    """``peak_mb``: largest sum of resident memory over the process and its children (shared pages counted twice).

    ``cpu_seconds`` of all of them: on a busy machine it says more than the clock.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    stdout: bytes


@contextmanager
def workplace() -> Iterator[Path]:
    """A temporary folder for inputs and data folders, under ``TUOPIN_BENCH`` if that is set (a large, quick disk)."""
    with tempfile.TemporaryDirectory(prefix="tuopin-bench-", dir=os.environ.get("TUOPIN_BENCH")) as folder:
        yield Path(folder)


def python(home: Path, *arguments: str | Path, extra: dict[str, str] | None = None) -> Measured:
    """Run this Python with ``arguments`` and ``TUOPIN_HOME=home`` (SQLite, unless ``extra`` of the environment names
    another database). Raises CalledProcessError if it fails."""
    command = [sys.executable, *map(str, arguments)]
    before = _cpu_of_children()
    began = time.perf_counter()
    child = subprocess.Popen(command, env=environment(home) | (extra or {}), stdout=subprocess.PIPE)
    peak = _Peak(child.pid)
    stdout, _ = child.communicate()
    seconds = time.perf_counter() - began
    mb = peak.stop()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Measured(seconds, _cpu_of_children() - before, mb, stdout)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tuopin(home: Path, *arguments: str | Path) -> Measured:
    """Run a command of Tuopin."""
    return python(home, "-m", "tuopin.platform.cli", *arguments)


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    # the accounts of the benchmarks sign in with a password alone
    return kept | {"TUOPIN_HOME": str(home), "TUOPIN_SECOND_FACTOR_ROLES": "none"}


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def report(figures: dict[str, float]) -> None:
    """The one JSON object on stdout."""
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class _Peak:
    """Watches a process tree from a thread until stopped."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._largest = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.wait(POLL_SECONDS):
            self._largest = max(self._largest, self._now())

    def _now(self) -> int:
        total = 0
        try:
            for process in (self._process, *self._process.children(recursive=True)):
                total += process.memory_info().rss
        except psutil.NoSuchProcess:
            pass  # ended while it was looked at: the next look or none will tell
        return total

    def stop(self) -> float:
        self._end.set()
        self._thread.join()
        return self._largest / 2**20


class Site:
    """The product serving a data folder, and a user who is signed in. Use as a context manager."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = free_port()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def __enter__(self) -> Site:
        tuopin(self._home, "user", "list", "--json")
        self._add_user()
        command = [sys.executable, "-m", "tuopin.platform.cli", "serve", "--port", str(self._port)]
        self._server = subprocess.Popen(command, env=environment(self._home), stdout=subprocess.DEVNULL)
        self._wait()
        self._sign_in()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.terminate()
        self._server.wait(30)

    def get(self, path: str) -> float:
        """Milliseconds until the page has come whole. Raises HTTPError unless it is 200."""
        began = time.perf_counter()
        with self._open(f"http://127.0.0.1:{self._port}{path}", timeout=60) as answer:
            answer.read()
        return (time.perf_counter() - began) * 1000

    def _add_user(self) -> None:
        base = [sys.executable, "-m", "tuopin.platform.cli", "user"]
        run = {"env": environment(self._home), "check": True, "stdout": subprocess.DEVNULL}
        add = [*base, "add", "bench", "--keep-password", "--password-stdin"]
        subprocess.run(add, input=PASSWORD + "\n", text=True, **run)  # type: ignore[call-overload]  # one dict for both
        subprocess.run([*base, "grant", "bench", "county", "--all"], **run)  # type: ignore[call-overload]  # as above

    def _wait(self) -> None:
        for _ in range(600):
            try:
                self.get("/health/")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the server did not answer within a minute")

    def _sign_in(self) -> None:
        address = f"http://127.0.0.1:{self._port}/sign-in/"
        with self._open(address, timeout=60) as answer:
            page = answer.read().decode()
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"username": "bench", "password": PASSWORD, "csrfmiddlewaretoken": token}
        request = urllib.request.Request(address, urllib.parse.urlencode(form).encode(), {"Referer": address})
        self._open(request, timeout=60).close()
