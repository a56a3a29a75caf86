"""One act further, or why not: no step skipped, none dated too early or in the future, no notice cut short."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from tuopin.core.calendar import Limit, days_after
from tuopin.core.procedures.model import COMPLETED, HELPER, STOPPED, Act, Clock, History, Parties, Procedure, Refusal

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from tuopin.core.calendar import WorkingCalendar
    from tuopin.core.procedures.model import Maximum, Step, Unit, Wait

_NOBODY = Parties()
_APART = re.compile("[、,;/|&]")
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")


def start(day: datetime.date, today: datetime.date) -> History | Refusal:
    """A procedure begun on a day."""
    return _future(day) if day > today else History(day)


def current(procedure: Procedure, history: History) -> str:
    """The key of the step that is due next, or ``completed`` or ``stopped``."""
    at = procedure.steps[0].key
    for act in history.acts:
        step = procedure.step(at)
        outcome = step.outcome(act.outcome) if step is not None and step.key == act.step else None
        if outcome is None:
            raise ValueError(f"{act.step}:{act.outcome} is no act of {procedure.key} at {at}")
        at = outcome.next
    return at


def advance(
    procedure: Procedure,
    history: History,
    act: Act,
    *,
    today: datetime.date,
    calendar: WorkingCalendar,
    parties: Parties = _NOBODY,
) -> History | Refusal:
    """The history with the act, or the reason why it cannot be done (yet, by this person, on this day)."""
    at = current(procedure, history)
    if at in {COMPLETED, STOPPED}:
        return Refusal("ended", "程序已经结束，不能再办理。", "The procedure has ended; nothing more can be recorded.")
    step = procedure.step(at)
    assert step is not None  # noqa: S101 - reading has checked every next
    if act.step != at:
        return _not_due(procedure, history, act, step)
    if step.outcome(act.outcome) is None:
        known = "、".join(each.title.zh for each in step.outcomes)
        return Refusal(
            "no_such_outcome", f"“{step.title.zh}”的结果应为：{known}。",
            f"“{step.title.en}” comes to one of: {', '.join(each.title.en for each in step.outcomes)}.",
        )  # fmt: skip
    return (
        _wrong_day(procedure, history, act, step, today, calendar)
        or _missing(act, step)
        or _same_person(procedure, history, act, step, parties)
        or replace(history, acts=(*history.acts, act))
    )


def replay(procedure: Procedure, started: datetime.date, acts: Iterable[Act]) -> History:
    """A stored history, in its order. Raises ValueError where an act does not follow the definition."""
    history = History(started, tuple(acts))
    current(procedure, history)
    return history


# ---- clocks -------------------------------------------------------------------------------------------------------


def earliest(procedure: Procedure, history: History, calendar: WorkingCalendar) -> Limit | None:
    """The first day on which the step that is due may be done; None where it waits for nothing, or all has ended."""
    step = procedure.step(current(procedure, history))
    if step is None:
        return None
    found = [
        _after(day, wait.length, wait.unit, calendar)
        for wait in step.waits
        if (day := history.day_of(wait.from_)) is not None
    ]
    return max(found, key=lambda limit: limit.day, default=None)


def clocks(procedure: Procedure, history: History, today: datetime.date, calendar: WorkingCalendar) -> list[Clock]:
    """The maxima that have begun."""
    found = []
    ended = current(procedure, history) in {COMPLETED, STOPPED}
    for maximum in procedure.maxima:
        begun = history.day_of(maximum.from_)
        if begun is None:
            continue
        limit = _after(begun, maximum.length, maximum.unit, calendar)
        reached = history.day_of(maximum.to)
        if reached is None and ended:
            continue  # it stopped before
        found.append(Clock(maximum, limit, reached, (reached or today) > limit.day))
    return found


def latest(procedure: Procedure, history: History, today: datetime.date, calendar: WorkingCalendar) -> Limit | None:
    """The last day on which the step that is due can still be done without making a maximum late; None without one.

    Waits that are still to come before the end of the maximum are left free: a decision within 15 days with a notice of
    five is put up by the tenth.
    """
    at = current(procedure, history)
    if procedure.step(at) is None:
        return None
    found = []
    for clock in clocks(procedure, history, today, calendar):
        if clock.reached is None and procedure.index(at) <= procedure.index(clock.maximum.to):
            free = _waiting(procedure, procedure.index(at), clock.maximum)
            found.append(replace(clock.limit, day=days_before(clock.limit.day, free)))
    return min(found, key=lambda limit: limit.day, default=None)


def days_before(day: datetime.date, days: int) -> datetime.date:
    """So many days earlier."""
    return type(day).fromordinal(day.toordinal() - days)


def _waiting(procedure: Procedure, at: int, maximum: Maximum) -> int:
    """Calendar days of waits that begin with the step ``at`` or later and end by the maximum's."""
    steps = procedure.steps[at : procedure.index(maximum.to) + 1]
    keys = {step.key for step in steps}
    return sum(wait.length for step in steps for wait in step.waits if wait.unit == "days" and wait.from_ in keys)


