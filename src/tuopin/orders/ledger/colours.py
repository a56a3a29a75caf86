"""How a problem of the ledger stands: one of seven colours, each with its words. The time is an input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title

from ..board import due
from ..limits import day_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

COLOURS: Mapping[str, Title] = {
    "late": Title("未销号，已逾期", "open, late"),
    "ten": Title("未销号，10 天以内到期", "open, due within 10 days"),
    "twenty": Title("未销号，11–20 天到期", "open, due in 11–20 days"),
    "later": Title("未销号，20 天以后到期", "open, due later"),
    "undated": Title("未销号，未定时限", "open, no limit yet"),
    "checking": Title("未销号，待核实或待销号", "open, to be verified or closed"),
    "closed": Title("已销号", "closed"),
}
"""From what burns to what is done."""
SHORT: Mapping[str, Title] = {
    "late": Title("逾期", "late"), "ten": Title("≤10 天", "≤10 days"), "twenty": Title("≤20 天", "≤20 days"),
    "later": Title(">20 天", ">20 days"), "undated": Title("未定时限", "no limit"),
    "checking": Title("待销号", "to close"), "closed": Title("已销号", "closed"),
}  # fmt: skip
SIGNS: Mapping[str, str] = {
    "late": "●", "ten": "◕", "twenty": "◑", "later": "◔", "undated": "○", "checking": "◎", "closed": "✓",
}  # fmt: skip
"""A colour is never alone: who sees none reads the sign and the word."""
CLOSED = ("closed", "final")
CHECKING = ("reported", "verified")
OPEN = ("draft", *due.RUNNING)
_TEN, _TWENTY = 11, 21  # midnights after today’s: the last day counts


def within(colour: str, now: datetime) -> Q:
    """The problems of a colour. Raises KeyError."""
    if colour == "closed":
        return Q(state__in=CLOSED)
    if colour == "checking":
        return Q(state__in=CHECKING)
    ten, twenty = due.midnight(now, _TEN), due.midnight(now, _TWENTY)
    return (
        Q(state__in=OPEN)
        & {
            "late": Q(limit_at__lte=now),
            "ten": Q(limit_at__gt=now, limit_at__lte=ten),
            "twenty": Q(limit_at__gt=ten, limit_at__lte=twenty),
            "later": Q(limit_at__gt=twenty),
            "undated": Q(limit_at=None),
        }[colour]
    )


def of(state: str, limit_at: datetime | None, now: datetime) -> str:
    """The colour of one problem."""
    if state in CLOSED:
        return "closed"
    if state in CHECKING:
        return "checking"
    if limit_at is None:
        return "undated"
    if limit_at <= now:
        return "late"
    days = (day_of(limit_at) - timezone.localdate(now)).days
    return "ten" if days < _TEN else "twenty" if days < _TWENTY else "later"
