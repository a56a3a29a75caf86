"""What the page of a county shows of its figures: statistics, and what surveys found, with interval, source and age."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import NO, YES, Panel, decimal_text

from . import record
from .models import CountyCondition, CountySurvey

if TYPE_CHECKING:
    from datetime import date

    from .models import AreaVersion, FactBlock

SURVEYED = (
    ("missed_rate", "missed_sample", Title("漏评率", "Exclusion error rate")),
    ("wrong_exit_rate", "wrong_exit_sample", Title("错退率", "Wrong-exit rate")),
    ("satisfaction", "satisfaction_sample", Title("群众认可度", "Satisfaction")),
)
_MONTHS_OLD = 12  # from here on a figure is said to be old


@dataclass(frozen=True, slots=True)
class Figure:
    """A row: ``value`` and ``interval`` as printed, None if blank; ``written`` is what stood in a cell that could not
    be read."""

    title: Title
    value: str | None
    interval: str | None = None
    sample: str | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """Figures of one day, with where they come from. ``months``: their age in whole months."""

    day: date
    months: int
    method: str
    source: str
    rows: list[Figure]

    @property
    def is_old(self) -> bool:
        return self.months >= _MONTHS_OLD


def percent_text(rate: int | None) -> str | None:
    """A rate scaled by 10**6 in per cent, all its digits."""
    return None if rate is None else f"{Decimal(rate).scaleb(-4).normalize():f}%"


def county_panel(area: AreaVersion, day: date, order: int) -> Panel:
    """The figures that count on the day."""
    condition = record.newest(CountyCondition, "area_id", [area.area_id], day, with_sheet=True).get(area.area_id)
    survey = record.newest(CountySurvey, "area_id", [area.area_id], day, with_sheet=True).get(area.area_id)
    content: dict[str, object] = {
        "statistics": _statistics(condition, day) if condition else None,
        "survey": _survey(survey, day) if survey else None,
        "origins": record.origins([row for row in (condition, survey) if row is not None]),
    }
    return Panel("county_figures", Title("县级指标", "County figures"), "register/panel_county.html", order, content)


def _statistics(row: CountyCondition, day: date) -> Dated:
    population = None if row.rural_population is None else decimal_text(row.rural_population, 0)
    near = None if row.services_near is None else YES if row.services_near else NO
    rows = [
        _figure(row, "rural_population", Title("农业户籍人口（人）", "Registered rural population"), population),
        _figure(row, "income_growth", Title("农村居民人均可支配收入增幅", "Growth of disposable income"),
                percent_text(row.income_growth)),
        _figure(row, "province_income_growth", Title("全省平均增幅", "Provincial average growth"),
                percent_text(row.province_income_growth)),
    ]  # fmt: skip
    title = Title("基本公共服务接近全省平均", "Services near the provincial average")
    rows.append(_figure(row, "services_near", title, None if near is None else f"{near.zh} {near.en}"))
    return Dated(row.as_of, _months(row.as_of, day), "", row.statistics_source, rows)


def _survey(row: CountySurvey, day: date) -> Dated:
    rows = []
    for rate, sample, title in SURVEYED:
        low, high = (percent_text(getattr(row, f"{rate}_{end}")) for end in ("low", "high"))
        interval = f"{low or '?'}—{high or '?'}" if low or high else None
        asked = getattr(row, sample)
        found = _figure(row, rate, title, percent_text(getattr(row, rate)))
        rows.append(
            Figure(title, found.value, interval, None if asked is None else decimal_text(asked, 0), found.written)
        )
    return Dated(row.as_of, _months(row.as_of, day), row.survey_method, row.survey_source, rows)


def _figure(row: FactBlock, name: str, title: Title, value: str | None) -> Figure:
    return Figure(title, value, written=str((row.unreadable or {}).get(name, "")) if value is None else "")


def _months(since: date, day: date) -> int:
    return (day.year - since.year) * 12 + day.month - since.month - (day.day < since.day)
