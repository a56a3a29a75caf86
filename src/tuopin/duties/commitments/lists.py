"""The list of commitments of an area: between whom, due when, signed by whom, honoured or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.lists import ChoiceFilter, Column, FlagFilter, Listing
from tuopin.register import selectors as register
from tuopin.register.listings import may_open, reader_of
from tuopin.register.place import LEVEL_TITLES

from ..permissions import VIEW_COMMITMENT
from . import selectors
from .following import OUTCOMES
from .models import Commitment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row

LEVELS = {key: LEVEL_TITLES[key] for key in ("city", "county", "township", "village")} | {
    "household": Title("户", "household")
}
SIGNED = {
    "0": Title("双方均未签", "neither side"),
    "1": Title("仅上级已签", "the superior alone"),
    "2": Title("仅下级已签", "the inferior alone"),
    "3": Title("双方已签", "both"),
}


def _places(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    areas = dict(Commitment.objects.filter(pk__in=[row["pk"] for row in rows]).values_list("pk", "area_id"))
    names = register.area_names(set(areas.values()))
    return {key: names.get(area, "") for key, area in areas.items()}


def _by_level(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    return rows.filter(level__in=value)


def _by_outcome(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    return rows.filter(state__outcome__in=value)


def _by_signed(rows: QuerySet[Any], _reader: Reader, value: tuple[str, ...]) -> QuerySet[Any]:
    return rows.filter(state__signed__in=[int(each) for each in value])


def _due(rows: QuerySet[Any], _reader: Reader, wanted: bool) -> QuerySet[Any]:
    today = timezone.localdate()
    return rows.filter(due__lt=today) if wanted else rows.filter(due__gte=today)


COMMITMENTS = Listing(
    key="duties.commitments",
    title=Title("军令状", "Commitments"),
    noun=Title("份军令状", "commitments"),
    rows=lambda reader: selectors.commitments(reader.actor, reader.place),
    reader=reader_of(VIEW_COMMITMENT),
    may_open=may_open(VIEW_COMMITMENT),
    address=lambda _reader: reverse("duties:commitments"),
    order=("due", "pk"),
    order_title=Title("兑现日期", "due"),
    first="title",
    empty=Title("还没有军令状。", "There are no commitments yet."),
    columns=(
        Column("title", Title("名称", "Title"), field="title",
               href=lambda row: reverse("duties:commitment", args=[row["pk"]])),
        Column("level", Title("层级", "Level"), "choice", "level", choices=LEVELS),
        Column("place", Title("区域", "Area"), load=_places),
        Column("inferior", Title("立状人", "Promises"), field="inferior__name"),
        Column("superior", Title("受状人", "To whom"), field="superior__name"),
        Column("due", Title("兑现日期", "Due"), "date", "due", sort=("due", "pk")),
        Column("signed", Title("签字", "Signed"), "choice", "state__signed", pick=str, choices=SIGNED),
        Column("outcome", Title("结果", "Outcome"), "choice", "state__outcome", choices=OUTCOMES),
    ),
    filters=(
        ChoiceFilter("level", Title("层级", "Level"), narrow=_by_level, choices=tuple(LEVELS.items())),
        ChoiceFilter("outcome", Title("结果", "Outcome"), narrow=_by_outcome, choices=tuple(OUTCOMES.items())),
        ChoiceFilter("signed", Title("签字", "Signed"), narrow=_by_signed, choices=tuple(SIGNED.items())),
        FlagFilter("due", Title("兑现日期", "Due"), narrow=_due, yes=Title("已到期", "past"),
                   no=Title("未到期", "to come"), more=True),
    ),
)  # fmt: skip
