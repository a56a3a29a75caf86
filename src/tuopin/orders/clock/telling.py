"""The messages of the clock: who hears of a step, and in which words. A message names a number, a day and, for those
who watch, an organisation: no title of a matter, nobody's name. About petitions one message a person and day counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import OPEN
from tuopin.duties.permissions import HOLD_LEAD
from tuopin.platform.outbox import services as outbox
from tuopin.platform.outbox.services import Letter

from .. import reach
from ..limits import day_of
from ..petitions import desk, held
from .chain import Chains
from .people import People
from .rows import row_of
from .waiting import PAGE, WAITS, Waiting, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from tuopin.core.matters import Step
    from tuopin.platform.access import Actor

    from ..models import Matter
    from .chain import Link, Office
    from .people import Users
    from .proposing import Proposed
    from .rows import Event, Row

PROPOSALS = "orders:lead_proposals"
_KINDS = {
    "unsigned": "orders.unsigned",
    "remind": "orders.remind",
    "remind_last": "orders.remind",
    "overdue": "orders.overdue",
    "overdue_again": "orders.overdue",
    "lead": "orders.overdue",
    "stop_ended": "orders.stop_ended",
}
_TITLES = {
    "unsigned": Title("{word} 交办后尚未签收", "{word} was issued and is not signed for"),
    "remind": Title("{word} 应于 {limit} 前办结", "{word} is to be done by {limit}"),
    "remind_last": Title("{word} 应于 {limit} 前办结", "{word} is to be done by {limit}"),
    "overdue": Title("{word} 已过时限（{limit}）", "{word} is past its limit ({limit})"),
    "overdue_again": Title("{word} 逾期（{limit}）后仍未办结", "{word} is still not done after its limit ({limit})"),
    "lead": Title("{word} 逾期（{limit}）已久，未办结也未上报", "{word} is long past its limit ({limit})"),
    "stop_ended": Title("{word} 停表到期，时限 {limit}", "The clock of {word} runs again; its limit is {limit}"),
}
_COPY = Title("{unit}承办的 {word} 已过时限（{limit}）", "{word}, held by {unit}, is past its limit ({limit})")
_VACANT = Title(
    "{unit}主要负责人空缺，其承办链条上的事项转由上一级督办",
    "Nobody answers for {unit}: matters in the chain above its holders go to the next above",
)
MOVED = Title("{word} 的时限改为 {limit}", "The limit of {word} is now {limit}")
_DIGITS = re.compile(r"\d{7}")


class Teller:
    """Makes the letters of one tick."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._above: dict[tuple[int, int], Users] = {}
        self._paths: dict[int, str] = {}
        self._untold: dict[int, frozenset[int]] = {}
        self._withheld: set[int] = set()
        self._desk: dict[int, int] = {}
        self._held: set[int] = set()
        self._waiting = Waiting(people)
        self._known: dict[tuple[datetime, datetime], tuple[str, date, date]] = {}

    def know(self, rows: Iterable[Row]) -> None:
        """Read what the letters about some matters need; a fixed number of statements."""
        given = list(rows)
        holders = {row.holder_id for row in given if row.holder_id is not None}
        self.people.chains.know(holders)
        people = {one for row in given for one in (row.official_id, row.verifier_id) if one is not None}
        self.people.know(holders, {row.issuer_id for row in given if row.issuer_id is not None}, people)
        placed = {row.area_id for row in given if row.area_id not in self._paths}
        if placed:
            self._paths |= reach.paths_of(placed)
        self._waiting.know(given)
        petitions = {row.id for row in given if row.kind == "petition"}
        if petitions:
            self._untold |= reach.untold(petitions)
            self._withheld |= reach.withheld(petitions)

    def letters(self, row: Row, step: Step, due: datetime, passed: Step | None = None) -> Iterator[Letter]:
        """The messages of one step that was taken; ``passed``: the one at the limit, be it before that: whoever watches
        the holder hears of it alone."""
        if step.key in WAITS:
            accused = self._untold.get(row.id, frozenset())
            yield from self._waiting.letters(row, step, self._paths.get(row.area_id, ""), accused)
            return
        kind = _KINDS.get(step.key)
        if kind is None:
            return
        told = dict.fromkeys(self._told(row, step))
        if row.kind == "petition":
            self._held.update(told)
        elif told:
            name, about = word(row.id), f"matter:{row.id}"
            moment, day, limit = self._days(step.at, due)
            key = f"{about}:{step.key}:{moment}"
            parameters: dict[str, int | str | date] = {"word": name, "limit": limit}
            args = [row.id]
            for user in told:
                yield Letter(user, key, kind, day, _TITLES[step.key], parameters, name, PAGE, args, about)
        if passed is not None and row.kind != "petition" and row.holder_id is not None:
            for user in dict.fromkeys(self.people.watchers(row.holder_id)):
                if user not in told:
                    yield self._copy(user, row, passed, due)

    def desk(self) -> Iterator[Letter]:
        """The messages about petitions of the letters made so far, to their offices and their holders: one a person,
        whatever came."""
        if self._desk:
            yield from desk.letters(self.people, self._desk)
            self._desk.clear()
        yield from held.letters(self, self._held)
        self._held.clear()

    def proposals(self, row: Row, step: Step, due: datetime, made: Proposed) -> Iterator[Letter]:
        """That a lead is proposed: to those who may keep leads where the matter lies, but for the person it names. It
        says nothing else, and is over when somebody has decided."""
        for user in self.people.over(HOLD_LEAD, self._paths.get(row.area_id, "")):
            if user != made.user_id:
                yield Letter(
                    user, f"matter:{row.id}:proposal:{_moment(due)}", "orders.proposal", timezone.localdate(step.at),
                    view=PROPOSALS, about=f"lead_proposal:{made.key}",
                )  # fmt: skip

    def vacancies(self, row: Row, step: Step) -> list[Office]:
        """Where nobody answers: at the holder, if nobody else is responsible; and, for a step that goes up, between
        the holder and who takes it."""
        if row.kind == "petition" or row.holder_id is None or step.key in {*WAITS, "satisfied"}:
            return []
        found = [link.office for link in (self._vacant(row),) if link is not None]
        if step.key in {"overdue", "overdue_again", "lead"}:
            found += [link.office for link in self.people.chains.takers(row.holder_id)[1]]
        return found

    def vacant(self, row: Row, office: Office, now: datetime) -> Iterator[Letter]:
        """That nobody answers for an organisation: to who takes it instead, once a month."""
        first = timezone.localdate(now).replace(day=1)
        for user in self._superiors(row.holder_id or 0, 1):
            yield Letter(
                user, f"vacancy:{office.id}:{first:%Y-%m}", "orders.vacancy", first, _VACANT,
                {"unit": _unit(office)}, view="", about=f"organisation:{office.id}",
            )  # fmt: skip

    def holder(self, row: Row) -> Users:
        """Who hears for the holder: the person responsible and those of the organisation. Where nobody can be reached
        there, the next above; never of a petition, of which nobody hears as holder who is to hold it no more."""
        number = row.holder_id or 0
        if row.id in self._withheld:
            return ()
        found = (*self.people.official(row.official_id), *self.people.granted(number))
        if row.kind == "petition":
            return self._without_accused(row, found)
        if not self.people.official(row.official_id):
            found += self.people.office(number)
        if self._vacant(row) is not None:
            found += self._superiors(number, 1)
        return found or self._superiors(number, 1)

    def _vacant(self, row: Row) -> Link | None:
        """The holder’s place in the chain, if nobody answers there and nobody else is responsible."""
        if self.people.reached(row.official_id):
            return None
        link = self.people.chains.link(row.holder_id or 0)
        return link if link is not None and link.vacant else None

    def _told(self, row: Row, step: Step) -> Users:
        found, late = self.holder(row), step.key in {"overdue", "overdue_again", "lead"}
        if row.kind == "petition":
            if late or row.state not in OPEN:  # to be accepted, or a review to be answered
                self._desk[row.id] = row.area_id
            return found
        if not late:
            return found
        return found + self._superiors(row.holder_id or 0, 1 if step.key == "overdue" else 2)

    def _without_accused(self, row: Row, users: Users) -> Users:
        """Those of some accounts that may hear of a petition: whom it is about may not, wherever they work."""
        accused = self._untold.get(row.id, frozenset())
        return tuple(user for user in users if user not in accused)

    def _days(self, at: datetime, due: datetime) -> tuple[str, date, date]:
        """The moment in keys, the day of the step, the last day of the limit: many matters share them."""
        if (at, due) not in self._known:
            self._known[at, due] = _moment(due), timezone.localdate(at), day_of(due)
        return self._known[at, due]

    def _superiors(self, holder: int, levels: int) -> Users:
        key = holder, levels
        if key not in self._above:
            self._above[key] = self.people.superiors(holder, levels)
        return self._above[key]

    def _copy(self, user: int, row: Row, step: Step, due: datetime) -> Letter:
        office, name = self.people.chains.office(row.holder_id or 0), word(row.id)
        moment, day, limit = self._days(step.at, due)
        parameters: dict[str, int | str | date] = {
            "word": name,
            "limit": limit,
            "unit": _unit(office) if office else "",
        }
        return Letter(
            user, f"matter:{row.id}:copy:{moment}", "orders.overdue", day, _COPY, parameters, name,
            PAGE if row.kind == "directive" else "", [row.id], f"matter:{row.id}",
        )  # fmt: skip


