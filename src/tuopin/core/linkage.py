"""Is this row of somebody's list that person of the register? Numbers mended, pairs scored; a person decides.

Only a sound ID number that is equal links by itself. Everything else is a proposal with points and reasons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core import identity
from tuopin.core.width import half_width

if TYPE_CHECKING:
    from datetime import date

Near = Literal["one_wrong", "transposed", "one_missing", "one_extra"]
NumberSign = Literal["one_wrong", "transposed", "one_missing", "one_extra", "same_faulty", "twice", "none"]
NameSign = Literal["equal", "near", "unknown", "differs"]
BirthSign = Literal["equal", "swapped", "month", "year", "unknown", "differs"]
AreaSign = Literal["village", "township", "unknown", "elsewhere"]
Reason = Literal[
    "number_one_wrong", "number_transposed", "number_one_missing", "number_one_extra", "number_same_faulty",
    "number_twice", "name_equal", "name_near", "name_unknown", "name_differs", "birth_equal", "birth_swapped",
    "birth_month", "birth_year", "birth_unknown", "birth_differs", "area_village", "area_township", "area_unknown",
    "area_elsewhere",
]  # fmt: skip

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1)
_INVERSE = {weight: pow(weight, -1, 11) for weight in set(_WEIGHTS)}
_DIGITS = "0123456789X"
_OLD = re.compile(r"[0-9]{15}")
_SHAPE = re.compile(r"[0-9]{16,18}[0-9X]", re.ASCII)

NUMBER_POINTS: dict[NumberSign, int] = {
    "one_wrong": 50, "transposed": 50, "one_missing": 45, "one_extra": 45, "same_faulty": 45, "twice": 50, "none": 0,
}  # fmt: skip
NAME_POINTS: dict[NameSign, int] = {"equal": 25, "near": 10, "unknown": 0, "differs": -40}
BIRTH_POINTS: dict[BirthSign, int] = {
    "equal": 30, "swapped": 20, "month": 15, "year": 10, "unknown": 0, "differs": -40,
}  # fmt: skip
AREA_POINTS: dict[AreaSign, int] = {"village": 20, "township": 10, "unknown": 0, "elsewhere": -10}
PROPOSED_FROM = 40
"""A pair with fewer points is not worth a person's minute."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair. ``place``: of the list, all that the row says about the address; of the register, unused."""

    name: str
    birth: date | None
    place: str = ""
    village: str = ""
    township: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """``points`` 0 … 100; ``reasons`` for and against, in the order number, name, birth, area."""

    points: int
    reasons: tuple[Reason, ...]

    @property
    def is_proposed(self) -> bool:
        return self.points >= PROPOSED_FROM


# -- numbers ------------------------------------------------------------------------------------------------------


def upgraded(number: str) -> str | None:
    """The 18 characters of an old number of 15 digits (given out until 1999: the century is 19); None for any other.

    The number must be normalised. A birth date that is no day of the calendar is no number.
    """
    if not _OLD.fullmatch(number):
        return None
    digits = f"{number[:6]}19{number[6:]}"
    full = digits + identity.check_character(digits)
    return full if identity.birth_date(full) else None


def of_certificate(number: str) -> str | None:
    """The ID number within a disability certificate's (18 + 2, with a re-issue 18 + 4 characters); None for others."""
    if len(number) not in (20, 22) or not number[18:20].isdigit():
        return None
    return number[:18] if identity.fault(number[:18]) is None else None


def read_number(text: str) -> str | None:
    """A sound 18-character number out of what a list gives (old, of a certificate, full width, spaced); else None."""
    number = identity.normal_id(text)
    if identity.fault(number) is None:
        return number
    return upgraded(number) or of_certificate(number)


def mended(number: str) -> list[tuple[str, Near]]:
    """Every sound number from which one slip of the hand makes this unsound one, with the slip.

    The check digit finds each single wrong digit and each exchange of neighbours, so that two sound numbers never lie
    one slip apart, and for each place at most one digit makes an unsound number sound. At most 53 results; only those
    with a birth date of the calendar. A sound number, or text that is no number at all, gives none.
    """
    if not _SHAPE.fullmatch(number) or "X" in number[:-1]:
        return []
    match len(number):
        case 18:
            found = _wrong(number) + _transposed(number)
        case 17:
            found = _missing(number)
        case 19:
            found = _extra(number)
        case _:
            return []
    first: dict[str, Near] = {}
    for candidate, slip in found:
        first.setdefault(candidate, slip)
    return [(candidate, slip) for candidate, slip in first.items() if identity.birth_date(candidate)]


