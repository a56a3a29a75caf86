"""Two sides judged in one set engine and laid side by side. Nothing is written to the database."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Self

from tuopin.core.engine import Engine
from tuopin.core.poverty import equal_weights, from_tallies, measures, statements
from tuopin.core.standards.pipeline import LETTERS, evaluate
from tuopin.platform.access import subtree
from tuopin.platform.database import arrow
from tuopin.platform.home import home
from tuopin.platform.problems import Problem
from tuopin.register.areas import ids
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards.comparing.sides import PERSONS, line_of, line_value
from tuopin.standards.loading import RegisterLoader
from tuopin.standards.models import Evaluation
from tuopin.standards.places import choice, place_of
from tuopin.standards.sealed.opening import own
from tuopin.standards.sealed.services import run_of, today
from tuopin.standards.sealed.sources import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tuopin.core.poverty import AlkireFoster, Measures
    from tuopin.core.standards import Prepared
    from tuopin.standards.comparing.sides import Line, Side
    from tuopin.standards.places import Place

    Progress = Callable[[str, int], None]

OVERALL = "overall"
ABSENT = "x"
"""The letter of a subject that was not judged on that side: not there on that day."""
CUTOFF = Fraction(1, 3)
"""Poor in several things at once is who lacks a third of the weights, as the global index has it."""


@dataclass(frozen=True, slots=True)
class Income:
    """The measures by income of one side."""

    line: Line
    value: Fraction
    measures: Measures
    gini: Fraction | None


class Judged:
    """Side A and side B of an area, in an engine that goes with the context manager.

    Raises Problem if the two are of different levels: a household cannot be compared with a village.
    """

    def __init__(
        self, area: str | None, a: tuple[Side, Prepared], b: tuple[Side, Prepared], progress: Progress | None = None
    ) -> None:
        (self.side_a, self.a), (self.side_b, self.b) = a, b
        if self.a.standard.level != self.b.standard.level:
            raise Problem(
                "levels_differ",
                "两个标准判定的不是同一级（户、村、县），不能比较。",
                "The two standards judge different levels (household, village, county) and cannot be compared.",
            )
        numbers = {side.run for side in (self.side_a, self.side_b) if side.run}
        self.stored = Evaluation.objects.defer("tally").in_bulk(numbers)
        self._area = area
        self.place_a, self.place_b = place_of(area, self.a.day), place_of(area, self.b.day)
        self._progress = progress
        self.engine = Engine(spill=home() / "staging")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.close()

    @property
    def level(self) -> str:
        return self.b.standard.level

    @property
    def items(self) -> tuple[str, ...]:
        """The keys of the items that both sides have."""
        theirs = set(self._keys(self.side_b, self.b))
        return tuple(key for key in self._keys(self.side_a, self.a) if key in theirs)

    def _keys(self, side: Side, found: Prepared) -> list[str]:
        """The items of a side that its verdicts hold: a stored evaluation may be of an older text of the pack."""
        keys = [item.key for item in found.items]
        kept = self.stored[side.run].items if side.run else keys
        return [key for key in keys if key in kept]

    @property
    def _letters(self) -> tuple[str, ...]:
        return (OVERALL, *self.items)

    def judge(self) -> None:
        """Judge both and join them: table ``pairs`` (id, area_id, letters a and b by key)."""
        relations: dict[str, str] = {}
        for which, side, found, place in (
            ("a", self.side_a, self.a, self.place_a), ("b", self.side_b, self.b, self.place_b),
        ):  # fmt: skip
            if side.run:
                self._take(which, side)
                continue
            if side.seal:
                self._from_seal(which, side, found)
                continue
            if not relations or not self._same_data():
                for name in relations.values():
                    self.engine.run(f"drop {name}", f'DROP TABLE "{name}"')
                relations = self._load(found, place)
            evaluate(found, self.engine, relations, f"verdicts_{which}")
        self._join()

    def _from_seal(self, which: str, side: Side, found: Prepared) -> None:
        """The verdicts by what was known when the seal was made: judged in an engine of its own, where the seal's files
        stand under the names of tables. Ids are the register's, so that subjects are found again."""
        with run_of([Part(own(side.seal))], side.day, self._progress) as run:
            run.judge(found, run.tree.place(self._area, today(self._area)))
            self.engine.load(f"verdicts_{which}", run.engine.arrow("SELECT * FROM verdicts"), "*")

    def _take(self, which: str, side: Side) -> None:
        """The verdicts of a stored evaluation as a table like those of a judgement, without values: these are kept
        rounded. Those outside the place are left out when both sides are joined."""
        run = self.stored[side.run]
        codes = ", ".join(
            f"CAST(strpos('{LETTERS}', letters[{at}]) - 1 AS UTINYINT) AS \"{key}\""
            for at, key in enumerate((OVERALL, *run.items), start=1)
        )
        self.engine.load(
            f"verdicts_{which}",
            arrow(
                "SELECT subject_id AS id, area_id AS parent_id, letters FROM standards_verdict"  # noqa: S608 - a number
                f" WHERE evaluation_id = {int(run.pk)}"
            ),
            f"id, parent_id, {codes}",
        )

    def _same_data(self) -> bool:
        """Whether B reads what A read: the same rules over the same day, with other limits at most."""
        a, b = self.side_a, self.side_b
        return not a.seal and (a.pack, a.standard, a.day) == (b.pack, b.standard, b.day)

    def _load(self, side: Prepared, place: Place) -> dict[str, str]:
        asked = choice(place, side.standard.level, side.day)
        return RegisterLoader(side, asked, self.engine, self._progress).load()

    def area_of(self, level_of_choice: str) -> str:
        """The column with the lowest area of a subject: its own id where it is an area itself."""
        return "id" if level_of_choice == self.level else "parent_id"

    def _join(self) -> None:
        area = self.area_of(choice(self.place_b, self.level, self.b.day).level)
        columns = []
        for key in self._letters:
            for side in ("a", "b"):
                letter = f"'{LETTERS}'[{side}.\"{key}\" + 1]"
                columns.append(f"coalesce({letter}, '{ABSENT}') AS \"{side}:{key}\"")
        self.engine.run(
            "pairs",
            f"CREATE TABLE pairs AS SELECT coalesce(b.id, a.id) AS id, coalesce(b.{area}, a.{area}) AS area_id,"  # noqa: S608 - keys are names
            f" {', '.join(columns)} FROM verdicts_a a FULL JOIN verdicts_b b ON b.id = a.id",
        )
        self.engine.run("areas", "CREATE TABLE areas (area_id BIGINT, path VARCHAR)")
        self._load_areas()

    def _load_areas(self) -> None:
        import pyarrow as pa

        rows: dict[int, str] = {}
        for day, place in ((self.a.day, self.place_a), (self.b.day, self.place_b)):  # B's tree wins
            areas = AreaVersion.objects.filter(on_day(day))
            if place.path:
                low, high = subtree(place.path)
                areas = areas.filter(path__gte=low, path__lt=high)
            rows |= dict(areas.values_list("area_id", "path"))
        table = pa.table({"area_id": pa.array(rows.keys(), pa.int64()), "path": pa.array(rows.values(), pa.string())})
        self.engine.load("areas", table.to_reader())

    # -- what came of it ----------------------------------------------------------------------------------------------

    def matrices(self) -> Iterator[tuple[str, str, str, str, int]]:
        """(path, item, from, to, number) for every area of the place, whatever its level; ``overall`` included."""
        depth = len(ids(self.place_b.path)) if self.place_b.path else 1
        for key in self._letters:
            yield from self.engine.rows(
                "WITH lowest AS (SELECT path, "  # noqa: S608 - keys are names
                f'"a:{key}" AS was, "b:{key}" AS becomes, count(*) AS n FROM pairs'
                " JOIN areas USING (area_id) GROUP BY ALL)"
                f" SELECT path[1:8 * step] AS above, '{key}', was, becomes, sum(n) FROM lowest"
                f" JOIN (SELECT unnest(range({depth}, 20)) AS step) ON 8 * step <= length(path) GROUP BY ALL"
            )

    def changed(self) -> Iterator[tuple[int, str, str, str]]:
        """(id, path, letters of A, letters of B) of everybody of whom anything changes, by path."""
        word = {side: " || ".join(f'"{side}:{key}"' for key in self._letters) for side in ("a", "b")}
        return self.engine.stream(
            f"SELECT id, path, {word['a']} AS was, {word['b']} AS becomes FROM pairs JOIN areas USING (area_id)"  # noqa: S608 - keys are names
            " WHERE was <> becomes ORDER BY path, id"
        )

    def incomes(self, which: str) -> Income | None:
        """The measures by income of side ``a`` or ``b``, of those whom its standard concerns; None without a line."""
        side, found = (self.side_a, self.a) if which == "a" else (self.side_b, self.b)
        line = line_of(found)
        if line is None or side.run:
            return None
        columns = statements.Columns(
            f"(SELECT * FROM verdicts_{which} WHERE overall <> 3)",  # noqa: S608 - our own names
            f'"{line.fact}:n"', f'"{line.fact}:d"',
            f'("{PERSONS}:n" // "{PERSONS}:d")',
        )  # fmt: skip
        value = line_value(found, line)
        sums = statements.sums(self.engine, columns, value, line.poor_when)
        return Income(line, value, measures(sums), statements.gini(self.engine, columns))

    def several(self, which: str, cutoff: Fraction = CUTOFF) -> AlkireFoster | None:
        """Alkire and Foster's measures of a side over its items, groups of items weighing alike, by area one level
        below the place; None for other levels than households and for a sole item."""
        side, found = (self.side_a, self.a) if which == "a" else (self.side_b, self.b)
        if side.run or self.level != "household" or len(found.items) < 2:
            return None
        indicators = equal_weights([(item.key, item.item.group or item.key) for item in found.items])
        lacking = [f'CASE "{item.key}" WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END' for item in found.items]
        below = len(ids(self.place_b.path)) + 1 if self.place_b.path else 2
        relation = (
            f"(SELECT v.*, path FROM verdicts_{which} v"  # noqa: S608 - our own names
            " JOIN areas ON areas.area_id = v.parent_id WHERE overall <> 3)"
        )
        tallies = statements.tallies(
            self.engine, relation, lacking, f'"{PERSONS}:n" // "{PERSONS}:d"', indicators, cutoff,
            group=f"path[1:{8 * below}]",
        )  # fmt: skip
        return from_tallies(tallies, indicators)
