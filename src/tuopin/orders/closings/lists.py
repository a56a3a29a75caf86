"""The list of closings that are looked back at sooner, for those who look back. It names matters, units and reasons;
nobody who closed or verified one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing
from tuopin.register.listings import may_open, reader_of
from tuopin.register.permissions import EXPORT
from tuopin.register.selectors import area_names

from .. import reach, words
from ..board import names
from ..models import EarlyLookBack, Matter, MatterEvent
from ..permissions import VERIFY
from . import draw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _rows(reader: Reader) -> QuerySet[Any]:
    """What waits to be looked back at over the reader's areas, without what the reader handled, verified or closed."""
    matters = Matter.objects.filter(reach.work(reader.actor, VERIFY, reader.place), state="closed")
    took_part = MatterEvent.objects.filter(
        reach.by(reader.actor), matter_id=OuterRef("matter_id"), act__in=[*reach.HANDLED, "verify", "close"]
    )
    rows = EarlyLookBack.objects.filter(looked_at=None, matter_id__in=matters.values("pk"))
    return rows.exclude(Exists(took_part))


def _titles(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    matters = Matter.objects.filter(pk__in={row["matter_id"] for row in rows}).values("pk", "title", "source")
    found = words.titles(reader.actor, list(matters))
    return {row["pk"]: found.get(row["matter_id"]) for row in rows}


def _areas(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = area_names({row["matter__area_id"] for row in rows})
    return {row["pk"]: found.get(row["matter__area_id"]) for row in rows}


def _holders(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = names.offices(row["matter__holder_id"] for row in rows)
    return {row["pk"]: found.get(row["matter__holder_id"]) for row in rows}


def _mine(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return {row["pk"]: row["looker"] is not None and row["looker"] == reader.actor.user_id for row in rows}


def _same(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """The other matter, where the reader sees it."""
    wanted = {row["same_id"] for row in rows if row["same_id"] is not None}
    seen = set(Matter.objects.filter(reach.work(reader.actor), pk__in=wanted).values_list("pk", flat=True))
    return {row["pk"]: row["same_id"] if row["same_id"] in seen else None for row in rows}


def _own(rows: QuerySet[Any], reader: Reader, value: bool) -> QuerySet[Any]:
    own = {"looker": reader.actor.user_id or 0}
    return rows.filter(**own) if value else rows.exclude(**own)


def _matter(row: Row) -> str:
    return reverse("orders:matter", args=[row["matter_id"]])


EARLY = Listing(
    key="orders.early_look_backs",
    title=Title("提前回头看", "Early look-backs"),
    noun=Title("件", "closings"),
    rows=_rows,
    reader=reader_of(VERIFY),
    may_open=may_open(VERIFY),
    address=lambda _reader: reverse("orders:early"),
    order=("look_back_on", "pk"),
    order_title=Title("先到期的在前", "due first"),
    export=EXPORT,
    first="title",
    version=lambda: f"{EarlyLookBack.objects.order_by('-pk').values_list('pk', flat=True).first()}:"
                    f"{MatterEvent.objects.order_by('-pk').values_list('pk', flat=True).first()}",
    empty=Title("没有抽中提前回头看的事项。", "Nothing was drawn for an earlier look-back."),
    columns=(
        Column("title", Title("事项", "Matter"), load=_titles, needs=("matter_id",), href=_matter),
        Column("number", Title("编号", "Number"), "code", "matter_id", href=_matter),
        Column("reason", Title("缘由", "Why"), "choice", "reason", choices=draw.REASONS),
        Column("day", Title("回头看日期", "Look back by"), "date", "look_back_on", sort=("look_back_on", "pk")),
        Column("mine", Title("抽到我", "Drawn for me"), "flag", load=_mine, needs=("looker",)),
        Column("area", Title("所在地", "Area"), load=_areas, needs=("matter__area_id",)),
        Column("holder", Title("承办单位", "Holder"), load=_holders, needs=("matter__holder_id",)),
        Column("same", Title("材料同", "Same paper as"), "code", load=_same, needs=("same_id",),
               blank=Title("—", "—")),
        Column("flagged", Title("抽取日", "Drawn on"), "date", "at", pick=timezone.localdate, optional=True),
        Column("seed", Title("抽取种子", "Seed"), "code", "seed", optional=True, blank=Title("—", "—")),
    ),
    filters=(
        ChoiceFilter("reason", Title("缘由", "Why"), "reason", choices=tuple(draw.REASONS.items())),
        FlagFilter("mine", Title("抽到我", "Drawn for me"), narrow=_own, yes=Title("抽到我的", "for me"),
                   no=Title("其余", "others")),
    ),
)  # fmt: skip
