"""Two counties of a city, each with a village and six households, for the tests of duties."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from tuopin.platform.access import Actor, actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.register.models import Area, AreaVersion, Household, Residence

if TYPE_CHECKING:
    from tuopin.platform.models import User

ALWAYS = datetime.date(1900, 1, 1)
PASSWORD = "korrekt-pferd-batterie"


def area(level: str, code: str, parent: AreaVersion | None = None) -> AreaVersion:
    made = Area.objects.create()
    return AreaVersion.objects.create(
        area=made, code=code, name=code, level=level, parent=parent.area if parent else None,
        path=(parent.path if parent else "") + f"{made.pk:08d}", valid_from=ALWAYS,
    )  # fmt: skip


class Place:
    """``here`` and ``there``: the households of the county and of the other one."""

    def __init__(self) -> None:
        self.city = area("city", "411400000000")
        self.county = area("county", "411423000000", self.city)
        self.other = area("county", "411424000000", self.city)
        self.village = area("village", "411423100201", area("township", "411423100000", self.county))
        self.away = area("village", "411424100201", area("township", "411424100000", self.other))
        self.here = self._households(self.village)
        self.there = self._households(self.away)

    def _households(self, village: AreaVersion) -> list[Household]:
        made = [Household.objects.create(code=f"{village.code}{at:04d}") for at in range(6)]
        for each in made:
            Residence.objects.create(household=each, area=village.area, valid_from=datetime.date(2014, 1, 1))
        return made

    def clerk(self, role: str = "county") -> Actor:
        """Somebody of the county office, with the permissions of a role over the county."""
        return actor_for(self.user(role))

    def user(self, role: str = "county") -> User:
        made = accounts.add_user(local_admin(), f"{role}-clerk", PASSWORD, must_change=False)[0]
        accounts.grant(local_admin(), made, role, "area", self.county.area_id)
        return made
