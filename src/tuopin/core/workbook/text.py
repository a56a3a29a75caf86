"""Text of cells: how a cell of any type is written, and the forms in which headers and words are compared."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache

from tuopin.core.width import half_width

_MARKED_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_BRACKETS = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
# A double carries 15 decimal digits; from here on a whole number in a cell may already be another number.
PRECISE_BELOW = 10**15


def render(cell: object) -> str:
    """A cell as text, as written.

    Numbers as a spreadsheet shows them: 15 significant digits, and two decimals where the number lies within 1e-9 of
    such a one (binary noise of a sum, 2995.0000000001). Whole numbers from 10^15 on come out as ``4.11423E+17``, so
    that a damaged number is seen to be one.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _render_number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _render_number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if abs(value) >= PRECISE_BELOW:
        mantissa, exponent = f"{value:.14E}".split("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    near = round(value, 2)
    if abs(value - near) >= 1e-9:
        return f"{value:.15g}"
    return str(int(near)) if near == int(near) else repr(near)


def clean(text: str) -> str:
    """Text without control and invisible characters and without blanks at both ends; inner blanks become spaces.

    ``="0123"`` and a leading apostrophe before a digit are the marks of text in a CSV file and go too.
    """
    if text.isprintable() and text[:1] not in " ='" and text[-1:] != " ":
        return text
    shown = "".join(_shown(letter) for letter in text).strip()
    if marked := _MARKED_TEXT.fullmatch(shown):
        shown = marked[1].strip()
    if shown[:1] == "'" and shown[1:2].isdigit():
        shown = shown[1:]
    return shown


def _shown(letter: str) -> str:
    if letter.isprintable():
        return letter
    category = unicodedata.category(letter)
    if category[0] == "Z" or letter in "\t\n\r\v\f":
        return " "
    return "" if category in ("Cc", "Cf") else letter


def squeeze(text: str) -> str:
    """Half width and without any blank: the form in which numbers, dates and identifiers are read."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(half_width(clean(text)).split())


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """The letters and digits of a text in half width and small letters: 县（市、区、旗） = 县(市,区,旗)."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def unit_key(text: str) -> str:
    """A unit as a key; the signs of parts in a hundred and in a thousand are none of the letters of :func:`key`."""
    return key(text.replace("％", "%").replace("%", "百分").replace("‰", "千分"))


def bracket_groups(text: str) -> tuple[str, ...]:
    """What stands in brackets, as keys: 务工时间（月） -> ('月',)."""
    return tuple(
        unit_key(group).removeprefix("单位") for group in _BRACKETS.findall(unicodedata.normalize("NFKC", text))
    )


def without_brackets(text: str) -> str:
    """The text without its last bracket group; the same text if it does not end with one."""
    wide = unicodedata.normalize("NFKC", text).strip().rstrip("*:")
    found = list(_BRACKETS.finditer(wide))
    return wide[: found[-1].start()] if found and found[-1].end() == len(wide) else text


def column_letters(index: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def shorten(text: str, length: int = 100) -> str:
    """For messages: at most ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"
