"""What may be said of how many: who does not see households gets no number that points at one.

A what-if asks many questions of the same people, and the difference of two answers is an answer too. So a reader of
figures alone gets numbers in fives, none below five but nought, and a line in whole hundreds of yuan. A share of a
village would give the number away again: it comes in steps of what five of its households are.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tuopin.core.language.catalogue import Title
from tuopin.platform.charts import Cell
from tuopin.platform.problems import Problem

FEW = 5
STEP = 100
"""Yuan between the lines that a reader of figures alone may ask for."""
_FEWER = Title(f"少于 {FEW}", f"fewer than {FEW}")
_WITHHELD = Title("不公开", "withheld")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """``open``: the reader sees the households behind the numbers, and so the numbers as they are."""

    open: bool

    def number(self, count: int) -> int | None:
        """A count as the reader may see it; None = fewer than five, and not nought."""
        if self.open or count == 0:
            return count
        return None if count < FEW else (2 * count + FEW) // (2 * FEW) * FEW

    def cell(self, count: int, href: str = "") -> Cell:
        """The same as a cell of a chart; its list only for those who may see it."""
        found = self.number(count)
        return Cell(found, href if self.open else "", None if found is not None else _FEWER)

    def coarse(self, value: Fraction, counted: int) -> Fraction:
        """A share or an index over ``counted`` households: for a reader of figures alone in hundredths, or in steps of
        what five of the households are, where these are more."""
        if self.open:
            return value
        step = max(Fraction(1, 100), Fraction(FEW, max(counted, FEW)))
        found = rounded(value / step, 0) * step
        return min(found, Fraction(1)) if value <= 1 else found

    def yuan(self, value: Fraction, line: Fraction) -> Fraction:
        """Money by a line: for a reader of figures alone in whole thousands, at least five times the line."""
        if self.open:
            return value
        step = -(-FEW * line // 1000) * 1000
        return Fraction(rounded(value / step, 0) * step)

    def share(self, value: Fraction | None, households: int, counted: int, places: int) -> Cell:
        """A share of ``counted`` households as percent with ``places`` decimals; a reader of figures alone gets whole
        per cents. Few poor households say too much about each."""
        if value is None:
            return Cell(None)
        if not self.open and 0 < households < FEW:
            return Cell(None, text=_WITHHELD)
        told = 100 * self.coarse(value, counted)
        return Cell(rounded(told, places) if self.open else rounded(told, 0) * 10**places)

    def money(self, value: Fraction, households: int, line: Fraction) -> Cell:
        """Yuan with two decimals, as :meth:`yuan` has it."""
        if not self.open and 0 < households < FEW:
            return Cell(None, text=_WITHHELD)
        return Cell(rounded(self.yuan(value, line), 2))

    def line(self, value: Fraction) -> None:
        """Raises Problem for a line that this reader may not ask for."""
        if not self.open and value % STEP:
            raise Problem(
                "line_too_fine",
                f"您只能查看汇总数字，标准线请填 {STEP} 元的整数倍。",
                f"You see figures alone: choose a line in whole hundreds ({STEP} yuan).",
            )


def rounded(value: Fraction, places: int) -> int:
    """A fraction as a scaled integer, half up (away from zero)."""
    scaled: Fraction = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -whole if value < 0 else whole
