"""A county with an official about whom there is a lead, two officers of discipline inspection, and everybody else."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from people import PASSWORD, account
from tuopin.duties.incidents import leads
from tuopin.duties.models import Lead, Official
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from django.test import Client

    from rooms.duties.place import Place
    from tuopin.platform.models import User

GROUNDS = "两年没有到过户里，机密事由"
TOLD_BY = "反映人甲某某"
REPLY = "答复里的私事"
NAME = "周某当事"
SECRETS = (GROUNDS, TOLD_BY, REPLY)


class Case:
    """A county with an official who manages something, two discipline officers of the city, and everybody else."""

    def __init__(self, place: Place) -> None:
        self.place = place
        today = timezone.localdate()
        local = local_admin()
        city = place.city.code
        self.officer = account("officer", "discipline", city)
        self.second = account("second", "discipline", city)
        self.concerned = account("dangshiren", "township", place.village.code)
        self.official = officials.add_officials(
            local, [(NAME, "县水利局", "13811112222")], area_id=place.county.area_id, day=today
        )[0]
        Official.objects.filter(pk=self.official).update(user=self.concerned)
        self.office = organisations.found_organisation(
            local, "县水利局", "department", area_id=place.county.area_id, day=today
        )
        self.post = organisations.add_post(local, self.office, "局长", day=today, level="township", authority="county")
        officials.appoint(local, self.official, self.post, day=today)
        self.others = {
            "headquarters": account("hq", "headquarters", city),
            "county": account("county-clerk", "county", place.county.code, "health", "disability", "child", "bank"),
            "township": account("town-clerk", "township", place.village.code),
            "village": account("village-clerk", "village", place.village.code),
            "assessor": account("assessor", "assessor", place.other.code),
            "auditor": account("auditor", "auditor", city),
            "administrator": account("keeper", "administrator", city),
            "elsewhere": account("elsewhere", "discipline", place.other.code),
            "helper": self._helper(),
        }

    def _helper(self) -> User:
        user = accounts.add_user(local_admin(), "helper-one", PASSWORD, must_change=False)[0]
        accounts.grant(local_admin(), user, "helper", "household", self.place.here[0].pk)
        return user

    def open(self, **more: Any) -> str:
        wanted = {"official_id": self.official, "source": "inspection", "grounds": GROUNDS, "document": "暗访3号"}
        wanted |= {"told_by": TOLD_BY} | more
        return leads.open_lead(actor_for(self.officer), leads.Wanted(**wanted))

    def heard(self, **more: Any) -> str:
        """A lead whose time to reply is over."""
        key = self.open(**more)
        leads.see(actor_for(self.concerned), key)
        leads.reply(actor_for(self.concerned), key, REPLY)
        Lead.objects.filter(key=key).update(limit=timezone.localdate() - datetime.timedelta(days=1))
        return key


def refused(code: str, act: Any) -> None:
    with pytest.raises(Problem) as raised:
        act()
    assert raised.value.code == code


def text(client: Client, address: str, status: int = 200, **given: object) -> str:
    answer = client.post(address, given) if given else client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()
