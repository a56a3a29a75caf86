"""Wrong passwords and codes counted by address."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from rooms.platform.accounts.steps import sign_in
from tuopin.platform.accounts import throttle
from tuopin.platform.models import Attempts, User

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("required")]


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
