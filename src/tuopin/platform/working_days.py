"""The calendar that everybody here counts working days by: the years that came with the product, and those that an
office added since, as ``calendar/2027.toml`` in the data folder (docs/operate/clock.md).

A file that cannot be read counts for nothing, and ``tuopin check`` says so.
"""

from __future__ import annotations

import datetime
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tuopin.core.calendar import published
from tuopin.platform.home import home

if TYPE_CHECKING:
    from tuopin.core.calendar import WorkingCalendar

_MOST = 64 * 1024  # bytes of a file: a year has 366 days
_FILES = 50


def folder() -> Path:
    """Where the files lie."""
    return home() / "calendar"


def calendar() -> WorkingCalendar:
    """The calendar as it stands now: a file that was added counts from then on, without a restart."""
    return _read(_state())[0]


def faults() -> tuple[str, ...]:
    """The names of the files that count for nothing."""
    return _read(_state())[1]


type _State = tuple[tuple[str, str, int, int], ...]


def _state() -> _State:
    try:
        found = sorted(folder().glob("*.toml"))[:_FILES]
        stats = [(path, path.stat()) for path in found]
    except OSError:  # no such folder; a file that goes this moment
        return ()
    return tuple((path.name, str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


@lru_cache(maxsize=4)
def _read(state: _State) -> tuple[WorkingCalendar, tuple[str, ...]]:
    found, wrong = published(), []
    for name, path, _changed, size in state:
        try:
            found = _with_file(found, name, path, size)
        except (OSError, ValueError, TypeError, RecursionError):  # tomllib’s errors and UnicodeDecodeError: ValueErrors
            wrong.append(name)
    return found, tuple(wrong)


def _with_file(known: WorkingCalendar, name: str, path: str, size: int) -> WorkingCalendar:
    year = name.removesuffix(".toml")
    if size > _MOST or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise ValueError("no file of a year")
    given = tomllib.loads(Path(path).read_text("utf-8"))
    off, worked = given.get("off"), given.get("worked", [])
    if not isinstance(off, list) or not off or not isinstance(worked, list):
        raise ValueError("a year without days off")
    if any(type(day) is not datetime.date for day in (*off, *worked)):
        raise ValueError("a day is no day")
    return known.with_year(int(year), off, worked)
