"""Whom a petition is about, when that becomes known after it was accepted; and petitions whose holder has come to have
to do with it, because somebody changed office. The product accuses nobody and takes nothing away by itself: it says to
the petition office that a petition should go to somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database
from tuopin.platform.auditing import audit
from tuopin.platform.outbox import services as outbox
from tuopin.platform.outbox.services import Letter
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from .. import reach
from ..clock.chain import Chains
from ..clock.people import People
from ..models import RUNNING, Matter
from ..services import missing
from . import desk, guard
from .models import Petition
from .services import Whom, about, whom

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

BATCH = 5_000
HELD = (*RUNNING, "reported", "verified", "review", "second_review")
"""Where somebody else than the office has it, or what they did is weighed."""
_READ = (
    "about_organisation", "about_official", "reassign_at", "withheld", "matter__holder", "matter__official",
    "matter__area",
)  # fmt: skip
_TITLE = Title(
    "有信访件的承办单位与被反映的一方有关，请改派", "Petitions are held by who has to do with whom they are about"
)


def name(actor: Actor, number: int, given: Whom, now: datetime, seen: int | None = None) -> Matter:
    """Write whom a petition is about after it was accepted. If its holder is, or stands below, whom it is about, the
    holder reads it no more at once, and the office is asked to give it to somebody else. Raises Missing, Problem."""
    with database.write():
        held = Matter.objects.select_for_update(of=("self",)).filter(reach.visible(actor), kind="petition", pk=number)
        row = held.first() if number < 2**63 else None
        petition = Petition.objects.select_related("matter").filter(pk=number).first() if row is not None else None
        if row is None or petition is None or "office" not in reach.hands(actor, [row])[row.pk]:
            raise missing()
        if row.state in {"draft", "withdrawn"}:
            raise Problem(
                "not_accepted", "受理前请在“改写转述”里写明反映谁；已作废的不再改。",
                "Before it is accepted, whom it is about is written with the paraphrase; a void one stays as it is.",
            )  # fmt: skip
        if seen is not None and seen != row.version:
            raise Problem(
                "changed_meanwhile", "有人刚处理过这件信访，请刷新后再看。",
                "Somebody has just acted upon it: reload the page.",
            )  # fmt: skip
        about(actor, given, now, petition)
        before = whom(petition)
        petition.about_organisation_id, petition.about_official_id = whom(given)
        petition.withheld = bool(guard.tied([petition], timezone.localdate(now)))
        petition.reassign_at = now if petition.withheld else None
        petition.save(update_fields=["about_organisation", "about_official", "withheld", "reassign_at"])
        row.version += 1
        row.save(update_fields=["version"])
        # that who is complained about was changed is kept, not who it is
        detail: dict[str, object] = {"version": row.version, "about_changed": before != whom(given)}
        audit.record(actor, "orders.name_petition", f"matter:{row.pk}", detail)
        if petition.withheld:  # what its holder was told of it is over
            outbox.settle(actor, [f"matter:{row.pk}"], now=now)
            if row.state in HELD:
                _tell(actor, [petition], now)
    return row


def proposed(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """Of petitions those that should go to somebody else."""
    return rows.filter(petition__reassign_at__isnull=False, state__in=HELD)


def look(actor: Actor, now: datetime, size: int = BATCH) -> int:
    """Look whether holders have come to have to do with whom their petitions are about, and propose to give those to
    somebody else; how many are new. What is so no more is proposed no more, but for what the office has said itself.
    The same moment again does nothing."""
    day, after, found = timezone.localdate(now), 0, 0
    named = Petition.objects.exclude(about_organisation=None, about_official=None).select_related("matter")
    named = named.filter(matter__state__in=HELD).exclude(matter__holder=None).order_by("pk")
    named = named.only(*_READ)
    while rows := list(named.filter(pk__gt=after)[:size]):
        after, tied = rows[-1].pk, guard.tied(rows, day)
        fresh = [each for each in rows if each.pk in tied and each.reassign_at is None]
        over = [each.pk for each in rows if each.pk not in tied and each.reassign_at is not None and not each.withheld]
        if fresh or over:
            with database.write():
                found += _propose(actor, fresh, over, now)
    return found


def _propose(actor: Actor, fresh: Sequence[Petition], over: Sequence[int], now: datetime) -> int:
    wanted = Petition.objects.filter(pk__in=listed([each.pk for each in fresh]), reassign_at=None)
    new = wanted.update(reassign_at=now)
    Petition.objects.filter(pk__in=listed(over), withheld=False).update(reassign_at=None)
    if new:
        _tell(actor, fresh, now)
    audit.record(actor, "orders.propose_reassigning", "petitions", {})  # how many would tell
    return new


def _tell(actor: Actor, petitions: Sequence[Petition], now: datetime) -> None:
    """One message a person and day to the petition offices, but for whom a petition is about."""
    today = timezone.localdate(now)
    heard = desk.offices(People(Chains(today)), {each.pk: each.matter.area_id for each in petitions})
    told = {user for users in heard.values() for user in users} - {actor.user_id}
    key = f"petitions:reassign:{today}"
    outbox.post(actor, [Letter(user, key, "orders.reassign", today, _TITLE, view=desk.PAGE) for user in told], now=now)
