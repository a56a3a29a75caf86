"""What standards shows of an area in pictures: verdicts by item and by area, incomes around the line, incidence, time.

Every number comes from what the evaluation added up when it was made; none is counted here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform.charts import Cell, Chart, Mark, Measure, Offer, Row, Series, percent
from tuopin.platform.panels import decimal_text
from tuopin.platform.problems import Problem
from tuopin.register.areas import ids
from tuopin.register.models import AreaVersion
from tuopin.standards import results
from tuopin.standards.area_figures import BINS, PARTS, Figures, of_areas
from tuopin.standards.incidence_charts import incidence_charts
from tuopin.standards.models import Evaluation
from tuopin.standards.packs import get_prepared

if TYPE_CHECKING:
    from tuopin.core.standards import Prepared
    from tuopin.platform.access import Actor

KEPT = 24
"""How many evaluations the picture of time goes back."""

VERDICTS = (
    Series(Title("达标", "met"), tone="met"),
    Series(Title("未达标", "not met"), tone="not-met"),
    Series(Title("未知", "unknown"), tone="unknown"),
    Series(Title("不适用", "not applicable"), tone="not-applicable"),
)
_KEYS = ("met", "not_met", "unknown", "not_applicable")
_PERCENT = Title("%", "%")
_UNITS = {
    "household": Title("户", "households"),
    "village": Title("村", "villages"),
    "township": Title("乡镇", "townships"),
    "county": Title("县", "counties"),
    "city": Title("市", "cities"),
}


def area_figures(actor: Actor, area: AreaVersion) -> Offer:
    """Charts of the newest evaluations that cover the area; nothing without the permission to see verdicts there."""
    if not results.may_view(actor, area, "area"):
        return Offer()
    charts: list[Chart] = []
    measures: list[Measure] = []
    below = list(AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code"))
    for run in results.newest(area, CONDITIONS.key):
        found = of_areas(run, [area.area_id, *(each.area_id for each in below)])
        if area.area_id in found and run.level != area.level:
            picture = _Pictures(actor, area, run, found, below)
            charts += picture.charts()
            measures += picture.measures()
    charts += incidence_charts(area, below)
    return Offer(tuple(charts), tuple(measures))


class _Pictures:
    """The charts of one evaluation in one area."""

    def __init__(
        self, actor: Actor, area: AreaVersion, run: Evaluation, found: dict[int, Figures], below: list[AreaVersion]
    ) -> None:
        self.area, self.run, self.found, self.below = area, run, found, below
        self.own = found[area.area_id]
        self.linked = results.may_view(actor, area, run.level)
        self.prepared = _prepared(run)
        self.unit = _UNITS.get(run.level, Title(run.level, run.level))
        self.name = run.standard.replace("_", "-")
        title = self.prepared.standard.title if self.prepared else Title(run.standard, run.standard)
        self.title = title
        self.source = Title(
            f"{title.zh}核查（标准包 {run.pack} {run.pack_version}）{'，草案' if run.draft else ''}",
            f"evaluation of {title.en} (pack {run.pack} {run.pack_version}){', draft' if run.draft else ''}",
        )
        self.rank = 0 if run.level == "household" else 1

    def charts(self) -> list[Chart]:
        made = [self._items(), self._areas(), self._incomes(), self._incidence(), self._time()]
        return [chart for chart in made if chart is not None]

    def measures(self) -> list[Measure]:
        if not self.below:
            return []
        made = [self._share(key) for key in (results.OVERALL, *self.run.items)]
        incidence = self._incidence_measure()
        return [*made, *([incidence] if incidence else [])]

    # -- verdicts -------------------------------------------------------------------------------------------------

    def _items(self) -> Chart:
        rows = [
            Row(self._item_title(key), self._counts(self.area.code, key, self.own.tally.get(key, (0, 0, 0, 0))))
            for key in (results.OVERALL, *self.run.items)
        ]
        return Chart(
            f"items-{self.name}", "shares",
            Title(f"{self.title.zh}：各指标判定", f"{self.title.en}: verdicts by item"), Title("指标", "Item"),
            self._series(), tuple(rows), self.source, self.run.day, order=10 + self.rank,
            terms=("unknown", "not_applicable"),
        )  # fmt: skip

    def _areas(self) -> Chart | None:
        rows = [
            Row(
                Title(each.name, each.name),
                self._counts(each.code, results.OVERALL, self.found[each.area_id].tally[results.OVERALL]),
                reverse("console:figures", args=[each.code]),
            )
            for each in self.below
            if each.area_id in self.found
        ]
        if not rows:
            return None
        return Chart(
            f"areas-{self.name}", "shares",
            Title(f"{self.title.zh}：下级各区域", f"{self.title.en}: by area below"), Title("区域", "Area"),
            self._series(), tuple(rows), self.source, self.run.day, order=20 + self.rank,
        )  # fmt: skip

    def _series(self) -> tuple[Series, ...]:
        return tuple(Series(each.title, self.unit, tone=each.tone) for each in VERDICTS)

    def _counts(self, code: str, item: str, counts: tuple[int, int, int, int]) -> tuple[Cell, ...]:
        return tuple(
            Cell(number, self._list(code, item, verdict)) for number, verdict in zip(counts, _KEYS, strict=True)
        )

    def _list(self, code: str, item: str, verdict: str) -> str:
        if not self.linked:
            return ""
        return results.list_address(self.run, code, item, verdict)

    def _item_title(self, key: str) -> Title:
        if key == results.OVERALL:
            return Title("综合判定", "Overall")
        items = self.prepared.standard.items if self.prepared else ()
        return next((item.short for item in items if item.key == key), Title(key, key))

    def _share(self, key: str) -> Measure:
        """Of those whose verdict is known: how many meet the item. Where none is known, the share is unknown."""
        item = self._item_title(key)
        series = (
            Series(Title("达标率", "share met"), _PERCENT, 2),
            *(Series(each.title, self.unit, tone=each.tone, drawn=False) for each in VERDICTS[:3]),
        )
        return Measure(
            f"{self.run.standard}.{key}",
            Title(f"{self.title.zh} · {item.zh}：达标率", f"{self.title.en} · {item.en}: share met"),
            series, partial(self._share_cells, key), self.source, self.run.day,
            order=10 + 10 * self.rank + (key != results.OVERALL),
        )  # fmt: skip

    def _share_cells(self, key: str) -> dict[int, tuple[Cell, ...]]:
        cells: dict[int, tuple[Cell, ...]] = {}
        for each in self.below:
            met, not_met, unknown, _na = self._tally(each.area_id, key)
            cells[each.area_id] = (
                Cell(percent(met, met + not_met)),
                Cell(met, self._list(each.code, key, "met")),
                Cell(not_met, self._list(each.code, key, "not_met")),
                Cell(unknown, self._list(each.code, key, "unknown")),
            )
        return cells

    def _tally(self, area_id: int, key: str) -> tuple[int, int, int, int]:
        return self.found[area_id].tally.get(key, (0, 0, 0, 0)) if area_id in self.found else (0, 0, 0, 0)

    # -- incomes --------------------------------------------------------------------------------------------------

    def _incomes(self) -> Chart | None:
        spread, line = self.own.spread, self.own.line
        if spread is None or not line:
            return None
        edges = [decimal_text(line * at // PARTS // 100, 0) for at in range(BINS + 1)]
        rows = [Row(Title("低于 0", "below 0"), (Cell(spread[0]),), tone="not-met")] if spread[0] else []
        rows += [
            Row(Title(f"{edges[at]}–{edges[at + 1]}", f"{edges[at]}–{edges[at + 1]}"), (Cell(spread[at + 1]),),
                tone="not-met" if at < PARTS else "met")
            for at in range(BINS)
        ]  # fmt: skip
        rows.append(Row(Title(f"{edges[BINS]} 以上", f"{edges[BINS]} and more"), (Cell(spread[BINS + 1]),), tone="met"))
        unknown = spread[BINS + 2]
        printed = decimal_text(line, 2)
        return Chart(
            f"income-{self.name}", "histogram",
            Title("家庭人均纯收入分布", "Net income per head"),
            Title("元/人·年", "yuan/person/year"), (Series(Title("户数", "households"), self.unit),), tuple(rows),
            self.source, self.run.day,
            Title(
                f"竖线为扶贫标准 {printed} 元；每一格宽为标准的四分之一。收入未知 {unknown:,} 户，不在图中。",
                f"The line is the poverty line, {printed} yuan; each range is a quarter of it. Of {unknown:,} "
                "households the income is unknown: they are not in the picture.",
            ),
            Mark(Title(f"扶贫标准 {printed} 元", f"poverty line {printed} yuan"), PARTS + bool(spread[0])), order=30,
            terms=("income_per_head", "poverty_line"),
        )  # fmt: skip

    # -- incidence ------------------------------------------------------------------------------------------------

    def _incidence_series(self) -> tuple[Series, ...]:
        persons = Title("人", "persons")
        return (
            Series(Title("贫困发生率", "incidence"), _PERCENT, 2),
            Series(Title("未脱贫人口", "not exited"), persons, drawn=False),
            Series(Title("总人口", "population"), persons, drawn=False),
            Series(Title("不明的村", "villages unknown"), Title("村", "villages"), drawn=False),
        )

    def _incidence_cells(self, figures: Figures | None) -> tuple[Cell, ...]:
        if figures is None or figures.persons is None:
            return (Cell(None),) * 4
        unexited, population, _villages, unknown = figures.persons
        return (Cell(percent(unexited, population)), Cell(unexited), Cell(population), Cell(unknown))

    def _incidence(self) -> Chart | None:
        if self.own.persons is None:
            return None
        here = [Row(Title(f"{self.area.name}（合计）", f"{self.area.name} (total)"), self._incidence_cells(self.own))]
        rows = [
            Row(Title(each.name, each.name), self._incidence_cells(self.found.get(each.area_id)),
                reverse("console:figures", args=[each.code]))
            for each in self.below
        ]  # fmt: skip
        return Chart(
            f"incidence-{self.name}", "bar", Title("贫困发生率", "Poverty incidence"), Title("区域", "Area"),
            self._incidence_series(), tuple(here + rows), self.source, self.run.day,
            Title("人数不明的村不计入分子和分母。", "Villages of which a number is unknown are in neither sum."),
            order=40,
            terms=("incidence", "unexited_persons"),
        )  # fmt: skip

    def _incidence_measure(self) -> Measure | None:
        if self.own.persons is None:
            return None
        return Measure(
            f"{self.run.standard}.incidence", Title("贫困发生率", "Poverty incidence"), self._incidence_series(),
            lambda: {each.area_id: self._incidence_cells(self.found.get(each.area_id)) for each in self.below},
            self.source, self.run.day, order=15,
        )  # fmt: skip

    # -- time -----------------------------------------------------------------------------------------------------

    def _time(self) -> Chart | None:
        """Shares of verdicts over the evaluations kept; of several on one day the last."""
        found = list(
            Evaluation.objects.filter(
                Q(area=None) | Q(area_id__in=ids(self.area.path)),
                standard=self.run.standard, figures__area_id=self.area.area_id,
            ).order_by("-id").values_list("day", "figures__counts")[:KEPT]
        )  # fmt: skip
        by_day = {day: counts["tally"][results.OVERALL] for day, counts in reversed(found)}
        if len(by_day) < 2:
            return None
        rows = []
        for day, (met, not_met, unknown, _na) in sorted(by_day.items()):
            whole = met + not_met + unknown
            shares = tuple(Cell(percent(part, whole)) for part in (met, not_met, unknown))
            rows.append(Row(Title(day.isoformat(), day.isoformat()), (*shares, Cell(whole))))
        series = [Series(each.title, _PERCENT, 2, each.tone) for each in VERDICTS[:3]]
        series.append(Series(Title("核查数", "evaluated"), self.unit, drawn=False))
        return Chart(
            f"time-{self.name}", "line",
            Title(f"{self.title.zh}：历次核查", f"{self.title.en}: over the evaluations"), Title("核查日", "Day"),
            tuple(series), tuple(rows), self.source, self.run.day, order=60 + self.rank,
        )  # fmt: skip


def _prepared(run: Evaluation) -> Prepared | None:
    try:
        return get_prepared(run.pack, run.standard, run.day)
    except Problem:
        return None
