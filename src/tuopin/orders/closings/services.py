"""After a closing: is it one of many by one person on one day, or was its evidence used before? Then it is looked back
at sooner, by somebody who neither handled, verified nor closed it. Inside the transaction of the act; a fixed number of
statements, whatever stands in the tables."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from tuopin.platform import database, working_days
from tuopin.platform.models import Evidence
from tuopin.platform.problems import Refused
from tuopin.register.correcting.subjects import listed

from .. import kinds, limits, reach
from ..families import tree
from ..models import EarlyLookBack, Matter, MatterEvent
from . import draw, lookers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tuopin.platform.access import Actor

PAPER = "matter"
"""What papers of acts are about (``orders/services.py``)."""
WORD = ("verify", "close")
"""Acts that are somebody’s word about one matter, of which many on one day are looked at."""
EVENT = "clock.early"
"""The event that tells of it on the matter."""


_COMPARED = 200
"""Papers that a closing's are compared with, the newest: of one file handed in everywhere, one other is enough."""
_CHANGED = ["look_back_on", "version", "changed_at", "next_at"]


@dataclass(frozen=True, slots=True)
class _Flag:
    matter: int
    closing: int
    reason: str
    seed: str = ""
    same: int | None = None


def alone() -> None:
    """Of two who give their word, the second waits here for the first, before it locks or reads anything: what is drawn
    among many on a day are matters of others too, and each would wait for the other’s, or both tell of one.
    SQLite has one writer anyway."""
    if database.is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.closings'))")


def after(actor: Actor, name: str, matters: Sequence[Matter], now: datetime) -> None:
    """What an act leads to: called once its events are written."""
    if name in {"look_back", "reopen"}:
        ids = [each.pk for each in matters]
        EarlyLookBack.objects.filter(matter_id__in=listed(ids), looked_at=None).update(looked_at=now)
    if name in WORD:
        flags = [*_paced(actor, name, now), *(_reused(matters) if name == "close" else ())]
        _flag(flags, matters, now)


def check(actor: Actor, name: str, matters: Sequence[Matter]) -> None:
    """Raises Refused for who closed or verified what is looked back at sooner: somebody else looks."""
    if name != "look_back":
        return
    ids = [each.pk for each in matters]
    flagged = EarlyLookBack.objects.filter(matter_id__in=listed(ids), looked_at=None)
    own = MatterEvent.objects.filter(reach.by(actor), matter_id__in=flagged.values("matter_id"), act__in=WORD)
    first = own.values_list("matter_id", flat=True).first()
    if first is not None:
        raise Refused(
            "look_back_by_another", "这件抽中提前回头看，请由没有核实、销号过它的人办理。",
            "It was drawn for an earlier look-back: somebody who neither verified nor closed it does that.",
            matter=first,
        )  # fmt: skip


# -- many on one day ----------------------------------------------------------------------------------------------


def _paced(actor: Actor, name: str, now: datetime) -> list[_Flag]:
    """Of closings on days on which one person closed, or verified, many: those that the day’s seed draws."""
    found = _of_day(actor, name, now)
    if name == "close":  # what was verified among many on an earlier day is closed now
        last = (
            MatterEvent.objects.filter(matter_id__in=listed(found.latest), act="verify").order_by("-pk").first()
            if found.latest
            else None
        )
        if last is not None:
            return [*found.flags(), *_of_event(last).flags()]
    return found.flags()


@dataclass(frozen=True, slots=True)
class _Day:
    """What one person did of one act on one day: events by matter in their order."""

    name: str
    who: str
    day: str
    events: Mapping[int, int]

    @property
    def latest(self) -> list[int]:
        return list(self.events)[-1:]

    def flags(self) -> list[_Flag]:
        pace = kinds.paper()
        if len(self.events) < pace.closings_a_day:
            return []
        # known only once so many are done: nobody can tell beforehand which are looked at
        turned = sorted(self.events.values())[pace.closings_a_day - 1]
        seed = hashlib.sha256(f"{self.name}:{self.who}:{self.day}:{turned}".encode()).hexdigest()
        closed = _closings(self.events)
        numbers = draw.some(seed, list(self.events), pace.share)
        reason = "closed" if self.name == "close" else "verified"
        return [_Flag(number, closed[number], reason, seed) for number in numbers if number in closed]


def _of_day(actor: Actor, name: str, now: datetime) -> _Day:
    return _by(reach.by(actor), name, str(actor.user_id or reach.signature(actor)), now)


def _of_event(event: MatterEvent) -> _Day:
    same = Q(user_id=event.user_id) if event.user_id is not None else Q(user_id=None, actor=event.actor)
    return _by(same, event.act, str(event.user_id or event.actor), event.at)


