"""Looking at a file without taking it: which sheets, which kinds, which headers, how many rows. Runs in the child."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.headers import SEARCHED_ROWS, check_map, find_header
from tuopin.core.workbook.rows import SKIPS, RowFilter
from tuopin.core.workbook.sources import sheets_of
from tuopin.core.workbook.text import key, render, shorten
from tuopin.core.workbook.titles import title_date, title_year
from tuopin.core.workbook.write import REASON_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuopin.core.workbook.headers import Claims, Match
    from tuopin.core.workbook.kinds import Kind
    from tuopin.core.workbook.model import Limits
    from tuopin.core.workbook.sources import RawSheet

SHOWN_ROWS = 5
_SHOWN_COLUMNS = 200
_SHOWN_LETTERS = 60
_PROGRESS_EVERY = 20_000


@dataclass(slots=True)
class SheetView:
    """A sheet as it would be read. JSON types only.

    ``kind`` '' = of no known kind; then ``closest`` names the nearest kind and ``lacking`` the titles it lacks, and
    ``header_row`` (1-based) is a guess. ``columns``: field -> header as written; ``unknown_headers``: headers no field
    claims; ``rows``: data rows; ``sample``: the first rows below the header, cells in the order of ``headers``.
    ``fault``: code and detail of an error of this sheet (two columns for one field).
    """

    sheet: str
    kind: str = ""
    header_row: int = 0
    headers: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    unknown_headers: list[str] = field(default_factory=list)
    closest: str = ""
    lacking: list[str] = field(default_factory=list)
    rows: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    title_date: str = ""
    title_year: int | None = None
    sample: list[list[str]] = field(default_factory=list)
    fault: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON types only."""
        return asdict(self)


def inspect(
    path: Path,
    kinds: Sequence[Kind],
    extra: Mapping[str, Mapping[str, str]],
    limits: Limits,
    progress: Callable[[int], None],
) -> list[SheetView]:
    """Every filled sheet of a file. Raises WorkbookError when the file cannot be read, or has nothing in it."""
    check_map(extra, kinds)
    found = []
    for sheet in sheets_of(path, limits):
        view = _look(sheet, kinds, extra, progress)
        if view is not None:
            found.append(view)
    if not found:
        raise WorkbookError("empty_file")
    return found


def _look(
    sheet: RawSheet,
    kinds: Sequence[Kind],
    extra: Mapping[str, Mapping[str, str]],
    progress: Callable[[int], None],
) -> SheetView | None:
    first = list(islice(sheet.rows, SEARCHED_ROWS))
    head = [[render(cell) for cell in row] for row in first]
    view = SheetView(shorten(sheet.name))
    match, close = None, None
    try:
        match, close = find_header(head, kinds, extra)
    except WorkbookError as error:
        error.sheet = sheet.name
        view.fault = error.to_json()
    if match is None:
        if not any(key(cell) for row in head for cell in row):
            return None
        return _unknown(view, head, close)
    return _known(view, head, match, chain(first[match.row + 1 :], sheet.rows), progress)


def _known(
    view: SheetView,
    head: list[list[str]],
    match: Match,
    rows: Iterator[Sequence[object]],
    progress: Callable[[int], None],
) -> SheetView:
    claimed = set(match.columns.values())
    titles = head[: match.row]
    day = title_date(titles)
    view.kind, view.header_row = match.kind.name, match.row + 1
    view.headers = _shown(match.headers)
    view.columns = {name: match.headers[at] for name, at in match.columns.items()}
    view.unknown_headers = [
        header
        for at, header in enumerate(match.headers)
        if at not in claimed and key(header) and header != REASON_HEADER
    ]
    view.title_date, view.title_year = day.isoformat() if day else "", title_year(titles)
    _count(view, RowFilter(match, titles), len(match.headers), rows, progress)
    return view


def _count(
    view: SheetView,
    skips: RowFilter,
    width: int,
    rows: Iterable[Sequence[object]],
    progress: Callable[[int], None],
) -> None:
    view.skipped = dict.fromkeys(SKIPS, 0)
    for number, cells in enumerate(rows, 1):
        row = [*cells[:width], *([""] * (width - len(cells)))]
        reason = ("blank" if not cells else None) if not cells or skips.is_plain(row) else skips.reason(row)
        if reason:
            view.skipped[reason] = view.skipped.get(reason, 0) + 1
            continue
        view.rows += 1
        if len(view.sample) < SHOWN_ROWS:
            view.sample.append(_shown(render(cell) for cell in row))
        if number % _PROGRESS_EVERY == 0:
            progress(number)


def _unknown(view: SheetView, head: list[list[str]], close: Claims | None) -> SheetView:
    """The nearest kind, and the row that looks most like a header: the one with most different words."""
    if close is not None:
        view.closest, view.lacking = close.kind.name, list(close.missing)
        view.columns = {name: close.headers[columns[0]] for name, columns in close.columns.items()}
        row = close.row
    else:
        row = max(range(len(head)), key=lambda at: (_words(head[at]), -at))
    view.header_row, view.headers = row + 1, _shown(head[row])
    known = set(view.columns.values())
    view.unknown_headers = [header for header in view.headers if key(header) and header not in known]
    view.sample = [_shown(cells) for cells in head[row + 1 : row + 1 + SHOWN_ROWS]]
    return view


def _words(row: Sequence[str]) -> int:
    return len({key(cell) for cell in row if key(cell) and not key(cell).isdigit()})


def _shown(cells: Iterable[str]) -> list[str]:
    return [shorten(cell, _SHOWN_LETTERS) for cell in islice(cells, _SHOWN_COLUMNS)]
