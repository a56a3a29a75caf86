"""The list of an area's events, among them those still to be entered in the national system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import visible_paths
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Listing, TextFilter

from ..correcting.subjects import listed
from ..listings import may_open, reader_of
from ..models import AreaVersion, EventEcho, RegisterEvent
from ..permissions import EXPORT, VIEW_HOUSEHOLD
from ..selectors import subtree, within
from .areas import mapping as areas_map
from .kinds import KINDS, LEFT, TITLES, UNDO, VEILED, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _rows(reader: Reader) -> QuerySet[Any]:
    """Events that begin or end in the place, within the grants."""
    here = AreaVersion.objects.filter(within(visible_paths(reader.actor, VIEW_HOUSEHOLD)), valid_to=None)
    if reader.place is not None:
        low, high = subtree(reader.place)
        here = here.filter(path__gte=low, path__lt=high)
    # of a household that came from elsewhere, or went there, no code is told
    areas = AreaVersion.objects.filter(
        Q(area_id__in=here.values("area_id")) | Q(area_id__in=listed(sorted(areas_map.became_part_of(here))))
    ).values("area_id")
    found = RegisterEvent.objects.filter(Q(area_id__in=areas) | Q(other_area_id__in=areas)).exclude(kind=UNDO)
    echoes = EventEcho.objects.filter(event=OuterRef("pk"))
    whole = F("kind")
    return found.annotate(
        told=whole
        if reader.opens(("identity",))
        else Case(When(kind__in=VEILED, then=Value(LEFT)), default=whole, output_field=CharField()),
        own_code=Case(When(area_id__in=areas, then=F("household__code"))),
        other_code=Case(When(other_area_id__in=areas, then=F("other__code"))),
        taken_back=Exists(RegisterEvent.objects.filter(undoes=OuterRef("pk"))),
        confirmed=Exists(echoes.filter(state="confirmed")),
        contradicted=Exists(echoes.filter(state="overtaken")),
    )


def _places(field: str) -> Any:
    def load(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
        keys = {row[field] for row in rows if row[field] is not None}
        names = dict(AreaVersion.objects.filter(area_id__in=keys).order_by("valid_from").values_list("area_id", "name"))
        return {row["pk"]: names.get(row[field]) for row in rows}

    return load


def _state(row: tuple[bool, bool, bool]) -> Title:
    taken_back, confirmed, contradicted = row
    if taken_back:
        return Title("已撤销", "taken back")
    if confirmed:
        return Title("国网已确认", "confirmed by an export")
    return Title("导出另有说法", "an export says otherwise") if contradicted else Title("待录入国网", "to be entered")


def _states(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {row["pk"]: (row["taken_back"], row["confirmed"], row["contradicted"]) for row in rows}


def _to_enter(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    """Those that stand and that no export has followed yet."""
    waiting = Q(taken_back=False, confirmed=False, contradicted=False)
    return rows.filter(waiting) if value else rows.exclude(waiting)


def _address(row: Row) -> str:
    return reverse("console:household", args=[row["own_code"]]) if row["own_code"] else ""


def _kinds(reader: Reader) -> Sequence[tuple[str, Title]]:
    """The kinds that the reader may tell apart: a filter by another would name what the column does not."""
    return [(key, TITLES[key]) for key in dict.fromkeys(told(each, reader.classes) for each in KINDS)]


NONE = Title("—", "—")

EVENTS = Listing(
    key="register.events",
    title=Title("登记变化", "Events of households and persons"),
    noun=Title("次变化", "events"),
    rows=_rows,
    reader=reader_of(VIEW_HOUSEHOLD),
    export=EXPORT,
    may_open=may_open(VIEW_HOUSEHOLD),
    address=lambda _reader: reverse("register:events"),
    order=("day", "pk"),
    descending=True,
    order_title=Title("日期", "day"),
    first="code",
    empty=Title(
        "还没有登记过户和人的变化。在户页面的“登记变化”中登记。",
        "Nothing has been recorded yet: record it on the page of a household.",
    ),
    columns=(
        Column("code", Title("户编号", "Household"), "code", "own_code", href=_address, blank=NONE),
        Column("kind", Title("变化", "Event"), "choice", "told", choices=TITLES, sort=("told", "pk")),
        Column("day", Title("日期", "Day"), "date", "day", sort=("day", "pk")),
        Column("persons", Title("人数", "Persons"), "amount", "persons", unit=Title("人", "persons")),
        Column("area", Title("村", "Village"), load=_places("area_id"), needs=("area_id",)),
        Column("other", Title("去向户", "Leads to"), "code", "other_code", blank=NONE),
        Column("other_area", Title("去向村", "Village after"), load=_places("other_area_id"), needs=("other_area_id",),
               blank=NONE),
        Column("state", Title("状态", "State"), load=_states, pick=_state,
               needs=("taken_back", "confirmed", "contradicted")),
        Column("reason", Title("原因", "Reason"), field="reason", classes=("identity",)),
        Column("document", Title("依据", "Document"), field="document", classes=("identity",), optional=True,
               blank=NONE),
        Column("by", Title("登记人", "By"), field="actor", sort=("actor", "pk")),
        Column("at", Title("登记时间", "Recorded"), "date", "at", sort=("at",), optional=True),
    ),
    filters=(
        ChoiceFilter("kind", Title("变化", "Event"), "told", choices_of=_kinds),
        DateFilter("day", Title("日期", "Day"), "day"),
        FlagFilter("waiting", Title("待录入国网", "To be entered"), narrow=_to_enter),
        FlagFilter("taken_back", Title("已撤销", "Taken back"), "taken_back"),
        TextFilter("code", Title("户编号开头", "Code begins with"), "own_code", more=True),
    ),
)  # fmt: skip
