"""Board and heat table: counts from one grouped statement each, and the first rows of every column.

Counts of very many matters are kept for some seconds: a board that many look at counts once.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from tuopin.core.matters import STATES
from tuopin.platform.access import page_memo
from tuopin.register.correcting.subjects import listed

from .. import reach, selectors, words
from ..models import Matter, MatterEvent
from . import due, names

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from .due import Due

COLUMNS = ("draft", "issued", "received", "working", "reported", "verified", "closed")
"""States of which the board has a column, in the order of the way."""
CARDS = 12
"""Matters that a column shows."""
UNITS = 100
"""Units in the heat table, those with most that is late first."""
PEOPLE = 50
_MANY = 20_000
"""Matters from which on counts are kept for ``_SECONDS``."""
_SECONDS = 30.0
_KEPT = 256
_lock = threading.Lock()
_counts: OrderedDict[Hashable, tuple[float, datetime, list[Any]]] = OrderedDict()
_COUNTED = "orders.counted_at"


def version(now: datetime) -> str:
    """The state of the matters: the newest event. Events of acts that go on side by side may come to be seen out of
    their order, and areas may be merged: what is kept for a version lasts to the end of the minute."""
    newest = MatterEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return f"{newest}:{due.to_the_minute(now):%d%H%M}"


def kept(rows: QuerySet[Any, Any]) -> list[Any]:
    """The rows of a grouped statement, whose last column counts. Those of very many matters are taken from memory for
    some seconds (the page says of when: :func:`counted_at`); few are counted each time."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    key, moment = (str(connection.settings_dict["NAME"]), sql, repr(values)), time.monotonic()
    with _lock:
        held = _counts.get(key)
    if held is not None and moment - held[0] < _SECONDS:
        _note(held[1])
        return held[2]
    found, at = list(rows), timezone.now()
    if sum(each[-1] for each in found) >= _MANY:
        _note(at)
        with _lock:
            _counts[key] = (moment, at, found)
            _counts.move_to_end(key)
            while len(_counts) > _KEPT:
                _counts.popitem(last=False)
    return found


def counted_at() -> datetime | None:
    """The moment of the oldest counts that the page shows from memory; None: all were counted for it."""
    found: datetime | None = page_memo().get(_COUNTED)
    return found


def _note(at: datetime) -> None:
    memo = page_memo()
    memo[_COUNTED] = min(at, memo.get(_COUNTED, at))


def forget() -> None:
    """Drop what this process keeps (tests write past the services)."""
    with _lock:
        _counts.clear()


# -- the board ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """A matter on the board."""

    matter: Matter
    due: Due | None
    holder: str


@dataclass(frozen=True, slots=True)
class Column:
    """A state: how many matters, how many of them late, and the first cards by limit."""

    key: str
    title: Title
    count: int
    late: int
    cards: Sequence[Card]


def board(actor: Actor, place: AreaVersion, kind: str, now: datetime) -> list[Column]:
    """The matters of a place by state; ``kind`` '' = directives and problems."""
    rows = selectors.work(actor, place)
    if kind:
        rows = rows.filter(kind=kind)
    minute = due.to_the_minute(now)
    late = Q(limit_at__lte=minute) & Q(state__in=due.RUNNING)
    grouped = rows.order_by().filter(state__in=COLUMNS).values_list("state")
    found = {
        state: (count, slow)
        for state, slow, count in kept(grouped.annotate(slow=Count("state", filter=late), n=Count("*")))
    }
    many = reach.in_order(Matter.objects.all()).filter(reach.work(actor, place=place, area=reach.ANY_ORDER))
    if kind:
        many = many.filter(kind=kind)
    shown = _first(rows, many, {state: count for state, (count, _slow) in found.items()})
    cards = [row for some in shown.values() for row in some]
    words.cover(actor, cards)
    holders = names.offices(row.holder_id for row in cards)
    return [
        Column(
            state, STATES[state], *found.get(state, (0, 0)),
            [Card(row, due.stands(row, now), holders.get(row.holder_id or 0, "")) for row in shown.get(state, [])],
        )
        for state in COLUMNS
    ]  # fmt: skip


