"""What each act changes on a matter's row. The table says whether it may happen (``core/matters/table.py``), the
service that it does; a function here says what it means. Acts without one change the state alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.platform.problems import Problem

from . import limits
from .kinds import paper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from tuopin.platform.evidence import Kept

    from .models import Matter

type Change = Callable[["Matter", "Given", "datetime"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Given:
    """What is said and handed in with an act. ``limit`` None: the usual one, where the act needs one. ``papers``: files
    kept already (``platform/evidence.py``); ``reference``: where a paper is kept, if no file is handed in. ``parts``:
    titles; ``part_holders``: who holds each, None = as the whole; ``parent_id``: the whole that it is put under;
    ``hand_on``: the files of a petition's office are for its holder too. ``named``: the limit was set anew since the
    clock stands (``clock/stood.py`` finds that)."""

    note: str = ""
    limit: date | None = None
    until: date | None = None
    look_back_on: date | None = None
    holder_id: int | None = None
    official_id: int | None = None
    into_id: int | None = None
    within_authority: bool | None = None
    parts: tuple[str, ...] = ()
    part_holders: tuple[int | None, ...] = ()
    papers: tuple[Kept, ...] = field(default=())
    reference: str = ""
    hand_on: bool = False
    parent_id: int | None = None
    named: bool = False

    def keys(self) -> set[str]:
        """Which needs of the table are met: the keys of ``core/matters/table.py``. A limit is always there: the usual
        one, where none is given."""
        said = {
            "note": bool(self.note.strip()), "limit": True, "until": self.until is not None,
            "look_back_on": True, "holder": self.holder_id is not None, "into": self.into_id is not None,
            "parent": self.parent_id is not None,
            "within_authority": self.within_authority is not None, "parts": len(self.parts) > 1,
            "paper": bool(self.papers or self.reference.strip()),
        }  # fmt: skip
        return {key for key, there in said.items() if there}


def issued(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """A holder has it, and a limit runs from now on."""
    matter.holder_id, matter.official_id = given.holder_id or matter.holder_id, given.official_id or matter.official_id
    begin(matter, given, now)
    return {"holder": matter.holder_id, "official": matter.official_id, **begun(matter, given)}


def returned(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """The holder goes on, with a new limit."""
    begin(matter, given, now)
    matter.done_at = None
    return begun(matter, given)


def reopened(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """It begins again."""
    matter.reopened += 1
    matter.closed_at = matter.look_back_on = None
    return returned(matter, given, now)


def reassigned(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """Another holder, the same limit."""
    if given.holder_id == matter.holder_id and given.official_id == matter.official_id:
        raise Problem("same_holder", "承办单位和责任人没有变化。", "Holder and person are the same as before.")
    before = {"holder": matter.holder_id, "official": matter.official_id}
    matter.holder_id, matter.official_id = given.holder_id, given.official_id
    return {"before": before, "holder": matter.holder_id, "official": matter.official_id}


def done(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """The holder's clock ends."""
    matter.done_at = now
    matter.asked_until = None
    return {"late": matter.limit_at is not None and now >= matter.limit_at}


