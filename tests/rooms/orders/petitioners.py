"""Petitions for tests: an office that takes them in, and how far they came."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from people import PASSWORD
from rooms.orders.office import MONDAY, Offices, at
from tuopin.orders.papers import numbers
from tuopin.orders.petitions import letters
from tuopin.orders.petitions.sealed import Who
from tuopin.orders.petitions.services import Intake, take_in
from tuopin.platform.access import Actor, actor_for
from tuopin.platform.models import User
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from tuopin.orders.models import Matter, PetitionLetter

DAY = datetime.timedelta(days=1)
NOW = at(MONDAY)
WHO = Who("诸葛隐名", "139-1234-5678", "410000195001010018", "某镇某村七组十二号", "我要反映低保评议不公开。")


def office(city: Offices, name: str = "petitions") -> Actor:
    """The city's petition office."""
    found = User.objects.filter(username=name).first()
    return actor_for(found) if found else city.actor(name, "petition_office", "area", city.city.area_id)


def intake(city: Offices, **more: Any) -> Intake:
    values: dict[str, Any] = {
        "channel": "visit", "received_on": MONDAY,
        "area_id": city.county.area_id, "title": "反映评议结果没有公开", "text": "来访人要求公开评议结果。",
        "category": "policies", "who": WHO,
    }  # fmt: skip
    return Intake(**(values | more))


def taken(city: Offices, now: datetime.datetime = NOW, **more: Any) -> Matter:
    return take_in(office(city), intake(city, **({"received_on": timezone.localdate(now)} | more)), now)


def accepted(city: Offices, now: datetime.datetime = NOW, **more: Any) -> Matter:
    row = taken(city, now, **more)
    return city.act(office(city), "accept", row, now, holder_id=city.education)


def answered(city: Offices, now: datetime.datetime = NOW, **more: Any) -> Matter:
    """One that went the whole way to its answer on one day."""
    row = accepted(city, now, **more)
    for who, act in ((city.department(), "receive"), (city.department(), "done"), (office(city), "verify"),
                     (office(city), "answer")):  # fmt: skip
        row = city.act(who, act, row, now, note="已公开。")
    return row


def refused(code: str, city: Offices, act: str, row: Matter, now: datetime.datetime = NOW, **given: Any) -> None:
    who = given.pop("who", None) or office(city)
    with pytest.raises(Problem) as found:
        city.act(who, act, row, now, **given)
    assert found.value.code == code


def word_of(city: Offices) -> int:
    """The office's number word."""
    return numbers.add_word(office(city), city.issuer, "市信访").pk


def letter(city: Offices, row: Matter, kind: str, now: datetime.datetime = NOW, **more: Any) -> PetitionLetter:
    """One issued on the day."""
    values: dict[str, Any] = {"body": "现告知如下。", "word_id": word_of(city), "day": timezone.localdate(now)}
    return letters.issue(office(city), row.pk, letters.Written(kind, **(values | more)), now)


def notice(city: Offices, row: Matter, until: datetime.date, now: datetime.datetime = NOW) -> PetitionLetter:
    """That more time is needed."""
    return letter(city, row, "extended", now, until=until)


def client(name: str) -> Client:
    found = Client()
    assert found.login(username=name, password=PASSWORD)
    return found


def text(answer: Any) -> str:
    return str(answer.content.decode())
