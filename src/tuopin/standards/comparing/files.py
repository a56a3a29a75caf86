"""The file of a comparison: numbers by area, who changes, and what it was of. One SQLite file a job, gone after a day.

Subjects stand in it by their ids, without names or facts; who reads it is asked for by ``selectors``.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.platform.downloads import KEPT
from tuopin.platform.home import make_home

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_TABLES = """
CREATE TABLE meta (document TEXT NOT NULL);
CREATE TABLE matrix (path TEXT NOT NULL, item TEXT NOT NULL, was TEXT NOT NULL, becomes TEXT NOT NULL,
  n INTEGER NOT NULL, PRIMARY KEY (path, item, was, becomes)) WITHOUT ROWID;
CREATE TABLE changed (path TEXT NOT NULL, id INTEGER NOT NULL, was TEXT NOT NULL, becomes TEXT NOT NULL,
  PRIMARY KEY (path, id)) WITHOUT ROWID;
"""


def folder() -> Path:
    """Where comparisons and prepared distributions lie."""
    found = make_home() / "comparisons"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def path_of(number: int) -> Path:
    """The file of a job."""
    return folder() / f"{int(number)}.sqlite"


def temporary() -> Path:
    """A path for a comparison that is read at once and deleted."""
    return folder() / f"now-{uuid.uuid4().hex}.sqlite"


def write(
    path: Path,
    document: dict[str, Any],
    matrices: Iterable[tuple[str, str, str, str, int]],
    changed: Iterable[tuple[int, str, str, str]],
) -> int:
    """Write a comparison, whole or not at all; returns how many subjects change."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as file, file:
        file.executescript(_TABLES)
        file.executemany("INSERT INTO matrix VALUES (?, ?, ?, ?, ?)", ((*row[:4], int(row[4])) for row in matrices))
        rows = ((place, number, was, becomes) for number, place, was, becomes in changed)
        count = file.executemany("INSERT INTO changed VALUES (?, ?, ?, ?)", rows).rowcount
        file.execute("INSERT INTO meta VALUES (?)", [json.dumps(document, ensure_ascii=False)])
    part.chmod(0o600)
    part.replace(path)
    return max(count, 0)


class Comparison:
    """A comparison being read. Use as a context manager. Raises FileNotFoundError where the file is gone."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise FileNotFoundError(path.name)
        self._file = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        self.document: dict[str, Any] = json.loads(self._file.execute("SELECT document FROM meta").fetchone()[0])

    def __enter__(self) -> Comparison:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def matrix(self, path: str) -> dict[str, dict[tuple[str, str], int]]:
        """item → (from, to) → number, of one area; empty where nobody was judged."""
        found: dict[str, dict[tuple[str, str], int]] = {}
        for item, was, becomes, number in self._file.execute(
            "SELECT item, was, becomes, n FROM matrix WHERE path = ?", [path]
        ):
            found.setdefault(item, {})[was, becomes] = number
        return found

    def below(self, paths: list[str], item: str) -> dict[str, dict[tuple[str, str], int]]:
        """path → (from, to) → number on one item, of some areas."""
        marks = ", ".join("?" * len(paths))
        found: dict[str, dict[tuple[str, str], int]] = {}
        for path, was, becomes, number in self._file.execute(
            f"SELECT path, was, becomes, n FROM matrix WHERE item = ? AND path IN ({marks})",  # noqa: S608 - marks
            [item, *paths],
        ):
            found.setdefault(path, {})[was, becomes] = number
        return found

    def whole(self) -> dict[str, dict[tuple[str, str], int]]:
        """item → (from, to) → number, over everything: the sum of the highest areas."""
        shortest = self._file.execute("SELECT min(length(path)) FROM matrix").fetchone()[0]
        found: dict[str, dict[tuple[str, str], int]] = {}
        for item, was, becomes, number in self._file.execute(
            "SELECT item, was, becomes, sum(n) FROM matrix WHERE length(path) = ? GROUP BY item, was, becomes",
            [shortest],
        ):
            found.setdefault(item, {})[was, becomes] = number
        return found

    def everybody(self) -> Iterator[tuple[int, tuple[str, str]]]:
        """(id, letters of A and B) of those that change."""
        rows = self._file.execute("SELECT id, was, becomes FROM changed ORDER BY path, id")
        return ((number, (was, becomes)) for number, was, becomes in rows)

    def subjects(self, low: str, high: str, at: int, was: str, becomes: str) -> Iterator[int]:
        """Ids of those in a range of paths of whom the letter ``at`` changes; ``was`` and ``becomes`` empty = any."""
        differs = f"substr(was, {int(at) + 1}, 1) <> substr(becomes, {int(at) + 1}, 1)"
        conditions, values = ["path >= ?", "path < ?", differs], [low, high]
        for column, letter in (("was", was), ("becomes", becomes)):
            if letter:
                conditions.append(f"substr({column}, {int(at) + 1}, 1) = ?")
                values.append(letter)
        rows = self._file.execute(f"SELECT id FROM changed WHERE {' AND '.join(conditions)}", values)  # noqa: S608 - constants
        return (number for (number,) in rows)

    def letters(self, low: str, high: str, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """id → letters of A and B, of some subjects in a range of paths."""
        listed = json.dumps(list(numbers))
        rows = self._file.execute(
            "SELECT id, was, becomes FROM changed WHERE path >= ? AND path < ?"
            " AND id IN (SELECT value FROM json_each(?))",
            [low, high, listed],
        )
        return {number: (was, becomes) for number, was, becomes in rows}


def purge(now: datetime.datetime | None = None) -> int:
    """Delete comparisons and distributions older than a day; returns how many went."""
    oldest = ((now or timezone.now()) - KEPT).timestamp()
    gone = 0
    for path in folder().iterdir():
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
