"""The weekly list of a sign (每周清单): what is asked, answered and checked. Asking takes a set; an answer, and what
the supervisor says of it, is somebody's word about one item. The time is an input."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.supervision import OWED, last_working_day, monday_of
from tuopin.duties.dates import line_of
from tuopin.platform import database, evidence, working_days
from tuopin.platform.auditing import audit
from tuopin.platform.evidence import Paper
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Problem, Refused

from .. import reach as matters_reach
from ..models import HungEvent, HungItem
from . import reach, selectors
from .services import check_supervisor, locked, text_of, write_event
from .telling import Teller, about_day, about_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.calendar import WorkingCalendar
    from tuopin.platform.access import Actor
    from tuopin.platform.evidence import Kept

    from ..models import HungSign

ABOUT = "hung"
"""What papers are about: of the event that they prove."""
MOST = 20
"""Items of a week."""
WEEKS = 12
"""Weeks that one thing is asked for at once."""
AGAIN = 3
"""Working days for another answer, at least; and until an answer that nobody has checked is told."""
TO_CHECK = 4
"""The stage of the clock after an answer; those before are told about what is owed."""
_ALL = 1_000
_AHEAD = datetime.timedelta(days=370)
_WEEK = datetime.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for by ``due``, the last day, and the same in the weeks after: ``weeks`` in all."""

    words: str
    due: datetime.date
    weeks: int = 1


def ask(
    actor: Actor, number: int, wanted: Sequence[Asked], now: datetime.datetime, seen: int | None = None
) -> list[HungItem]:
    """Ask for items: by who hung the sign, or its supervisor. In a later week a day that is off becomes its last
    working day; a week without one is left out. Raises Missing, Refused, Problem."""
    day, calendar = timezone.localdate(now), working_days.calendar()
    if not wanted or sum(each.weeks for each in wanted) > MOST * WEEKS:
        raise Problem("no_items", "请至少写一项。", "Write one item at least.")
    made = [found for each in wanted for found in _days(each, day, calendar)]
    try:
        with database.write():
            row = locked(actor, number, {"hanger", "supervisor"}, seen)
            _bounded(row, [due for _words, due in made])
            first = database.reserve_ids(HungItem, len(made))
            items = [
                HungItem(
                    pk=first + at, sign=row, words=words, due=due, by=due, provisional=not calendar.is_published(due),
                    state="asked", tell_on=_remind_on(due, calendar),
                )
                for at, (words, due) in enumerate(made)
            ]  # fmt: skip
            HungItem.objects.bulk_create(items, batch_size=200)
            write_event(actor, row, "asked", now, "", {"items": [each.pk for each in items]})
            teller, due = Teller([row], now), min(due for _words, due in made)
            subject = about_day(row.pk, due)  # of several weeks the later ones are reminded of
            letters = teller.letters(teller.holder(row), "asked", row, f"asked:{first}", due, subject, len(items))
            outbox.post(actor, letters, now=now)
            audit.record(actor, "orders.ask_hung", f"hung_sign:{row.pk}", {"items": len(items)})
    except IntegrityError:
        raise Problem(
            "asked_already", "同一天的这一项已经布置过。", "The same was asked for by that day already."
        ) from None
    return items


def _days(wanted: Asked, today: datetime.date, calendar: WorkingCalendar) -> list[tuple[str, datetime.date]]:
    words = line_of(wanted.words, 300, "清单内容", "what is asked", needed=True)
    if not 1 <= wanted.weeks <= WEEKS:
        raise Problem("bad_weeks", f"一次布置 1 至 {WEEKS} 周。", f"1 to {WEEKS} weeks at once.")
    if not today <= wanted.due <= today + _AHEAD:
        raise Problem(
            "bad_due", "答复日期须在今天以后一年之内。", "The day of the answer must lie ahead, within a year."
        )
    if not calendar.is_working(wanted.due):
        last = last_working_day(monday_of(wanted.due), calendar)
        if last is None:
            raise Problem(
                "day_off", "这一周没有工作日，请改在下一周。", "That week has no working day: choose the week after."
            )
        raise Problem(
            "day_off", f"这一天放假。这一周最后一个工作日是 {last}。",
            f"That day is off. The last working day of the week is {last}.", last=last.isoformat(),
        )  # fmt: skip
    found = []
    for at in range(wanted.weeks):
        day = wanted.due + _WEEK * at
        due = day if calendar.is_working(day) else last_working_day(monday_of(day), calendar)
        if due is not None:
            found.append((words, due))
    return found


