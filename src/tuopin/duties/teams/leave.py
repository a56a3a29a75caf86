"""Leave: asked for, approved or refused by who the length of it asks for, never by oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion

from ..models import Official, TeamLeave
from ..permissions import APPROVE_LEAVE
from . import members, rules

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor

LONGEST = 366
LIVE = (TeamLeave.State.ASKED, TeamLeave.State.APPROVED)


def ask(actor: Actor, place: AreaVersion, official_id: int, first: date, last: date, reason: str) -> TeamLeave:
    """Ask for leave: a member's own account, the leader or an office. Raises Problem where it overlaps another."""
    today = timezone.localdate()
    seat = members.seat(actor, place, today)
    if seat.own != official_id:
        members.require_keeper(seat)
    reason = reason.strip()
    if last < first or (last - first).days >= LONGEST or abs((first - today).days) > LONGEST:
        raise Problem("bad_dates", "请写起止日期，止日不早于起日，不超过一年。", "First and last day, at most a year.")
    if not reason or len(reason) > 300:
        raise Problem("no_reason", "请写事由（300 字以内）。", "Give the reason (at most 300 characters).")
    members.require_member(official_id, place.area_id, first, last)
    tier = rules.tier_of(first, last)
    with write():
        Official.objects.select_for_update().get(pk=official_id)  # two who ask at once come one after the other
        if TeamLeave.objects.filter(official_id=official_id, state__in=LIVE, first__lte=last, last__gte=first).exists():
            raise Problem(
                "leave_overlaps",
                "这段时间已有请假。请先撤回那一条。",
                "There is leave in these days: withdraw it.",
            )
        row = TeamLeave.objects.create(
            official_id=official_id, area_id=place.area_id, first=first, last=last, reason=reason, tier=tier,
            asked_by=actor.user_id, asked_at=timezone.now(),
        )  # fmt: skip
        audit.record(actor, "duties.ask_leave", f"leave:{row.pk}", {"days": (last - first).days + 1})
    return row


def decide(actor: Actor, leave_id: int, *, approve: bool, answer: str) -> None:
    """Approve or refuse; a refusal needs its reason. Raises Missing outside the grants, Refused for who may not approve
    so much, Problem for one's own leave."""
    answer = answer.strip()
    if len(answer) > 300 or (not approve and not answer):
        raise Problem("no_reason", "不同意须写理由（300 字以内）。", "A refusal needs its reason (at most 300).")
    with write():
        row, place = one(actor, leave_id)
        if row.state != TeamLeave.State.ASKED:
            raise Problem("decided_already", "这条请假已经处理。", "This has been decided.")
        seat = members.seat(actor, place, timezone.localdate())
        if seat.own == row.official_id:
            raise Problem("own_leave", "不能批准本人的请假。", "Nobody approves the own leave.")
        if not may_decide(seat, row):
            title = rules.tiers()[row.tier]
            raise Refused("refused", f"这么长的假由{title.zh}批准。", f"Leave of this length: {title.en}.")
        row.state = TeamLeave.State.APPROVED if approve else TeamLeave.State.REFUSED
        row.decided_by, row.decided_at, row.answer = actor.user_id, timezone.now(), answer
        row.save()
        audit.record(actor, APPROVE_LEAVE, f"leave:{row.pk}", {"approved": approve})


def withdraw(actor: Actor, leave_id: int) -> None:
    """Take back what was asked or approved: the member, the leader or an office."""
    with write():
        row, place = one(actor, leave_id)
        seat = members.seat(actor, place, timezone.localdate())
        if seat.own != row.official_id:
            members.require_keeper(seat)
        if row.state not in LIVE:
            raise Problem("decided_already", "这条请假已经处理。", "This has been decided.")
        row.state = TeamLeave.State.WITHDRAWN
        row.save(update_fields=["state"])
        audit.record(actor, "duties.withdraw_leave", f"leave:{row.pk}", {})


def may_decide(seat: members.Seat, row: TeamLeave) -> bool:
    """Whether the actor approves leave of this length there; the first secretary that of his village."""
    if seat.own == row.official_id:
        return False
    if row.tier != "village":
        return seat.holds(APPROVE_LEAVE, row.tier)
    if seat.holds(APPROVE_LEAVE):
        return True
    return seat.first


def one(actor: Actor, leave_id: int) -> tuple[TeamLeave, AreaVersion]:
    """A leave, locked, with its village. Raises Missing."""
    row = TeamLeave.objects.select_for_update().filter(pk=leave_id).first() if leave_id < 2**63 else None
    place = AreaVersion.objects.filter(area_id=row.area_id).order_by("-valid_from").first() if row else None
    if row is None or place is None or not _sees(actor, row, place):
        raise Missing("no_such_leave", "没有这条请假。", "There is no such leave.")
    return row, place


def _sees(actor: Actor, row: TeamLeave, place: AreaVersion) -> bool:
    seat = members.seat(actor, place, row.first)
    return seat.keeps or seat.holds(APPROVE_LEAVE) or seat.own == row.official_id
