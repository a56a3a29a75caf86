"""Evaluations of a register in the set engine: load once, judge level by level, and hand rows to the database.

One standard or all of a pack: what several need of a level is read in one go, and a standard that counts verdicts of a
level below reads those of this run (``core.standards.handing_up``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from tuopin.core.engine import Engine
from tuopin.core.standards.handing_up import reading_verdicts, used_verdicts
from tuopin.core.standards.pipeline import evaluate
from tuopin.core.standards.verdicts import VERDICTS
from tuopin.platform.database import bulk_insert
from tuopin.platform.home import home
from tuopin.standards.area_figures import add_up, load_above
from tuopin.standards.incidence_sums import INCIDENCE_DATED, INCIDENCE_FACTS, has_incidence, incidence_by_area
from tuopin.standards.levels import LevelsLoader
from tuopin.standards.places import LEVELS
from tuopin.standards.statements import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tuopin.core.standards import Prepared
    from tuopin.core.standards.pipeline import Verdicts
    from tuopin.core.standards.verdicts import Verdict
    from tuopin.standards.places import Place

    Progress = Callable[[str, int], None]

_CODES = {"not_met": 0, "unknown": 1, "met": 2, "not_applicable": 3}


class Judged:
    """The verdicts of one standard in a table of the engine, and what they add up to."""

    def __init__(self, prepared: Prepared, verdicts: Verdicts, engine: Engine) -> None:
        self.prepared, self.verdicts, self._engine = prepared, verdicts, engine
        self._table = quoted(verdicts.table)
        # an area is counted as itself, a household in its village
        self._area = "parent_id" if prepared.standard.level in ("person", "household") else "id"
        self.figures: list[tuple[int, str]] = []

    def add_up(self, incidence: Mapping[int, object]) -> None:
        """Work out the figures of every area; the table ``above`` is there."""
        self.figures = add_up(self.prepared, self.verdicts, self._engine, self._area, incidence)

    @property
    def total(self) -> int:
        return int(self._engine.one(f"SELECT count(*) FROM {self._table}")[0])  # noqa: S608 - our own name

    def tally(self) -> dict[str, dict[str, int]]:
        """How many subjects have which verdict, by item; verdicts that nobody has are left out."""
        found: dict[str, dict[str, int]] = {}
        for key in ("overall", *self.verdicts.keys):
            rows = self._engine.rows(f'SELECT "{key}", count(*) FROM {self._table} GROUP BY ALL')  # noqa: S608 - keys are names
            counts = {int(code): int(number) for code, number in rows}
            found[key] = {verdict: counts[_CODES[verdict]] for verdict in VERDICTS if _CODES[verdict] in counts}
        return found

    def store(self, evaluation_id: int) -> None:
        """Write verdicts, findings and counts by area in the transaction of the caller."""
        bulk_insert(
            "standards_verdict",
            ("evaluation_id", "subject_id", "area_id", "letters", "shown"),
            self._rows(evaluation_id),
        )
        bulk_insert(
            "standards_finding",
            ("evaluation_id", "item", "verdict", "subject_id", "area_id"),
            self._findings(evaluation_id),
        )
        bulk_insert(
            "standards_area_tally",
            ("evaluation_id", "area_id", "item", "met", "not_met", "unknown", "not_applicable"),
            self._tallies(evaluation_id),
        )
        bulk_insert(
            "standards_area_figures",
            ("evaluation_id", "area_id", "counts"),
            ((evaluation_id, area_id, counts) for area_id, counts in self.figures),
        )

    def _rows(self, evaluation_id: int) -> Iterator[tuple[object, ...]]:
        columns = f"{int(evaluation_id)}, id, {self._area}, {self.verdicts.letters()}, {self.verdicts.texts()}"
        return self._engine.stream(f"SELECT {columns} FROM {self._table} ORDER BY id")  # noqa: S608 - keys are names

    def _findings(self, evaluation_id: int) -> Iterator[tuple[object, ...]]:
        """What is looked for; of conditions what is unknown too. An item that is unknown of everybody is nobody's."""
        kind = self.prepared.kind
        looked_for: tuple[Verdict, ...] = (kind.points_at,) if kind.true_points else ("not_met", "unknown")
        for key in sorted(item.key for item in self.prepared.items if not item.is_open):
            for verdict in looked_for:
                columns = f"{int(evaluation_id)}, '{key}', '{verdict}', id, {self._area}"
                yield from self._engine.stream(
                    f'SELECT {columns} FROM {self._table} WHERE "{key}" = {_CODES[verdict]} ORDER BY id'  # noqa: S608 - keys are names
                )

    def _tallies(self, evaluation_id: int) -> Iterator[tuple[object, ...]]:
        for key in ("overall", *self.verdicts.keys):
            counts = ", ".join(
                f'count(*) FILTER (WHERE "{key}" = {_CODES[verdict]})'
                for verdict in ("met", "not_met", "unknown", "not_applicable")
            )
            yield from self._engine.stream(
                f"SELECT {int(evaluation_id)}, {self._area}, '{key}', {counts} FROM {self._table} GROUP BY {self._area}"  # noqa: S608 - keys are names
            )