def closed(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """Closed, to be looked back at: on the day given, or the usual one."""
    today = timezone.localdate(now)
    day = given.look_back_on or today + timedelta(days=paper().look_back)
    if not today < day <= today + timedelta(days=limits.LONGEST):
        raise Problem(
            "bad_look_back", "回头看日期应在今天之后、三年之内。", "The look-back lies ahead, at most three years."
        )
    matter.closed_at, matter.look_back_on = now, day
    return {"look_back_on": day.isoformat()}


def answered(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """The petitioner was told."""
    matter.closed_at = now
    return {}


def asked(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """More time is asked for: before the limit, and for later than it."""
    if matter.limit_at is None or now >= matter.limit_at:
        raise Problem(
            "extension_late", "时限已过，不能再申请延期。请报结、上报或说明情况。",
            "The limit has passed: no more time can be asked for. Report it done, or up.",
        )  # fmt: skip
    if matter.asked_until is not None:
        raise Problem(
            "asked_already", "已有一次延期申请等待答复。", "More time was asked for already, and not answered."
        )
    matter.asked_until = _later(matter, given, now).at
    return {"until": _iso(matter.asked_until)}


def extended(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """More time is granted: asked for before the limit, or given by the issuer before it."""
    if matter.asked_until is None and (matter.limit_at is None or now >= matter.limit_at):
        raise Problem(
            "extension_late", "时限已过，且时限前没有申请延期，不能延期。可以退回重办或改派。",
            "The limit has passed and no more time was asked for before it: it cannot be extended.",
        )  # fmt: skip
    before = matter.limit_at
    due = _later(matter, given, now) if given.limit is not None else None
    if due is None and matter.asked_until is None:
        raise Problem("no_limit", "请填写延到哪一天。", "Say until which day.")
    matter.limit_at = due.at if due is not None else matter.asked_until
    matter.provisional = due.provisional if due is not None else matter.provisional
    matter.extensions += 1
    matter.asked_until, matter.step = None, 0
    return {"before": _iso(before), "limit": _iso(matter.limit_at), "times": matter.extensions}


def refused(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """No more time."""
    if matter.asked_until is None:
        raise Problem("nothing_asked", "没有等待答复的延期申请。", "No more time was asked for.")
    matter.asked_until = None
    return {}


def stopped(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """The clock stands still until a day; the limit moves by the working days between."""
    today, until = timezone.localdate(now), given.until
    if matter.stopped_until is not None and matter.stopped_until > today:
        raise Problem(
            "stopped_already", "已经停表，请先恢复计时。", "The clock is stopped already: run it again first."
        )
    if until is None or not today < until <= today + timedelta(days=366):
        raise Problem("bad_until", "停表应到今天之后、一年之内的一天。", "A stop ends on a day ahead, within a year.")
    if matter.limit_at is None or now >= matter.limit_at:
        raise Problem("limit_past", "时限已过，不能停表。", "The limit has passed: its clock cannot be stopped.")
    due = limits.stopped(matter, today, until, now)
    before = matter.limit_at
    matter.stopped_from, matter.stopped_until = today, until
    matter.limit_at, matter.provisional, matter.step = due.at, due.provisional, 0
    return {"before": _iso(before), "limit": _iso(due.at), "until": until.isoformat()}


def resumed(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """The clock runs before the stop was to end. A day that somebody named meanwhile stays: who named it knew of the
    stop."""
    due = limits.resumed(matter, now)
    before = matter.limit_at
    if not given.named:
        matter.limit_at, matter.provisional, matter.step = due.at, due.provisional, 0
    matter.stopped_from = matter.stopped_until = None
    return {"before": _iso(before), "limit": _iso(matter.limit_at)}


def merged(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """It points to the one that goes on."""
    matter.into_id = given.into_id
    matter.asked_until = None
    return {"into": given.into_id}


def attached(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """It is a part of another from now on; its own limit stays."""
    if matter.parent_id == given.parent_id:
        raise Problem("same_whole", "已经是那一件的分件。", "It is a part of that one already.", matter=matter.pk)
    before, matter.parent_id = matter.parent_id, given.parent_id
    return {"parent": given.parent_id, "before": before}


def detached(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:  # noqa: ARG001 - the same for all acts
    """It stands by itself."""
    if matter.parent_id is None:
        raise Problem("no_whole", "这件事项没有总件。", "It is a part of nothing.", matter=matter.pk)
    before, matter.parent_id = matter.parent_id, None
    return {"before": before}


def reported_up(matter: Matter, given: Given, now: datetime) -> dict[str, Any]:
    """The duty moves to who stands above (``holder_id``, ``official_id``: as the service found them), with a limit of
    its own from now on. Only in time: it frees who reports it, and who comes late has let it lie."""
    if matter.limit_at is None or now >= matter.limit_at:
        raise Problem(
            "report_late", "时限已过，不能再上报。上一级已得到逾期通知，可由交办方改派；请继续办理并填报进展。",
            "The limit has passed: it can no longer be reported up. The level above was told; whoever issued it may"
            " reassign it. Go on, and say how far it is.",
        )  # fmt: skip
    before = {"holder": matter.holder_id, "official": matter.official_id}
    matter.holder_id, matter.official_id = given.holder_id, given.official_id
    begin(matter, given, now)
    matter.reported_up, matter.within_authority = True, given.within_authority
    return {
        "before": before, "holder": matter.holder_id, "official": matter.official_id,
        "within_authority": given.within_authority, **begun(matter, given),
    }  # fmt: skip


CHANGES: Mapping[str, Change] = {
    "issue": issued,
    "accept": issued,
    "return": returned,
    "reopen": reopened,
    "reassign": reassigned,
    "done": done,
    "close": closed,
    "answer": answered,
    "ask_extension": asked,
    "extend": extended,
    "refuse_extension": refused,
    "stop": stopped,
    "resume": resumed,
    "merge": merged,
    "attach": attached,
    "detach": detached,
    "report_up": reported_up,
}


def begin(matter: Matter, given: Given, now: datetime) -> None:
    """A limit runs from now on: the one given, or the usual one of the urgency."""
    due = limits.given(given.limit, now) if given.limit is not None else limits.usual(matter.urgency, now)
    matter.issued_at, matter.limit_at = now, due.at
    matter.by_hours, matter.provisional = due.by_hours, due.provisional
    matter.step, matter.reported_up, matter.asked_until = 0, False, None
    matter.stopped_from = matter.stopped_until = None


def begun(matter: Matter, given: Given) -> dict[str, Any]:
    """What an event says of a limit that began; ``counted``: in working days, not named by somebody."""
    return {"limit": _iso(matter.limit_at), "counted": given.limit is None}


def _later(matter: Matter, given: Given, now: datetime) -> limits.Due:
    if given.limit is None:
        raise Problem("no_limit", "请填写延到哪一天。", "Say until which day.")
    due = limits.given(given.limit, now)
    if matter.limit_at is not None and due.at <= matter.limit_at:
        raise Problem("not_later", "延期应晚于现在的时限。", "The new limit must be later than the present one.")
    return due


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
