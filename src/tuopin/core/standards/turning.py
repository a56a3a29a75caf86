"""What would turn a comparison: the least change of what is counted or paid, or how many unknown ones decide it.

A ratio turns by what stands above its line (persons not exited of a population, yuan of a whole household), anything
else by itself. Changing the value by the amount turns the comparison, one step less does not: the tests say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language import Exact, Interval
from tuopin.core.language.catalogue import Title
from tuopin.core.standards import wording

if TYPE_CHECKING:
    from tuopin.core.language import Comparison

COUNTED = frozenset({"person", "household", "village", "township", "county"})
"""Units that are whole things: there are no fewer than none of them."""
_OTHERWISE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One way to turn a comparison. ``amount`` (> 0) in ``unit``: of the value itself, of what stands above the line of
    a ratio (``of_ratio``), or of the unknown ones that would have to become known (``kind``: ``settle``). ``holds`` is
    what the comparison is afterwards. ``more``: by so much more, or (``settle``) by counting, not by not counting."""

    kind: Literal["change", "settle"]
    amount: Exact
    unit: str
    more: bool
    holds: bool
    of_ratio: bool = False
    name: str = ""


def turns(comparison: Comparison) -> tuple[Turn, ...]:
    """The least changes that turn it; empty where there is none: an equality, an unknown, a limit that no change of
    this side reaches."""
    if comparison.operator not in _OTHERWISE or not isinstance(comparison.right, Exact):
        return ()
    match comparison.left:
        case Exact() as left:
            found = _change(comparison, left, comparison.right)
            return () if found is None else (found,)
        case Interval(low=low, high=high) if low == high:
            found = _change(comparison, low, comparison.right)
            return () if found is None else (found,)
        case Interval() as left:
            return _settle(comparison, left, comparison.right)
        case _:
            return ()


def _change(comparison: Comparison, left: Exact, right: Exact) -> Turn | None:
    ratio = comparison.ratio
    if ratio is None or (ratio.above is None and not ratio.is_share):
        above, divisor, step, unit, name = left.numerator, 1, left.denominator, comparison.unit, ""
    elif ratio.is_share:
        above, divisor, step, unit, name = left.numerator, left.denominator, 1, ratio.unit, ratio.name
    elif isinstance(ratio.above, Exact) and left.denominator % ratio.above.denominator == 0:
        above, step = ratio.above.numerator, ratio.above.denominator
        divisor, unit, name = left.denominator // step, ratio.unit, ratio.name
    else:
        return None
    holds = _holds(comparison.operator, above * right.denominator, right.numerator * step * divisor)
    wanted = _nearest(comparison.operator if not holds else _OTHERWISE[comparison.operator], right, step * divisor)
    if wanted is None or (unit.partition("/")[0] in COUNTED and wanted < 0):
        return None
    if ratio is not None and ratio.is_share and not 0 <= wanted <= divisor:
        return None
    amount = Exact(abs(wanted - above), step)
    if unit.partition("/")[0] in COUNTED and step > 1:  # counted with weights: whole persons all the same
        amount = Exact(-(-amount.numerator // step), 1)
    return Turn("change", amount, unit, wanted > above, not holds, ratio is not None, name)


def _nearest(operator: str, limit: Exact, whole: int) -> int | None:
    """The number ``n`` nearest to the limit for which ``n / whole operator limit`` holds."""
    floor, rest = divmod(limit.numerator * whole, limit.denominator)
    match operator:
        case "<=":
            return floor
        case "<":
            return floor if rest else floor - 1
        case ">=":
            return floor + 1 if rest else floor
        case ">":
            return floor + 1
    return None


def _settle(comparison: Comparison, left: Interval, right: Exact) -> tuple[Turn, ...]:
    """Of so many unknown ones, how many must turn out to count, or not to count, until the comparison is decided.

    Only where both ends divide by the same: then each unknown one moves one end by one.
    """
    low, high = left.low, left.high
    ratio = comparison.ratio
    if low.denominator != high.denominator or (ratio is None and low.denominator != 1):
        return ()
    unit = comparison.unit if ratio is None else ratio.unit
    name = "" if ratio is None else ratio.name
    whole = low.denominator
    is_upper = comparison.operator in {"<", "<="}
    met = _nearest(comparison.operator, right, whole)
    unmet = _nearest(_OTHERWISE[comparison.operator], right, whole)
    if met is None or unmet is None:
        return ()
    found = []
    for wanted, holds in ((met, True), (unmet, False)):
        counts = holds != is_upper  # below a limit, what holds is that they do not count
        number = wanted - low.numerator if counts else high.numerator - wanted
        if 0 < number <= high.numerator - low.numerator:
            found.append(Turn("settle", Exact(number, 1), unit, counts, holds, ratio is not None, name))
    return tuple(found)


def unsettled(comparison: Comparison) -> int:
    """How many unknown ones make an interval of a count or share, where each of them moves it by one; else 0."""
    match comparison.left:
        case Interval(low=low, high=high) if low.denominator == high.denominator:
            return high.numerator - low.numerator
        case _:
            return 0


def _holds(operator: str, left: int, right: int) -> bool:
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def words(turn: Turn, result: Title, named: Title | None) -> Title:
    """``未脱贫人口再减少 3 人即达标`` / ``met with 3 persons less (persons not exited)``. ``result``: what it is then;
    ``named``: what changes."""
    is_rate = not turn.unit and turn.amount.denominator > 1
    amount = wording.points(turn.amount) if is_rate else wording.number(turn.amount, turn.unit)
    if turn.amount.denominator == 1 and not wording.unit(turn.unit).zh:
        amount = Title(f"{amount.zh} ", amount.en)  # a plain number does not run into the word behind it
    if turn.kind == "settle":
        counts = Title("计入", "to count") if turn.more else Title("不计入", "not to count")
        zh = f"其中 {amount.zh}查明{counts.zh}即{result.zh}"
        return Title(zh, f"{result.en} once {amount.en} of them are found {counts.en}")
    way = Title("再增加", "more") if turn.more else Title("再减少", "less")
    what_zh = named.zh if named is not None else "合计" if turn.of_ratio else ""
    what_en = f" ({named.en})" if named is not None else " in total" if turn.of_ratio else ""
    return Title(f"{what_zh}{way.zh} {amount.zh}即{result.zh}", f"{result.en} with {amount.en} {way.en}{what_en}")
