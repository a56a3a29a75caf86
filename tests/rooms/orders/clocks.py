"""Matters made by the set, past the services, for the tests of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.orders import limits
from tuopin.orders.models import Matter, MatterEvent
from tuopin.platform.models import Message

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from rooms.orders.office import Offices


def matter(city: Offices, issued: datetime, limit: datetime, **more: Any) -> Matter:
    """One that runs, held by the county's department; not saved."""
    values: dict[str, Any] = {
        "kind": "problem", "state": "received", "urgency": "ordinary", "title": "三名学生未在校",
        "area_id": city.county.area_id, "issuer_id": city.issuer, "holder_id": city.education, "opened_at": issued,
        "issued_at": issued, "limit_at": limit, "changed_at": issued,
    }  # fmt: skip
    row = Matter(**(values | more))
    row.next_at = limits.look_again(row, issued)
    return row


def saved(rows: Iterable[Matter]) -> list[Matter]:
    return Matter.objects.bulk_create(rows)


def steps(row: Matter | None = None) -> list[str]:
    """The steps taken of one matter, or of all, in the order in which they came."""
    found = MatterEvent.objects.filter(act__startswith="clock.")
    found = found.filter(matter=row) if row is not None else found
    return [act.removeprefix("clock.") for act in found.order_by("matter_id", "pk").values_list("act", flat=True)]


def told(kind: str = "") -> set[tuple[str, str]]:
    """Who was told of what: names of accounts and kinds, or keys of one kind."""
    found = Message.objects.filter(kind=kind) if kind else Message.objects.all()
    return set(found.values_list("user__username", "key" if kind else "kind"))


def last_day(row: Matter) -> date:
    """The last day of a matter's limit, which it must have."""
    assert row.limit_at is not None
    return limits.day_of(row.limit_at)
