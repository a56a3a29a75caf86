"""What the tests of signing in share: accounts, codes, the form."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tuopin.platform.access import local_admin
from tuopin.platform.accounts import second_factor
from tuopin.platform.accounts import services as accounts

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from tuopin.platform.models import User


PASSWORD = "korrekt-pferd-batterie"


def code(secret: str, ahead: int = 0) -> str:
    """What an app shows now, or some half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def account(name: str, role: str = "") -> User:
    made = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)[0]
    if role:
        accounts.grant(local_admin(), made, role, "all")
    return made


def sign_in(client: Client, name: str = "liwei", password: str = PASSWORD, **more: Any) -> HttpResponse:
    return client.post("/sign-in/", {"username": name, "password": password}, **more)


def with_factor(user: User) -> str:
    """Set an app up for an account with the code before the present one, so that the present one is still good."""
    secret = second_factor.new_secret()
    second_factor.set_up(user, secret, code(secret, -1))
    second_factor.codes_kept(user)
    return secret
