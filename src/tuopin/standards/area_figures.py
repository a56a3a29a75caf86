"""What an evaluation says of every area at every level, added up once when it is made: a page about a city reads one
row, not a million. Tallies by item, how incomes lie around the poverty line, and the persons behind the incidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from tuopin.platform.access import subtree
from tuopin.register.areas import ids
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping

    from tuopin.core.engine import Engine
    from tuopin.core.standards import Prepared
    from tuopin.core.standards.pipeline import Verdicts
    from tuopin.standards.models import Evaluation
    from tuopin.standards.places import Place

CODES = {"met": 2, "not_met": 0, "unknown": 1, "not_applicable": 3}  # in the order in which counts stand
INCOME, LINE = "income_per_head", "poverty_line"
"""A standard that shows the one and has the other as a parameter gets a spread of incomes around the line."""
POPULATION, UNEXITED = "population", "unexited_persons"

PARTS, TIMES = 4, 4
BINS = PARTS * TIMES
"""Ranges of a quarter of the line each, up to four times the line. Before them stands what is below nothing, behind
them what is above all ranges, last the unknown: ``BINS + 3`` numbers."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One area in one evaluation. ``tally``: item → met, not met, unknown, not applicable; ``spread`` as ``BINS`` says
    (subjects to whom the standard applies), ``line`` in hundredths of its unit; ``persons``: not exited, population,
    villages, villages of which one of the two is unknown; ``incidence``:
    see ``incidence_sums``. What the standard does not have is None."""

    tally: Mapping[str, tuple[int, int, int, int]]
    spread: tuple[int, ...] | None = None
    line: int | None = None
    persons: tuple[int, int, int, int] | None = None
    incidence: Mapping[str, Any] | None = None


def read(row: Mapping[str, object]) -> Figures:
    """Figures as they are stored."""
    tally, spread, line, persons, incidence = (
        row.get(name) for name in ("tally", "spread", "line", "persons", "incidence")
    )
    return Figures(
        {key: tuple(counts) for key, counts in tally.items()} if isinstance(tally, dict) else {},
        tuple(spread) if isinstance(spread, list) else None,
        line if isinstance(line, int) else None,
        tuple(persons) if isinstance(persons, list) else None,
        incidence if isinstance(incidence, dict) else None,
    )


def of_areas(run: Evaluation, area_ids: list[int]) -> dict[int, Figures]:
    """The figures of some areas, in one query; an area without subjects, and an evaluation made before figures were
    kept, has none."""
    from tuopin.standards.models import AreaFigures

    found = AreaFigures.objects.filter(evaluation=run, area_id__in=area_ids).values_list("area_id", "counts")
    return {area_id: read(counts) for area_id, counts in found}


def add_up(
    prepared: Prepared, verdicts: Verdicts, engine: Engine, counted_in: str, incidence: Mapping[int, object]
) -> list[Row]:
    """Rows (area, figures as JSON) for every area of the place that holds subjects, with its ``incidence``
    (``incidence_sums``) if it is there.

    ``counted_in`` is the column of the verdicts with the lowest area; table ``above`` (:func:`load_above`) is there.
    """
    return list(_Sum(prepared, verdicts, engine, counted_in, incidence).rows())


def load_above(engine: Engine, place: Place, day: datetime.date) -> None:
    """Table ``above``: every area with itself and each area above it inside the place."""
    import pyarrow as pa

    depth = max(len(ids(place.path)) - 1, 0)
    areas = AreaVersion.objects.filter(on_day(day))
    if place.path:
        low, high = subtree(place.path)
        areas = areas.filter(path__gte=low, path__lt=high)
    lowest, above = [], []
    for path in areas.values_list("path", flat=True):
        chain = ids(path)
        lowest += [chain[-1]] * (len(chain) - depth)
        above += chain[depth:]
    table = pa.table({"lowest_id": pa.array(lowest, pa.int64()), "area_id": pa.array(above, pa.int64())})
    engine.load("above", table.to_reader())


type Row = tuple[int, str]


class _Sum:
    def __init__(
        self, prepared: Prepared, verdicts: Verdicts, engine: Engine, counted_in: str, incidence: Mapping[int, object]
    ) -> None:
        self.engine, self.counted_in, self.incidence, self.table = engine, counted_in, incidence, verdicts.table
        self.keys = ("overall", *verdicts.keys)
        names = {shown.name for shown in verdicts.shown}
        line = prepared.values.get(LINE) if INCOME in names else None
        self.line = line.value if line is not None else None
        self.with_persons = prepared.standard.level == "village" and {POPULATION, UNEXITED} <= names

    def rows(self) -> Iterator[Row]:
        columns = [*self._tallies(), *self._spread(), *self._persons()]
        listed = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate(columns))
        self.engine.run(
            "figures by area",
            f"CREATE OR REPLACE TABLE per_area AS SELECT {self.counted_in} AS area_id, {listed}"  # noqa: S608 - our own columns
            f' FROM "{self.table}" GROUP BY {self.counted_in}',
        )
        sums = ", ".join(f"sum(c{at})" for at in range(len(columns)))
        for area_id, *numbers in self.engine.stream(
            f"SELECT above.area_id, {sums} FROM per_area JOIN above ON above.lowest_id = per_area.area_id GROUP BY ALL"  # noqa: S608 - our own columns
        ):
            document = self._document([int(number) for number in numbers])
            if int(area_id) in self.incidence:
                document["incidence"] = self.incidence[int(area_id)]
            yield int(area_id), orjson.dumps(document).decode()

    def _document(self, numbers: list[int]) -> dict[str, object]:
        width = len(CODES)
        document: dict[str, object] = {
            "tally": {key: numbers[at * width : (at + 1) * width] for at, key in enumerate(self.keys)}
        }
        rest = numbers[len(self.keys) * width :]
        if self.line is not None:
            document |= {"line": self.line, "spread": rest[: BINS + 3]}
            rest = rest[BINS + 3 :]
        if self.with_persons:
            document["persons"] = rest
        return document

    def _tallies(self) -> list[str]:
        return [f'count(*) FILTER (WHERE "{key}" = {code})' for key in self.keys for code in CODES.values()]

    def _spread(self) -> list[str]:
        """Which range an income is in follows from whole numbers: nobody at the line falls on the wrong side."""
        if self.line is None:
            return []
        numerator, denominator = f'"{INCOME}:n"::HUGEINT', f'"{INCOME}:d"::HUGEINT'
        scaled = f"{numerator} * {100 * PARTS}"
        applies = '"overall" <> 3'
        below = f"count(*) FILTER (WHERE {applies} AND {numerator} < 0)"
        ranges = [
            f"count(*) FILTER (WHERE {applies} AND {numerator} >= 0 AND {scaled} >= {at} * {self.line} * {denominator}"
            f" AND {scaled} < {at + 1} * {self.line} * {denominator})"
            for at in range(BINS)
        ]
        above = f"count(*) FILTER (WHERE {applies} AND {scaled} >= {BINS} * {self.line} * {denominator})"
        unknown = f'count(*) FILTER (WHERE {applies} AND "{INCOME}:n" IS NULL)'
        return [below, *ranges, above, unknown]

    def _persons(self) -> list[str]:
        if not self.with_persons:
            return []
        known = f'"{POPULATION}:n" IS NOT NULL AND "{UNEXITED}:n" IS NOT NULL'
        values = [f'"{name}:n"::HUGEINT // "{name}:d"' for name in (UNEXITED, POPULATION)]
        sums = [f"coalesce(sum(CASE WHEN {known} THEN {value} END), 0)" for value in values]
        return [*sums, "count(*)", f"count(*) FILTER (WHERE NOT ({known}))"]
