"""The packs of this installation: those of the product and those a city keeps under ``TUOPIN_HOME/packs``."""

from __future__ import annotations

import datetime
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import tuopin.packs
from tuopin.core.language import RuleError
from tuopin.core.standards import Pack, PackError, Prepared, find_packs, load_pack, prepare
from tuopin.platform.access import page_memo
from tuopin.platform.catalogue import catalogue
from tuopin.platform.home import home
from tuopin.platform.problems import Missing, Problem
from tuopin.standards.lifecycle import given

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT = "national"
_PACKS = "standards.packs"

type Stamp = tuple[tuple[str, int, int], ...]


@contextmanager
def problems() -> Iterator[None]:
    """What is wrong in a pack becomes a message for the user, with file, line and column."""
    try:
        yield
    except (PackError, RuleError) as error:
        kind = Missing if error.code in {"unknown_pack", "unknown_standard"} else Problem
        raise kind(error.code, error.zh, error.en) from error


def folders() -> dict[str, Path]:
    """Pack key → folder."""
    with problems():
        return find_packs([Path(tuopin.packs.__file__).parent, home() / "packs"])


def get_pack(key: str) -> Pack:
    """A pack with the values that the city gave for its open limits, and a second person approved. Read again only
    when one of its files has changed; while one page is made the files are looked at once. Raises Problem naming file,
    line and column."""
    held = page_memo().setdefault(_PACKS, {})
    if key not in held:
        pack, values = written_pack(key), given.of_pack(key)
        held[key] = _with_given(pack.digest, key, values) if values else pack
    found: Pack = held[key]
    return found


@lru_cache(maxsize=16)
def _with_given(_digest: str, key: str, values: tuple[given.Given, ...]) -> Pack:
    return given.overlaid(written_pack(key), values)


def written_pack(key: str) -> Pack:
    """A pack as its files stand: what its cases prove, and what of it is open."""
    available = folders()
    stamps = tuple((each, _stamp(folder)) for each, folder in available.items())
    with problems():
        return _load(key, stamps)


@lru_cache(maxsize=16)
def _load(key: str, stamps: tuple[tuple[str, Stamp], ...]) -> Pack:
    available = folders()
    return load_pack(key, {each: available[each] for each, _ in stamps})


def _stamp(folder: Path) -> Stamp:
    files = [(path.name, path.stat()) for path in sorted(folder.glob("*.toml"))]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)


def get_prepared(pack_key: str, standard: str, day: datetime.date) -> Prepared:
    """A standard ready for a day."""
    pack = get_pack(pack_key)
    return _prepared(pack.digest, pack_key, standard, day)


@lru_cache(maxsize=64)
def _prepared(_digest: str, pack_key: str, standard: str, day: datetime.date) -> Prepared:
    with problems():
        return prepare(get_pack(pack_key), standard, catalogue(), day)


def last_day(pack: Pack, standard: str) -> datetime.date:
    """The newest first day of a parameter value on which the standard can be evaluated."""
    starts = {value.valid_from for parameter in pack.parameters.values() for value in parameter.values}
    problem: PackError | None = None
    for day in sorted(starts, reverse=True) or [datetime.date(2000, 1, 1)]:
        try:
            prepare(pack, standard, catalogue(), day)
        except PackError as error:
            if error.code != "no_value_on_day":
                raise
            problem = error
        else:
            return day
    raise problem or PackError("no_day", pack.key, "没有可判定的日期", "there is no day on which it can be evaluated")
