"""The demo city's petitions: one in each state, of invented people."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tuopin.duties.models import OrganisationVersion
from tuopin.platform.access import local_admin, system
from tuopin.platform.database import write
from tuopin.register.demo.areas import FIRST_COUNTY, FIRST_TOWNSHIP
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import subtree

from .. import services
from ..changes import Given
from ..clock.chain import Chains
from ..models import Petition
from ..papers import numbers
from . import hotline, letters
from .sealed import Who
from .services import Intake, take_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.platform.access import Actor

_ASKED = (
    ("policies", "反映低保评议结果没有公开", "要求公开评议过程和结果，说明未纳入的原因。"),
    ("housing", "反映危房改造补助没有到账", "改造已完工，要求说明补助何时发放。"),
    ("water", "反映冬季经常停水", "要求检修管道，公布供水时间。"),
    ("industry", "反映产业分红与约定不一致", "要求公布分红计算办法。"),
)
_WAYS: Sequence[tuple[int, tuple[str, ...]]] = (  # days ago, acts after it was taken in
    (3, ()),
    (19, ()),
    (8, ("decline",)),
    (6, ("accept",)),
    (20, ("accept", "receive", "start")),
    (70, ("accept", "receive")),
    (30, ("accept", "receive", "start", "done")),
    (34, ("accept", "receive", "start", "done", "verify")),
    (40, ("accept", "receive", "start", "done", "verify", "answer")),
    (50, ("accept", "receive", "start", "done", "verify", "answer", "review")),
    (60, ("accept", "receive", "start", "done", "verify", "answer", "review", "answer_review")),
    (45, ("accept", "receive", "start", "done", "verify", "answer", "satisfied")),
)
_NOTES = {
    "decline": "属于诉讼事项，已告知向法院提出。",
    "done": "已核查并整改，情况说明已存档。",
    "verify": "已核对，属实。",
    "answer": "已书面答复。",
    "review": "对答复不满意，申请复查。",
    "answer_review": "维持原答复。",
}
_LETTERS = {
    "accept": ("accepted", "您反映的信访事项，本机关决定予以受理，将在六十日内办结并书面答复您。"),
    "answer": ("answered", "一、查明的情况。经核查，反映的情况属实。\n二、处理意见。已整改到位。"),
}
_CALLS = (
    ("来电人反映村内路灯不亮，要求维修。", ""),
    ("来电人反映申请公益岗位没有答复。", "演示乡某站"),
    ("来电人咨询雨露计划补助何时发放。", ""),
)
_NAMES = ("严某演", "示某甲", "示某乙", "示某丙")


def fill(actor: Actor) -> None:
    """Once, whole or not at all, and only where there is the demo city with its offices."""
    county = AreaVersion.objects.filter(code=FIRST_COUNTY, valid_to=None).first()
    township = AreaVersion.objects.filter(code=FIRST_TOWNSHIP, valid_to=None).first()
    if county is None or township is None or Petition.objects.exists():
        return
    low, high = subtree(county)
    inside = AreaVersion.objects.filter(path__gte=low, path__lt=high, valid_to=None).values("area_id")
    kinds = ("party_committee", "government", "department")
    live = OrganisationVersion.objects.filter(valid_to=None, kind__in=kinds, area_id__in=inside)
    holders = list(live.order_by("organisation_id").values_list("organisation_id", flat=True)[:4])
    chains = Chains(timezone.localdate())
    chains.know(holders)
    above = {each: [link.office.id for link in chains.above(each)] for each in holders}
    with write():
        word = numbers.add_word(actor, holders[0], "演信访").pk if holders else 0
        for at, (days, acts) in enumerate(_WAYS if holders else ()):
            _one(actor, at, township, days, acts, holders[at % len(holders)], above, word)
    if holders:
        _calls(township)


def _calls(township: AreaVersion) -> None:
    """A list of the hotline, taken in today: what waits for its paraphrase."""
    day = timezone.localdate() - timedelta(days=1)
    rows = [
        f"Y-{at + 1},{day},{_NAMES[at]},0370-00010{at:02d},{words},{about}" for at, (words, about) in enumerate(_CALLS)
    ]
    content = "\n".join(["工单编号,来电时间,来电人,联系电话,诉求内容,被反映单位", *rows]).encode()
    hotline.take(local_admin(), township, SimpleUploadedFile("calls.csv", content), timezone.now())


def _one(
    actor: Actor,
    at: int,
    place: AreaVersion,
    days: int,
    acts: Sequence[str],
    holder: int,
    above: dict[int, list[int]],
    word: int,
) -> None:
    now = timezone.now()
    day = timezone.localdate(now) - timedelta(days=days)
    moment = datetime.combine(day, time(9), timezone.get_current_timezone())
    category, title, text = _ASKED[at % len(_ASKED)]
    who = Who(_NAMES[at % len(_NAMES)], f"0370-00000{at:02d}", address="演示地址", words=f"{title}，{text}")
    channel = ("visit", "letter", "phone", "hotline")[at % 4]
    row = take_in(actor, Intake(channel, day, place.area_id, title, text, category, who=who), moment)
    for step, act in enumerate(acts):
        if act == "review" and not above[holder]:
            return
        taker = {"accept": holder, "review": above[holder][0] if above[holder] else None}.get(act)
        by = system() if act in {"receive", "start", "done"} else local_admin()
        then = min(moment + timedelta(days=step * 2, minutes=at), now)
        services.act(by, act, [row.pk], Given(_NOTES.get(act, ""), holder_id=taker), then)
        if act in _LETTERS:
            _letter(actor, row.pk, act, word, then)


def _letter(actor: Actor, number: int, act: str, word: int, then: datetime) -> None:
    kind, body = _LETTERS[act]
    day = timezone.localdate(then)
    made = letters.issue(actor, number, letters.Written(kind, body, word, day), then)
    if act != "answer":  # how an answer that has not arrived looks, too
        letters.arrived(actor, number, made.pk, day, "hand", then)
