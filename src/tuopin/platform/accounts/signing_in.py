"""The steps of a sign-in: password, then a code where one is set up. Between the two nobody is signed in.

What is known after the password lies in the (fresh) session for five minutes: whose password it was, and where to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import login
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from tuopin.platform.accounts import services as accounts
from tuopin.platform.accounts import sessions, throttle
from tuopin.platform.accounts.sessions import SECOND_FACTOR
from tuopin.platform.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest

_PENDING = "sign_in"
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that waits for its code."""

    user: User
    target: str


def wait_for_code(request: HttpRequest, user: User, target: str) -> None:
    """Keep that the password was right. The session gets a new key: one planted before is of no use."""
    request.session.cycle_key()
    request.session[_PENDING] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "at": int(timezone.now().timestamp()),
        "target": target,
    }


def pending(request: HttpRequest) -> Pending | None:
    """The sign-in that waits for a code; None if there is none, it is too old, or the account has changed since."""
    kept = request.session.get(_PENDING)
    if not isinstance(kept, dict) or timezone.now().timestamp() - kept["at"] > _SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        return None
    return Pending(user, kept["target"])


def give_up(request: HttpRequest) -> None:
    """Forget a waiting sign-in."""
    request.session.pop(_PENDING, None)


def complete(request: HttpRequest, user: User, *, with_code: bool) -> None:
    """Open the session of a user who has shown all that is asked."""
    give_up(request)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    sessions.begin(request)
    if with_code:
        request.session[SECOND_FACTOR] = True
    accounts.signed_in(user)


def failed(request: HttpRequest, username: str) -> None:
    """Count a wrong password or code, for the account and for the address."""
    accounts.sign_in_failed(username.replace("\0", "")[:150])
    throttle.failed(request)


def own_address(request: HttpRequest, target: str) -> str:
    """``target`` if it lies on this site, else the first page."""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"
