"""What a tick reads and writes of matters, in sets: rows that are due, claimed so that no other worker has them;
events; rows as they stand afterwards."""

# ruff: noqa: S608 - own names
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.db import connection

from tuopin.platform.database import array, is_postgresql

from ..models import Matter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

_FIELDS = (
    "id", "kind", "state", "area_id", "issuer_id", "holder_id", "official_id", "verifier_id", "issued_at", "limit_at",
    "by_hours", "done_at", "closed_at", "look_back_on", "stopped_from", "stopped_until", "changed_at", "step",
)  # fmt: skip
_EVENT = {
    "matter_id": "bigint", "act": "text", "at": "timestamptz", "user_id": "bigint", "actor": "text",
    "came_from": "text", "went_to": "text", "note": "text", "due": "timestamptz", "data": "text",
}  # fmt: skip


_STOP = {
    "id": "bigint", "stopped_from": "date", "stopped_until": "date", "limit_at": "timestamptz",
    "provisional": "boolean", "step": "smallint", "version": "int", "changed_at": "timestamptz",
    "next_at": "timestamptz",
}  # fmt: skip


@dataclass(slots=True)
class Row:
    """The part of a matter that the clock needs."""

    id: int
    kind: str
    state: str
    area_id: int
    issuer_id: int | None
    holder_id: int | None
    official_id: int | None
    verifier_id: int | None
    issued_at: datetime | None
    limit_at: datetime | None
    by_hours: bool
    done_at: datetime | None
    closed_at: datetime | None
    look_back_on: date | None
    stopped_from: date | None
    stopped_until: date | None
    changed_at: datetime
    step: int


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the clock. ``due`` makes it one of its kind for the matter."""

    matter_id: int
    act: str
    came_from: str
    went_to: str
    due: datetime
    data: Mapping[str, object]


def row_of(matter: Matter) -> Row:
    """The part of a matter that was read whole."""
    return Row(*(getattr(matter, name) for name in _FIELDS))


def claim(now: datetime, size: int) -> list[Row]:
    """At most ``size`` matters that are due, held until the transaction ends: PostgreSQL leaves those that others hold,
    SQLite lets nobody else write."""
    found = Matter.objects.filter(next_at__lte=now).order_by("next_at", "id")
    if is_postgresql():
        found = found.select_for_update(skip_locked=True)
    return [Row(*each) for each in found.values_list(*_FIELDS)[:size]]


def ahead(after: int, begin: datetime, size: int) -> list[tuple[Row, datetime]]:
    """Matters that the clock looks at from a moment on, with when it does, in the order of their numbers after one;
    held until the transaction ends."""
    found = Matter.objects.filter(pk__gt=after, next_at__gte=begin).order_by("pk")
    if is_postgresql():
        found = found.select_for_update()
    return [(Row(*each[:-1]), each[-1]) for each in found.values_list(*_FIELDS, "next_at")[:size]]


def write_events(events: Sequence[Event], now: datetime, actor: str) -> int:
    """Write events; one that stands already is left. Returns how many are new. One statement for PostgreSQL."""
    rows = [
        (each.matter_id, each.act, now, None, actor, each.came_from, each.went_to, "", each.due,
         orjson.dumps(each.data).decode())
        for each in events
    ]  # fmt: skip
    names = ", ".join(_EVENT)
    if not rows:
        return 0
    with connection.cursor() as cursor:
        if is_postgresql():
            lists = ", ".join(f"%s::{kind}[]" for kind in _EVENT.values())
            values = ", ".join(f"{name}::jsonb" if name == "data" else name for name in _EVENT)
            cursor.execute(
                f"INSERT INTO orders_matter_event ({names}) SELECT {values} FROM unnest({lists}) AS given ({names})"
                " ON CONFLICT DO NOTHING",
                [array(column) for column in zip(*rows, strict=True)],
            )
        else:
            marks = ", ".join(["%s"] * len(_EVENT))
            cursor.executemany(
                f"INSERT INTO orders_matter_event ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows
            )
        return max(int(cursor.rowcount), 0)


def write_steps(taken: Sequence[tuple[int, int, datetime | None]]) -> None:
    """Write the step taken last and when to look again, by (matter, step, moment)."""
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(
                "UPDATE orders_matter AS m SET step = given.step, next_at = given.next_at"
                " FROM unnest(%s::bigint[], %s::smallint[], %s::timestamptz[]) AS given (id, step, next_at)"
                " WHERE m.id = given.id",
                [array(column) for column in zip(*taken, strict=True)],
            )
        else:
            cursor.executemany(
                "UPDATE orders_matter SET step = %s, next_at = %s WHERE id = %s",
                [(step, at, number) for number, step, at in taken],
            )


def write_stops(matters: Sequence[Matter]) -> None:
    """Write a stop, the limit that it moved, and when to look again."""
    taken = [[getattr(each, name) for name in _STOP] for each in matters]
    with connection.cursor() as cursor:
        if is_postgresql():
            lists = ", ".join(f"%s::{kind}[]" for kind in _STOP.values())
            sets = ", ".join(f"{name} = given.{name}" for name in _STOP if name != "id")
            cursor.execute(
                f"UPDATE orders_matter AS m SET {sets} FROM unnest({lists}) AS given ({', '.join(_STOP)})"
                " WHERE m.id = given.id",
                [array(column) for column in zip(*taken, strict=True)],
            )
        else:
            sets = ", ".join(f"{name} = %s" for name in _STOP if name != "id")
            sql = f"UPDATE orders_matter SET {sets} WHERE id = %s"
            cursor.executemany(sql, [[*each[1:], each[0]] for each in taken])
