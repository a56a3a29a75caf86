"""The list of projects: what each costs, got and paid, where it stands, what is to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import subtree
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, Listing, NumberFilter
from tuopin.register.events.areas.mapping import became_part_of
from tuopin.register.listings import below, may_open, reader_of
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import EXPORT
from tuopin.register.selectors import area_names, within

from ..permissions import VIEW
from ..policies import CLASSES
from ..years import years
from .rules import FINDINGS, STATES
from .selectors import any_finding, projects, worked_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

YUAN = Title("元", "yuan")
_NONE = Title("—", "—")
_FLAGS = tuple(f"is_{key}" for key in FINDINGS)


def _rows(reader: Reader) -> QuerySet[Any]:
    return worked_out(projects(reader.actor, reader.place), timezone.localdate())


def _places(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    names = area_names({row["area_id"] for row in rows})
    return {row["pk"]: names.get(row["area_id"], "") for row in rows}


def _found(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {row["pk"]: ",".join(key for key in FINDINGS if row[f"is_{key}"]) for row in rows}


def _by_finding(rows: QuerySet[Any], _reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    if "any" in chosen:
        return rows.filter(any_finding())
    condition = Q()
    for key in chosen:
        condition |= Q(**{f"is_{key}": 1})
    return rows.filter(condition)


def _below(rows: QuerySet[Any], _reader: Reader, codes: tuple[str, ...]) -> QuerySet[Any]:
    paths = AreaVersion.objects.filter(code__in=codes, valid_to=None).values_list("path", flat=True)
    here = AreaVersion.objects.filter(within([subtree(path) for path in paths]), valid_to=None)
    return rows.filter(Q(area_id__in=here.values("area_id")) | Q(area_id__in=sorted(became_part_of(here))))


def _years(_reader: Reader) -> list[tuple[str, Title]]:
    return [(str(year), Title(f"{year} 年", str(year))) for year in years(ahead=1)]


def _by_year(rows: QuerySet[Any], _reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    return rows.filter(project__year__in=[int(year) for year in chosen])


PROJECTS = Listing(
    key="measures.projects",
    title=Title("项目库", "Projects"),
    noun=Title("个项目", "projects"),
    rows=_rows,
    reader=reader_of(VIEW),
    may_open=may_open(VIEW),
    address=lambda _reader: reverse("measures:project_list"),
    order=("project__code", "pk"),
    order_title=Title("项目编号", "number"),
    export=EXPORT,
    log=False,
    empty=Title(
        "还没有项目。导入项目库，或新增项目。", "No projects yet: import the library, or write one in."
    ),
    columns=(
        Column("code", Title("项目编号", "Number"), "code", "project__code", sort=("project__code", "pk"),
               href=lambda row: reverse("measures:project", args=[row["project_id"]]), needs=("project_id",)),
        Column("name", Title("项目名称", "Name"), field="name"),
        Column("year", Title("年度", "Year"), "code", "project__year", sort=("project__year", "pk")),
        Column("class", Title("项目类别", "Class"), "choice", "sort", choices=CLASSES),
        Column("place", Title("实施地点", "Place"), load=_places, needs=("area_id",)),
        Column("unit", Title("责任单位", "Unit"), field="unit", blank=_NONE, optional=True),
        Column("source", Title("资金来源", "Source of funds"), field="source", blank=_NONE, optional=True),
        Column("cost", Title("计划投资", "Planned cost"), "amount", "cost", unit=YUAN, scale=2,
               sort=("cost", "pk")),
        Column("allocated", Title("下达资金", "Allocated"), "amount", "allocated", unit=YUAN, scale=2),
        Column("paid", Title("已拨付", "Paid"), "amount", "paid", unit=YUAN, scale=2),
        Column("due", Title("计划完成时间", "By"), "date", "due", sort=("due", "pk")),
        Column("accepted", Title("验收日期", "Accepted on"), "date", "accepted_on", blank=_NONE),
        Column("households", Title("受益户", "Households"), "amount", "benefiting"),
        Column("state", Title("状态", "State"), "choice", "state", choices=STATES),
        Column("findings", Title("须核实", "To be looked at"), "choice", load=_found, needs=_FLAGS, choices=FINDINGS,
               blank=_NONE),
    ),
    filters=(
        ChoiceFilter("year", Title("年度", "Year"), narrow=_by_year, choices_of=_years),
        ChoiceFilter("state", Title("状态", "State"), "state", choices=tuple(STATES.items())),
        ChoiceFilter("finding", Title("须核实", "To be looked at"), narrow=_by_finding,
                     choices=(("any", Title("任何一项", "anything")), *FINDINGS.items())),
        ChoiceFilter("class", Title("项目类别", "Class"), "sort", choices=tuple(CLASSES.items())),
        NumberFilter("cost", Title("计划投资", "Planned cost"), "cost", unit=YUAN, scale=2, more=True, blank=True),
        DateFilter("due", Title("计划完成时间", "By"), "due", more=True),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=_below, choices_of=below, more=True),
    ),
)  # fmt: skip
