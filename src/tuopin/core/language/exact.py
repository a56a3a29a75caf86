"""Exact numbers as results show them: a numerator over a positive denominator, never a binary float."""

from __future__ import annotations

from typing import NamedTuple


class Exact(NamedTuple):
    """The number ``numerator / denominator`` (denominator > 0, not reduced)."""

    numerator: int
    denominator: int

    def text(self, places: int) -> str:
        """Decimal text with ``places`` decimals, rounded half up (away from zero): 2994.995 → ``2995.00``."""
        scaled = abs(self.numerator) * 10**places
        whole, rest = divmod(scaled, self.denominator)
        if rest * 2 >= self.denominator:
            whole += 1
        digits = str(whole).rjust(places + 1, "0")
        sign = "-" if self.numerator < 0 and whole else ""
        return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


class Interval(NamedTuple):
    """A count or share of which only the bounds are sure, both included; a sure one has ``low == high``."""

    low: Exact
    high: Exact
