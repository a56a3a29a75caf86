"""A form that is sent twice opens one matter."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from people import signed_in
from rooms.orders.office import Offices
from tuopin.orders import services
from tuopin.orders.board.once import new_key, once
from tuopin.orders.models import Matter, SentForm
from tuopin.platform.models import User


@pytest.mark.django_db
def test_a_form_sent_twice_opens_one_matter() -> None:
    city = Offices()
    city.city_office()
    client = signed_in(User.objects.get(username="city"))
    address = reverse("orders:new_matter", query={"area": city.county.code})
    key = client.get(address).context["key"]
    given = {"key": key, "kind": "problem", "title": "三名学生未在校", "urgency": "ordinary", "issuer": city.issuer,
             "holder": ["县教育局"], "do": "issue"}  # fmt: skip
    wrong = client.post(address, given | {"title": ""})
    assert wrong.status_code == 400
    assert wrong.context["key"] == key
    answers = [client.post(address, given) for _time in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Matter.objects.count() == 1
    client.post(address, given | {"key": client.get(address).context["key"]})  # a form of its own
    assert Matter.objects.count() == 2
    city.account("second", "headquarters", "area", city.city.area_id)
    signed_in(User.objects.get(username="second")).post(address, given)  # the key of somebody else leads nowhere
    assert Matter.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_that_are_sent_at_the_same_moment() -> None:
    city = Offices()
    actor, key, now = city.city_office(), new_key(), timezone.now()
    start, made, faults = threading.Barrier(4), list[bool](), list[Exception]()

    def send() -> None:
        try:
            start.wait()
            made.append(once(actor, key, now, lambda: services.draft(actor, [city.draft()], now)[0])[1])
        except Exception as error:  # noqa: BLE001 - shown by the test
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(made) == [False, False, False, True]
    assert (Matter.objects.count(), SentForm.objects.count()) == (1, 1)
