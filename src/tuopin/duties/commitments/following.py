"""Where each commitment stands, kept in a row of its own (``CommitmentState``), and made anew after every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database
from tuopin.platform.models import Marker
from tuopin.register.correcting.subjects import listed
from tuopin.standards.models import Evaluation

from .measuring import found_of
from .models import Commitment, CommitmentReplacement, CommitmentSignature, CommitmentState, CommitmentTarget

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from .measuring import Found

_SEEN = "duties.commitments_at"
_PIECE = 1_000
BOTH = 3
SIDES = {"superior": 1, "inferior": 2}
"""``signed`` is the sum of those who signed."""
OUTCOMES = {
    "unsigned": Title("? 未签齐", "? not signed by both"),
    "ahead": Title("– 未到期", "– not due yet"),
    "honoured": Title("✓ 已兑现", "✓ honoured"),
    "broken": Title("✗ 未兑现（待核）", "✗ broken (to be looked at)"),
    "unknown": Title("? 未知", "? unknown"),
    "superseded": Title("– 已被取代", "– superseded"),
}


def outcome(signed: int, superseded: bool, found: Sequence[Found]) -> str:
    """A key of :data:`OUTCOMES`. One target missed breaks it; one unknown leaves it unknown, and so do words that
    nobody has judged."""
    if superseded:
        return "superseded"
    if signed != BOTH:
        return "unsigned"
    states = {each.state for each in found}
    if "not_met" in states:
        return "broken"
    if "ahead" in states:
        return "ahead"
    return "honoured" if states == {"met"} else "unknown"


def signed_by(ids: Collection[int]) -> dict[int, int]:
    """The sum of :data:`SIDES` that signed, by commitment; one without a signature is left out."""
    signed: dict[int, int] = {}
    rows = CommitmentSignature.objects.filter(commitment_id__in=listed(ids))
    for key, side in rows.values_list("commitment_id", "side"):
        signed[key] = signed.get(key, 0) + SIDES[side]
    return signed


def begin(rows: Sequence[Commitment]) -> None:
    """States of commitments that were just written, in the transaction that writes them: nobody has signed."""
    now = timezone.now()
    states = [
        CommitmentState(commitment=row, signed=0, outcome="unsigned", targets={}, worked_out_at=now) for row in rows
    ]
    CommitmentState.objects.bulk_create(states, batch_size=500)


def supersede(ids: Collection[int]) -> None:
    """These were just superseded."""
    CommitmentState.objects.filter(pk__in=listed(ids)).update(outcome="superseded", worked_out_at=timezone.now())


def follow(commitment_ids: Collection[int] | None = None, *, today: date | None = None) -> int:
    """Work out where commitments stand (all of them by default); returns how many. In pieces, so that a large number
    does not hold the write lock."""
    day = today or timezone.localdate()
    if commitment_ids is None:
        ids = list(Commitment.objects.order_by("pk").values_list("pk", flat=True))
    else:
        ids = sorted(set(commitment_ids))
    for at in range(0, len(ids), _PIECE):
        _some(ids[at : at + _PIECE], day)
    return len(ids)


def _some(ids: Sequence[int], day: date) -> None:
    rows = list(Commitment.objects.filter(pk__in=ids).defer("text"))
    targets = list(CommitmentTarget.objects.filter(commitment_id__in=ids).order_by("number"))
    signed = signed_by(ids)
    gone = set(CommitmentReplacement.objects.filter(pk__in=listed(ids)).values_list("pk", flat=True))
    found = found_of(rows, targets, day)
    of: dict[int, list[CommitmentTarget]] = {}
    for target in targets:
        of.setdefault(target.commitment_id, []).append(target)
    now = timezone.now()
    states = [
        CommitmentState(
            commitment_id=row.pk, signed=signed.get(row.pk, 0),
            outcome=outcome(signed.get(row.pk, 0), row.pk in gone, [found[each.pk] for each in of.get(row.pk, ())]),
            targets={str(each.number): found[each.pk].document() for each in of.get(row.pk, ())},
            worked_out_at=now,
        )
        for row in rows
    ]  # fmt: skip
    with database.write():
        CommitmentState.objects.bulk_create(
            states, batch_size=500, update_conflicts=True, unique_fields=["commitment"],
            update_fields=["signed", "outcome", "targets", "worked_out_at"],
        )  # fmt: skip


def _state(today: date) -> str:
    """What decides outcomes: the day, the register, the evaluations."""
    newest = Evaluation.objects.aggregate(n=Max("pk"))["n"] or 0
    return f"{today.isoformat()} {database.data_version()} {newest}"


def keep(today: date | None = None) -> int:
    """Bring all states up to date, and remember of what; returns how many."""
    day = today or timezone.localdate()
    state = _state(day)
    done = follow(today=day)
    Marker.objects.update_or_create(name=_SEEN, defaults={"text": state})
    return done


def is_behind(today: date | None = None) -> bool:
    """Whether there are commitments, and the day, the register or the evaluations have changed since."""
    seen = Marker.objects.filter(name=_SEEN).values_list("text", flat=True).first()
    if seen == _state(today or timezone.localdate()):
        return False
    return seen is not None or Commitment.objects.exists()
