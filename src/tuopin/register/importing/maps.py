"""``--map``: headers that no table of aliases knows, named once and kept in TUOPIN_HOME/maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.workbook import WorkbookError, load_map
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

KEPT = "headers.toml"


def kept_map(given: Path | None, *, keep: bool) -> Path | None:
    """The map to read with: the given one (which is kept for later imports), else the one kept earlier."""
    kept = make_home() / "maps" / KEPT
    if given is None:
        return kept if kept.exists() else None
    try:
        load_map(given)
    except WorkbookError as error:
        raise Problem(error.code, error.zh, error.en) from error
    if keep:
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(given.read_bytes())
    return given
