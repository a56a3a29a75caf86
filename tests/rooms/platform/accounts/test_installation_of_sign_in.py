"""What an installation decides of the sign-in: checks, first passwords, keys, commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator

from rooms.platform.accounts.steps import account, sign_in, with_factor
from tuopin.platform import sealing
from tuopin.platform.accounts import second_factor
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import User
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("required")]


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
