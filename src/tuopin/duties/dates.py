"""What was typed into the forms of duties: days within a human life, and lines of text."""

from __future__ import annotations

from datetime import date

from tuopin.core.workbook.values import parse_date
from tuopin.platform.problems import Problem

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)


def day_of(text: str, zh: str, en: str) -> date:
    """A day as it was typed; ``zh`` and ``en`` name it. Raises Problem."""
    found = parse_date(text.strip()[:20])
    if not isinstance(found, date):
        raise Problem("bad_date", f"{zh}请写作 2018-12-01。", f"Write {en} as 2018-12-01.")
    return sensible(found, zh, en)


def day_or_none(text: str, zh: str, en: str) -> date | None:
    """The same, where it may be left empty."""
    return day_of(text, zh, en) if text.strip() else None


def sensible(day: date, zh: str, en: str) -> date:
    """The day itself. Raises Problem for one that no plan can mean."""
    if not FIRST <= day <= LAST:
        raise Problem("bad_date", f"{zh}应在 1990 年至 2100 年之间。", f"{en} must lie between 1990 and 2100.")
    return day


def line_of(text: str, most: int, zh: str, en: str, *, needed: bool = False) -> str:
    """One line of text, trimmed. Raises Problem: too long, not printable, or empty where it is needed."""
    found = text.strip()
    if len(found) > most or not found.isprintable():
        raise Problem(
            "bad_text", f"{zh}最多 {most} 字，写在一行。", f"{en}: at most {most} characters, on one line.", most=most
        )
    if needed and not found:
        raise Problem("no_text", f"请填写{zh}。", f"Give {en}.")
    return found
