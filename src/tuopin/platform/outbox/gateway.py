"""A gateway for WeCom, DingTalk or text messages: one signed HTTP POST a parcel (docs/operate/messages.md).

Nothing here follows what an answer says: no redirect, no proxy of the environment, no more than a few kilobytes, no
longer than ``SECONDS`` in all. What a server answers is never kept, only its number.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import secrets
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
from django.conf import settings

from tuopin.platform.home import home, keep_secret
from tuopin.platform.outbox.channels import SENT, Outcome, is_over
from tuopin.platform.outbox.planning import GATEWAY

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from tuopin.platform.outbox.channels import Parcel

SECONDS = 10.0
"""For one parcel, from the first byte to the last."""
LONGEST_WAIT = 3600
"""Seconds that a gateway may ask us to wait."""
KEY_FILE = "gateway_secret"
_READ = 4096
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TAKEN = 409  # the gateway knows the key: it has the parcel
_WORTH_ANOTHER_TRY = {401, 403, 404, 407, 408, 423, 425, 429}  # mended by whoever runs the gateway, or by waiting


@dataclass(frozen=True, slots=True)
class Address:
    """Where the gateway listens."""

    host: str
    port: int
    path: str
    tls: bool


def address() -> Address | None:
    """The gateway of the settings; None where there is none, its host is not among those allowed, or it is reached
    neither by TLS nor on this machine."""
    try:
        parts = urlsplit(settings.TUOPIN_GATEWAY_URL)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    tls = parts.scheme == "https"
    allowed = host in settings.TUOPIN_GATEWAY_HOSTS and (tls or (parts.scheme == "http" and host in _LOOPBACK))
    if not host or not allowed or parts.username or parts.fragment:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or not path.isprintable() or " " in path:
        return None
    return Address(host, port or (443 if tls else 80), path, tls)


def secret() -> bytes:
    """The key that signs, made at first use; whoever runs the gateway gets a copy of the file."""
    return keep_secret(home() / "keys" / KEY_FILE, secrets.token_urlsafe(48).encode())


def signature(key: bytes, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over the moment, a full stop and the body, as lower-case hex."""
    return hmac.new(key, moment.encode() + b"." + body, hashlib.sha256).hexdigest()


class Gateway:
    """The adapter. Each parcel is a request of its own, so that one that hangs holds up no other's answer."""

    name = GATEWAY
    size = 50

    def is_on(self) -> bool:
        return address() is not None

    def deliver(
        self, parcels: Sequence[Parcel], now: datetime.datetime, until: float | None = None
    ) -> Mapping[int, Outcome]:
        target, key = address(), secret()
        found: dict[int, Outcome] = {}
        for parcel in parcels:
            if target is None or is_over(until):
                break
            found[parcel.id] = _post(target, key, parcel, now)
            if found[parcel.id].away:
                break
        return found


def _post(target: Address, key: bytes, parcel: Parcel, now: datetime.datetime) -> Outcome:
    document = {
        "key": parcel.key, "to": parcel.username, "language": parcel.language, "subject": parcel.subject,
        "text": parcel.text, "count": parcel.count, "urgent": parcel.urgent, "href": parcel.href,
    }  # fmt: skip
    body, moment = orjson.dumps(document), str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Connection": "close",  # what follows an answer on the same connection belongs to nobody
        "Idempotency-Key": parcel.key,
        "X-Tuopin-Time": moment,
        "X-Tuopin-Signature": signature(key, moment, body),
    }
    connection, cut = _connection(target), threading.Event()
    late = threading.Timer(SECONDS, _cut, [connection, cut])  # a byte a second would outlast every timeout of a socket
    late.daemon = True
    late.start()
    try:
        connection.request("POST", target.path, body, headers)
        answer = connection.getresponse()
        status, wait = answer.status, _wait(answer.headers.get("Retry-After", ""))
        answer.read(_READ)
        if cut.is_set():  # half an answer may read like a whole one
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError):
        return Outcome("later", "no_answer", away=True)
    finally:
        late.cancel()
        connection.close()
    return _meaning(status, wait)


def _connection(target: Address) -> http.client.HTTPConnection:
    if target.tls:
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(target.host, target.port, timeout=SECONDS, context=context)
    return http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)


def _cut(connection: http.client.HTTPConnection, cut: threading.Event) -> None:
    cut.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _wait(given: str) -> int:
    return min(int(given), LONGEST_WAIT) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def _meaning(status: int, wait: int) -> Outcome:
    if 200 <= status < 300 or status == _TAKEN:
        return SENT
    error = f"http_{status}"
    if status >= 500 or status in _WORTH_ANOTHER_TRY:
        return Outcome("later", error, wait)
    return Outcome("never", error)  # a redirect too: it would lead to a host that nobody allowed
