"""What hangs over a township of a county: a sign with an item that was answered, and one that is owed."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.supervision import last_working_day, monday_of
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.orders.hung import items, services
from tuopin.orders.hung.items import Asked
from tuopin.orders.hung.measuring import Criterion
from tuopin.platform import working_days
from tuopin.platform.access import actor_for, local_admin, system
from walk.following import DAY, paper, village_of

if TYPE_CHECKING:
    from tuopin.platform.models import User
    from tuopin.register.models import AreaVersion


def sign(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """Hung by the county, answered by the township."""
    actor, now, town = actor_for(user), timezone.now(), village_of(household).parent_id
    assert town is not None
    office = organisations.found_organisation(
        actor, f"{mark}督战办", "leading_group_office", area_id=area.area_id, day=DAY
    )
    holder = organisations.found_organisation(actor, f"{mark}镇政府", "government", area_id=town, day=DAY)
    [who] = officials.add_officials(local_admin(), [(f"{mark}督战人", "", "")], area_id=area.area_id, day=DAY)
    post = organisations.add_post(local_admin(), office, f"{mark}主任", day=DAY, level="county", authority="city")
    officials.appoint(local_admin(), who, post, day=DAY)
    wanted = services.Wanted(
        town, office, who, f"{mark}挂牌", f"{mark}理由", (Criterion("late"), Criterion("unmet")), holder_id=holder
    )
    row = services.hang(actor, wanted, now)
    monday = monday_of(timezone.localdate(now)) + datetime.timedelta(weeks=1)
    days = (last_working_day(monday + datetime.timedelta(weeks=at), working_days.calendar()) for at in range(9))
    due = next(day for day in days if day is not None)
    asked = items.ask(actor, row.pk, [Asked(f"{mark}清单{at}", due) for at in range(2)], now)
    items.answer(system(), asked[0].pk, f"{mark}答复", now, papers=(paper(mark, "督战佐证"),))
