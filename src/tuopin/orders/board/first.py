"""The first rows of many readings at once: of each part of an inbox, of each column of a board.

A database asked for “held by any of forty offices, in one of three states, by what is due first” collects all of them
and sorts. Here each reading is one walk along one index that ends after the rows shown: of every office and state the
first ones (:class:`Held`), of every alternative its own (:class:`Sought`); what is first among these is found here. All
walks are one statement, the rows that they lead to a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F
from django.db.models.functions import Coalesce

from tuopin.platform import database
from tuopin.register.correcting.subjects import listed

from ..models import Matter
from . import due

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

_WALK = """SELECT x.id, x.limit_at FROM orders_matter x
WHERE x.holder_id = office.value AND x.state = stage.value AND x.limit_at {late} %s AND x.kind <> 'petition'
ORDER BY x.limit_at, x.id LIMIT %s"""
_LATERAL = """SELECT m.id AS key
FROM unnest(%s::bigint[]) AS office(value) CROSS JOIN unnest(%s::text[]) AS stage(value)
CROSS JOIN LATERAL ({walk}) m ORDER BY m.limit_at, m.id LIMIT %s"""
# SQLite knows no LATERAL; with the tables in this order it looks up the keys that each walk finds
_LOOKED_UP = """SELECT m.id AS key FROM json_each(%s) AS office CROSS JOIN json_each(%s) AS stage
CROSS JOIN orders_matter m WHERE m.id IN ({walk}) ORDER BY m.limit_at, m.id LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Sought:
    """The first ``most`` rows of a query by ``order`` (a field, equals by key; "-pk": the newest first). Several of
    one ``part`` are alternatives: what two of them find is shown once.

    ``few``: so few match that they are collected and sorted; in the order of a million others they would be looked for
    very long, which a database does not see."""

    part: str
    rows: QuerySet[Matter]
    most: int
    order: str = "limit_at"
    few: bool = False

    def sql(self) -> tuple[str, Sequence[Any]]:
        name = self.order.removeprefix("-")
        first: Any = Coalesce(F(name), F(name)) if self.few else F(name)  # the same order, and of no index
        order = [first.desc()] if self.order.startswith("-") else [first.asc(), "pk"]
        rows = self.rows.order_by(*order).values(key=F("pk"))[: self.most]
        found: tuple[str, Sequence[Any]] = rows.query.sql_with_params()
        return found


@dataclass(frozen=True, slots=True)
class Held:
    """The first ``most`` directives and problems by limit that any of some organisations holds and whose clock runs:
    late ones (limit up to ``now``), or those ahead."""

    part: str
    offices: Collection[int]
    late: bool
    now: datetime
    most: int
    order: str = "limit_at"

    def sql(self) -> tuple[str, Sequence[Any]]:
        if not self.offices:
            raise EmptyResultSet
        walk = _WALK.format(late="<=" if self.late else ">")
        now = connection.ops.adapt_datetimefield_value(self.now)
        offices, states = sorted(self.offices), list(due.RUNNING)
        if database.is_postgresql():
            sql = _LATERAL.format(walk=walk)
            return sql, [offices, states, now, self.most, self.most]
        sql = _LOOKED_UP.format(walk=walk.replace("x.id, x.limit_at", "x.id", 1))
        return sql, [orjson.dumps(offices).decode(), orjson.dumps(states).decode(), now, self.most, self.most]


def first(sought: Sequence[Sought | Held]) -> Mapping[str, list[Matter]]:
    """The first rows of each part, in its order; parts without any are left out. Two statements."""
    walks: list[str] = []
    values: list[Any] = []
    for at, each in enumerate(sought):
        try:
            sql, own = each.sql()
        except EmptyResultSet:  # nothing can match: the database need not be asked
            continue
        # a number of ours around what the ORM or a constant above made; values go apart
        walks.append(f"SELECT {at} AS part, walk.key FROM ({sql}) AS walk")  # noqa: S608
        values += own
    if not walks:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(walks), values)
        found = cursor.fetchall()
    rows = {row.pk: row for row in Matter.objects.filter(pk__in=listed({key for _at, key in found}))}
    keys: dict[str, dict[int, Matter]] = {}
    order = {each.part: (each.order, each.most) for each in sought}
    for at, key in found:
        if key in rows:  # gone meanwhile
            keys.setdefault(sought[at].part, {})[key] = rows[key]
    return {part: _sorted(some.values(), *order[part]) for part, some in keys.items()}


def _sorted(rows: Iterable[Matter], order: str, most: int) -> list[Matter]:
    """By a field that may be blank (last), equals by key."""
    if order == "-pk":
        return sorted(rows, key=lambda row: -row.pk)[:most]

    def place(row: Matter) -> tuple[Any, ...]:
        value = getattr(row, order)
        return (True, row.pk) if value is None else (False, value, row.pk)

    return sorted(rows, key=place)[:most]
