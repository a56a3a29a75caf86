"""The second factor: required roles, set-up, sign-in, replay, lost telephones, throttling, sessions."""

from __future__ import annotations

import datetime
import time
from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone

from tuopin.platform import sealing
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import second_factor, sessions, throttle
from tuopin.platform.accounts import services as accounts
from tuopin.platform.home import home
from tuopin.platform.models import Attempts, AuditEntry, Session, User
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

PASSWORD = "korrekt-pferd-batterie"


def code(secret: str, ahead: int = 0) -> str:
    """What an app shows now, or some half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


@pytest.fixture(autouse=True)
def required(settings: SettingsWrapper) -> None:
    settings.TUOPIN_SECOND_FACTOR_ROLES = None  # the product's default


@pytest.fixture
def user() -> User:
    return account("liwei", "county")


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


# -- addresses ----------------------------------------------------------------------------------------------------


def test_one_password_over_many_names_is_stopped_by_address(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "FAILURES", 5)
    for at in range(5):
        assert sign_in(Client(), f"name{at}", "Sommer2018!").status_code == 200
    answer = sign_in(Client())
    assert answer.status_code == 429, "even with the right one"
    assert "分钟后再试" in answer.content.decode()
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.9").status_code == 302, "not from elsewhere"
    Attempts.objects.update(until=timezone.now() - datetime.timedelta(seconds=1))
    assert sign_in(Client()).status_code == 302


def test_right_passwords_count_nothing(user: User) -> None:
    for _ in range(3):
        sign_in(Client())
    assert not Attempts.objects.exists()


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        (0, "10.0.0.1", "1.2.3.4", "10.0.0.1"),
        (1, "10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (2, "10.0.0.1", "1.2.3.4", "10.0.0.1"),
        (1, "10.0.0.1", "nonsense", "unknown"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:192.0.2.1", "", "192.0.2.1"),
        (0, "", "", "unknown"),
    ],
)
def test_the_address_is_what_the_trusted_proxies_saw(
    settings: SettingsWrapper, rf: Any, proxies: int, remote: str, forwarded: str, expected: str
) -> None:
    settings.TUOPIN_PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert throttle.address_of(request) == expected


def test_addresses_are_not_kept_in_clear(user: User) -> None:
    sign_in(Client(), password="wrong")
    assert "127.0.0.1" not in str(Attempts.objects.values_list())


def test_hostile_names_are_wrong_names(client: Client) -> None:
    for name in ("\0", "a" * 5_000, "'; drop table platform_user; --", "=cmd|' /C calc'!A0", "😀"):
        assert sign_in(client, name).status_code == 200


# -- sessions -----------------------------------------------------------------------------------------------------

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


# -- the installation ---------------------------------------------------------------------------------------------


def test_checks_say_what_would_weaken_the_sign_in(settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuopin.platform.checks import check_deployment, check_second_factor

    def found() -> set[str | None]:
        return {each.id for each in [*check_second_factor(), *check_deployment()]}

    settings.ALLOWED_HOSTS, settings.SESSION_COOKIE_SECURE = ["localhost", "tuopin.example"], True
    assert found() == {"tuopin.W003"}
    settings.TUOPIN_PROXIES = 1
    assert not found()
    settings.TUOPIN_SECOND_FACTOR_ROLES = "none"
    assert found() == {"tuopin.W004"}
    settings.TUOPIN_SECOND_FACTOR_ROLES = "county headquaters"
    assert found() == {"tuopin.E004"}
    settings.TUOPIN_SECOND_FACTOR_ROLES, settings.TUOPIN_PROXIES = "county", 0
    monkeypatch.setenv("TUOPIN_PROXIES", "many")
    assert found() == {"tuopin.E005", "tuopin.W003"}
    settings.SESSION_COOKIE_SECURE = False
    assert "tuopin.W002" in found()


def test_first_passwords_are_as_strong_as_their_quick_hash_needs() -> None:
    """Weaker random passwords would need a slower hash (docs/decisions/0029)."""
    import math

    made = {accounts.random_password() for _ in range(200)}
    assert len(made) == 200
    alphabet = {character for each in made for character in each if character != "-"}
    length = len(next(iter(made)).replace("-", ""))
    assert length * math.log2(len(alphabet)) > 75


def test_only_first_passwords_have_the_quick_hash(client: Client) -> None:
    from tuopin.platform.accounts import first_passwords

    user = account("neu", "village")
    assert user.password.startswith("argon2")
    given = accounts.random_password()
    User.objects.update(password=first_passwords.encode(given))
    assert sign_in(client, "neu", given + "x").status_code == 200
    assert User.objects.get().password.startswith("tuopin_first$")
    assert sign_in(client, "neu", given).status_code == 302
    assert User.objects.get().password.startswith("argon2")


def test_a_restore_brings_the_sealing_key_only_under_a_passphrase() -> None:
    from tuopin.platform.backup import sealed

    assert sealing.KEY_FILE in sealed.SECRET


def test_the_command_resets_factors(user: User) -> None:
    from click.testing import CliRunner

    from tuopin.platform.commands.user import user as commands

    with_factor(user)
    with_factor(account("wangfang", "county"))
    run = CliRunner().invoke
    assert isinstance(run(commands, ["reset-factor"]).exception, Problem)
    assert run(commands, ["reset-factor", "liwei"]).exit_code == 0
    assert not second_factor.has(user)
    assert run(commands, ["reset-factor", "--all"]).exit_code == 0
    assert not Authenticator.objects.exists()
