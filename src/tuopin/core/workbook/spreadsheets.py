""".xlsx, .xls, .xlsb, .ods and what is saved as one of these (.et), read by calamine after a look at the package."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO
from typing import IO, TYPE_CHECKING

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.sources import RawSheet
from tuopin.core.workbook.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tuopin.core.workbook.model import Limits

type _Merge = tuple[tuple[int, int], tuple[int, int]]

_MOST_PARTS = 10_000
_RATIO = 250  # a workbook of repeated households packs 50 : 1 at most
_HARMLESS = 50 * 1024**2
_SCANNED_FIRST = 8 * 1024**2
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_PROLOG_BLOCKS = 64
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_]")
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?(/>|>\s*</(?:\w+:)?c>|>)')


def sheets(path: Path, limits: Limits) -> Iterator[RawSheet]:
    """The worksheets in order. Raises WorkbookError when the file is refused."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    packed = zipfile.is_zipfile(path)
    if packed:
        check_package(path, limits)
    else:
        _check_ole(path)
    try:
        # calamine believes the ending of a name; many a .xlsx is sent as .xls
        misnamed = packed == (path.suffix.lower() == ".xls")
        workbook = (
            CalamineWorkbook.from_filelike(BytesIO(path.read_bytes())) if misnamed else CalamineWorkbook.from_path(path)
        )
        for meta in workbook.sheets_metadata:
            if meta.typ == SheetTypeEnum.WorkSheet:
                sheet = workbook.get_sheet_by_name(meta.name)
                if sheet.start is None:
                    continue
                left = sheet.start[1]
                merges = [merge for merge in sheet.merged_cell_ranges or () if merge[1][0] > merge[0][0]]
                rows: Iterator[Sequence[object]] = sheet.iter_rows()
                if left:
                    rows = ([""] * left + list(row) for row in rows)
                yield RawSheet(meta.name, filled_down(rows, merges) if merges else rows)
    except PasswordError as error:
        raise WorkbookError("encrypted") from error
    except (CalamineError, OSError, ValueError) as error:
        raise WorkbookError("damaged", reason=shorten(str(error))) from error


def filled_down(rows: Iterator[Sequence[object]], merges: Sequence[_Merge]) -> Iterator[Sequence[object]]:
    """Rows in which a cell merged over several rows stands in each of them; a wholly blank row stays blank."""
    starting: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in merges:
        starting.setdefault(top, []).append((left, bottom))
    running: dict[int, tuple[int, object]] = {}
    for number, row in enumerate(rows):
        running = {left: (bottom, cell) for left, (bottom, cell) in running.items() if bottom >= number}
        if running and any(cell != "" for cell in row):
            row = list(row)
            for left, (_bottom, cell) in running.items():
                if left < len(row) and row[left] == "":
                    row[left] = cell
        for left, bottom in starting.get(number, ()):
            if left < len(row):
                running[left] = (bottom, row[left])
        yield row


def check_package(path: Path, limits: Limits) -> None:
    """Look at a zip package before a reader unpacks it.

    Raises WorkbookError ``damaged``, ``wrong_type``, ``encrypted``, ``zip_bomb``, ``xml_entities`` or ``cell_range``.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            _check_parts(parts, limits)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with package.open(part) as stream:
                        _check_prolog(stream)
                if _is_sheet(part) and part.file_size <= _SCANNED_FIRST:
                    _check_range(package, part, limits)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, zlib.error) as error:
        raise WorkbookError("damaged", reason=shorten(str(error))) from error


def _check_parts(parts: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookError("encrypted")
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        kind = "Word" if "word/document.xml" in names else "PowerPoint" if "ppt/presentation.xml" in names else "ZIP"
        raise WorkbookError("wrong_type", looks_like=kind)
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > _MOST_PARTS or unpacked > limits.unpacked or unpacked > max(_HARMLESS, _RATIO * packed):
        raise WorkbookError("zip_bomb", unpacked=unpacked)


def _check_prolog(stream: IO[bytes]) -> None:
    """Refuse a document type before the root element, behind whatever comments it hides."""
    seen = b""
    for _block in range(_PROLOG_BLOCKS):
        block = stream.read(4096)
        seen += block.replace(b"\x00", b"")
        bare = _COMMENT.sub(b"", seen)
        if b"<!DOCTYPE" in bare.upper():
            raise WorkbookError("xml_entities")
        if not block or (b"<!--" not in bare and _ROOT.search(bare)):
            return
    raise WorkbookError("damaged", reason="XML")


def _is_sheet(part: zipfile.ZipInfo) -> bool:
    return part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")


def far_cell(path: Path, limits: Limits) -> None:
    """After a reader died: raise WorkbookError ``cell_range`` if one sheet reaches beyond the cell range."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as package:
        for part in package.infolist():
            if _is_sheet(part):
                _check_range(package, part, limits)


def _check_range(package: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> None:
    """Only cells with content count: formats reach to the last row in many real workbooks, and readers skip them."""
    rows, columns = [1, 1], [1, 1]  # least and greatest
    corner = b""
    rest = b""
    first = True
    with package.open(part) as stream:
        while block := stream.read(1 << 20):
            text = rest + block
            cut = _last_opening(text) if len(text) < 1 << 22 else len(text)
            text, rest = text[:cut], text[cut:]
            for letters, digits, end in _CELL.findall(text):
                if end != b">":  # closed at once: a format without content
                    continue
                row, column = int(digits), _column_number(letters)
                if first:
                    rows, columns, first = [row, row], [column, column], False
                if row > rows[1] or column > columns[1]:
                    corner = letters + digits
                rows = [min(rows[0], row), max(rows[1], row)]
                columns = [min(columns[0], column), max(columns[1], column)]
    height, width = rows[1] - rows[0] + 1, columns[1] - columns[0] + 1
    if height * width > limits.cells or width > limits.columns or rows[1] > limits.rows:
        raise WorkbookError("cell_range", cell=corner.decode(), rows=rows[1], columns=columns[1])


def _last_opening(text: bytes) -> int:
    """Where the last opening tag begins: a cell is not parted from the tag that closes it."""
    cut = text.rfind(b"<")
    while cut > 0 and text[cut + 1 : cut + 2] in (b"/", b""):
        cut = text.rfind(b"<", 0, cut)
    return max(cut, 0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_ole(path: Path) -> None:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if _ENCRYPTED_STREAM in block:
                raise WorkbookError("encrypted")
