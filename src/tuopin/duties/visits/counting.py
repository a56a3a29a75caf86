"""What is counted from visits, in the transaction of every change: the last visit of each official to a household, and
the facts that rules read. A fixed number of statements, however many households changed.

The data version stays as it is: with thousands of visits a day, figures of areas would never be those of now, and no
import could be undone (docs/decisions/0080).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, F, Max
from django.db.models.functions import TruncMonth

from tuopin.platform import database
from tuopin.platform.models import Marker
from tuopin.register.correcting.subjects import listed

from .models import HouseholdVisits, VisitBy, VisitLast

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime


CHANGED = "duties.visits"


def state() -> int:
    """A number that grows with every change of visits: what is kept of them elsewhere (counts of lists) goes by it."""
    return Marker.objects.filter(name=CHANGED).values_list("number", flat=True).first() or 0


def begin() -> None:
    """Say that visits change. First in the transaction of the change: its row is locked, so that changes of visits come
    one after the other, and each counts what those before it wrote."""
    if not Marker.objects.filter(name=CHANGED).update(number=F("number") + 1):
        Marker.objects.bulk_create([Marker(name=CHANGED, number=0)], ignore_conflicts=True)
        Marker.objects.filter(name=CHANGED).update(number=F("number") + 1)


def follow(household_ids: Collection[int], now: datetime) -> None:
    """Bring both into step with the visits of these households. Inside the caller's transaction."""
    if not household_ids:
        return
    _last(household_ids)
    _facts(household_ids, now)


def before_merge(lead: int, others: Collection[int]) -> set[int]:
    """Two officials are one person: who stands twice on a visit stands on it once, and last visits are made anew by
    :func:`after_merge` from what this returns. Inside the caller's transaction."""
    begin()
    every = {lead, *others}
    last = VisitLast.objects.filter(official_id__in=every)
    households = set(last.values_list("household_id", flat=True))
    last.delete()
    seen: dict[int, int] = {}
    double = []
    rows = VisitBy.objects.filter(official_id__in=every).values_list("visit_id", "pk", "official_id")
    for visit, key, official in sorted(rows, key=lambda row: (row[0], row[2] != lead, row[1])):
        if seen.setdefault(visit, official) != official:
            double.append(key)
    VisitBy.objects.filter(pk__in=listed(double)).delete()
    VisitBy.objects.filter(official_id__in=list(others)).update(official_id=lead)
    return households


def after_merge(household_ids: Collection[int]) -> None:
    """See :func:`before_merge`."""
    if household_ids:
        _last(household_ids)


def _last(household_ids: Collection[int]) -> None:
    VisitLast.objects.filter(household_id__in=listed(household_ids)).delete()
    among = (
        "SELECT value::bigint FROM jsonb_array_elements_text(%s::jsonb)"
        if database.is_postgresql()
        else "SELECT value FROM json_each(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(  # the only text set in is one of the two above
            f"""INSERT INTO duties_visit_last (official_id, household_id, day)
            SELECT official_id, household_id, max(day) FROM duties_visit_by
            WHERE counts AND household_id IN ({among}) GROUP BY official_id, household_id""",  # noqa: S608 - as said above
            [str(list(household_ids))],
        )


def _facts(household_ids: Collection[int], now: datetime) -> None:
    """One row a household and month; what differs from what stands is superseded and written anew."""
    counted = (
        VisitBy.objects.filter(household_id__in=listed(household_ids), counts=True)
        .annotate(month=TruncMonth("day"))
        .values("household_id", "month")
        .annotate(last=Max("day"), times=Count("visit_id", distinct=True))
    )
    wanted: dict[tuple[int, date], int] = {
        (row["household_id"], row["last"]): row["times"] for row in counted.order_by()
    }
    held = {
        (each.household_id, each.as_of): each
        for each in HouseholdVisits.objects.filter(household_id__in=listed(household_ids), superseded_at=None)
    }
    stale = [row.pk for key, row in held.items() if wanted.get(key) != row.visits_in_month]
    fresh = [
        HouseholdVisits(
            household_id=household, year=day.year, as_of=day, recorded_at=now, last_visit=day, visits_in_month=times
        )
        for (household, day), times in wanted.items()
        if (household, day) not in held or held[household, day].visits_in_month != times
    ]
    if stale:
        HouseholdVisits.objects.filter(pk__in=listed(stale)).update(superseded_at=now)
    HouseholdVisits.objects.bulk_create(fresh, batch_size=500)
