"""The clock over 1,000,000 open matters of which 20,000 change.

usage: bench_tick.py [--quick] [--sqlite]     (--quick: 50,000 matters, 2,000 change)

PostgreSQL by script/postgres.py, or SQLite. Six counties, each with 20 departments, their discipline inspection groups
and 20 townships; every organisation has two accounts. Of the matters that change a third are reminded of, a third have
just passed their limit, the rest are long past it (a lead is proposed), to be signed for or to be looked back at.
``tick_seconds``: events, messages, proposals, audit and rows, in transactions of 5,000; ``idle_seconds``: the same
moment again. ``wrong`` must be 0: events and rows against what was filled in. ``tick_cpu_seconds``: of this process,
and in PostgreSQL of the process behind the connection; on a busy machine it says more than the clock.
"""

from __future__ import annotations

import datetime
import time
from typing import TYPE_CHECKING, Any

from either import bare, cpu_seconds, on_either, process_behind
from harness import say

if TYPE_CHECKING:
    from collections.abc import Iterator

MONDAY = datetime.date(2018, 6, 11)
NOW = datetime.date(2018, 7, 16)
LAST = {  # what is due at NOW: the last day of the limit, or the day of the look-back
    "remind": datetime.date(2018, 7, 18),
    "overdue": datetime.date(2018, 7, 15),
    "lead": datetime.date(2018, 7, 3),
    "unsigned": datetime.date(2018, 8, 10),
    "look_back": NOW,
}
PARTS = {"remind": 0.35, "overdue": 0.35, "lead": 0.1, "unsigned": 0.1, "look_back": 0.1}


def at(day: datetime.date, hour: int = 0) -> datetime.datetime:
    from django.utils import timezone

    return datetime.datetime.combine(day, datetime.time(hour), timezone.get_current_timezone())


def offices() -> list[tuple[int, int, int]]:
    """Organisations with their people; returns (holder, area, issuer)."""
    from tuopin.duties import models as d
    from tuopin.platform.models import Grant, User
    from tuopin.register.models import Area, AreaVersion

    begin = datetime.date(2014, 1, 1)
    made: list[int] = []

    def area(level: str, code: str, parent: AreaVersion | None = None) -> AreaVersion:
        one = Area.objects.create()
        return AreaVersion.objects.create(
            area=one, code=code, name=code, level=level, parent=parent.area if parent else None,
            path=(parent.path if parent else "") + f"{one.pk:08d}", valid_from=begin,
        )  # fmt: skip

    def organisation(name: str, kind: str, place: AreaVersion, parent: int | None = None) -> int:
        one = d.Organisation.objects.create()
        d.OrganisationVersion.objects.create(
            organisation=one, name=name, kind=kind, area_id=place.area_id, parent_id=parent, valid_from=begin
        )
        post = d.Post.objects.create(organisation=one, title="主要负责人", first_responsible=True)
        users = User.objects.bulk_create(
            User(username=f"{kind}-{one.pk}-{at}", password="!", is_active=True) for at in range(2)
        )
        head = d.Official.objects.create(name="干部", user=users[0])
        d.Term.objects.create(official=head, post=post, valid_from=begin)
        Grant.objects.create(
            user=users[1], role="department", scope_kind="organisation", scope_id=one.pk, valid_from=begin
        )
        made.append(one.pk)
        return one.pk

    city = area("city", "411400000000")
    issuer = organisation("市扶贫办", "leading_group_office", city)
    found = []
    for at_county in range(6):
        county = area("county", f"4114{at_county + 1:02d}000000", city)
        government = organisation("县政府", "government", county)
        for number in range(20):
            department = organisation(f"县部门{number}", "department", county, government)
            group = organisation(f"驻县部门{number}纪检组", "discipline_group", county)
            d.OrganisationLink.objects.create(
                organisation_id=group, other_id=department, relation="watches", valid_from=begin
            )
            found.append((department, county.area_id, issuer))
            town = area("township", f"4114{at_county + 1:02d}{number + 1:03d}000", county)
            found.append((organisation(f"镇政府{number}", "government", town, government), town.area_id, issuer))
    say(f"{len(made)} organisations")
    return found


def fill(count: int, change: int) -> dict[str, int]:
    """Matters, of which ``change`` are due; returns how many by step."""
    from django.db import connection

    from tuopin.orders import limits
    from tuopin.orders.models import Matter
    from tuopin.platform import database
    from tuopin.platform.prepare import prepare

    prepare()
    held = offices()
    columns = [field.column for field in Matter._meta.concrete_fields if field.column != "id"]
    due = [key for key, part in PARTS.items() for _ in range(int(change * part))]

    def made(key: str, limit: datetime.date) -> Matter:
        row = Matter(
            kind="problem", state="issued" if key == "unsigned" else "received", urgency="ordinary", source="audit",
            category="housing", title="问题", opened_at=at(MONDAY, 9), issued_at=at(MONDAY, 9),
            limit_at=at(limit + datetime.timedelta(days=1)), changed_at=at(MONDAY, 9),
        )  # fmt: skip
        if key == "unsigned":
            row.issued_at = at(datetime.date(2018, 7, 12), 9)
        if key == "look_back":
            row.state, row.look_back_on, row.closed_at = "closed", limit, at(MONDAY, 9)
        row.step = {"overdue": 3, "lead": 5}.get(key, 0)
        row.next_at = limits.look_again(row, at(MONDAY, 10))
        return row

    ahead = [made("", NOW + datetime.timedelta(days=day)) for day in range(20, 80)]
    patterns = {key: made(key, LAST[key]) for key in PARTS}

    def rows() -> Iterator[list[Any]]:
        every = count // change
        for number in range(count):
            holder, place, issuer = held[number % len(held)]
            now = number % every == 0 and number // every < len(due)
            row = patterns[due[number // every]] if now else ahead[number % len(ahead)]
            row.holder_id, row.area_id, row.issuer_id = holder, place, issuer
            yield [getattr(row, name) for name in names]

    names = [field.attname for field in Matter._meta.concrete_fields if field.column != "id"]
    with connection.constraint_checks_disabled(), database.write(), bare(Matter):
        database.bulk_insert("orders_matter", columns, rows())
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if database.is_postgresql() else "analyze")
    return {key: due.count(key) for key in PARTS}


def measure(count: int, change: int) -> dict[str, float]:
    from django.db import connection

    from tuopin.orders.clock.tick import tick
    from tuopin.orders.models import LeadProposal, Matter, MatterEvent
    from tuopin.platform.access import system

    expected = fill(count, change)
    behind = process_behind(connection)
    found: dict[str, float] = {}

    def timed(name: str) -> Any:
        began, cpu = time.perf_counter(), cpu_seconds(behind)
        done = tick(system(), at(NOW, 8))
        found[f"{name}_seconds"], found[f"{name}_cpu_seconds"] = time.perf_counter() - began, cpu_seconds(behind) - cpu
        return done

    done, idle = timed("tick"), timed("idle")
    say(str(done.document()))
    wrong = abs(sum(expected.values()) - done.matters) + idle.matters
    wrong += sum(abs(done.steps[key] - number) for key, number in expected.items())
    wrong += abs(LeadProposal.objects.count() - expected["lead"])
    wrong += abs(MatterEvent.objects.count() - done.events) + Matter.objects.filter(next_at__lte=at(NOW, 8)).count()
    return found | {
        "changed": float(done.matters), "events": float(done.events), "messages": float(done.messages),
        "wrong": float(wrong),
    }  # fmt: skip


if __name__ == "__main__":
    on_either(measure, (1_000_000, 20_000), (50_000, 2_000))
