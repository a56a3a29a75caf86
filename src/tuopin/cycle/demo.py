"""The demo city’s findings that became matters: of the exit standard, of visits and incidents in one township; one of
them a measure of a help plan, one that somebody has mended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.duties.models import OrganisationVersion
from tuopin.duties.visits import troubles
from tuopin.duties.visits.models import VisitProblem
from tuopin.measures.plans.services import Wanted
from tuopin.orders.models import MatterSubject
from tuopin.platform.problems import Problem
from tuopin.register.demo.areas import FIRST_COUNTY, FIRST_TOWNSHIP
from tuopin.register.models import AreaVersion, Household

from . import planning, selectors, services
from .models import Opening

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

WANTED = frozenset({
    ("household_exit", "not_met"), ("housing", "visit"), ("income", "visit"), ("water", "visit"),
    ("disaster", "incident"), ("market", "incident"), ("job_lost", "incident"), ("income", "incident"),
})  # fmt: skip


def openings(actor: Actor) -> None:
    """Once, and only where the demo city has its offices and was evaluated."""
    area = AreaVersion.objects.filter(code=FIRST_TOWNSHIP, valid_to=None).first()
    county = AreaVersion.objects.filter(code=FIRST_COUNTY, valid_to=None).first()
    if area is None or county is None or Opening.objects.exists():
        return
    offices = OrganisationVersion.objects.filter(valid_to=None, area_id=county.area_id, kind="leading_group_office")
    issuer = offices.values_list("organisation_id", flat=True).first()
    offered = {(each.standard, each.origin.key) for each in selectors.offers(actor, area)}
    if issuer is None or not offered & WANTED:
        return
    now = timezone.now()
    services.choose(actor, area, offered & WANTED, issuer, now)
    services.run(actor, area, now)
    _planned(actor)
    _mended(actor)
    services.run(actor, area, now)


def _planned(actor: Actor) -> None:
    """The first problem about income becomes a measure."""
    found = MatterSubject.objects.filter(origin="visit", standard="income", household__isnull=False).order_by("pk")
    row = found.filter(matter__state__in=planning.OPEN).first()
    if row is None:
        return
    code = Household.objects.values_list("code", flat=True).get(pk=row.household_id or 0)
    today = timezone.localdate()
    due = min(today + timedelta(days=60), today.replace(month=12, day=31))
    wanted = Wanted("public_post", "安排村保洁公益岗位", "镇人民政府", due)
    try:
        planning.put(actor, row.matter_id, code, wanted, timezone.now())
    except Problem:  # the household’s plan of the year is not one to go on from
        return


def _mended(actor: Actor) -> None:
    """The first problem of water was mended: its matter is proposed to be verified and closed."""
    opened = MatterSubject.objects.filter(origin="visit", standard="water").values("household_id")
    row = VisitProblem.objects.filter(sort="water", settled_at=None, household__in=opened).order_by("pk").first()
    if row is not None:
        troubles.settle(actor, [row.pk], day=timezone.localdate(), note="已修好水泵，全天供水")


JUDGED_FILLS = (openings,)
