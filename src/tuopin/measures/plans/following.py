"""Facts of help that follow from plans: what rules may know, made anew where one was signed or done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform import database
from tuopin.register.correcting.subjects import listed

from .models import HouseholdHelp, MeasureDone, PlanAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date, datetime

WORK = frozenset({"industry", "work", "public_post", "finance"})
"""Classes of help into work or business (开发式帮扶)."""
SUPPORT = frozenset({"security", "other"})
HOUSING = frozenset({"housing", "relocation"})

type _Done = tuple[int, int, str, date]  # year of the plan, number, class, day


def follow(household_ids: Collection[int], now: datetime) -> None:
    """Bring the facts of these households into step with their plans, inside the caller's transaction: four statements.

    Rows that still hold stay; what differs is superseded and written anew.
    """
    signed: dict[int, set[date]] = {}
    answers = PlanAnswer.objects.filter(plan__household_id__in=listed(household_ids), kind=PlanAnswer.Kind.SIGNED)
    for household, day in answers.values_list("plan__household_id", "day"):
        signed.setdefault(household, set()).add(day)
    done: dict[int, list[_Done]] = {}
    rows = MeasureDone.objects.filter(
        measure__plan__household_id__in=listed(household_ids), takes_back=None, taken_back=None
    )
    names = ("measure__plan__household_id", "measure__plan__year", "measure__number", "measure__sort", "day")
    for household, year, number, sort, day in rows.values_list(*names):
        done.setdefault(household, []).append((year, number, sort, day))
    held = {
        (each.household_id, each.as_of): each
        for each in HouseholdHelp.objects.filter(household_id__in=listed(household_ids), superseded_at=None)
    }
    wanted = {
        (each.household_id, each.as_of): each
        for household in household_ids
        for each in _rows(household, signed.get(household, set()), done.get(household, []), now)
    }
    stale = [row.pk for key, row in held.items() if key not in wanted or _said(row) != _said(wanted[key])]
    fresh = [row for key, row in wanted.items() if key not in held or _said(row) != _said(held[key])]
    if stale:
        HouseholdHelp.objects.filter(pk__in=listed(stale)).update(superseded_at=now)
    HouseholdHelp.objects.bulk_create(fresh, batch_size=500)
    if stale or fresh:
        database.bump_data_version()


def _rows(household: int, signed: set[date], done: list[_Done], now: datetime) -> Iterator[HouseholdHelp]:
    """One row a day on which something happened; none for a household that has signed nothing."""
    if not signed:
        return
    for day in sorted(signed | {on for _year, _number, _sort, on in done}):
        given = {(number, sort) for year, number, sort, on in done if year == day.year and on <= day}
        sorts = {sort for _number, sort in given}
        yield HouseholdHelp(
            household_id=household, year=day.year, as_of=day, recorded_at=now,
            measure_count=len({number for number, _sort in given}),
            industry_measures=len({number for number, sort in given if sort == "industry"}),
            helped_in_education="education" in sorts, helped_in_housing=bool(sorts & HOUSING),
            helped_in_water="water" in sorts, helped_by_support=bool(sorts & SUPPORT),
            helped_into_work=bool(sorts & WORK),
        )  # fmt: skip


def _said(row: HouseholdHelp) -> tuple[object, ...]:
    return (
        row.measure_count, row.industry_measures, row.helped_in_education, row.helped_in_housing, row.helped_in_water,
        row.helped_by_support, row.helped_into_work,
    )  # fmt: skip
