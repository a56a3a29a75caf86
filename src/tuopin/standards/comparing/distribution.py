"""Incomes of an area kept for lines that are moved: one file of whole numbers, read by every process, gone after a day.

A row is a household whom the standard concerns: income per head as a quotient, persons, the area it lives in, and what
the other items of the standard say together. No household can be told from it, yet it is served as numbers alone.
"""

from __future__ import annotations

import json
from array import array
from collections import OrderedDict
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.poverty import Distribution
from tuopin.core.poverty.inequality import from_sorted
from tuopin.platform.access import PATH_DIGITS, subtree
from tuopin.platform.database import data_state
from tuopin.platform.home import home
from tuopin.register.areas import ids
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards.comparing import files
from tuopin.standards.comparing.sides import PERSONS, Line, Side, line_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tuopin.core.engine import Engine
    from tuopin.core.poverty import PoorWhen, Sums
    from tuopin.core.standards import Prepared
    from tuopin.standards.comparing.judging import Progress
    from tuopin.standards.places import Place

RESTS = ("not_met", "unknown", "met", "not_applicable", "unsure_unknown", "unsure_met")
"""What the other items say together, by the codes of :mod:`tuopin.core.standards.pipeline`. ``unsure``: it is unknown
whether the standard concerns the household at all; an income above the line settles its item, below it says nothing."""
_MAGIC = b"TUOPINLINE3\n"
"""The first line of a file, with the number of its form: one of another form is as good as none."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file was made of. ``runs``: (what the other items say, denominator, number of households) in the order of
    the file; ``unknown``: rows behind them without income, ``uncounted``: without persons (their number by area)."""

    side: Side
    line: Line
    value: Fraction
    path: str
    data_state: str | None
    pack_digest: str
    made_at: str
    runs: tuple[tuple[int, int, int], ...]
    unknown: int
    uncounted: int
    gini: Fraction | None

    def document(self) -> dict[str, Any]:
        return {
            "side": self.side.document(), "line": [self.line.item, self.line.fact, self.line.parameter],
            "poor_when": self.line.poor_when, "value": str(self.value), "path": self.path,
            "data_state": self.data_state, "pack_digest": self.pack_digest, "made_at": self.made_at,
            "runs": [list(each) for each in self.runs], "unknown": self.unknown, "uncounted": self.uncounted,
            "gini": str(self.gini) if self.gini is not None else None,
        }  # fmt: skip

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Header:
        item, fact, parameter = document["line"]
        return cls(
            Side.read(document["side"]), Line(item, fact, parameter, document["poor_when"]),
            Fraction(document["value"]), document["path"], document["data_state"], document["pack_digest"],
            document["made_at"], tuple((rest, denominator, number) for rest, denominator, number in document["runs"]),
            document["unknown"], document["uncounted"], Fraction(document["gini"]) if document["gini"] else None,
        )  # fmt: skip

    @property
    def stale(self) -> bool:
        """Whether the register has changed since."""
        return self.data_state != data_state()


def file_of(area_id: int | None, side: Side) -> Path:
    """Where the distribution of an area lies: pack and standard are keys, the day digits."""
    name = f"line-{area_id or 0}-{side.pack}-{side.standard}-{side.day:%Y%m%d}.bin"
    return files.folder() / name


# -- making -------------------------------------------------------------------------------------------------------


def build(
    place: Place, side: Side, found: Prepared, line: Line, state: str | None, progress: Progress | None
) -> Header | None:
    """Judge the households of the place and write the file; None if the data changed meanwhile."""
    from tuopin.core.engine import Engine
    from tuopin.standards.loading import RegisterLoader
    from tuopin.standards.places import choice

    with Engine(spill=home() / "staging") as engine:
        asked = choice(place, found.standard.level, side.day)
        relations = RegisterLoader(found, asked, engine, progress).load()
        _judge(engine, found, relations)
        if data_state() != state:
            return None
        runs, unknown, uncounted, gini = _sorted(engine, found, line)
        columns = _columns(engine)
    header = Header(
        side, line, line_value(found, line), place.path, state, found.pack.digest, timezone.now().isoformat(),
        runs, unknown, uncounted, gini,
    )  # fmt: skip
    _write(file_of(place.area_id, side), header, columns)
    return header


