"""The list of changes of areas: the map from old to new, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require, visible_paths
from tuopin.platform.database import data_state
from tuopin.platform.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Listing

from ...listings import reader_of
from ...models import AreaEventUndone, AreaMap
from ...models.area_events import KIND_TITLES
from ...permissions import VIEW_AREA
from ...selectors import subtree, within

if TYPE_CHECKING:
    from tuopin.platform.lists import Reader, Row

_KINDS = tuple((kind.value, title) for kind, title in KIND_TITLES.items())
_NONE = Title("—", "—")


def _rows(reader: Reader) -> QuerySet[Any]:
    """Lines about areas that lay, or came to lie, within the grants and the place."""
    ranges = visible_paths(reader.actor, VIEW_AREA)
    taken_back = AreaEventUndone.objects.filter(event_id=OuterRef("event_id"))
    found = AreaMap.objects.filter(within(ranges) | within(ranges, "new_path")).annotate(taken_back=Exists(taken_back))
    if reader.place is None:
        return found
    there = [subtree(reader.place)]
    own = Q(area_id=reader.place.area_id) | Q(successor_id=reader.place.area_id)
    return found.filter(within(there) | within(there, "new_path") | own)


def _may_open(reader: Reader) -> None:
    require(reader.actor, VIEW_AREA, area_path=reader.place.path if reader.place is not None else None)


def _event(row: Row) -> str:
    return reverse("register:area_event", args=[row["event_id"]])


CHANGES = Listing(
    key="register.area_changes",
    title=Title("区划变更", "Changes of areas"),
    noun=Title("项变更", "changes"),
    rows=_rows,
    may_open=_may_open,
    address=lambda reader: reverse("register:area_changes", args=[reader.place.code]),
    order=("day", "pk"),
    descending=True,
    order_title=Title("最近变更", "newest"),
    log=False,
    first="day",
    reader=reader_of(VIEW_AREA),
    version=data_state,
    empty=Title("没有登记过区划变更。", "No change of areas was recorded."),
    columns=(
        Column("day", Title("生效日期", "Day"), "date", "day", href=_event, needs=("event_id",), sort=("day",)),
        Column("kind", Title("类型", "Kind"), "choice", "kind", choices=dict(_KINDS)),
        Column("old_code", Title("原代码", "Old code"), "code", "code", sort=("code",)),
        Column("old_name", Title("原名称", "Old name"), field="name"),
        Column("new_code", Title("新代码", "New code"), "code", "new_code", sort=("new_code",), blank=_NONE),
        Column("new_name", Title("新名称", "New name"), field="new_name", blank=_NONE),
        Column("households", Title("转入户数", "Households moved"), "amount", "households",
               unit=Title("户", "households")),
        Column("document", Title("批准文件", "Document"), field="event__document"),
        Column("taken_back", Title("已撤销", "Taken back"), "flag", "taken_back"),
    ),
    filters=(
        ChoiceFilter("kind", Title("类型", "Kind"), "kind", choices=_KINDS),
        DateFilter("day", Title("生效日期", "Day"), "day"),
        FlagFilter("taken_back", Title("已撤销", "Taken back"), "taken_back"),
    ),
)  # fmt: skip
