"""Lists of visits and of problems found at them; what visits add to the list of households."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.database import data_state
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, Extension, FlagFilter, Listing
from tuopin.register.listings import may_open, reader_of
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import EXPORT, VIEW_HOUSEHOLD
from tuopin.register.selectors import subtree

from ..permissions import VIEW_VISIT
from . import counting, coverage, kinds, selectors, troubles
from .models import Visit, VisitLast, VisitPhoto

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

OUTCOMES = {
    Visit.Outcome.MET.value: Title("见到", "met"),
    Visit.Outcome.NOT_REACHABLE.value: Title("没有见到", "not reached"),
}
STATES = {
    "done": Title("已完成", "done"),
    "due": Title("待走访", "due"),
    "overdue": Title("逾期", "overdue"),
    "excused": Title("因故顺延", "excused"),
    "unknown": Title("未知", "unknown"),
}


def _areas(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    names = AreaVersion.objects.filter(area_id__in={row["area_id"] for row in rows}).order_by("valid_from")
    named = dict(names.values_list("area_id", "name"))
    return {row["pk"]: named.get(row["area_id"], "") for row in rows}


def _by(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {key: "、".join(names) for key, names in selectors.names_of([row["pk"] for row in rows]).items()}


def _photos(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    numbers = [row["number"] for row in rows]
    found = VisitPhoto.objects.filter(visit_number__in=numbers, removed_at=None).values_list("visit_number", flat=True)
    held = list(found)
    return {row["pk"]: held.count(row["number"]) for row in rows}


def _taken_back(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    return rows.exclude(taken_back_at=None) if value else rows.filter(taken_back_at=None)


def _waiting(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    waits = Exists(selectors.not_reached_since().filter(pk=OuterRef("pk")))
    return rows.filter(waits if value else ~waits)


def _may_open(reader: Reader) -> None:
    """Rows name households: who sees coverage alone (assessors) sees no list."""
    may_open(VIEW_VISIT)(reader)
    may_open(VIEW_HOUSEHOLD)(reader)


def _version() -> str | None:
    """Counts of lists are kept until the register or visits change."""
    register = data_state()
    return None if register is None else f"{register}:{counting.state()}"


VISITS = Listing(
    key="duties.visits",
    title=Title("走访", "Visits"),
    noun=Title("次", "visits"),
    rows=lambda reader: selectors.visits(reader.actor, reader.place),
    reader=reader_of(VIEW_VISIT),
    may_open=_may_open,
    address=lambda _reader: reverse("duties:visits"),
    order=("day", "pk"),
    order_title=Title("走访日期", "day of the visit"),
    descending=True,
    export=EXPORT,
    version=_version,
    first="day",
    empty=Title(
        "还没有走访记录。在户的页面上点“记录走访”，或导入走访记录。",
        "None yet: on the page of a household choose “Record a visit”, or import a workbook of visits.",
    ),
    columns=(
        Column("day", Title("日期", "Day"), "date", field="day", sort=("day", "pk"),
               href=lambda row: reverse("duties:visit", args=[row["number"]]), needs=("number",)),
        Column("household", Title("户编号", "Household"), "code", field="household__code",
               blank=Title("（区域）", "(area)")),
        Column("area", Title("村", "Village"), load=_areas, needs=("area_id",)),
        Column("by", Title("走访人", "Visited by"), load=_by),
        Column("sort", Title("类型", "Sort"), "choice", field="sort", choices=kinds.sorts()),
        Column("outcome", Title("结果", "Outcome"), "choice", field="outcome", choices=OUTCOMES),
        Column("why_not", Title("没有见到的原因", "Why not"), "choice", field="why_not", choices=kinds.reasons(),
               optional=True),
        Column("photos", Title("照片", "Photos"), "amount", load=_photos, needs=("number",), optional=True),
    ),
    filters=(
        DateFilter("day", Title("日期", "Day"), "day"),
        ChoiceFilter("sort", Title("类型", "Sort"), "sort", choices=tuple(kinds.sorts().items())),
        ChoiceFilter("outcome", Title("结果", "Outcome"), "outcome", choices=tuple(OUTCOMES.items())),
        FlagFilter("second", Title("待再次走访", "Waits for a second look"), narrow=_waiting),
        FlagFilter("back", Title("已撤回", "Taken back"), narrow=_taken_back, more=True),
    ),
)  # fmt: skip


def _settled(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    return rows.exclude(settled_at=None) if value else rows.filter(settled_at=None)


def _problem_sorts(reader: Reader) -> list[tuple[str, Title]]:
    closed = troubles.closed_sorts(reader.classes)
    return [(each.key, each.title) for each in kinds.problem_sorts().values() if each.key not in closed]


PROBLEMS = Listing(
    key="duties.visit_problems",
    title=Title("走访发现的问题", "Problems found at visits"),
    noun=Title("个", "problems"),
    rows=lambda reader: selectors.problems(reader.actor, reader.place, reader.classes),
    reader=reader_of(VIEW_VISIT),
    may_open=_may_open,
    address=lambda _reader: reverse("duties:visit_problems"),
    order=("last_day", "pk"),
    order_title=Title("最近发现", "last found"),
    descending=True,
    export=EXPORT,
    first="last_day",
    empty=Title("走访中没有发现问题。", "Visits found no problems."),
    columns=(
        Column("last_day", Title("最近发现", "Last found"), "date", field="last_day", sort=("last_day", "pk"),
               href=lambda row: reverse("duties:visit_problem", args=[row["pk"]])),
        Column("household", Title("户编号", "Household"), "code", field="household__code",
               blank=Title("（区域）", "(area)")),
        Column("area", Title("村", "Village"), load=_areas, needs=("area_id",)),
        Column("sort", Title("类别", "Sort"), "choice", field="sort",
               choices={each.key: each.title for each in kinds.problem_sorts().values()}),
        Column("text", Title("问题", "Problem"), field="text"),
        Column("times", Title("次数", "Times"), "amount", field="times"),
        Column("settled_day", Title("处理日期", "Ended"), "date", field="settled_day",
               blank=Title("未处理", "open")),
        Column("settled_note", Title("处理结果", "How it ended"), field="settled_note", optional=True),
    ),
    filters=(
        FlagFilter("settled", Title("已处理", "Ended"), narrow=_settled),
        ChoiceFilter("sort", Title("类别", "Sort"), "sort", choices_of=_problem_sorts),
        DateFilter("last_day", Title("最近发现", "Last found"), "last_day", more=True),
    ),
)  # fmt: skip


# -- households ---------------------------------------------------------------------------------------------------


def _last(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = VisitLast.objects.filter(household_id__in=[row["pk"] for row in rows]).values_list("household_id")
    return dict(found.annotate(last=Max("day")))


def _choices() -> list[tuple[str, Title]]:
    return [
        (f"{duty.key}.{state}", Title(f"{duty.title.zh}：{title.zh}", f"{duty.title.en}: {title.en}"))
        for duty in kinds.duties().values()
        if duty.of_households
        for state, title in STATES.items()
    ]


def _by_state(rows: QuerySet[Any], reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    """Households in one of the states: by the statement that coverage counts by, so that numbers and lists agree.

    ``mark`` is in the statement because the engine keeps counts by it until the register changes; visits change more
    often.
    """
    condition = Q(pk__in=[])
    day = coverage.today()
    inside = subtree(reader.place) if reader.place is not None else coverage.EVERYWHERE
    kept = coverage.recorded(reader.place, day)
    for each in chosen:
        duty, _dot, state = each.partition(".")
        sql, given = coverage.pairs(kinds.duty(duty), inside, day, kept)
        if sql:
            text, values = coverage.positional(
                f"SELECT household_id FROM ({sql}) x WHERE state = %(wanted)s AND %(mark)s >= 0",  # noqa: S608 - own text
                {**given, "wanted": state, "mark": counting.state()},
            )
            condition |= Q(pk__in=RawSQL(text, values))  # noqa: S611 - own text
    return rows.filter(condition)


def _second(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    mark = -1 - counting.state()  # always below: see _by_state
    waits = Exists(selectors.not_reached_since().filter(household_id=OuterRef("pk"), number__gt=mark))
    return rows.filter(waits if value else ~waits)


def extension(reader: Reader) -> Extension:
    """The column and filters, for who may see visits."""
    if not may(reader.actor, VIEW_VISIT, area_path=reader.place.path if reader.place is not None else None):
        return Extension()
    return Extension(
        (Column("last_visit", Title("最近走访", "Last visit"), "date", load=_last, optional=True),),
        (
            ChoiceFilter("visit", Title("走访责任", "Duty to visit"), narrow=_by_state, choices=tuple(_choices()),
                         more=True),
            FlagFilter("second_look", Title("待再次走访", "Waits for a second look"), narrow=_second, more=True),
        ),
    )  # fmt: skip
