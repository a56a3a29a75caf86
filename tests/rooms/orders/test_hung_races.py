"""Signs by two connections at once: one sign, one answer, one message."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from rooms.orders.office import DAY, MONDAY, at
from rooms.orders.test_hung_signs import Hung
from tuopin.orders.hung import clock, items, services
from tuopin.orders.models import HungEvent, HungItem, HungSign
from tuopin.platform.access import system
from tuopin.platform.models import Message
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4


def at_once(work: Callable[[], object]) -> list[str]:
    """What the workers were refused with; '' for one that was let through."""
    ready, said = threading.Barrier(WORKERS), list[str]()

    def run() -> None:
        try:
            ready.wait()
            work()
            said.append("")
        except Problem as problem:
            said.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == WORKERS, "one ended otherwise"
    return sorted(said)


def test_one_sign_however_many_hang_it() -> None:
    city = Hung()
    actor, wanted = city.city_office(), city.wanted()
    assert at_once(lambda: services.hang(actor, wanted, at(MONDAY))) == ["", *["hung_already"] * (WORKERS - 1)]
    assert HungSign.objects.count() == 1
    assert HungEvent.objects.count() == 1


def test_one_answer_however_many_give_it() -> None:
    city = Hung()
    item = city.asked(city.hang())
    actor = city.county_office()
    found = at_once(lambda: items.answer(actor, item.pk, "已报", at(MONDAY), reference="档案室"))
    assert found == ["", *["answered_already"] * (WORKERS - 1)]
    assert HungItem.objects.get(pk=item.pk).rounds == 1
    assert HungEvent.objects.filter(act="answered").count() == 1


def test_each_stage_is_told_once_by_many_clocks() -> None:
    city = Hung()
    city.county_office()
    city.asked(city.hang())
    assert at_once(lambda: clock.tell(system(), at(DAY(2018, 6, 20)))) == [""] * WORKERS
    late = Message.objects.filter(key__contains=":late:", user__username="answers")
    assert late.count() == 1
