"""One or several seals judged in the set engine. Nothing is read from the register and nothing written to it."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Any, Self

from tuopin.core.engine import Engine
from tuopin.core.standards.pipeline import LETTERS, evaluate
from tuopin.core.standards.verdicts import VERDICTS
from tuopin.platform.database import arrow
from tuopin.platform.home import make_home
from tuopin.standards.loading import RegisterLoader
from tuopin.standards.sealed.sources import SealSource, require, unreadable
from tuopin.standards.sealed.tree import TABLE, Tree
from tuopin.standards.statements import literal, quoted

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tuopin.core.standards import Prepared
    from tuopin.core.standards.pipeline import Verdicts
    from tuopin.standards.places import Place
    from tuopin.standards.sealed.sources import Part

    Progress = Callable[[str, int], None]

OVERALL = "overall"
CODES = {"met": 2, "not_met": 0, "unknown": 1, "not_applicable": 3}


MEMORY = "50%"
"""Of the machine's: the database and the web server live beside it."""
SPILL_SHARE = 2
"""Of the free disk so many parts, one for what is spilled: what another city sealed must not fill the disk that the
register is written to."""


def bounded() -> Engine:
    """An engine for facts that others sealed: bounded in memory and in what it spills under the product's folder."""
    spill = make_home() / "staging"
    spill.mkdir(mode=0o700, exist_ok=True)
    return Engine(memory=MEMORY, spill=spill, spill_most=shutil.disk_usage(spill).free // SPILL_SHARE)


class SealedRun:
    """Seals opened for a day, then judged. Use as a context manager: the engine's memory goes with it."""

    def __init__(self, parts: Sequence[Part], day: datetime.date, progress: Progress | None = None) -> None:
        self.parts, self.day, self._progress = tuple(parts), day, progress
        self.engine = bounded()
        self.source = SealSource(self.engine, self.parts)
        try:
            self.tree = Tree(self.source, day)
        except BaseException:
            self.engine.close()
            raise
        self._verdicts: Verdicts | None = None
        self._area = "parent_id"
        self.facts: dict[str, list[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()

    def judge(self, prepared: Prepared, place: Place) -> None:
        """Judge the subjects of the place; the verdicts stay in the engine. Raises Problem for a seal that lacks what
        the standard needs, and for a file that is not what its manifest says."""
        for part in self.parts:
            require(prepared, part.opened)
        self.source.narrow(self.tree.counties(place))
        choice = self.tree.choice(place, prepared.standard.level)
        self._area = "id" if choice.level == prepared.standard.level else "parent_id"
        relations = RegisterLoader(prepared, choice, self.engine, self._progress, self.source).load()
        with unreadable():
            self._verdicts = evaluate(prepared, self.engine, relations, "verdicts")
        self.facts = self._ages(prepared)
        if self._progress is not None:
            self._progress("verdicts", self.count())

    def _ages(self, prepared: Prepared) -> dict[str, list[str]]:
        """Block of facts → the oldest and the newest date of the facts that were read of it."""
        there = {str(name) for (name,) in self.engine.rows("SELECT table_name FROM information_schema.tables")}
        found = {}
        for table in prepared.catalogue.tables:
            if (name := f"_{table.name}") in there:
                oldest, newest = self.engine.one(f"SELECT min(as_of), max(as_of) FROM {quoted(name)}")  # noqa: S608 - quoted
                if oldest is not None:
                    found[table.name] = [oldest.isoformat(), newest.isoformat()]
        return found

    @property
    def verdicts(self) -> Verdicts:
        if self._verdicts is None:
            raise RuntimeError("judge() comes first")
        return self._verdicts

    @property
    def keys(self) -> tuple[str, ...]:
        return (OVERALL, *self.verdicts.keys)

    def count(self) -> int:
        """How many subjects were judged."""
        return int(self.engine.one("SELECT count(*) FROM verdicts")[0])

    def tally(self) -> dict[str, dict[str, int]]:
        """How many have which verdict, by item; verdicts that nobody has are left out."""
        found: dict[str, dict[str, int]] = {}
        for key in self.keys:
            rows = self.engine.rows(f'SELECT "{key}", count(*) FROM verdicts GROUP BY ALL')  # noqa: S608 - keys are names
            counts = {int(code): int(number) for code, number in rows}
            found[key] = {verdict: counts[CODES[verdict]] for verdict in VERDICTS if CODES[verdict] in counts}
        return found

    def areas(self) -> Iterator[tuple[str, str, str, str, int, list[int]]]:
        """(path, code, name, level, part, counts) of every area with subjects, whatever its level; the counts are met,
        not met, unknown, not applicable of ``overall`` and then of each item."""
        columns = [f'count(*) FILTER (WHERE "{key}" = {code}) AS c' for key in self.keys for code in CODES.values()]
        listed = ", ".join(f"{column}{at}" for at, column in enumerate(columns))
        sums = ", ".join(f"sum(c{at})" for at in range(len(columns)))
        sql = (
            f"WITH lowest AS (SELECT {self._area} AS area_id, {listed} FROM verdicts GROUP BY 1),"  # noqa: S608 - our own names
            f" placed AS (SELECT t.path, lowest.* FROM lowest JOIN {TABLE} t ON t.area_id = lowest.area_id),"
            " steps AS (SELECT unnest(range(1, 20)) AS step),"
            f" added AS (SELECT path[1:8 * step] AS above, {sums} FROM placed JOIN steps ON 8 * step <= length(path)"
            " GROUP BY 1)"
            f" SELECT t.path, t.code, t.name, t.level, t.part, added.* EXCLUDE (above) FROM added"
            f" JOIN {TABLE} t ON t.path = added.above ORDER BY t.path"
        )
        for path, code, name, level, part, *numbers in self.engine.stream(sql):
            yield str(path), str(code), str(name), str(level), int(part), [int(number) for number in numbers]

    def digest(self) -> str:
        """SHA-256 over all verdicts and shown facts, whoever computes them: by area in order, in it by subject."""
        row = f"id || ':' || {self.verdicts.letters()} || ':' || {self.verdicts.texts()}"
        rows = self.engine.stream(
            f"SELECT sha256(string_agg({row}, chr(10) ORDER BY id))"  # noqa: S608 - keys are names
            f" FROM verdicts GROUP BY {self._area} ORDER BY {self._area}"
        )
        whole = hashlib.sha256()
        for (part,) in rows:
            whole.update(f"{part}\n".encode())
        return whole.hexdigest()

    def write_rows(self, path: Path) -> None:
        """The verdict rows as Parquet: id, area_id, path of the area, letters, shown facts as text. No identities."""
        self.engine.run(
            "write verdicts",
            f"COPY (SELECT v.id, v.{self._area} AS area_id, t.path, t.code AS area_code,"  # noqa: S608 - keys are names
            f" {self.verdicts.letters()} AS letters, {self.verdicts.texts()} AS shown"
            f" FROM verdicts v LEFT JOIN {TABLE} t ON t.area_id = v.{self._area}"
            f" ORDER BY t.path, v.id) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)",
        )

    def compare(self, evaluation_id: int, keys: Sequence[str], most: int = 100) -> dict[str, Any]:
        """The verdicts of a stored evaluation (letters in the order of ``keys``) beside those of the run: how many
        subjects agree in all items and shown facts, differ, stand on one side alone; by item; some that differ."""
        stored = f"SELECT subject_id, letters, shown FROM standards_verdict WHERE evaluation_id = {int(evaluation_id)}"  # noqa: S608 - a number
        columns = "CAST(subject_id AS BIGINT) AS id, CAST(letters AS VARCHAR) AS letters"
        self.engine.load("stored", arrow(stored), f"{columns}, coalesce(CAST(shown AS VARCHAR), '') AS shown")
        own = ", ".join(f'\'{LETTERS}\'[v."{key}" + 1] AS "now:{key}"' for key in self.keys)
        then = ", ".join(f's.letters[{at + 1}] AS "then:{key}"' for at, key in enumerate(keys))
        common = [key for key in self.keys if key in keys]
        differs = " OR ".join(f'"now:{key}" <> "then:{key}"' for key in common)
        self.engine.run(
            "compared",
            "CREATE TABLE compared AS WITH both_sides AS (SELECT coalesce(v.id, s.id) AS id, v.id IS NULL AS gone,"  # noqa: S608 - keys are names
            f" s.id IS NULL AS new, s.letters AS letters, {self.verdicts.letters()} AS now_letters,"
            f" s.shown <> {self.verdicts.texts()} AS facts_differ, {own}, {then}"
            " FROM verdicts v FULL JOIN stored s ON s.id = v.id)"
            f" SELECT *, NOT gone AND NOT new AND ({differs} OR facts_differ) AS differs FROM both_sides",
        )
        by_item = ", ".join(f'count(*) FILTER (WHERE differs AND "now:{key}" <> "then:{key}")' for key in common)
        equal, differ, only_stored, only_sealed, facts, *items = self.engine.one(
            "SELECT count(*) FILTER (WHERE NOT differs AND NOT gone AND NOT new), count(*) FILTER (WHERE differs),"  # noqa: S608 - keys are names
            " count(*) FILTER (WHERE gone), count(*) FILTER (WHERE new),"
            f" count(*) FILTER (WHERE differs AND facts_differ), {by_item} FROM compared"
        )
        some = self.engine.rows(
            "SELECT id, coalesce(letters, ''), CASE WHEN gone THEN '' ELSE now_letters END FROM compared"  # noqa: S608 - a number
            f" WHERE differs OR gone OR new ORDER BY id LIMIT {int(most)}"
        )
        return {
            "equal": equal, "differ": differ, "only_stored": only_stored, "only_sealed": only_sealed, "facts": facts,
            "items": {key: number for key, number in zip(common, items, strict=True) if number},
            "examples": [list(each) for each in some],
        }  # fmt: skip

    def read(self) -> dict[str, Any]:
        """What was opened for it."""
        return {"files": len(self.source.read), "rows": sum(each.rows for each in self.source.read)}
