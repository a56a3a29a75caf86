"""How many households and persons of which kind every area has, counted for all areas at once in the background.

A page about a city reads one row. The counts say of which state of the data they are; what changed since then is in
them after the next count, which every import and every evaluation asks for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import orjson
from django.db import connection
from django.db.models import Max, Subquery
from django.utils import timezone

from tuopin.platform import jobs
from tuopin.platform.database import DATA_VERSION, bulk_insert, data_version, exclusive, write
from tuopin.platform.models import Marker
from tuopin.register.areas import ids
from tuopin.register.models import AreaCounts, AreaVersion, Import

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

    from tuopin.platform.access import Actor

JOB = "register.count_areas"
ON_REGISTER = ("registered", "exit_proposed", "exited", "returned")
"""States of registration whose households count by cause and whose persons count by age."""

AGES = (0, 6, 16, 25, 35, 45, 55, 60, 70, 80)
"""First years of the age ranges; the last is open."""

BLANK = "blank"

_LIVING = "register_residence r JOIN register_status_period s ON s.household_id = r.household_id"
_LISTED = "s.axis = 'registration' AND s.valid_to IS NULL AND r.valid_to IS NULL"
_NEWEST = (
    "{alias}.superseded_at IS NULL AND {alias}.as_of = (SELECT MAX(n.as_of) FROM {table} n"
    " WHERE n.{subject} = {alias}.{subject} AND n.superseded_at IS NULL)"
)


def as_of() -> datetime.date:
    """The day that the register describes: that of the newest import, else today."""
    found: datetime.date | None = Import.objects.aggregate(day=Max("as_of"))["day"]
    return found or timezone.localdate()


def count_later(actor: Actor) -> None:
    """Ask for a new count, unless one waits already. Part of the caller's transaction."""
    from tuopin.platform.models import Job

    if not Job.objects.filter(kind=JOB, state=Job.State.QUEUED).exists():
        jobs.enqueue(actor, JOB, {}, upkeep=True)


def count_areas() -> int:
    """Count every area and keep the numbers in place of the former ones; returns the number of areas with any.

    It decides nothing and shows nobody anything: it needs no permission, and leaves no entry in the audit log.
    """
    with exclusive("count_areas"):
        version, day = data_version(), as_of()
        found = _above(_lowest(day))
        rows = ((area_id, version, day, orjson.dumps(counts).decode()) for area_id, counts in found.items())
        with write():
            AreaCounts.objects.all().delete()
            bulk_insert(AreaCounts._meta.db_table, ("area_id", "data_version", "day", "counts"), _stored(rows))
    return len(found)


def current(area_id: int) -> dict[str, int] | None:
    """The counts of an area; None where the register has changed since they were counted."""
    now = Marker.objects.filter(name=DATA_VERSION).values("number")[:1]
    found = AreaCounts.objects.filter(area_id=area_id, data_version=Subquery(now)).values_list("counts", flat=True)
    return found.first()


def moved_since(day: datetime.date) -> bool:
    """Whether a household may live elsewhere, or an area lie elsewhere, than on an earlier day: what was counted by
    the places of that day is then not what lies there now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM register_import i JOIN register_sheet s ON s.run_id = i.id"
            " WHERE i.as_of > %s AND i.undone_at IS NULL AND s.kind = 'household_person')"
            " OR EXISTS (SELECT 1 FROM register_event WHERE day > %s)"
            " OR EXISTS (SELECT 1 FROM register_area_version WHERE valid_from > %s OR valid_to > %s)",
            [day, day, day, day],
        )
        return bool(cursor.fetchone()[0])


def _stored(rows: Iterator[tuple[int, int, datetime.date, str]]) -> Iterator[tuple[object, ...]]:
    for area_id, version, day, counts in rows:
        yield area_id, version, day.isoformat() if connection.vendor == "sqlite" else day, counts


def _lowest(day: datetime.date) -> dict[int, Counter[str]]:
    """Counts by village, each named ``kind:key``."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for kind, sql in (("status", _STATUSES), ("cause", _causes()), ("age", _ages(day)), ("issue", _ISSUES)):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            for area_id, key, number in cursor.fetchall():
                found[area_id][f"{kind}:{key if key not in {None, ''} else BLANK}"] += number
    _listed(found)
    return found


def _listed(found: dict[int, Counter[str]]) -> None:
    """How many households and persons the lists hold, all and by the household's status: of the rows that they read."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTS)
        for area_id, status, households, members in cursor.fetchall():
            counts = found[area_id]
            counts["household:all"] += int(households)
            counts["person:all"] += int(members)
            if status:
                counts[f"listed:{status}"] += int(households)
                counts[f"member:{status}"] += int(members)


def _above(lowest: dict[int, Counter[str]]) -> dict[int, Counter[str]]:
    """The same for every area above, added up along today's tree."""
    paths = dict(AreaVersion.objects.filter(valid_to=None).values_list("area_id", "path"))
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for area_id, counts in lowest.items():
        for above in ids(paths.get(area_id, "")):
            found[above].update(counts)
    return found


# No value from outside goes into these statements.
_STATUSES = f"SELECT r.area_id, s.value, COUNT(*) FROM {_LIVING} WHERE {_LISTED} GROUP BY r.area_id, s.value"  # noqa: S608
_LISTS = (
    "SELECT area_id, registration, COUNT(*), SUM(members) FROM register_household_card WHERE area_id IS NOT NULL"
    " GROUP BY area_id, registration"
)
_ISSUES = (
    "SELECT d.area_id, d.code, COUNT(*) FROM register_data_issue d"
    " WHERE d.closed_at IS NULL AND d.area_id IS NOT NULL GROUP BY d.area_id, d.code"
)


def _on_register() -> str:
    listed = ", ".join(f"'{value}'" for value in ON_REGISTER)
    return f"{_LISTED} AND s.value IN ({listed})"


def _causes() -> str:
    newest = _NEWEST.format(alias="p", table="register_household_profile", subject="household_id")
    return (
        f"SELECT r.area_id, p.main_cause, COUNT(*) FROM {_LIVING}"  # noqa: S608
        f" LEFT JOIN register_household_profile p ON p.household_id = r.household_id AND {newest}"
        f" WHERE {_on_register()} GROUP BY r.area_id, p.main_cause"
    )


def _ages(day: datetime.date) -> str:
    """By the range's first year; an age is reached on the birthday itself."""
    newest = _NEWEST.format(alias="i", table="register_person_identity", subject="person_id")
    ranges = " ".join(
        f"WHEN i.birth_date <= '{_years_before(day, first).isoformat()}' THEN '{first}'" for first in reversed(AGES)
    )
    age = f"CASE WHEN i.birth_date IS NULL THEN '{BLANK}' {ranges} ELSE '{BLANK}' END"
    return (
        f"SELECT r.area_id, {age} AS age, COUNT(*) FROM {_LIVING}"  # noqa: S608
        " JOIN register_membership m ON m.household_id = r.household_id AND m.valid_to IS NULL"
        f" LEFT JOIN register_person_identity i ON i.person_id = m.person_id AND {newest}"
        f" WHERE {_on_register()} GROUP BY r.area_id, age"
    )


def _years_before(day: datetime.date, years: int) -> datetime.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
