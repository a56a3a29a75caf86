"""The form of one kind of event for one household, and what a filled form says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.core.workbook.values import parse_date
from tuopin.platform.access import visible_paths
from tuopin.platform.given import whole_number, whole_numbers
from tuopin.platform.problems import Problem

from .. import selectors
from ..models import Household, PersonCard, PersonIdentity
from ..permissions import RECORD_EVENTS
from . import refusals
from .planning import Newcomer, Wish
from .services import Why

if TYPE_CHECKING:
    from django.http import QueryDict

    from tuopin.platform.access import Actor

    from .kinds import Kind
    from .state import House, State

_MOST = 60  # members that a form lists; no household has more


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the form may choose. ``other``: code of the household where a second row of one person stands."""

    id: int
    name: str
    relation: str | None
    other: str = ""
    other_id: int = 0


@dataclass(slots=True)
class Form:
    """``persons`` can be chosen; ``heads`` can become head; ``doubles`` are rows with the number of a member."""

    kind: Kind
    house: House
    persons: list[Person] = field(default_factory=list)
    heads: list[Person] = field(default_factory=list)
    doubles: list[Person] = field(default_factory=list)
    day: str = ""

    @property
    def moves_members(self) -> bool:
        """Whether somebody becomes a member of another household of the register, with a relation to its head."""
        return bool(self.kind.target) or self.kind.splits


def build(actor: Actor, kind: Kind, house: House, held: State) -> Form:
    """The form of a kind. The caller has checked the grants."""
    form = Form(kind, house)
    present = [row.person_id for row in house.members]
    relations = dict(PersonCard.objects.filter(person_id__in=present).values_list("person_id", "relation"))

    def made(key: int) -> Person:
        identity = held.identities.get(key)
        return Person(key, identity.name if identity else "", relations.get(key))

    members = [made(key) for key in present[:_MOST]]
    members.sort(key=lambda each: each.relation != "head")
    if kind.who in ("members", "household"):
        form.persons = members
        form.heads = members if kind.who == "members" else []
    elif kind.who == "former":
        form.persons = [made(key) for key in former(house, held)[:_MOST]]
    elif kind.who == "double":
        form.doubles = doubles(actor, house, held)
        form.persons = [each for each in members if each.id in {pair.id for pair in form.doubles}]
    elif kind.who == "newcomer":
        form.heads = []
    return form


def former(house: House, held: State) -> list[int]:
    """Who once belonged to the household, lives and is nowhere else."""
    gone = {row.person_id for row in house.memberships} - held.dead
    return sorted(key for key in gone if all(row.valid_to is not None for row in held.memberships.get(key, [])))


def doubles(actor: Actor, house: House, held: State) -> list[Person]:
    """Rows elsewhere, or in this household, with the sound ID number of a member; within the grants alone.

    ``id`` is the member's, ``relation`` the id of the other row as text.
    """
    numbers = {
        row.id_number: key
        for key in (each.person_id for each in house.members)
        if (row := held.identities.get(key)) is not None and row.id_sound
    }
    if not numbers:
        return []
    found = PersonIdentity.objects.filter(superseded_at=None, id_sound=True, id_number__in=sorted(numbers))
    rows = {row.person_id: row for row in found.order_by("as_of")}
    if set(rows) <= set(numbers.values()):
        return []
    cards = PersonCard.objects.filter(
        selectors.within(visible_paths(actor, RECORD_EVENTS)), person_id__in=set(rows)
    ).select_related("household")
    return [
        Person(
            numbers[rows[card.person_id].id_number],
            card.name,
            str(card.person_id),
            card.household.code,
            card.household_id,
        )
        for card in cards
        if card.person_id != numbers[rows[card.person_id].id_number]
    ]


# -- what a filled form says ----------------------------------------------------------------------------------------


def wish_of(actor: Actor, kind: Kind, household: int, posted: QueryDict) -> Wish:
    """Raises Problem for what cannot be read, or names a place that is not there for this reader."""
    persons = tuple(dict.fromkeys(whole_numbers(posted.getlist("person")[:_MOST])))
    said = {each: posted.get(f"relation-{each}", "").strip() for each in persons}
    relations = {person: value for person, value in said.items() if value}
    return Wish(
        household,
        persons,
        newcomer=_newcomer(posted) if kind.who == "newcomer" else None,
        target=_household(posted.get("target", "")) if kind.target else None,
        village=_village(actor, posted.get("village", "")) if kind.village else None,
        group=posted.get("group", "").strip()[:100],
        head=whole_number(posted.get("head", ""), None),
        keep=whole_number(posted.get("keep", ""), None),
        code=posted.get("code", "").strip() if kind.splits else "",
        relations=relations,
        registration=posted.get("registration", "") or None,
        seen=posted.get("seen", "")[:40] or None,
        agreed=posted.get("agreed") == "1",
    )


def why_of(posted: QueryDict, origin: str = "page") -> Why:
    """Day, reason and document. Raises Problem for a day that is none."""
    return Why(day_of(posted.get("day", "")), posted.get("reason", ""), posted.get("document", ""), origin)


def day_of(text: str) -> date:
    """A day as written. Raises Problem for what is none."""
    found = parse_date(text.strip()[:20]) if text.strip() else None
    if not isinstance(found, date):
        raise Problem("bad_date", "日期请写成 2018-12-01 的样子。", "Write the day like 2018-12-01.")
    return found


def _newcomer(posted: QueryDict) -> Newcomer:
    born = posted.get("birth", "").strip()
    return Newcomer(
        posted.get("name", ""),
        posted.get("sex", "") or None,
        day_of(born) if born else None,
        posted.get("number", "").strip()[:64],
        posted.get("relation", "") or None,
    )


def _household(code: str) -> int | None:
    """0 for a code that no household has: the service finds none, as it finds none outside the grants, after the same
    checks. A refusal here would tell which codes there are elsewhere."""
    if not code.strip():
        return None
    return Household.objects.filter(code=code.strip()[:64]).values_list("pk", flat=True).first() or 0


def _village(actor: Actor, text: str) -> int | None:
    """A village by code or whole name, within the grants."""
    text = text.strip()[:100]
    if not text:
        return None
    rows = selectors.areas(actor).filter(Q(code=text) | Q(name=text), level="village")
    found = list(rows.values_list("area_id", "code")[:5])
    if not found:
        raise refusals.village_outside()
    if len(found) > 1:
        codes = "、".join(code for _key, code in found)
        raise Problem(
            "village_unclear", f"有几个村叫这个名字，请填村代码：{codes}。",
            f"Several villages are called so. Give the code: {codes}.",
        )  # fmt: skip
    return found[0][0]
