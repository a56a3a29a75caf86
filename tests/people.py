"""Accounts for tests: a role over an area by its code, and a signed-in client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import Client

from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts

if TYPE_CHECKING:
    from tuopin.platform.models import User

PASSWORD = "a-long-password-1"


def account(name: str, role: str, area: str, *classes: str) -> User:
    """An account that need not change its password first; ``classes`` of fields beyond those of the role."""
    made, _password = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)
    accounts.grant_by_code(local_admin(), made, role, "area", area, field_classes=classes)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
