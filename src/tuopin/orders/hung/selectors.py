"""Reading signs: always with the actor, inside the grants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q

from tuopin.core.language.catalogue import Title
from tuopin.core.supervision import ITEM_STATES, OWED, monday_of
from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.models import OrganisationVersion
from tuopin.duties.selectors import own_official
from tuopin.platform import evidence
from tuopin.platform.access import may, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register.areas import ids as area_ids

from ..board.inbox import handled_offices
from ..clock.settings import governing
from ..models import HungItem, HungSign
from ..permissions import HANG
from ..reach import own_organisations
from . import reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Evidence
    from tuopin.register.models import AreaVersion

STATES: Mapping[str, Title] = {
    "hanging": Title("挂牌中", "hanging"), "off": Title("已摘牌", "came off"),
    "withdrawn": Title("已撤回", "withdrawn"),
}  # fmt: skip
TARGETS: Mapping[str, Title] = {
    "area": Title("区域", "area"), "matter": Title("事项", "matter"), "node": Title("时间节点", "node"),
    "group": Title("一类问题", "group of problems"),
}  # fmt: skip
ITEMS: Mapping[str, Title] = dict(
    zip(
        ITEM_STATES,
        (
            Title("○ 待答复", "○ to be answered"), Title("◎ 待核对", "◎ to be checked"),
            Title("✓ 已认可", "✓ accepted"),
            Title("↺ 退回重答", "↺ returned, to be answered again"), Title("– 已取消", "– dropped"),
        ),
        strict=True,
    )
)  # fmt: skip
WEEKS: Mapping[str, Title] = {
    "ahead": Title("– 未到", "– ahead"), "running": Title("○ 进行中", "○ under way"),
    "missing": Title("✗ 缺答复", "✗ answers missing"), "unasked": Title("✗ 未布置", "✗ nothing was asked"),
    "checking": Title("◎ 待核对", "◎ to be checked"), "done": Title("✓ 已完成", "✓ done"),
    "rest": Title("– 放假，无工作日", "– no working day"),
}  # fmt: skip
ACTS: Mapping[str, Title] = {
    "hung": Title("挂牌", "hung"), "asked": Title("布置清单", "asked"), "answered": Title("答复", "answered"),
    "accepted": Title("认可", "accepted"), "returned": Title("退回重答", "returned"),
    "dropped": Title("取消一项", "dropped"), "handed": Title("换督战人", "another supervisor"),
    "moved": Title("时限顺延", "day moved"), "off": Title("摘牌", "came off"), "withdrawn": Title("撤回", "withdrawn"),
}  # fmt: skip
ROWS = 20
"""Rows of a part of the inbox, and of a panel."""
_OFFICES = 200


def signs(actor: Actor, place: AreaVersion | None = None) -> QuerySet[HungSign]:
    """The signs that the actor sees, in a place if one is named."""
    return HungSign.objects.filter(reach.visible(actor, place))


def sign(actor: Actor, number: int) -> HungSign:
    """One sign. Raises Missing outside the grants; the two look alike."""
    found = signs(actor).select_related("supervisor").filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise missing()
    return found


def missing() -> Missing:
    """What is said of a sign that is not there, or not for this reader."""
    return Missing(
        "no_such_sign", "没有找到这块牌，或不在您的管辖范围内。", "There is no such sign within your grants."
    )


def counted(rows: QuerySet[HungSign], today: date) -> QuerySet[HungSign]:
    """Each sign with how many items are ``owed``, ``late``, ``waiting`` to be checked, and the ``next_by`` day; nothing
    once it has ended."""
    owed, waiting = (Q(items__state__in=each, state="hanging") for each in (OWED, ("answered",)))
    return rows.annotate(
        owed=Count("items", filter=owed), late=Count("items", filter=owed & Q(items__by__lt=today)),
        waiting=Count("items", filter=waiting), next_by=Min("items__by", filter=owed),
    )  # fmt: skip


def to_answer(actor: Actor, until: date) -> list[HungItem]:
    """What the actor's own offices must answer by a day, and what is late: the first due before. One statement besides
    the grants; nothing for who handles for everybody, nothing of a matter that another unit holds by now."""
    offices = () if reach.everywhere(actor) else sorted(handled_offices(actor))
    if not offices:
        return []
    rows = HungItem.objects.filter(sign__holder_id__in=offices, sign__state="hanging", state__in=OWED, by__lte=until)
    rows = rows.filter(reach.answering())
    return list(rows.select_related("sign").order_by("by", "pk")[: ROWS + 1])


def to_check(actor: Actor) -> list[HungItem]:
    """What waits to be checked by the actor as supervisor, the longest waiting first."""
    mine = own_official(actor)
    if mine is None:
        return []
    rows = HungItem.objects.filter(sign__supervisor_id=mine, sign__state="hanging", state="answered")
    return list(rows.select_related("sign").order_by("answered_on", "pk")[: ROWS + 1])


@dataclass(frozen=True, slots=True)
class Waiting:
    """A part of the inbox: items with the days that each is late (0: not); ``more`` than are shown."""

    key: str
    title: Title
    rows: Sequence[tuple[HungItem, int]]
    more: bool


def inbox(actor: Actor, today: date) -> list[Waiting]:
    """What of weekly lists waits for the actor: to be answered this week, and to be checked. Two statements."""
    sunday = monday_of(today) + timedelta(days=6)
    found = (
        ("hung_answer", Title("挂牌督战：本周待答复", "Signs: to be answered this week"), to_answer(actor, sunday)),
        ("hung_check", Title("挂牌督战：待我核对", "Signs: to be checked by me"), to_check(actor)),
    )
    return [
        Waiting(
            key, title, [(row, max(0, (today - row.by).days) if row.state in OWED else 0) for row in rows[:ROWS]],
            len(rows) > ROWS,
        )
        for key, title, rows in found
        if rows
    ]  # fmt: skip


def papers(actor: Actor, number: int) -> list[Evidence]:
    """The papers of a sign’s answers and checks. Raises Missing outside the grants."""
    row = sign(actor, number)
    return evidence.of("hung", list(row.events.values_list("pk", flat=True)))


def hangers(actor: Actor, area: AreaVersion) -> list[tuple[int, str]]:
    """The offices above an area that the actor may hang a sign for: number and name. Those that govern."""
    if not may(actor, HANG, area_path=area.path):
        return []
    rows = OrganisationVersion.objects.filter(
        valid_to=None, area_id__in=area_ids(area.path)[:-1], kind__in=[*governing(), "department"]
    )
    ranges, own = visible_paths(actor, HANG), own_organisations(actor, HANG)
    if ranges is not None:
        rows = rows.filter(Q(area_id__in=lasting_area_ids(ranges)) | Q(organisation_id__in=sorted(own)))
    return list(rows.order_by("-area_id", "name").values_list("organisation_id", "name")[:_OFFICES])


def supervised_by(official_id: int) -> list[int]:
    """The numbers of the open signs that an official supervises, whoever asks: nothing else of them is told."""
    rows = HungSign.objects.filter(supervisor_id=official_id, state="hanging")
    return list(rows.order_by("pk").values_list("pk", flat=True))
