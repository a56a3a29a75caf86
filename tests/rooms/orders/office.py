"""A city with a headquarters office, a county with a department, a government and their discipline group, a township
government, and people with accounts in them, for the tests of orders. Dated 2018; the moment is an argument."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from people import PASSWORD
from rooms.duties.place import Place
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.services import Draft
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import User
from tuopin.register import cards

if TYPE_CHECKING:
    from tuopin.orders.models import Matter

DAY = datetime.date
BEGIN = DAY(2018, 1, 1)
MONDAY = DAY(2018, 6, 11)  # followed by five working days; the next Monday (18 June) is a holiday


def at(day: datetime.date, hour: int = 9, minute: int = 0) -> datetime.datetime:
    """A moment, local time."""
    return datetime.datetime.combine(day, datetime.time(hour, minute), timezone.get_current_timezone())


class Offices(Place):
    """Two counties of :class:`Place`; ``issuer``: the city's office of the leading group, ``education``: a department
    of the county, watched by ``discipline``; ``government`` of the county, ``township`` of its township."""

    def __init__(self) -> None:
        super().__init__()
        cards.refresh_all()
        found = organisations.found_organisation
        me, city, county = local_admin(), self.city.area_id, self.county.area_id
        town = self.village.parent_id
        assert town is not None
        self.issuer = found(me, "市扶贫办", "leading_group_office", area_id=city, day=BEGIN)
        self.city_education = found(me, "市教育局", "department", area_id=city, day=BEGIN)
        self.government = found(me, "县政府", "government", area_id=county, day=BEGIN)
        self.education = found(me, "县教育局", "department", area_id=county, day=BEGIN, parent_id=self.government)
        self.discipline = found(me, "驻县教育局纪检监察组", "discipline_group", area_id=county, day=BEGIN)
        organisations.link_organisations(me, self.discipline, [self.education], relation="watches", day=BEGIN)
        self.township = found(me, "镇政府", "government", area_id=town, day=BEGIN, parent_id=self.government)
        self.elsewhere = found(me, "邻县教育局", "department", area_id=self.other.area_id, day=BEGIN)

    def official(self, name: str, organisation: int, title: str = "局长", *, user: User | None = None) -> int:
        """Somebody in office since 2018-01-01; with an account, if one is given."""
        me = local_admin()
        [number] = officials.add_officials(me, [(name, "", "")], area_id=self.county.area_id, day=BEGIN)
        post = organisations.add_post(me, organisation, title, day=BEGIN, level="county", authority="city")
        officials.appoint(me, number, post, day=BEGIN)
        if user is not None:
            officials.Official.objects.filter(pk=number).update(user=user)
        return number

    def account(self, name: str, role: str, kind: str, number: int) -> User:
        """An account with a role over an area or an organisation."""
        made = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)[0]
        accounts.grant(local_admin(), made, role, kind, number)
        return made

    def actor(self, name: str, role: str, kind: str, number: int) -> Actor:
        return actor_for(self.account(name, role, kind, number))

    def city_office(self, name: str = "city") -> Actor:
        found = User.objects.filter(username=name).first()
        return actor_for(found) if found else self.actor(name, "headquarters", "area", self.city.area_id)

    def department(self, name: str = "teacher") -> Actor:
        """Somebody of the county's department of education, by a grant over the organisation."""
        found = User.objects.filter(username=name).first()
        return actor_for(found) if found else self.actor(name, "department", "organisation", self.education)

    def inspector(self, name: str = "inspector") -> Actor:
        found = User.objects.filter(username=name).first()
        return actor_for(found) if found else self.actor(name, "inspector", "area", self.city.area_id)

    def draft(self, **more: Any) -> Draft:
        values: dict[str, Any] = {
            "kind": "problem", "title": "三名学生未在校", "area_id": self.county.area_id, "issuer_id": self.issuer,
            "holder_id": self.education, "source": "audit", "category": "compulsory_education",
        }  # fmt: skip
        return Draft(**(values | more))

    def issued(self, now: datetime.datetime, limit: datetime.date | None = None, **more: Any) -> Matter:
        """A matter of the city's office, issued to the county's department."""
        [row] = services.draft(self.city_office(), [self.draft(**more)], now)
        [row] = services.act(self.city_office(), "issue", [row.pk], Given(limit=limit), now)
        return row

    def act(self, actor: Actor, name: str, row: Matter, now: datetime.datetime, **given: Any) -> Matter:
        [row] = services.act(actor, name, [row.pk], Given(**given), now)
        return row
