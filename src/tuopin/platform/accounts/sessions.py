"""Sessions with their owner: a person sees the own ones and ends them; a change of password or role ends them all.

The engine of Django's sessions (``SESSION_ENGINE``), with the account beside each row.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.models.session import Session

_DEVICE, _STARTED, _SEEN = "_device", "_started", "_seen"
SECOND_FACTOR = "second_factor"
"""In a session: it was opened, or its factor set up, with a code."""
_LOOK_EVERY = 600  # seconds between two notes that a session is in use: no page writes for it more often

_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("QQBrowser", "QQ"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("OPR", "Opera"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


class SessionStore(DatabaseStore):
    """Django's sessions in the database, in a table that also names the account."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        from tuopin.platform.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this session as it is saved."""
        row: Any = super().create_model_instance(data)
        owner = data.get(SESSION_KEY)
        row.user_id = int(owner) if owner is not None else None
        row.device = str(data.get(_DEVICE, ""))[:60]
        row.started_at = _moment(data.get(_STARTED))
        row.seen_at = _moment(data.get(_SEEN))
        return row  # type: ignore[no-any-return]


def _moment(seconds: object) -> datetime.datetime | None:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC) if isinstance(seconds, int) else None


@dataclass(frozen=True, slots=True)
class Line:
    """A session as its owner sees it; ``handle`` names it in a form without giving its key away."""

    handle: str
    device: str
    started_at: datetime.datetime | None
    seen_at: datetime.datetime | None
    here: bool


def begin(request: HttpRequest) -> None:
    """Note on what a new session was opened. Called right after the sign-in."""
    now = int(timezone.now().timestamp())
    request.session[_DEVICE] = device(request.headers.get("User-Agent", ""))
    request.session[_STARTED] = request.session[_SEEN] = now


def seen(request: HttpRequest) -> None:
    """Note that a session is in use; this also moves its end on."""
    now = int(timezone.now().timestamp())
    last = request.session.get(_SEEN)
    if isinstance(last, int) and now - last >= _LOOK_EVERY:
        request.session[_SEEN] = now


def device(agent: str) -> str:
    """Browser and system in two words, from what a browser says of itself; empty if it says nothing known."""
    names = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in names if name)


def of_user(user_id: int, present_key: str | None) -> list[Line]:
    """The sessions of an account that have not expired, the one in use first."""
    from tuopin.platform.models import Session

    rows = Session.objects.filter(user_id=user_id, expire_date__gt=timezone.now())
    lines = [Line(_handle(row.pk), row.device, row.started_at, row.seen_at, here=row.pk == present_key) for row in rows]
    oldest = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    return sorted(lines, key=lambda line: (line.here, line.seen_at or oldest), reverse=True)


def end(user_id: int, handle: str) -> int:
    """End one session of an account by its handle; returns how many ended (another's handle ends nothing)."""
    from tuopin.platform.models import Session

    keys = list(Session.objects.filter(user_id=user_id).values_list("pk", flat=True))
    return Session.objects.filter(pk__in=[key for key in keys if _handle(key) == handle]).delete()[0]


def end_all(user_ids: list[int], *, but: str | None = None) -> int:
    """End the sessions of accounts, except the one with the key ``but``; returns how many."""
    from tuopin.platform.models import Session

    return Session.objects.filter(user_id__in=user_ids).exclude(pk=but or "").delete()[0]


def _handle(key: str) -> str:
    return salted_hmac("tuopin.platform.sessions", key, algorithm="sha256").hexdigest()[:24]
