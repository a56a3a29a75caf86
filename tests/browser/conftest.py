"""What the tests in a browser share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer


@pytest.fixture
def address(live_server: LiveServer) -> str:
    """Where the product answers."""
    return live_server.url