def tell_moved(
    actor: Actor, matters: Sequence[Matter], events: Sequence[Event], kind: str, now: datetime,
    teller: Teller | None = None,
) -> None:  # fmt: skip
    """Say to the holders that a limit moved, by the event of each. ``teller``: one that may know them already."""
    teller = teller or Teller(People(Chains(timezone.localdate(now))))
    some = [row_of(each) for each in matters]
    teller.know(some)
    letters = [
        letter(user, row.id, f"{event.act}:{event.due:%Y%m%dT%H%M}", kind, MOVED, row.limit_at, now)
        for row, event in zip(some, events, strict=True)
        if row.limit_at is not None
        for user in dict.fromkeys(teller.holder(row))
    ]
    outbox.post(actor, letters, now=now)


def letter(user: int, matter_id: int, event: str, kind: str, title: Title, due: datetime, now: datetime) -> Letter:
    """A message about what happened to a matter just now; ``event`` names it once and for all."""
    return Letter(
        user, f"matter:{matter_id}:{event}", kind, timezone.localdate(now), title,
        {"word": word(matter_id), "limit": day_of(due)}, word(matter_id), PAGE, [matter_id], f"matter:{matter_id}",
    )  # fmt: skip


def _moment(due: datetime) -> str:
    return f"{timezone.localtime(due):%Y-%m-%dT%H:%M}"


def _unit(office: Office) -> str:
    """The name of an organisation, where it can stand in a message: numbers of people end up in names."""
    name = office.name.strip()
    return name[:40] if name.isprintable() and not _DIGITS.search(name) else f"№ {office.id}"
