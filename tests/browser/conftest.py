"""What the tests in a browser share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from walk.world import World


@pytest.fixture
def address(live_server: LiveServer) -> str:
    """Where the product answers."""
    return live_server.url


@pytest.fixture
def world(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The county of the walk, with rows in every table."""
    from walk.world import build, signed_in, use  # models: this file is read before Django is ready

    folder = tmp_path_factory.mktemp("pages")
    made = build(folder)
    made.clients["county"] = signed_in("county")
    made.ours.update(use(made.clients["county"], made.home, made.household, "本县", folder, "officer"))
    return made
