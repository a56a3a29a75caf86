"""The demo city's headquarters: the 14 with their leaders, plans of the year with steps and progress, opinions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.register.demo import areas as demo
from tuopin.register.models import AreaVersion

from ..assigning import services as assigning
from ..models import Organisation, OrganisationVersion
from ..officials import services as officials
from ..organisations import services as organisations
from . import opinions, selectors, services
from .fields import fields
from .models import HeadquartersDetail, PlanStep
from .opinions import Asked
from .services import Draft, Progress, Wanted

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

FROM = date(2018, 1, 2)
_LEADERS = (
    "周正国", "吴启明", "郑海涛", "冯立新", "陈向东", "褚文斌", "卫国强",
    "蒋春生", "沈志远", "韩晓峰", "杨树林", "朱建平", "秦永安", "尤学军",
)  # fmt: skip
_DEPUTIES = (
    "许成林", "何永康", "吕少华", "施明远", "张广才", "孔德胜", "曹玉山",
    "严正平", "华振兴", "金世昌", "魏长河", "陶维民", "姜子安", "戚伯年",
)  # fmt: skip
_STEPS = (
    ("调查摸底，建立台账", 0, 60, "台账", "覆盖全部贫困村"),
    ("制定年度实施方案", 30, 90, "方案", ""),
    ("分解任务，落实到县", 80, 140, "任务分解表", "各县签收"),
    ("组织实施", 120, 300, "月报", "任务完成率 100%"),
    ("中期检查，补齐短板", 180, 230, "检查报告", "问题整改率 100%"),
    ("验收总结", 300, 355, "验收报告", ""),
)
_PLANNED = 8
"""So many of the 14 have a plan: the others show what is missing."""
_DEPARTMENTS = ("教育局", "卫生健康委", "住房和城乡建设局", "水利局", "农业农村局")


def fill(actor: Actor) -> None:
    """Once, and only where there is the demo city."""
    city = AreaVersion.objects.filter(code=demo.CITY_CODE, valid_to=None).first()
    if city is None or HeadquartersDetail.objects.exists():
        return
    made = services.take_over(actor, city, list(fields()), FROM)
    leads = [_department(actor, f"市{each.lead}", city.area_id) for each in fields().values()]
    commanders = officials.add_officials(
        actor, [(name, "示范市委", "") for name in _LEADERS], area_id=city.area_id, day=FROM
    )
    deputies = officials.add_officials(
        actor, [(name, f"市{each.lead}", "") for name, each in zip(_DEPUTIES, fields().values(), strict=True)],
        area_id=city.area_id, day=FROM,
    )  # fmt: skip
    for key, field, lead in zip(made, fields(), leads, strict=True):
        services.describe(actor, key, field=field, lead_id=lead, day=FROM)
    assigning.begin(actor, dict(zip(made[:-1], commanders[:-1], strict=True)), role="commander", day=FROM)
    assigning.begin(actor, dict(zip(made, deputies, strict=True)), role="acting_deputy", day=FROM)
    for at, key in enumerate(made[:_PLANNED]):
        _plan(actor, key, at, deputies[at], leads[at])
    _opinions(actor, city, made)


def _department(actor: Actor, name: str, area_id: int) -> int:
    """The department of that name; a new one where another part of the demo has not founded it."""
    rows = OrganisationVersion.objects.filter(area_id=area_id, name=name, valid_to=None)
    known = rows.values_list("organisation_id", flat=True).first()
    if known is not None:
        return Organisation.objects.get(pk=known).pk
    return organisations.found_organisation(actor, name, "department", area_id=area_id, day=FROM)


def _plan(actor: Actor, key: int, at: int, who: int, lead: int) -> None:
    """This year's plan, later ones the later; of every other one a second version that slipped; progress so far."""
    today = timezone.localdate()
    begin = date(today.year, 1, 1) + timedelta(days=3 * at)

    def steps(slip: int, numbered: bool) -> tuple[Wanted, ...]:
        return tuple(
            Wanted(
                title, begin + timedelta(days=first + slip * (place > 2)),
                begin + timedelta(days=last + slip * (place > 1)), number=place if numbered else None,
                official_id=None if (at, place) == (3, 5) else who, organisation_id=lead,
                after=(place - 1,) if place > 1 else (), deliverable=deliverable, goal=goal,
            )
            for place, (title, first, last, deliverable, goal) in enumerate(_STEPS, 1)
        )  # fmt: skip

    document = f"示扶指〔{today.year}〕{at + 1}号"
    draft = Draft(key, "year", today.year, steps(0, numbered=False), document=document)
    plan = services.keep_plan(actor, draft)
    if at % 2:
        again = Draft(
            key, "year", today.year, steps(20 + at, numbered=True), seen=1, document=document, reason="汛期影响，顺延"
        )
        plan = services.keep_plan(actor, again)
    reports = []
    for step in PlanStep.objects.filter(plan=plan).order_by("number"):
        if step.begins >= today:
            continue
        done = step.ends + timedelta(days=at) <= today and (step.number + at) % 5
        day = min(step.ends + timedelta(days=at), today) if done else min(step.begins + timedelta(days=20), today)
        note = "已完成" if done else "正在推进"
        reference = f"档案 {at + 1}-{step.number}" if done else ""
        reports.append(Progress(step.pk, day, 100 if done else 40, note, reference=reference))
    if reports:
        services.report(actor, reports)


def _opinions(actor: Actor, city: AreaVersion, made: list[int]) -> None:
    """Two headquarters ask five departments of each county; most have answered."""
    counties = list(AreaVersion.objects.filter(parent_id=city.area_id, level="county", valid_to=None).order_by("code"))
    today = timezone.localdate()
    for key in made[:2]:
        wanted = [Asked(key, county.area_id, name) for county in counties for name in _DEPARTMENTS]
        opinions.ask(actor, wanted, due=date(today.year, 3, 31))
    opinions.ask(actor, [Asked(made[0], counties[0].area_id, "水利局")], required=False)
    rows = selectors.opinions(actor).filter(required=True).order_by("pk")
    for at, row in enumerate(rows):
        if at % 4:
            number = f"示县〔{today.year}〕{at}号"
            opinions.issue(actor, row.pk, day=min(date(today.year, 3, 1), today), document=number, reference="县档案室")
