"""Papers of petitions whose time to keep them is over: what they said, and their files, go. Number, day, kind, issuer,
state and digest stay: the book has no gap, and a print that somebody kept can be told from a false one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from tuopin.platform import evidence
from tuopin.register.correcting.subjects import listed

from ..models import OrderPaper, PaperRecipient
from . import content
from .selectors import ISSUED
from .services import ABOUT

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_DRAFTS = ("draft", "discarded")


def erase(matter_ids: Collection[int], now: datetime) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Blank the papers of some matters, in the transaction of the act that says why. Returns which papers these were
    with their digests ('' of a draft, which is thrown away), and their files with theirs: a file that no other row
    names goes with the next purge. A fixed number of statements."""
    rows = OrderPaper.objects.filter(matter_id__in=listed(matter_ids))
    papers = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", "digest"))
    if not papers:
        return [], []
    numbers = [number for number, _digest in papers]
    ours, blank = OrderPaper.objects.filter(pk__in=listed(numbers)), content.Written("", "").as_json()
    PaperRecipient.objects.filter(paper_id__in=listed(numbers)).update(remark="")
    frozen = {content.ERASED: timezone.localdate(now).isoformat()}
    ours.filter(state__in=ISSUED).update(content=blank, frozen=frozen, file="", reason="", version=F("version") + 1)
    ours.filter(state__in=_DRAFTS).update(content=blank, state="discarded", version=F("version") + 1)
    return papers, evidence.forget(ABOUT, numbers)
