"""A petition that a county's petition office takes in and passes on; all it says bears the mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.duties.organisations import services as organisations
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.papers import numbers
from tuopin.orders.petitions import letters
from tuopin.orders.petitions.models import PetitionList
from tuopin.orders.petitions.sealed import Who
from tuopin.orders.petitions.services import Intake, take_in
from tuopin.platform.access import actor_for, local_admin

if TYPE_CHECKING:
    from tuopin.platform.models import User
    from tuopin.register.models import AreaVersion


def petition(office: User, area: AreaVersion, household: str, mark: str) -> int:
    """Accepted, about one of the county's units, with a household that the person chose to name: its number."""
    actor, now = actor_for(office), timezone.now()
    day = timezone.localdate(now)
    about, holder = (
        organisations.found_organisation(local_admin(), f"{mark}{name}", "department", area_id=area.area_id, day=day)
        for name in ("民政局", "信访承办局")
    )
    who = Who(f"{mark}来访人", "0000-1234567", address=f"{mark}地址", words=f"{mark}原话")
    given = Intake("visit", day, area.area_id, f"{mark}信访", f"{mark}转述", "policies", about, None, household, True,
                   sure=True, who=who)  # fmt: skip
    row = take_in(actor, given, now)
    services.act(actor, "accept", [row.pk], Given(f"{mark}受理", holder_id=holder), now)
    word = numbers.add_word(actor, holder, f"{mark}信")
    letters.issue(actor, row.pk, letters.Written("accepted", f"{mark}告知", word.pk, day), now)
    PetitionList.objects.create(  # as if the office had taken a list of the hotline in
        at=now, user_id=office.pk, actor=f"{mark}窗口", taken=1, known=0, refused=0
    )
    return row.pk
