"""The register that the tests of events begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    from rooms.register.events.steps import register

    register(tmp_path)
    return tmp_path