def _judge(engine: Engine, found: Prepared, relations: Mapping[str, str]) -> None:
    """Table ``verdicts``: the items as if the standard concerned everybody, and in ``concerns`` whether it does (NULL =
    unknown). Judged with that left in, an income below the line could not be told from one that is unknown."""
    from tuopin.core.language import write_sql
    from tuopin.core.standards.pipeline import evaluate

    plain = replace(found, standard=replace(found.standard, applies=None))
    evaluate(plain, engine, relations, "judged")
    if found.standard.applies is None:
        engine.run("verdicts", "CREATE TABLE verdicts AS SELECT *, true AS concerns FROM judged")
        return
    query = write_sql(found.program, found.day, relations)
    applies = query.outputs["applies"].columns[0].replace('"', '""')
    engine.run(
        "verdicts",
        f'CREATE TABLE verdicts AS SELECT j.*, q."{applies}" AS concerns'  # noqa: S608 - names of the program
        f" FROM judged j JOIN ({query.text}) q ON q.id = j.id",
    )


_KNOWN = "n IS NOT NULL AND w IS NOT NULL"
_ROWS = (
    f"SELECT n, w, area FROM incomes WHERE {_KNOWN} ORDER BY rest, d, n",  # noqa: S608 - constants
    "SELECT rest, w, area FROM incomes WHERE n IS NULL AND w IS NOT NULL",
    "SELECT rest, 0, area FROM incomes WHERE w IS NULL",
)
"""Known incomes in the order in which they are searched, then those unknown, then those without persons."""


def _sorted(
    engine: Engine, found: Prepared, line: Line
) -> tuple[tuple[tuple[int, int, int], ...], int, int, Fraction | None]:
    """Table ``incomes``, and how many households it holds of which kind, with the Gini coefficient."""
    from tuopin.core.poverty import statements

    others = [f'"{item.key}"' for item in found.items if item.key != line.item]
    rest = f"least({', '.join(others)}, 3)" if others else "3"
    at_best = ", ".join(f"greatest({each}, 1)" for each in others)  # nobody fails what may not concern him
    unsure = f"CASE least({at_best}, 3) WHEN 1 THEN 4 ELSE 5 END" if others else "5"
    # an income that is known though the item is not (evidence too old, nobody in the household) counts as unknown
    engine.run(
        "incomes",
        f"CREATE TABLE incomes AS SELECT parent_id AS area, CASE WHEN concerns THEN {rest} ELSE {unsure} END AS rest,"  # noqa: S608 - keys are names
        f' "{PERSONS}:n" // "{PERSONS}:d" AS w,'
        f' CASE WHEN "{line.item}" <> 1 THEN "{line.fact}:n" END AS n, "{line.fact}:d" AS d FROM verdicts'
        " WHERE concerns IS NOT false",
    )
    runs = engine.rows(f"SELECT rest, d, count(*) FROM incomes WHERE {_KNOWN} GROUP BY ALL ORDER BY rest, d")  # noqa: S608 - constants
    unknown, uncounted = engine.one(
        "SELECT count(*) FILTER (WHERE n IS NULL AND w IS NOT NULL), count(*) FILTER (WHERE w IS NULL) FROM incomes"
    )
    gini = statements.gini(engine, statements.Columns("incomes", "n", "d", "w"))
    return tuple((int(rest), int(d), int(number)) for rest, d, number in runs), int(unknown), int(uncounted), gini


def _columns(engine: Engine) -> tuple[array[int], ...]:
    columns = (array("q"), array("q"), array("q"))
    for sql in _ROWS:
        for chunk in engine.chunks(sql):
            for column, values in zip(columns, zip(*chunk, strict=True), strict=True):
                column.extend(map(int, values))
    return columns


def _write(path: Path, header: Header, columns: Iterable[array[int]]) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(_MAGIC + json.dumps(header.document()).encode() + b"\n")
        for column in columns:
            column.tofile(file)
    part.chmod(0o600)
    part.replace(path)


# -- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Households:
    """The households of one area: what the other items say → their incomes, unknown ones included. ``gini`` is known
    of the area itself alone."""

    by_rest: Mapping[int, Distribution]
    gini: Fraction | None = None

    def sums(self, line: Fraction, poor_when: PoorWhen) -> Sums:
        """What they add up to by a line."""
        parts = [each.sums(line, poor_when) for each in self.by_rest.values()]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    @property
    def count(self) -> int:
        """All households, whatever is known of them."""
        return sum(each.households + each.unknown_households + each.uncounted for each in self.by_rest.values())


@dataclass(frozen=True, slots=True)
class Incomes:
    """A distribution narrowed to an area, and to each area one level below it."""

    header: Header
    own: Households
    below: Mapping[str, Households]


