"""PDF files and pictures that are attached to something: what they must not hold.

A PDF may hold no script, no other file and nothing that is begun by opening it; a picture is not larger than any
scanner makes one, however small its file is. Names are looked for as a reader of the format finds them: written with
``#`` escapes, and inside of object streams.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = 120_000_000
"""Of one picture: A3 at 600 dpi has 70 million."""
HEAD = 1 << 20
"""Bytes at the beginning of a picture that say how large it is."""
_MOST_STREAM, _MOST_STREAMS = 32 << 20, 128 << 20  # bytes unpacked: of one stream of objects, of all
_MOST_OBJECTS = 20_000  # streams of objects
_DICTIONARY = 4_096  # bytes that may stand between the type of a stream and its content
_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)}) - {0xC4, 0xC8, 0xCC}
_FAULTS = {
    "file_programs": (
        "含有脚本、内嵌文件或打开时会自动执行的动作。请“打印为 PDF”或扫描后再上传。",
        "holds scripts, other files, or actions that run when it is opened. Print it as PDF, or scan it.",
    ),
    "file_locked": (
        "已加密或不能检查内容。请去掉密码，或“打印为 PDF”后再上传。",
        "is encrypted, or cannot be looked into. Take the password out, or print it as PDF.",
    ),
    "picture_too_large": (
        "图片像素太多。请用普通分辨率重新扫描或拍照。",
        "is a picture of too many pixels. Scan it again at an ordinary resolution.",
    ),
}


def _name(text: str) -> str:
    """A pattern of a PDF name, any letter of which may be written as ``#xx``."""
    letters = "".join(f"(?:{each}|#{ord(each):02x}|#{ord(each):02X})" for each in text)
    return f"/{letters}(?![A-Za-z0-9])"


_PROGRAMS = re.compile(
    "|".join(
        map(_name, ("JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "SubmitForm", "ImportData",
                    "GoToE", "GoToR"))
    ).encode()
    + rb"|/XFA\s*(?:\[|\d+\s+\d+\s+R)"
)  # fmt: skip
_OBJECTS = re.compile(_name("ObjStm").encode())
_STREAM, _PLAIN = re.compile(rb"stream\r?\n"), re.compile(rb"\s{0,9}\d{1,9}\s{1,9}\d{1,9}\s")
_LOCKED = re.compile(_name("Encrypt").encode() + rb"\s*(?:<<|\d+\s+\d+\s+R)")


def check(path: Path, form: str, name: str) -> None:
    """Look at a file that is kept as ``pdf``, ``jpeg`` or ``png``. Raises Problem."""
    if form == "pdf":
        fault = _of_pdf(path.read_bytes())
    else:
        with path.open("rb") as file:
            fault = "picture_too_large" if pixels(file.read(HEAD)) > PIXELS else ""
    if fault:
        zh, en = _FAULTS[fault]
        raise Problem(fault, f"{name}：{zh}", f"{name} {en}", file=name)


def _of_pdf(content: bytes) -> str:
    if _PROGRAMS.search(content):
        return "file_programs"
    left, locked = _MOST_STREAMS, _LOCKED.search(content) is not None
    begun: set[int] = set()
    packed = 0
    for number, found in enumerate(_OBJECTS.finditer(content)):
        if number >= _MOST_OBJECTS:
            return "file_locked"
        begin = _STREAM.search(content, found.end(), found.end() + _DICTIONARY)
        if begin is None or begin.end() in begun:
            continue
        begun.add(begin.end())
        end = content.find(b"endstream", begin.end())
        packed += end - begin.end()
        if end < 0 or packed > len(content):  # cut off; one within another
            return "file_locked"
        objects = None if locked else _unpacked(content[begin.end() : end], min(_MOST_STREAM, left))
        if objects is None:  # in cipher, or packed in another way
            return "file_locked"
        left -= len(objects)
        if _PROGRAMS.search(objects):
            return "file_programs"
    return ""


def _unpacked(given: bytes, most: int) -> bytes | None:
    """A stream of objects; None for one that is packed in another way, cut off, or unpacks to too much."""
    if most <= 0:
        return None
    if _PLAIN.match(given):  # not packed at all
        return given[:most]
    unpacking = zlib.decompressobj()
    try:
        made = unpacking.decompress(given, most)
    except zlib.error:
        return None
    return made if unpacking.eof else None


def pixels(head: bytes) -> int:
    """How many pixels a picture says that it has; 0 for what is none of these, or does not say."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(head[16:20]) * int.from_bytes(head[20:24])
    if head.startswith((b"GIF87a", b"GIF89a")):
        return int.from_bytes(head[6:8], "little") * int.from_bytes(head[8:10], "little")
    if head.startswith(b"BM"):
        wide, high = (int.from_bytes(head[at : at + 4], "little", signed=True) for at in (18, 22))
        return abs(wide * high)
    return _of_jpeg(head) if head.startswith(b"\xff\xd8\xff") else 0


def _of_jpeg(head: bytes) -> int:
    at = 2
    while at + 9 < len(head):
        if head[at] != 0xFF:
            return 0
        marker = head[at + 1]
        if marker in _JPEG_SIZES:
            return int.from_bytes(head[at + 5 : at + 7]) * int.from_bytes(head[at + 7 : at + 9])
        # fillers and markers without a length
        at += (
            1
            if marker == 0xFF
            else 2
            if marker in {0x01, *range(0xD0, 0xD9)}
            else 2 + int.from_bytes(head[at + 2 : at + 4])
        )
    return 0
