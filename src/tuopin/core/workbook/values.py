"""From the text of a cell to the value of its field's type, or to the one reason why it is none.

Nothing is guessed and nothing mended: what is not clearly a value of the type is a :class:`Bad`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tuopin.core import identity
from tuopin.core.width import half_width
from tuopin.core.workbook.text import clean, key, squeeze, unit_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuopin.core.workbook.kinds import Field


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that is no value of its field: kept as written, counted as unknown."""

    code: str


type Value = str | int | bool | date | None
type Parser = Callable[[str], Value | Bad]

BAD_NUMBER, BAD_DATE, BAD_BOOLEAN, BAD_CODE, TOO_LONG, NO_UNIT, OUT_OF_RANGE = (
    Bad(code) for code in ("bad_number", "bad_date", "bad_boolean", "bad_code", "too_long", "no_unit", "out_of_range")
)
_LIMIT = 2**63 - 1
_PLAIN = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?", re.ASCII)
_NUMBER = re.compile(
    r"[¥$]?(?P<number>[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?|[+-]?\.[0-9]+)(?P<unit>[^0-9.,+-].*)?"
)
# Blanks inside a number are those between thousands (1 234.50), and no others (12 34).
_TORN = re.compile(r"[0-9.]\s+(?![0-9]{3}(?![0-9]))[0-9]")
_DATE = re.compile(r"(\d{4})(?P<mark>[-/.年])(\d{1,2})(?:(?P=mark)|月)(\d{1,2})[日号]?", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))", re.ASCII)
_SECONDS = re.compile(r"(\d{8})(?:[01]\d|2[0-3])[0-5]\d[0-5]\d", re.ASCII)
_WEEKDAY = r"\s*\(?(?:星期|周)[一二三四五六日天]\)?"
_HALF = r"(?:上午|下午|中午|凌晨|清晨|早上|早晨|晚上|傍晚|夜间|[AaPp][Mm](?=[\s\d]|$))"
_CLOCK = (
    r"(?:[01]?\d|2[0-4])"
    r"(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?|\s*[时点]\s*(?:半|整|许|[0-5]?\d\s*分?\s*(?:[0-5]?\d\s*秒)?)?)"
)
# A time of day, as the lists of hotlines write it: 9:30, 9时30分, 上午9点, 9:30 PM; and the day of the week.
_TIME = re.compile(
    rf"(?:{_WEEKDAY})?(?:(?:\s+|(?<=\d)T|(?<=[日号天一二三四五六)])){_CLOCK}(?:\+08:?00)?(?:\s*[AaPp][Mm])?"
    rf"|\s*{_HALF}\s*(?:{_CLOCK})?)?$",
    re.ASCII,
)
_LONGEST_DAY = 64
_FLOATED = re.compile(r"-?[0-9](\.[0-9]+)?[eE]\+?[0-9]{2,}")
_SEPARATORS = re.compile(r"[,，、;；/|]")


def parser(field: Field, factor: str | None = None) -> Parser:
    """The parser of a field's cells; ``factor`` is that of the unit in the header (万元 -> ``"10000"``), empty where a
    number must bring its own; None = the field's own way (a form, which has no header).

    The parser returns the value, None for a blank cell, or :class:`Bad`.
    """
    if factor is None:
        factor = "" if field.unit_needed else "1"
    match field.type:
        case "text":
            return _no_longer(_text, field.longest)
        case "identifier":
            return _no_longer(_identifier, field.longest)
        case "id_number":
            return _checked_id if field.checked else _unchecked_id
        case "code":
            return _codes(field)
        case "boolean":
            return _booleans(field)
        case "date":
            return parse_date
        case "month":
            return parse_month
        case "money":
            return _within(_numbers(2, factor, field.factors), field.within, 2)
        case "decimal":
            return _within(_numbers(field.scale, factor, field.factors), field.within, field.scale)
        case "integer":
            return _within(_numbers(0, factor, field.factors), field.within, 0)


def _no_longer(parse: Parser, longest: int) -> Parser:
    """A value cut short would be another value: too long a one is named and counts as unknown."""

    def checked(text: str) -> Value | Bad:
        value = parse(text)
        return TOO_LONG if isinstance(value, str) and len(value) > longest else value

    return checked


def _text(text: str) -> Value:
    return clean(text) or None


def _identifier(text: str) -> Value | Bad:
    if text.isascii() and text.isdigit():
        return text
    value = squeeze(text)
    return Bad("precision_lost") if _FLOATED.fullmatch(value) else value or None


