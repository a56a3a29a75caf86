"""What the acts of petitions change on a matter's row; the days are those of ``matters.toml``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.platform.problems import Problem

from .. import limits
from ..changes import begin, begun, issued, reassigned
from ..kinds import petition_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..changes import Change, Given
    from ..models import Matter

REVIEW = "petition_review"


def accepted(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """A holder has it, for 60 days at most."""
    late = _late(matter, now)
    data = issued(matter, given, now)
    _not_beyond(matter, now)
    return data | {"late": late}


def declined(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """It ends here, and the petitioner is told why."""
    late = _late(matter, now)
    matter.closed_at = now
    return {"late": late}


def reviewed(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """The unit above has it. Asked for in time only."""
    days = petition_days().ask_review
    if matter.closed_at is None:
        raise Problem(
            "not_answered", "复查还没有答复，不能申请复核。请先登记复查答复。",
            "The review was not answered yet: record its answer before a second review.",
        )  # fmt: skip
    if timezone.localdate(now) > timezone.localdate(matter.closed_at) + timedelta(days=days):
        raise Problem(
            "review_late", f"答复后已超过 {days} 日，不能再申请复查、复核。可按新的信访事项登记。",
            f"More than {days} days have passed since the answer: no review can be asked for. A new petition can be"
            " taken in.",
        )  # fmt: skip
    before = {"holder": matter.holder_id, "official": matter.official_id}
    matter.urgency, matter.closed_at, matter.done_at = REVIEW, None, None
    matter.holder_id, matter.official_id = given.holder_id, given.official_id
    begin(matter, given, now)
    _not_beyond(matter, now)
    return {"before": before, "holder": given.holder_id, "official": given.official_id, **begun(matter, given)}


def review_answered(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all
    """The unit above has answered; from now on a second review may be asked for."""
    if matter.closed_at is not None:
        raise _answered_already()
    matter.closed_at, matter.step = now, 0
    return {"late": _late(matter, now)}


def review_reassigned(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """Another unit above has the review, or the second one, with the limit that runs: who came waits no longer."""
    if matter.closed_at is not None:
        raise _answered_already()
    return reassigned(matter, given, now)


def concluded(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """The second review has answered: nothing may be asked for after it."""
    matter.closed_at = now
    return {"late": _late(matter, now)}


CHANGES: Mapping[str, Change] = {
    "accept": accepted,
    "decline": declined,
    "review": reviewed,
    "answer_review": review_answered,
    "second_review": reviewed,
    "reassign_review": review_reassigned,
    "conclude": concluded,
}


def _answered_already() -> Problem:
    return Problem("answered_already", "复查答复已登记。", "The answer of the review is recorded already.")


def _late(matter: Matter, now: datetime) -> bool:
    return matter.limit_at is not None and now >= matter.limit_at


def _not_beyond(matter: Matter, now: datetime) -> None:
    most = limits.usual(matter.urgency, now)
    if matter.limit_at is not None and matter.limit_at > most.at:
        day = limits.day_of(most.at)
        raise Problem(
            "limit_beyond", f"信访时限不能晚于 {day}（法定期限）。", f"The limit of a petition is {day} at the latest.",
            latest=day.isoformat(),
        )  # fmt: skip
