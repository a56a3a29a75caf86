"""Measures of poverty, exact where a share or a verdict hangs on them (docs/methods/poverty-measures.md).

By income: :func:`measure` (headcount, gap, squared gap, Watts, the yuan that lift everybody to the line), over a list,
a :class:`Distribution` (many lines over the same households), or in the set engine (:mod:`.statements`); :func:`gini`.
By several deprivations at once: :func:`alkire_foster`. What is unknown makes an interval or is counted apart.
"""

from tuopin.core.poverty.distribution import Distribution
from tuopin.core.poverty.incomes import Bounds, Income, Measures, PoorWhen, Sums, measure, measures, sums
from tuopin.core.poverty.inequality import gini
from tuopin.core.poverty.multidimensional import (
    AlkireFoster,
    Indicator,
    Profile,
    Tally,
    World,
    alkire_foster,
    equal_weights,
    from_tallies,
)

__all__ = [
    "AlkireFoster",
    "Bounds",
    "Distribution",
    "Income",
    "Indicator",
    "Measures",
    "PoorWhen",
    "Profile",
    "Sums",
    "Tally",
    "World",
    "alkire_foster",
    "equal_weights",
    "from_tallies",
    "gini",
    "measure",
    "measures",
    "sums",
]
