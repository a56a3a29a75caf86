"""The clock under hard use: random matters and random ticks give the same, killed or not; sixteen workers at once take
each step once. The race is shown first."""

from __future__ import annotations

import datetime
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.orders.clocks import matter, saved
from rooms.orders.office import DAY, MONDAY, Offices, at
from tuopin.orders.clock import rows
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import LeadProposal, Matter, MatterEvent
from tuopin.platform.access import system
from tuopin.platform.models import AuditEntry, Marker, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from installation import Installation

NOW, LIMIT = at(MONDAY), at(DAY(2018, 6, 30), 0)
END = 70  # days after which everything that runs has said its last
WORKERS = 16


# -- whatever the ticks, the same


class Killed(BaseException):
    """In place of a process that is gone."""


def random_matters(city: Offices, seed: int) -> list[Matter]:
    chance = random.Random(seed)
    found = []
    for _ in range(chance.randint(1, 12)):
        state = chance.choice(["issued", "received", "working", "closed", "reported", "final"])
        issued = NOW + datetime.timedelta(hours=chance.randint(-200, 200))
        by_hours = chance.random() < 0.3
        limit = issued + datetime.timedelta(hours=chance.randint(2, 72))
        if not by_hours:
            limit = at(issued.date() + datetime.timedelta(days=chance.randint(1, 30)), 0)
        more: dict[str, Any] = {"kind": chance.choice(["problem", "directive", "petition"]), "by_hours": by_hours}
        if state == "closed":
            more |= {"closed_at": issued, "look_back_on": issued.date() + datetime.timedelta(days=30)}
        elif not by_hours and chance.random() < 0.3 and limit > issued + datetime.timedelta(days=4):
            more |= {
                "stopped_from": issued.date(), "stopped_until": issued.date() + datetime.timedelta(days=2)
            }  # fmt: skip
        found.append(matter(city, issued, limit, state=state, **more))
    return found


def outcome(
    city: Offices, seed: int, moments: Sequence[datetime.datetime], size: int, killed: int, patch: pytest.MonkeyPatch
) -> tuple[Any, ...]:
    """What stands after ticks at these moments, one of them killed in its ``killed``-th batch; nothing of it stays."""
    batches, real = [0], rows.write_steps

    def perhaps(taken: Any) -> None:
        batches[0] += 1
        real(taken)
        if batches[0] == killed:
            raise Killed

    patch.setattr(rows, "write_steps", perhaps)
    with transaction.atomic():
        first = saved(random_matters(city, seed))[0].pk
        for moment in moments:
            try:
                with transaction.atomic():
                    tick(system(), moment, size=size)
            except Killed:
                tick(system(), moment, size=size)
        events = MatterEvent.objects.exclude(act="clock.vacancy").values_list("matter_id", "act", "due")
        matters = Matter.objects.values_list("pk", "state", "step", "next_at", "limit_at", "stopped_until")
        proposals = LeadProposal.objects.values_list("matter_id", "due")
        found = tuple(sorted((row[0] - first, *map(str, row[1:])) for row in rows) for rows in
                      (events, matters, proposals))  # fmt: skip
        transaction.set_rollback(True)
    Marker.objects.filter(name="orders.clock").delete()
    return found


@pytest.mark.django_db
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    seed=st.integers(0, 10_000), size=st.integers(1, 8), killed=st.integers(0, 6),
    hours=st.lists(st.integers(1, END * 24 - 24), max_size=12, unique=True),
)  # fmt: skip
def test_random_ticks_give_what_daily_ticks_give(
    city: Offices, seed: int, size: int, killed: int, hours: list[int]
) -> None:
    begin = NOW - datetime.timedelta(days=9)
    daily = [begin + datetime.timedelta(days=day) for day in range(END)]
    now_and_then = [begin + datetime.timedelta(hours=each) for each in sorted(hours)]
    with pytest.MonkeyPatch.context() as patch:
        often = outcome(city, seed, daily, 5_000, 0, patch)
        rarely = outcome(city, seed, [*now_and_then, daily[-1]], size, killed, patch)
    assert rarely == often


