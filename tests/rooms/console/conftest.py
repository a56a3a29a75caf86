"""A city for the tests of a file: they only read it. Imports stand inside: Django is not set up yet up here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from pytest_django import DjangoDbBlocker

    from console_city import City

    type Login = Callable[[str], Client]


@pytest.fixture(scope="module")
def city(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """Stands in the database outside of any test's transaction, and goes at the end."""
    from django.core.management import call_command

    from console_city import restored

    with django_db_blocker.unblock():
        yield restored(tmp_path_factory)
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def login(city: City, db: None) -> Login:
    """A client signed in as one of the city's accounts."""
    from django.test import Client

    from tuopin.platform.models import User

    def signed_in(name: str) -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(User.objects.get(username=name))
        return client

    return signed_in
