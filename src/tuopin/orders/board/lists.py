"""The list of directives and problems: filters, columns, export; bulk acts take their selection from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import ENDED, KINDS, STATES
from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.models import OrganisationVersion
from tuopin.duties.selectors import last_versions, ranges_at
from tuopin.platform.access import subtree as path_range
from tuopin.platform.given import whole_number
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing
from tuopin.register.listings import below, may_open, reader_of
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import EXPORT
from tuopin.register.selectors import area_names

from .. import kinds, selectors, words
from ..limits import day_of
from ..permissions import VIEW
from . import due, inbox, names
from .counts import version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.platform.lists import Reader, Row

_MOST = 400
"""Units that a filter offers."""
WORK: Mapping[str, Title] = {key: title for key, title in KINDS.items() if key != "petition"}


def _rows(reader: Reader) -> QuerySet[Any]:
    return selectors.work(reader.actor, reader.place)


def _titles(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return words.titles(reader.actor, rows)


def _holders(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = names.offices(row["holder_id"] for row in rows)
    return {row["pk"]: found.get(row["holder_id"]) for row in rows}


def _issuers(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = names.offices(row["issuer_id"] for row in rows)
    return {row["pk"]: found.get(row["issuer_id"]) for row in rows}


def _people(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = names.people(row["official_id"] for row in rows)
    return {row["pk"]: found.get(row["official_id"]) for row in rows}


def _areas(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = area_names({row["area_id"] for row in rows})
    return {row["pk"]: found.get(row["area_id"]) for row in rows}


def _late(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """Whether the limit has passed; None where no clock runs."""
    now = timezone.now()
    return {
        row["pk"]: now >= row["limit_at"] if row["state"] in due.RUNNING and row["limit_at"] else None for row in rows
    }


def _by_due(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    now = due.to_the_minute(timezone.now())
    condition = due.within(value[0], now)
    for key in value[1:]:
        condition |= due.within(key, now)
    return rows.filter(condition)


def _open(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    ended = (*ENDED, "closed")
    return rows.exclude(state__in=ended) if value else rows.filter(state__in=ended)


def _mine(rows: QuerySet[Any], reader: Reader, value: bool) -> QuerySet[Any]:
    mine = inbox.held(reader.actor)
    return rows.filter(mine) if value else rows.exclude(mine)


def _asked(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    return rows.filter(asked_until__isnull=not value)


def _unheld(rows: QuerySet[Any], _reader: Reader, value: bool) -> QuerySet[Any]:
    return rows.filter(holder__isnull=value)


def below_filter(rows: QuerySet[Any], _reader: Reader, codes: tuple[str, ...]) -> QuerySet[Any]:
    """The matters of areas below."""
    paths = AreaVersion.objects.filter(code__in=codes, valid_to=None).values_list("path", flat=True)
    return rows.filter(area_id__in=lasting_area_ids([path_range(path) for path in paths]))


def units_of(reader: Reader) -> list[tuple[str, Title]]:
    """The units of the place, and the one that the address names: units of another place hold matters here too."""
    found = standing_units(reader.actor, reader.place).order_by("area_id", "name")
    offered = {str(key): Title(name, name) for key, name in found.values_list("organisation_id", "name")[:_MOST]}
    asked = whole_number(reader.given.get("holder", ""), None)
    if asked is not None and str(asked) not in offered and _rows(reader).filter(holder_id=asked).exists():
        rows = OrganisationVersion.objects.filter(organisation_id=asked).order_by("-valid_from")
        name = rows.values_list("name", flat=True).first()
        if name is not None:
            offered[str(asked)] = Title(name, name)
    return list(offered.items())


def standing_units(actor: Actor, place: AreaVersion | None) -> QuerySet[OrganisationVersion]:
    """The organisations of a place and below that are given matters: resident teams are not."""
    return last_versions(ranges_at(actor, VIEW, place)).filter(valid_to=None).exclude(kind="resident_team")


def _person(reader: Reader) -> list[tuple[str, Title]]:
    """The person whom the address names, where matters that the reader sees name that person too."""
    asked = whole_number(reader.given.get("official", ""), None)
    if asked is None or not _rows(reader).filter(official_id=asked).exists():
        return []
    name = names.people([asked]).get(asked, "")
    return [(str(asked), Title(name, name))]


def address(row: Row) -> str:
    return reverse("orders:matter", args=[row["pk"]])


MATTERS = Listing(
    key="orders.matters",
    title=Title("指令与问题", "Directives and problems"),
    noun=Title("件", "matters"),
    rows=_rows,
    reader=reader_of(VIEW),
    may_open=may_open(VIEW),
    address=lambda _reader: reverse("orders:matters"),
    order=("pk",),
    order_title=Title("最新在前", "newest first"),
    descending=True,
    export=EXPORT,
    first="title",
    version=lambda: version(timezone.now()),
    moving=True,
    empty=Title(
        "还没有指令和问题。点“起草”交办一件；走访、核查、标准未达发现的问题也会列在这里。",
        "None yet: draft one. What visits, checks and standards find comes here too.",
    ),
    columns=(
        Column("title", Title("事项", "Matter"), load=_titles, needs=("title", "source"), href=address),
        Column("number", Title("编号", "Number"), "code", "pk", href=address),
        Column("kind", Title("类型", "Kind"), "choice", "kind", choices=WORK),
        Column("state", Title("状态", "State"), "choice", "state", choices=STATES),
        Column("limit", Title("时限", "Limit"), "date", "limit_at", pick=lambda at: day_of(at) if at else None,
               sort=("limit_at",), blank=Title("未定", "none yet")),
        Column("late", Title("逾期", "Late"), "flag", load=_late, needs=("state", "limit_at"), blank=Title("—", "—")),
        Column("holder", Title("承办单位", "Holder"), load=_holders, needs=("holder_id",),
               blank=Title("未定", "none yet")),
        Column("official", Title("责任人", "Responsible"), load=_people, needs=("official_id",),
               blank=Title("未定", "nobody named")),
        Column("area", Title("所在地", "Area"), load=_areas, needs=("area_id",)),
        Column("category", Title("类别", "Category"), "choice", "category", choices=kinds.categories(),
               blank=Title("未分类", "none")),
        Column("source", Title("来源", "Source"), "choice", "source", choices=kinds.sources(),
               blank=Title("未注明", "not said")),
        Column("urgency", Title("紧急程度", "Urgency"), "choice", "urgency", optional=True,
               choices={key: each.title for key, each in kinds.urgencies().items()}),
        Column("issuer", Title("交办单位", "Issued by"), load=_issuers, needs=("issuer_id",), optional=True,
               blank=Title("未注明", "not said")),
        Column("label", Title("台账序号", "Number in the ledger"), "code", "label", optional=True,
               blank=Title("—", "—")),
        Column("opened", Title("登记", "Opened"), "date", "opened_at", optional=True, pick=timezone.localdate),
        Column("extensions", Title("延期次数", "Extensions"), "amount", "extensions", optional=True),
        Column("reopened", Title("重新交办次数", "Reopened"), "amount", "reopened", optional=True),
    ),
    filters=(
        ChoiceFilter("state", Title("状态", "State"), "state", choices=tuple(STATES.items())),
        ChoiceFilter("due", Title("时限", "Limit"), narrow=_by_due, choices=tuple(due.WINDOWS.items())),
        ChoiceFilter("kind", Title("类型", "Kind"), "kind", choices=tuple(WORK.items())),
        FlagFilter("open", Title("未办结", "Open"), narrow=_open),
        ChoiceFilter("category", Title("类别", "Category"), "category", choices=tuple(kinds.categories().items())),
        ChoiceFilter("holder", Title("承办单位", "Holder"), "holder_id", choices_of=units_of, more=True),
        FlagFilter("mine", Title("我承办的", "Held by me"), narrow=_mine, more=True),
        ChoiceFilter("source", Title("来源", "Source"), "source", choices=tuple(kinds.sources().items()), more=True),
        ChoiceFilter("urgency", Title("紧急程度", "Urgency"), "urgency", more=True,
                     choices=tuple((key, each.title) for key, each in kinds.urgencies().items()
                                   if "petition" not in each.kinds or len(each.kinds) > 1)),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=below_filter, choices_of=below, more=True),
        ChoiceFilter("official", Title("责任人", "Responsible"), "official_id", choices_of=_person, more=True),
        FlagFilter("unheld", Title("未定承办单位", "Without a holder"), narrow=_unheld, more=True),
        FlagFilter("asked", Title("申请延期", "Asked for more time"), narrow=_asked, more=True),
    ),
)  # fmt: skip