def _bounded(row: HungSign, days: Sequence[datetime.date]) -> None:
    known = [*row.items.exclude(state="dropped").values_list("due", flat=True)[: _ALL + 1], *days]
    weeks: dict[datetime.date, int] = {}
    for each in known:
        weeks[monday_of(each)] = weeks.get(monday_of(each), 0) + 1
    if len(known) > _ALL or max(weeks[monday_of(each)] for each in days) > MOST:
        raise Problem("too_many", f"一周最多 {MOST} 项。", f"At most {MOST} items a week.")


def _remind_on(by: datetime.date, calendar: WorkingCalendar) -> datetime.date:
    return core.before(by, 1, calendar)


def drop(actor: Actor, item_id: int, reason: str, now: datetime.datetime) -> HungItem:
    """What was asked counts no more: while nobody owes it yet, by who may ask, with a reason. What is late stays."""
    note = text_of(reason, "取消理由", "the reason", 500)
    with database.write():
        item, row = _item(actor, item_id, {"hanger", "supervisor"})
        if item.state not in OWED or item.by < timezone.localdate(now):
            raise Problem(
                "not_now", "已答复或已过期的要求不能取消。", "What was answered, or is late, cannot be dropped."
            )
        item.state, item.tell_on = "dropped", None
        item.save(update_fields=["state", "tell_on"])
        outbox.settle(actor, _settled(item), now=now)
        write_event(actor, row, "dropped", now, note, {}, item)
        audit.record(actor, "orders.drop_hung", f"hung_item:{item.pk}", {"sign": row.pk})
    return item


def answer(
    actor: Actor, item_id: int, words: str, now: datetime.datetime, *, papers: Sequence[Kept] = (), reference: str = ""
) -> HungItem:
    """Answer an item, with what proves it: by who handles for the unit that answers. A second answer waits until the
    first was returned. Raises Missing, Refused, Problem."""
    said = text_of(words, "答复", "the answer", 2_000)
    kept_at = line_of(reference, 200, "材料编号或存放处", "the paper")
    if not papers and not kept_at:
        raise Problem(
            "no_evidence", "请上传佐证材料，或写明存放处。", "Hand in what proves it, or say where it is kept."
        )
    day, calendar = timezone.localdate(now), working_days.calendar()
    with database.write():
        item, row = _item(actor, item_id, {"holder"})
        if item.state not in OWED:
            raise Problem(
                "answered_already", "这一项已有答复，等督战人核对；退回以后才能再答。",
                "This was answered already and waits for the supervisor: it can be answered again once returned.",
            )  # fmt: skip
        late = max(0, (day - item.by).days)
        item.late_days = max(item.late_days, late)  # what is returned gets another day, and came late all the same
        item.state, item.answered_on, item.rounds, item.told = "answered", day, item.rounds + 1, TO_CHECK
        item.tell_on = calendar.after(day, AGAIN).day
        item.save(update_fields=["state", "answered_on", "rounds", "late_days", "told", "tell_on"])
        event = write_event(actor, row, "answered", now, said, {"late": late > 0, "round": item.rounds}, item)
        _papers(actor, event, day, papers, kept_at)
        outbox.settle(actor, _settled(item), now=now)
        teller, key = Teller([row], now), f"answered:{item.pk}:{item.rounds}"
        outbox.post(
            actor, teller.letters(teller.supervisor(row), "answered", row, key, day, about_item(item.pk)), now=now
        )
        audit.record(actor, "orders.answer_hung", f"hung_item:{item.pk}", {"sign": row.pk, "late": late})
    return item


