"""Nobody is led to a page that refuses: every entry of the menu and every tab opens, for every role there is."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from people import PASSWORD, account, signed_in
from rooms.duties.place import Place
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.roles import all_roles
from tuopin.register import cards

if TYPE_CHECKING:
    from django.test import Client

    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db

_NAV = re.compile(r'<nav class="(?:rooms|tabs)".*?</nav>', re.DOTALL)
_LINK = re.compile(r'href="(/[^"#]*)"')


def of_role(role: str, place: Place) -> User:
    if role != "helper":
        level = {"township": place.village, "village": place.village, "headquarters": place.city}
        return account(role, role, level.get(role, place.county).code)
    user = accounts.add_user(local_admin(), role, PASSWORD, must_change=False)[0]
    accounts.grant(local_admin(), user, role, "household", place.here[0].pk)
    return user


def named(client: Client, address: str) -> set[str]:
    """What menu and tabs of a page lead to."""
    answer = client.get(address, follow=True)
    empty = answer.status_code == 400 and "/standards/compare/line/" in address  # nothing is judged here yet
    assert empty or answer.status_code == 200, (address, answer.status_code)
    text = answer.content.decode() if not answer.streaming else ""
    return {unescape(each) for nav in _NAV.findall(text) for each in _LINK.findall(nav)}


@pytest.mark.parametrize("role", sorted(all_roles()))
def test_every_entry_and_tab_opens(role: str) -> None:
    place = Place()
    cards.refresh_all()
    client = signed_in(of_role(role, place))
    waiting, seen = named(client, "/"), {"/"}
    assert waiting, "a role without any page"
    while waiting - seen:
        address = min(waiting - seen)
        seen.add(address)
        waiting |= named(client, address)
