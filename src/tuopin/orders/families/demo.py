"""The demo city's inspection: twelve aspects with fifty-eight problems, some of them done; what is asked of other
places like them; two closings with one paper."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.duties.models import OrganisationVersion
from tuopin.platform import evidence
from tuopin.platform.access import local_admin, system
from tuopin.register.demo.areas import FIRST_COUNTY
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import subtree
from tuopin.standards import asking
from tuopin.standards.evaluating import default_day
from tuopin.standards.places import Place

from .. import services
from ..alike import answering
from ..alike import services as alike
from ..changes import Given
from ..models import AlikeQuestion, Matter
from ..services import Draft
from .services import Part, open_family

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

TITLE = "省委巡视反馈问题整改"
_ASPECTS = (
    "政治站位和责任落实", "精准识别与动态管理", "义务教育保障", "基本医疗保障", "住房安全保障", "饮水安全保障",
    "产业扶贫", "就业扶贫", "易地搬迁后续扶持", "资金使用和项目管理", "驻村帮扶", "作风建设",
)  # fmt: skip
_FAULTS = ("台账不全", "进度偏慢", "公示不规范", "政策宣传不到位", "督促检查不够")
_PAPER = b"%PDF-1.4\n% the same report twice\n"
PROBLEMS = 58


def fill(actor: Actor) -> None:
    """Once, and only where there is the demo city with its offices."""
    county = AreaVersion.objects.filter(code=FIRST_COUNTY, valid_to=None).first()
    if county is None or AlikeQuestion.objects.exists() or not Matter.objects.exists():
        return
    low, high = subtree(county)
    inside = AreaVersion.objects.filter(path__gte=low, path__lt=high, valid_to=None).values("area_id")
    offices = OrganisationVersion.objects.filter(valid_to=None, area_id__in=inside).order_by("organisation_id")
    issuers = [each.organisation_id for each in offices if each.kind == "leading_group_office"]
    holders = [each.organisation_id for each in offices if each.kind in {"party_committee", "government", "department"}]
    if not issuers or not holders:
        return
    now = timezone.now() - timedelta(days=30)
    _inspection(actor, county, issuers[0], holders, now)
    _alike(actor, county, issuers[0])


def _inspection(actor: Actor, county: AreaVersion, issuer: int, holders: Sequence[int], now: datetime) -> None:
    parts = []
    for at, aspect in enumerate(_ASPECTS):
        share = PROBLEMS // len(_ASPECTS) + (at < PROBLEMS % len(_ASPECTS))
        below = tuple(Part(f"{aspect}：{_FAULTS[one % len(_FAULTS)]}") for one in range(share))
        parts.append(Part(aspect, holders[at % len(holders)], parts=below))
    whole = Draft(
        "problem", TITLE, county.area_id, source="provincial_inspection", category="policies", issuer_id=issuer,
        basis="省委第三巡视组反馈意见", text="逐条整改，按时限报结。",
    )  # fmt: skip
    top = open_family(actor, whole, parts, now, issue=True)
    rows = list(Matter.objects.filter(parent__parent=top).order_by("pk"))
    kept = evidence.keep_bytes(_PAPER, "整改报告.pdf")
    for at, row in enumerate(rows[:24]):
        for step, act in enumerate(("receive", "start", "done", "verify", "close")[: at % 6]):
            who = system() if act in {"receive", "start", "done"} else local_admin()
            note = "已整改，材料附后。" if act == "done" else "核对属实。" if act == "verify" else ""
            papers = (kept,) if act == "done" and at in {5, 11} else ()
            services.act(
                who, act, [row.pk], Given(note=note, papers=papers), now + timedelta(days=step + 1, hours=at % 8)
            )


def _alike(actor: Actor, county: AreaVersion, issuer: int) -> None:
    now = timezone.now()
    villages = AreaVersion.objects.filter(path__startswith=county.path, level="township", valid_to=None)
    [row] = services.draft(
        actor, [Draft("problem", "部分户饮水未达标", county.area_id, source="unannounced", category="water",
                      issuer_id=issuer, holder_id=issuer, text="暗访发现个别户饮水不安全，请举一反三。")], now,
    )  # fmt: skip
    services.act(actor, "issue", [row.pk], Given(), now)
    bases = [(pack, each.key) for pack, each in asking.bases(Place(county.area_id, county.path), default_day(county))
             if each.level == "household"]  # fmt: skip
    if bases:
        query = alike.Query(county.code, *bases[0], "not water_safe")
        asked = alike.ask_query(actor, row.pk, query, now)
        alike.search(actor, asked.pk, now)
        found = list(asked.subjects.order_by("pk").values_list("pk", flat=True)[:3])
        for at, number in enumerate(found):
            if at % 2:
                answering.exclude(actor, asked.pk, number, "入户核实：已通自来水。", now)
            else:
                answering.confirm(actor, asked.pk, number, None, now)
    codes = tuple(villages.order_by("code").values_list("code", flat=True)[:6])
    if codes:
        words = alike.Words("辖区内是否有供水时段不足的村民组", codes, until=timezone.localdate() + timedelta(days=10))
        question = alike.ask_words(actor, row.pk, words, now)
        first = question.subjects.order_by("pk").first()
        if first is not None:
            answering.answer(actor, question.pk, first.pk, answering.Answer(2, "两个组", "镇水利站自查表"), now)
