"""The measures of poverty as a page prints them: a line a measure, a cell a side."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import decimal_text
from tuopin.standards.comparing.disclosure import FEW, rounded
from tuopin.standards.comparing.pictures import yuan

if TYPE_CHECKING:
    from tuopin.core.poverty import Bounds, Measures
    from tuopin.standards.comparing.disclosure import Disclosure

_WITHHELD = Title("不公开", "withheld")
_NONE = Title("不能计算", "cannot be computed")


@dataclass(frozen=True, slots=True)
class Line:
    """A measure: its name, what it means, and a text a side."""

    title: Title
    meaning: Title
    cells: tuple[Title, ...]


HEADCOUNT = (
    Title("贫困发生率（FGT 0）", "headcount ratio (FGT 0)"),
    Title("收入在标准线下的人口比例", "share of persons whose income is under the line"),
)
GAP = (
    Title("贫困深度（FGT 1）", "poverty gap (FGT 1)"),
    Title("人均缺口占标准线的比例，线上的人按 0 计", "mean shortfall as a share of the line, nought above it"),
)
SEVERITY = (
    Title("贫困强度（FGT 2）", "squared gap (FGT 2)"),
    Title("缺口比例的平方的平均，越穷权重越大", "mean of the squared shortfalls: the poorest weigh most"),
)
WATTS = (
    Title("Watts 指数", "Watts index"),
    Title(
        "标准线与收入之比的对数的平均；有收入不大于 0 的贫困户时不能计算",
        "mean logarithm of line over income; none where a poor household has no income above zero",
    ),
)
GINI = (Title("基尼系数", "Gini coefficient"), Title("收入差距，0 为均等", "inequality of incomes, 0 is equality"))
MISSING = (
    Title("收入缺口（元/年）", "missing income (yuan/year)"),
    Title("把线下每个人补到标准线所需的钱", "what would lift everybody under the line to it"),
)


def table(sides: list[tuple[Measures, Fraction | None]], shown: Disclosure) -> list[Line]:
    """All measures, a cell a side (its measures and Gini coefficient)."""

    def cells(name: str) -> tuple[Title, ...]:
        return tuple(percent(getattr(own, name), own.poor_households, _counted(own), shown) for own, _gini in sides)

    return [
        Line(Title("线下户数", "households under the line"), _UNKNOWN_APART,
             tuple(count(own.poor_households, shown) for own, _gini in sides)),
        Line(Title("线下人数", "persons under the line"), _UNKNOWN_APART,
             tuple(count(own.poor_persons, shown) for own, _gini in sides)),
        Line(*HEADCOUNT, cells("headcount")),
        Line(*GAP, cells("gap")),
        Line(*SEVERITY, cells("severity")),
        Line(*WATTS, tuple(decimal(own.watts, own.poor_households, _counted(own), shown) for own, _gini in sides)),
        Line(*GINI, tuple(decimal(gini, own.sums.households, _counted(own), shown) for own, gini in sides)),
        Line(*MISSING, tuple(money(own.missing, own.poor_households, own.sums.line, shown) for own, _gini in sides)),
    ]  # fmt: skip


def _counted(own: Measures) -> int:
    return own.sums.households + own.sums.unknown_households


_UNKNOWN_APART = Title("收入未知的户另计", "households of unknown income stand apart")


def count(number: int, shown: Disclosure) -> Title:
    """A number of households or persons."""
    told = shown.number(number)
    if told is None:
        return Title(f"少于 {FEW}", f"fewer than {FEW}")
    return Title(f"{told:,}", f"{told:,}")


def percent(bounds: Bounds | None, households: int, counted: int, shown: Disclosure) -> Title:
    """A share of ``counted`` households in percent, or both ends where unknown incomes make it an interval."""
    if bounds is None:
        return _NONE
    if not shown.open and 0 < households < FEW:
        return _WITHHELD
    places = 2 if shown.open else 0
    told = [shown.coarse(each, counted) for each in (bounds.low, bounds.high)]
    ends = [decimal_text(rounded(100 * each, places), places) for each in told]
    text = f"{ends[0]}%" if ends[0] == ends[1] else f"{ends[0]}%—{ends[1]}%"
    return Title(text, text)


def decimal(value: Fraction | float | None, households: int, counted: int, shown: Disclosure) -> Title:
    """An index with four decimals; two for a reader of figures alone."""
    if value is None:
        return _NONE
    if not shown.open and 0 < households < FEW:
        return _WITHHELD
    places = 4 if shown.open else 2
    text = decimal_text(rounded(shown.coarse(Fraction(value), counted), places), places)
    return Title(text, text)


def money(bounds: Bounds, households: int, line: Fraction, shown: Disclosure) -> Title:
    """Yuan by a line, or both ends; whole thousands for a reader of figures alone."""
    if not shown.open and 0 < households < FEW:
        return _WITHHELD
    if not shown.open:
        ends = [decimal_text(rounded(shown.yuan(each, line), 0), 0) for each in (bounds.low, bounds.high)]
    else:
        ends = [yuan(Fraction(rounded(each, 2), 100)) for each in (bounds.low, bounds.high)]
    text = ends[0] if ends[0] == ends[1] else f"{ends[0]}—{ends[1]}"
    return Title(text, text)


# -- from the file of a comparison --------------------------------------------------------------------------------


def stored(document: dict[str, Any], shown: Disclosure) -> tuple[list[Line], dict[str, Any]]:
    """The measures of both sides as a comparison keeps them, with the households of unknown income a side."""
    sides = {side: _read(document["income"][side]) for side in ("a", "b")}
    blank = {side: document["income"][side] is None for side in sides}
    if all(blank.values()):
        return [], {}
    lines = table([sides["a"], sides["b"]], shown)
    for line_at, line in enumerate(lines):
        cells = tuple(
            Title("—", "—") if blank[side] else cell for side, cell in zip(("a", "b"), line.cells, strict=True)
        )
        lines[line_at] = Line(line.title, line.meaning, cells)
    apart = {
        side: {
            "line": yuan(Fraction(own["line"])),
            "unknown": count(own["unknown_households"], shown),
            "uncounted": count(own["uncounted"], shown),
        }
        for side, own in document["income"].items()
        if own
    }
    return lines, apart


def _read(own: dict[str, Any] | None) -> tuple[Measures, Fraction | None]:
    from tuopin.core.poverty import Bounds, Measures, Sums

    def bounds(name: str) -> Bounds | None:
        ends = own.get(name) if own else None
        return Bounds(Fraction(ends[0]), Fraction(ends[1])) if ends else None

    nothing = Bounds(Fraction(), Fraction())
    if own is None:
        empty = Sums(Fraction(1), 0, 0, 0, 0, 0)
        return Measures(empty, 0, 0, None, None, None, nothing, None), None
    sums = Sums(
        Fraction(own["line"]), own["households"], own["persons"], own["unknown_households"], own["unknown_persons"],
        own["uncounted"], {}, 0.0, own["without"], own["negative"],
    )  # fmt: skip
    found = Measures(
        sums, own["poor_households"], own["poor_persons"], bounds("headcount"), bounds("gap"), bounds("severity"),
        bounds("missing") or nothing, own["watts"],
    )  # fmt: skip
    return found, Fraction(own["gini"]) if own["gini"] else None


def several(document: dict[str, Any], shown: Disclosure) -> list[Line]:
    """H, A and M0 of both sides; an interval where it is unknown what is lacking."""
    worlds = [document["several"][side] for side in ("a", "b")]
    if not any(worlds):
        return []
    names = (
        ("headcount", Title("多维贫困发生率 H", "multidimensional headcount H"),
         Title("缺少三分之一及以上（按权重）的人口比例", "share of persons that lack a third of the weights or more")),
        ("intensity", Title("剥夺强度 A", "intensity A"),
         Title("其中平均缺少的比例", "share of the weights that they lack on average")),
        ("adjusted", Title("多维贫困指数 M0 = H × A", "adjusted headcount M0 = H × A"),
         Title("两者之积", "the product of the two")),
    )  # fmt: skip
    lines = []
    for key, title, meaning in names:
        lines.append(Line(title, meaning, tuple(_world(each, key, shown) for each in worlds)))
    return lines


def _world(found: dict[str, Any] | None, key: str, shown: Disclosure) -> Title:
    if found is None:
        return Title("—", "—")
    if not shown.open and 0 < found["poor_households"][0] < FEW:
        return _WITHHELD
    values = sorted({Fraction(text) for world in ("least", "most") if (text := found[world][key]) is not None})
    if not values:
        return _NONE
    places = 2 if shown.open else 0
    told = [shown.coarse(each, found["households"]) for each in values]
    ends = [decimal_text(rounded(100 * each, places), places) + "%" for each in told]
    text = ends[0] if ends[0] == ends[-1] else f"{ends[0]}—{ends[-1]}"
    return Title(text, text)
