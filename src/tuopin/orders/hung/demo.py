"""The demo city's signs: one that hangs over a township with weeks done, missing and waiting, one that came off."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.supervision import last_working_day, monday_of
from tuopin.duties.models import OrganisationVersion, Term
from tuopin.platform import working_days
from tuopin.platform.access import system
from tuopin.platform.problems import Problem
from tuopin.register.demo.areas import FIRST_COUNTY
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import subtree

from ..models import HungSign
from . import items, services
from .items import Asked
from .measuring import Criterion

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

_WEEKS = 5
_ASKED = ("逾期问题逐件报送进展", "本周销号问题附佐证清单")


def fill(actor: Actor) -> None:
    """Once, and only where there is the demo city with its offices and somebody who may supervise."""
    county = AreaVersion.objects.filter(code=FIRST_COUNTY, valid_to=None).first()
    if county is None or HungSign.objects.exists():
        return
    office = OrganisationVersion.objects.filter(
        area_id=county.area_id, kind="leading_group_office", valid_to=None
    ).first()
    low, high = subtree(county)
    towns = AreaVersion.objects.filter(path__gte=low, path__lt=high, level="township", valid_to=None).order_by("code")
    holders = OrganisationVersion.objects.filter(
        area_id__in=towns.values("area_id"), kind__in=("government", "party_committee"), valid_to=None
    )
    holder = holders.order_by("organisation_id").first()
    above = Term.objects.filter(
        valid_to=None, post__organisation__versions__area_id=county.area_id, post__organisation__versions__valid_to=None
    ).order_by("pk")
    if office is None or holder is None:
        return
    now = timezone.now()
    criteria = (Criterion("late", 0), Criterion("share", 90), Criterion("weeks", 4), Criterion("unmet", 0))
    for people in above.values_list("official_id", flat=True)[:20]:
        wanted = services.Wanted(
            holder.area_id, office.organisation_id, people, "问题整改进度慢，挂牌督战",
            "逾期问题多，整改进度低于全县平均。", criteria, holder_id=holder.organisation_id,
        )  # fmt: skip
        try:
            row = services.hang(actor, wanted, _morning(monday_of(timezone.localdate(now)), weeks=_WEEKS))
        except Problem:  # one who handles a problem there does not supervise
            continue
        _weeks(actor, row, now)
        ended = services.Wanted(
            holder.area_id, office.organisation_id, people, "审计发现问题挂牌督战", "审计问题集中。",
            (Criterion("late", 0),), "group", holder.organisation_id, source="audit",
        )  # fmt: skip
        other = services.hang(actor, ended, _morning(timezone.localdate(now), weeks=9))
        services.take_off(actor, other.pk, "已转为整改台账日常督办，逾期的继续催办。", now - timedelta(days=2))
        return


def _weeks(actor: Actor, row: HungSign, now: datetime) -> None:
    """The first weeks answered and accepted, one forgotten, one waiting to be checked, this one under way."""
    today, calendar = timezone.localdate(now), working_days.calendar()
    for at in range(_WEEKS, -1, -1):
        monday = monday_of(today) - timedelta(weeks=at)
        due = last_working_day(monday, calendar)
        if due is None or at == 2:  # one week in which nobody asked
            continue
        begun = _morning(monday)
        asked = items.ask(actor, row.pk, [Asked(words, due) for words in _ASKED], min(begun, now))
        for number, item in enumerate(asked):
            if at == 0 or (at == 3 and number):
                continue
            answered = min(begun + timedelta(days=3), now)
            items.answer(system(), item.pk, "已逐件核对，清单附后。", answered, reference="镇扶贫站档案盒")
            if at > 1:
                items.check(actor, item.pk, accepted=True, words="属实。", now=answered, reference="督战人签字件")


def _morning(day: date, *, weeks: int = 0) -> datetime:
    return datetime.combine(day - timedelta(weeks=weeks), time(9), timezone.get_current_timezone())
