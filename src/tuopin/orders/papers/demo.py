"""The demo city's papers: directives issued under numbers, one signed for and answered, one withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.papers import Kind
from tuopin.platform.database import write

from ..models import Matter, OrderPaper
from . import issuing, numbers, proposals, selectors, services

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

SHOWN = 4
_WORD = "明扶办"


def fill(actor: Actor) -> None:
    """Write papers about matters that somebody issued and somebody holds; whole or not at all, once."""
    with write():
        _fill(actor)


def _fill(actor: Actor) -> None:
    if OrderPaper.objects.exists():
        return
    now = timezone.now()
    running = Matter.objects.filter(issuer__isnull=False, holder__isnull=False, state__in=("received", "working"))
    found = list(running.select_related("text").order_by("pk")[:SHOWN])
    rows = [services.write(actor, proposals.proposal(each, Kind.DIRECTIVE, now), now) for each in found]
    for row in rows:
        word = numbers.add_word(actor, row.issuer_id, _WORD)
        issuing.issue(actor, {row.pk: row.version}, word.pk, timezone.localdate(now) - timedelta(days=1), now)
    if len(rows) < SHOWN:
        return
    [first, *_others] = [each for each in selectors.recipients_of([rows[0].pk]) if each.role == "to"]
    issuing.receive(actor, [first.pk], now, "已收，正在办理")
    issuing.withdraw(actor, rows[1].pk, "主送单位有误，另行印发", now)
    services.write(actor, proposals.proposal(found[2], Kind.REMINDER, now), now)
