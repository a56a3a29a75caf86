"""Sixteen senders at once, and one that is killed: nobody hears twice, nothing is lost. The race is shown first."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.db import connection

from rooms.platform.outbox.steps import LOCMEM, MONDAY, gateway, letter, people, post, publish
from tuopin.platform.access import system
from tuopin.platform.locks import exclusive
from tuopin.platform.models import Dispatch
from tuopin.platform.outbox import sending
from tuopin.platform.outbox.planning import plan
from tuopin.platform.outbox.sending import claim, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from installation import Installation

pytestmark = pytest.mark.django_db(transaction=True)
SENDERS = 16


@pytest.fixture(autouse=True)
def _set_up(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    publish(monkeypatch)
    settings.MAILERS = LOCMEM


def at_once(work: Callable[[int], None], n: int = SENDERS) -> None:
    start, faults = threading.Barrier(n), []

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


def test_without_the_claim_the_same_digest_leaves_again_and_again() -> None:
    """What sending would be that reads what is due and writes afterwards: the reason for the claim."""
    post(*(letter(user, "k") for user in people(4)))
    plan(("mail",), MONDAY)
    both, taken = threading.Barrier(2), []

    def careless(_number: int) -> None:
        found = list(Dispatch.objects.filter(state="queued").values_list("pk", flat=True))
        both.wait()
        Dispatch.objects.filter(pk__in=found).update(state="sending")
        taken.extend(found)

    at_once(careless, 2)
    assert len(taken) == 8


def test_each_dispatch_is_claimed_by_one() -> None:
    post(*(letter(user, "k") for user in people(200)))
    plan(("mail",), MONDAY)
    taken: list[int] = []

    def careful(number: int) -> None:
        while found := claim("mail", f"sender-{number}", 7, MONDAY):
            taken.extend(each.pk for each in found)

    at_once(careful)
    assert len(taken) == len(set(taken)) == 200


def test_sixteen_senders_plan_and_send_each_thing_once(settings: Any) -> None:
    users = people(120, gateway=True)
    post(*(letter(user, f"k{n}", "test.event") for user in users for n in range(2)))
    with gateway(settings) as server:
        at_once(lambda _number: void(send(system(), MONDAY)))
        send(system(), MONDAY)
    assert len(mail.outbox) == 120
    assert len(server.taken) == 120
    assert set(server.taken.values()) == {1}
    assert dict(Dispatch.objects.values_list("pk", "attempts")) == dict.fromkeys(
        Dispatch.objects.values_list("pk", flat=True), 1
    )


def void(_report: object) -> None:
    """What a thread has nothing to do with."""


def test_who_plans_while_another_plans_leaves_it_to_him() -> None:
    post(*(letter(user, "k") for user in people(3)))
    with exclusive("outbox-plan"):
        found: list[int] = []
        at_once(lambda _number: found.append(plan(("mail",), MONDAY)), 1)
    assert found == [0]
    assert plan(("mail",), MONDAY) == 3


def test_a_living_senders_claims_are_its_own() -> None:
    post(*(letter(user, "k") for user in people(3)))
    plan(("mail",), MONDAY)
    with exclusive("outbox-alive"):
        claim("mail", "outbox-alive", 3, MONDAY)
        assert sending.reap(MONDAY) == 0
    assert sending.reap(MONDAY) == 3


CODE = """
import sys, datetime
from tuopin.core.language.catalogue import Title
from tuopin.platform.access import system
from tuopin.platform.models import Dispatch, MessageChoice, User
from tuopin.platform.outbox.kinds import Kind, all_kinds
all_kinds()["test.remind"] = Kind("test.remind", Title("a", "b"), gateway=True)
from tuopin.platform.outbox.sending import send
from tuopin.platform.outbox.services import Letter, post
NOW = datetime.datetime(2018, 12, 3, 1, tzinfo=datetime.UTC)
"""


def test_a_sender_that_is_killed_loses_nothing(installed: Installation, settings: Any) -> None:
    """Killed while the gateway has parcels that nobody wrote down: they come again under the same keys."""
    installed.run(
        code=CODE
        + """
users = [User.objects.create_user(f"u{n}", None) for n in range(60)]
MessageChoice.objects.bulk_create(MessageChoice(user=user, gateway=True) for user in users)
print(post(system(), [Letter(user.pk, "k", "test.remind", NOW.date()) for user in users], now=NOW).new)
"""
    )
    with gateway(settings) as server:
        installed.env |= {"TUOPIN_GATEWAY_URL": server.address, "TUOPIN_GATEWAY_HOSTS": "127.0.0.1"}
        server.behaviour = ["200"] * 20 + ["hang"] + ["200"]
        first = installed.start(code=CODE + "send(system(), NOW)")
        end = time.monotonic() + 60
        while len(server.seen) < 21 and time.monotonic() < end:
            time.sleep(0.02)
        first.kill()
        first.communicate()
        assert len(server.taken) == 20
        time.sleep(0.3)  # PostgreSQL sees a moment later that the connection is gone
        state = installed.run(
            code=CODE
            + "before = Dispatch.objects.filter(state='sending').count(); send(system(), NOW)\n"
            + "print(before, *sorted(set(Dispatch.objects.values_list('state', flat=True))))"
        )
        assert state.split() == ["50", "sent"]
        assert len(server.taken) == 60, "each person was told"
        assert sorted(server.taken.values()) == [1] * 40 + [2] * 20, "again under the same key: the gateway knows it"


def test_the_command_says_what_is_set_up_and_takes_the_time(installed: Installation, settings: Any) -> None:
    assert installed.document("outbox", "status") == {"channels": {"mail": False, "gateway": False}, "dispatches": []}
    with gateway(settings) as server:
        installed.env |= {"TUOPIN_GATEWAY_URL": server.address, "TUOPIN_GATEWAY_HOSTS": "127.0.0.1"}
        sent = ["outbox", "send", "--json", "--now"]
        wrong = ("yesterday", "0001-01-01", "9999-12-31T23:59", "2018-13-01")
        done = installed.commands(
            ["outbox", "status", "--json"], ["outbox", "retry", "--json"], [*sent, "2018-12-03T09:00"],
            *([*sent, each] for each in wrong),
        )  # fmt: skip
        assert server.seen == []
    assert done[0].document["channels"] == {"mail": False, "gateway": True}
    assert (done[1].document, done[2].document) == ({"queued": 0}, {"planned": 0, "channels": {}})
    assert [each.status for each in done[3:]] == [2] * 4
    assert "2018-12-01T08:30" in done[3].err
