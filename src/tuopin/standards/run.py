"""One evaluation of a register in the set engine: load, judge, and hand rows to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tuopin.core.engine import Engine
from tuopin.core.standards.pipeline import evaluate
from tuopin.core.standards.verdicts import VERDICTS
from tuopin.platform.database import bulk_insert
from tuopin.platform.home import home
from tuopin.standards.area_figures import add_up
from tuopin.standards.loading import RegisterLoader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tuopin.core.standards import Prepared
    from tuopin.core.standards.pipeline import Verdicts
    from tuopin.core.standards.verdicts import Verdict
    from tuopin.standards.places import Place
    from tuopin.standards.statements import Choice

    Progress = Callable[[str, int], None]

_CODES = {"not_met": 0, "unknown": 1, "met": 2, "not_applicable": 3}


class Run:
    """Judges a choice of subjects. Use as a context manager: the engine's memory goes with it."""

    def __init__(self, prepared: Prepared, choice: Choice, progress: Progress | None = None) -> None:
        self._prepared, self._choice, self._progress = prepared, choice, progress
        self._engine = Engine(spill=home() / "staging")
        self._verdicts: Verdicts | None = None
        self._figures: list[tuple[int, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    @property
    def _area(self) -> str:
        """Where a subject is counted: an area as itself, a household in its village."""
        return "id" if self._choice.level == self._prepared.standard.level else "parent_id"

    def judge(self, place: Place) -> None:
        """Load what the standard needs and judge it; the verdicts and what they add up to stay in the engine."""
        relations = RegisterLoader(self._prepared, self._choice, self._engine, self._progress).load()
        self._verdicts = evaluate(self._prepared, self._engine, relations, "verdicts")
        if self._progress is not None:
            self._progress("verdicts", int(self._engine.one("SELECT count(*) FROM verdicts")[0]))
        self._figures = add_up(self._prepared, self._verdicts, self._engine, place, self._area)

    @property
    def verdicts(self) -> Verdicts:
        if self._verdicts is None:
            raise RuntimeError("judge() comes first")
        return self._verdicts

    def tally(self) -> dict[str, dict[str, int]]:
        """How many subjects have which verdict, by item; verdicts that nobody has are left out."""
        found: dict[str, dict[str, int]] = {}
        for key in ("overall", *self.verdicts.keys):
            rows = self._engine.rows(f'SELECT "{key}", count(*) FROM verdicts GROUP BY ALL')  # noqa: S608 - keys are names
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
            ((evaluation_id, area_id, counts) for area_id, counts in self._figures),
        )

    def _rows(self, evaluation_id: int) -> Iterator[tuple[object, ...]]:
        columns = f"{int(evaluation_id)}, id, {self._area}, {self.verdicts.letters()}, {self.verdicts.texts()}"
        return self._engine.stream(f"SELECT {columns} FROM verdicts ORDER BY id")  # noqa: S608 - keys are names

    def _findings(self, evaluation_id: int) -> Iterator[tuple[object, ...]]:
        """What is looked for; of conditions what is unknown too. An item that is unknown of everybody is nobody's."""
        kind = self._prepared.kind
        looked_for: tuple[Verdict, ...] = (kind.points_at,) if kind.true_points else ("not_met", "unknown")
        for key in sorted(item.key for item in self._prepared.items if not item.is_open):
            for verdict in looked_for:
                columns = f"{int(evaluation_id)}, '{key}', '{verdict}', id, {self._area}"
                yield from self._engine.stream(
                    f'SELECT {columns} FROM verdicts WHERE "{key}" = {_CODES[verdict]} ORDER BY id'  # noqa: S608 - keys are names
                )

    def _tallies(self, evaluation_id: int) -> Iterator[tuple[object, ...]]:
        for key in ("overall", *self.verdicts.keys):
            counts = ", ".join(
                f'count(*) FILTER (WHERE "{key}" = {_CODES[verdict]})'
                for verdict in ("met", "not_met", "unknown", "not_applicable")
            )
            yield from self._engine.stream(
                f"SELECT {int(evaluation_id)}, {self._area}, '{key}', {counts} FROM verdicts GROUP BY {self._area}"  # noqa: S608 - keys are names
            )
