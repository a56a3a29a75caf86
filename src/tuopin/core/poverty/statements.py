"""The same measures in the set engine: statements over a relation, and what their rows mean.

A relation has whole-number columns for numerator, denominator and persons of the income per head; NULL is unknown. Sums
are of 128 bits: what would not fit is an error of the engine, never a wrong number.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm
from typing import TYPE_CHECKING

from tuopin.core.poverty.incomes import Part, Sums, check_line
from tuopin.core.poverty.inequality import from_sums
from tuopin.core.poverty.multidimensional import Tally, check_cutoff, whole_weights

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from fractions import Fraction

    from tuopin.core.engine import Engine
    from tuopin.core.poverty.incomes import PoorWhen
    from tuopin.core.poverty.multidimensional import Indicator


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a relation keeps incomes: SQL expressions. The caller answers for what they say."""

    relation: str
    numerator: str
    denominator: str
    persons: str

    @property
    def known(self) -> str:
        """A sub-query of the rows ``n``, ``d``, ``w`` whose income and persons are known."""
        return (
            f"(SELECT ({self.numerator})::HUGEINT AS n, ({self.denominator})::HUGEINT AS d,"  # noqa: S608 - our own names
            f" ({self.persons})::HUGEINT AS w FROM {self.relation}"
            f" WHERE ({self.numerator}) IS NOT NULL AND ({self.persons}) IS NOT NULL)"
        )


def sums(engine: Engine, columns: Columns, line: Fraction, poor_when: PoorWhen) -> Sums:
    """What :func:`tuopin.core.poverty.sums` gives for the rows of the relation. Raises ValueError for a bad line."""
    check_line(line)
    unknown_households, unknown_persons, uncounted = engine.one(
        f"SELECT count(*) FILTER (WHERE {columns.numerator} IS NULL AND {columns.persons} IS NOT NULL),"  # noqa: S608 - our own names
        f" coalesce(sum(({columns.persons})::HUGEINT) FILTER (WHERE {columns.numerator} IS NULL), 0),"
        f" count(*) FILTER (WHERE {columns.persons} IS NULL) FROM {columns.relation}"
    )
    households, persons = engine.one(f"SELECT count(*), coalesce(sum(w), 0) FROM {columns.known}")  # noqa: S608 - our own names
    sign = "<" if poor_when == "below" else "<="
    p, q = line.numerator, line.denominator
    rows = engine.rows(
        "SELECT d, count(*), sum(w), sum(w * n), sum(w * greatest(n, 0)), sum(w * greatest(n, 0) * greatest(n, 0)),"  # noqa: S608 - our own names
        f" coalesce(sum(CASE WHEN n > 0 THEN w * ln({p}::DOUBLE * d / ({q}::DOUBLE * n)) END), 0),"
        f" count(*) FILTER (WHERE n <= 0), count(*) FILTER (WHERE n < 0)"
        f" FROM {columns.known} WHERE n * {q} {sign} {p} * d GROUP BY d"
    )
    return Sums(
        line, int(households), int(persons), int(unknown_households), int(unknown_persons), int(uncounted),
        {int(d): Part(*(int(each) for each in part)) for d, *part, _logs, _without, _negative in rows},
        sum(float(row[6]) for row in rows), sum(int(row[7]) for row in rows), sum(int(row[8]) for row in rows),
    )  # fmt: skip


def gini(engine: Engine, columns: Columns) -> Fraction | None:
    """What :func:`tuopin.core.poverty.gini` gives for the rows of the relation."""
    denominators = [int(row[0]) for row in engine.rows(f"SELECT DISTINCT d FROM {columns.known} WHERE w > 0")]  # noqa: S608 - our own names
    if not denominators:
        return None
    scale = lcm(*denominators)
    differences, total, persons = engine.one(
        "SELECT coalesce(sum(w * y * (2 * upto - w - everybody)), 0), coalesce(sum(w * y), 0), coalesce(sum(w), 0)"  # noqa: S608 - our own names
        " FROM (SELECT w, y, sum(w) OVER (ORDER BY y ROWS UNBOUNDED PRECEDING) AS upto, sum(w) OVER () AS everybody"
        f" FROM (SELECT w, n * ({scale} // d) AS y FROM {columns.known} WHERE w > 0))"
    )
    return from_sums(int(differences), int(total), int(persons))


def tallies(
    engine: Engine,
    relation: str,
    lacking: Sequence[str],
    persons: str,
    indicators: Sequence[Indicator],
    cutoff: Fraction,
    group: str = "NULL",
) -> dict[Hashable, Tally]:
    """What :func:`tuopin.core.poverty.from_tallies` takes. ``lacking``: for each indicator a condition, NULL = unknown.

    Raises ValueError for weights or a cut-off that are none.
    """
    weights, whole = whole_weights(indicators)
    check_cutoff(cutoff)
    if len(lacking) != len(weights):
        raise ValueError("every indicator needs a condition")
    worlds = [[f"coalesce(l{at}, {word})" for at in range(len(lacking))] for word in ("false", "true")]
    scores = [
        " + ".join(f"CASE WHEN {each} THEN {weight} ELSE 0 END" for each, weight in zip(world, weights, strict=True))
        for world in worlds
    ]
    poor = [f"(({score}) * {cutoff.denominator} >= {cutoff.numerator * whole})" for score in scores]
    named = ", ".join(f"({each}) AS l{at}" for at, each in enumerate(lacking))
    doubtful = " OR ".join(f"l{at} IS NULL" for at in range(len(lacking)))
    sums = [
        "count(*) FILTER (WHERE w IS NOT NULL)",
        "coalesce(sum(w), 0)",
        f"count(*) FILTER (WHERE w IS NOT NULL AND ({doubtful}))",
        "count(*) FILTER (WHERE w IS NULL)",
        *(f"count(*) FILTER (WHERE w IS NOT NULL AND {each})" for each in poor),
        *(f"coalesce(sum(w) FILTER (WHERE {each}), 0)" for each in poor),
        *(
            f"coalesce(sum(w) FILTER (WHERE {each} AND {lack}), 0)"
            for each, world in zip(poor, worlds, strict=True)
            for lack in world
        ),
    ]
    rows = engine.rows(
        f"SELECT g, {', '.join(sums)} FROM (SELECT ({group}) AS g, ({persons})::HUGEINT AS w, {named} FROM {relation})"  # noqa: S608 - our own names
        " GROUP BY g"
    )
    return {row[0]: _tally([int(each) for each in row[1:]], len(weights)) for row in rows}


def _tally(numbers: list[int], width: int) -> Tally:
    households, persons, doubtful, uncounted, h0, h1, p0, p1, *lacking = numbers
    return Tally(
        households, persons, doubtful, uncounted, (h0, h1), (p0, p1),
        (tuple(lacking[:width]), tuple(lacking[width:])),
    )  # fmt: skip
