"""What follows from the other tables, kept in step with them: of which households the helper is to be helped himself.

Only few helpers have an entry in the register, so the table is small and made anew as a whole: three statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform import database
from tuopin.platform.models import Marker
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import Membership, StatusPeriod

from ..models import Assignment, HelperStatus, Official
from ..officials.links import people_now

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

type Period = tuple["date", "date | None"]

TO_BE_HELPED = {
    "registration": ("registered", "exit_proposed", "returned"),
    "monitoring": ("unstable_exit", "near_poor", "sudden_hardship"),
}
"""By axis of status: who is poor or watched. Nobody of such a household may answer for others."""


def to_be_helped() -> Q:
    """Periods of status in which a household is itself to be helped."""
    found = Q(pk__in=[])
    for axis, values in TO_BE_HELPED.items():
        found |= Q(axis=axis, value__in=values)
    return found


_SEEN = "duties.helper_status_at"


def is_behind() -> bool:
    """Whether anything has changed since :func:`keep` last looked."""
    seen = Marker.objects.filter(name=_SEEN).values_list("number", flat=True).first()
    return seen != database.data_version()


def keep() -> int:
    """Bring the table in step; returns how many rows it has. Raises Busy while another process is at it."""
    version = database.data_version()
    with database.exclusive("helper-status"), database.write():
        wanted = {(household, *period, registered) for household, period, registered in _worked_out()}
        rows = HelperStatus.objects.values_list("pk", "household_id", "valid_from", "valid_to", "registered")
        known = {(household, start, end, poor): key for key, household, start, end, poor in rows}
        gone = [key for row, key in known.items() if row not in wanted]
        HelperStatus.objects.filter(pk__in=listed(gone)).delete()
        HelperStatus.objects.bulk_create(
            HelperStatus(household_id=household, valid_from=start, valid_to=end, registered=poor)
            for household, start, end, poor in sorted(wanted - known.keys(), key=lambda row: (row[0], row[1]))
        )
        Marker.objects.update_or_create(name=_SEEN, defaults={"number": version})
    return len(wanted)


def _worked_out() -> Iterator[tuple[int, Period, bool]]:
    """Household, period, whether its helper was to be helped himself."""
    linked = dict(Official.objects.exclude(person=None).values_list("pk", "person_id"))
    if not linked:
        return
    now = people_now(linked.values())
    poor = poor_periods({now[person] for person in linked.values()})
    terms = Assignment.objects.filter(
        official_id__in=listed(linked), role=Assignment.Role.HELPER, household__isnull=False
    )
    taken: dict[int, date | None] = {}
    for household, official, start, end in terms.order_by("household_id", "valid_from", "pk").values_list(
        "household_id", "official_id", "valid_from", "valid_to"
    ):
        if household in taken:  # a workbook's terms may overlap: the first goes on to its end
            before = taken[household]
            if before is None or (end is not None and end <= before):
                continue
            start = max(start, before)
        taken[household] = end
        for period, registered in _cut((start, end), poor.get(now[linked[official]], ())):
            yield household, period, registered


def poor_periods(person_ids: Iterable[int]) -> Mapping[int, list[Period]]:
    """When people lived in a household that was to be helped, by person: two statements."""
    homes: dict[int, list[tuple[int, Period]]] = {}
    for person, household, start, end in Membership.objects.filter(person_id__in=listed(set(person_ids))).values_list(
        "person_id", "household_id", "valid_from", "valid_to"
    ):
        homes.setdefault(household, []).append((person, (start, end)))
    found: dict[int, list[Period]] = {}
    rows = StatusPeriod.objects.filter(to_be_helped(), household_id__in=listed(homes))
    for household, start, end in rows.values_list("household_id", "valid_from", "valid_to"):
        for person, lived in homes[household]:
            both = _both(lived, (start, end))
            if both is not None:
                found.setdefault(person, []).append(both)
    return found


def _both(one: Period, other: Period) -> Period | None:
    """The days that two periods share."""
    start = max(one[0], other[0])
    ends = [end for end in (one[1], other[1]) if end is not None]
    end = min(ends) if ends else None
    return None if end is not None and end <= start else (start, end)


def _cut(term: Period, poor: Iterable[Period]) -> list[tuple[Period, bool]]:
    """A term in pieces, each with whether it lies in one of the periods."""
    inside = [each for each in (_both(term, period) for period in poor) if each is not None]
    days = {term[0]} | {start for start, _end in inside} | {end for _start, end in inside if end is not None}
    if term[1] is not None:
        days.discard(term[1])
    starts = sorted(days)
    pieces: list[tuple[Period, bool]] = []
    for start, end in zip(starts, [*starts[1:], term[1]], strict=True):
        registered = any(low <= start and (high is None or start < high) for low, high in inside)
        if pieces and pieces[-1][1] == registered:
            pieces[-1] = ((pieces[-1][0][0], end), registered)
        else:
            pieces.append(((start, end), registered))
    return pieces
