"""Tables as text: .csv and .txt, with comma, tab or semicolon, streamed."""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.headers import SEARCHED_ROWS
from tuopin.core.workbook.sources import RawSheet, encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DELIMITERS = (",", "\t", ";")
_LONGEST_CELL = 1 << 20


def sheets(path: Path) -> Iterator[RawSheet]:
    """One sheet, named as the file. Raises WorkbookError ``bad_encoding`` or ``bad_text_table``."""
    csv.field_size_limit(_LONGEST_CELL)
    encoding = encoding_of(path)
    yield RawSheet(path.stem, _rows(path, encoding, _delimiter(path, encoding)))


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            yield from reader
        except csv.Error as error:
            raise WorkbookError("bad_text_table", row=reader.line_num, reason=str(error)) from error


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter that gives the widest row among the first filled ones."""

    def width(delimiter: str) -> int:
        try:
            filled = (row for row in _rows(path, encoding, delimiter) if row)
            return max((len(row) for row in islice(filled, SEARCHED_ROWS)), default=0)
        except WorkbookError:
            return 0

    return max(_DELIMITERS, key=width)
