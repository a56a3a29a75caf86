"""Tables in markup: an HTML table named .xls, as many systems export it, and SpreadsheetML 2003 (.xml, .xls)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.parsers import expat

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.sources import RawSheet, encoding_of
from tuopin.core.workbook.text import column_letters, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.core.workbook.model import Limits

_BLOCK = 1 << 16
_MOST_ROWS = 1_048_576  # of a spreadsheet; a page is held in memory
_BLANK_ROW: list[str] = []
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_-]+)", re.IGNORECASE)
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8-sig", "utf8": "utf-8-sig"}
_MARK = "urn:schemas-microsoft-com:office:spreadsheet "


class Grid:
    """Rows built cell by cell.

    A cell that spans rows stands in each of them (in a row that has cells of its own), one that spans columns in the
    first.
    """

    def __init__(self, limits: Limits) -> None:
        self.rows: list[list[str]] = []
        self._limits = limits
        self._row: dict[int, str] = {}
        self._open = False
        self._at = 0
        self._above: dict[int, tuple[int, str]] = {}  # column -> (rows still to come, text)
        self._spans: dict[int, tuple[int, str]] = {}

    def start_row(self) -> None:
        self.end_row()
        self._row, self._spans, self._at, self._open = {}, {}, 0, True

    def add(self, text: str, *, rowspan: int = 1, colspan: int = 1) -> None:
        """The next cell of the row; columns taken by a cell of a row above are passed over."""
        if not self._open:
            self.start_row()
        while self._at in self._above:
            self._at += 1
        self._check(len(self.rows) + 1, self._at + colspan)
        self._row[self._at] = text
        if rowspan > 1:
            spanned = range(self._at, self._at + colspan)
            self._spans |= {column: (rowspan - 1, text if column == self._at else "") for column in spanned}
        self._at += colspan

    def move_to(self, column: int) -> None:
        """The next cell stands in this 0-based column."""
        self._at = column

    def end_row(self) -> None:
        if not self._open:
            return
        cells = dict(self._row)
        if any(cells.values()):
            cells |= {column: text for column, (_count, text) in self._above.items()}
        self.rows.append([cells.get(column, "") for column in range(max(cells, default=-1) + 1)])
        still = {column: (count - 1, text) for column, (count, text) in self._above.items() if count > 1}
        self._above = still | self._spans
        self._open = False

    def blank_rows(self, count: int) -> None:
        self._check(len(self.rows) + count, 1)
        self.rows.extend([_BLANK_ROW] * count)

    def _check(self, rows: int, columns: int) -> None:
        if columns > self._limits.columns or rows > min(self._limits.rows, _MOST_ROWS):
            raise WorkbookError(
                "cell_range", cell=f"{column_letters(max(columns - 1, 0))}{rows}", rows=rows, columns=columns
            )


class _Tables(HTMLParser):
    """Outermost tables as grids; text of inner tables belongs to the cell around them."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[Grid] = []
        self._limits = limits
        self._depth = 0
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.grids.append(Grid(self._limits))
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self.grids[-1].start_row()
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            given = dict(attrs)
            self._span = (_span(given.get("rowspan"), 65_536), _span(given.get("colspan"), 16_384))
            self._text = []
        elif tag in ("br", "p", "div") and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(self._hidden - 1, 0)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
                self.grids[-1].end_row()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self.grids[-1].end_row()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._hidden:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is not None:
            text = " ".join("".join(self._text).split())
            self.grids[-1].add(text, rowspan=self._span[0], colspan=self._span[1])
            self._text = None

    def finish(self) -> None:
        """A file cut off in mid-table is refused, not half taken."""
        if self._depth:
            raise WorkbookError("damaged", reason="</table>")


def _span(text: str | None, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isdecimal() else 1


def html_sheets(path: Path, limits: Limits) -> Iterator[RawSheet]:
    """Each outermost table of the page as a sheet, ``table 1`` …"""
    parser = _Tables(limits)
    try:
        with path.open(encoding=_html_encoding(path)) as file:
            while block := file.read(_BLOCK):
                parser.feed(block)
    except UnicodeDecodeError as error:
        raise WorkbookError("bad_encoding") from error
    parser.close()
    parser.finish()
    for number, grid in enumerate(parser.grids, 1):
        yield RawSheet(f"table {number}", iter(grid.rows))


def _html_encoding(path: Path) -> str:
    with path.open("rb") as file:
        named = _CHARSET.search(file.read(4096))
    declared = _CHARSETS.get(named[1].decode().lower(), "") if named else ""
    found = encoding_of(path)
    # Valid UTF-8 with Chinese text is never GBK by chance, whatever the page says of itself.
    return declared if declared and found == "gb18030" and declared != "utf-8-sig" else found


class _Workbook:
    """SpreadsheetML: Worksheet / Table / Row / Cell / Data, with jumps (ss:Index) and merged cells."""

    def __init__(self, limits: Limits) -> None:
        self.sheets: list[tuple[str, Grid]] = []
        self._limits = limits
        self._text: list[str] | None = None
        self._cell = ""
        self._span = (1, 1)

    def start(self, tag: str, given: dict[str, str]) -> None:
        name = tag.removeprefix(_MARK)
        if name == "Worksheet":
            self.sheets.append((given.get(f"{_MARK}Name", ""), Grid(self._limits)))
        elif name == "Row":
            grid = self.sheets[-1][1]
            index = _span(given.get(f"{_MARK}Index"), _MOST_ROWS + 2)
            grid.blank_rows(max(index - 1 - len(grid.rows), 0))
            grid.start_row()
        elif name == "Cell":
            if index_text := given.get(f"{_MARK}Index"):
                self.sheets[-1][1].move_to(_span(index_text, 1 << 20) - 1)
            down, across = given.get(f"{_MARK}MergeDown"), given.get(f"{_MARK}MergeAcross")
            self._span = (_span(down, 65_535) + 1 if down else 1, _span(across, 16_383) + 1 if across else 1)
            self._cell = ""
        elif name == "Data":
            self._text = []

    def end(self, tag: str) -> None:
        name = tag.removeprefix(_MARK)
        if name == "Data" and self._text is not None:
            self._cell, self._text = "".join(self._text), None
        elif name == "Cell":
            self.sheets[-1][1].add(
                self._cell.removesuffix("T00:00:00.000"), rowspan=self._span[0], colspan=self._span[1]
            )
        elif name == "Row":
            self.sheets[-1][1].end_row()

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)


def spreadsheetml_sheets(path: Path, limits: Limits) -> Iterator[RawSheet]:
    """The worksheets of a SpreadsheetML 2003 file. Declared entities are refused."""
    workbook = _Workbook(limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = workbook.start
    parser.EndElementHandler = workbook.end
    parser.CharacterDataHandler = workbook.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, IndexError) as error:
        raise WorkbookError("damaged", reason=shorten(str(error))) from error
    for name, grid in workbook.sheets:
        yield RawSheet(name, iter(grid.rows))


def _refuse_doctype(_name: str, _system: str | None, _public: str | None, _internal: int) -> None:
    raise WorkbookError("xml_entities")
