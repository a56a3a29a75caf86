"""Help plans of the demo's first township: most signed, some refused or not asked yet, some late."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tuopin.platform.database import write
from tuopin.register import selectors as register
from tuopin.register.codes import code_list
from tuopin.register.demo.areas import FIRST_TOWNSHIP
from tuopin.register.demo.streams import DAY
from tuopin.register.models import HouseholdCard

from .models import HelpPlan, PlannedMeasure
from .progress import HELPED
from .services import Done, Draft, Wanted, answer, keep, record_done

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

MOST = 300
_YEAR = DAY.year
_MEASURES = (
    Wanted("industry", "发展食用菌种植一棚，统一供种、统一回收", "乡农业服务中心", date(_YEAR, 9, 30), cost=600_000,
           fund="中央财政专项扶贫资金", business=450_000, mends=("income",)),
    Wanted("work", "推荐到扶贫车间务工", "乡就业服务站", date(_YEAR, 6, 30), wage=960_000),
    Wanted("public_post", "安排村级保洁员岗位", "村委会", date(_YEAR, 3, 31), cost=480_000, wage=480_000),
    Wanted("housing", "维修屋面和墙体", "县住建局", date(_YEAR, 10, 31), cost=1_200_000, fund="危房改造补助"),
    Wanted("education", "落实雨露计划补助", "县扶贫办", date(_YEAR, 12, 20), policy="vocational_grant", cost=300_000),
    Wanted("health", "家庭医生签约，慢病随访", "乡卫生院", date(_YEAR, 5, 31), policy="family_doctor"),
    Wanted("home", "改厕改厨", "乡政府", date(_YEAR, 12, 31), cost=200_000),
)  # fmt: skip


def fill(actor: Actor) -> None:
    """Plans by the services, in four acts; nothing where there is one already."""
    with write():  # whole or not at all: what is half there would never be made up for
        _fill(actor)


def _fill(actor: Actor) -> None:
    township = register.area_id_of(FIRST_TOWNSHIP)
    if HelpPlan.objects.exists() or township is None:
        return
    version = register.area(actor, FIRST_TOWNSHIP)
    low, high = register.subtree(version)
    here = HouseholdCard.objects.filter(path__gte=low, path__lt=high, registration__in=HELPED).order_by("code")
    causes = [code for code, _title in code_list("cause")]
    drafts = [
        Draft(key, _YEAR, (causes[at % len(causes)],), _chosen(at))
        for at, key in enumerate(here.values_list("household_id", flat=True)[:MOST])
    ]
    if not drafts:
        return
    plans = keep(actor, drafts)
    signed = [plan for at, plan in enumerate(plans) if at % 10 < 8]
    answer(actor, [plan.pk for plan in signed], "signed", date(_YEAR, 2, 10), reference="村部档案柜")
    refusing = [plan.pk for at, plan in enumerate(plans) if at % 40 == 9]
    if refusing:
        answer(actor, refusing, "refused", date(_YEAR, 2, 12), note="不愿参加合作社，想自己养羊")
    measures = PlannedMeasure.objects.filter(plan__in=signed, due__lte=DAY).order_by("pk")
    done = [
        Done(each.pk, min(each.due, DAY), each.cost, f"落实单 {each.pk}", "已见效" if at % 3 else "")
        for at, each in enumerate(measures)
        if at % 5
    ]
    if done:
        record_done(actor, done)


def _chosen(at: int) -> tuple[Wanted, ...]:
    """Two or three measures, by the place in the list."""
    first = at % len(_MEASURES)
    picked = {first, (first + 1) % len(_MEASURES), (first + 3) % len(_MEASURES)} if at % 2 else {first, (first + 2) % 7}
    return tuple(_MEASURES[number] for number in sorted(picked))
