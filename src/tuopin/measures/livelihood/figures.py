"""What an area's livelihood adds up to, at the reader's day: one statement a subject, whatever the size of the area."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import CharField, Count, Q, Sum, Value

from tuopin.platform.access import visible_paths
from tuopin.register import selectors as register
from tuopin.register.counting import ON_REGISTER
from tuopin.register.permissions import VIEW_HOUSEHOLD

from ..merged import KEEPER
from ..permissions import VIEW
from . import selectors
from .words import AT_RISK

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import Aggregate

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


@dataclass(frozen=True, slots=True)
class Coverage:
    """Households on the register, by links that stand. ``able``: a member can work for sure; ``unclear``: of no member
    that is known, of some it is not. ``low`` and ``high``: the ends of the rate, None where nobody is to be covered.

    叠加率 in both readings: links a covered household (``mean``), share of the covered with two or more (``share``).
    """

    households: int
    able: int
    unclear: int
    covered: int
    covered_able: int
    covered_unclear: int
    twice: int
    forms: int

    @property
    def low(self) -> float | None:
        left = self.able + self.unclear - self.covered_unclear
        return self.covered_able / left if left else None

    @property
    def high(self) -> float | None:
        left = self.able + self.covered_unclear
        return (self.covered_able + self.covered_unclear) / left if left else None

    @property
    def mean(self) -> float | None:
        return self.forms / self.covered if self.covered else None

    @property
    def share(self) -> float | None:
        return self.twice / self.covered if self.covered else None


@dataclass(frozen=True, slots=True)
class Livelihood:
    """Counts by subject; ``loans`` and what ``children`` tells are None where the class is closed."""

    coverage: Coverage
    enterprises: dict[str, int]
    links: dict[str, int]
    dividends: dict[str, int]
    work: dict[str, int]
    relocation: dict[str, int]
    loans: dict[str, int] | None = None
    risks: dict[str, int] = field(default_factory=dict)


_COVERAGE = """
SELECT COUNT(*), SUM(able), SUM(unclear), SUM(CASE WHEN forms > 0 THEN 1 ELSE 0 END),
  SUM(CASE WHEN forms > 0 THEN able ELSE 0 END), SUM(CASE WHEN forms > 0 THEN unclear ELSE 0 END),
  SUM(CASE WHEN forms > 1 THEN 1 ELSE 0 END), SUM(forms)
