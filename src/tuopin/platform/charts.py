"""Charts: a table first, and a picture that the reader's browser draws from that same table (docs/decisions/0030).

A room's ``figures.py`` may define ``area_figures(actor, area)``, which gives an :class:`Offer`; console arranges what
comes. A page prints each chart with ``{% chart chart %}`` and names the scripts once, ``{% chart_scripts %}``, in its
head.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.panels import decimal_text
from tuopin.platform.words import pick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

Kind = Literal["bar", "stacked", "shares", "line", "histogram", "map"]
"""``stacked`` shows amounts on top of each other, ``shares`` parts of each row's whole; ``histogram`` stands upright,
its rows being neighbouring ranges; ``map`` colours the areas named by the rows' codes by the first column."""

TONES = frozenset({"", "met", "not-met", "unknown", "not-applicable"})
_NAME = re.compile(r"[a-z][a-z0-9-]{0,60}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
UNKNOWN = Title("未知", "unknown")


@dataclass(frozen=True, slots=True)
class Series:
    """A column of numbers. ``places``: the decimals of its scaled integers; ``tone`` a verdict's colour and pattern;
    ``drawn`` False keeps it out of the picture."""

    title: Title
    unit: Title | None = None
    places: int = 0
    tone: str = ""
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """A scaled integer, or None where it is not known: then ``text`` says why. ``href`` is the list behind it."""

    value: int | None
    href: str = ""
    text: Title | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """``code`` finds an area on a map; ``href`` is where the row's name leads; ``tone`` as of a series."""

    label: Title
    cells: tuple[Cell, ...]
    href: str = ""
    code: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A named line across a histogram, in front of the row with index ``before``."""

    title: Title
    before: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart says; ``head`` names the rows. ``source`` says where the numbers come from, ``as_of`` the day that
    they describe. ``outlines`` is the address of a map's GeoJSON; ``terms`` are
    explained. Raises ValueError for what cannot be drawn."""

    key: str
    kind: Kind
    title: Title
    head: Title
    series: tuple[Series, ...]
    rows: tuple[Row, ...]
    source: Title
    as_of: date
    note: Title | None = None
    mark: Mark | None = None
    outlines: str = ""
    order: int = 50
    terms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.key):
            raise ValueError(f"no key of a chart: {self.key!r}")
        if not self.series or any(len(row.cells) != len(self.series) for row in self.rows):
            raise ValueError(f"chart {self.key}: every row needs a cell for every column")
        if {series.tone for series in self.series} - TONES or {row.tone for row in self.rows} - TONES:
            raise ValueError(f"chart {self.key}: unknown tone")

    @property
    def unit(self) -> Title | None:
        """The one unit of all columns, None where they differ or have none."""
        units = {series.unit for series in self.series if series.drawn}
        return units.pop() if len(units) == 1 else None

    @property
    def spoken(self) -> str:
        """What a reader who does not see the picture is told instead of it."""
        kinds = {
            "bar": ("条形图", "bar chart"), "stacked": ("堆叠条形图", "stacked bar chart"),
            "shares": ("比例条形图", "bar chart of shares"), "line": ("折线图", "line chart"),
            "histogram": ("分布图", "histogram"), "map": ("地图", "map"),
        }  # fmt: skip
        kind = pick(*kinds[self.kind])
        names = pick("、", ", ").join(pick(each.title.zh, each.title.en) for each in self.series if each.drawn)
        return pick(
            f"{self.title.zh}：{kind}，{len(self.rows)} 行，{names}。同样的数字在下面的表里。",
            f"{self.title.en}: {kind}, {len(self.rows)} rows, {names}. The table below holds the same numbers.",
        )


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as it is printed: ``number`` is what the picture reads, empty where there is none."""

    text: str
    number: str
    href: str


def shown(series: Series, cell: Cell) -> ShownCell:
    """A cell's text and its plain decimal number."""
    if cell.value is None:
        said = cell.text or UNKNOWN
        return ShownCell(pick(said.zh, said.en), "", cell.href)
    text = decimal_text(cell.value, series.places)
    return ShownCell(text, text.replace(",", ""), cell.href)


@dataclass(frozen=True, slots=True)
class Place:
    """An area one level down, as a row of a map and of its table."""

    area_id: int
    code: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of each area one level down, to be shown on a map: ``cells`` gives area id → cells when it
    is chosen. ``order`` sorts the choice."""

    key: str
    title: Title
    series: tuple[Series, ...]
    cells: Callable[[], Mapping[int, tuple[Cell, ...]]]
    source: Title
    as_of: date
    order: int = 50

    def chart(self, head: Title, places: Sequence[Place], outlines: str, note: Title | None = None) -> Chart:
        """The map with its table; an area without a number is unknown."""
        blank, found = (Cell(None),) * len(self.series), self.cells()
        rows = tuple(
            Row(Title(each.name, each.name), found.get(each.area_id, blank), each.href, each.code) for each in places
        )
        return Chart(
            f"map-{self.key.replace('_', '-').replace('.', '-')}", "map", self.title, head, self.series, rows,
            self.source, self.as_of, note, outlines=outlines,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """What a room has to show of an area."""

    charts: tuple[Chart, ...] = ()
    measures: tuple[Measure, ...] = ()


def gather(actor: Actor, area: object) -> Offer:
    """The charts and measures of an area from all rooms, in their order."""
    makers = [getattr(module, "area_figures", None) for _room, module in rooms_modules("figures")]
    offers = [make(actor, area) for make in makers if make is not None]
    charts = sorted((chart for offer in offers for chart in offer.charts), key=lambda each: (each.order, each.key))
    measures = sorted((each for offer in offers for each in offer.measures), key=lambda each: (each.order, each.key))
    return Offer(tuple(charts), tuple(measures))


def percent(part: int, whole: int) -> int | None:
    """Hundredths of a percent, half up, from the exact quotient; None of nothing."""
    return (part * 20_000 + whole) // (2 * whole) if whole else None


# -- the table as a file ------------------------------------------------------------------------------------------


def csv_text(chart: Chart) -> str:
    """The chart's table as CSV with a byte order mark: what it is about in the first lines, then head and rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in _lines(chart):
        writer.writerow([_harmless(text) for text in line])
    return "\ufeff" + out.getvalue()


def _lines(chart: Chart) -> Iterator[list[str]]:
    yield [pick(chart.title.zh, chart.title.en)]
    yield [pick(f"来源：{chart.source.zh}", f"source: {chart.source.en}"), chart.as_of.isoformat()]
    coded = any(row.code for row in chart.rows)
    names = [_headed(each) for each in chart.series]
    yield [*([pick("代码", "code")] if coded else []), pick(chart.head.zh, chart.head.en), *names]
    for row in chart.rows:
        cells = [shown(series, cell) for series, cell in zip(chart.series, row.cells, strict=True)]
        texts = [cell.number or cell.text for cell in cells]
        yield [*([row.code] if coded else []), pick(row.label.zh, row.label.en), *texts]


def _headed(series: Series) -> str:
    title = pick(series.title.zh, series.title.en)
    return f"{title} ({pick(series.unit.zh, series.unit.en)})" if series.unit else title


def _harmless(text: str) -> str:
    """Text that a spreadsheet would take for a formula stays text; numbers below zero stay numbers."""
    number = re.fullmatch(r"-?\d+(\.\d+)?", text)
    return f"'{text}" if text.startswith(_FORMULA) and not number else text
