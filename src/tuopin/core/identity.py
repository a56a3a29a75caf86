"""Citizens' ID numbers (GB 11643) and names, as data: no register, no network.

A number is 17 digits and a check character: 6 digits of the place of first registration, 8 of the birth date, 3 of a
serial number (odd = male). A number is never mended: it is sound, or it has exactly one fault.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from operator import mul
from typing import Literal

from tuopin.core.width import half_width

Fault = Literal["id_precision_lost", "id_length", "id_check_digit"]
Sex = Literal["male", "female"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK = "10X98765432"
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_DOTS = str.maketrans(dict.fromkeys("•・‧･●▪.", "·"))


def normal_id(text: str) -> str:
    """The number as it is compared: half width, without spaces and invisible characters, ``x`` as ``X``."""
    if text.isascii() and text.isalnum():
        return text.upper()
    wide = half_width(text)
    return "".join(letter for letter in wide if letter.isprintable() and not letter.isspace()).upper()


def check_character(digits: str) -> str:
    """The check character of the first 17 digits. Raises ValueError unless these are 17 decimal digits."""
    if len(digits) != 17 or not (digits.isascii() and digits.isdigit()):
        raise ValueError("17 digits expected")
    return _CHECK[(sum(map(mul, digits.encode(), _WEIGHTS)) - _ZEROS) % 11]


def fault(number: str) -> Fault | None:
    """The first fault of a normalised number (see :func:`normal_id`), or None when it is sound.

    ``id_precision_lost``: a spreadsheet made a floating number of it (``4.11423E+17``). ``id_length``: not 18
    characters. ``id_check_digit``: the check character does not fit, or a letter stands where a digit belongs.
    """
    if "E" in number.upper() and _SCIENTIFIC.fullmatch(number):
        return "id_precision_lost"
    if len(number) != 18:
        return "id_length"
    digits = number[:17]
    sound = digits.isascii() and digits.isdigit() and check_character(digits) == number[17]
    return None if sound else "id_check_digit"


def birth_date(number: str) -> date | None:
    """The birth date in a sound number; None if these eight digits are no day of the calendar."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> Sex:
    """The sex in a sound number: an odd 17th digit is male."""
    return "male" if int(number[16]) % 2 else "female"


def mask_id(number: str) -> str:
    """For lists and exports: the first four and the last two characters, the rest as ``*``; short ones wholly."""
    if len(number) < 10:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 6) + number[-2:]


def mask_name(name: str) -> str:
    """For public lists: the first character, the rest as ``*``."""
    return name[:1] + "*" * max(len(name) - 1, 0)


def mask_phone(phone: str) -> str:
    """The first three and last two characters of a telephone number, the rest as ``*``; short ones wholly."""
    if len(phone) < 7:
        return "*" * len(phone)
    return phone[:3] + "*" * (len(phone) - 5) + phone[-2:]


def normal_name(name: str) -> str:
    """A person's or place's name as it is compared: half width, one kind of middle dot, no invisible characters.

    Spaces go between Chinese characters (张 三 = 张三) and become one between Latin words.
    """
    wide = half_width(name).translate(_DOTS)
    shown = "".join(letter if letter.isprintable() else " " for letter in wide if unicodedata.category(letter) != "Cf")
    joined = " ".join(shown.split())
    return re.sub(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])", "", joined)
