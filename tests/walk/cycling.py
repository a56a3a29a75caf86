"""What the cycle opened in a county: matters of what a visit found and of an incident; one that became a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import CharField, F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from console_city import DAY
from tuopin.cycle import planning
from tuopin.cycle import services as cycle
from tuopin.duties.organisations import services as organisations
from tuopin.measures.plans.services import Wanted
from tuopin.orders.models import Matter, MatterSubject
from tuopin.platform.access import actor_for

if TYPE_CHECKING:
    from tuopin.platform.models import User
    from tuopin.register.models import AreaVersion


def opened(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """The problem of the household that a visit found, and its incident, while both are open. Their titles are the same
    everywhere, so that they get the mark."""
    actor, now = actor_for(user), timezone.now()
    issuer = organisations.found_organisation(
        actor, f"{mark}交办", "leading_group_office", area_id=area.area_id, day=DAY
    )
    cycle.choose(actor, area, [("water", "visit"), ("disaster", "incident")], issuer, now)
    cycle.run(actor, area, now)
    own = MatterSubject.objects.filter(household__code=household, origin__in=["visit", "incident"])
    assert set(own.values_list("origin", flat=True)) == {"visit", "incident"}
    marked = Concat(Value(mark), F("title"), output_field=CharField())
    Matter.objects.filter(pk__in=own.values("matter_id")).update(title=marked)


def planned(user: User, household: str, mark: str) -> None:
    """The newest matter about the household that may become a measure of its plan does."""
    rows = Matter.objects.filter(subjects__household__code=household, state__in=planning.OPEN)
    wanted = Wanted("industry", f"{mark}入计划", f"{mark}承办局", timezone.localdate())
    planning.put(actor_for(user), rows.latest("pk").pk, household, wanted, timezone.now())