def _checked_id(text: str) -> Value | Bad:
    number = identity.normal_id(clean(text))
    if not number:
        return Bad("id_missing")
    found = identity.fault(number)
    return Bad(found) if found else number


def _unchecked_id(text: str) -> Value:
    number = identity.normal_id(clean(text))
    return number if number and identity.fault(number) is None else None


def _codes(field: Field) -> Parser:
    table = {key(word): code for word, code in field.codes.items()}

    def one(text: str) -> str | None:
        found = table.get(key(text))
        filled = any(letter.isalnum() for letter in text)
        return found or (field.other if filled and field.other else None)

    def parse(text: str) -> Value | Bad:
        value = clean(text)
        if not value:
            return None
        code = one(value) if not field.multiple or key(value) in table else None
        if code is None and field.multiple:
            parts = [one(part) for part in _SEPARATORS.split(value) if part.strip()]
            code = ",".join(dict.fromkeys(part for part in parts if part)) if parts and all(parts) else None
        return code or BAD_CODE

    return parse


def _booleans(field: Field) -> Parser:
    table = {"true": True, "false": False}
    table |= {key(word): True for word in field.true} | {key(word): False for word in field.false}

    def parse(text: str) -> Value | Bad:
        value = clean(text)
        return table.get(key(value), BAD_BOOLEAN) if value else None

    return parse


def parse_date(text: str) -> Value | Bad:
    """2018-12-01, 2018/12/1, 2018.12.1, 2018年12月1日, 20181201, with or without a time of day."""
    written = half_width(clean(text))
    if len(written) > _LONGEST_DAY:
        return BAD_DATE
    value = squeeze(_TIME.sub("", written, count=1))
    if not value:
        return BAD_DATE if written else None
    found = _DIGITS.fullmatch(_SECONDS.sub(r"\1", value))
    parts = found.groups() if found else None
    if parts is None and (found := _DATE.fullmatch(value)):
        parts = (found[1], found[3], found[4])
    if parts is None or not 1850 <= int(parts[0]) <= 2150:
        return BAD_DATE
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return BAD_DATE


def parse_month(text: str) -> Value | Bad:
    """201612, 2016-12, 2016/12, 2016年12月, or a whole date: text ``2016-12``."""
    value = squeeze(text)
    if not value:
        return None
    if found := _MONTH.fullmatch(value):
        year, month = int(found[1]), int(found[2] or found[3])
        return f"{year:04}-{month:02}" if 1850 <= year <= 2150 and 1 <= month <= 12 else BAD_DATE
    day = parse_date(value)
    return f"{day:%Y-%m}" if isinstance(day, date) else BAD_DATE


def _numbers(scale: int, factor: str, units: Mapping[str, str]) -> Parser:
    """Numbers as integers scaled by ``10 ** scale``; a unit behind the number goes before that of the header."""
    column = Decimal(factor).scaleb(scale) if factor else None
    factors = {unit_key(unit): Decimal(value).scaleb(scale) for unit, value in units.items()}
    plain = int(column) if column is not None and column == int(column) and scale == 2 else 0

    def parse(text: str) -> Value | Bad:
        if plain and (found := _PLAIN.fullmatch(text)):  # the common case, several times faster
            return (int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))) * plain // 100
        value = squeeze(text)
        if not value:
            return None
        found = _NUMBER.fullmatch(value)
        if not found or len(value) > 28 or _TORN.search(half_width(text)):
            return BAD_NUMBER
        number = found["number"].replace(",", "")
        by = column if not found["unit"] else factors.get(unit_key(found["unit"]))
        if by is None:
            if found["unit"] or not factors:
                return BAD_NUMBER
            return 0 if Decimal(number) == 0 else NO_UNIT
        return _exact(number, by)

    return parse


def _within(parse: Parser, ends: tuple[str, str] | None, scale: int) -> Parser:
    """A number beyond what the field can be is none: 150 % of the households are not content, and nobody walks minus
    five minutes to the water."""
    low, high = (int(Decimal(end).scaleb(scale)) for end in ends) if ends is not None else (0, _LIMIT)

    def checked(text: str) -> Value | Bad:
        value = parse(text)
        return OUT_OF_RANGE if isinstance(value, int) and not low <= value <= high else value

    return checked


def _exact(number: str, by: Decimal) -> Value | Bad:
    try:
        product = Decimal(number) * by
        whole = int(product)
    except (InvalidOperation, OverflowError):
        return BAD_NUMBER
    return whole if product == whole and abs(whole) <= _LIMIT else BAD_NUMBER
