"""``--map``: headers that no table of aliases knows, named once and kept in TUOPIN_HOME/maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.workbook import WorkbookError, load_map
from tuopin.core.workbook.headers import check_map
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

KEPT = "headers.toml"


def map_in_force(given: Path | None) -> Path | None:
    """The map to read with: the given one, else the one kept earlier; None if there is neither.

    Raises Problem ``bad_map`` for a map that cannot be read or names a kind or field that does not exist.
    """
    kept = make_home() / "maps" / KEPT
    used = given or (kept if kept.exists() else None)
    if used is not None:
        try:
            check_map(load_map(used), tuple(workbook_kinds().values()))
        except WorkbookError as error:
            error.file = used.name
            raise Problem(error.code, error.zh, error.en) from error
    return used


def keep_map(given: Path) -> None:
    """Keep a map for later imports. To be called once an import with it went well: a wrong one would stop them all."""
    kept = make_home() / "maps" / KEPT
    kept.parent.mkdir(exist_ok=True)
    fresh = kept.with_suffix(".new")
    fresh.write_bytes(given.read_bytes())
    fresh.replace(kept)
