"""The areas of seals as they stood on a day: in the set engine, since a nation has a million of them.

Table ``sealed_tree`` (area_id, parent_id, code, name, level, path, part). Paths of the n-th of several instances begin
with n, as if it were one area more above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.catalogue import catalogue
from tuopin.platform.problems import Missing, Problem
from tuopin.standards.places import AREA_LEVELS, Place
from tuopin.standards.sealed.sources import SHIFT
from tuopin.standards.statements import Choice, literal, quoted

if TYPE_CHECKING:
    import datetime

    from tuopin.standards.sealed.sources import SealSource

TABLE = "sealed_tree"


class Tree:
    """The areas of a source's seals on ``day``."""

    def __init__(self, source: SealSource, day: datetime.date) -> None:
        self._source, self._engine, self._day = source, source.engine, day
        on = literal(day.isoformat())
        part = f"area_id // {SHIFT}"
        select = (
            f"area_id, parent_id, code, name, level, {part} AS part,"
            f" CASE WHEN {part} > 0 THEN lpad(CAST({part} AS VARCHAR), 8, '0') || path ELSE path END AS path"
        )
        rows = (
            f'SELECT * FROM "register_area_version" WHERE valid_from <= {on} AND (valid_to IS NULL OR valid_to > {on})'  # noqa: S608 - a date
        )
        source.load(self._engine, TABLE, rows, select)
        twice = "count(*) - count(DISTINCT path), count(*) - count(DISTINCT area_id)"
        if any(self._engine.one(f"SELECT {twice} FROM {TABLE}")):  # noqa: S608 - constants
            raise Problem(
                "seal_tree_broken",
                f"封存里 {day} 的区划不成树（同一区划或路径出现两次），不予核查。",
                f"The areas of the seal on {day} are no tree (an area or a path stands there twice): not judged.",
            )

    def place(self, code: str | None, known: int | None = None) -> Place:
        """The area with this code on the day; None = all of it. ``known``: the area that has the code today, which had
        perhaps another one then. Raises Missing."""
        if code is None:
            return Place(None, "")
        rows = self._engine.rows(
            f"SELECT area_id, path FROM {TABLE} WHERE area_id = ? OR code = ? ORDER BY area_id = ? DESC",  # noqa: S608 - a constant
            [-1 if known is None else known, code, -1 if known is None else known],
        )
        if not rows or (len(rows) > 1 and int(rows[0][0]) != known):
            raise Missing(
                "no_such_area",
                f"封存里 {self._day} 没有区划 {code}。",
                f"In the seal there is no area {code} on {self._day}.",
                area=code,
            )
        return Place(int(rows[0][0]), str(rows[0][1]))

    def place_of_id(self, area_id: int | None) -> Place:
        """The area with this permanent id on the day; None = all of it. Raises Missing."""
        if area_id is None:
            return Place(None, "")
        return self.place("", area_id)

    def choice(self, place: Place, level: str) -> Choice:
        """As ``places.choice``: the subjects of a level inside the place."""
        at = level if level in AREA_LEVELS else "village"
        if not place.path:
            return Choice(at)
        rows = self._engine.rows(
            f"SELECT area_id FROM {TABLE} WHERE level = ? AND starts_with(path, ?) ORDER BY area_id",  # noqa: S608 - a constant
            [at, place.path],
        )
        return Choice(at, tuple(int(area_id) for (area_id,) in rows))

    def counties(self, place: Place) -> dict[int, frozenset[str]] | None:
        """The counties whose files hold what lived in the place on the day, by part; None = all.

        A seal is divided by the counties of its own time: of each village that lay in the place on the day, the one
        that it lay in last."""
        if not place.path:
            return None
        last = "coalesce(valid_to, DATE '9999-12-31')"  # as the seal itself says where a household belongs
        rows = self._engine.rows(
            f"WITH newest AS (SELECT area_id, arg_max(path, {last}) AS path, arg_max(level, {last}) AS level,"  # noqa: S608 - constants
            f' arg_max(code, {last}) AS code FROM "register_area_version" GROUP BY area_id)'
            f" SELECT DISTINCT v.part, c.code FROM {TABLE} v JOIN newest n ON n.area_id = v.area_id"
            " JOIN newest c ON c.level = 'county' AND starts_with(n.path, c.path)"
            f" AND c.area_id // {SHIFT} = v.part WHERE v.level = 'village' AND starts_with(v.path, ?)",
            [place.path],
        )
        found: dict[int, set[str]] = {}
        for part, code in rows:
            found.setdefault(int(part), set()).add(str(code))
        return {part: frozenset(codes) for part, codes in found.items()}

    def bound(self, place: Place, default: str) -> str:
        """The pack of the nearest area with one, as it was known when it was sealed."""
        on = literal(self._day.isoformat())
        sql = (
            f'SELECT area_id, pack FROM "standards_pack_binding" WHERE valid_from <= {on}'  # noqa: S608 - a date
            f" AND (valid_to IS NULL OR valid_to > {on})"
        )
        bound = {int(row["area_id"]): str(row["pack"]) for row in self._source.rows(self._engine, sql)}
        path = place.path or self._common()
        above = [int(path[at : at + 8]) for at in range(0, len(path), 8)]
        return next((bound[area_id] for area_id in reversed(above) if area_id in bound), default)

    def common_codes(self) -> list[str]:
        """The codes of the smallest area that holds every village and of those above it, from there up."""
        rows = self._engine.rows(
            f"SELECT code FROM {TABLE} WHERE starts_with(?, path) ORDER BY path DESC",  # noqa: S608 - a constant
            [self._common()],
        )
        return [str(code) for (code,) in rows]

    def judged_codes(self, level: str) -> list[str]:
        """The codes of the areas that a standard of this level judges, or in which its subjects live on the day."""
        if level in AREA_LEVELS:
            rows = self._engine.rows(f"SELECT code FROM {TABLE} WHERE level = ? ORDER BY code", [level])  # noqa: S608 - a constant
            return [str(code) for (code,) in rows]
        link = catalogue().level("household").link
        if link is None:
            raise LookupError("households live nowhere")
        on = literal(self._day.isoformat())
        living = (
            f"SELECT DISTINCT {quoted(link.parent)} AS area_id FROM {quoted(link.table)}"  # noqa: S608 - quoted
            f" WHERE {quoted(link.valid_from)} <= {on}"
            f" AND ({quoted(link.valid_to)} IS NULL OR {quoted(link.valid_to)} > {on})"
        )
        areas = {int(row["area_id"]) for row in self._source.rows(self._engine, living) if row["area_id"] is not None}
        rows = self._engine.rows(f"SELECT area_id, code FROM {TABLE} ORDER BY code")  # noqa: S608 - a constant
        return [str(code) for area_id, code in rows if int(area_id) in areas]

    def _common(self) -> str:
        """The path of the smallest area that holds every village."""
        first, last = self._engine.one(f"SELECT min(path), max(path) FROM {TABLE} WHERE level = 'village'")  # noqa: S608 - a constant
        first, last, width = first or "", last or "", 0
        while width < len(first) and first[: width + 8] == last[: width + 8]:
            width += 8
        return str(first[:width])
