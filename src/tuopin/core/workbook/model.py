"""What the reader hands over: limits in, staged sheets out. Plain data, so that it passes between processes as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Reading happens in a child process that is ended when a limit is passed.

    ``memory``: address space of the child in bytes. ``seconds``: wall-clock and CPU time for one file.
    ``rows`` and ``columns``: the cell range that is read. ``cells``: rows times columns of a sheet that a reader must
    hold in memory (.xlsx, .xls; text files are streamed). ``unpacked``: bytes of a workbook's parts once unpacked.
    """

    memory: int = 3 * 1024**3
    seconds: int = 900
    rows: int = 20_000_000
    columns: int = 1_000
    cells: int = 60_000_000
    unpacked: int = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class StagedSheet:
    """One sheet of a known kind, read, cleaned and written to three Parquet files in the staging folder.

    ``file``: base name. ``header_row``: 1-based. ``titles``: the filled cells of each row above the header.
    ``columns``: field name -> header as written, in sheet order. ``unknown_headers``: headers no field claims.
    ``missing``: fields of the kind that the sheet has no column for. ``rows``: data rows staged.
    ``skipped``: rows left out, by ``blank``, ``repeated_header``, ``total`` and, if any, ``footer``. ``faults``: bad
    cells by code.
    ``title_date`` and ``title_year``: read from the title rows. ``others``: filled sheets of the same file that are of
    no known kind.

    ``data`` holds ``row`` (int32, 1-based row of the sheet) and one column per found field, NULL = blank or bad:

    ===========================  ===========================================================
    type of field                Parquet column
    ===========================  ===========================================================
    text, identifier, id_number  string (trimmed; identifiers also without spaces)
    code                         string, the code; several codes joined by ``,`` in order
    boolean                      bool
    money                        int64, fen
    decimal                      int64, value times ``10 ** scale``
    integer                      int64
    date                         date32
    month                        string ``YYYY-MM``
    ===========================  ===========================================================

    ``raw`` holds ``row`` and every cell as written, as text, by position: ``c0``, ``c1``, … (the headers stand in
    ``raw_headers``). ``fault_file`` holds ``row`` (int32), ``field``, ``header``, ``value`` (as written), ``code``.
    """

    file: str
    sheet: str
    kind: str
    header_row: int
    columns: dict[str, str]
    unknown_headers: tuple[str, ...]
    missing: tuple[str, ...]
    rows: int
    skipped: dict[str, int]
    faults: dict[str, int]
    titles: tuple[tuple[str, ...], ...]
    title_date: date | None
    title_year: int | None
    raw_headers: tuple[str, ...]
    data: Path
    raw: Path
    fault_file: Path
    others: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON types only."""
        document = asdict(self)
        for name in ("data", "raw", "fault_file"):
            document[name] = str(document[name])
        document["title_date"] = self.title_date.isoformat() if self.title_date else None
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> StagedSheet:
        """The inverse of :meth:`to_json`."""
        values = dict(document)
        for name in ("data", "raw", "fault_file"):
            values[name] = Path(values[name])
        for name in ("unknown_headers", "missing", "raw_headers", "others"):
            values[name] = tuple(values[name])
        values["titles"] = tuple(tuple(row) for row in values["titles"])
        if values["title_date"]:
            values["title_date"] = date.fromisoformat(values["title_date"])
        return cls(**values)
