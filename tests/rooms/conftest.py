"""An installation of its own for tests of commands and processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import migrated
from installation import Installation, installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """An installation without data: tables, no keys."""
    with installation(tmp_path / "home", like=migrated.made()) as made:
        yield made
