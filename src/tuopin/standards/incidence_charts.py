"""The incidences of an area as charts with their tables: the three readings side by side, and those of the areas
below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.incidence import PARTS, TITLES, percent_parts, percent_text
from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform.charts import Cell, Chart, Row, Series
from tuopin.standards.incidence import of_area

if TYPE_CHECKING:
    from fractions import Fraction

    from tuopin.core.standards.incidence import Incidence, IncidenceKind
    from tuopin.register.models import AreaVersion
    from tuopin.standards.incidence import Found, OfArea

_PERCENT, _PERSONS = Title("%", "%"), Title("人", "persons")
_KINDS: tuple[IncidenceKind, ...] = ("register", "verdict", "composite")


def incidence_charts(version: AreaVersion, below: list[AreaVersion]) -> tuple[Chart, ...]:
    """Nothing before an evaluation by the exit standard of households."""
    found = of_area(version, below)
    return (_readings(found), _areas(found)) if found is not None else ()


def _source(found: Found) -> Title:
    run = found.run
    draft = ("，草案", ", draft") if run.draft else ("", "")
    return Title(
        f"登记与核查结果（标准包 {run.pack} {run.pack_version}{draft[0]}）",
        f"the register and its evaluation (pack {run.pack} {run.pack_version}{draft[1]})",
    )


def _readings(found: Found) -> Chart:
    own = found.own
    series = (
        Series(Title("下限", "least"), _PERCENT, 4),
        Series(Title("上限", "most"), _PERCENT, 4),
        Series(Title("分子下限", "numerator, least"), _PERSONS, 2, drawn=False),
        Series(Title("分子上限", "numerator, most"), _PERSONS, 2, drawn=False),
        Series(Title("分母", "denominator"), _PERSONS, drawn=False),
    )
    rows = [Row(TITLES[each.kind], _cells(each)) for each in own.readings]
    return Chart(
        "incidences", "bar", Title("三种贫困发生率", "Three incidences of poverty"),
        Title("口径", "Reading"), series, tuple(rows), _source(found), found.run.day, _note(own),
        order=38, terms=("incidence", "composite_incidence", "verdict_incidence"),
    )  # fmt: skip


def _cells(reading: Incidence) -> tuple[Cell, ...]:
    if not reading.is_known:
        return (Cell(None), Cell(None), *(_persons(end) for end in (reading.low, reading.high)), _whole(reading))
    return (
        _percent(reading.lowest), _percent(reading.highest), _persons(reading.low), _persons(reading.high),
        _whole(reading),
    )  # fmt: skip


def _percent(value: Fraction | None) -> Cell:
    return Cell(percent_parts(value))


def _persons(parts: int | None) -> Cell:
    """Persons with two decimals: a rate of a survey makes parts of persons."""
    return Cell(None) if parts is None else Cell((parts * 200 + PARTS) // (2 * PARTS))


def _whole(reading: Incidence) -> Cell:
    return Cell(reading.denominator or None)


def _note(own: OfArea) -> Title:
    """How each is worked out, what is missing and left out, and how it stands to the limits of its level."""
    zh, en = [], []
    for reading in own.readings:
        title = TITLES[reading.kind]
        zh.append(f"{title.zh} = {reading.method.zh}。")
        en.append(f"{title.en} = {reading.method.en}.")
        said = [*reading.missing, *reading.notes]
        if said:
            zh.append(f"{title.zh}：{'；'.join(each.zh for each in said)}。")
            en.append(f"{title.en}: {'; '.join(each.en for each in said)}.")
        if reading.kind == "composite" and reading.estimated is not None:
            days = " — ".join(dict.fromkeys((str(min(own.surveyed)), str(max(own.surveyed))))) if own.surveyed else ""
            zh.append(f"{title.zh}估计值 {percent_text(reading.estimated)}%（调查日期 {days}）。")
            en.append(f"{title.en}, estimate: {percent_text(reading.estimated)} % (surveyed {days}).")
        for limit, verdict in own.verdicts(reading):
            word, value = CONDITIONS.items[verdict], percent_text(limit.value)
            zh.append(f"{title.zh} {limit.operator} {value}%（{limit.standard.zh}）：{word.sign} {word.title.zh}。")
            en.append(f"{title.en} {limit.operator} {value} % ({limit.standard.en}): {word.sign} {word.title.en}.")
    return Title("".join(zh), " ".join(en))


def _columns(zh: str, en: str, unit: Title, places: int, *, drawn: bool = False) -> tuple[Series, ...]:
    """A column for each reading."""
    titles = [TITLES[kind] for kind in _KINDS]
    return tuple(
        Series(Title(f"{each.zh.removesuffix('贫困发生率')}{zh}", f"{each.en.removesuffix(' incidence')}{en}"), unit,
               places, drawn=drawn)
        for each in titles
    )  # fmt: skip


def _areas(found: Found) -> Chart:
    series = (
        *_columns("（至多）", ", at most", _PERCENT, 4, drawn=True),
        *_columns("（至少）", ", at least", _PERCENT, 4),
        *_columns("分子（至多）", ", numerator at most", _PERSONS, 2),
        Series(Title("分母", "denominator"), _PERSONS, drawn=False),
    )
    own = found.own.area
    rows = [Row(Title(f"{own.name}（合计）", f"{own.name} (total)"), _side(found.own))]
    rows += [
        Row(Title(each.area.name, each.area.name), _side(each), reverse("console:figures", args=[each.area.code]),
            each.area.code)
        for each in found.below
    ]  # fmt: skip
    note = None
    if found.own.area.level == "county" or any(each.of("composite") is None for each in found.below):
        note = Title(
            "漏评率、错退率按县调查：县以下没有综合贫困发生率。",
            "Surveys are of counties: below there is no composite.",
        )
    return Chart(
        "incidences-below", "bar", Title("三种贫困发生率：各区域", "Three incidences, by area"), Title("区域", "Area"),
        series, tuple(rows), _source(found), found.run.day, note, order=39, terms=("incidence",),
    )  # fmt: skip


def _side(area: OfArea) -> tuple[Cell, ...]:
    readings = [area.of(kind) for kind in _KINDS]
    known = [each if each is not None and each.is_known else None for each in readings]
    own = area.of("register")
    return (
        *(_percent(each.highest if each else None) for each in known),
        *(_percent(each.lowest if each else None) for each in known),
        *(_persons(each.high if each else None) for each in readings),
        Cell(own.denominator if own else None),
    )
