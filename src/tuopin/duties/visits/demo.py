"""Visits of the demo city: the last weeks of one township, some late, some who met nobody, some with problems."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.register.demo.areas import FIRST_TOWNSHIP
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import household_ids_within, on_day, subtree

from ..models import Assignment
from . import services
from .drafts import Draft, Found, Trouble
from .models import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tuopin.platform.access import Actor

MOST = 300
_SAID = ("想在家附近找活干", "孩子上学有补助，都收到了", "屋后排水不好", "养的羊想多养几只", "药费报销不清楚怎么办")
_TROUBLES = (
    Trouble("housing", "下雨时灶房漏水"),
    Trouble("income", "想做公益岗位，还没有安排"),
    Trouble("water", "水压不够，早晚没有水"),
    Trouble("roads", "门前路灯坏了"),
)


def visits(actor: Actor) -> None:
    """Fill the empty table; the helpers are those of the demo's workbooks."""
    if Visit.objects.exists():
        return
    township = AreaVersion.objects.filter(code=FIRST_TOWNSHIP, valid_to=None).first()
    if township is None:
        return
    today = timezone.localdate()
    helped = Assignment.objects.filter(
        on_day(today), role="helper", household_id__in=household_ids_within([subtree(township)])
    )
    rows = list(helped.order_by("household__code")[:MOST].values_list("household_id", "official_id"))
    made = list(_made(rows, today))
    seen = [each for each in made if each.findings]
    services.record(actor, [each for each in made if not each.findings], origin="demo")
    if seen:
        services.record(actor, seen[: services.MOST_FOUND], origin="demo")


def _made(rows: list[tuple[int, int]], today: date) -> Iterator[Draft]:
    """Of ten households: six visited this month and the month before, two only long ago, one where nobody was met."""
    month = today.replace(day=1)
    for at, (household, official) in enumerate(rows):
        turn = at % 10
        last = month - timedelta(days=1 + at % 20) if today.day < 3 or turn in (6, 7) else today - timedelta(
            days=at % min(today.day, 14)
        )  # fmt: skip
        if turn == 9:
            yield Draft(today - timedelta(days=5 + at % 7), (official,), household, outcome="not_reachable",
                        why_not="working_away")  # fmt: skip
            continue
        if turn in (7, 8):
            last = month - timedelta(days=40 + at % 15)
        yield Draft(last - timedelta(days=31), (official,), household)
        yield Draft(
            last, (official,), household, sort="survey" if turn == 1 else "routine",
            said=_SAID[at % len(_SAID)] if turn in (0, 3) else "", note="宣传政策，核对收入" if turn < 4 else "",
            findings=(Found("food", "met"), Found("clothing", "met")) if at % 25 == 1 else (),
            problems=(_TROUBLES[at % len(_TROUBLES)],) if turn in (2, 5) else (),
        )  # fmt: skip
