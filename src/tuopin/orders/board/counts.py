"""Board and heat table: counts from one grouped statement each, and the first rows of every column.

Counts of very many matters may be a moment old (``lists/recent``): a board that many look at counts once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from tuopin.core.matters import STATES
from tuopin.duties.selectors import titles_on
from tuopin.platform.access import page_memo
from tuopin.platform.lists import recent

from .. import reach, selectors, words
from ..models import Matter, MatterEvent
from . import due, names
from .first import Sought, first

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
_FEW = 500
"""Matters of a column up to which they are collected by their area."""
_MANY = 20_000
"""Matters from which on counts may be a moment old."""
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_COUNTED = "orders.counted_at"


def version(now: datetime) -> str:
    """The state of the matters: the newest event. Events of acts that go on side by side may come to be seen out of
    their order, and areas may be merged: what is kept for a version lasts to the end of the minute."""
    newest = MatterEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return f"{newest}:{due.to_the_minute(now):%d%H%M}"


def kept(rows_at: Callable[[datetime], QuerySet[Any, Any]], now: datetime) -> list[Any]:
    """The rows of a grouped statement, whose last column counts, as of a whole minute. Those of very many matters may
    be a moment old (the page says of when: :func:`counted_at`); few are counted each time."""
    try:
        sql, values = rows_at(_ANY).query.sql_with_params()  # what is asked, whatever the time
    except EmptyResultSet:
        return []
    rows = rows_at(due.to_the_minute(now))
    key = (str(connection.settings_dict["NAME"]), sql, repr(values))
    found, at = recent.recent(key, lambda: list(rows.all()), _many)
    if at is not None:
        memo = page_memo()
        memo[_COUNTED] = min(at, memo.get(_COUNTED, at))
    return found


def _many(found: Sequence[Any]) -> bool:
    return bool(sum(each[-1] for each in found) >= _MANY)


def counted_at() -> datetime | None:
    """The moment of the oldest counts that the page shows from memory; None: all were counted for it."""
    found: datetime | None = page_memo().get(_COUNTED)
    return found


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

    def by_state(minute: datetime) -> QuerySet[Any, Any]:
        late = Q(limit_at__lte=minute) & Q(state__in=due.RUNNING)
        # an expression: SQLite would go by the index of states, through all of them, to spare itself the grouping
        grouped = rows.order_by().filter(state__in=COLUMNS).annotate(column=Coalesce("state", Value("")))
        return grouped.values_list("column").annotate(slow=Count("state", filter=late), n=Count("*"))

    found = {state: (count, slow) for state, slow, count in kept(by_state, now)}
    many = reach.in_order(Matter.objects.all()).filter(reach.work(actor, place=place, area=reach.ANY_ORDER))
    if kind:
        many = many.filter(kind=kind)
    shown = first([
        Sought(state, (rows if count <= _FEW else many).filter(state=state), CARDS, few=count <= _FEW)
        for state, (count, _slow) in found.items()
    ])  # fmt: skip
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


# -- the heat table -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heat:
    """What a unit, or a person, has open: a number for each window of ``due.HEAT``, in its order. ``post``: where a
    person works, since namesakes are many."""

    id: int
    name: str
    counts: Sequence[int]
    post: str = ""

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
    numbers = [each.id for each in worst]
    persons, posts = names.people(numbers), titles_on(numbers, timezone.localdate(now)) if numbers else {}
    return [Heat(each.id, persons.get(each.id, ""), each.counts, " ".join(posts.get(each.id, ()))) for each in worst]


def without_holder(actor: Actor, place: AreaVersion, now: datetime, kind: str = "") -> int:
    """Drafts of a place that nobody holds: no clock runs for them, and nobody is told."""
    rows = selectors.work(actor, place).filter(state="draft", holder=None)
    rows = rows.filter(kind=kind) if kind else rows
    counted = rows.order_by().values_list("state").annotate(n=Count("*"))
    return sum(count for _state, count in kept(lambda _minute: counted, now))


def _open(actor: Actor, place: AreaVersion, kind: str) -> QuerySet[Matter]:
    rows = selectors.work(actor, place).filter(state__in=due.RUNNING)
    return rows.filter(kind=kind) if kind else rows


def _grouped(rows: QuerySet[Matter], by: str, now: datetime) -> Mapping[int, list[int]]:
    """How many of each in each window of ``due.HEAT``: each matter is looked at once, for the first window whose end
    is not passed."""

    def by_window(minute: datetime) -> QuerySet[Any, Any]:
        ends = [due.window(key, minute)[1] for key in due.HEAT]
        windows = [When(limit_at__lte=end, then=Value(at)) for at, end in enumerate(ends) if end is not None]
        window = Case(*windows, default=Value(len(ends) - 1), output_field=IntegerField())
        return rows.order_by().annotate(window=window).values_list(by, "window").annotate(n=Count("*"))

    found: dict[int, list[int]] = {}
    for each, window, count in kept(by_window, now):
        found.setdefault(each, [0] * len(due.HEAT))[window] += count
    return found


def _hottest(each: Heat) -> tuple[int, ...]:
    return (*(-count for count in each.counts), each.id)
