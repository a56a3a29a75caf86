"""Letters that are owed to who came (告知书、意见书): one for each acceptance, refusal and answer, until it is known to
have arrived; and when their office is reminded of those that the law wants sent by a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.language.catalogue import Title
from tuopin.platform import working_days
from tuopin.platform.outbox.services import Letter
from tuopin.register.correcting.subjects import listed

from ..kinds import petition_days, rhythm, urgencies
from ..models import RUNNING, Matter, MatterEvent
from . import desk
from .changes import REVIEW
from .models import Petition, PetitionLetter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from ..clock.people import People

ANSWERS = {
    "accept": "accepted",
    "decline": "declined",
    "answer": "answered",
    "answer_review": "reviewed",
    "conclude": "concluded",
}
"""Acts, and the letter that tells who came of each."""
AT_WORK = (*RUNNING, "reported", "verified")
"""Where a notice of acceptance still says something: an answer says more."""
_ASKED = {"answer_review": "review", "conclude": "second_review"}
_SINCE = timedelta(days=150)
"""A letter that has been owed for longer was reminded of often enough."""
_TITLE = Title(
    "信访告知书、意见书：待发出或登记送达 {count} 件，已过法定期限 {late} 件",
    "Letters of petitions: {count} to be sent or their arrival recorded, {late} past the day of the law",
)


@dataclass(frozen=True, slots=True)
class Owed:
    """A letter that is owed: since when, and until which day it is to be sent."""

    matter_id: int
    area_id: int
    kind: str
    since: date
    by: date


def waiting(rows: QuerySet[Matter], now: datetime) -> QuerySet[Matter]:
    """Of petitions those with a letter that is owed."""
    arrived = PetitionLetter.objects.filter(petition_id=OuterRef("pk"), withdrawn_at=None, received_on__isnull=False)
    owed = Q(pk__in=[])
    for act, kind in ANSWERS.items():
        done = MatterEvent.objects.filter(matter_id=OuterRef("pk"), act=act)
        wanted = Q(Exists(done)) & ~Q(Exists(arrived.filter(kind=kind)))
        owed |= wanted & Q(state__in=AT_WORK) if act == "accept" else wanted
    return rows.filter(owed, changed_at__gte=now - _SINCE, petition__petitioner__erased_at=None)


def owed(now: datetime) -> list[Owed]:
    """All letters that are owed; a fixed number of statements."""
    rows = list(waiting(Matter.objects.filter(kind="petition"), now).values_list("pk", "area_id", "state"))
    areas, states = {number: area for number, area, _state in rows}, {number: state for number, _area, state in rows}
    ids = listed(areas)
    kept = Petition.objects.filter(pk__in=ids).values_list("pk", "received_on", "finish_by")
    days = {number: (received, finish) for number, received, finish in kept}
    acts = [*ANSWERS, *_ASKED.values()]
    events = MatterEvent.objects.filter(matter_id__in=ids, act__in=acts).order_by("pk")
    done = {(number, act): timezone.localdate(at) for number, act, at in events.values_list("matter_id", "act", "at")}
    letters = PetitionLetter.objects.filter(petition_id__in=ids, withdrawn_at=None, received_on__isnull=False)
    arrived = set(letters.values_list("petition_id", "kind"))
    found = []
    for (number, act), day in done.items():
        kind = ANSWERS.get(act)
        if kind is None or (number, kind) in arrived or (act == "accept" and states[number] not in AT_WORK):
            continue
        received, finish = days[number]
        by = received + timedelta(days=petition_days().accept)
        if act == "answer":
            by = finish or day
        elif act in _ASKED:
            by = done.get((number, _ASKED[act]), day) + timedelta(days=urgencies()[REVIEW].length)
        found.append(Owed(number, areas[number], kind, day, by))
    return found


def steps(each: Owed) -> Sequence[date]:
    """The days on which somebody is reminded of a letter: before its day, as matters are, and twice after it."""
    calendar, beat = working_days.calendar(), rhythm()
    before = [core.before(each.by, days, calendar) for days in (beat.remind, beat.remind_last)]
    late = max(each.by, calendar.after(each.since, 1).day) + timedelta(days=1)
    return [*(day for day in before if day > each.since), late, calendar.after(late, beat.again).day]


def letters(people: People, last: date, now: datetime) -> Iterator[Letter]:
    """One message a person, if a letter of the office came to a step after the day ``last``, until today."""
    today, every = timezone.localdate(now), owed(now)
    stepped = {each.matter_id for each in every if any(last < day <= today for day in steps(each))}
    late = {each.matter_id for each in every if each.by < today}
    areas = {each.matter_id: each.area_id for each in every}
    for user, (count, over) in desk.counted(people, areas, stepped, late).items() if stepped else ():
        counts = {"count": count, "late": over}
        yield Letter(user, f"petitions:letters:{today}", "orders.letters", today, _TITLE, counts, view=desk.PAGE)