def check(
    actor: Actor, item_id: int, *, accepted: bool, words: str, now: datetime.datetime, papers: Sequence[Kept] = (),
    reference: str = "",
) -> HungItem:  # fmt: skip
    """What the supervisor says of an answer: accepted, or returned with a reason. Who hung the sign may record it for a
    supervisor without an account, by a paper. Never who answered. Raises Missing, Refused, Problem."""
    note = text_of(words, "核对意见", "what was found", 2_000, needed=not accepted)
    kept_at = line_of(reference, 200, "材料编号或存放处", "the paper")
    day, calendar = timezone.localdate(now), working_days.calendar()
    with database.write():
        item, row = _item(actor, item_id, {"supervisor", "hanger"})
        if item.state != "answered":
            raise Problem("not_answered", "现在没有待核对的答复。", "There is no answer to be checked now.")
        if _answered_by(actor, item):
            raise Refused("own_answer", "答复的人不能核对自己的答复。", "Nobody checks an answer of one's own.")
        supervises = "supervisor" in reach.parts(actor, [row])[row.pk]
        if supervises:  # whoever was given another post meanwhile, perhaps there, checks no more
            holder = matters_reach.organisation_paths({row.holder_id}).get(row.holder_id, "")
            check_supervisor(row, holder, day)
        if not supervises and not papers and not kept_at:
            raise Problem(
                "no_evidence", "代督战人登记，请上传其签字材料，或写明存放处。",
                "To record it for the supervisor, hand in the signed paper, or say where it is kept.",
            )  # fmt: skip
        act = "accepted" if accepted else "returned"
        item.state, item.tell_on = act, None
        if not accepted:
            item.by = max(item.by, calendar.after(day, AGAIN).day)
            item.provisional = not calendar.is_published(item.by)
            item.told, item.tell_on = 0, _remind_on(item.by, calendar)
        item.save(update_fields=["state", "by", "provisional", "told", "tell_on"])
        event = write_event(actor, row, act, now, note, {"round": item.rounds}, item)
        _papers(actor, event, day, papers, kept_at)
        outbox.settle(actor, [about_item(item.pk)], now=now)
        if not accepted:
            teller, key = Teller([row], now), f"returned:{item.pk}:{item.rounds}"
            outbox.post(actor, teller.letters(teller.holder(row), act, row, key, item.by, about_item(item.pk)), now=now)
        audit.record(actor, "orders.check_hung", f"hung_item:{item.pk}", {"sign": row.pk, "accepted": accepted})
    return item


def _settled(item: HungItem) -> list[str]:
    """What messages are done with, once an item is answered or dropped: those about it, and that which said that
    something is asked by its day, if nothing is owed by then."""
    left = HungItem.objects.filter(sign_id=item.sign_id, due=item.due, state__in=OWED).exists()
    return [about_item(item.pk)] if left else [about_item(item.pk), about_day(item.sign_id, item.due)]


def _item(actor: Actor, item_id: int, needed: set[reach.Part]) -> tuple[HungItem, HungSign]:
    """An item and its sign, both held. Raises as :func:`tuopin.orders.hung.services.locked`."""
    number = HungItem.objects.filter(pk=item_id).values_list("sign_id", flat=True).first() if item_id < 2**63 else None
    if number is None:
        raise selectors.missing()
    row = locked(actor, number, needed)
    return HungItem.objects.select_for_update().get(pk=item_id), row


def _answered_by(actor: Actor, item: HungItem) -> bool:
    """Whether the actor gave the last answer: an account by its number, the command line by the system's user."""
    last = HungEvent.objects.filter(item=item, act="answered").order_by("-pk").first()
    if last is None:
        return False
    if actor.user_id is not None or last.user_id is not None:
        return last.user_id == actor.user_id
    return last.actor == matters_reach.signature(actor)


def _papers(actor: Actor, event: HungEvent, day: datetime.date, papers: Sequence[Kept], reference: str) -> None:
    if papers or reference:
        every = papers or (None,)
        evidence.record(
            actor, ABOUT, [Paper(event.pk, event.act, day, kept, reference if kept is None else "") for kept in every]
        )