def _by(same: Q, name: str, who: str, at: datetime) -> _Day:
    day = timezone.localdate(at)
    begin = datetime.combine(day, time(), timezone.get_current_timezone())
    events = MatterEvent.objects.filter(same, act=name, at__gte=begin, at__lt=begin + timedelta(days=1))
    work = events.exclude(matter__kind=Matter.Kind.PETITION)
    return _Day(name, who, day.isoformat(), dict(work.order_by("pk").values_list("matter_id", "pk")))


def _closings(numbers: Collection[int]) -> Mapping[int, int]:
    """The closing of each that is closed now."""
    rows = MatterEvent.objects.filter(matter_id__in=listed(numbers), act="close", matter__state="closed")
    return dict(rows.order_by("pk").values_list("matter_id", "pk"))


# -- evidence used before -----------------------------------------------------------------------------------------


def _reused(matters: Sequence[Matter]) -> list[_Flag]:
    """Those whose files were handed in for another matter too, that is neither above nor below them nor one with them.
    Petitions are not compared: what was handed in there is told to nobody."""
    ids = [each.pk for each in matters]
    own = Evidence.objects.filter(about=PAPER, about_id__in=ids).exclude(digest="")
    files: dict[str, set[int]] = {}
    for digest, number in own.values_list("digest", "about_id"):
        files.setdefault(digest, set()).add(number)
    if not files:
        return []
    others = Evidence.objects.filter(about=PAPER, digest__in=sorted(files)).exclude(about_id__in=ids)
    newest = others.order_by("-pk").values_list("digest", "about_id")[:_COMPARED]
    pairs = sorted({(one, other) for digest, other in newest for one in files[digest]})
    if not pairs:
        return []
    rows = Matter.objects.filter(pk__in=listed({other for _one, other in pairs}))
    work = {row.pk: row for row in rows.exclude(kind=Matter.Kind.PETITION).exclude(state="withdrawn")}
    into = {each.pk: each.into_id for each in (*matters, *work.values())}
    lines = tree.above([*ids, *work])
    closed = _closings(ids)
    found: dict[int, _Flag] = {}
    for one, other in pairs:
        akin = other in lines.get(one, ()) or one in lines.get(other, ()) or into.get(other) == one
        if other in work and not akin and one in closed:
            found.setdefault(one, _Flag(one, closed[one], "evidence", same=other))
    return list(found.values())


# -- what follows -------------------------------------------------------------------------------------------------


def _flag(flags: Sequence[_Flag], acted: Sequence[Matter], now: datetime) -> None:
    """Keep the flags that are new, draw who looks, bring the look-back forward; ``acted`` are told of it too. The rows
    are locked before it is read which flags are new; what was looked back at, or began again, meanwhile gets none."""
    if not flags:
        return
    ids = listed({each.matter for each in flags})
    held = {each.pk: each for each in Matter.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")}
    kept = EarlyLookBack.objects.filter(matter_id__in=ids)
    there = set(kept.values_list("matter_id", "closing_id", "reason"))
    fresh = [
        each
        for each in flags
        if (each.matter, each.closing, each.reason) not in there and held[each.matter].state == "closed"
    ]
    if not fresh:
        return
    rows = [held[number] for number in sorted({each.matter for each in fresh})]
    soon = working_days.calendar().after(timezone.localdate(now), kinds.paper().early).day
    who = lookers.draw(rows, {each.matter: each.seed or str(each.closing) for each in fresh})
    EarlyLookBack.objects.bulk_create(
        (
            EarlyLookBack(
                matter_id=each.matter, closing_id=each.closing, reason=each.reason, seed=each.seed, same_id=each.same,
                looker=who.get(each.matter), look_back_on=soon, at=now,
            )
            for each in fresh
        ),
        batch_size=500, ignore_conflicts=True,
    )  # fmt: skip
    for row in rows:
        if row.look_back_on is None or soon < row.look_back_on:
            row.look_back_on = soon
        row.version += 1
        row.changed_at = now
        row.next_at = limits.look_again(row, now)
    Matter.objects.bulk_update(rows, _CHANGED, batch_size=500)
    for each in acted:  # who closed it goes on from what stands now
        for row in rows:
            if row.pk == each.pk:
                each.look_back_on, each.version, each.next_at = row.look_back_on, row.version, row.next_at
    MatterEvent.objects.bulk_create(
        (
            MatterEvent(
                matter_id=row.pk, act=EVENT, at=now, actor="system", came_from=row.state, went_to=row.state,
                data={"look_back_on": row.look_back_on.isoformat() if row.look_back_on else ""},
            )
            for row in rows
        ),
        batch_size=500,
    )  # fmt: skip
