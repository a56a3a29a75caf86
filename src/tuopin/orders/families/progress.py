"""How far a whole is by its parts: how many have ended, in which states, how many are late; of each part that has parts
too. One statement, and only what the reader sees is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.matters import OPEN, STATES

from .. import reach
from ..board import due
from ..limits import day_of
from ..models import Matter
from . import tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

MOST = 5_000
"""Parts that are counted; of more, the number says “at least”."""
DONE = ("closed", "final")
GONE = ("withdrawn", "merged")
_COLUMNS = ("pk", "parent_id", "state", "limit_at")


@dataclass(slots=True)
class Progress:
    """Of the parts at the end of each line (``leaves``), without those withdrawn or merged: how many have ended, in
    which states. One whose parts are all withdrawn or merged ends its line itself. ``late``: matters at any level, the
    whole itself too, whose limit has passed; ``worst``: days that the latest of them is late. ``beyond``: parts that
    end after what they are a part of, the last of them on the day ``until``. ``more``: there are more parts than are
    counted."""

    states: Counter[str] = field(default_factory=Counter)
    late: int = 0
    worst: int = 0
    beyond: int = 0
    until: date | None = None
    more: bool = False

    @property
    def leaves(self) -> int:
        return sum(n for state, n in self.states.items() if state not in GONE)

    @property
    def ended(self) -> int:
        return sum(self.states[state] for state in DONE)

    @property
    def gone(self) -> int:
        return sum(self.states[state] for state in GONE)

    @property
    def left(self) -> int:
        return self.leaves - self.ended

    @property
    def by_state(self) -> list[tuple[str, Title, int]]:
        """States in the order of the way, with how many are in each."""
        return [(key, title, self.states[key]) for key, title in STATES.items() if self.states[key]]

    def _count(self, row: _Row, now: datetime, *, leaf: bool) -> None:
        if leaf:
            self.states[row.state] += 1
        days = row.late(now)
        if days is not None:
            self.late, self.worst = self.late + 1, max(self.worst, days)

    def _after(self, row: _Row) -> None:
        day = day_of(row.limit_at) if row.limit_at is not None else None
        self.beyond, self.until = self.beyond + 1, max((each for each in (self.until, day) if each), default=None)


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    parent: int | None
    state: str
    limit_at: datetime | None

    def late(self, now: datetime) -> int | None:
        """Days past the limit; None while it lies ahead, or no clock runs."""
        if self.state not in due.RUNNING or self.limit_at is None or now < self.limit_at:
            return None
        return max(1, (timezone.localdate(now) - day_of(self.limit_at)).days)

    def later(self, whole: _Row, now: datetime) -> bool:
        """Whether it ends after its whole, as :func:`tuopin.orders.families.tree.later`."""
        if not {self.state, whole.state} <= OPEN or self.limit_at is None or whole.limit_at is None:
            return False
        return now < whole.limit_at < self.limit_at


def of(actor: Actor, whole: Matter, now: datetime) -> tuple[Progress, Mapping[int, Progress]]:
    """That of a matter, and by number that of each of its parts that has parts too. One statement."""
    found = Matter.objects.filter(reach.visible(actor), pk__in=tree.below(whole.pk))
    rows = {row[0]: _Row(*row) for row in found.order_by("pk").values_list(*_COLUMNS)[: MOST + 1]}
    inner = {number for row in rows.values() if row.state not in GONE for number in _lines(row, rows, whole.pk)}
    top = _Row(whole.pk, None, whole.state, whole.limit_at)
    own, parts = Progress(more=len(rows) > MOST), dict[int, Progress]()
    for row in rows.values():
        leaf = row.id not in inner
        own._count(row, now, leaf=leaf)
        for number in _lines(row, rows, whole.pk):
            parts.setdefault(number, Progress())._count(row, now, leaf=leaf)
        above = top if row.parent == whole.pk else rows.get(row.parent or 0)
        if above is not None and row.later(above, now):
            (own if above is top else parts.setdefault(above.id, Progress()))._after(row)
    own._count(top, now, leaf=False)
    return own, parts


def _lines(row: _Row, rows: Mapping[int, _Row], top: int) -> list[int]:
    """The parts of the whole that a part lies under, from the next above."""
    found: list[int] = []
    at = row.parent
    while at is not None and at != top and at in rows and at not in found:
        found.append(at)
        at = rows[at].parent
    return found
