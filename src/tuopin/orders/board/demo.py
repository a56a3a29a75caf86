"""The demo city's matters: sixty problems in every state, some late, and two directives to several units."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.duties.models import OrganisationVersion, Term
from tuopin.platform import working_days
from tuopin.platform.access import local_admin, system
from tuopin.register.demo.areas import FIRST_COUNTY, FIRST_TOWNSHIP
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.selectors import household_ids_within, subtree

from .. import services
from ..changes import Given
from ..models import Matter
from ..services import Draft, SubjectRef
from . import drafting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor

PROBLEMS = 60
_FOUND = (
    ("compulsory_education", "audit", "脱贫户子女入学信息未核对", "逐人核对学籍与资助，附核对表"),
    ("housing", "sweep", "危房改造后未及时验收", "组织验收，附验收表"),
    ("water", "unannounced", "部分村民组供水时段不足", "检修管网，附供水记录"),
    ("basic_medical", "data_check", "参保缴费状态与系统不一致", "与医保部门逐户比对"),
    ("policies", "provincial_inspection", "惠农补贴公示不规范", "补齐公示，附照片"),
    ("data", "data_check", "户档信息前后不一致", "入户核实后更正"),
    ("duties", "unannounced", "帮扶责任人走访记录不全", "补齐走访，附记录"),
    ("industry", "assessment", "产业分红台账不完整", "补齐台账和到户凭证"),
    ("funds", "audit", "项目资金拨付进度偏慢", "按进度拨付，说明原因"),
    ("income", "visit", "有务工意愿的劳动力尚未对接岗位", "对接岗位，附名单"),
)
_WAYS: Sequence[tuple[int, tuple[str, ...]]] = (  # days ago, acts after drafting
    (2, ()),
    (1, ("issue",)),
    (3, ("issue", "receive")),
    (34, ("issue", "receive", "start")),
    (45, ("issue",)),
    (60, ("issue", "receive", "start")),
    (20, ("issue", "receive", "start", "done")),
    (25, ("issue", "receive", "start", "done", "verify")),
    (12, ("issue", "receive", "ask_extension")),
    (40, ("issue", "receive", "start", "done", "verify", "close")),
    (19, ("issue", "receive", "start")),
    (60, ("issue", "receive", "start", "done", "verify", "close", "look_back")),
    (30, ("issue", "receive", "start", "done", "return")),
    (9, ("issue", "withdraw")),
    (14, ("issue", "receive", "start", "progress")),
)
_NOTES = {
    "done": "已按要求办理完毕，材料附后。",
    "verify": "逐项核对，属实。",
    "look_back": "再次抽查，未反弹。",
    "ask_extension": "涉及多个部门，需要延长。",
    "return": "材料不全，请补充后再报。",
    "withdraw": "与另一件重复。",
    "progress": "已完成大半，正在扫尾。",
}


def fill(actor: Actor) -> None:
    """Once, and only where there is the demo city with its offices."""
    county = AreaVersion.objects.filter(code=FIRST_COUNTY, valid_to=None).first()
    township = AreaVersion.objects.filter(code=FIRST_TOWNSHIP, valid_to=None).first()
    if county is None or township is None or Matter.objects.exists():
        return
    low, high = subtree(county)
    inside = AreaVersion.objects.filter(path__gte=low, path__lt=high, valid_to=None).values("area_id")
    offices = list(OrganisationVersion.objects.filter(valid_to=None, area_id__in=inside).order_by("organisation_id"))
    issuer = next((each.organisation_id for each in offices if each.kind == "leading_group_office"), None)
    holders = [each.organisation_id for each in offices if each.kind in {"party_committee", "government", "department"}]
    if issuer is None or not holders:
        return
    people = dict(
        Term.objects.filter(valid_to=None, post__organisation_id__in=holders)
        .order_by("-pk")
        .values_list("post__organisation_id", "official_id")
    )
    _problems(actor, township, issuer, holders, people)
    _directives(actor, county, issuer, holders, people)


def _problems(actor: Actor, township: AreaVersion, issuer: int, holders: Sequence[int], people: dict[int, int]) -> None:
    now = timezone.now()
    homes = household_ids_within([subtree(township)])
    rows = Residence.objects.filter(household_id__in=homes, valid_to=None).order_by("household__code")
    lived = list(rows.values_list("household_id", "area_id")[: PROBLEMS // 2])
    for at in range(PROBLEMS):
        category, source, title, measure = _FOUND[at % len(_FOUND)]
        holder = holders[at % len(holders)]
        subjects: tuple[SubjectRef, ...] = ()
        area = township.area_id
        if at % 2 and at // 2 < len(lived):
            household, area = lived[at // 2]
            subjects = (SubjectRef("household", household),)
        draft = Draft(
            "problem", title, area, "urgent" if at % 7 == 0 else "ordinary", source, category, f"{at + 1}",
            issuer, holder, people.get(holder), text=f"{title}，请{measure.split('，')[0]}。", demand="佐证材料",
            measure=measure, subjects=subjects,
        )  # fmt: skip
        days, ways = _WAYS[at % len(_WAYS)]
        moment = _morning(now, days + at // len(_WAYS))
        [row] = services.draft(actor, [draft], moment)
        for step, act in enumerate(ways):
            _step(row, act, min(moment + timedelta(days=step, minutes=at), now))


def _step(row: Matter, act: str, at: datetime) -> None:
    """Who checks is another one than who handled it: the system stands for the unit."""
    who = system() if act in {"receive", "start", "progress", "done", "ask_extension"} else local_admin()
    given = Given(note=_NOTES.get(act, ""), reference="单位档案" if act == "done" else "")
    if act == "ask_extension" and row.limit_at is not None:
        given = Given(
            note=given.note, limit=working_days.calendar().after(timezone.localdate(at) + timedelta(days=40), 1).day
        )
    [done] = services.act(who, act, [row.pk], given, at)
    row.limit_at = done.limit_at


def _directives(actor: Actor, county: AreaVersion, issuer: int, holders: Sequence[int], people: dict[int, int]) -> None:
    now = timezone.now()
    for at, (title, days) in enumerate((("开展“两不愁三保障”问题大排查", 4), ("报送问题整改进展", 30))):
        base = Draft(
            "directive", title, county.area_id, source="leading_group", category="policies", issuer_id=issuer,
            text=f"请各单位{title}，按时限报结并附材料。", basis="领导小组会议纪要", demand="书面报告",
        )  # fmt: skip
        some = [(each, people.get(each)) for each in holders[at * 2 : at * 2 + 4]]
        drafting.draft(actor, base, some, _morning(now, days), issue=True)


def _morning(now: datetime, days: int) -> datetime:
    day = timezone.localdate(now) - timedelta(days=days)
    return datetime.combine(day, time(9), timezone.get_current_timezone())
