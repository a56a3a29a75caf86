"""Which characters the fonts of the documents can show: read from the table of the font file itself."""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn

FOLDER = Path(pylopdf_fonts_zh_cn.__file__).parent
FONT = "NotoSansSC-Regular.otf"
"""The font of the text; typst is given the folder and nothing of the machine's own."""


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """First and last characters of the runs that the font covers, from its table ``cmap`` (format 12)."""
    content = (FOLDER / FONT).read_bytes()
    (tables,) = struct.unpack_from(">H", content, 4)
    records = (struct.unpack_from(">4sIII", content, 12 + 16 * at) for at in range(tables))
    start = next(offset for tag, _sum, offset, _length in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", content, start + 2)
    for at in range(count):
        _platform, _encoding, offset = struct.unpack_from(">HHI", content, start + 4 + 8 * at)
        form = struct.unpack_from(">H", content, start + offset)[0]
        if form == 12:
            (groups,) = struct.unpack_from(">I", content, start + offset + 12)
            runs = [struct.unpack_from(">II", content, start + offset + 16 + 12 * each) for each in range(groups)]
            return [first for first, _last in runs], [last for _first, last in runs]
    raise ValueError(f"{FONT}: no table of characters that this program reads")


def covers(character: str) -> bool:
    """Whether the font has a picture of the character."""
    firsts, lasts = _ranges()
    at = bisect_right(firsts, ord(character)) - 1
    return at >= 0 and ord(character) <= lasts[at]
