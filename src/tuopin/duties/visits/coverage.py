"""Duties to visit: done, due, overdue, excused, unknown, on a given day, as sets.

A pair is an official and a household (or area) that he or she is to visit. It is

========  =============================================================================================================
done      visited in the period that the day lies in, since the official took the duty up
overdue   not done, and the period before passed without a visit although the duty stood through all of it
due       not done, still in time
excused   not done, and the official is away that day (lent out, on leave, sick); a missed period whose last day lay in
          an absence is not held against anybody either
unknown   nobody holds the duty, or no visit of the county was ever recorded here: then nothing is known
========  =============================================================================================================

Visits of millions are read through one row a pair (:class:`VisitLast`); only for a day before the last visit are the
visits themselves asked. Both databases run the same statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from tuopin.platform import working_days
from tuopin.platform.access import PATH_DIGITS, require
from tuopin.platform.problems import Problem
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day, subtree

from ..permissions import VIEW_VISIT
from . import kinds, statements
from .models import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .kinds import Duty, Period

type Given = dict[str, str | int]
EVERYWHERE = ("", "a")
"""All paths: they are of digits."""
STATES = ("done", "due", "overdue", "excused", "unknown")


@dataclass(slots=True)
class Counts:
    """How many pairs are in which state."""

    done: int = 0
    due: int = 0
    overdue: int = 0
    excused: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        return self.done + self.due + self.overdue + self.excused + self.unknown

    @property
    def open(self) -> int:
        """What still has to be visited."""
        return self.due + self.overdue

    def add(self, state: str, number: int) -> None:
        setattr(self, state, getattr(self, state) + number)


@dataclass(slots=True)
class Below:
    """An area below the one asked for (a village: itself), and how its duties stand, by key."""

    area: AreaVersion
    duties: dict[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """``total`` by duty; ``left``: days until each falls due, None where it never does."""

    day: date
    below: tuple[Below, ...]
    total: dict[str, Counts]
    left: dict[str, int | None]


def check_day(day: date) -> None:
    """Raise Problem for a day that calendars cannot hold."""
    if not kinds.FIRST.year <= day.year <= 2200:
        raise Problem("bad_day", "日期不对。", "There is no such day.", day=day.isoformat())


def report(actor: Actor, area: AreaVersion, day: date) -> Report:
    """How the duties to visit stand in an area on a day, by duty and by the areas right below. Raises Refused.

    A fixed number of statements: one a duty, one for the areas, one asking whether visits are recorded at all.
    """
    require(actor, VIEW_VISIT, area_path=area.path)
    check_day(day)
    length = len(area.path) + (PATH_DIGITS if area.level != "village" else 0)
    low, high = subtree(area)
    versions = AreaVersion.objects.filter(on_day(day), path__gte=low, path__lt=high).order_by("code")
    found = {each.path: Below(each) for each in versions if len(each.path) == length}
    kept = recorded(area, day)
    total: dict[str, Counts] = {}
    for duty in kinds.duties().values():
        counts = total[duty.key] = Counts()
        for path, state, number in counted(duty, (low, high), day, length, kept):
            counts.add(state, number)
            if path in found:
                found[path].duties.setdefault(duty.key, Counts()).add(state, number)
    left = {duty.key: kinds.period(duty.every, day).left(day) for duty in kinds.duties().values()}
    return Report(day, tuple(found.values()), total, left)


def today() -> date:
    """The day that lists and pages speak of."""
    return timezone.localdate()


_NAMED = re.compile(r"%\((\w+)\)s")


def positional(sql: str, given: Given) -> tuple[str, list[str | int]]:
    """The same statement with its parameters in their order, for a subquery of the ORM."""
    return _NAMED.sub("%s", sql), [given[each] for each in _NAMED.findall(sql)]


def recorded(area: AreaVersion | None, day: date) -> tuple[str, ...]:
    """The paths of the counties in which a visit was ever recorded up to the day, of those that hold the area or lie
    in it: elsewhere nothing is known, and nobody is said to have missed anything."""
    low, high = subtree(area) if area is not None else EVERYWHERE
    with connection.cursor() as cursor:
        path = area.path if area is not None else ""
        cursor.execute(_RECORDED, {"on": str(day), "low": low, "high": high, "path": path})
        return tuple(path for (path,) in cursor.fetchall())


# One county after the other, each by its villages: the first visit found is enough.
_RECORDED = """
SELECT c.path FROM register_area_version c
WHERE c.level = 'county' AND c.valid_from <= %(on)s AND (c.valid_to IS NULL OR c.valid_to > %(on)s)
  AND ((c.path >= %(low)s AND c.path < %(high)s) OR substr(%(path)s, 1, length(c.path)) = c.path)
  AND EXISTS (SELECT 1 FROM register_area_version v
    WHERE v.path >= c.path AND substr(v.path, 1, length(c.path)) = c.path AND EXISTS (
      SELECT 1 FROM duties_visit_by b WHERE b.area_id = v.area_id AND b.counts AND b.day <= %(on)s))
