"""Writing many rows into a sheet: the one file that names rustpy-xlsxwriter."""

from __future__ import annotations

from dataclasses import dataclass
from io import IOBase
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal
    from pathlib import Path
    from types import ModuleType

    type Value = str | int | Decimal | date | None

LAST_ROW = 1_048_576  # of a sheet, counted from 1
LONGEST_CELL = 32_767  # UTF-16 units
_HEADER = "#E8EEF4"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """``kind`` says how the cells look; ``decimals`` those of a number, None = as many as it has."""

    header: str
    kind: Literal["text", "number", "date", "moment"] = "text"
    decimals: int | None = None
    width: float = 14


def write_sheet(
    path: Path | BinaryIO,
    columns: Sequence[SheetColumn],
    rows: Iterable[Sequence[Value]],
    *,
    titles: Sequence[str] = (),
    sheet: str = "Sheet1",
) -> int:
    """Write rows as they come into a workbook of one sheet; returns how many.

    Text stays text, whatever it begins with: no formula, link or number is made of it. Numbers and dates are numbers
    and dates, exact to the 15 digits of a spreadsheet. None is an empty cell. ``titles`` stand above the header, one a
    row. Raises ValueError beyond the rows of a sheet; whatever ``rows`` raises comes through.
    """
    import rustpy_xlsxwriter as writer

    names = _unique([column.header for column in columns])
    room = LAST_ROW - len(titles) - 1
    written = 0

    def records() -> Iterable[dict[str, Value]]:
        nonlocal written
        for row in rows:
            written += 1
            if written > room:
                raise ValueError(f"a sheet holds {room} rows")
            yield dict(zip(names, row, strict=True))

    source = iter(records())
    first = next(source, None)  # without any row the writer would leave out the header too
    everything = chain([dict.fromkeys(names) if first is None else first], source)
    widest = max(len(names) - 1, 1)
    writer.write_worksheet(
        everything,
        path if isinstance(path, IOBase) else str(path),
        sheet_name=sheet,
        header_row=len(titles),
        freeze_row=len(titles) + 1,
        freeze_col=1,
        header_format=writer.Format().set_bold().set_background_color(_HEADER).set_text_wrap(),
        column_widths=[column.width for column in columns],
        column_formats={name: _format(writer, column) for name, column in zip(names, columns, strict=True)},
        merge_ranges=[(at, 0, at, widest, cut(title)) for at, title in enumerate(titles)],
        ignore_errors=[name for name, column in zip(names, columns, strict=True) if column.kind == "text"],
    )
    return written


def cut(text: str) -> str:
    """A text that a cell can hold."""
    if len(text) * 2 <= LONGEST_CELL:
        return text
    units = text.encode("utf-16-le", "replace")[: LONGEST_CELL * 2]
    return units.decode("utf-16-le", "ignore")


def _unique(headers: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for header in headers:
        name, at = header, 2
        while name in found:
            name, at = f"{header} ({at})", at + 1
        found[name] = None
    return list(found)


def _format(writer: ModuleType, column: SheetColumn) -> Any:
    form = writer.Format()
    match column.kind:
        case "number" if column.decimals is not None:
            return form.set_num_format("#,##0" + ("." + "0" * column.decimals if column.decimals else ""))
        case "date":
            return form.set_num_format("yyyy-mm-dd")
        case "moment":
            return form.set_num_format("yyyy-mm-dd hh:mm")
        case "text":
            return form.set_num_format("@")
    return form
