"""The list of signs: what is hung, by whom, who supervises, and what of the weekly list is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.duties.selectors import own_official
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing
from tuopin.register.listings import below, may_open, reader_of
from tuopin.register.permissions import EXPORT
from tuopin.register.selectors import area_names

from ..board import names
from ..board.lists import below_filter
from ..permissions import VIEW
from . import selectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _rows(reader: Reader) -> QuerySet[Any]:
    return selectors.counted(selectors.signs(reader.actor, reader.place), timezone.localdate())


def _offices(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = names.offices(row["office_id"] for row in rows)
    return {row["pk"]: found.get(row["office_id"]) for row in rows}


def _holders(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = names.offices(row["holder_id"] for row in rows)
    return {row["pk"]: found.get(row["holder_id"]) for row in rows}


def _supervisors(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = names.people(row["supervisor_id"] for row in rows)
    return {row["pk"]: found.get(row["supervisor_id"]) for row in rows}


def _areas(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = area_names({row["area_id"] for row in rows})
    return {row["pk"]: found.get(row["area_id"]) for row in rows}


def _late(rows: QuerySet[Any], _reader: Reader, wanted: bool) -> QuerySet[Any]:
    return rows.filter(state="hanging", late__gt=0) if wanted else rows.exclude(state="hanging", late__gt=0)


def _mine(rows: QuerySet[Any], reader: Reader, wanted: bool) -> QuerySet[Any]:
    mine = own_official(reader.actor) or 0
    return rows.filter(supervisor_id=mine) if wanted else rows.exclude(supervisor_id=mine)


def _address(row: Row) -> str:
    return reverse("orders:hung_sign", args=[row["pk"]])


HUNG = Listing(
    key="orders.hung",
    title=Title("挂牌督战", "Hung signs"),
    noun=Title("块牌", "signs"),
    rows=_rows,
    reader=reader_of(VIEW),
    may_open=may_open(VIEW),
    address=lambda _reader: reverse("orders:hung"),
    order=("pk",),
    order_title=Title("最新在前", "newest first"),
    descending=True,
    export=EXPORT,
    first="title",
    empty=Title("没有挂牌督战。", "No sign is hung."),
    columns=(
        Column("title", Title("挂牌事由", "Sign"), field="title", href=_address),
        Column("number", Title("编号", "Number"), "code", "pk", href=_address),
        Column("target", Title("挂在", "Hangs on"), "choice", "target", choices=selectors.TARGETS),
        Column("area", Title("区域", "Area"), load=_areas, needs=("area_id",)),
        Column("state", Title("状态", "State"), "choice", "state", choices=selectors.STATES),
        Column("supervisor", Title("督战人", "Supervisor"), load=_supervisors, needs=("supervisor_id",)),
        Column("holder", Title("答复单位", "Answers"), load=_holders, needs=("holder_id",)),
        Column("office", Title("挂牌单位", "Hung by"), load=_offices, needs=("office_id",), optional=True),
        Column("hung_on", Title("挂牌", "Hung"), "date", "hung_on", sort=("hung_on", "pk")),
        Column("next_by", Title("最近答复期限", "Answer by"), "date", "next_by", blank=Title("—", "—")),
        Column("owed", Title("待答复", "Owed"), "amount", "owed"),
        Column("late", Title("过期未答", "Late"), "amount", "late"),
        Column("waiting", Title("待核对", "To check"), "amount", "waiting"),
        Column("ended_on", Title("摘牌或撤回", "Ended"), "date", "ended_on", blank=Title("—", "—"), optional=True),
    ),
    filters=(
        ChoiceFilter("state", Title("状态", "State"), "state", choices=tuple(selectors.STATES.items())),
        FlagFilter("late", Title("过期未答", "Late answers"), narrow=_late),
        FlagFilter("mine", Title("我督战的", "Supervised by me"), narrow=_mine),
        ChoiceFilter("target", Title("挂在", "Hangs on"), "target", more=True,
                     choices=tuple(selectors.TARGETS.items())),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=below_filter, choices_of=below, more=True),
    ),
)  # fmt: skip
