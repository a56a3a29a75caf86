"""The files of a list: as handed in, and its rows as matched. They live as long as its purpose, and no longer."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuopin.core.engine import Engine
from tuopin.platform.home import make_home

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TABLES = ("list_row", "matched", "undecided", "fact_plan", "doubt_plan")
"""What is kept of a match, one Parquet file each."""

type Ranges = Sequence[tuple[str, str]]
"""Half-open ranges of area paths."""


def folder(run_id: int) -> Path:
    """Where the files of a run lie; made if missing, readable by the owner of the process alone."""
    path = make_home() / "matching" / str(int(run_id))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def handed_in(run_id: int) -> Path:
    """The list as it was handed in."""
    return folder(run_id) / "list"


@contextmanager
def workplace(run_id: int) -> Iterator[Path]:
    """A folder for the time of one match; what a killed one left there goes first. The caller holds the run's lock."""
    path = folder(run_id) / "work"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def write(engine: Engine, run_id: int) -> None:
    """Keep the tables of a match."""
    for name in TABLES:
        target = str(folder(run_id) / f"{name}.parquet").replace("'", "''")
        engine.run(f"keep {name}", f"copy {name} to '{target}' (format parquet)")


def remove(run_id: int) -> None:
    """Delete everything of a run. Done again it does nothing."""
    shutil.rmtree(make_home() / "matching" / str(int(run_id)), ignore_errors=True)


def table(run_id: int, name: str) -> str:
    """SQL of a kept table."""
    path = str(folder(run_id) / f"{name}.parquet").replace("'", "''")
    return f"read_parquet('{path}')"


def within(ranges: Ranges, column: str = "path") -> str:
    """SQL of a condition; paths are digits."""
    parts = [f"({column} >= '{low}' and {column} < '{high}')" for low, high in ranges]
    return f"({' or '.join(parts)})" if parts else "false"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a match within ranges of paths: persons found by number, facts by fate, doubts by code."""

    matched: int
    facts: dict[str, int]
    doubts: dict[str, int]


def tally(run_id: int, ranges: Ranges) -> Tally:
    """Count what a reader may see."""
    place = within(ranges)
    with _reading() as engine:
        matched = engine.one(f"select count(*) from {table(run_id, 'matched')} where {place}")[0]
        facts = engine.rows(f"select fate, count(*) from {table(run_id, 'fact_plan')} where {place} group by 1")
        doubts = engine.rows(
            f"select code, count(*) from {table(run_id, 'doubt_plan')} where {place} group by 1 order by 1"
        )
    return Tally(matched, dict(facts), dict(doubts))


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over kept tables (see :func:`table`); SQL of our own making, with an order and a limit."""
    with _reading() as engine:
        return engine.rows(sql)


def _reading() -> Engine:
    return Engine(threads=1, memory="256MB")


def present() -> set[int]:
    """The runs that have a folder."""
    base = make_home() / "matching"
    return {int(item.name) for item in base.iterdir() if item.name.isdigit()} if base.is_dir() else set()
