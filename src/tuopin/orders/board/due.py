"""How a limit stands, in words and in windows of moments that lists, boards and counts share. The time is an input."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import OPEN

from .. import limits
from ..limits import day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import Matter

RUNNING = tuple(sorted(OPEN))
"""States in which the holder’s clock runs."""

HEAT: Mapping[str, Title] = {
    "late_20": Title("逾期 20 天以上", "late, over 20 days"),
    "late_10": Title("逾期 11–20 天", "late, 11–20 days"),
    "late": Title("逾期 10 天以内", "late, up to 10 days"),
    "soon": Title("3 天内到期", "due within 3 days"),
    "later": Title("3 天以后到期", "due later"),
}
"""The columns of the heat table, from what burns."""
WINDOWS: Mapping[str, Title] = {
    "overdue": Title("已逾期", "overdue"),
    "today": Title("今天到期", "due today"),
    "week": Title("本周到期", "due this week"),
    **HEAT,
}
"""What a list can be narrowed to."""


def to_the_minute(now: datetime) -> datetime:
    """The moment a count is of: two readers within a minute ask the same question."""
    return now.replace(second=0, microsecond=0)


def midnight(now: datetime, days: int = 1) -> datetime:
    """Local midnight so many days after today’s."""
    return limits.midnight(timezone.localdate(now) + timedelta(days=days))


def week_ends(now: datetime) -> datetime:
    """Local midnight after this week’s Sunday."""
    return midnight(now, 7 - timezone.localdate(now).weekday())


def window(key: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The limits (moments too late) that a window holds: after the first, up to the second. Raises KeyError."""
    ten, twenty, soon = now - timedelta(days=10), now - timedelta(days=20), midnight(now, 4)
    return {
        "overdue": (None, now),
        "today": (now, midnight(now)),
        "week": (now, week_ends(now)),
        "late_20": (None, twenty),
        "late_10": (twenty, ten),
        "late": (ten, now),
        "soon": (now, soon),
        "later": (soon, None),
    }[key]


def within(key: str, now: datetime) -> Q:
    """The matters whose clock runs and whose limit lies in a window."""
    low, high = window(key, now)
    found = Q(state__in=RUNNING)
    if low is not None:
        found &= Q(limit_at__gt=low)
    if high is not None:
        found &= Q(limit_at__lte=high)
    return found


@dataclass(frozen=True, slots=True)
class Due:
    """How the limit of a matter stands; ``tone``: late, soon, calm."""

    words: Title
    tone: str


def stands(matter: Matter, now: datetime) -> Due | None:
    """In words; None where no clock runs."""
    if matter.state not in OPEN or matter.limit_at is None:
        return None
    today = timezone.localdate(now)
    if matter.stopped_until is not None and matter.stopped_until > today:
        until = matter.stopped_until
        return Due(Title(f"停表至 {until}", f"stopped until {until}"), "calm")
    late = now >= matter.limit_at
    if matter.by_hours:
        left = abs(matter.limit_at - now)
        hours = int(left.total_seconds() // 3600)
        if late:
            return Due(Title(f"逾期 {hours} 小时", f"{hours} hours late"), "late")
        return Due(Title(f"还剩 {hours} 小时", f"{hours} hours left"), "soon")
    days = (day_of(matter.limit_at) - today).days
    if late:
        return Due(Title(f"逾期 {-days} 天", f"{-days} days late"), "late")
    if days == 0:
        return Due(Title("今天到期", "due today"), "soon")
    return Due(Title(f"还剩 {days} 天", f"{days} days left"), "soon" if days <= 3 else "calm")
