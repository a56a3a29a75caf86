"""What a file is, by its content, and its sheets as rows of cells.

A source yields sheets one after the other; each is read once, in order, and only as far as asked.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tuopin.core.workbook.errors import WorkbookError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tuopin.core.workbook.model import Limits

type Row = Sequence[object]
Form = Literal["workbook", "html", "spreadsheetml", "text"]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 65536
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"SQLite format 3": "SQLite",
    b"PAR1": "Parquet",
    b"MIME-Version:": "MHTML",
}


@dataclass(slots=True)
class RawSheet:
    """A sheet as it stands: every row from the first on, cells from column A on."""

    name: str
    rows: Iterator[Row]
    titles: list[tuple[str, ...]] = field(default_factory=list)


def form_of(path: Path) -> Form:
    """How the file is to be read. Raises WorkbookError ``empty_file``, ``wrong_type`` or ``encrypted``."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\x00\x20\x09\x0a\x0d\x0b\x0c\xef\xbb\xbf\xff\xfe"):
        if path.stat().st_size <= _HEAD:
            raise WorkbookError("empty_file")
        return "text"
    if head.startswith(b"PK\x03\x04"):
        return "workbook"
    if head.startswith(_OLE):
        return "workbook"
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise WorkbookError("wrong_type", looks_like=name)
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not _wide(head):
        raise WorkbookError("wrong_type", looks_like="binary")
    return _form_of_text(head)


def _wide(head: bytes) -> str:
    """The UTF-16 that text without a byte order mark is in, '' if it is none: every character of the beginning must be
    one that stands in tables."""
    even = head[: len(head) // 2 * 2]
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(even)
        except UnicodeDecodeError:
            continue
        if (
            text
            and all(letter.isprintable() or letter in "\t\r\n" for letter in text)
            and any(c in text for c in ",\t;")
        ):
            return encoding
    return ""


def _form_of_text(head: bytes) -> Form:
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not text.startswith(b"<"):
        return "text"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text and b"<html" not in text:
        return "spreadsheetml"
    if any(tag in text for tag in (b"<html", b"<table", b"<body", b"<!doctype html")):
        return "html"
    raise WorkbookError("wrong_type", looks_like="XML")


def sheets_of(path: Path, limits: Limits) -> Iterator[RawSheet]:
    """The sheets of a file. Raises WorkbookError when it cannot be read."""
    form = form_of(path)
    if form == "workbook":
        from tuopin.core.workbook import spreadsheets

        return spreadsheets.sheets(path, limits)
    if form == "text":
        from tuopin.core.workbook import delimited

        return delimited.sheets(path)
    from tuopin.core.workbook import markup

    return markup.html_sheets(path, limits) if form == "html" else markup.spreadsheetml_sheets(path, limits)


def encoding_of(path: Path) -> str:
    """utf-8-sig, utf-16 (with its mark or without) or gb18030: the first that the whole file is valid in.

    Raises WorkbookError ``bad_encoding``.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    wide = _wide(head) if b"\x00" in head and not marked else ""
    candidates = ["utf-16"] if marked else [wide] if wide else ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise WorkbookError("bad_encoding")
