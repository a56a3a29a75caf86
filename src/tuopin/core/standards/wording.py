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

CONFIDENCE = {
    "seed": Title("本市文件", "the city's own document"),
    "found": Title("见于公开文本", "found in a published text"),
    "known": Title("常识，未见文本", "general knowledge, no text found"),
    "guess": Title("推测", "guess"),
}
"""How sure it is that a statement of a pack stands in a document."""

RATE_SCALE = 4
"""A number without unit that keeps so many decimals is a rate, said in per cent."""

_UNITS = {
    "CNY": Title("元", "yuan"),
    "person": Title("人", "persons"),
    "household": Title("户", "households"),
    "village": Title("个村", "villages"),
    "township": Title("个乡镇", "townships"),
    "county": Title("个县", "counties"),
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


def percent(value: Exact) -> Title:
    """A rate as people say it: ``2.00%``, ``2.0408%``; four decimals at most, two at least."""
    text = _hundredfold(value)
    return Title(f"{text}%", f"{text}%")


def points(value: Exact) -> Title:
    """A difference of rates: ``0.35 个百分点``."""
    text = _hundredfold(value)
    return Title(f"{text} 个百分点", f"{text} percentage points")


def _hundredfold(value: Exact) -> str:
    whole, _, rest = Exact(value.numerator * 100, value.denominator).text(4).partition(".")
    return f"{whole}.{rest[:2]}{rest[2:].rstrip('0')}"


def is_rate(comparison: Comparison) -> bool:
    """Whether a comparison is of shares: people say those in per cent, and their differences in percentage points."""
    if comparison.unit:
        return False
    if comparison.ratio is not None:
        return comparison.ratio.is_share or bool(comparison.ratio.unit)
    return isinstance(comparison.right, Exact) and comparison.right.denominator > 1


def worded(value: object, unit_text: str = "", places: int | None = None, *, rate: bool = False) -> Title:
    """Any value of the rule language; ``rate``: a share, in per cent."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return YES if value else NO
        case Exact():
            return percent(value) if rate else number(value, unit_text, places)
        case Interval(low=low, high=high):
            least = percent(low) if rate else number(low, unit_text, places)
            most = percent(high) if rate else number(high, unit_text, places)
            if low == high:
                return least
            return Title(f"{least.zh} 至 {most.zh}", f"{least.en} to {most.en}")
        case _:
            return Title(str(value), str(value))


def shown_title(text: str | None, unit_text: str) -> Title:
    """A shown fact as an evaluation stores it: text, None if unknown. A number below one without unit is a rate."""
    if not text:
        return UNKNOWN
    whole, _, rest = text.partition(".")
    if not unit_text and len(rest) >= RATE_SCALE and whole.lstrip("-").isdigit() and rest.isdigit():
        return percent(Exact(int(whole + rest), 10 ** len(rest)))
    return with_unit(text, unit_text)


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
        if fact.type == "decimal" and not fact.unit and scale >= RATE_SCALE:
            return percent(Exact(value, 10**scale))
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
    amount = _amount(gap, comparison)
    is_above = comparison.distance.numerator > 0
    if comparison.operator in {">", ">="} and not is_met:
        return Title(f"还差 {amount.zh}", f"{amount.en} short")
    if is_above:
        return Title(f"{'高出' if is_met else '超出'} {amount.zh}", f"{amount.en} {'above' if is_met else 'over'}")
    return Title(f"低于限值 {amount.zh}", f"{amount.en} below the limit")


def _amount(gap: Exact, comparison: Comparison) -> Title:
    if is_rate(comparison):
        amount, step = points(gap), points(Exact(1, 1_000_000))
        is_nothing = Exact(gap.numerator * 100, gap.denominator).text(4).strip("0.") == ""
    else:
        places = decimals(gap, comparison.unit)
        amount = number(gap, comparison.unit)
        step = with_unit(Exact(1, 10**places).text(places), comparison.unit)
        is_nothing = gap.text(places).strip("0.") == ""
    return Title(f"不到 {step.zh}", f"less than {step.en}") if is_nothing else amount
