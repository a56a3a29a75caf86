"""Writing workbooks: the one file of core that names XlsxWriter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

REASON_HEADER = "未导入原因"
_LONGEST_CELL = 32_767
_SHEET = "未导入"
_LAST_ROW = 1_048_575  # 0-based


def write_rejects(
    path: Path,
    headers: Sequence[str],
    rows: Iterable[tuple[Sequence[str | None], str]],
    *,
    titles: Sequence[Sequence[str]] = (),
) -> int:
    """Write rejected rows as they were, each with its reason in a last column; returns their number.

    Every cell is text: what begins with ``=``, ``+``, ``-`` or ``@`` stays text and is never a formula or link, and
    long numbers keep their digits. ``titles`` are the rows above the header (export date, year), so that the corrected
    file is read as the original was. At most 1,048,576 rows fit; the caller splits more.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    with book:
        sheet = book.add_worksheet(_SHEET)
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@"})
        sheet.set_column(0, len(headers), 14)
        row = 0
        for title in titles:
            _write(sheet, row, title, bold)
            row += 1
        _write(sheet, row, [*headers, REASON_HEADER], bold)
        sheet.freeze_panes(row + 1, 0)
        first = row + 1
        for cells, reason in rows:
            row += 1
            _write(sheet, row, [*cells, reason], text)
    return row + 1 - first


def _write(sheet: Worksheet, row: int, cells: Sequence[str | None], form: Format) -> None:
    for column, cell in enumerate(cells):
        if cell:
            sheet.write_string(row, column, cell[:_LONGEST_CELL], form)


def write_table(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]], *, titles: Sequence[Sequence[str]] = ()
) -> int:
    """Write a workbook of text cells, as the national system exports them; returns the number of rows.

    Every cell is text (see :func:`write_rejects`). Past the last row of a sheet the table goes on in the next sheet,
    with the same titles and header.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    written = 0
    with book:
        bold = book.add_format({"bold": True})
        plain = book.add_format()
        sheet, row = _headed(book, headers, titles, bold)
        for cells in rows:
            if row >= _LAST_ROW:
                sheet, row = _headed(book, headers, titles, bold)
            row += 1
            written += 1
            _write(sheet, row, cells, plain)
    return written


def _headed(
    book: Workbook, headers: Sequence[str], titles: Sequence[Sequence[str]], bold: Format
) -> tuple[Worksheet, int]:
    """A new sheet with titles and header, and the row (0-based) of the header."""
    sheet = book.add_worksheet()
    for row, cells in enumerate([*titles, headers]):
        _write(sheet, row, cells, bold)
    sheet.freeze_panes(len(titles) + 1, 0)
    return sheet, len(titles)
