"""The second factor: required roles, set-up, sign-in, replay, lost telephones."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from rooms.platform.accounts.steps import PASSWORD, account, code, sign_in, with_factor
from tuopin.platform import sealing
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import second_factor, sessions
from tuopin.platform.accounts import services as accounts
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry, User
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("required")]


def test_a_required_role_is_led_to_the_set_up_and_nowhere_else(client: Client, user: User) -> None:
    assert sign_in(client)["Location"] == "/"
    for path in ("/", "/security/", "/accounts/", "/jobs/", "/second-factor/change/"):
        assert client.get(path)["Location"] == "/second-factor/set-up/", path
    page = client.get("/second-factor/set-up/")
    text = page.content.decode()
    assert 'src="data:image/svg+xml;base64,' in text
    assert 'class="rooms"' not in text, "no way to go on"
    secret = client.session["new_secret"]
    assert client.post("/second-factor/set-up/", {"code": "000000x"}).status_code == 200
    assert not second_factor.has(user)
    done = client.post("/second-factor/set-up/", {"code": code(secret)})
    assert done["Location"] == "/second-factor/recovery-codes/"
    shown = client.get("/second-factor/recovery-codes/").content.decode()
    assert shown.count("<li><code>") == 10
    assert client.post("/second-factor/recovery-codes/")["Location"] == "/"
    assert client.get("/second-factor/recovery-codes/")["Location"] == "/security/", "not shown again"
    assert client.get("/security/").status_code == 200


def test_other_roles_may_set_one_up_and_need_not(client: Client) -> None:
    account("cunganbu", "village")
    sign_in(client, "cunganbu")
    page = client.get("/security/")
    assert page.status_code == 200
    assert "还没有设置" in page.content.decode()


@pytest.mark.parametrize(("setting", "wanted"), [("none", set()), ("village, helper", {"village", "helper"})])
def test_the_setting_names_the_roles(settings: SettingsWrapper, setting: str, wanted: set[str]) -> None:
    settings.TUOPIN_SECOND_FACTOR_ROLES = setting
    assert second_factor.required_roles() == wanted


def test_the_demonstration_asks_for_none(settings: SettingsWrapper) -> None:
    mark = home() / "DEMO"
    mark.write_text("{}")
    try:
        assert second_factor.required_roles() == frozenset()
        settings.TUOPIN_SECOND_FACTOR_ROLES = "county"
        assert second_factor.required_roles() == {"county"}
    finally:
        mark.unlink()


def test_password_then_code(client: Client, user: User) -> None:
    secret = with_factor(user)
    assert client.post("/sign-in/", {"username": "liwei", "password": PASSWORD, "next": "/security/"})["Location"] == (
        "/second-factor/"
    )
    assert client.get("/security/").status_code == 302, "the password alone opens nothing"
    assert "/sign-in/" in client.get("/security/")["Location"]
    assert client.post("/second-factor/", {"code": "123"}).status_code == 200
    assert client.post("/second-factor/", {"code": code(secret)})["Location"] == "/security/"
    assert client.get("/security/").status_code == 200


def test_no_code_page_without_a_password(client: Client, user: User) -> None:
    secret = with_factor(user)
    assert client.get("/second-factor/")["Location"] == "/sign-in/"
    assert client.post("/second-factor/", {"code": code(secret)})["Location"] == "/sign-in/"


def test_a_code_counts_once_on_every_machine(user: User) -> None:
    secret, now, machines = with_factor(user), "", [Client(), Client()]
    for machine in machines:
        sign_in(machine)
    now = code(secret)
    assert machines[0].post("/second-factor/", {"code": now}).status_code == 302
    assert machines[1].post("/second-factor/", {"code": now}).status_code == 200
    assert "只能用一次" in machines[1].post("/second-factor/", {"code": now}).content.decode()
    assert not second_factor.check(user, code(secret, -1)), "nor an earlier one afterwards"
    assert second_factor.check(user, code(secret, 1)), "the next one does"


def test_codes_of_another_time_or_another_account(user: User) -> None:
    secret, other = with_factor(user), account("wangfang", "county")
    others = with_factor(other)
    assert not second_factor.check(user, code(secret, 3))
    assert not second_factor.check(user, code(others))
    for text in ("", " ", "一二三四五六", "0" * 400, "\0"):
        assert not second_factor.check(user, text)


def test_a_recovery_code_counts_once_and_is_written_down(client: Client, user: User) -> None:
    secret = second_factor.new_secret()
    second_factor.set_up(user, secret, code(secret))
    codes = second_factor.unseen_codes(user)
    assert len(set(codes)) == 10
    sign_in(client)
    assert client.post("/second-factor/", {"code": codes[3]}).status_code == 302
    assert second_factor.codes_left(user) == 9
    assert not second_factor.check(user, codes[3])
    assert AuditEntry.objects.filter(action="platform.use_recovery_code").count() == 1
    second_factor.new_codes(user)
    assert not second_factor.check(user, codes[4]), "new ones make the old ones void"


def test_wrong_codes_lock_the_account_like_wrong_passwords(client: Client, user: User) -> None:
    secret = with_factor(user)
    sign_in(client)
    for _ in range(accounts.TRIES - 1):
        assert client.post("/second-factor/", {"code": "000 000"}).status_code == 200
        assert sign_in(Client()).status_code == 302, "the password in between forgives nothing"
    assert client.post("/second-factor/", {"code": "000 000"})["Location"] == "/sign-in/"
    assert client.post("/second-factor/", {"code": code(secret)})["Location"] == "/sign-in/"
    assert sign_in(client).status_code == 200, "locked"


def test_a_waiting_sign_in_ends_with_time_and_with_a_new_password(client: Client, user: User) -> None:
    secret = with_factor(user)
    sign_in(client)
    session = client.session
    session["sign_in"] |= {"at": int(time.time()) - 301}
    session.save()
    assert client.post("/second-factor/", {"code": code(secret)})["Location"] == "/sign-in/"
    sign_in(client)
    accounts.set_password(local_admin(), user)
    assert client.post("/second-factor/", {"code": code(secret)})["Location"] == "/sign-in/"
    sign_in(client, password="x")
    accounts.set_active(local_admin(), user, False)
    assert client.get("/second-factor/")["Location"] == "/sign-in/"


def test_no_session_planted_before_is_of_use(user: User) -> None:
    with_factor(user)
    planted = Client()
    planted.get("/sign-in/")
    victim = Client()
    store = sessions.SessionStore()
    store["x"] = 1
    store.create()
    for each in (planted, victim):
        each.cookies["sessionid"] = str(store.session_key)
    sign_in(victim)
    assert victim.cookies["sessionid"].value != store.session_key
    assert planted.get("/second-factor/")["Location"] == "/sign-in/"


def test_the_way_on_stays_on_this_site(client: Client, user: User) -> None:
    secret = with_factor(user)
    client.post("/sign-in/", {"username": "liwei", "password": PASSWORD, "next": "//evil.example/"})
    assert client.post("/second-factor/", {"code": code(secret)})["Location"] == "/"


def test_secrets_lie_sealed_in_the_database(user: User) -> None:
    secret = with_factor(user)
    kept = str([row.data for row in Authenticator.objects.all()])
    assert secret not in kept
    assert sealing.unseal("second factor", Authenticator.objects.get(type="totp").data["secret"]).decode() == secret
    with pytest.raises(Problem):
        sealing.unseal("something else", Authenticator.objects.get(type="totp").data["secret"])


def test_after_a_restore_without_keys_the_page_says_what_to_do(client: Client, user: User) -> None:
    with_factor(user)
    key = home() / "keys" / sealing.KEY_FILE
    kept = key.read_bytes()
    try:
        key.unlink()
        sign_in(client)
        answer = client.post("/second-factor/", {"code": "123456"})
        assert answer.status_code == 400
        assert "请管理员重置" in answer.content.decode()
    finally:
        key.write_bytes(kept)


def test_an_administrator_resets_a_lost_factor(client: Client, user: User) -> None:
    with_factor(user)
    client.force_login(user)
    accounts.reset_second_factor(local_admin(), user)
    assert not Authenticator.objects.exists()
    assert client.get("/security/").status_code == 302, "its sessions have ended"
    assert AuditEntry.objects.filter(action="platform.reset_second_factor").count() == 1
    sign_in(client)
    assert client.get("/")["Location"] == "/second-factor/set-up/"


def test_switching_off_needs_a_code_and_a_role_that_allows_it(client: Client, user: User) -> None:
    secret = with_factor(user)
    sign_in(client)
    client.post("/second-factor/", {"code": code(secret)})
    refused = client.post("/second-factor/change/", {"do": "off", "code": code(secret, 1)})
    assert refused.status_code == 400
    assert second_factor.has(user)
    free = account("cunganbu", "village")
    secret = with_factor(free)
    other = Client()
    sign_in(other, "cunganbu")
    other.post("/second-factor/", {"code": code(secret)})
    assert other.post("/second-factor/change/", {"do": "off", "code": "1"}).status_code == 400
    assert other.post("/second-factor/change/", {"do": "codes", "code": code(secret, 1)}).status_code == 302
    assert len(second_factor.unseen_codes(free)) == 10
