"""How the value of a cell is printed, alike on pages and in exports."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import CONDITIONS, KINDS
from tuopin.platform.panels import NO, YES, decimal_text

from .model import Cell

if TYPE_CHECKING:
    from .model import Column, Row


def verdict_titles(kind: str = "") -> dict[str, Title]:
    """The words of verdicts by kind of standard (``core.standards.kinds``); none = conditions."""
    return {verdict: said.title for verdict, said in KINDS[kind or CONDITIONS.key].items.items()}


VERDICTS = verdict_titles()


def cell(column: Column, row: Row, raw: Any) -> Cell:
    """The cell of a row. A blank text is unknown, as None is."""
    value = column.pick(raw) if column.pick is not None else raw
    value = None if value == "" else value
    return Cell(column, value, _text(column, value), column.href(row) if column.href is not None else "")


def _text(column: Column, value: Any) -> Title | None:
    if value is None:
        return None
    if isinstance(value, Title):
        return value
    match column.kind:
        case "choice":
            named = [column.choices.get(code, Title(code, code)) for code in str(value).split(",")]
            return Title("、".join(each.zh for each in named), ", ".join(each.en for each in named))
        case "verdict":
            return verdict_titles(column.words).get(str(value), Title(str(value), str(value)))
        case "flag":
            return YES if value else NO
        case "amount":
            return _same(decimal_text(value, column.scale) if isinstance(value, int) else grouped(str(value)))
        case "date":
            return _same(_moment(value))
        case _:
            return _same(str(value))


def _same(text: str) -> Title:
    return Title(text, text)


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def grouped(number: str) -> str:
    """A decimal text with its thousands apart; intervals and other texts as they are."""
    whole, dot, rest = number.partition(".")
    if not whole.removeprefix("-").isdigit():
        return number
    return f"{int(whole):,}{dot}{rest}" if whole != "-0" else number
