"""The days on which clocks stood still, read from the events of matters: by absences, by who issued them, until
somebody let them run again. What a limit was moved by is known from here, also when the days turn out to be others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.matters.clock import NUMBERS
from tuopin.register.correcting.subjects import listed

from ..limits import day_of
from ..models import RUNNING, Matter, MatterEvent
from .settings import stops

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from django.db.models import QuerySet

    from tuopin.core.calendar import WorkingCalendar

    from ..changes import Given

STOPPED = "clock.stop"
CORRECTED = "clock.stop_corrected"
RECOUNTED = "clock.recounted"
SET = ("issue", "accept", "return", "reopen", "report_up", "extend")
"""Acts that set a limit: what was stopped before is in it already."""
LONGEST = timedelta(days=366)
"""An absence stops a clock at most so long."""
UNNAMED = 0
"""In place of an absence's number: the first version did not say by which one a clock stopped."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """A clock stood still from ``first`` until ``until`` (excluded); by the ``absence`` of that number, if any.
    ``ran``: days (from, until) on which it was to stand and somebody let it run: that holds, whatever the absence turns
    out to be."""

    first: date
    until: date
    absence: int | None = None
    ran: tuple[tuple[date, date], ...] = ()

    @property
    def spans(self) -> list[tuple[date, date]]:
        """The days on which it stood, in their order."""
        found, at = [], self.first
        for begin, end in sorted(self.ran):
            if at < (last := min(begin, self.until)):
                found.append((at, last))
            at = max(at, end)
        return [*found, (at, self.until)] if at < self.until else found

    @property
    def end(self) -> date:
        return max((end for _first, end in self.spans), default=self.first)

    @property
    def decided(self) -> date:
        """Until when somebody decided that the clock runs; the first of all days where nobody did."""
        return max((end for _begin, end in self.ran), default=date.min)

    def holds(self, day: date) -> bool:
        """Whether the clock stands still on a day."""
        return any(first <= day < end for first, end in self.spans)


@dataclass(slots=True)
class Stood:
    """Of one matter: the day on which its limit was set last, the day that was set, whether that came from working
    days (and was not named); the stops since it was given out, of which the first ``settled`` were in the limit when
    somebody set it anew; and of each absence the stop as it was counted, whenever that was. ``given_on``: the day on
    which it went to who is responsible now, if it was reassigned. ``cut``: a limit that was not moved back before the
    day of a correction, and where it would lie."""

    set_on: date | None = None
    day: date | None = None
    counted: bool = False
    stops: list[Stop] = field(default_factory=list)
    settled: int = 0
    absences: dict[int, Stop] = field(default_factory=dict)
    given_on: date | None = None
    cut: tuple[datetime, date] | None = None

    @property
    def counting(self) -> list[Stop]:
        """The stops by which the limit lies later than it was set."""
        return self.stops[self.settled :]

    def lies(self, limit: datetime) -> date:
        """The last day of a limit, by which the next correction counts: of one that was cut off, and has not moved
        since, the day that the absences gave."""
        return self.cut[1] if self.cut is not None and self.cut[0] == limit else day_of(limit)

    def changed(self, absence: int, stop: Stop) -> Stood:
        """With another stop in place of that of an absence; of one that was settled, with what comes after it."""
        before, stops = self.absences.get(absence), list(self.stops)
        if before is not None and before in self.counting:
            stops[self.settled + self.counting.index(before)] = stop
        else:
            stops.append(stop)
        return replace(self, stops=stops, absences=self.absences | {absence: stop})

    def then(self, act: str, day: date, data: Mapping[str, Any]) -> Stood:
        """After an event of a day."""
        if act in SET:
            limit = data.get("limit")
            at = day_of(datetime.fromisoformat(limit)) if limit else None
            kept = self.stops if act == "extend" else []
            return Stood(day, at, bool(data.get("counted")), kept, len(kept), self.absences, self.given_on)
        if act == "reassign":
            other = data.get("before", {}).get("official") != data.get("official")
            return replace(self, given_on=day) if other else self
        if act == "resume":
            return self._resumed(day)
        if act == RECOUNTED:
            return replace(self, cut=_cut(data))
        until = date.fromisoformat(data["until"])
        if act == "stop" or "absence" not in data:
            by = None if act == "stop" else UNNAMED
            return replace(self, stops=[*self.stops, Stop(day, until, by)])
        first, absence = date.fromisoformat(data["first"]), data["absence"]
        before = self.absences.get(absence)
        ran = before.ran if before is not None else ()
        if "ran" in data:
            ran = tuple((date.fromisoformat(begin), date.fromisoformat(end)) for begin, end in data["ran"])
        stop = Stop(first, until, absence, ran)
        return replace(self.changed(absence, stop), cut=_cut(data) if act == CORRECTED else None)

    def _resumed(self, day: date) -> Stood:
        at = _standing(self, day)
        if at is None:
            return self
        before = self.stops[at]
        run = replace(before, ran=(*before.ran, (day, before.until)))
        of = {run.absence: run} if run.absence else {}
        return replace(self, stops=[*self.stops[:at], run, *self.stops[at + 1 :]], absences=self.absences | of)


def still(matter_ids: Collection[int]) -> dict[int, Stood]:
    """When the clocks of some matters stood still. One statement."""
    found = {each: Stood() for each in matter_ids}
    acts = [*SET, "reassign", "stop", "resume", STOPPED, CORRECTED, RECOUNTED]
    events = MatterEvent.objects.filter(matter_id__in=listed(matter_ids), act__in=acts).order_by("pk")
    for number, act, at, data in events.values_list("matter_id", "act", "at", "data"):
        found[number] = found[number].then(act, timezone.localdate(at), data)
    return found


def known_before(matters: Collection[Matter], given: Given, now: datetime) -> list[Given]:
    """What is said of matters whose clocks are to run again: whether the limit of each was set anew since the stop in
    which it stands began, and has it in it already. One statement."""
    today, known = timezone.localdate(now), still([each.pk for each in matters])
    found = []
    for each in matters:
        at = _standing(known[each.pk], today)
        found.append(replace(given, named=at is not None and at < known[each.pk].settled))
    return found


def free(matters: Iterable[Matter], today: date) -> None:
    """Let clocks run, on the rows, that stood still because somebody is away who is responsible no more: with the days
    that were given for it. One statement, none where no clock stands."""
    over = [each for each in matters if each.stopped_until is not None]
    known = still([each.pk for each in over]) if over else {}
    for each in over:
        at = _standing(known[each.pk], today)
        if at is not None and known[each.pk].stops[at].absence is not None:
            each.stopped_from = each.stopped_until = None


def _standing(known: Stood, today: date) -> int | None:
    """Which of the stops the clock stands in, the last first."""
    return next((at for at, each in reversed(list(enumerate(known.stops))) if each.holds(today)), None)


def _cut(data: Mapping[str, Any]) -> tuple[datetime, date] | None:
    wanted = data.get("wanted")
    return (datetime.fromisoformat(data["limit"]), date.fromisoformat(wanted)) if wanted else None


def movable() -> QuerySet[Matter]:
    """What a stop may move: what runs and was not said to be late. The law's days for a petition run on, whoever is
    away."""
    found = Matter.objects.filter(state__in=RUNNING, by_hours=False, step__lt=NUMBERS["overdue"])
    return found.exclude(kind=Matter.Kind.PETITION)


def until_of(first: date, last: date | None) -> date:
    """Until when an absence from a day on stops a clock; ``last`` None: it has no end yet."""
    return min(last or first + timedelta(days=stops().open_days), first + LONGEST)


def working(stops: Iterable[Stop], calendar: WorkingCalendar) -> int:
    """The working days of some stops; one that lies in two of them counts once."""
    days, reached = 0, date.min
    for first, end in sorted(span for each in stops for span in each.spans):
        begin = max(first, reached)
        if begin < end:
            days += calendar.between(begin - _DAY, end - _DAY)
            reached = end
    return days
