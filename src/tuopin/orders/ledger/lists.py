"""The list of the rectification ledger: as the offices write it, with the colour of each problem in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import STATES
from tuopin.platform.access import page_memo
from tuopin.platform.database import data_state
from tuopin.platform.lists import ChoiceFilter, Column, Listing
from tuopin.register.listings import below, may_open, reader_of
from tuopin.register.permissions import EXPORT
from tuopin.register.selectors import area_names

from .. import kinds, words
from ..board import due, names
from ..board.counts import version
from ..board.lists import address, below_filter, units_of
from ..limits import day_of
from ..permissions import VIEW
from . import colours, current, selectors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.platform.lists import Reader, Row


def _rows(reader: Reader) -> QuerySet[Any]:
    return selectors.problems(reader.actor, reader.place)


def _by_colour(rows: QuerySet[Any], _reader: Reader, values: tuple[str, ...]) -> QuerySet[Any]:
    now, found = due.to_the_minute(timezone.now()), Q(pk__in=[])
    for each in values:
        found |= colours.within(each, now)
    return rows.filter(found)


def _colour(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    now = timezone.now()
    return {row["pk"]: colours.of(row["state"], row["limit_at"], now) for row in rows}


def _titles(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    return words.titles(reader.actor, rows)


def _said(name: str) -> Callable[[Reader, Sequence[Row]], Mapping[Any, Any]]:
    """As :func:`_beside`, of the problems whose words the reader may read."""

    def load(reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
        hidden = words.hidden(reader.actor, rows)
        return {pk: text for pk, text in _beside(name)(reader, rows).items() if pk not in hidden}

    return load


def _number(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """As the ledger is written out, and known again: one that came from no ledger bears the product's own number."""
    written = _beside("label")(_reader, rows)
    return {row["pk"]: written.get(row["pk"]) or f"{current.OWN}{row['pk']}" for row in rows}


def _beside(name: str) -> Callable[[Reader, Sequence[Row]], Mapping[Any, Any]]:
    """What a problem says in ``name``: both tables beside it are read once for all columns of a page."""

    def load(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
        keys = [row["pk"] for row in rows]
        memo, key = page_memo(), f"orders.ledger.{keys[0] if keys else 0}.{len(keys)}"
        if key not in memo:
            memo[key] = selectors.beside(keys)
        for found in memo[key]:
            if found and hasattr(next(iter(found.values())), name):
                return {pk: getattr(each, name) or None for pk, each in found.items()}
        return {}

    return load


def _holders(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    """The unit that holds it, else the one that the ledger names."""
    found, written = names.offices(row["holder_id"] for row in rows), _beside("unit")(_reader, rows)
    return {row["pk"]: found.get(row["holder_id"]) or written.get(row["pk"]) for row in rows}


def _people(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found, written = names.people(row["official_id"] for row in rows), _beside("person")(_reader, rows)
    return {row["pk"]: found.get(row["official_id"]) or written.get(row["pk"]) for row in rows}


def _areas(_reader: Reader, rows: Sequence[Row]) -> Mapping[Any, Any]:
    found = area_names({row["area_id"] for row in rows})
    return {row["pk"]: found.get(row["area_id"]) for row in rows}


NOT_SAID = Title("未填", "not said")
LEDGER = Listing(
    key="orders.ledger",
    title=Title("整改台账", "Rectification ledger"),
    noun=Title("件", "problems"),
    rows=_rows,
    reader=reader_of(VIEW),
    may_open=may_open(VIEW),
    address=lambda _reader: reverse("orders:ledger"),
    order=("limit_at", "pk"),
    order_title=Title("先到期的在前", "due first"),
    export=EXPORT,
    first="title",
    version=lambda: f"{version(timezone.now())}:{data_state()}",  # imports write no events
    empty=Title(
        "台账里还没有问题。导入“问题整改台账”，或起草并交办一件问题。",
        "No problem yet: import a rectification ledger, or draft and issue one.",
    ),
    columns=(
        Column("title", Title("问题", "Problem"), load=_titles, needs=("title", "source"), href=address),
        Column("number", Title("编号", "Number"), "code", load=_number, href=address),
        Column("colour", Title("状态", "State"), "choice", load=_colour, needs=("state", "limit_at"),
               choices=colours.COLOURS),
        Column("limit", Title("时限", "Limit"), "date", "limit_at", pick=lambda at: day_of(at) if at else None,
               sort=("limit_at", "pk"), blank=Title("未定", "none yet")),
        Column("source", Title("来源", "Source"), "choice", "source", choices=kinds.sources(), blank=NOT_SAID),
        Column("area", Title("所在地", "Area"), load=_areas, needs=("area_id",)),
        Column("unit", Title("责任单位", "Unit"), load=_holders, needs=("holder_id",), blank=NOT_SAID),
        Column("official", Title("责任人", "Responsible"), load=_people, needs=("official_id",), blank=NOT_SAID),
        Column("measure", Title("整改措施", "Measure"), load=_said("measure"), needs=("source",),
               blank=NOT_SAID),
        Column("progress", Title("进展", "Progress"), load=_said("progress"), needs=("source",),
               blank=NOT_SAID, optional=True),
        Column("lead", Title("牵头单位", "Lead"), load=_beside("lead"), blank=NOT_SAID, optional=True),
        Column("closed", Title("销号日期", "Closed"), "date", "closed_at",
               pick=lambda at: timezone.localdate(at) if at else None, blank=Title("未销号", "not yet")),
        Column("step", Title("办理环节", "Step"), "choice", "state", choices=STATES, optional=True),
        Column("category", Title("类别", "Category"), "choice", "category", choices=kinds.categories(),
               blank=Title("未分类", "none"), optional=True),
    ),
    filters=(
        ChoiceFilter("colour", Title("状态", "State"), narrow=_by_colour, choices=tuple(colours.COLOURS.items())),
        ChoiceFilter("source", Title("来源", "Source"), "source", choices=tuple(kinds.sources().items())),
        ChoiceFilter("holder", Title("责任单位", "Unit"), "holder_id", choices_of=units_of),
        ChoiceFilter("below", Title("下级区域", "Area below"), narrow=below_filter, choices_of=below),
        ChoiceFilter("category", Title("类别", "Category"), "category", choices=tuple(kinds.categories().items()),
                     more=True),
    ),
)  # fmt: skip
