"""The year's plan against what was done, of an area: by class of measure and by the areas below, in one statement.

Counted are the measures of the newest version of each household's plan, wherever its household lives today. Measures
that reveal a class of fields closed to the reader are left out of every number: sums with them in could be taken apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, Q

from tuopin.platform.access import field_classes_at, require
from tuopin.register import selectors as register
from tuopin.register.areas import WIDTH
from tuopin.register.models import AreaVersion, HouseholdCard

from ..permissions import VIEW
from ..policies import CLASSES, policies
from .selectors import may_be_told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from tuopin.platform.access import Actor

HELPED = ("registered", "exit_proposed", "exited", "returned")
"""Who is expected to have a plan: an exit takes nobody off the help (四个不摘)."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Measures and money (fen). ``late``: past their day with nothing done. ``unpriced``: measures whose planned cost
    is not known, ``unpaid``: entries of what was done whose cost is not known; the sums are of the others."""

    planned: int = 0
    done: int = 0
    late: int = 0
    seen: int = 0
    cost: int = 0
    unpriced: int = 0
    paid: int = 0
    unpaid: int = 0
    effect: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Progress:
    """``households``: how many should have a plan; ``with_plan``, ``signed``, ``refused`` of them. ``by_area`` in the
    order of codes. ``whole``: no class of fields is closed to the reader."""

    year: int
    households: int
    with_plan: int
    signed: int
    refused: int
    total: Sums
    by_class: dict[str, Sums] = field(default_factory=dict)
    by_area: list[tuple[AreaVersion, Sums]] = field(default_factory=list)
    whole: bool = True


_PLANS = """
newest AS (
  SELECT p.id, p.household_id, c.path FROM measures_help_plan p
  JOIN register_household_card c ON c.household_id = p.household_id
  WHERE p.year = %s AND c.path >= %s AND c.path < %s AND NOT EXISTS (
    SELECT 1 FROM measures_help_plan v
    WHERE v.household_id = p.household_id AND v.year = p.year AND v.version > p.version))
"""
_MEASURES = """
WITH {plans}, given AS (
  SELECT q.household_id, m.number, SUM(d.cost) AS paid, SUM(CASE WHEN d.cost IS NULL THEN 1 ELSE 0 END) AS unpaid,
    MAX(CASE WHEN d.effect <> '' THEN 1 ELSE 0 END) AS seen
  FROM measures_measure_done d JOIN measures_planned_measure m ON m.id = d.measure_id
  JOIN measures_help_plan q ON q.id = m.plan_id
  JOIN register_household_card h ON h.household_id = q.household_id
  WHERE q.year = %s AND h.path >= %s AND h.path < %s AND d.takes_back_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM measures_measure_done w WHERE w.takes_back_id = d.id)
  GROUP BY q.household_id, m.number)
SELECT SUBSTR(n.path, 1, %s), m.sort, COUNT(*), SUM(CASE WHEN g.number IS NULL THEN 0 ELSE 1 END),
  SUM(CASE WHEN g.number IS NULL AND m.due < %s THEN 1 ELSE 0 END), SUM(COALESCE(g.seen, 0)),
  SUM(COALESCE(m.cost, 0)), SUM(CASE WHEN m.cost IS NULL THEN 1 ELSE 0 END), SUM(COALESCE(g.paid, 0)),
  SUM(COALESCE(g.unpaid, 0)),
  SUM(COALESCE(m.wage, 0) + COALESCE(m.business, 0) + COALESCE(m.property, 0) + COALESCE(m.transfer, 0))
FROM newest n JOIN measures_planned_measure m ON m.plan_id = n.id
LEFT JOIN given g ON g.household_id = n.household_id AND g.number = m.number
WHERE {open}
GROUP BY 1, 2
"""
_ANSWERS = """
WITH {plans}
SELECT COUNT(*), SUM(CASE WHEN a.kind = 'signed' THEN 1 ELSE 0 END),
  SUM(CASE WHEN a.kind = 'refused' THEN 1 ELSE 0 END)
FROM newest n JOIN register_household_card c ON c.household_id = n.household_id
LEFT JOIN measures_plan_answer a ON a.plan_id = n.id WHERE c.registration IN (%s, %s, %s, %s)
"""


def progress(actor: Actor, version: AreaVersion, year: int, today: date) -> Progress:
    """What was planned and done of a year's plans in an area: four statements. Raises Refused."""
    require(actor, VIEW, area_path=version.path)
    classes = field_classes_at(actor, VIEW, version.path)
    rows = measured(version, year, today, classes)
    low, high = register.subtree(version)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS.replace("{plans}", _PLANS), [year, low, high, *HELPED])
        with_plan, signed, refused = (int(each or 0) for each in cursor.fetchone())
    expected = HouseholdCard.objects.filter(path__gte=low, path__lt=high, registration__in=HELPED)
    found = expected.aggregate(n=Count("pk"))["n"]
    below = AreaVersion.objects.filter(parent_id=version.area_id, valid_to=None).order_by("code")
    by_path = _added((path, sums) for path, _sort, sums in rows)
    by_class = _added((sort, sums) for _path, sort, sums in rows)
    return Progress(
        year, found, with_plan, signed, refused, sum((each for each in by_class.values()), Sums()),
        {sort: by_class[sort] for sort in CLASSES if sort in by_class},
        [(each, by_path.get(each.path, Sums())) for each in below],
        closed(classes) is None,
    )  # fmt: skip


def measured(
    version: AreaVersion, year: int, today: date, classes: frozenset[str] | None
) -> list[tuple[str, str, Sums]]:
    """(path of the area below, class, sums) of the measures that the reader may be told of: one statement."""
    low, high = register.subtree(version)
    span = [year, low, high]
    sorts, named = closed(classes) or ((), ())
    open_ = " AND ".join(
        [
            f"m.sort NOT IN ({', '.join(['%s'] * len(sorts))})" if sorts else "1 = 1",
            f"m.policy NOT IN ({', '.join(['%s'] * len(named))})" if named else "1 = 1",
        ]
    )
    with connection.cursor() as cursor:
        given: list[Any] = [*span, *span, len(version.path) + WIDTH, today, *sorts, *named]
        cursor.execute(_MEASURES.replace("{plans}", _PLANS).replace("{open}", open_), given)
        rows = cursor.fetchall()
    return [(path, sort, Sums(*(int(each or 0) for each in numbers))) for path, sort, *numbers in rows]


def closed(classes: frozenset[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Classes of measures and policies that a reader is not told of; None = there are none."""
    sorts = tuple(sort for sort in CLASSES if not may_be_told(sort, "", classes))
    named = tuple(key for key in policies() if not may_be_told("", key, classes))
    return (sorts, named) if sorts or named else None


def told(classes: frozenset[str] | None) -> Q:
    """The same as a condition on measures."""
    sorts, named = closed(classes) or ((), ())
    return ~Q(sort__in=sorts) & ~Q(policy__in=named)


def _added(rows: Iterable[tuple[str, Sums]]) -> dict[str, Sums]:
    found: dict[str, Sums] = {}
    for key, sums in rows:
        found[key] = found.get(key, Sums()) + sums
    return found
