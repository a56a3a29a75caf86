"""The list of incidents of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Listing
from tuopin.register.listings import may_open, reader_of
from tuopin.register.models import AreaVersion, HouseholdCard
from tuopin.register.permissions import EXPORT

from ..models import IncidentClosing, IncidentReport
from ..permissions import VIEW_INCIDENT
from . import rules, selectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

NONE = Title("—", "—")


def _rows(reader: Reader) -> QuerySet[Any]:
    return selectors.incidents(reader.actor, reader.place, reader.classes)


def _villages(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    areas = dict(
        HouseholdCard.objects.filter(pk__in={row["household_id"] for row in rows}).values_list("pk", "area_id")
    )
    names = dict(
        AreaVersion.objects.filter(area_id__in=set(areas.values()) - {None}, valid_to=None).values_list(
            "area_id", "name"
        )
    )
    return {row["pk"]: names.get(areas.get(row["household_id"]) or 0, "") for row in rows}


def _outcomes(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = IncidentClosing.objects.filter(incident_id__in=[row["pk"] for row in rows])
    return dict(found.values_list("incident_id", "outcome"))


def _reported(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """Whether one of those who answer reported in time; None where nobody has reported."""
    found: dict[int, bool] = {}
    rows_of = IncidentReport.objects.filter(incident_id__in=[row["pk"] for row in rows])
    for key, in_time in rows_of.values_list("incident_id", "in_time"):
        found[key] = found.get(key, False) or in_time
    return found


def _open(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    closed = Exists(IncidentClosing.objects.filter(incident=OuterRef("pk")))
    return rows.filter(~closed if value else closed)


def _by_report(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    done = Exists(IncidentReport.objects.filter(incident=OuterRef("pk")))
    return rows.filter(done if value else ~done)


def _kinds(reader: Reader) -> list[tuple[str, Title]]:
    titles = rules.titles("incidents", "kind")
    return [(key, titles[key]) for key in rules.told_kinds(reader.classes)]


INCIDENTS = Listing(
    key="duties.incidents",
    title=Title("返贫、受灾事件", "Incidents"),
    noun=Title("件", "incidents"),
    rows=_rows,
    reader=reader_of(VIEW_INCIDENT),
    may_open=may_open(VIEW_INCIDENT),
    address=lambda _reader: reverse("duties:incidents"),
    order=("found_on", "pk"),
    order_title=Title("发现日期", "when found"),
    descending=True,
    export=EXPORT,
    first="number",
    empty=Title(
        "还没有登记事件。在户的页面上点“登记返贫、受灾事件”。",
        "None yet: on the page of a household choose “Record an incident”.",
    ),
    columns=(
        Column("number", Title("编号", "Number"), "code", field="pk",
               href=lambda row: reverse("duties:incident", args=[row["pk"]])),
        Column("code", Title("户编号", "Household"), "code", field="household__code"),
        Column("village", Title("村", "Village"), load=_villages, needs=("household_id",)),
        Column("kind", Title("事件", "Kind"), "choice", "kind", choices=rules.titles("incidents", "kind")),
        Column("happened", Title("发生", "Happened"), "date", "happened_on"),
        Column("found", Title("发现", "Found"), "date", "found_on", sort=("found_on", "pk")),
        Column("channel", Title("来源", "How found"), "choice", "channel",
               choices=rules.titles("incidents", "channel")),
        Column("reported", Title("责任人按时报告", "Reported in time"), "flag", load=_reported,
               blank=Title("未报告", "not reported")),
        Column("outcome", Title("结果", "Outcome"), "choice", load=_outcomes,
               choices=rules.titles("incidents", "outcome"), blank=Title("未办结", "open")),
    ),
    filters=(
        ChoiceFilter("kind", Title("事件", "Kind"), "kind", choices_of=_kinds),
        FlagFilter("open", Title("未办结", "Open"), narrow=_open),
        FlagFilter("reported", Title("责任人已报告", "Reported"), narrow=_by_report),
        DateFilter("found", Title("发现日期", "Found on"), "found_on", more=True),
    ),
)  # fmt: skip
