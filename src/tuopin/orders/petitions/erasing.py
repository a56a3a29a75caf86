"""Erasing who came when the time to keep it is over: the sealed row, the letters, what papers said and all files go,
the holders' too, which may name who came; that there was a petition, what it was about and how it was dealt with
stays, and of each paper its number."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database, evidence
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.outbox.services import Letter
from tuopin.register.correcting.subjects import listed

from .. import reach
from ..kinds import petition_days
from ..models import Matter
from ..papers import erasing as papers
from ..permissions import PETITIONS
from ..services import PAPER
from . import counting, desk, selectors
from .models import Petition, Petitioner, PetitionLetter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from ..clock.people import People

BATCH = 500
SHOWN = 1000
"""Rows of the list that somebody confirms."""
_TITLE = Title(
    "{count} 件信访件的来访人信息保存期满，请核对清单后清除",
    "Who came with {count} petitions may be erased: see the list",
)
JOB = "orders.erase_petitioners"


def due(actor: Actor, now: datetime) -> QuerySet[Petitioner]:
    """Who came with petitions of the actor's office that ended long enough ago. While one that repeats an affair is
    open, or not long enough over, the earlier ones of it are kept too. Raises Refused."""
    require(actor, PETITIONS)
    days = petition_days()
    ended_before = now - timedelta(days=days.keep)
    # one that ended while its review was not answered was never closed
    final = Q(state="final") & (Q(closed_at__lt=ended_before) | Q(closed_at=None, changed_at__lt=ended_before))
    over = final | Q(state="withdrawn", changed_at__lt=now - timedelta(days=days.keep_void))
    ended = Matter.objects.filter(reach.visible(actor), over, kind=Matter.Kind.PETITION)
    if not actor.unrestricted:
        ended = ended.filter(pk__in=selectors.kept(actor).values("pk"))
    newer = Petition.objects.exclude(repeats=None).exclude(matter__state="withdrawn")
    newer = newer.exclude(matter__in=Matter.objects.filter(final, kind=Matter.Kind.PETITION).values("pk"))
    rows = Petitioner.objects.filter(petition__matter__in=ended.values("pk"), erased_at=None)
    later = newer.filter(repeats_id=OuterRef("petition__repeats_id"), pk__gt=OuterRef("pk"))
    rows = rows.exclude(Exists(later), petition__matter__state="final")
    return rows.exclude(petition_id__in=newer.values("repeats_id"))


def letters(actor: Actor, people: People, now: datetime) -> Iterator[Letter]:
    """That there is something to be erased, to those of the offices who may: once a month, as long as it is so. The
    product erases nothing by itself."""
    today = timezone.localdate(now)
    areas = dict(due(actor, now).values_list("pk", "petition__matter__area_id"))
    for user, (count, _late) in desk.counted(people, areas, areas, ()).items():
        yield Letter(
            user, f"petitions:erase:{today:%Y-%m}", "orders.to_erase", today.replace(day=1), _TITLE,
            {"count": count}, view="orders:petition_erasing",
        )  # fmt: skip


def erase(actor: Actor, now: datetime, at: datetime | None = None) -> int:
    """Erase what was due ``at`` a moment (when somebody saw the list and confirmed it; now, if none is given), and
    still is, in batches, each whole or not at all; how many. A second run finds nothing. Raises Refused."""
    at = min(at or now, now)
    gone = 0
    while True:
        with database.write():
            ids = list(
                due(actor, at).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)[:BATCH]
            )
            if not ids:
                return gone
            Petitioner.objects.filter(pk__in=listed(ids)).update(sealed="", erased_at=now)
            PetitionLetter.objects.filter(petition_id__in=listed(ids)).update(sealed="")
            # of a mistake the digest of its number stays, so that the next list does not bring it again
            Petition.objects.filter(pk__in=listed(ids), matter__state="final").update(key="")
            gone_papers, attached = papers.erase(ids, now)
            files = [*evidence.forget(PAPER, ids), *attached]
            lines = "\n".join(f"{number} {digest}" for number, digest in (*files, *gone_papers))
            counted = {"petitions": len(ids), "files": len(files), "papers": len(gone_papers)}
            detail: dict[str, object] = {name: counting.few(count) for name, count in counted.items()}
            digest = hashlib.sha256(lines.encode()).hexdigest() if lines else ""
            audit.record(actor, "orders.erase_petitioners", "petitions", detail, digest)
        gone += len(ids)
