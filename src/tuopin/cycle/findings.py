"""The findings of an evaluation that have no matter, that came back, that are gone: one statement a question, whatever
their number. Households are looked for where they live today, areas where they lie today."""

# ruff: noqa: S608 - own texts; values travel as parameters
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from tuopin.duties.assigning import living
from tuopin.duties.kinds import role
from tuopin.register.selectors import area_ids_within, subtree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.register.models import AreaVersion
    from tuopin.standards.models import Evaluation

    from .order import Origin

_NOW = "{0}.valid_from <= %(on)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(on)s)"
_INSIDE = f"{_NOW.format('v')} AND v.path >= %(low)s AND v.path < %(high)s"
_PLACED = {
    "household": (
        f" JOIN register_residence r ON r.household_id = f.subject_id AND {_NOW.format('r')}"
        f" JOIN register_area_version v ON v.area_id = r.area_id AND {_INSIDE}"
    ),
    "person": (
        f" JOIN register_membership b ON b.person_id = f.subject_id AND {_NOW.format('b')}"
        f" JOIN register_residence r ON r.household_id = b.household_id AND {_NOW.format('r')}"
        f" JOIN register_area_version v ON v.area_id = r.area_id AND {_INSIDE}"
    ),
    "area": f" JOIN register_area_version v ON v.area_id = f.subject_id AND {_INSIDE}",
}
RUNNING = ("draft", "issued", "received", "working", "reported")
"""States in which a matter may be proposed to be verified and closed."""
_RUNNING = f"({', '.join(repr(each) for each in RUNNING)})"
_KEY = "s.origin = %(origin)s AND s.standard = %(standard)s"
_OF_MERGED = (
    "SELECT w.now_id, s.item FROM measures_household_now w"
    f" JOIN orders_matter_subject s ON s.household_id = w.household_id AND {_KEY}"
    " JOIN orders_matter m ON m.id = s.matter_id AND m.state <> 'withdrawn'"
)
"""What has a matter because a household had it that was merged since, by the one that goes on. It names nothing of a
finding, so that it is made once a statement. What somebody withdrew for the one, the other may still have."""


@dataclass(frozen=True, slots=True)
class Row:
    """A finding without a matter: its subject, where that lies today, the household's live helper, and the item.
    ``at``: by what findings are in order."""

    at: int
    subject_id: int
    area_id: int
    helper: int | None
    item: str


def level_of(run: Evaluation) -> str:
    """How a matter names subjects of an evaluation: household, person, or area."""
    return run.level if run.level in {"household", "person"} else "area"


