"""What the tests of messages share: kinds, people who want mail, a gateway that behaves as it is told."""

from __future__ import annotations

import datetime
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import system
from tuopin.platform.models import MessageChoice, User
from tuopin.platform.outbox import services
from tuopin.platform.outbox.kinds import Kind, all_kinds
from tuopin.platform.outbox.services import Letter

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

ZONE = ZoneInfo("Asia/Shanghai")
REMIND, EVENT, ALARM, INSIDE = "test.remind", "test.event", "test.alarm", "test.inside"
KINDS = (
    Kind(REMIND, Title("限时提醒", "reminder"), gateway=True),
    Kind(EVENT, Title("紧急事件", "event"), urgent=True, gateway=True),
    Kind(ALARM, Title("舆情", "alarm"), urgent=True, at_any_hour=True, gateway=True),
    Kind(INSIDE, Title("内部", "inside"), mail=False),
)
LOCMEM = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


def at(text: str) -> datetime.datetime:
    """A moment in local time: ``2018-12-03T09:00``."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ZONE)


MONDAY = at("2018-12-03T09:00")
DAY = datetime.date(2018, 12, 5)


def publish(patch: pytest.MonkeyPatch) -> None:
    for kind in KINDS:
        patch.setitem(all_kinds(), kind.key, kind)


def person(name: str, *, mail: bool = True, gateway: bool = False, language: str = "zh-hans") -> User:
    user = User.objects.create_user(name, None, language=language)
    MessageChoice.objects.create(
        user=user, mail=mail, gateway=gateway, confirmed=f"{name}@office.example" if mail else ""
    )
    return user


def people(n: int, **choice: Any) -> list[User]:
    """Many at once."""
    users = User.objects.bulk_create(User(username=f"p{at:06d}", password="!") for at in range(n))
    MessageChoice.objects.bulk_create(
        MessageChoice(user=user, confirmed=f"{user.username}@office.example", **{"mail": True, **choice})
        for user in users
    )
    return users


def letter(user: User | int, key: str, kind: str = REMIND, day: datetime.date = DAY, **more: Any) -> Letter:
    return Letter(user if isinstance(user, int) else user.pk, key, kind, day, **more)


def post(*letters: Letter, now: datetime.datetime = MONDAY) -> services.Posted:
    return services.post(system(), letters, now=now)


class Server(ThreadingHTTPServer):
    """A gateway. ``does`` is asked for every request, with its number and document, and gives a status, or does what a
    bad server does; ``seen`` are all documents, ``taken`` how often each key was accepted."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.taken: Counter[str] = Counter()
        self.behaviour: list[str] = []  # one for each request, the last one for all that follow
        self.lock = threading.Lock()
        self.paths: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no fault of the test."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        with server.lock:
            number = len(server.seen)
            server.seen.append(json.loads(body))
            server.bodies.append(body)
            server.paths.append(self.path)
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            does = server.behaviour[min(number, len(server.behaviour) - 1)] if server.behaviour else "200"
            if does in {"200", "twice", "take_and_hang_up"}:
                server.taken[server.seen[-1]["key"]] += 1
        getattr(self, f"_{does}", self._status)(does)

    def _status(self, does: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.send_response(int(does))
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def _twice(self, _does: str) -> None:
        """Two answers to one request: the second belongs to nobody."""
        one = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        self.wfile.write(one + one.replace(b"200 OK", b"500 No"))
        self.close_connection = True

    def _take_and_hang_up(self, _does: str) -> None:
        self.close_connection = True
        self.connection.close()

    def _hang(self, _does: str) -> None:
        time.sleep(3)
        self.close_connection = True

    def _slow(self, _does: str) -> None:
        time.sleep(0.3)
        self._status("200")

    def _drip(self, _does: str) -> None:
        """A byte now and then, for ever: no single wait is long."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(60):
            self.wfile.write(b"a")
            self.wfile.flush()
            time.sleep(0.1)

    def _flood(self, _does: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        for _ in range(200):
            self.wfile.write(b"a" * 65536)

    def _moved(self, _does: str) -> None:
        self._status("302", (("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere"),))

    def _later(self, _does: str) -> None:
        self._status("429", (("Retry-After", "1800"),))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base
        pass


@contextmanager
def gateway(settings: Any) -> Iterator[Server]:
    """A gateway that is set up for as long as it stands."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.TUOPIN_GATEWAY_URL, settings.TUOPIN_GATEWAY_HOSTS = server.address, ("127.0.0.1",)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