ORDER BY c.path"""


def counted(
    duty: Duty, inside: tuple[str, str], day: date, length: int, kept: Sequence[str]
) -> Iterable[tuple[str, str, int]]:
    """Of a duty, by the first ``length`` digits of the path and by state: how many pairs. One statement."""
    sql, given = pairs(duty, inside, day, kept, length)
    if not sql:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT part, state, count(*) FROM ({sql}) x GROUP BY 1, 2", given)  # noqa: S608 - own text
        return [(path, state, int(number)) for path, state, number in cursor.fetchall()]


def pairs(duty: Duty, inside: tuple[str, str], day: date, kept: Sequence[str], length: int = 0) -> tuple[str, Given]:
    """SQL of the pairs of a duty in a range of paths, with their states: ``official_id``, ``household_id`` or
    ``area_id``, ``path``, ``since``, ``seen`` (a number of days for duties in days), ``state``. With a ``length`` also
    ``part``, so many first digits of the path, and made for reading all of them. '' before the duty began."""
    if day < duty.since:
        return "", {}
    period = kinds.period(duty.every, day)
    given: Given = {
        "on": str(day), "low": inside[0], "high": inside[1], "role": duty.role, "level": duty.level,
        "start": str(period.start), "before": str(period.before), "before_end": str(period.before_end),
        "owed": str(duty.since), "least": duty.at_least, "days": duty.days,
    }  # fmt: skip
    given |= {f"status_{at}": status for at, status in enumerate(duty.statuses)}
    given |= {f"kept_{at}": path for at, path in enumerate(kept)}
    statuses = ", ".join(f"%(status_{at})s" for at in range(len(duty.statuses)))
    recorded_here = " OR ".join(f"substr(v.path, 1, length(%(kept_{at})s)) = %(kept_{at})s" for at in range(len(kept)))
    part = "v.path"
    if length:
        given["length"] = length
        part = "substr(v.path, 1, %(length)s)"
    working = _working(period, day)
    kept_here, later = recorded_here or "1 = 0", duty.of_households and _later(day)
    return statements.of(duty, statuses, working, kept_here, part, whole=bool(length), later=later), given


def _later(day: date) -> bool:
    """Whether visits of later days stand. Of today nothing is asked: no visit lies ahead."""
    return day < today() and Visit.objects.filter(superseded_at=None, day__gt=day).exists()


def _working(period: Period, day: date) -> tuple[list[date], list[date]]:
    """The working days of the period up to the day, and those of the period before."""
    calendar = working_days.calendar()

    def days(first: date, last: date) -> list[date]:
        span = (min(last, day) - first).days
        return [each for at in range(span + 1) if calendar.is_working(each := first + timedelta(days=at))]

    if period.end is None:
        return [], []
    return days(period.start, period.end), days(period.before, period.before_end)
