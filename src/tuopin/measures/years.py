"""Which year a page of measures is about: the one asked for, else that of the day the register describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform.given import whole_number
from tuopin.register import counting

if TYPE_CHECKING:
    from datetime import date

FIRST = 2000


def year_of(text: str, day: date | None = None, *, ahead: int = 0) -> int:
    """The year that an address asks for; where it asks for none, or for nothing that may be, the year of ``day`` (the
    register's by default). ``ahead``: how many years from now may be asked for."""
    asked = whole_number(text, 0) or 0
    if FIRST <= asked <= timezone.localdate().year + ahead:
        return asked
    return min((day or counting.as_of()).year, timezone.localdate().year)


def years(*, ahead: int = 0, count: int = 8) -> range:
    """The years of a choice, the newest first: back to that of the register at least."""
    last = timezone.localdate().year + ahead
    return range(last, min(last - count, counting.as_of().year - 1), -1)
