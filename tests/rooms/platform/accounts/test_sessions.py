"""Sessions: seen, ended, stolen, expired."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from rooms.platform.accounts.steps import PASSWORD, account, sign_in
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.accounts import sessions
from tuopin.platform.models import Session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("required")]


_CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"


def test_two_machines_are_listed_and_one_ends_the_other() -> None:
    user = account("cunganbu", "village")
    desk, phone = Client(HTTP_USER_AGENT=_CHROME), Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone) MicroMessenger/8")
    for each in (desk, phone):
        sign_in(each, "cunganbu")
    page = desk.get("/security/").content.decode()
    assert "Chrome · Windows" in page
    assert "WeChat · iPhone" in page
    there = next(line for line in sessions.of_user(user.pk, desk.session.session_key) if not line.here)
    assert str(phone.session.session_key) not in page, "no key of a session stands on a page"
    desk.post("/security/sessions/", {"session": there.handle})
    assert phone.get("/security/").status_code == 302
    assert desk.get("/security/").status_code == 200


def test_nobody_ends_the_session_of_another() -> None:
    one, two = account("eins", "village"), account("zwei", "village")
    first, second = Client(), Client()
    sign_in(first, "eins")
    sign_in(second, "zwei")
    handle = sessions.of_user(two.pk, None)[0].handle
    first.post("/security/sessions/", {"session": handle})
    assert second.get("/security/").status_code == 200
    first.post("/security/sessions/", {"session": "others"})
    assert second.get("/security/").status_code == 200
    assert len(sessions.of_user(one.pk, None)) == 1


def test_a_stolen_cookie_is_worth_nothing_after_the_end() -> None:
    account("cunganbu", "village")
    client, thief = Client(), Client()
    sign_in(client, "cunganbu")
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    assert thief.get("/security/").status_code == 200
    client.post("/sign-out/")
    assert thief.get("/security/").status_code == 302
    thief.cookies["sessionid"] = "x" * 40
    assert thief.get("/security/").status_code == 302


def test_an_expired_session_is_none() -> None:
    account("cunganbu", "village")
    client = Client()
    sign_in(client, "cunganbu")
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    assert client.get("/security/").status_code == 302


@pytest.mark.parametrize("change", ["password", "close", "grant", "revoke", "reset"])
def test_sessions_end_with_what_changes_the_account(change: str) -> None:
    user = account("cunganbu", "village")
    client = Client()
    sign_in(client, "cunganbu")
    match change:
        case "password":
            accounts.set_password(local_admin(), user)
        case "close":
            accounts.set_active(local_admin(), user, False)
        case "grant":
            accounts.grant(local_admin(), user, "department", "all")
        case "revoke":
            accounts.revoke(local_admin(), user.grants.get().pk)
        case "reset":
            accounts.reset_second_factor(local_admin(), user)
    assert client.get("/security/").status_code == 302
    assert not Session.objects.filter(user_id=user.pk).exists()


def test_changing_the_own_password_ends_the_other_sessions() -> None:
    account("cunganbu", "village")
    here, there = Client(), Client()
    for each in (here, there):
        sign_in(each, "cunganbu")
    new = {"old_password": PASSWORD, "new_password1": PASSWORD + "!", "new_password2": PASSWORD + "!"}
    assert here.post("/password/", new).status_code == 302
    assert here.get("/security/").status_code == 200
    assert there.get("/security/").status_code == 302


def test_an_open_session_does_not_let_guess_the_password() -> None:
    account("cunganbu", "village")
    client = Client()
    sign_in(client, "cunganbu")
    for _ in range(accounts.TRIES - 1):
        assert (
            client.post("/password/", {"old_password": "x", "new_password1": "", "new_password2": ""}).status_code
            == 200
        )
    assert client.post("/password/", {"old_password": "x"})["Location"] == "/sign-in/"
    assert client.get("/security/").status_code == 302


def test_a_session_in_use_lives_on_without_a_write_each_time(django_assert_max_num_queries: Any) -> None:
    account("cunganbu", "village")
    client = Client()
    sign_in(client, "cunganbu")
    before = Session.objects.get().expire_date
    client.get("/security/")
    assert Session.objects.get().expire_date == before
    session = client.session
    session["_seen"] -= 601
    session.save()
    client.get("/security/")
    assert int(time.time()) - client.session["_seen"] < 60
    with django_assert_max_num_queries(12):
        client.get("/security/")
