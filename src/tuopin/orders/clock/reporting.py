"""Reporting up (上报): to whom it goes; and what holders are told when an act brings them something, or ends it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Problem

from . import telling
from .chain import Chains
from .people import People
from .rows import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

    from ..changes import Given
    from ..models import Matter

_BRINGS = frozenset({"issue", "reassign", "return", "reopen", "report_up"})
"""Acts after which somebody has something to sign for or to go on with."""
_STAYS = frozenset({"progress", "ask_extension", "refuse_extension", "split", "start"})
"""Acts that leave what was said about a matter as open as it was."""
_ASSIGNED = {
    "return": Title("{word} 被退回重办，时限 {limit}", "{word} was returned; its limit is {limit}"),
    "report_up": Title("下级上报 {word}，时限 {limit}", "{word} was reported up to you; its limit is {limit}"),
}
_NEW = Title("{word} 待签收，时限 {limit}", "{word} is to be signed for; its limit is {limit}")


def upwards(matters: Sequence[Matter], given: Given, now: datetime) -> list[Given]:
    """What is given for each matter: the next above the holder that is not vacant, and who answers there; nobody
    reports up to himself. A limit is not the reporter's to choose. Raises Problem where nobody stands above."""
    chains = Chains(timezone.localdate(now))
    chains.know(each.holder_id for each in matters if each.holder_id is not None)
    found = []
    for each in matters:
        above, vacancies = chains.takers(each.holder_id or 0)
        own = chains.link(each.holder_id or 0)
        same = {each.official_id, own.head if own is not None else None} - {None}
        takers = [link for link in above if link.head not in same]
        if not takers:
            raise Problem(
                "vacant_above" if vacancies else "nobody_above",
                "承办单位之上没有可以接办的上级单位，不能上报。请与交办方联系改派，或请维护干部信息的单位登记上级。",
                "No organisation above the holder can take it: ask whoever issued it to reassign it, or have the"
                " superior entered among the organisations.",
                matter=each.pk,
            )
        found.append(replace(given, holder_id=takers[0].office.id, official_id=takers[0].head, limit=None))
    return found


def tell(actor: Actor, act: str, matters: Sequence[Matter], now: datetime) -> None:
    """Close the messages about what was dealt with, and tell the new holders; inside the transaction of the act. Who is
    given petitions is told once a day (``petitions/held.py``)."""
    if act not in _STAYS:
        outbox.settle(actor, [f"matter:{each.pk}" for each in matters], now=now)
    given = [each for each in matters if each.kind != "petition"]
    if act not in _BRINGS or not given:
        return
    teller = telling.Teller(People(Chains(timezone.localdate(now))))
    rows = [row_of(each) for each in given]
    teller.know(rows)
    title = _ASSIGNED.get(act, _NEW)
    letters = [
        telling.letter(user, row.id, f"{act}:{matter.version}", "orders.assigned", title, row.limit_at, now)
        for row, matter in zip(rows, given, strict=True)
        if row.limit_at is not None
        for user in dict.fromkeys(teller.holder(row))
        if user != actor.user_id
    ]
    outbox.post(actor, letters, now=now)
