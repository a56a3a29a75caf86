"""Values, units and distances in the two languages of the product."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from tuopin.core.language import Exact, Interval
from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from tuopin.core.language import Comparison
    from tuopin.core.language.catalogue import Fact

BLANK = Title("空白", "blank")
UNKNOWN = Title("未知", "unknown")
YES, NO = Title("是", "yes"), Title("否", "no")

_UNITS = {
    "CNY": Title("元", "yuan"),
    "person": Title("人", "persons"),
    "household": Title("户", "households"),
    "mu": Title("亩", "mu"),
    "km": Title("公里", "km"),
    "m2": Title("平方米", "m²"),
    "year": Title("年", "years"),
    "month": Title("个月", "months"),
    "day": Title("天", "days"),
    "minute": Title("分钟", "minutes"),
    "m": Title("米", "m"),
    "L": Title("升", "litres"),
}


def unit(text: str) -> Title:
    """The counted thing of a unit: of ``CNY/person/year`` the yuan. Plain numbers have none."""
    return _UNITS.get(text.partition("/")[0], Title("", "")) if text else Title("", "")


def with_unit(number: str, unit_text: str) -> Title:
    """``312.00 元`` / ``312.00 yuan``."""
    name = unit(unit_text)
    return Title(f"{number} {name.zh}".rstrip(), f"{number} {name.en}".rstrip())


def decimals(value: Exact, unit_text: str) -> int:
    """Money has 2 decimals, litres have 1, whole numbers none, other ratios 6."""
    if "CNY" in unit_text:
        return 2
    if unit_text.startswith("L/"):
        return 1
    return 0 if value.numerator % value.denominator == 0 else 6


def number(value: Exact, unit_text: str, places: int | None = None) -> Title:
    """A number with its unit, rounded half up from the exact quotient."""
    return with_unit(value.text(decimals(value, unit_text) if places is None else places), unit_text)


def worded(value: object, unit_text: str = "", places: int | None = None) -> Title:
    """Any value of the rule language."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return YES if value else NO
        case Exact():
            return number(value, unit_text, places)
        case Interval(low=low, high=high):
            if low == high:
                return number(low, unit_text, places)
            least, most = number(low, unit_text, places), number(high, unit_text, places)
            return Title(f"{least.zh} 至 {most.zh}", f"{least.en} to {most.en}")
        case _:
            return Title(str(value), str(value))


def cell(fact: Fact, value: object) -> Title:
    """A stored value as a person reads it; ``None`` is a blank cell."""
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, datetime.date):
        return Title(value.isoformat(), value.isoformat())
    if isinstance(value, int):
        scale = 2 if fact.type == "money" else fact.scale
        return with_unit(Exact(value, 10**scale).text(scale), fact.unit)
    for code, title in fact.codes:
        if code == value:
            return title
    return Title(str(value), str(value))


def distance(comparison: Comparison, is_met: bool) -> Title | None:
    """How far a comparison is from its limit: ``还差 312.00 元`` / ``312.00 yuan short``. ``None`` if unknown.

    On the limit itself it says so; a distance too small for the decimals is called less than the last digit.
    """
    if comparison.distance is None or comparison.operator in {"==", "!="}:
        return None
    gap = Exact(abs(comparison.distance.numerator), comparison.distance.denominator)
    if gap.numerator == 0:
        return Title("恰在限值上", "exactly on the limit")
    places = decimals(gap, comparison.unit)
    amount = number(gap, comparison.unit)
    if gap.text(places).strip("0.") == "":
        step = with_unit(Exact(1, 10**places).text(places), comparison.unit)
        amount = Title(f"不到 {step.zh}", f"less than {step.en}")
    is_above = comparison.distance.numerator > 0
    if comparison.operator in {">", ">="} and not is_met:
        return Title(f"还差 {amount.zh}", f"{amount.en} short")
    if is_above:
        return Title(f"{'高出' if is_met else '超出'} {amount.zh}", f"{amount.en} {'above' if is_met else 'over'}")
    return Title(f"低于限值 {amount.zh}", f"{amount.en} below the limit")
