"""The charts of comparisons and of a line that is moved, each with its table."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.charts import Cell, Chart, Mark, Row, Series
from tuopin.platform.panels import decimal_text
from tuopin.standards import results
from tuopin.standards.comparing.disclosure import FEW, rounded
from tuopin.standards.comparing.what_if import BINS, PARTS

if TYPE_CHECKING:
    from tuopin.standards.comparing.selectors import Compared, Matrix
    from tuopin.standards.comparing.what_if import Answer

WORDS = {
    "met": Title("达标", "met"),
    "not_met": Title("未达标", "not met"),
    "unknown": Title("未知", "unknown"),
    "not_applicable": Title("不适用", "not applicable"),
    "absent": Title("未判定", "not judged"),
}
_TONES = {"met": "met", "not_met": "not-met", "unknown": "unknown", "not_applicable": "not-applicable"}
UNITS = {
    "household": Title("户", "households"),
    "village": Title("村", "villages"),
    "county": Title("县", "counties"),
}
_SOURCE = Title("试算，不是核查结果", "what-if, not an evaluation")
_YUAN = Title("元", "yuan")


def yuan(value: Fraction) -> str:
    """Yuan as printed: whole where it is, else with two decimals."""
    return decimal_text(rounded(value, 0), 0) if value.denominator == 1 else decimal_text(rounded(value, 2), 2)


# -- a line that is moved -----------------------------------------------------------------------------------------


def spread(found: Answer) -> Chart:
    """Households by income around the line that is asked for."""
    edges = [yuan(Fraction(rounded(found.line * at / PARTS, 0))) for at in range(BINS + 1)]
    low, *ranges, above, unknown = found.spread
    cell = found.shown.cell
    rows = [Row(Title("低于 0", "below 0"), (cell(low),), tone="not-met")] if low else []
    rows += [
        Row(Title(f"{edges[at]}–{edges[at + 1]}", f"{edges[at]}–{edges[at + 1]}"), (cell(number),),
            tone="not-met" if at < PARTS else "met")
        for at, number in enumerate(ranges)
    ]  # fmt: skip
    rows.append(Row(Title(f"{edges[BINS]} 以上", f"{edges[BINS]} and more"), (cell(above),), tone="met"))
    told = cell(unknown)
    zh, en = (told.text.zh, told.text.en) if told.text else (f"{told.value:,}", f"{told.value:,}")
    shown = yuan(found.line)
    return Chart(
        "what-if-incomes", "histogram", Title("家庭人均纯收入分布", "Net income per head"),
        Title("元/人·年", "yuan/person/year"), (Series(Title("户数", "households"), UNITS["household"]),), tuple(rows),
        _SOURCE, found.side.day,
        Title(
            f"竖线为试算的标准线 {shown} 元；每一格宽为它的四分之一。收入未知 {zh} 户，不在图中。",
            f"The line is the one asked for, {shown} yuan; each range is a quarter of it. Unknown incomes: {en} "
            "households, not in the picture.",
        ),
        Mark(Title(f"标准线 {shown} 元", f"line {shown} yuan"), PARTS + bool(low)),
    )  # fmt: skip


def line_below(found: Answer) -> Chart | None:
    """Households not above the line by area one level down, by the line in force and by the one asked for."""
    if not found.below:
        return None
    cell, money = found.shown.cell, found.shown.money
    rows = tuple(
        Row(
            Title(each.area.name, each.area.name),
            (
                cell(each.in_force.poor_households), cell(each.asked.measures.poor_households),
                cell(each.asked.worse), cell(each.asked.better),
                cell(each.asked.measures.sums.unknown_households),
                money(each.asked.measures.missing.low, each.asked.measures.poor_households, found.line),
            ),
            f"{reverse('standards:line')}?{urlencode(address(found) | {'area': each.area.code})}",
        )
        for each in found.below
    )  # fmt: skip
    unit = UNITS["household"]
    series = (
        Series(Title("现行线下", "under the line in force"), unit),
        Series(Title("试算线下", "under the line asked for"), unit),
        Series(Title("变为未达标", "become not met"), unit, drawn=False),
        Series(Title("不再未达标", "no longer not met"), unit, drawn=False),
        Series(Title("收入未知", "income unknown"), unit, drawn=False),
        Series(Title("收入缺口", "missing income"), _YUAN, 2, drawn=False),
    )
    return Chart(
        "what-if-areas", "bar", Title("下级各区域", "By area below"), Title("区域", "Area"), series, rows, _SOURCE,
        found.side.day,
        Title("线下：收入不高于标准线的户。", "Under the line: households whose income is not above it."),
    )  # fmt: skip


def address(found: Answer) -> dict[str, str]:
    """The parameters of the page that shows this answer."""
    side = found.side
    own = {"area": found.area.code, "pack": side.pack, "standard": side.standard, "day": side.day.isoformat()}
    return own | ({"line": plain(found.line)} if found.line != found.header.value else {})


def plain(value: Fraction) -> str:
    """A line as it stands in a field and an address."""
    return str(value.numerator) if value.denominator == 1 else f"{rounded(value, 2) / 100:.2f}"


# -- a comparison -------------------------------------------------------------------------------------------------


def list_href(found: Compared, area: str, item: str, was: str, becomes: str) -> str:
    """Where the names behind a number stand; empty where there is no such list."""
    if not found.linked or was == becomes or found.level not in results.LISTED:
        return ""
    chosen = {"compare": str(found.number), "compared_item": item, "was": was, "becomes": becomes}
    return f"{reverse(results.LISTED[found.level], args=[area])}?{urlencode(chosen)}"


def sides(found: Compared, item: str) -> Chart:
    """Verdicts on an item by A and by B."""
    matrix = found.matrices.get(item, {})
    series = tuple(
        Series(WORDS[word], UNITS.get(found.level), tone=_TONES.get(word, "")) for word in WORDS if word != "absent"
    )
    rows = tuple(
        Row(title, tuple(found.shown.cell(_total(matrix, at, word)) for word in WORDS if word != "absent"))
        for at, title in enumerate((Title("甲", "A"), Title("乙", "B")))
    )
    return Chart(
        "compare-sides", "shares", Title("甲、乙两边的判定", "Verdicts by A and by B"), Title("判定", "Judged by"),
        series, rows, _SOURCE, _day(found),
    )  # fmt: skip


def _total(matrix: Matrix, at: int, word: str) -> int:
    return sum(number for pair, number in matrix.items() if pair[at] == word)


def areas(found: Compared, item: str) -> Chart | None:
    """Who changes, by area one level down."""
    if not found.below:
        return None
    unit = UNITS.get(found.level)
    base = {"item": item} if item != "overall" else {}
    rows = tuple(
        Row(
            Title(area.name, area.name), _changes(found, matrix, area.code, item),
            f"{reverse('standards:compared', args=[found.number])}?{urlencode({'area': area.code} | base)}",
        )
        for area, matrix in found.below
    )  # fmt: skip
    series = (
        Series(Title("变为达标", "become met"), unit, tone="met"),
        Series(Title("变为未达标", "become not met"), unit, tone="not-met"),
        Series(Title("变为未知", "become unknown"), unit, tone="unknown"),
        Series(Title("其他变化", "other changes"), unit, tone="not-applicable"),
        Series(Title("不变", "unchanged"), unit, drawn=False),
    )
    return Chart(
        "compare-areas", "stacked", Title("下级各区域的变化", "Changes by area below"), Title("区域", "Area"), series,
        rows, _SOURCE, _day(found),
    )  # fmt: skip


def _changes(found: Compared, matrix: Matrix, area: str, item: str) -> tuple[Cell, ...]:
    counts = {"met": 0, "not_met": 0, "unknown": 0, "other": 0, "same": 0}
    for (was, becomes), number in matrix.items():
        counts["same" if was == becomes else becomes if becomes in counts else "other"] += number
    return tuple(
        found.shown.cell(number, list_href(found, area, item, "", key) if key in WORDS else "")
        for key, number in counts.items()
    )


def contributions(found: Compared) -> Chart | None:
    """What each item adds to the poverty in several things at once, by A and by B."""
    several = found.document["several"]
    worlds = [(side, several[side]) for side in ("a", "b") if several[side] and several[side]["least"]["contribution"]]
    if not worlds or not found.whole:
        return None
    keys = list(dict.fromkeys(key for _side, each in worlds for key in each["least"]["contribution"]))
    titles = found.document["item_titles"]
    rows = tuple(
        Row(
            Title(titles[key]["zh"], titles[key]["en"]),
            tuple(_contribution(found, each, key) for _side, each in worlds),
        )
        for key in keys
    )
    series = tuple(
        Series(Title("甲" if side == "a" else "乙", side.upper()), Title("%", "%"), 1) for side, _each in worlds
    )
    return Chart(
        "compare-contributions", "bar",
        Title("各指标对多维贫困的贡献", "What each item adds to poverty in several things"), Title("指标", "Item"),
        series, rows, _SOURCE, _day(found),
        Title("未知的不算缺少。", "What is unknown is not counted as lacking."),
    )  # fmt: skip


def several_below(found: Compared) -> Chart | None:
    """The adjusted headcount M0 of each area one level down, by A and by B, unknown things not counted as lacking."""
    sides = [(side, own["groups"]) for side in ("a", "b") if (own := found.document["several"][side])]
    areas = [area for area, _matrix in found.below if any(area.path in groups for _side, groups in sides)]
    if not found.whole or not areas:
        return None
    rows = tuple(
        Row(Title(area.name, area.name), tuple(_adjusted(found, groups.get(area.path)) for _side, groups in sides))
        for area in areas
    )
    series = tuple(
        Series(Title("甲" if side == "a" else "乙", side.upper()), Title("%", "%"), 2) for side, _groups in sides
    )
    return Chart(
        "compare-several", "bar", Title("下级各区域的多维贫困指数 M0", "Adjusted headcount M0 by area below"),
        Title("区域", "Area"), series, rows, _SOURCE, _day(found),
        Title("未知的不算缺少。", "What is unknown is not counted as lacking."),
    )  # fmt: skip


def _adjusted(found: Compared, group: dict[str, Any] | None) -> Cell:
    world = group["least"] if group else None
    few = group is not None and not found.shown.open and group["poor_households"][0] < FEW
    if group is None or world is None or few:
        return Cell(None)
    return Cell(_percent(found, Fraction(world["adjusted"]), group["households"], 2))


def _contribution(found: Compared, world: dict[str, Any], key: str) -> Cell:
    text = world["least"]["contribution"].get(key)
    few = not found.shown.open and 0 < world["poor_households"][0] < FEW
    return Cell(None if text is None or few else _percent(found, Fraction(text), world["poor_households"][0], 1))


def _percent(found: Compared, share: Fraction, counted: int, places: int) -> int:
    """A share of ``counted`` households in per cent with some decimals; whole ones for a reader of figures alone."""
    told = 100 * found.shown.coarse(share, counted)
    return rounded(told, places) if found.shown.open else rounded(told, 0) * int(10**places)


def _day(found: Compared) -> date:
    return date.fromisoformat(found.document["asked"]["b"]["day"])
