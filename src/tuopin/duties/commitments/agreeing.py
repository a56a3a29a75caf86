"""When one commitment takes the place of another. What both sides have signed binds until both have signed what is to
replace it; where the two sides of that are other people, somebody who is none of them agrees, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, connection
from django.utils import timezone

from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem, Refused
from tuopin.register.correcting.subjects import listed

from ..assigning import targets
from ..dates import line_of
from ..models import Official
from ..permissions import KEEP_COMMITMENT
from . import following, selectors
from .models import Commitment, CommitmentReplacement, CommitmentState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

_HOW = CommitmentReplacement.How
_ABOVE = """
WITH RECURSIVE up(start, id) AS (
  SELECT id, supersedes_id FROM duties_commitment WHERE id IN ({}) AND supersedes_id IS NOT NULL
  UNION ALL
  SELECT up.start, c.supersedes_id FROM up JOIN duties_commitment c ON c.id = up.id WHERE c.supersedes_id IS NOT NULL)
SELECT up.start, up.id FROM up
WHERE NOT EXISTS (SELECT 1 FROM duties_commitment_replacement r WHERE r.commitment_id = up.id)"""


def hold(ids: Collection[int]) -> None:
    """Nobody else signs or replaces these until the transaction ends."""
    list(CommitmentState.objects.select_for_update().filter(pk__in=listed(ids)).order_by("pk").values_list("pk"))


def standing(ids: Collection[int]) -> dict[int, Commitment]:
    """For each of these the commitment that it is to replace and that still binds, through drafts between that nobody
    signed. Two statements."""
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE.format(marks), list(ids))
        found = dict(cursor.fetchall())
    rows = Commitment.objects.filter(pk__in=listed(set(found.values()))).defer("text")
    by_id = {each.pk: each for each in rows.select_related("superior", "inferior")}
    return {start: by_id[key] for start, key in found.items()}


def drafted(actor: Actor, rows: Sequence[Commitment]) -> int:
    """Right after drafting: what had not been signed by both gives way at once. Returns how many did."""
    old = {each.supersedes_id: each for each in rows if each.supersedes_id is not None}
    signed = following.signed_by(old)
    gone = {key: by for key, by in old.items() if signed.get(key, 0) != following.BOTH}
    _replace(actor, {key: by.pk for key, by in gone.items()}, _HOW.UNSIGNED)
    return len(gone)


def require_open(ids: Collection[int], day: date) -> None:
    """Raise Problem where one of these would replace a promise whose day is over."""
    if any(each.due < day for each in standing(ids).values()):
        raise due_already()


def due_already() -> Problem:
    """What is said of a promise whose day is over."""
    return Problem(
        "due_already",
        "原军令状双方已签，兑现日期已过，不能再用另一份取代。",
        "Both have signed the first one and the day it was due is over: none supersedes it any more.",
    )


def signed(actor: Actor, rows: Sequence[Commitment]) -> None:
    """Right after signing: those that the same two people have now both signed take the place of the ones before."""
    by = following.signed_by([each.pk for each in rows])
    full = {each.pk: each for each in rows if by.get(each.pk) == following.BOTH}
    before = standing(full)
    people = _who([*full.values(), *before.values()]) if before else {}
    agreed = {old.pk: key for key, old in before.items() if _sides(old, people) == _sides(full[key], people)}
    _replace(actor, agreed, _HOW.BOTH)


def _who(rows: Sequence[Commitment]) -> Mapping[int, int]:
    """By the number of an official who that is now: two entries may have been found to be one person."""
    asked = {key for each in rows for key in (each.superior_id, each.inferior_id)}
    return {
        key: into or key
        for key, into in Official.objects.filter(pk__in=listed(asked)).values_list("pk", "merged_into_id")
    }


def _sides(row: Commitment, people: Mapping[int, int]) -> set[int]:
    return {people[row.superior_id], people[row.inferior_id]}


def agree(actor: Actor, number: int, *, reason: str, today: date | None = None) -> int:
    """Somebody who is a side of neither agrees that the commitment ``number``, which other people have both signed,
    takes the place of the one before; returns the number of that one. Raises Missing outside the grants, Refused for a
    side, Problem where there is nothing to agree to."""
    day = today or timezone.localdate()
    require(actor, KEEP_COMMITMENT)
    why = line_of(reason, 500, "理由", "the reason", needed=True)
    with database.write():
        row = selectors.one(actor, number)
        targets.reachable(actor, KEEP_COMMITMENT, "area", {row.area_id}, day)
        hold([row.pk])
        old = standing([row.pk]).get(row.pk)
        if old is None or following.signed_by([row.pk]).get(row.pk) != following.BOTH:
            raise Problem(
                "nothing_to_agree",
                "这一份双方尚未签齐，或没有要取代的军令状。",
                "Both have not signed it yet, or there is none that it would replace.",
            )
        hold([old.pk])
        if old.due < day:
            raise due_already()
        require_third(actor, [row, old])
        _replace(actor, {old.pk: row.pk}, _HOW.THIRD, why)
        audit.record(actor, "duties.agree_commitment", f"commitment:{row.pk}", {"replaced": old.pk}, row.digest)
    following.follow([row.pk, old.pk], today=day)
    return old.pk


def require_third(actor: Actor, rows: Sequence[Commitment]) -> None:
    """Raise Refused for one of the two sides of any of these."""
    if any(selectors.side_of(each, actor) for each in rows):
        raise Refused(
            "is_a_side",
            "您是立状双方之一，须由双方以外的人办理。",
            "You are one of the two sides: somebody else must do this.",
        )


def _replace(actor: Actor, pairs: Mapping[int, int], how: str, reason: str = "") -> None:
    """``pairs``: what counts no more, and what counts instead."""
    now = timezone.now()
    try:
        with database.write():
            CommitmentReplacement.objects.bulk_create(
                [
                    CommitmentReplacement(
                        commitment_id=old, by_id=new, how=how, reason=reason, at=now,
                        actor=actor.name or actor.os_user, user_id=actor.user_id,
                    )
                    for old, new in pairs.items()
                ],
                batch_size=500,
            )  # fmt: skip
    except IntegrityError:
        raise superseded_already() from None
    following.supersede(pairs)


def superseded_already() -> Problem:
    """What is said of one that another has replaced."""
    return Problem(
        "superseded_already",
        "这份军令状已被另一份取代，没有写入任何内容。请从最新的一份改起。",
        "Another one supersedes this already; nothing was written. Begin with the newest.",
    )
