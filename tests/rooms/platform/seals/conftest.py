"""A small city to be sealed, and an empty folder of seals for every test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.register.demo import CitySummary


def build(folder: Path) -> CitySummary:
    from tuopin.platform.access import local_admin
    from tuopin.register.demo import write_city
    from tuopin.register.importing.services import import_paths

    summary = write_city(folder / "city", counties=2, townships=3, villages=6, households=60)
    import_paths(local_admin(), summary.files)
    return summary


@pytest.fixture
def root() -> Iterator[Path]:
    """The folder of seals, empty before and after."""
    from tuopin.platform.seals import selectors

    shutil.rmtree(selectors.root())
    yield selectors.root()
    shutil.rmtree(selectors.root())


@pytest.fixture
def city(transactional_db: None, root: Path, tmp_path_factory: pytest.TempPathFactory) -> CitySummary:
    """A register of 60 households in two counties."""
    import snapshots

    return snapshots.restored("sealed_city", lambda: build(tmp_path_factory.mktemp("city")))
