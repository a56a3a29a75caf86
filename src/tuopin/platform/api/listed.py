"""Lists through the API: the same rows, columns, filters and order as on the pages, a page by its cursor."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from tuopin.core.language.catalogue import Title
from tuopin.platform.auditing import readlog
from tuopin.platform.lists import exporting
from tuopin.platform.lists.engine import open_list
from tuopin.platform.lists.registry import listing as listing_of
from tuopin.platform.problems import Problem

from .guard import actor
from .schemas import Text, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from tuopin.platform.lists import Cell, Listing
    from tuopin.platform.lists.engine import Open

OWN = frozenset({"area", "size", "after", "before"})


class ListQuery(Schema):
    """What every list takes. Further parameters are the list's own filters (see ``/api/lists/{key}``)."""

    area: str = Field("", max_length=64, description="Code of an area; default: the highest of your own.")
    after: str = Field("", max_length=2000, description="`next` of the page before.")
    size: int = Field(50, ge=1, le=500)
    sort: str = Field("", max_length=64, description="A column; with - in front, descending.")
    column: list[str] = Field([], max_length=60, description="Columns to give; default: those shown by default.")


Asked = Annotated[ListQuery, Query(...)]


class ListOut(Schema):
    """A page of a list. Amounts with decimals are texts; null is unknown."""

    key: str
    area: str
    as_of: date
    count: int
    first: int
    next: str | None
    notes: list[Text]
    rows: list[dict[str, Any]]


class ColumnOut(Schema):
    key: str
    title: Text
    kind: str
    unit: Text | None
    sorts: bool
    shown: bool
    choices: dict[str, Text]


class FilterOut(Schema):
    key: str
    title: Text
    parameters: list[str]
    choices: dict[str, Text]


class ListDescription(Schema):
    """A list as this token may read it."""

    key: str
    title: Text
    exports: bool
    columns: list[ColumnOut]
    filters: list[FilterOut]


def given_of(request: HttpRequest, *, without: frozenset[str] = frozenset({"size"})) -> dict[str, list[str]]:
    """The parameters as the list engine reads them."""
    return {name: request.GET.getlist(name) for name in request.GET if name not in without}


def opened(request: HttpRequest, key: str, area: str) -> Open:
    """A list opened for the token. Raises Missing, Refused, Problem."""
    chosen = listing_of(key)
    given = given_of(request)
    return open_list(chosen, exporting.rebuilt(chosen, actor(request), area, given), given)


def list_answer(request: HttpRequest, key: str, query: ListQuery) -> ListOut:
    """A page of a list; the reading is noted as that of a page is."""
    found = opened(request, key, query.area)
    page, lines = found.page(query.size)
    code = getattr(found.reader.place, "code", "")
    if found.listing.log:
        told: dict[str, Any] = {**dict(found.state.filters), "from": page.first, "via": "api"}
        if code:
            told["area"] = code
        readlog.read(found.reader.actor, key, told, len(lines))
    return ListOut(
        key=key,
        area=code,
        as_of=found.reader.day,
        count=found.count(),
        first=page.first,
        next=page.after or None,
        notes=[text(note) for note in (found.listing.notes(found.reader) if found.listing.notes else ())],
        rows=[{cell.column.key: value_of(cell) for cell in line.cells} for line in lines],
    )


def value_of(cell: Cell) -> Any:
    """A cell as JSON: codes as codes, amounts exact, days as days, null where unknown."""
    value, column = cell.value, cell.column
    if value is None:
        return None
    if isinstance(value, Title):
        return {"zh": value.zh, "en": value.en}
    match column.kind:
        case "amount" if isinstance(value, int) and column.scale:
            return f"{Decimal(value).scaleb(-column.scale):f}"
        case "amount":
            return value if isinstance(value, int) else str(value)
        case "flag":
            return bool(value)
        case "date":
            if isinstance(value, datetime):
                return (timezone.localtime(value) if timezone.is_aware(value) else value).isoformat()
            return value.isoformat() if isinstance(value, date) else str(value)
    return str(value)


def description(request: HttpRequest, key: str, area: str) -> ListDescription:
    """What a list consists of for this token."""
    found = opened(request, key, area)
    shown = {column.key for column in found.shown}
    return ListDescription(
        key=key,
        title=text(found.listing.title),
        exports=exporting.allowed(found.listing, found.reader),
        columns=[
            ColumnOut(
                key=column.key,
                title=text(column.title),
                kind=column.kind,
                unit=text(column.unit) if column.unit else None,
                sorts=bool(column.sort),
                shown=column.key in shown,
                choices=_choices(column.choices),
            )
            for column in found.columns.values()
        ],
        filters=[
            FilterOut(
                key=each.key,
                title=text(each.title),
                parameters=list(each.names),
                choices=_choices(dict(pair for widget in each.widgets(None, found.reader) for pair in widget.choices)),
            )
            for each in found.filters
        ],
    )  # fmt: skip


def _choices(listed: Mapping[str, Title]) -> dict[str, Text]:
    return {code: text(title) for code, title in listed.items()}


def may_read(request: HttpRequest, listing: Listing) -> bool:
    """Whether the token may open a list at all, at its own place."""
    if listing.reader is None:
        return False
    try:
        listing.may_open(listing.reader(actor(request), "", {}))
    except Problem:
        return False
    return True