def _first(rows: QuerySet[Matter], many: QuerySet[Matter], counts: Mapping[str, int]) -> Mapping[str, list[Matter]]:
    """The first rows of every column by limit. A few among many are looked up by their area, all columns at once: in
    the order of a million others they would be looked for very long."""
    shown = {
        state: list(many.filter(state=state).order_by("limit_at", "pk")[:CARDS])
        for state, count in counts.items()
        if count > _FEW
    }
    few = [state for state, count in counts.items() if count <= _FEW]
    if not few:
        return shown
    keys: dict[str, list[tuple[bool, float, int]]] = {state: [] for state in few}
    for state, at, key in rows.filter(state__in=few).order_by().values_list("state", "limit_at", "pk"):
        keys[state].append((at is None, at.timestamp() if at is not None else 0.0, key))
    first = {key for found in keys.values() for *_at, key in sorted(found)[:CARDS]}
    for row in Matter.objects.filter(pk__in=listed(first)).order_by("limit_at", "pk"):
        shown.setdefault(row.state, []).append(row)
    return shown


_FEW = 500

# -- the heat table -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heat:
    """What a unit, or a person, has open: a number for each window of ``due.HEAT``, in its order."""

    id: int
    name: str
    counts: Sequence[int]

    @property
    def late(self) -> int:
        return sum(self.counts[:3])

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def cells(self) -> list[tuple[str, int]]:
        return list(zip(due.HEAT, self.counts, strict=True))


def units(actor: Actor, place: AreaVersion, now: datetime, kind: str = "") -> tuple[list[Heat], Heat]:
    """What is open in a place by the unit that holds it, the worst first, and all together. Two statements."""
    found = _grouped(_open(actor, place, kind), "holder_id", now)
    offices = names.offices(found)
    by_unit = sorted((Heat(key, offices.get(key, ""), counts) for key, counts in found.items()), key=_hottest)
    whole = [sum(each) for each in zip(*found.values(), strict=True)] or [0] * len(due.HEAT)
    return by_unit, Heat(0, "", whole)


def people(actor: Actor, place: AreaVersion, now: datetime, kind: str = "") -> list[Heat]:
    """Who is responsible for what is late, the worst first."""
    rows = _open(actor, place, kind).filter(official__isnull=False)
    late = {key: counts for key, counts in _grouped(rows, "official_id", now).items() if any(counts[:3])}
    worst = sorted((Heat(key, "", counts) for key, counts in late.items()), key=_hottest)[:PEOPLE]
    persons = names.people(each.id for each in worst)
    return [Heat(each.id, persons.get(each.id, ""), each.counts) for each in worst]


def without_holder(actor: Actor, place: AreaVersion, kind: str = "") -> int:
    """Drafts of a place that nobody holds: no clock runs for them, and nobody is told."""
    rows = selectors.work(actor, place).filter(state="draft", holder=None)
    rows = rows.filter(kind=kind) if kind else rows
    return sum(count for _state, count in kept(rows.order_by().values_list("state").annotate(n=Count("*"))))


def _open(actor: Actor, place: AreaVersion, kind: str) -> QuerySet[Matter]:
    rows = selectors.work(actor, place).filter(state__in=due.RUNNING)
    return rows.filter(kind=kind) if kind else rows


def _grouped(rows: QuerySet[Matter], by: str, now: datetime) -> Mapping[int, list[int]]:
    minute = due.to_the_minute(now)
    counted: dict[str, Any] = {f"n_{key}": Count("state", filter=due.within(key, minute)) for key in due.HEAT}
    found = kept(rows.order_by().values_list(by).annotate(**counted, n=Count("*")))
    return {each[0]: list(each[1:-1]) for each in found}


def _hottest(each: Heat) -> tuple[int, ...]:
    return (*(-count for count in each.counts), each.id)