FROM (
  SELECT c.household_id, COALESCE(p.able, 0) AS able,
    CASE WHEN COALESCE(p.able, 0) = 0 AND COALESCE(p.unknown, 1) = 1 THEN 1 ELSE 0 END AS unclear,
    COALESCE(l.forms, 0) AS forms
  FROM register_household_card c
  LEFT JOIN (SELECT household_id, MAX(CASE WHEN labour IN ('ordinary', 'skilled', 'weak') THEN 1 ELSE 0 END) AS able,
      MAX(CASE WHEN labour IS NULL OR labour = '' THEN 1 ELSE 0 END) AS unknown
    FROM register_person_card WHERE {people} GROUP BY household_id) p ON p.household_id = c.household_id
  LEFT JOIN (SELECT household_id, COUNT(*) AS forms FROM (
      SELECT DISTINCT COALESCE(n.now_id, k.household_id) AS household_id, k.enterprise_id, k.form
      FROM measures_enterprise_link k LEFT JOIN measures_household_now n ON n.household_id = k.household_id
      WHERE k.superseded_at IS NULL AND k.valid_from <= %s AND (k.valid_to IS NULL OR k.valid_to > %s)) d
    GROUP BY household_id) l ON l.household_id = c.household_id
  WHERE c.registration IN ({statuses}) AND {homes}
) h
"""


def coverage(actor: Actor, area: AreaVersion, day: date) -> Coverage:
    """Over the households of the area that the actor may see, on the register, exited ones among them. The
    pack industry asks for the will of persons too, which this does not."""
    low, high = register.subtree(area)
    ranges = [(low, high)]
    for permission in (VIEW, VIEW_HOUSEHOLD):
        granted = visible_paths(actor, permission)
        if granted is not None:
            ranges = [
                (max(first, one), min(last, other))
                for first, last in ranges
                for one, other in granted
                if one < last and first < other
            ]
    statuses = sorted(ON_REGISTER)
    if not ranges:
        return Coverage(0, 0, 0, 0, 0, 0, 0, 0)
    within = " OR ".join("({0}path >= %s AND {0}path < %s)" for _each in ranges)
    bounds = [end for each in ranges for end in each]
    sql = _COVERAGE.format(
        people=f"({within.replace('{0}', '')})",
        homes=f"({within.replace('{0}', 'c.')})",
        statuses=", ".join(["%s"] * len(statuses)),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*bounds, day, day, *statuses, *bounds])
        (row,) = cursor.fetchall()
    return Coverage(*(int(each or 0) for each in row))


def of_area(actor: Actor, area: AreaVersion, day: date, classes: frozenset[str] | None) -> Livelihood:
    """Everything that the page of an area shows: eight statements."""
    return Livelihood(
        coverage(actor, area, day),
        _enterprises(actor, area, day),
        _links(actor, area, day),
        _dividends(actor, area, day),
        _work(actor, area, day),
        _relocation(actor, area, day, classes),
        _loans(actor, area, day) if classes is None or selectors.BANK in classes else None,
    )


def short(actor: Actor, area: AreaVersion, day: date) -> tuple[dict[str, int], dict[str, int]]:
    """Links and work alone, for a panel: one statement."""
    parts = {
        "links": (selectors.links(actor, area, day).filter(state="live"), _OF_LINKS),
        "work": (selectors.work(actor, area, day), _of_work(day)),
    }
    width = max(len(counts) for _rows, counts in parts.values())
    asked = []
    for what, (rows, counts) in parts.items():
        columns: dict[str, Aggregate | Value] = {f"n{at}": count for at, count in enumerate(counts.values())}
        columns |= {f"n{at}": Value(0) for at in range(len(counts), width)}
        one = rows.order_by().annotate(what=Value(what, output_field=CharField())).values("what").annotate(**columns)
        asked.append(one.values_list("what", *(f"n{at}" for at in range(width))))
    found = {what: numbers for what, *numbers in asked[0].union(*asked[1:], all=True)}
    links, work = (
        dict(zip(counts, (found.get(what) or [0] * width)[: len(counts)], strict=True))
        for what, (_rows, counts) in parts.items()
    )
    return _numbers(links), _numbers(work)


def _numbers(found: dict[str, Any]) -> dict[str, int]:
    return {key: int(value or 0) for key, value in found.items()}


def _enterprises(actor: Actor, area: AreaVersion, day: date) -> dict[str, int]:
    found = selectors.enterprises(actor, area, day).order_by()
    return _numbers(
        found.aggregate(
            all=Count("pk"),
            leading=Count("pk", filter=Q(kind="leading")),
            workshops=Count("pk", filter=Q(kind="workshop")),
            at_risk=Count("pk", filter=Q(risk__in=AT_RISK)),
        )
    )


_OF_LINKS: dict[str, Aggregate] = {
    "live": Count("pk"),
    "households": Count(KEEPER, distinct=True),
    "at_risk": Count(KEEPER, distinct=True, filter=Q(risk__in=AT_RISK)),
}


def _links(actor: Actor, area: AreaVersion, day: date) -> dict[str, int]:
    return _numbers(selectors.links(actor, area, day).filter(state="live").order_by().aggregate(**_OF_LINKS))


def _dividends(actor: Actor, area: AreaVersion, day: date) -> dict[str, int]:
    found = selectors.dividends(actor, area, day).order_by()
    return _numbers(
        found.aggregate(
            overdue=Count("pk", filter=Q(state="overdue")),
            households=Count(KEEPER, distinct=True, filter=Q(state="overdue")),
            owed=Sum("due", filter=Q(state="overdue")),
            part=Sum("paid", filter=Q(state="overdue")),
        )
    )


def _of_work(day: date) -> dict[str, Aggregate]:
    live = Q(state="live")
    return {
        "live": Count("person_id", distinct=True, filter=live),
        "outside": Count("person_id", distinct=True, filter=live & Q(place="outside")),
        "public_post": Count("person_id", distinct=True, filter=live & Q(kind="public_post")),
        "workshop": Count("person_id", distinct=True, filter=live & Q(kind="workshop")),
        "returned": Count("person_id", distinct=True, filter=Q(state="returned", valid_to__year=day.year)),
    }


def _work(actor: Actor, area: AreaVersion, day: date) -> dict[str, int]:
    return _numbers(selectors.work(actor, area, day).order_by().aggregate(**_of_work(day)))


def _relocation(actor: Actor, area: AreaVersion, day: date, classes: frozenset[str] | None) -> dict[str, int]:
    counted = {
        "all": Count(KEEPER, distinct=True),
        "moved_in": Count(KEEPER, distinct=True, filter=Q(moved_in_on__isnull=False)),
        "no_job": Count(KEEPER, distinct=True, filter=Q(has_job=False)),
        "no_clinic": Count(KEEPER, distinct=True, filter=Q(has_clinic=False)),
        "house": Count(KEEPER, distinct=True, filter=Q(old_house="standing")),
    }
    if classes is None or selectors.CHILD in classes:
        counted["no_school"] = Count(KEEPER, distinct=True, filter=Q(has_school=False))
    return _numbers(selectors.relocations(actor, area, day).order_by().aggregate(**counted))


def _loans(actor: Actor, area: AreaVersion, day: date) -> dict[str, int]:
    found = selectors.loans(actor, area, day).order_by()
    owed = ~Q(state="repaid")
    return _numbers(
        found.aggregate(
            standing=Count("pk", filter=owed),
            amount=Sum("amount", filter=owed),
            overdue=Count("pk", filter=Q(state="overdue")),
            due30=Count("pk", filter=Q(state="due30")),
            due60=Count("pk", filter=Q(state="due60")),
            lent_on=Count("pk", filter=owed & Q(use="lent_on")),
        )
    )
