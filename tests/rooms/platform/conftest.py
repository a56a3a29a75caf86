"""Installations of their own for tests of commands and processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installation import Installation, installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    """An installation without anything: no folder, no tables."""
    with installation(tmp_path / "home") as made:
        yield made
