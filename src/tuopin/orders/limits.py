"""Limits of matters: given as a day or worked out from the urgency; and when the clock looks next. Time is an input."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol

from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.calendar import Limit
from tuopin.core.matters import Standing
from tuopin.platform import working_days
from tuopin.platform.problems import Problem

from .kinds import petition_days, rhythm, urgencies

if TYPE_CHECKING:
    from .models import Matter

LONGEST = 3 * 366
"""Days ahead that a limit may lie."""


@dataclass(frozen=True, slots=True)
class Due:
    """``at``: the first moment too late."""

    at: datetime
    by_hours: bool = False
    provisional: bool = False


def day_of(at: datetime) -> date:
    """The last day of a limit, from its first moment too late."""
    return timezone.localdate(at - timedelta(microseconds=1))


def midnight(day: date) -> datetime:
    """The moment at which a day begins here."""
    return datetime.combine(day, time(), timezone.get_current_timezone())


def given(day: date, now: datetime) -> Due:
    """A limit that somebody set: the end of a working day ahead. Raises Problem for one in the past, on a day off, or
    more than three years ahead."""
    today, calendar = timezone.localdate(now), working_days.calendar()
    if day < today:
        raise Problem("limit_past", "时限不能早于今天。", "A limit cannot lie in the past.")
    if day > today + timedelta(days=LONGEST):
        raise Problem("limit_far", "时限最长三年。", "A limit lies at most three years ahead.")
    if not calendar.is_working(day):
        nearest = calendar.after(day, 1).day
        raise Problem(
            "limit_day_off",
            f"{day} 不是工作日，请改为 {nearest} 或之前的工作日。",
            f"{day} is no working day: take {nearest}, or one before.",
            nearest=nearest.isoformat(),
        )
    return _by_day(Limit(day, not calendar.is_published(day)))


def usual(urgency: str, now: datetime) -> Due:
    """The limit that an urgency has, from now on."""
    usually = urgencies()[urgency]
    zone = timezone.get_current_timezone()
    at, provisional = core.limit_after(now, usually.length, usually.unit, working_days.calendar(), zone)
    return Due(at, usually.unit == "hours", provisional)


def stopped(matter: Matter, first: date, until: date, now: datetime) -> Due:
    """The limit after a stop of the clock from a day (included) until a day (excluded)."""
    if matter.limit_at is None or matter.by_hours:
        raise Problem("no_stop", "按小时计的时限不能停表。", "A limit in hours cannot be stopped.")
    moved = core.moved(day_of(matter.limit_at), first, until, working_days.calendar(), timezone.localdate(now))
    return _by_day(moved)


def resumed(matter: Matter, now: datetime) -> Due:
    """The limit when the clock runs again before its stop was to end: the working days not stopped go back."""
    today, calendar = timezone.localdate(now), working_days.calendar()
    if matter.limit_at is None or matter.stopped_until is None or matter.stopped_until <= today:
        raise Problem("not_stopped", "这件事项没有停表。", "The clock of this matter is not stopped.")
    unused = calendar.between(today - timedelta(days=1), matter.stopped_until - timedelta(days=1))
    day = max(core.before(day_of(matter.limit_at), unused, calendar), today)
    return _by_day(Limit(day, not calendar.is_published(day)))


class Clocked(Protocol):
    """What the clock needs to know of a matter: its row, or the part of one that was read for the clock alone."""

    kind: str
    state: str
    issued_at: datetime | None
    limit_at: datetime | None
    by_hours: bool
    done_at: datetime | None
    closed_at: datetime | None
    look_back_on: date | None
    stopped_from: date | None
    stopped_until: date | None
    changed_at: datetime


def standing(matter: Clocked) -> Standing:
    """A matter as its clock sees it, the same for all that stand alike: of what has a limit in days the day alone
    counts on which it was issued. What was closed for a petitioner waits for a review to be asked for."""
    ask_until = None
    if matter.kind == "petition" and matter.closed_at is not None:
        ask_until = timezone.localdate(matter.closed_at) + timedelta(days=petition_days().ask_review)
    since = None
    if matter.state in {"reported", "verified"}:  # nothing changes a row that waits
        since = timezone.localdate(
            matter.done_at if matter.state == "reported" and matter.done_at else matter.changed_at
        )
    issued = matter.issued_at
    if issued is not None and not matter.by_hours:
        issued = issued.astimezone(timezone.get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)
    return Standing(
        matter.state, issued, matter.limit_at, matter.by_hours, matter.look_back_on, ask_until,
        matter.stopped_from, matter.stopped_until, since,
    )  # fmt: skip


def look_again(matter: Matter, now: datetime) -> datetime | None:
    """When the clock has to look at a matter as it stands now; a step due already is taken at its next round."""
    zone = timezone.get_current_timezone()
    steps = core.steps(standing(matter), rhythm(), working_days.calendar(), zone)
    behind = core.due(steps, matter.step, now)
    return behind[0].at if behind else core.next_at(steps, matter.step, now)


def _by_day(limit: Limit) -> Due:
    return Due(limit.ends(timezone.get_current_timezone()), provisional=limit.provisional)