class Run:
    """Judges an area by standards of one day. Use as a context manager: the engine's memory goes with it."""

    def __init__(self, asked: Sequence[Prepared], place: Place, progress: Progress | None = None) -> None:
        self._asked = sorted(asked, key=lambda each: LEVELS.index(each.standard.level))
        self._place, self._progress = place, progress
        self._engine = Engine(spill=home() / "staging")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def judge(self) -> list[Judged]:
        """Load what the standards need and judge by each, the lowest level first; verdicts and figures stay in the
        engine."""
        keys = {(each.pack.key, each.standard.key) for each in self._asked}
        uses = [used_verdicts(each, {key for pack, key in keys if pack == each.pack.key}) for each in self._asked]
        made = [reading_verdicts(each, used) for each, used in zip(self._asked, uses, strict=True)]
        wanted = {(each.pack.key, key) for each, used in zip(self._asked, uses, strict=True) for key in used}
        with_incidence = any(has_incidence(each) for each in self._asked)
        extras, dated = (INCIDENCE_FACTS, INCIDENCE_DATED) if with_incidence else ({}, {})
        loader = LevelsLoader(made, self._place, self._engine, self._progress, extras, dated)
        relations = loader.load()
        load_above(self._engine, self._place, self._asked[0].day)
        found: list[Judged] = []
        for at, (asked, reading) in enumerate(zip(self._asked, made, strict=True)):
            verdicts = evaluate(reading, self._engine, relations, f"verdicts_{at}")
            if (asked.pack.key, asked.standard.key) in wanted:
                self._hand_up(asked, verdicts, relations)
            judged = Judged(asked, self._only(verdicts, loader.listed(asked.standard.level)), self._engine)
            judged.add_up(incidence_by_area(judged.verdicts, self._engine) if has_incidence(asked) else {})
            if self._progress is not None:
                self._progress("verdicts", judged.total)
            found.append(judged)
        return found

    def _hand_up(self, asked: Prepared, verdicts: Verdicts, relations: dict[str, str]) -> None:
        """The verdict becomes a fact of its level, for the levels above."""
        level, key = asked.standard.level, asked.standard.key
        name = f"{relations[level]}_{key}"
        self._engine.run(
            f"hand up {key}",
            f"CREATE VIEW {quoted(name)} AS SELECT r.*, CASE v.overall WHEN 2 THEN true WHEN 0 THEN false END"  # noqa: S608 - keys are names
            f" AS {quoted(key)} FROM {quoted(relations[level])} r"
            f" LEFT JOIN {quoted(verdicts.table)} v ON v.id = r.id",
        )
        relations[level] = name

    def _only(self, verdicts: Verdicts, listed: str) -> Verdicts:
        """The verdicts of those that are judged at all."""
        if not listed:
            return verdicts
        name = f"{verdicts.table}_listed"
        self._engine.run(
            name,
            f"CREATE VIEW {quoted(name)} AS SELECT * FROM {quoted(verdicts.table)}"  # noqa: S608 - our own names
            f" WHERE id IN (SELECT id FROM {listed})",
        )
        return replace(verdicts, table=name)
