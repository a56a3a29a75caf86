"""Fifty users at once, over HTTP: each signed in with a browser's one connection, each asking every few seconds.

Used by the benchmarks of pages under load, which say who the users are and what they ask for.
"""

from __future__ import annotations

import http.client
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from harness import PASSWORD, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USERS, PAUSE = 50, 5.0
NEXT_PAGE = re.compile(r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"')

type Request = tuple[str, str, dict[str, str] | None]
"""Method, path and form."""


class Reader(Protocol):
    """Who asks: an account that signs in with PASSWORD."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Kind[R: Reader]:
    """A kind of page, its share of the requests (the shares sum to 1), and how one is drawn. Of a kind that ``turns``
    every second request asks for the next page of the list before."""

    name: str
    share: float
    draw: Callable[[R, random.Random], Request]
    turns: bool = False


@dataclass(slots=True)
class Times:
    """Milliseconds by kind of page, and what went wrong."""

    by_kind: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, milliseconds: float) -> None:
        with self.lock:
            self.by_kind.setdefault(kind, []).append(milliseconds)

    def figures(self) -> dict[str, float]:
        """Median, 95 % and the slowest of each kind, of all, and how many failed."""
        figures: dict[str, float] = {"failed": len(self.wrong)}
        for kind, found in sorted(self.by_kind.items()):
            figures |= {
                f"{kind}_ms": statistics.median(found),
                f"{kind}_ms_95": statistics.quantiles(found, n=20)[-1],
                f"{kind}_ms_max": max(found),
            }
        every = [each for found in self.by_kind.values() for each in found]
        return figures | {"requests": len(every), "all_ms_95": statistics.quantiles(every, n=20)[-1]}


class Session:
    """A signed-in user with one connection kept open, as a browser has."""

    def __init__(self, port: int, name: str) -> None:
        self.cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._host = f"http://127.0.0.1:{port}"
        self.token = ""
        self.ask("GET", "/sign-in/")
        self.ask("POST", "/sign-in/", {"username": name, "password": PASSWORD})
        self.ask("GET", "/")

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, float]:
        """Status, text and milliseconds until the whole answer was there."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": self.token})
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self._host + path}
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        took = (time.perf_counter() - began) * 1000
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        if found := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text):
            self.token = found[1]
        return answer.status, text, took


def load[R: Reader](
    environment: dict[str, str], readers: Sequence[R], kinds: Sequence[Kind[R]], seconds: float
) -> Times:
    """Serve what is in the database that ``environment`` names, and let the users at it."""
    port = free_port()
    command = [sys.executable, "-m", "tuopin.platform.cli", "serve", "--port", str(port), "--workers", "2"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        sessions = [(reader, Session(port, reader.name)) for reader in readers]
        times = Times()
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=_use, args=(reader, session, kinds, times, end, at))
            for at, (reader, session) in enumerate(sessions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
        server.wait(30)
    return times


def _use[R: Reader](reader: R, session: Session, kinds: Sequence[Kind[R]], times: Times, end: float, seed: int) -> None:
    """One user until ``end``: think, ask, now and then turn the page of a list."""
    draw = random.Random(seed)
    time.sleep(draw.random() * PAUSE)
    onward = ""
    while time.monotonic() < end:
        kind = draw.choices(kinds, [each.share for each in kinds])[0]
        method, path, form = kind.draw(reader, draw)
        if onward and kind.turns and draw.random() < 0.5:
            method, path, form = "GET", onward, None
        status, text, took = session.ask(method, path, form)
        if status not in {200, 302}:  # an exact code leads straight to its page
            times.wrong.append(f"{status} {method} {path}")
        times.note(kind.name, took)
        if kind.turns:
            found = NEXT_PAGE.search(text)
            onward = (found[1] or found[2]).replace("&amp;", "&") if found else ""
            onward = urllib.parse.urljoin(path, onward) if onward else ""
        time.sleep(draw.uniform(0.8, 1.2) * PAUSE)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer within a minute")