def _after(day: datetime.date, length: int, unit: Unit, calendar: WorkingCalendar) -> Limit:
    return days_after(day, length) if unit == "days" else calendar.after(day, length)


# ---- refusals -----------------------------------------------------------------------------------------------------


def _future(day: datetime.date) -> Refusal:
    return Refusal("future", f"日期 {day} 还没有到。", f"The day {day} has not come yet.")


def _not_due(procedure: Procedure, history: History, act: Act, due: Step) -> Refusal:
    asked = procedure.step(act.step)
    if asked is None:
        return Refusal("no_such_step", "程序没有这个步骤。", "The procedure has no such step.")
    if history.day_of(act.step) is not None:
        return Refusal("done_already", f"“{asked.title.zh}”已经办理过。", f"“{asked.title.en}” was done already.")
    return Refusal(
        "skipped", f"不能跳过“{due.title.zh}”：现在应办理这一步。",
        f"“{due.title.en}” cannot be skipped: it is the step that is due.",
    )  # fmt: skip


def _wrong_day(
    procedure: Procedure, history: History, act: Act, step: Step, today: datetime.date, calendar: WorkingCalendar
) -> Refusal | None:
    if act.day > today:
        return _future(act.day)
    before = history.acts[-1].day if history.acts else history.started
    if act.day < before:
        return Refusal(
            "before_previous", f"日期 {act.day} 早于上一步（{before}）。请核对日期。",
            f"The day {act.day} lies before the step before ({before}). Check it.",
        )  # fmt: skip
    for wait in step.waits:
        since = history.day_of(wait.from_)
        limit = _after(since, wait.length, wait.unit, calendar) if since is not None else None
        if limit is not None and act.day < limit.day:
            return _too_early(procedure, wait, limit)
        since_step = procedure.step(wait.from_)
        if limit is not None and since_step is not None and since_step.notice and today <= limit.day:
            return _hangs_still(limit)
    return None


def _hangs_still(limit: Limit) -> Refusal:
    """The last day that the notice names belongs to whoever objects, until midnight."""
    return Refusal(
        "too_early", f"公示到 {limit.day} 为止，当天有异议仍须受理：请从次日起登记。",
        f"The notice hangs until the end of {limit.day}, and objections count all day: record it from the next day on.",
    )  # fmt: skip


def _too_early(procedure: Procedure, wait: Wait, limit: Limit) -> Refusal:
    since = procedure.step(wait.from_)
    zh, en = (since.title.zh, since.title.en) if since is not None else ("开始", "start")
    unit_zh, unit_en = ("天", "days") if wait.unit == "days" else ("个工作日", "working days")
    mark_zh, mark_en = ("（暂定）", " (provisional)") if limit.provisional else ("", "")
    return Refusal(
        "too_early", f"“{zh}”之后不少于 {wait.length} {unit_zh}：最早 {limit.day}{mark_zh}。",
        f"At least {wait.length} {unit_en} after “{en}”: {limit.day}{mark_en} at the earliest.",
    )  # fmt: skip


def _missing(act: Act, step: Step) -> Refusal | None:
    missing = [each for each in step.evidence if each.required and each.key not in act.evidence]
    if not missing:
        return None
    return Refusal(
        "no_evidence", f"缺少材料：{'、'.join(each.title.zh for each in missing)}。请上传，或写明文号、存放处。",
        f"Missing: {', '.join(each.title.en for each in missing)}. Hand in the file, or say where the paper is kept.",
    )  # fmt: skip


def _same_person(procedure: Procedure, history: History, act: Act, step: Step, parties: Parties) -> Refusal | None:
    names, people = _names(act.by), {act.person} - {None}
    if not names:
        return Refusal("nobody", "请写明办理人。", "Say who did it.")
    for barred in step.not_by:
        if barred == HELPER:
            clash = bool(names & parties.names or people & parties.people)
            other_zh, other_en = "本户帮扶责任人", "the household's helper"
        else:
            earlier = [each for each in history.acts if each.step == barred]
            clash = any(names & _names(each.by) or people & {each.person} for each in earlier)
            titled = procedure.step(barred)
            assert titled is not None  # noqa: S101 - reading has checked it
            other_zh, other_en = f"“{titled.title.zh}”的办理人", f"whoever did “{titled.title.en}”"
        if clash:
            return Refusal(
                "same_person", f"“{step.title.zh}”须由另一人办理，不能是{other_zh}。",
                f"“{step.title.en}” must be done by somebody else than {other_en}.",
            )  # fmt: skip
    return None


def _names(by: str) -> set[str]:
    """The people named in a text, without titles in brackets: several are set apart by 、 a comma, a slash or a space.
    A name may itself hold spaces (张 三), so that both readings count."""
    found: set[str] = set()
    for part in _APART.split(unicodedata.normalize("NFKC", by)):
        bare = _BRACKETS.sub(" ", part)
        pieces = (bare if bare.strip() else part.strip("()[] ")).casefold().split()
        found |= {"".join(pieces), *(each for each in pieces if len(each) > 1 and not each.isascii())}
    return found - {""}
