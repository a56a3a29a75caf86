"""Installations of their own for tests of commands and processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installation import Installation, installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose tables are copied, since making them takes longer than most tests."""
    with installation(tmp_path_factory.mktemp("migrated") / "home") as made:
        made.run("migrate")
        yield made


@pytest.fixture
def installed(_migrated: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An installation without data: tables, no keys."""
    with installation(tmp_path / "home", like=_migrated) as made:
        yield made


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    """An installation without anything: no folder, no tables."""
    with installation(tmp_path / "home") as made:
        yield made
