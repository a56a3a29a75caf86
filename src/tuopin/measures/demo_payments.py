"""Payment lists of the demo's first county, and the comparison of entitled with received over it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from tuopin.platform.home import home
from tuopin.register import selectors as register
from tuopin.register.correcting.subjects import listed
from tuopin.register.demo.areas import FIRST_COUNTY
from tuopin.register.demo.streams import DAY
from tuopin.register.importing.services import import_paths
from tuopin.register.models import HouseholdCard, HouseholdLiving, PersonCard, PersonCondition

from .models import GapRun, Payment
from .services import work_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor

_HEAD = ("户编号", "领取人", "补贴项目", "发放金额（元）", "发放日期", "文件依据", "发放单位")
MOST = 600
"""Lines of a policy."""


def fill(actor: Actor) -> None:
    """A list through the importer, then the comparison; nothing where there are payments already."""
    if Payment.objects.exists() or register.area_id_of(FIRST_COUNTY) is None:
        return
    rows = list(_rows(actor))
    if not rows:
        return
    path = home() / "demo" / "补贴发放名单.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([["补贴发放名单"], [f"截至日期：{DAY}"], _HEAD])
        writer.writerows(rows)
    import_paths(actor, [path])
    if not GapRun.objects.exists():
        work_out(actor, day=DAY, area=FIRST_COUNTY)


def _rows(actor: Actor) -> Iterator[tuple[str, ...]]:
    """Most of those who should have something, and a few who should not."""
    low, high = register.subtree(register.area(actor, FIRST_COUNTY))
    cards = HouseholdCard.objects.filter(path__gte=low, path__lt=high)
    paid = f"{DAY.year}-11-10"
    poor = cards.filter(category="low_income").order_by("code").values_list("code", flat=True)
    for at, code in enumerate(poor[:MOST]):
        if at % 7:
            yield (code, "", "低保金", "480.00", paid, f"民政〔{DAY.year}〕11号", "县民政局")
    unsafe = HouseholdLiving.objects.filter(
        dangerous_house=True, superseded_at=None, household__card__path__gte=low, household__card__path__lt=high
    ).order_by("household__code")
    for at, code in enumerate(unsafe.values_list("household__code", flat=True)[:MOST]):
        if at % 4:
            yield (code, "", "危房改造", "12000.00", paid, f"建〔{DAY.year}〕7号", "县住建局")
    posts = PersonCondition.objects.exclude(public_post="").filter(
        superseded_at=None, person__card__path__gte=low, person__card__path__lt=high
    )
    people = dict(
        PersonCard.objects.filter(pk__in=listed(posts.values_list("person_id", flat=True)[:MOST])).values_list(
            "household_id", "name"
        )
    )
    codes = dict(HouseholdCard.objects.filter(pk__in=listed(people)).values_list("pk", "code"))
    for at, (household, name) in enumerate(sorted(people.items())):
        if at % 6:
            yield (codes[household], name, "公益岗位补贴", "500.00", paid, f"人社〔{DAY.year}〕3号", "县人社局")
