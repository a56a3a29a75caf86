"""The list of department lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may, require
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, Listing

from ..areas import ids
from ..models import AreaVersion, MatchRun
from ..permissions import DECIDE_MATCHES, MATCH_LISTS
from ..selectors import subtree
from . import selectors
from .kinds import list_kinds
from .words import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _runs(reader: Reader) -> QuerySet[MatchRun]:
    """Lists about the place, a part of it, or an area that holds it."""
    found = selectors.runs(reader.actor).order_by()
    if reader.place is None:
        return found
    low, high = subtree(reader.place)
    inside = AreaVersion.objects.filter(path__gte=low, path__lt=high, valid_to=None).values("area_id")
    return found.filter(Q(area_id__in=inside) | Q(area_id__in=ids(reader.place.path)))


def _areas(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    named = dict(
        AreaVersion.objects.filter(area_id__in={row["area_id"] for row in rows}, valid_to=None).values_list(
            "area_id", "name"
        )
    )
    return {row["pk"]: named.get(row["area_id"], "") for row in rows}


def _may_open(reader: Reader) -> None:
    if not may(reader.actor, MATCH_LISTS):
        require(reader.actor, DECIDE_MATCHES)


def _local(moment: Any) -> Any:
    from django.utils import timezone

    return timezone.localdate(moment) if moment else None


def _page(row: Row) -> str:
    return reverse("register:match_run", args=[row["pk"]])


KINDS = {kind.key: kind.title for kind in list_kinds().values()}

RUNS = Listing(
    key="register.match_runs",
    title=Title("部门名单", "Department lists"),
    noun=Title("份名单", "lists"),
    rows=_runs,
    may_open=_may_open,
    address=lambda _reader: reverse("register:match_runs"),
    descending=True,
    order_title=Title("最近上传", "newest"),
    log=False,
    first="number",
    empty=Title("还没有比对过名单。点“上传名单”开始。", "No list has been matched yet. Begin with “Hand in a list”."),
    columns=(
        Column("number", Title("名单", "List"), "code", "pk", href=_page),
        Column("kind", Title("种类", "Kind"), "choice", "kind", choices=KINDS),
        Column("as_of", Title("名单日期", "Day of the list"), "date", "as_of", sort=("as_of",)),
        Column("area", Title("区域", "Area"), load=_areas, needs=("area_id",)),
        Column("state", Title("状态", "State"), "choice", "state", choices=STATES),
        Column("complete", Title("全量名单", "complete"), "flag", "complete"),
        Column("owner", Title("上传人", "Handed in by"), field="owner"),
        Column("created", Title("上传日期", "Handed in on"), "date", "created_at", pick=_local),
        Column("delete_on", Title("删除日期", "Deleted on"), "date", "delete_on", sort=("delete_on",)),
    ),
    filters=(
        ChoiceFilter("kind", Title("种类", "Kind"), "kind", choices=tuple(KINDS.items())),
        ChoiceFilter("state", Title("状态", "State"), "state", choices=tuple(STATES.items())),
        DateFilter("as_of", Title("名单日期", "Day of the list"), "as_of"),
    ),
)  # fmt: skip
