"""Inbox, board, heat table and list at 1,000,000 matters, as pages of a city, county, township and department.

usage: bench_board.py [--quick] [--sqlite] [--explain]     (--quick: 50,000 matters)

PostgreSQL by script/postgres.py, or SQLite. Offices as in bench_tick. Matters in every state, limits from 60 days past
to 60 ahead. ``<page>_p95_ms``: over all readers, through the whole of Django (middleware, template), nothing kept from
the request before; ``<page>_again_p95_ms``: with counts as they are kept between acts; ``_cpu_``: of this process and
the database’s, which on a busy machine says more. ``wrong`` must be 0: the board’s sums against a count by hand.
``--explain`` prints the slow statements.
"""

from __future__ import annotations

import datetime
import sys
import time
from typing import TYPE_CHECKING, Any

from bench_tick import offices
from either import bare, cpu_seconds, on_either, process_behind
from harness import say

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 20
STATES = (  # in hundredths: most are closed or final long ago
    ("draft", 3), ("issued", 10), ("received", 8), ("working", 20), ("reported", 4), ("verified", 2), ("closed", 18),
    ("final", 33), ("withdrawn", 2),
)  # fmt: skip
VARYING = (
    "kind", "state", "title", "limit_at", "look_back_on", "holder_id", "area_id", "issuer_id", "official_id",
)  # fmt: skip
PAGES = ("inbox", "board", "heat", "matters")


def fill(count: int) -> list[Any]:
    """Matters; returns the readers: users over the city, a county, a township, an organisation."""
    from django.db import connection
    from django.utils import timezone

    from tuopin.duties.models import Official
    from tuopin.orders.models import Matter
    from tuopin.platform import database
    from tuopin.platform.models import Grant, User
    from tuopin.platform.prepare import prepare
    from tuopin.register.models import AreaVersion

    prepare()
    held = offices()
    now = timezone.now()
    states = [state for state, share in STATES for _ in range(share)]
    people = list(Official.objects.order_by("pk").values_list("pk", flat=True))
    fields = [field for field in Matter._meta.concrete_fields if field.column != "id"]

    base = Matter(urgency="ordinary", source="audit", category="housing", opened_at=now, issued_at=now, changed_at=now)
    common = [getattr(base, field.attname) for field in fields]
    slots = [at for name in VARYING for at, field in enumerate(fields) if field.attname == name]
    limits = [now + datetime.timedelta(days=day - 60, minutes=day * 97 % 1440) for day in range(121)]

    def rows() -> Iterator[list[Any]]:
        for number in range(count):
            holder, place, issuer = held[number * 7919 % len(held)]
            state, limit = states[number * 104729 % 100], limits[number * 611953 % 121]
            row = common.copy()
            values = (
                "directive" if number % 5 == 0 else "problem", state, f"问题 {number}", limit,
                limit.date() if state == "closed" else None, holder, place, issuer,
                people[number * 31 % len(people)],
            )  # fmt: skip
            for at, value in zip(slots, values, strict=True):
                row[at] = value
            yield row

    with connection.constraint_checks_disabled(), database.write(), bare(Matter):
        database.bulk_insert("orders_matter", [field.column for field in fields], rows())
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze" if database.is_postgresql() else "analyze")
    found = [User.objects.get(pk=Grant.objects.filter(role="department").latest("pk").user_id)]
    for role, level in (("headquarters", "city"), ("county", "county"), ("township", "township")):
        place = AreaVersion.objects.filter(level=level).order_by("code")[0]
        user = User.objects.create(username=f"bench-{role}", password="!")
        Grant.objects.create(user=user, role=role, scope_kind="area", scope_id=place.area_id,
                             valid_from=datetime.date(2018, 1, 1))  # fmt: skip
        found.append(user)
    return found


def measure(count: int) -> dict[str, float]:
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from tuopin.platform.lists import counts as kept

    readers = fill(count)
    behind = process_behind(connection)
    times: dict[str, list[float]] = {}
    for user in readers:
        client = Client(headers={"host": "localhost"})
        client.force_login(user)
        for page in PAGES:
            if page != "inbox" and not user.username.startswith("bench-"):
                continue  # of an area: who is of one organisation has the inbox
            address = reverse(f"orders:{page}")
            for fresh in (True, False):
                for at in range(ROUNDS):
                    if fresh:
                        kept.forget()
                    began, cpu = time.perf_counter(), cpu_seconds(behind)
                    answer = client.get(address, follow=True)
                    took, used = time.perf_counter() - began, cpu_seconds(behind) - cpu
                    if answer.status_code != 200:
                        raise SystemExit(f"{address} {user.username}: {answer.status_code}")
                    if at:
                        name = f"{page}{'' if fresh else '_again'}"
                        times.setdefault(f"{name}:{user.username}", []).append(took)
                        times.setdefault(f"{name}_cpu:{user.username}", []).append(used)
            if "--explain" in sys.argv:
                _explain(client, address)
    for key, found in times.items():
        say(f"{key} {sorted(found)[-2] * 1000:.0f} ms")
    merged: dict[str, list[float]] = {}
    for key, found in times.items():
        merged.setdefault(key.partition(":")[0], []).extend(found)
    return {
        **{f"{key}_p95_ms": sorted(found)[int(len(found) * 0.95)] * 1000 for key, found in merged.items()},
        "wrong": float(_wrong()),
    }


def _wrong() -> int:
    from django.db import connection
    from django.utils import timezone

    from tuopin.orders.board import counts
    from tuopin.platform.access import local_admin
    from tuopin.platform.lists import counts as kept
    from tuopin.register.models import AreaVersion

    kept.forget()
    city = AreaVersion.objects.get(level="city")
    found = {each.key: each.count for each in counts.board(local_admin(), city, "", timezone.now())}
    with connection.cursor() as cursor:
        cursor.execute("select state, count(*) from orders_matter where kind <> 'petition' group by state")
        by_hand = dict(cursor.fetchall())
    return sum(by_hand.get(key, 0) != count for key, count in found.items())


def _explain(client: Any, address: str) -> None:
    """The statements of a page that take longer than 20 ms, with their plans."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(address, follow=True)
    for each in captured.captured_queries:
        if float(each["time"]) > 0.02:
            say(f"{address} {each['time']} s\n{each['sql'][:3000]}")


if __name__ == "__main__":
    on_either(measure, (1_000_000,), (50_000,))