class Findings:
    """Those of one evaluation and one origin in a place, as of a day."""

    def __init__(self, run: Evaluation, origin: Origin, place: AreaVersion, day: date) -> None:
        self.run, self.origin, self.level = run, origin, level_of(run)
        low, high = subtree(place)
        tomorrow = datetime.combine(run.day + timedelta(days=1), time(), timezone.get_current_timezone())
        self._values: dict[str, Any] = {
            "run": run.pk, "verdict": origin.verdict, "origin": origin.key, "standard": run.standard, "on": day,
            "low": low, "high": high, "role": "helper", "kind": run.level, "started": run.started_at, "until": tomorrow,
        }  # fmt: skip
        self._from = f" FROM standards_finding f{_PLACED[self.level]}"
        self._where = " WHERE f.evaluation_id = %(run)s AND f.item = %(item)s AND f.verdict = %(verdict)s" + (
            self._not_waived() if origin.kind == "quality" else ""
        )
        self._same = f"s.{self.level}_id = f.subject_id AND {_KEY} AND s.item = f.item"

    @staticmethod
    def _not_waived() -> str:
        """Without what somebody vouched for (``standards.waivers.in_force``)."""
        return (
            " AND NOT EXISTS (SELECT 1 FROM standards_finding_waiver w WHERE w.subject_id = f.subject_id"
            " AND w.standard = %(standard)s AND w.item = f.item AND w.level = %(kind)s AND w.ended_at IS NULL"
            " AND w.until >= %(on)s)"
        )

    def without_matter(self, item: str, after: int, most: int) -> list[Row]:
        """The next findings of an item behind a subject, in the order of subjects."""
        helper, beside = "NULL", ""
        if self.level != "area":
            helper = "a.official_id"
            live = living.condition(role("helper"))
            beside = f" LEFT JOIN duties_assignment a ON a.household_id = r.household_id AND {live}"
        found = self._query(
            f"SELECT f.subject_id, f.subject_id, v.area_id, {helper}, f.item{self._from}{beside}{self._where}"
            f" AND f.subject_id > %(after)s AND NOT EXISTS (SELECT 1 FROM orders_matter_subject s WHERE {self._same})"
            f"{self._not_of_merged()} ORDER BY f.subject_id LIMIT %(most)s",
            item, after=after, most=most,
        )  # fmt: skip
        return [Row(*each) for each in found]

    def counting(self, mark: str) -> tuple[str, dict[str, Any]]:
        """The statement that counts by item, and its values: ``mark``, the item, how many findings it has, and how many
        of them have no matter."""
        there = f"EXISTS (SELECT 1 FROM orders_matter_subject s WHERE {self._same})"
        if self.level == "household":
            there += f" OR (f.subject_id, f.item) IN ({_OF_MERGED})"
        where = self._where.replace(" AND f.item = %(item)s", "")
        sql = (
            f"SELECT '{mark}', f.item, count(*), sum(CASE WHEN {there} THEN 0 ELSE 1 END){self._from}{where}"
            " GROUP BY f.item"
        )
        return sql.replace("%(", f"%({mark}_"), {f"{mark}_{key}": value for key, value in self._values.items()}

    def areas(self) -> QuerySet[AreaVersion, int]:
        """The areas of the place."""
        return area_ids_within([(self._values["low"], self._values["high"])])

    def came_back(self, item: str) -> list[int]:
        """Matters that were closed, and whose finding an evaluation of after that has again."""
        found = self._query(
            f"SELECT m.id{self._from} JOIN orders_matter_subject s ON {self._same}"
            " JOIN orders_matter m ON m.id = s.matter_id AND m.state IN ('closed', 'final')"
            f" AND m.closed_at < %(started)s AND m.closed_at < %(until)s{self._where}{self._or_of_merged()}",
            item,
        )
        return sorted({number for (number,) in found})

    def _not_of_merged(self) -> str:
        """Without what is the problem of a household that was merged into this one: it is the same."""
        if self.level != "household":
            return ""
        return f" AND f.subject_id NOT IN (SELECT o.now_id FROM ({_OF_MERGED}) o WHERE o.item = %(item)s)"

    def _or_of_merged(self) -> str:
        """Also the newest closed matter of the households that were merged into the one that has it again, where none
        of theirs still runs and it has none of its own."""
        if self.level != "household":
            return ""
        return (
            f" UNION SELECT max(m.id){self._from} JOIN measures_household_now w ON w.now_id = f.subject_id"
            f" JOIN orders_matter_subject s ON s.household_id = w.household_id AND {_KEY} AND s.item = %(item)s"
            f" JOIN orders_matter m ON m.id = s.matter_id AND m.state <> 'withdrawn'{self._where}"
            f" AND NOT EXISTS (SELECT 1 FROM orders_matter_subject s WHERE {self._same}) GROUP BY f.subject_id"
            " HAVING sum(CASE WHEN m.state IN ('closed', 'final') THEN 0 ELSE 1 END) = 0"
            " AND max(m.closed_at) < %(started)s AND max(m.closed_at) < %(until)s"
        )

    def gone(self, item: str, letters: str) -> list[int]:
        """Matters opened for this before the evaluation, whose subject it judges otherwise now: one of ``letters``, and
        nothing else that it finds in them still stands."""
        position = 2 + self.run.items.index(item)
        marks = ", ".join(f"'{letter}'" for letter in letters)
        placed = _PLACED[self.level].replace("f.subject_id", "d.subject_id")
        stands = (
            f" AND NOT EXISTS (SELECT 1 FROM orders_matter_subject o JOIN standards_finding f"
            f" ON f.evaluation_id = %(run)s AND f.item = o.item AND f.subject_id = o.{self.level}_id"
            " AND f.verdict = %(verdict)s WHERE o.matter_id = s.matter_id AND o.standard = %(standard)s"
            " AND o.origin = %(origin)s)"
        )
        if self.level == "household":
            stands += (
                " AND s.matter_id NOT IN (SELECT s.matter_id FROM measures_household_now w"
                f" JOIN orders_matter_subject s ON s.household_id = w.household_id AND {_KEY}"
                " JOIN standards_finding f ON f.evaluation_id = %(run)s AND f.item = s.item"
                " AND f.subject_id = w.now_id AND f.verdict = %(verdict)s)"
            )
        subjects = {f"s.{self.level}_id": ""}
        if self.level == "household":  # what the household that goes on is found to have no more, the merged have not
            subjects["w.now_id"] = " JOIN measures_household_now w ON w.household_id = s.household_id"
        found = self._query(
            " UNION ".join(
                f"SELECT m.id FROM orders_matter_subject s{beside}"
                f" JOIN orders_matter m ON m.id = s.matter_id AND m.state IN {_RUNNING} AND m.opened_at < %(started)s"
                f" JOIN standards_verdict d ON d.evaluation_id = %(run)s AND d.subject_id = {subject}"
                f" AND substr(d.letters, {position}, 1) IN ({marks}){placed}"
                f" WHERE {_KEY} AND s.item = %(item)s{stands}"
                for subject, beside in subjects.items()
            ),
            item,
        )
        return sorted({number for (number,) in found})

    def _query(self, sql: str, item: str, **more: int) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self._values | {"item": item} | more)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows


def counts_of(every: Sequence[Findings]) -> list[dict[str, tuple[int, int]]]:
    """Of each by item: how many findings it has, and how many of them have no matter. One statement."""
    found: list[dict[str, tuple[int, int]]] = [{} for _each in every]
    parts = [each.counting(f"n{at}") for at, each in enumerate(every)]
    if not parts:
        return found
    with connection.cursor() as cursor:
        values = {key: value for _sql, some in parts for key, value in some.items()}
        cursor.execute(" UNION ALL ".join(sql for sql, _values in parts), values)
        for mark, item, found_now, fresh in cursor.fetchall():
            found[int(mark[1:])][str(item)] = (int(found_now), int(fresh))
    return found
