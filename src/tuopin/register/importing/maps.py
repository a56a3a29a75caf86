"""Headers that no table of aliases knows: named once, by ``--map`` or on a page, and kept in TUOPIN_HOME/maps.

A new map adds to the kept one: what the county's first workbook taught is not forgotten with the second.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tuopin.core.workbook import WorkbookError, load_map
from tuopin.core.workbook.headers import check_map
from tuopin.core.workbook.text import key
from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

from ..permissions import IMPORT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tuopin.platform.access import Actor

    type Map = dict[str, dict[str, str]]

KEPT = "headers.toml"


def titles_in_force(given: Path | None = None) -> Map:
    """Headers to read with, by kind: those kept earlier, and over them the given ones.

    Raises Problem ``bad_map`` for a map that cannot be read or names a kind or field that does not exist.
    """
    return _joined(_load(_kept()) if _kept().exists() else {}, _load(given) if given is not None else {})


def keep_map(given: Path) -> None:
    """Add a map to the kept one. To be called once an import with it went well: a wrong one would stop them all."""
    with database.exclusive("header-map", wait=30):
        _write(titles_in_force(given))


def name_headers(actor: Actor, named: Mapping[str, Mapping[str, str | None]]) -> None:
    """Keep what a person said of headers: kind -> header -> field; '' = leave that column alone, None = forget.

    Raises Problem ``bad_map`` for a kind or field that does not exist.
    """
    require(actor, IMPORT)
    with database.exclusive("header-map", wait=30):
        kept = titles_in_force()
        for kind, table in named.items():
            for header, field in table.items():
                rest = {other: name for other, name in kept.get(kind, {}).items() if key(other) != key(header)}
                kept[kind] = rest if field is None else rest | {header: field}
        _check(kept, KEPT)
        with database.write():
            audit.record(
                actor, "register.name_headers", "headers", {kind: dict(table) for kind, table in named.items()}
            )
        _write(kept)


def _kept() -> Path:
    return make_home() / "maps" / KEPT


def _load(path: Path) -> Map:
    try:
        found = load_map(path)
    except WorkbookError as error:
        raise Problem(error.code, error.zh, error.en) from error
    _check(found, path.name)
    return found


def _check(found: Map, name: str) -> None:
    try:
        check_map(found, tuple(workbook_kinds().values()))
    except WorkbookError as error:
        error.file = name
        raise Problem(error.code, error.zh, error.en) from error


def _joined(kept: Map, given: Map) -> Map:
    """Headers are compared as the reader compares them: 户编号 and 户 编 号 are one."""
    made = {kind: dict(table) for kind, table in kept.items()}
    for kind, table in given.items():
        named = {key(header) for header in table}
        made[kind] = {old: field for old, field in made.get(kind, {}).items() if key(old) not in named} | table
    return made


def _write(titles: Map) -> None:
    lines = []
    for kind, table in sorted(titles.items()):
        lines += [
            f"[{kind}]",
            *(f"{_quoted(header)} = {_quoted(field)}" for header, field in sorted(table.items())),
            "",
        ]
    kept = _kept()
    kept.parent.mkdir(exist_ok=True)
    fresh = kept.with_suffix(".new")
    fresh.write_text("\n".join(lines), encoding="utf-8")
    fresh.replace(kept)


def _quoted(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's too, but for the delete character, which must be escaped here."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
