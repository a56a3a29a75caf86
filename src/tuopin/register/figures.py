"""What the register shows of an area in pictures: states, causes, ages, data issues. Numbers come from the last count
of all areas (``counting.py``); where it is older than the data, each chart says so."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import field_classes_at, may
from tuopin.platform.charts import Cell, Chart, Measure, Offer, Row, Series
from tuopin.platform.database import data_version
from tuopin.register.codes import CAUSE_GROUPS, cause_group, code_list
from tuopin.register.correcting.naming import AN_ISSUE, issue_is_named, issue_title
from tuopin.register.counting import AGES, BLANK, ON_REGISTER
from tuopin.register.models import AreaCounts, AreaVersion
from tuopin.register.permissions import VIEW_AREA, VIEW_HOUSEHOLD
from tuopin.register.record import is_open

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from tuopin.platform.access import Actor
    from tuopin.register.record import Classes

FEW = 5
"""Who may not see households gets no smaller number by cause or age: it could point at somebody."""

_HOUSEHOLDS, _PERSONS = Title("户", "households"), Title("人", "persons")
_SOURCE = Title("建档立卡登记", "the register")
_FEWER = Title(f"少于 {FEW}", f"fewer than {FEW}")


@dataclass(frozen=True, slots=True)
class Counts:
    """The last count of an area. ``current``: the register has not changed since."""

    numbers: Mapping[str, int]
    day: datetime.date
    current: bool

    def of(self, kind: str, key: str) -> int:
        return self.numbers.get(f"{kind}:{key}", 0)

    def total(self, kind: str) -> int:
        return sum(number for name, number in self.numbers.items() if name.startswith(f"{kind}:"))


def counts_of(area_ids: list[int]) -> dict[int, Counts]:
    """The last counts of some areas; empty before the first count."""
    version = data_version()
    rows = AreaCounts.objects.filter(area_id__in=area_ids)
    return {row.area_id: Counts(row.counts, row.day, row.data_version == version) for row in rows}


def area_figures(actor: Actor, area: AreaVersion) -> Offer:
    """Charts of the area as counted last, and the issues of the areas below for the map."""
    if not may(actor, VIEW_AREA, area_path=area.path):
        return Offer()
    below = list(AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code"))
    found = counts_of([area.area_id, *(each.area_id for each in below)])
    own = found.get(area.area_id)
    if own is None:
        return Offer()
    open_ = may(actor, VIEW_HOUSEHOLD, area_path=area.path)
    lists = area.code if open_ else ""
    classes = field_classes_at(actor, VIEW_HOUSEHOLD if open_ else VIEW_AREA, area.path)
    charts = (_states(own, lists), _causes(own, lists, classes), _ages(own, open_=open_), _issues(own, lists, classes))
    return Offer(charts, (_issue_measure(found, below, own.day, lists=open_),) if below else ())


def _households(code: str, **chosen: str | tuple[str, ...]) -> str:
    """The list of households of an area behind a number; without an area, for who may not see households, none."""
    return f"{reverse('console:households', args=[code])}?{urlencode(chosen, doseq=True)}" if code else ""


def _issue_list(area: str, **chosen: str) -> str:
    return f"{reverse('register:issue_list')}?{urlencode({'area': area, **chosen})}" if area else ""


def _note(own: Counts, said: Title | None = None) -> Title | None:
    if own.current:
        return said
    zh, en = (said.zh, said.en + " ") if said else ("", "")
    return Title(
        f"{zh}统计之后登记数据有变动，新的统计正在排队，稍后刷新即可看到。",
        f"{en}The register has changed since this count; a new one is waiting its turn: look again a little later.",
    )


def _states(own: Counts, area: str) -> Chart:
    rows = tuple(
        Row(title, (Cell(own.of("status", code), _households(area, registration=code)),))
        for code, title in code_list("registration")
        if own.of("status", code)
    )
    return Chart(
        "states", "bar", Title("各状态户数", "Households by status"), Title("脱贫属性", "Status"),
        (Series(Title("户数", "households"), _HOUSEHOLDS),), rows, _SOURCE, own.day, _note(own), order=45,
        terms=("registration",),
    )  # fmt: skip


def _causes(own: Counts, area: str, classes: Classes) -> Chart:
    """By cause, or by group of causes for whom the class is closed: the list behind a bar names who is ill."""
    if not is_open(classes, "health"):
        return _cause_groups(own, area)
    listed = [*code_list("cause"), (BLANK, Title("空白", "blank"))]
    counted = sorted(
        ((own.of("cause", code), code, title) for code, title in listed if own.of("cause", code)),
        key=lambda each: -each[0],
    )
    rows = tuple(
        Row(title, (_cell(number, _households(area, registration=ON_REGISTER, main_cause=code), open_=bool(area)),))
        for number, code, title in counted
    )
    return _cause_chart(own, rows)


def _cause_groups(own: Counts, area: str) -> Chart:
    rows = []
    for group, title in CAUSE_GROUPS:
        number = sum(own.of("cause", code) for code, _title in code_list("cause") if cause_group(code) == group)
        address = _households(area, registration=ON_REGISTER, cause_group=group)
        rows.append(Row(title, (_cell(number, address, open_=bool(area)),)))
    rows.append(Row(Title("空白", "blank"), (_cell(own.of("cause", BLANK), "", open_=bool(area)),)))
    return _cause_chart(own, tuple(rows))


def _cause_chart(own: Counts, rows: tuple[Row, ...]) -> Chart:
    return Chart(
        "causes", "bar", Title("主要致贫原因", "Main causes of poverty"), Title("原因", "Cause"),
        (Series(Title("户数", "households"), _HOUSEHOLDS),), rows, _SOURCE, own.day, _note(own, _BASE), order=46,
        terms=("poverty_cause",),
    )  # fmt: skip


def _ages(own: Counts, *, open_: bool) -> Chart:
    ends = [*(f"{first}–{after - 1}" for first, after in pairwise(AGES))]
    titles = [*(Title(end, end) for end in ends), Title(f"{AGES[-1]} 以上", f"{AGES[-1]} and over")]
    rows = [
        Row(title, (_cell(own.of("age", str(first)), "", open_=open_),))
        for first, title in zip(AGES, titles, strict=True)
    ]
    unknown = _cell(own.of("age", BLANK), "", open_=open_)
    zh, en = (unknown.text.zh, unknown.text.en) if unknown.text else (f"{unknown.value:,}", f"{unknown.value:,}")
    said = Title(
        f"{_BASE.zh}出生日期未知 {zh} 人，不在图中。",
        f"{_BASE.en} Of {en} persons the birth date is unknown: they are not in the picture.",
    )
    return Chart(
        "ages", "histogram", Title("成员年龄", "Ages of members"), Title("周岁", "Age"),
        (Series(Title("人数", "persons"), _PERSONS),), tuple(rows), _SOURCE, own.day, _note(own, said), order=47,
    )  # fmt: skip


_BASE = Title(
    "只计未脱贫、预脱贫、已脱贫、返贫的户。", "Only households registered, proposed for exit, exited or fallen back."
)


def _issues(own: Counts, area: str, classes: Classes) -> Chart:
    """By issue; those that tell of a class that is closed are one number, as on the lists."""
    found = {name.partition(":")[2]: number for name, number in own.numbers.items() if name.startswith("issue:")}
    named = {code: number for code, number in found.items() if issue_is_named(code, classes)}
    rows = tuple(
        Row(issue_title(code, classes), (Cell(number, _issue_list(area, code=code)),))
        for code, number in sorted(named.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    unnamed = sum(found.values()) - sum(named.values())
    if unnamed:
        rows = (*rows, Row(AN_ISSUE, (Cell(unnamed),)))
    return Chart(
        "issues", "bar", Title("数据疑点", "Data issues"), Title("疑点", "Issue"),
        (Series(Title("条数", "issues"), Title("条", "issues")),), rows, _SOURCE, own.day,
        _note(own, None if rows else Title("没有未关闭的数据疑点。", "No open data issues.")), order=50,
        terms=("issue",),
    )  # fmt: skip


def _issue_measure(found: dict[int, Counts], below: list[AreaVersion], day: datetime.date, *, lists: bool) -> Measure:
    cells = {}
    for each in below:
        counts = found.get(each.area_id)
        households = sum(counts.of("status", code) for code in ON_REGISTER) if counts else 0
        issues = counts.total("issue") if counts else 0
        rate = (issues * 2_000 + households) // (2 * households) if households else None
        cells[each.area_id] = (Cell(rate), Cell(issues, _issue_list(each.code if lists else "")), Cell(households))
    series = (
        Series(Title("每百户疑点", "issues per 100 households"), Title("条/百户", "per 100 households"), 1),
        Series(Title("疑点", "issues"), Title("条", "issues"), drawn=False),
        Series(Title("户数", "households"), _HOUSEHOLDS, drawn=False),
    )
    return Measure(
        "register.issues",
        Title("每百户数据疑点", "Data issues per 100 households"),
        series,
        lambda: cells,
        _SOURCE,
        day,
        order=90,
    )


def _cell(number: int, href: str, *, open_: bool) -> Cell:
    return Cell(number, href) if open_ or number == 0 or number >= FEW else Cell(None, text=_FEWER)