def _values(number: str) -> list[int]:
    return [10 if letter == "X" else int(letter) for letter in number]


def _wrong(number: str) -> list[tuple[str, Near]]:
    values = _values(number)
    off = (1 - sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))) % 11
    if not off:
        return []
    found: list[tuple[str, Near]] = []
    for at, value in enumerate(values):
        right = (value + off * _INVERSE[_WEIGHTS[at]]) % 11
        if right < 10 or at == 17:
            found.append((number[:at] + _DIGITS[right] + number[at + 1 :], "one_wrong"))
    return found


def _transposed(number: str) -> list[tuple[str, Near]]:
    values = _values(number)
    off = (1 - sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))) % 11
    found: list[tuple[str, Near]] = []
    for at in range(17):
        gain = (_WEIGHTS[at] - _WEIGHTS[at + 1]) * (values[at + 1] - values[at]) % 11
        if gain == off and gain and not (at == 16 and number[17] == "X"):
            found.append((number[:at] + number[at + 1] + number[at] + number[at + 2 :], "transposed"))
    return found


def _missing(number: str) -> list[tuple[str, Near]]:
    found: list[tuple[str, Near]] = []
    for at in range(18):
        if at == 17 and number[-1] == "X":
            continue  # nothing stands behind an X
        blank = _values(number[:at] + "0" + number[at:])
        off = (1 - sum(weight * value for weight, value in zip(_WEIGHTS, blank, strict=True))) % 11
        digit = off * _INVERSE[_WEIGHTS[at]] % 11
        if digit < 10 or at == 17:
            found.append((number[:at] + _DIGITS[digit] + number[at:], "one_missing"))
    return found


def _extra(number: str) -> list[tuple[str, Near]]:
    shorter = (number[:at] + number[at + 1 :] for at in range(19))
    return [(each, "one_extra") for each in shorter if identity.fault(each) is None]


# -- pairs --------------------------------------------------------------------------------------------------------


def compare_names(left: str, right: str) -> NameSign:
    """``near``: of one length and one character apart with another one equal, or one within the other (阿依古丽 ·)."""
    one, other = identity.normal_name(left), identity.normal_name(right)
    if not one or not other:
        return "unknown"
    if one == other:
        return "equal"
    if len(one) == len(other):
        apart = sum(a != b for a, b in zip(one, other, strict=True))
        return "near" if apart == 1 and len(one) > 1 else "differs"
    short, long = sorted((one, other), key=len)
    return "near" if len(short) > 2 and long.startswith(short) else "differs"


def compare_births(left: date | None, right: date | None) -> BirthSign:
    """``swapped``: day and month exchanged. ``month``, ``year``: no more than these are equal."""
    if left is None or right is None:
        return "unknown"
    if left == right:
        return "equal"
    if left.year != right.year:
        return "differs"
    if (left.month, left.day) == (right.day, right.month):
        return "swapped"
    return "month" if left.month == right.month else "year"


def bare_place(name: str) -> str:
    """A village's or township's name without the word for its kind: 郑楼村委会 → 郑楼, 柳河镇 → 柳河."""
    shown = "".join(half_width(name).split())
    return re.sub(
        r"(村民委员会|居民委员会|村委会|居委会|社区|行政村|村|街道办事处|街道|办事处|镇|民族乡|乡)+$", "", shown
    )


def compare_places(text: str, village: str, township: str) -> AreaSign:
    """What an address says for a village and its township by their names. One character is a name only before 村."""
    address = "".join(half_width(text).split())
    if not address:
        return "unknown"
    town = bare_place(township)
    in_town = bool(town) and (town if len(town) > 1 else township) in address
    place = bare_place(village)
    named = bool(place) and (place if len(place) > 1 else f"{place}村") in address
    names_other_town = not in_town and re.search(r"[乡镇]|街道", address) is not None
    if named and not names_other_town:
        return "village"
    if in_town:
        return "township"
    return "elsewhere"


def score(row: Side, person: Side, number: NumberSign) -> Scored:
    """How likely ``row`` of a list is ``person`` of the register. Points are an order of work, never a decision."""
    name = compare_names(row.name, person.name)
    birth = compare_births(row.birth, person.birth)
    area = compare_places(row.place, person.village, person.township)
    points = NUMBER_POINTS[number] + NAME_POINTS[name] + BIRTH_POINTS[birth] + AREA_POINTS[area]
    signs = [f"name_{name}", f"birth_{birth}", f"area_{area}"]
    if number != "none":
        signs.insert(0, f"number_{number}")
    return Scored(max(0, min(points, 100)), tuple(signs))  # type: ignore[arg-type]  # composed of the listed words
