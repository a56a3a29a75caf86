"""Targets in words: somebody who is neither side says, by a document, whether they were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.platform import database, evidence
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.evidence import Kept, Paper
from tuopin.platform.problems import Missing, Problem

from ..assigning import targets
from ..dates import line_of, sensible
from ..permissions import KEEP_COMMITMENT
from . import agreeing, following, selectors
from .models import CommitmentJudgement, CommitmentReplacement, CommitmentTarget

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor

ABOUT = "commitment_judgement"


def judge(
    actor: Actor, number: int, target: int, met: bool, *, day: date, reason: str, paper: Kept | None = None,
    reference: str = "", today: date | None = None,
) -> None:  # fmt: skip
    """Say whether the target ``target`` (its number) of a commitment was kept; ``day`` is that of the document. Said
    again, the newest counts. Raises Missing outside the grants, Refused for a side, Problem for what is wrong."""
    now = today or timezone.localdate()
    require(actor, KEEP_COMMITMENT)
    why = line_of(reason, 500, "核定依据", "the grounds", needed=True)
    kept_at = line_of(reference, 200, "材料编号或存放处", "the paper")
    sensible(day, "材料日期", "the day of the document")
    if day > now:
        raise Problem("in_future", "材料日期不能晚于今天。", "The day of the document cannot lie ahead.")
    if paper is None and not kept_at:
        raise Problem("no_evidence", "请上传材料，或写明存放处。", "Hand in the document, or say where it is kept.")
    with database.write():
        row = selectors.one(actor, number)
        targets.reachable(actor, KEEP_COMMITMENT, "area", {row.area_id}, now)
        agreeing.hold([row.pk])
        agreeing.require_third(actor, [row])
        found = CommitmentTarget.objects.filter(commitment=row, number=target, kind="words").first()
        if found is None:
            raise Missing("no_such_target", "没有这一项文字目标。", "There is no such target in words.")
        signed = following.signed_by([row.pk]).get(row.pk) == following.BOTH
        gone = CommitmentReplacement.objects.filter(commitment=row).exists()
        if not signed or gone or now <= found.day:
            raise Problem(
                "not_to_judge",
                "双方签齐、未被取代、且目标日期已过，才能核定。",
                "It is judged once both have signed, none has replaced it, and the day of the target is over.",
            )
        made = CommitmentJudgement.objects.create(
            target=found, met=met, day=day, reason=why, at=timezone.now(), actor=actor.name or actor.os_user,
            user_id=actor.user_id,
        )  # fmt: skip
        evidence.record(actor, ABOUT, [Paper(made.pk, "judged", day, paper, kept_at)])
        detail: dict[str, object] = {"target": target, "met": met}
        audit.record(actor, "duties.judge_commitment", f"commitment:{row.pk}", detail, row.digest)
    following.follow([row.pk], today=now)
