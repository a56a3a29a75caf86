"""What came of judging a seal, as files: figures by area, and the verdict rows. Made again from the same seals they are
the same, so that nothing is lost with them; the row in the database says of what they are."""

from __future__ import annotations

import json
import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.platform.home import make_home
from tuopin.platform.problems import DISK_FULL, Missing, disk_is_full
from tuopin.standards.statements import literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.standards.sealed.judging import SealedRun

_TABLES = """
CREATE TABLE area (path TEXT PRIMARY KEY, above TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  level TEXT NOT NULL, part INTEGER NOT NULL, counts TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX area_above ON area (above, code);
"""
ROWS = "verdicts.parquet"
AREAS = "areas.sqlite"


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """An area of a result; ``counts`` are met, not met, unknown, not applicable by item, ``overall`` first."""

    path: str
    code: str
    name: str
    level: str
    part: int
    counts: tuple[tuple[int, int, int, int], ...]


def folder(digest: str) -> Path:
    """Where the files of a result lie."""
    return make_home() / "sealed" / digest


def write(digest: str, run: SealedRun) -> None:
    """Write the files of a result, all or none."""
    target = folder(digest)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    draft = target.with_name(f".{digest[:16]}-{uuid.uuid4().hex}")
    draft.mkdir(mode=0o700)
    try:
        run.write_rows(draft / ROWS)
        with closing(sqlite3.connect(draft / AREAS)) as file, file:
            file.executescript(_TABLES)
            file.executemany("INSERT INTO area VALUES (?, ?, ?, ?, ?, ?, ?)", _areas(run))
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
    except Exception as error:
        if disk_is_full(error):
            raise DISK_FULL from error
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _areas(run: SealedRun) -> Iterator[tuple[str, str, str, str, str, int, str]]:
    for path, code, name, level, part, counts in run.areas():
        yield path, path[:-8], code, name, level, part, json.dumps(counts)


def present(digest: str) -> bool:
    """Whether the files are there."""
    return (folder(digest) / AREAS).is_file() and (folder(digest) / ROWS).is_file()


class Result:
    """The figures by area, being read. Use as a context manager. Raises Missing where the files are gone."""

    def __init__(self, digest: str) -> None:
        path = folder(digest) / AREAS
        if not present(digest):
            raise Missing(
                "result_gone",
                "这次结果的文件已不在（可能从备份恢复）。请用同样的封存再算一次，数字不变。",
                "The files of this result are gone (a backup was restored?). Judge the same seals again: they"
                " give the same figures.",
            )
        self._file = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)

    def __enter__(self) -> Result:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def area(self, path: str) -> AreaCounts | None:
        """One area."""
        return next(self._found("path = ?", path), None)

    def coded(self, code: str, part: int | None = None) -> AreaCounts | None:
        """The area with a code, of one of the seals if it is named."""
        found = [each for each in self._found("code = ?", code) if part is None or each.part == part]
        return found[0] if len(found) == 1 else None

    def below(self, path: str) -> list[AreaCounts]:
        """The areas right below a path, by code."""
        return sorted(self._found("above = ?", path), key=lambda each: each.code)

    def highest(self) -> list[AreaCounts]:
        """The areas that no other of the result holds."""
        rows = self._found("NOT EXISTS (SELECT 1 FROM area top WHERE top.path = area.above)")
        return sorted(rows, key=lambda each: (each.part, each.code))

    def of_level(self, level: str) -> list[AreaCounts]:
        """All areas of a level."""
        return sorted(self._found("level = ?", level), key=lambda each: (each.part, each.code))

    def _found(self, condition: str, *values: str) -> Iterator[AreaCounts]:
        rows = self._file.execute(
            f"SELECT path, code, name, level, part, counts FROM area WHERE {condition}",  # noqa: S608 - constants
            values,
        )
        for path, code, name, level, part, counts in rows:
            numbers = json.loads(counts)
            quads = tuple(
                (numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]) for at in range(0, len(numbers), 4)
            )
            yield AreaCounts(path, code, name, level, part, quads)


def rows(digest: str, path: str = "") -> Iterator[list[tuple[int, str, str, str]]]:
    """(id, code of the area, letters, shown) in chunks, of the areas below a path."""
    from tuopin.core.engine import Engine  # the set engine is loaded only where it works

    with Engine() as engine:
        condition = f" WHERE starts_with(path, {literal(path)})" if path else ""
        source = literal(str(folder(digest) / ROWS))
        yield from engine.chunks(f"SELECT id, area_code, letters, shown FROM read_parquet({source}){condition}")  # noqa: S608 - quoted
