"""The list of measures of a year's plans: what is planned, late or done, at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require, visible_ids, visible_paths
from tuopin.platform.access import subtree as path_range
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, Listing
from tuopin.register import selectors as register
from tuopin.register.listings import below, reader_of
from tuopin.register.listings import village_names as villages
from tuopin.register.models import AreaVersion, HouseholdCard
from tuopin.register.permissions import EXPORT, VIEW_HOUSEHOLD

from ..permissions import VIEW
from ..policies import CLASSES
from ..years import year_of, years
from .lists import done, newest
from .models import MeasureDone, PlannedMeasure
from .progress import told
from .states import MEASURE_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

_PATH = "plan__household__card__path"
_NONE = Title("—", "—")


def _rows(reader: Reader) -> QuerySet[Any]:
    """Measures of the newest versions, of classes that are open, of households that the reader may see."""
    year = year_of(reader.given.get("year", ""), reader.day, ahead=1)
    found = PlannedMeasure.objects.filter(told(reader.classes), plan__in=newest(year))
    if reader.place is not None:
        low, high = register.subtree(reader.place)
        found = found.filter(plan__household__card__path__gte=low, plan__household__card__path__lt=high)
    for permission in (VIEW, VIEW_HOUSEHOLD):
        ranges = visible_paths(reader.actor, permission)
        if ranges is not None:
            single = sorted(visible_ids(reader.actor, permission, "household"))
            found = found.filter(register.within(ranges, _PATH) | Q(plan__household_id__in=single))
    return found.annotate(is_done=done(), path=F(_PATH))


def may_open(reader: Reader) -> None:
    """Who may see help and households. Raises Refused."""
    path = reader.place.path if reader.place is not None else None
    require(reader.actor, VIEW, area_path=path)
    require(reader.actor, VIEW_HOUSEHOLD, area_path=path)


def _heads(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    wanted = {row["plan__household_id"] for row in rows}
    heads = dict(HouseholdCard.objects.filter(pk__in=wanted).values_list("pk", "head_name"))
    return {row["pk"]: heads.get(row["plan__household_id"], "") for row in rows}


def _states(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    today = timezone.localdate()
    return {
        row["pk"]: "done" if row["is_done"] else "late" if row["due"] < today else "planned"
        for row in rows
    }  # fmt: skip


def _entries(rows: Sequence[Row]) -> Mapping[Any, list[tuple[int | None, str]]]:
    """(cost, effect seen) of what was done of each measure, in any version: one statement."""
    wanted = {(row["plan__household_id"], row["plan__year"], row["number"]): row["pk"] for row in rows}
    found: dict[Any, list[tuple[int | None, str]]] = {}
    entries = MeasureDone.objects.filter(
        measure__plan__household__in={key[0] for key in wanted}, measure__plan__year__in={key[1] for key in wanted},
        takes_back=None, taken_back=None,
    ).order_by("day", "pk")  # fmt: skip
    names = ("measure__plan__household_id", "measure__plan__year", "measure__number", "cost", "effect")
    for household, year, number, cost, effect in entries.values_list(*names):
        if (household, year, number) in wanted:
            found.setdefault(wanted[household, year, number], []).append((cost, effect))
    return found


def _paid(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {
        key: None if any(cost is None for cost, _effect in held) else sum(cost or 0 for cost, _effect in held)
        for key, held in _entries(rows).items()
    }


def _seen(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {key: "；".join(effect for _cost, effect in held if effect) for key, held in _entries(rows).items()}


def _by_state(rows: QuerySet[Any], _reader: Reader, chosen: tuple[str, ...]) -> QuerySet[Any]:
    today, condition = timezone.localdate(), Q()
    for each in chosen:
        open_ = Q(is_done=False)
        condition |= {"done": Q(is_done=True), "late": open_ & Q(due__lt=today), "planned": open_ & Q(due__gte=today)}[
            each
        ]
    return rows.filter(condition)


def _below(rows: QuerySet[Any], _reader: Reader, codes: tuple[str, ...]) -> QuerySet[Any]:
    paths = AreaVersion.objects.filter(code__in=codes, valid_to=None).values_list("path", flat=True)
    return rows.filter(register.within([path_range(path) for path in paths], _PATH))


def _years(rows: QuerySet[Any], _reader: Reader, _chosen: tuple[str, ...]) -> QuerySet[Any]:
    return rows  # the rows are those of the year already


def _year_choices(_reader: Reader) -> list[tuple[str, Title]]:
    return [(str(year), Title(f"{year} 年", str(year))) for year in years(ahead=1)]


MEASURES = Listing(
    key="measures.measures",
    title=Title("帮扶措施", "Measures of help"),
    noun=Title("项措施", "measures"),
    rows=_rows,
    reader=reader_of(VIEW),
    may_open=may_open,
    address=lambda _reader: reverse("measures:measures"),
    order=("due", "pk"),
    order_title=Title("完成时间", "day"),
    export=EXPORT,
    empty=Title("这一年还没有帮扶计划。", "There is no plan for this year yet."),
    columns=(
        Column("code", Title("户编号", "Household"), "code", "plan__household__code",
               href=lambda row: reverse("measures:plan", args=[row["plan__household__code"]])
               + f"?year={row['plan__year']}", needs=("plan__year",)),
        Column("head", Title("户主", "Head"), load=_heads, needs=("plan__household_id",)),
        Column("village", Title("村", "Village"), load=villages, needs=("path",)),
        Column("class", Title("类别", "Class"), "choice", "sort", choices=CLASSES),
        Column("content", Title("内容", "Content"), field="content"),
        Column("organisation", Title("落实单位", "From whom"), field="organisation"),
        Column("due", Title("完成时间", "By"), "date", "due", sort=("due", "pk")),
        Column("state", Title("进展", "State"), "choice", load=_states, needs=("due", "is_done"),
               choices=MEASURE_STATES),
        Column("cost", Title("计划投入", "Planned"), "amount", "cost", unit=Title("元", "yuan"), scale=2,
               sort=("cost", "pk")),
        Column("paid", Title("实际支出", "Paid"), "amount", load=_paid,
               needs=("plan__household_id", "plan__year", "number"), unit=Title("元", "yuan"), scale=2, blank=_NONE),
        Column("seen", Title("看到的成效", "Effect seen"), load=_seen,
               needs=("plan__household_id", "plan__year", "number"), blank=_NONE, optional=True),
    ),
    filters=(
        ChoiceFilter("year", Title("年度", "Year"), narrow=_years, choices_of=_year_choices),
        ChoiceFilter("state", Title("进展", "State"), narrow=_by_state, choices=tuple(MEASURE_STATES.items())),
        ChoiceFilter("class", Title("类别", "Class"), "sort", choices=tuple(CLASSES.items())),
        DateFilter("due", Title("完成时间", "By"), "due", more=True),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=_below, choices_of=below, more=True),
    ),
)  # fmt: skip
