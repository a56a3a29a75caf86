"""What waits for somebody else than the holder: to be verified, closed, looked back at. Who is named hears of each
matter. Where anybody of several people may do it, each hears once a day that there is something, and the inbox says
what: a thousand reports are no thousand messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.outbox.services import Letter
from tuopin.register.correcting.subjects import listed

from .. import reach
from ..models import MatterEvent
from ..permissions import ISSUE, PETITIONS, VERIFY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tuopin.core.matters import Step

    from .people import People, Users
    from .rows import Row

PAGE = "orders:matter"
INBOX = "orders:inbox"
PETITIONS_PAGE = "orders:petitions"
_NAMED = {
    "verify_waits": Title("{word} 已报结，等您核实", "{word} was reported done and waits for you to verify it"),
    "look_back": Title("{word} 到期应回头看", "{word} is to be looked back at"),
    "look_back_waits": Title("{word} 已过回头看日期", "{word} should have been looked back at"),
}
_ANYBODY = {
    "verify_waits": Title("有已报结的事项等待核实", "Matters were reported done and wait to be verified"),
    "close_waits": Title("有已核实的事项等待销号", "Matters were verified and wait to be closed"),
    "look_back": Title("有事项到期应回头看", "Matters are to be looked back at"),
    "look_back_waits": Title("有事项已过回头看日期", "Matters should have been looked back at"),
}
_PETITIONS = {
    "verify_waits": Title("有已报结的信访件等待核实", "Petitions were reported done and wait to be verified"),
    "close_waits": Title("有已核实的信访件等待答复", "Petitions were verified and wait to be answered"),
}
_KINDS = {"verify_waits": "orders.waits", "close_waits": "orders.waits", "look_back": "orders.look_back",
          "look_back_waits": "orders.look_back"}  # fmt: skip
WAITS = frozenset(_ANYBODY)


class Waiting:
    """Makes the letters of one tick about what waits."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._handled: dict[int, set[int]] = {}
        self._said: set[tuple[int, str]] = set()

    def know(self, rows: Iterable[Row]) -> None:
        """Read who handled what waits: one statement, none where nothing does."""
        waits = [row.id for row in rows if row.state in {"reported", "closed"} and row.id not in self._handled]
        if waits:
            self._handled |= {each: set() for each in waits}
            handled = MatterEvent.objects.filter(matter_id__in=listed(waits), act__in=reach.HANDLED)
            for number, user in handled.values_list("matter_id", "user_id").distinct():
                if user is not None:
                    self._handled[number].add(user)

    def letters(self, row: Row, step: Step, path: str, accused: frozenset[int]) -> Iterator[Letter]:
        """``path``: of the matter’s area; ``accused``: accounts that may not hear of it."""
        kind, own = _KINDS[step.key], self._own(row)
        named = self.people.official(row.verifier_id) if step.key in _NAMED and row.kind != "petition" else ()
        if named and not own.intersection(named):
            name, day = word(row.id), timezone.localdate(step.at)
            key, about = f"matter:{row.id}:{step.key}:{day}", f"matter:{row.id}"
            for user in named:
                yield Letter(user, key, kind, day, _NAMED[step.key], {"word": name}, name, PAGE, [row.id], about)
            if step.key != "look_back_waits":  # who issued it hears too of one that was let lie
                return
        today, petition = self.people.chains.day, row.kind == "petition"
        key = f"waits:{'petition:' if petition else ''}{step.key}:{today}"
        title, view = (_PETITIONS[step.key], PETITIONS_PAGE) if petition else (_ANYBODY[step.key], INBOX)
        for user in self._anybody(row, step.key, path, own):
            if user not in accused and (user, key) not in self._said:
                self._said.add((user, key))
                yield Letter(user, key, kind, today, title, view=view)

    def _anybody(self, row: Row, key: str, path: str, own: set[int]) -> Users:
        if row.kind == "petition":
            return self.people.over(PETITIONS, path)
        issuer = self.people.office(row.issuer_id) if row.issuer_id is not None else ()
        if key == "close_waits":
            office = self.people.chains.office(row.issuer_id or 0)
            return issuer or self.people.nearest(ISSUE, path if office is None else office.path)
        if key != "verify_waits" and issuer and not own.issuperset(issuer):
            return issuer
        return self.people.nearest(VERIFY, path, own) or issuer

    def _own(self, row: Row) -> set[int]:
        """Who handled it, or handles for its holder: none of them verifies it."""
        found = {*self._handled.get(row.id, ()), *self.people.official(row.official_id)}
        return found if row.holder_id is None else found.union(self.people.everybody(row.holder_id))


def word(matter_id: int) -> str:
    """How a message calls a matter."""
    return f"№ {matter_id}"
