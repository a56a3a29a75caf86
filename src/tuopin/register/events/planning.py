"""From what somebody wants to record to what is to be closed and opened, or the reason why not. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuopin.core import identity
from tuopin.core.identity import normal_id

from ..codes import code_list as _code_list
from ..counting import ON_REGISTER
from . import refusals
from .kinds import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from ..models import Membership
    from .state import House, State


def code_list(name: str) -> frozenset[str]:
    """The codes of a list."""
    return frozenset(code for code, _title in _code_list(name))


STILL_POOR = ("registered", "returned")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom the register does not know. Blank or None = unknown."""

    name: str
    sex: str | None = None
    birth_date: date | None = None
    id_number: str = ""
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be recorded for one household; ids are those of the register.

    ``seen``: the household's mark when it was looked at (``House.mark``); None = record whatever stands. ``relations``
    are to the head of the household where each person then is; ``head`` is that of the new household of a split, else
    of this one. ``registration`` None = as the household split from.
    """

    household: int
    persons: tuple[int, ...] = ()
    newcomer: Newcomer | None = None
    target: int | None = None
    village: int | None = None
    group: str = ""
    head: int | None = None
    keep: int | None = None
    code: str = ""
    relations: Mapping[int, str] = field(default_factory=dict)
    registration: str | None = None
    seen: str | None = None
    agreed: bool = False  # persons not yet out of poverty count as exited then: somebody has looked at that


@dataclass(slots=True)
class Act:
    """One event with its rows. Ids below zero are those of households and persons still to be made."""

    kind: Kind
    wish: Wish
    house: House
    day: date
    area: int
    state: State
    at: int  # its place in the call, from 1: ids of what is new are below zero
    other: int | None = None
    other_area: int | None = None
    closes: dict[str, list[int]] = field(default_factory=lambda: {"membership": [], "residence": [], "status": []})
    members: list[tuple[int, int]] = field(default_factory=list)  # person, household
    residences: list[tuple[int, int, str]] = field(default_factory=list)  # household, village, group
    statuses: list[tuple[int, str, str]] = field(default_factory=list)  # household, axis, value
    subjects: list[tuple[int | None, int | None, int | None, int | None, int | None]] = field(default_factory=list)
    new_code: str = ""
    newcomer: tuple[int, Newcomer] | None = None
    relations: dict[int, str | None] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)  # household → person
    ends: bool = False  # the household ends with it

    # -- steps that the kinds are made of ---------------------------------------------------------------------------

    def leave(self, row: Membership, to: int | None, same_as: int | None = None) -> None:
        """A member goes: out of the register (None) or into another household."""
        self.closes["membership"].append(row.pk)
        if to is not None:
            self.members.append((row.person_id, to))
        self.subjects.append((None, row.person_id, self.house.id, to, same_as))

    def join(self, person: int, household: int) -> None:
        """Somebody from outside comes."""
        self.members.append((person, household))
        self.subjects.append((None, person, None, household, None))

    def end_household(self) -> None:
        """Residence and statuses end; the household and what is known of it stay."""
        home = self.house.residence
        if home is not None:
            self.closes["residence"].append(home.pk)
        self.closes["status"] += [row.pk for row in self.house.open_statuses]
        self.subjects.append((self.house.id, None, self.house.home, None, None))
        self.ends = True


def plan(state: State, kind: str, wishes: Sequence[Wish], day: date) -> list[Act]:
    """Raises Problem with what stands in the way, Missing for what lies outside the grants."""
    known = KINDS.get(kind)
    if known is None:
        raise refusals.no_such_kind(kind)
    if len({wish.household for wish in wishes}) < len(wishes):
        raise refusals.said_twice()
    acts = []
    for at, wish in enumerate(wishes, start=1):
        house = state.houses.get(wish.household)
        if house is None or not state.reaches(house.home):
            raise refusals.outside()
        if wish.seen is not None and wish.seen != house.mark():
            raise refusals.changed(house.code)
        act = Act(known, wish, house, day, house.home, state, at)
        if known.who != "gone":
            _living(house, day)
        _PLANS[known.who](act)
        if not known.of_household and not known.splits and known.who != "newcomer":
            _dissolve_if_empty(act)
        _name_head(act)
        acts.append(act)
    _once_each(acts)
    return acts


def _once_each(acts: Sequence[Act]) -> None:
    """Nobody moves twice, and no household that takes somebody in ends in the same call."""
    persons = [subject[1] for act in acts for subject in act.subjects if subject[1] is not None]
    ended = {act.house.id for act in acts if act.ends}
    taking = {household for act in acts for _person, household in act.members}
    codes = [act.new_code for act in acts if act.new_code]
    if len(set(persons)) < len(persons) or ended & taking or len(set(codes)) < len(codes):
        raise refusals.said_twice()


# -- what holds before every kind ---------------------------------------------------------------------------------


def _living(house: House, day: date) -> None:
    """The household is on the register since before that day."""
    home = house.residence
    if home is None:
        raise refusals.household_ended(house.code, house.residences[-1].valid_to if house.residences else None)
    if home.valid_from >= day:
        raise refusals.before_household(house.code, home.valid_from)


def _chosen(act: Act) -> list[Membership]:
    """The memberships of the chosen persons, open since before the day."""
    wanted = act.wish.persons
    if not wanted:
        raise refusals.nobody_chosen()
    by = {row.person_id: row for row in act.house.members}
    rows = []
    for person in wanted:
        row = by.get(person)
        if row is None:
            raise refusals.no_member(act.house.code, any(each.person_id == person for each in act.house.memberships))
        if row.valid_from >= act.day:
            raise refusals.before_membership(act.house.code, row.valid_from)
        rows.append(row)
    return rows


def _whole(act: Act) -> list[Membership]:
    """All members, where nothing is recorded of the household on a later day."""
    later = [
        each
        for row in act.house.memberships
        for each in (row.valid_from, row.valid_to)
        if each is not None and (each > act.day or (each == act.day and row.valid_to is None))
    ]
    later += [each.valid_from for each in act.house.open_statuses if each.valid_from >= act.day]
    if later:
        raise refusals.later(act.house.code, max(later))
    return act.house.members


def _receiving(act: Act) -> House | None:
    """The household that takes them in, within the grants and living somewhere on the day."""
    wish = act.wish
    if wish.target is None:
        if act.kind.target == "must":
            raise refusals.no_target()
        return None
    target = act.state.houses.get(wish.target)
    if target is None or not act.state.reaches(target.home):
        raise refusals.target_outside()
    if target.id == act.house.id:
        raise refusals.same_household()
    _living(target, act.day)
    act.other, act.other_area = target.id, target.home
    return target


def _village(act: Act) -> int:
    """The village asked for, else where the household lives."""
    wish = act.wish
    if wish.village is None:
        if act.kind.village == "must":
            raise refusals.no_village()
        return _begun(act, act.house.home)
    version = act.state.villages.get(wish.village)
    if version is None or version.level != "village" or not act.state.reaches(wish.village):
        raise refusals.village_outside()
    return _begun(act, wish.village)


def _begun(act: Act, area: int) -> int:
    if (since := act.state.began[area]) > act.day:
        raise refusals.village_not_yet(act.state.villages[area].name, since)
    return area


def _free_from(state: State, person: int, day: date, code: str) -> None:
    """Nothing is recorded of the person from that day on."""
    for row in state.memberships.get(person, []):
        if row.valid_to is None:
            raise refusals.member_elsewhere(code)
        if row.valid_to > day or row.valid_from >= day:
            raise refusals.later(code, row.valid_to)


# -- the kinds ------------------------------------------------------------------------------------------------------


def _newcomer(act: Act) -> None:
    new = act.wish.newcomer
    if new is None or not new.name.strip():
        raise refusals.no_name()
    if len(new.name) > 100 or (new.sex and new.sex not in code_list("sex")):
        raise refusals.bad_newcomer()
    if new.birth_date is not None and not (new.birth_date.year >= 1880 and new.birth_date <= act.day):
        raise refusals.bad_birth()
    if act.kind.key == "birth" and new.birth_date is None:
        raise refusals.no_birth()
    number = normal_id(new.id_number) if new.id_number else ""
    if number and identity.fault(number) is not None:
        raise refusals.bad_number()
    act.newcomer = (-act.at, Newcomer(new.name.strip(), new.sex or None, new.birth_date, number, new.relation))
    act.join(-act.at, act.house.id)
    _relation(act, -act.at, new.relation)


def _members(act: Act) -> None:
    rows = _chosen(act)
    if act.kind.splits:
        _split(act, rows)
        return
    target = _receiving(act)
    for row in rows:
        act.leave(row, target.id if target else None)
        if target is not None:
            _moved_relation(act, row.person_id)


def may_become(status: str) -> tuple[str, ...]:
    """The states of registration that the new household of a split may be given instead of that of the old one. Nobody
    exits, or comes onto the register, by a split: a procedure decides that."""
    return STILL_POOR if status in ON_REGISTER else ()


def _split(act: Act, rows: Sequence[Membership]) -> None:
    """The new household lives where it is said, else in the same village, with the same statuses unless decided."""
    wish = act.wish
    if len(rows) >= len(act.house.members):
        raise refusals.nobody_left()
    if wish.head not in wish.persons:
        raise refusals.no_head()
    _no_later_status(act)
    area, new = _village(act), -act.at
    home = act.house.residence
    act.new_code = wish.code or f"{act.house.code[:56]}-F{act.state.splits.get(act.house.id, 0) + 1}"
    act.other, act.other_area = new, area
    act.residences.append((new, area, wish.group or (home.group_name if home and area == home.area_id else "")))
    act.subjects.append((new, None, None, area, None))
    for status in act.house.open_statuses:
        decided = wish.registration if status.axis == "registration" and wish.registration else status.value
        if decided not in code_list(status.axis):
            raise refusals.no_such_status()
        if decided != status.value and decided not in may_become(status.value):
            raise refusals.status_by_procedure()
        act.statuses.append((new, status.axis, decided))
    for row in rows:
        act.leave(row, new)
        _moved_relation(act, row.person_id)


def _no_later_status(act: Act) -> None:
    """The new household would have the statuses of today from the day of the split on."""
    ends = (each for row in act.house.statuses for each in (row.valid_from, row.valid_to) if each is not None)
    later = [each for each in ends if each > act.day]
    if later:
        raise refusals.later(act.house.code, max(later))


def _former(act: Act) -> None:
    if not act.wish.persons:
        raise refusals.nobody_chosen()
    once = {row.person_id for row in act.house.memberships}
    for person in act.wish.persons:
        if person not in once:
            raise refusals.no_member(act.house.code, was_one=False)
        if person in act.state.dead:
            raise refusals.dead(act.house.code)
        _free_from(act.state, person, act.day, act.house.code)
        act.join(person, act.house.id)


def _double(act: Act) -> None:
    """The chosen row ends; that of ``keep`` goes on, here if it is nowhere."""
    rows, keep = _chosen(act), act.wish.keep
    if len(rows) != 1 or keep is None or keep == rows[0].person_id:
        raise refusals.no_double()
    one, other = act.state.identities.get(rows[0].person_id), act.state.identities.get(keep)
    held = next((row for row in act.state.memberships.get(keep, []) if row.valid_to is None), None)
    home = act.state.houses.get(held.household_id) if held is not None else act.house
    once = act.state.houses.get(_last_house(act.state, keep))
    if one is None or other is None or home is None or not act.state.reaches(home.home):
        raise refusals.no_double()
    if once is None or not act.state.reaches(once.home):
        raise refusals.no_double()
    if not one.id_sound or not other.id_sound or one.id_number != other.id_number or keep in act.state.dead:
        raise refusals.no_double()
    act.leave(rows[0], None, same_as=keep)
    act.other = home.id if home.id != act.house.id else None
    act.other_area = home.home if act.other else None
    if held is None:
        _free_from(act.state, keep, act.day, act.house.code)
        act.join(keep, act.house.id)


def _last_house(state: State, person: int) -> int:
    """Where somebody belongs, or belonged last; 0 for nobody."""
    rows = state.memberships.get(person, [])
    return max(rows, key=lambda row: (row.valid_to is None, row.valid_from)).household_id if rows else 0


def _household(act: Act) -> None:
    rows, home = _whole(act), act.house.residence
    if act.kind.key == "move" and home is not None:
        area = _village(act)
        if area == act.house.home:
            raise refusals.same_village()
        act.other_area = area
        act.closes["residence"].append(home.pk)
        act.residences.append((act.house.id, area, act.wish.group))
        act.subjects.append((act.house.id, None, act.house.home, area, None))
        act.subjects += [(None, row.person_id, act.house.id, act.house.id, None) for row in rows]
        return
    target = _receiving(act)
    for row in rows:
        act.leave(row, target.id if target else None)
        if target is not None:
            _moved_relation(act, row.person_id)
    act.end_household()


def _gone(act: Act) -> None:
    """The household lives here again with whoever left together with it and is nowhere else."""
    house = act.house
    last = house.residences[-1] if house.residences else None
    if last is None or last.valid_to is None:
        raise refusals.not_gone(house.code)
    if last.valid_to > act.day:
        raise refusals.later(house.code, last.valid_to)
    area = _village(act)
    act.other_area = area
    act.residences.append((house.id, area, act.wish.group or (last.group_name if area == last.area_id else "")))
    act.subjects.append((house.id, None, None, area, None))
    for status in house.statuses:
        if status.valid_to == last.valid_to:
            act.statuses.append((house.id, status.axis, status.value))
    for row in house.memberships:
        others = act.state.memberships.get(row.person_id, [])
        free = all(each.valid_to is not None and each.valid_to <= act.day for each in others)
        if row.valid_to == last.valid_to and free and row.person_id not in act.state.dead:
            act.join(row.person_id, house.id)
    if not act.members:
        raise refusals.nobody_to_return(house.code)


def _dissolve_if_empty(act: Act) -> None:
    """A household whose last member has gone is one no more."""
    leaving = set(act.closes["membership"])
    staying = [row for row in act.house.members if row.pk not in leaving]
    if leaving and not staying and all(household != act.house.id for _person, household in act.members):
        _nothing_later(act)
        act.end_household()


def _nothing_later(act: Act) -> None:
    later = [row.valid_to for row in act.house.memberships if row.valid_to is not None and row.valid_to > act.day]
    later += [each.valid_from for each in act.house.open_statuses if each.valid_from >= act.day]
    if later:
        raise refusals.later(act.house.code, max(later))


# -- relations to the head ------------------------------------------------------------------------------------------


def _relation(act: Act, person: int, relation: str | None) -> None:
    if relation and relation not in code_list("relation"):
        raise refusals.no_such_relation()
    act.relations[person] = relation or None


def _moved_relation(act: Act, person: int) -> None:
    """Whoever changes the household is something else to another head: unknown unless it is said."""
    _relation(act, person, "head" if act.kind.splits and person == act.wish.head else act.wish.relations.get(person))


def _name_head(act: Act) -> None:
    """The head of a new household, or the next one of a household whose head has left."""
    head = act.wish.head
    if head is None:
        return
    if act.kind.splits and act.other is not None:
        act.heads[act.other] = head
        return
    leaving = set(act.closes["membership"])
    if act.ends or not any(row.person_id == head and row.pk not in leaving for row in act.house.members):
        raise refusals.no_head()
    act.relations[head] = "head"
    act.heads[act.house.id] = head


_PLANS = {
    "newcomer": _newcomer,
    "members": _members,
    "former": _former,
    "double": _double,
    "household": _household,
    "gone": _gone,
}