# -- many at once


@pytest.fixture
def city() -> Offices:
    found = Offices()
    found.account("worker", "department", "organisation", found.education)
    return found


def at_once(work: Callable[[int], None], n: int = WORKERS) -> None:
    start, faults = threading.Barrier(n), list[Exception]()

    def run(number: int) -> None:
        try:
            start.wait()
            work(number)
        except Exception as error:  # noqa: BLE001 - shown by the test
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_take_the_same(city: Offices) -> None:
    """What the clock would be that reads what is due and writes afterwards: the reason for the claim."""
    saved([matter(city, NOW, LIMIT) for _ in range(8)])
    both, taken = threading.Barrier(2), list[int]()

    def careless(_number: int) -> None:
        found = list(Matter.objects.filter(next_at__lte=at(DAY(2018, 7, 1))).values_list("pk", flat=True))
        both.wait()
        taken.extend(found)
        Matter.objects.filter(pk__in=found).update(next_at=None)

    at_once(careless, 2)
    assert len(taken) == 16


@pytest.mark.django_db(transaction=True)
def test_sixteen_workers_take_each_step_once(city: Offices) -> None:
    count = 240
    saved([matter(city, NOW, LIMIT) for _ in range(count)])
    taken: list[int] = []

    def work(_number: int) -> None:
        taken.append(tick(system(), at(DAY(2018, 8, 1)), size=7).matters)

    at_once(work)
    assert sum(taken) == count, "what one has, no other takes"
    assert MatterEvent.objects.filter(act__startswith="clock.").count() == count * 5
    assert Message.objects.filter(kind="orders.overdue").count() == count
    assert LeadProposal.objects.count() == count
    entries = AuditEntry.objects.filter(action="orders.tick")
    assert len({entry.digest for entry in entries}) == entries.count()
    assert not Matter.objects.exclude(next_at=None).exists()


CODE = """
import datetime, sys, time
from tuopin.orders import limits
from tuopin.orders.clock import rows
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import Matter, MatterEvent
from tuopin.platform.access import system
UTC = datetime.UTC
ISSUED, LIMIT, NOW = (datetime.datetime(2018, *each, tzinfo=UTC) for each in ((6, 11, 1), (6, 29, 16), (8, 1)))
"""
FILL = """
from tuopin.duties.models import Organisation
from tuopin.register.models import Area
area, holder = Area.objects.create(), Organisation.objects.create()
row = dict(kind="problem", state="received", urgency="ordinary", title="x", area=area, holder=holder, opened_at=ISSUED,
           issued_at=ISSUED, limit_at=LIMIT, changed_at=ISSUED, next_at=LIMIT)
Matter.objects.bulk_create(Matter(**row) for _ in range(120))
"""
SLOW = """
real = rows.write_steps
def slowly(taken):
    print("writing", flush=True)
    time.sleep(0.2)
    real(taken)
rows.write_steps = slowly
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_and_three_that_go_on(installed: Installation) -> None:
    installed.run(code=CODE + FILL)
    first = installed.start(code=CODE + SLOW + "tick(system(), NOW, size=10)")
    assert first.stdout is not None
    for _batch in range(3):  # it has written two batches, and is in the third
        assert first.stdout.readline().strip() == "writing"
    first.kill()
    first.communicate()
    others = [installed.start(code=CODE + "print(tick(system(), NOW, size=9).matters)") for _ in range(3)]
    found = [int(each.communicate(timeout=600)[0].strip() or -1000) for each in others]
    said = installed.run(
        code=CODE
        + "acts = MatterEvent.objects.filter(act='clock.overdue').values_list('matter_id', flat=True)\n"
        + "print(len(acts), len(set(acts)), Matter.objects.exclude(next_at=None).count())"
    )
    assert said.split() == ["120", "120", "0"]
    assert sum(found) == 100, "the two batches of the one that was killed stay; its third is taken again"
