"""An account whose role asks for a second factor, as the product is delivered.

What needs Django is imported inside: this file is read before Django is set up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from tuopin.platform.models import User


@pytest.fixture
def required(settings: SettingsWrapper) -> None:
    settings.TUOPIN_SECOND_FACTOR_ROLES = None  # the product's default


@pytest.fixture
def user() -> User:
    from rooms.platform.accounts.steps import account

    return account("liwei", "county")