def find(area_path: str, side: Side) -> tuple[Path, Header] | None:
    """The file of the area itself or of the smallest area above it that was prepared; None where there is none."""
    for area_id in (*reversed(ids(area_path)), None):
        path = file_of(area_id, side)
        header = _header(path) if path.is_file() else None
        if header is not None:
            return path, header
    return None


def _header(path: Path) -> Header | None:
    with path.open("rb") as file:
        return Header.read(json.loads(file.readline())) if file.readline() == _MAGIC else None


_KEPT = 6  # areas whose households a process keeps at hand
_kept: OrderedDict[tuple[str, int, str], Incomes] = OrderedDict()
_lock = Lock()


def load(path: Path, area_path: str) -> Incomes:
    """The distribution in ``path`` of one area; kept at hand for the next line. Raises FileNotFoundError."""
    key = (path.name, path.stat().st_mtime_ns, area_path)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _narrowed(path, area_path)
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _narrowed(path: Path, area_path: str) -> Incomes:
    header, columns = _read(path)
    low, high = subtree(area_path)
    areas = AreaVersion.objects.filter(on_day(header.side.day), path__gte=low, path__lt=high)
    width = len(area_path) + PATH_DIGITS
    parts = {area_id: inner[:width] for area_id, inner in areas.values_list("area_id", "path")}
    own, below = _Rows(), {part: _Rows() for part in set(parts.values()) if len(part) == width}
    for key, rows in _runs(header, *columns):
        for value, persons, place in rows:
            part = parts.get(place)
            if part is not None:
                own.add(key, value, persons)
                if part in below:
                    below[part].add(key, value, persons)
    gini = header.gini if header.path == area_path else own.gini()
    return Incomes(header, own.households(gini), {part: below[part].households() for part in sorted(below)})


def _read(path: Path) -> tuple[Header, tuple[array[int], array[int], array[int]]]:
    with path.open("rb") as file:
        if file.readline() != _MAGIC:
            raise ValueError(f"not a distribution: {path.name}")
        header = Header.read(json.loads(file.readline()))
        length = sum(number for _rest, _d, number in header.runs) + header.unknown + header.uncounted
        columns = (array("q"), array("q"), array("q"))
        for column in columns:
            column.fromfile(file, length)
    return header, columns


type _Key = tuple[int, int]
"""What the other items say, and the denominator: 0 of those without income, -1 of those without persons."""
_UNKNOWN, _UNCOUNTED = 0, -1


def _runs(
    header: Header, values: array[int], persons: array[int], places: array[int]
) -> Iterator[tuple[_Key, Iterable[tuple[int, int, int]]]]:
    """The rows of the file, run by run; in those of unknown income the value says what the other items say."""
    at = 0
    for rest, denominator, number in header.runs:
        own = slice(at, at + number)
        yield (rest, denominator), zip(values[own], persons[own], places[own], strict=True)
        at += number
    for kind, number in ((_UNKNOWN, header.unknown), (_UNCOUNTED, header.uncounted)):
        for row in range(at, at + number):
            yield (values[row], kind), [(0, persons[row], places[row])]
        at += number


class _Rows:
    """The households of an area while they are read; sorted, since the file is."""

    def __init__(self) -> None:
        self._runs: dict[_Key, tuple[array[int], array[int]]] = {}

    def add(self, key: _Key, value: int, persons: int) -> None:
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = (array("q"), array("q"))
        run[0].append(value)
        run[1].append(persons)

    def households(self, gini: Fraction | None = None) -> Households:
        return Households({rest: self._of(rest) for rest in range(len(RESTS))}, gini)

    def _of(self, rest: int) -> Distribution:
        runs = [(key[1], *run) for key, run in self._runs.items() if key[0] == rest and key[1] > 0]
        unknown, uncounted = (self._runs.get((rest, kind), ((), ()))[1] for kind in (_UNKNOWN, _UNCOUNTED))
        return Distribution.of_runs(runs, len(unknown), sum(unknown), len(uncounted))

    def gini(self) -> Fraction | None:
        known = {key: run for key, run in self._runs.items() if key[1] > 0}
        unit = lcm(*(denominator for _rest, denominator in known))
        rows = [
            (value * (unit // denominator), weight)
            for (_rest, denominator), run in known.items()
            for value, weight in zip(*run, strict=True)
        ]
        return from_sorted(sorted(rows))
