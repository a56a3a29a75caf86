"""A city with a headquarters, somebody who leads it, and a plan, for tests of headquarters and commitments."""

from __future__ import annotations

import datetime

from officials import assigned
from people import account, signed_in
from rooms.duties.place import Place
from tuopin.duties.headquarters import services
from tuopin.duties.headquarters.services import Draft, Wanted
from tuopin.duties.officials import services as officials
from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.models import User
from tuopin.register import cards

TODAY = datetime.date(2018, 6, 15)
DAY = datetime.date


class City(Place):
    """``office``: the city's headquarters for industry, since 2018-01-01; ``leader`` commands it."""

    def __init__(self) -> None:
        super().__init__()
        cards.refresh_all()
        [self.office] = services.take_over(local_admin(), self.city, ["industry"], DAY(2018, 1, 1))
        self.leader = assigned(
            "王建国", "市政府", role="commander", organisation_id=self.office, valid_from=DAY(2018, 1, 1)
        ).official_id

    def headquarters(self) -> Actor:
        return actor_for(self.of_city())

    def of_city(self) -> User:
        found = User.objects.filter(username="city-office").first()
        return found or account("city-office", "headquarters", self.city.code)

    def client(self):  # type: ignore[no-untyped-def]
        return signed_in(self.of_city())

    def official(self, name: str = "张伟", unit: str = "市农业农村局") -> int:
        return officials.add_officials(local_admin(), [(name, unit, "")], area_id=self.city.area_id, day=TODAY)[0]

    def draft(self, *steps: Wanted, **more: object) -> Draft:
        given = steps or (
            Wanted("调查摸底", DAY(2018, 1, 1), DAY(2018, 3, 31), official_id=self.leader, deliverable="摸底报告"),
            Wanted("建设产业基地", DAY(2018, 4, 1), DAY(2018, 10, 31), after=(1,), goal="基地 20 个"),
        )
        values: dict[str, object] = {"organisation_id": self.office, "kind": "year", "year": 2018, "steps": given}
        return Draft(**(values | more))  # type: ignore[arg-type]
