"""What the tests of imports on the web share.

What needs Django is imported inside: this file is read before Django is set up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from county import areas, taken

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from tuopin.platform.models import User


@pytest.fixture
def maps_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "maps-home"
    home.mkdir()
    monkeypatch.setattr("tuopin.register.importing.maps.make_home", lambda: home)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """The areas, already imported."""
    taken("areas", areas(tmp_path))
    return tmp_path


@pytest.fixture
def user(county: Path) -> User:
    from people import account
    from rooms.register.importing.steps import COUNTY

    return account("county", "county", COUNTY)


@pytest.fixture
def client(user: User) -> Client:
    from people import signed_in

    return signed_in(user)
