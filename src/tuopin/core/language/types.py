"""Types of values, and the bounds that keep exact arithmetic within 127 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tuopin.core.language.units import PLAIN, Unit, unit_text

type Kind = Literal["boolean", "number", "code", "text", "date", "unknown"]

# A stored number beyond its bound is unknown: no yearly income, area or population comes near. The bounds let the
# check prove, before a rule loads, that no product or sum it forms leaves 38 digits: DuckDB's HUGEINT holds more,
# Spark's widest decimal just that many.
BOUNDS = {"money": 10**15, "decimal": 10**12, "integer": 10**10}
COUNT_BOUND = 10**7  # members directly below one subject; small enough for sums over four levels
ELAPSED_BOUND = 10**7  # days between any two dates
LARGEST = 10**38 - 1
MONEY_SCALE = 2

_ZH = {"boolean": "是否", "number": "数", "code": "代码", "text": "文字", "date": "日期", "unknown": "未知"}


@dataclass(frozen=True, slots=True)
class Type:
    """The type of an expression.

    ``unit`` belongs to numbers; ``free`` marks a number written out, which takes the unit of its neighbour;
    ``interval`` a count or share with members that may be uncertain; ``codes`` are the values of a code.
    """

    kind: Kind
    unit: Unit = PLAIN
    free: bool = False
    interval: bool = False
    codes: tuple[tuple[str, str], ...] = ()  # (value, Chinese title)

    def name(self) -> str:
        """In the words of an English message."""
        if self.kind == "number" and not self.free:
            return f"number in {unit_text(self.unit)}" if self.unit else "plain number"
        return self.kind

    def name_zh(self) -> str:
        """In the words of a Chinese message."""
        if self.kind == "number" and self.unit:
            return f"数（{unit_text(self.unit)}）"
        return _ZH[self.kind]


BOOLEAN = Type("boolean")
DATE = Type("date")
TEXT = Type("text")
UNKNOWN = Type("unknown")
