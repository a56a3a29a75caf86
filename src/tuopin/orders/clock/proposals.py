"""What becomes of the leads that the clock proposes: a person who keeps leads opens one, or dismisses it with a reason.

Only people act here, within their grants, never about themselves or with a conflict of interest. What became of one is
told to who decided it alone: in the table and in the audit log one outcome looks like the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.db.models import Q
from django.utils import timezone

from tuopin.duties.incidents import lead_rules, leads
from tuopin.duties.incidents.conflicts import conflict
from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.models import Official
from tuopin.duties.permissions import HOLD_LEAD
from tuopin.platform import sealing
from tuopin.platform.access import visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Missing, Problem, Refused

from ..models import LeadProposal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

SOURCE = "matter"
_PURPOSE = "lead proposal"
_LONGEST = 500
_SEALED = 4096  # bytes before sealing, whatever was said: the length must not tell


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody decided: ``opened``, or dismissed with a ``reason``."""

    opened: bool
    reason: str


def proposed(actor: Actor) -> QuerySet[LeadProposal]:
    """What is still to be decided where the actor may keep leads, nothing about himself. Raises Refused for everybody
    who is no person with that right."""
    user = lead_rules.person(actor, HOLD_LEAD)
    found = LeadProposal.objects.filter(decided_on=None)
    own = Official.objects.filter(user_id=user)
    found = found.exclude(
        Q(official__in=own.values("pk")) | Q(official__in=own.exclude(merged_into=None).values("merged_into"))
    )
    ranges = visible_paths(actor, HOLD_LEAD)
    return found if ranges is None else found.filter(matter__area_id__in=lasting_area_ids(ranges))


def decided(actor: Actor) -> QuerySet[LeadProposal]:
    """What the actor decided, the newest first."""
    lead_rules.person(actor, HOLD_LEAD)
    return LeadProposal.objects.filter(decided_by=actor.user_id).order_by("-decided_on", "-pk")


def take_up(actor: Actor, key: str, *, grounds: str, document: str) -> str:
    """Open a lead about the person responsible; the actor is its one officer. Returns the lead's key.

    Raises Missing outside the grants, Refused for a conflict, Problem where nobody is named or words are missing.
    """
    with write():
        row = _enter(actor, key)
        if row.official_id is None:
            raise Problem(
                "nobody_named",
                "这件事项没有责任人。请在“立线索”页上选定干部，再把这条建议作不立处理。",
                "Nobody is named for this matter: choose the official on the page of a new lead, and dismiss this one.",
            )
        opened = leads.open_lead(actor, leads.Wanted(row.official_id, SOURCE, grounds, document))
        _decide(actor, row, Outcome(opened=True, reason=""))
    return opened


def dismiss(actor: Actor, key: str, reason: str) -> None:
    """No lead; the reason stays with who says so. Raises as :func:`take_up`."""
    reason = reason.replace("\0", "").strip()
    if not reason or len(reason) > _LONGEST:
        raise Problem("no_reason", "请写不立线索的理由（500 字以内）。", "Say why no lead is opened (500 characters).")
    with write():
        row = _enter(actor, key)
        if row.official_id is not None and conflict(actor.user_id or 0, row.official_id, timezone.localdate()):
            raise Refused(
                "conflict",
                "您与责任人有利害关系，请由他人处理。",
                "You have a conflict of interest: leave it to others.",
            )
        _decide(actor, row, Outcome(opened=False, reason=reason))


def outcome(actor: Actor, row: LeadProposal) -> Outcome:
    """What became of one, for who decided it. Raises Missing for everybody else."""
    if row.decided_by is None or row.decided_by != actor.user_id:
        raise missing()
    said = orjson.loads(sealing.unseal(_PURPOSE, row.outcome))
    return Outcome(said["opened"], said["reason"])


def missing() -> Missing:
    """What is said of one that is not there, is decided, or is not for this reader."""
    return Missing("no_such_proposal", "没有这条建议，或已经处理。", "There is no such proposal, or it was decided.")


def _enter(actor: Actor, key: str) -> LeadProposal:
    row = proposed(actor).select_for_update(of=("self",)).filter(key=key.replace("\0", "")[:40]).first()
    if row is None:
        raise missing()
    return row


def _decide(actor: Actor, row: LeadProposal, said: Outcome) -> None:
    plain = orjson.dumps({"opened": said.opened, "reason": said.reason}).ljust(_SEALED)
    row.outcome = sealing.seal(_PURPOSE, plain)
    row.decided_on, row.decided_by, row.official = timezone.localdate(), actor.user_id, None
    row.save(update_fields=["outcome", "decided_on", "decided_by", "official"])
    audit.record(actor, "orders.decide_lead_proposal", f"lead_proposal:{row.key}", {})
    outbox.settle(actor, [f"lead_proposal:{row.key}"])
