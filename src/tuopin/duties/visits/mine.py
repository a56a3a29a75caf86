"""What an official is to visit and how it stands: for “my households”, “my duties”, and who is behind in an area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Max

from tuopin.platform.access import field_classes_at, visible_ids
from tuopin.register.models import AreaVersion, Household
from tuopin.register.selectors import opened_households, subtree

from ..models import Official
from ..permissions import RECORD_VISIT, VIEW_VISIT
from ..selectors import own_official
from . import coverage, kinds, selectors
from .models import VisitBy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tuopin.platform.access import Actor

    from .coverage import Counts
    from .kinds import Duty

ORDER = ("overdue", "due", "unknown", "excused", "done")
"""What is late first."""
MOST = 500
"""Targets of one duty on a page."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a household of mine stands. ``last``: the last visit by anybody, None = none on record. ``state`` is that of
    my own duty, '' where I have none; ``second_look``: by when somebody is to look again;
    ``records``: whether the reader may record a visit."""

    last: date | None
    state: str
    due: date | None
    problems: int
    second_look: date | None
    records: bool

    @property
    def rank(self) -> int:
        """Where it stands in a list: a second look with the late ones."""
        if self.second_look is not None:
            return 0
        return ORDER.index(self.state) if self.state in ORDER else len(ORDER)


@dataclass(frozen=True, slots=True)
class ToVisit:
    """A target of a duty: code and name, when it was seen last (or on how many days), its state."""

    code: str
    name: str
    household: bool
    seen: date | int | None
    state: str


@dataclass(frozen=True, slots=True)
class MyDuty:
    """A duty of an official with its targets, what is late first. ``left``: days until it falls due."""

    duty: Duty
    counts: Counts
    left: int | None
    targets: tuple[ToVisit, ...]
    more: bool


def of_households(actor: Actor, household_ids: Collection[int], day: date) -> dict[int, Standing]:
    """How households stand that the caller has checked: for the reader's own page, in a fixed number of statements."""
    own = own_official(actor)
    states: dict[int, tuple[str, date | None]] = {}
    if own is not None:
        for duty in kinds.duties().values():
            if duty.whom == "own":
                due = kinds.period(duty.every, day).end
                for row in _rows(duty, own, day):
                    states[int(row[0])] = (str(row[2]), due)
    last = dict(_last_visits(household_ids, day))
    seconds = {
        each.household_id: kinds.second_look_by(each.day)
        for each in selectors.not_reached_since(household_ids).order_by("-day")
    }
    counts = _problems(actor, household_ids)
    records = visible_ids(actor, RECORD_VISIT, "household")
    return {
        key: Standing(last.get(key), *states.get(key, ("", None)), counts.get(key, 0), seconds.get(key), key in records)
        for key in household_ids
    }


def _last_visits(household_ids: Collection[int], day: date) -> Iterable[tuple[int, date]]:
    found = VisitBy.objects.filter(household_id__in=household_ids, counts=True, day__lte=day)
    for row in found.values("household_id").annotate(last=Max("day")).order_by():
        yield row["household_id"], row["last"]


def _problems(actor: Actor, household_ids: Collection[int]) -> dict[int, int]:
    """Open problems by household, of the sorts open over each of them."""
    granted = visible_ids(actor, VIEW_VISIT, "household")
    by_classes: dict[frozenset[str] | None, list[int]] = {}
    for key in household_ids:
        classes = field_classes_at(actor, VIEW_VISIT, "", key) if key in granted else frozenset({"general"})
        by_classes.setdefault(classes, []).append(key)
    found: dict[int, int] = {}
    for classes, keys in by_classes.items():
        found |= selectors.open_problem_counts(keys, classes)
    return found


def duties_of(actor: Actor, official: Official, day: date) -> list[MyDuty]:
    """The duties of an official on a day, with targets. The caller has checked that the official may be looked at; of
    households only those are named that the actor may open."""
    found = []
    for duty in kinds.duties().values():
        rows = sorted(_rows(duty, official.pk, day), key=lambda row: (ORDER.index(str(row[2])), row[0]))
        if not rows:
            continue
        counts = coverage.Counts()
        for row in rows:
            counts.add(str(row[2]), 1)
        targets = _named(actor, duty, rows[:MOST])
        left = kinds.period(duty.every, day).left(day)
        found.append(MyDuty(duty, counts, left, tuple(targets), len(rows) > MOST))
    return found


def _rows(duty: Duty, official: int, day: date) -> list[tuple[int, date | int | None, str]]:
    """(target, seen, state) of one official's pairs."""
    kept = coverage.recorded(None, day)
    sql, given = coverage.pairs(duty, coverage.EVERYWHERE, day, kept)
    if not sql:
        return []
    column = "household_id" if duty.of_households else "area_id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, seen, state FROM ({sql}) x WHERE official_id = %(official)s",  # noqa: S608 - own text
            {**given, "official": official},
        )
        return [(int(key), _seen(seen), str(state)) for key, seen, state in cursor.fetchall()]


def _seen(value: object) -> date | int | None:
    """SQLite gives days of raw statements as text."""
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value if isinstance(value, date | int) else None


def _named(actor: Actor, duty: Duty, rows: list[tuple[int, date | int | None, str]]) -> Iterable[ToVisit]:
    keys = [row[0] for row in rows]
    if duty.of_households:
        open_ = opened_households(actor, keys) if not actor.unrestricted else frozenset(keys)
        codes = dict(Household.objects.filter(pk__in=open_).values_list("pk", "code"))
        return [ToVisit(codes[key], "", True, seen, state) for key, seen, state in rows if key in codes]
    versions = AreaVersion.objects.filter(area_id__in=keys, valid_to=None)
    areas = {each.area_id: each for each in versions}
    return [ToVisit(areas[key].code, areas[key].name, False, seen, state) for key, seen, state in rows if key in areas]


def behind(area: AreaVersion, duty: Duty, day: date, most: int) -> list[tuple[int, str, str, Counts]]:
    """Who is behind in an area with a duty: official, name, unit and counts, the latest first. The caller has asked for
    the permission over the area."""
    sql, given = coverage.pairs(duty, subtree(area), day, coverage.recorded(area, day))
    if not sql:
        return []
    states = ", ".join(f"sum(CASE WHEN state = '{state}' THEN 1 ELSE 0 END) AS n_{state}" for state in coverage.STATES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT official_id, {states} FROM ({sql}) x WHERE official_id IS NOT NULL GROUP BY official_id
            HAVING sum(CASE WHEN state IN ('due', 'overdue') THEN 1 ELSE 0 END) > 0
            ORDER BY n_overdue DESC, n_due DESC, official_id LIMIT %(most)s""",  # noqa: S608 - own text
            {**given, "most": most},
        )
        rows = [(int(row[0]), [int(each) for each in row[1:]]) for row in cursor.fetchall()]
    people = {each.pk: each for each in Official.objects.filter(pk__in=[key for key, _counts in rows])}
    return [
        (key, people[key].name, people[key].unit, coverage.Counts(*numbers)) for key, numbers in rows if key in people
    ]
