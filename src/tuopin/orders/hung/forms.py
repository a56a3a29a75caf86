"""Forms of signs: every field is text of any shape until it was read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tuopin.core.supervision import last_working_day, monday_of
from tuopin.duties import acting
from tuopin.platform import working_days
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from ..board.forms import day, office, text
from . import measuring
from .items import WEEKS, Asked
from .measuring import Criterion
from .services import LONGEST, Wanted

if TYPE_CHECKING:
    import datetime

    from django.http import QueryDict

    from tuopin.platform.access import Actor

LINES = 5
"""Lines for items that a form has."""
_TITLE = 101


def wanted(actor: Actor, posted: QueryDict, area_id: int) -> Wanted:
    """What the form to hang one says. Raises Problem, Missing."""
    target = text(posted, "target", 8) or "area"
    issuer = whole_number(posted.get("office", ""), None)
    if issuer is None:
        raise Problem("no_office", "请选择挂牌单位。", "Choose the office that hangs it.")
    return Wanted(
        area_id, issuer, supervisor(actor, posted), text(posted, "title", _TITLE), text(posted, "reason", LONGEST + 1),
        criteria(posted), target, office(text(posted, "holder", 200)), whole_number(posted.get("matter", ""), None),
        text(posted, "node", 41), text(posted, "source", 25) if target == "group" else "",
        text(posted, "category", 25) if target == "group" else "",
    )  # fmt: skip


def supervisor(actor: Actor, posted: QueryDict) -> int:
    """The official that is named. Raises Problem."""
    found = acting.one_named(actor, text(posted, "supervisor", 200))
    if found is None:
        raise Problem("no_supervisor", "请填写督战人。", "Name the supervisor.")
    return found


def criteria(posted: QueryDict) -> tuple[Criterion, ...]:
    """The criteria that are ticked, with their bounds. Raises Problem."""
    found = []
    for key, kind in measuring.KINDS.items():
        if posted.get(f"criterion-{key}") != "1":
            continue
        if kind.day:
            by = day(posted, f"bound-{key}", kind.title.zh, kind.title.en)
            if by is None:
                raise Problem("no_bound", f"请填写“{kind.title.zh}”的日期。", f"Give the day of “{kind.title.en}”.")
            found.append(Criterion(key, day=by))
        else:
            bound = whole_number(posted.get(f"bound-{key}", "").strip(), None)
            found.append(Criterion(key, -1 if bound is None else bound))
    return tuple(found)


def items(posted: QueryDict) -> list[Asked]:
    """The lines that ask for something, all by the same day. Raises Problem."""
    words = [each.replace("\0", "").strip()[:301] for each in posted.getlist("words")[: LINES * 4]]
    due = day(posted, "due", "答复日期", "the day")
    if due is None:
        raise Problem("no_due", "请填写答复日期。", "Give the day of the answer.")
    weeks = whole_number(posted.get("weeks", "1").strip() or "1", 0)
    return [Asked(each, due, weeks) for each in words if each]


def next_due(today: datetime.date) -> datetime.date:
    """The day that a form offers: the last working day of this week, or of the next that has one."""
    calendar = working_days.calendar()
    for at in range(WEEKS):
        found = last_working_day(monday_of(today) + timedelta(weeks=at), calendar)
        if found is not None and found >= today:
            return found
    return today
