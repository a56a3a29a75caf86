"""Changes of areas through the API: the map from old to new, an old code on a day, recording, taking back."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import visible_paths
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import Page
from tuopin.platform.problems import Missing

from ... import selectors
from ...models import AreaMap
from ...models.area_events import STANDING
from ...permissions import VIEW_AREA
from ...selectors import within
from . import mapping, undo
from .given import MOST, Given, Line
from .selectors import line_out
from .services import record

router = Router(tags=["register"])

_Code = Annotated[str, Field(max_length=64)]


class AreaChangeOut(Schema):
    """A line of the map. ``new_code`` null = abolished. ``ended``: the old area is no more from the day on."""

    event: int
    day: datetime.date
    kind: str
    level: str
    old_code: str
    old_name: str
    new_code: str | None
    new_name: str | None
    ended: bool
    began: bool
    households: int


class AreaChangeQuery(Schema):
    area: str = Field("", max_length=64, description="Only changes in this area, or to it. Default: within the grants.")
    since: datetime.date | None = None
    until: datetime.date | None = None
    after: str = Field("", max_length=18, pattern=r"^\d*$")
    size: int = Field(200, ge=1, le=1000)


@router.get(
    "/area-changes", response=Page[AreaChangeOut], operation_id="area_changes",
    summary="The map from old areas to new, in the order of recording; what was taken back is left out",
)  # fmt: skip
def area_changes(request: HttpRequest, query: Annotated[AreaChangeQuery, Query(...)]) -> Any:
    who = actor(request)
    ranges = visible_paths(who, VIEW_AREA)
    found = AreaMap.objects.filter(STANDING, within(ranges) | within(ranges, "new_path"))
    if query.area:
        there = [selectors.subtree(selectors.area(who, query.area))]
        found = found.filter(within(there) | within(there, "new_path"))
    if query.since:
        found = found.filter(day__gte=query.since)
    if query.until:
        found = found.filter(day__lte=query.until)
    if query.after:
        found = found.filter(pk__gt=int(query.after))
    rows = list(found.order_by("pk")[: query.size + 1])
    items = [AreaChangeOut(**line_out(row)) for row in rows[: query.size]]
    return Page[AreaChangeOut](items=items, next=str(rows[query.size - 1].pk) if len(rows) > query.size else None)


class NamedOut(Schema):
    code: str
    name: str
    level: str


class AreaOnDayOut(Schema):
    """What a code means on a day: the area that has it then, or what became of the one that had it last before (several
    after a split, none after an abolition)."""

    code: str
    on: datetime.date
    areas: list[NamedOut]


class AreaDay(Schema):
    on: datetime.date | None = Field(None, description="Default: today.")


@router.get(
    "/area-codes/{code}", response=AreaOnDayOut, operation_id="area_code",
    summary="From an old code to the areas of a day",
)  # fmt: skip
def area_code(
    request: HttpRequest, code: Annotated[str, Path(max_length=64)], query: Annotated[AreaDay, Query(...)]
) -> Any:
    day = query.on or timezone.localdate()
    found = mapping.on_map(actor(request), code, day)
    if not found:
        raise Missing("no_such_area", f"没有找到区划 {code}。", f"There is no area {code}.", area=code)
    return AreaOnDayOut(
        code=code, on=day, areas=[NamedOut(code=each.code, name=each.name, level=each.level) for each in found]
    )


class AreaLineIn(Schema):
    """One line: what became of the area that had ``old`` on the day before. See docs/methods/areas.md."""

    kind: str = Field(max_length=10, description="renamed, recoded, moved, merged, split, upgraded or abolished")
    day: datetime.date
    old: _Code
    code: str = Field("", max_length=64)
    name: str = Field("", max_length=200)
    parent: str = Field("", max_length=64)
    groups: list[_Code] = Field(default_factory=list, max_length=500)
    households: list[_Code] = Field(default_factory=list, max_length=10_000)


class AreaChangesIn(Schema):
    document: str = Field(min_length=1, max_length=200)
    reason: str = Field("", max_length=500)
    move_grants: bool = Field(False, description="Grants over merged areas go over to the successor.")
    preview: bool = Field(False, description="Carry everything out, tell what it comes to, take it back.")
    lines: list[AreaLineIn] = Field(min_length=1, max_length=MOST)


class AreaChangesOut(Schema):
    """``event`` is null for a preview. ``areas``: that are called or lie otherwise now, those below included."""

    event: int | None
    areas: int
    households: int
    ended: int
    began: int
    grants_moved: int
    grants_left: int


@router.post(
    "/area-changes", response={200: AreaChangesOut, 201: AreaChangesOut}, operation_id="record_area_changes",
    summary="Record changes of areas: all of the lines, or none",
)  # fmt: skip
def record_area_changes(request: HttpRequest, body: AreaChangesIn) -> Any:
    lines = tuple(
        Line(
            each.kind, each.day, each.old, each.code, each.name, each.parent, tuple(each.groups),
            tuple(each.households), at,
        )
        for at, each in enumerate(body.lines, 1)
    )  # fmt: skip
    given = Given(lines, body.document, body.reason, body.move_grants, "api")
    done = record(actor(request), given, dry_run=body.preview)
    number = done.event.pk if done.event is not None and not body.preview else None
    return Status(
        200 if body.preview else 201,
        AreaChangesOut(
            event=number, areas=done.areas, households=done.households, ended=done.ended, began=done.begun,
            grants_moved=done.grants_moved, grants_left=done.grants_left,
        ),
    )  # fmt: skip


class UndoIn(Schema):
    reason: str = Field(min_length=1, max_length=500)


@router.post(
    "/area-changes/{number}/undo", response={204: None}, operation_id="undo_area_changes",
    summary="Take a recording back while nothing rests on it",
)  # fmt: skip
def undo_area_changes(request: HttpRequest, number: int, body: UndoIn) -> Any:
    undo.undo(actor(request), number, reason=body.reason)
    return Status(204, None)
