"""Writing planned events as sets: the rows that open and close, the facts that follow, the acts themselves.

A fixed number of statements, however many events. What was written stands in ``RegisterEvent.changes`` by ids:
``closed`` and ``opened`` name rows of each dated table, ``facts`` whose versions were written with the event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tuopin.platform import database

from ..correcting import versions
from ..correcting.subjects import listed
from ..models import (
    EventSubject,
    Household,
    HouseholdProfile,
    Membership,
    Person,
    PersonCondition,
    PersonIdentity,
    RegisterEvent,
    Residence,
    StatusChange,
    StatusPeriod,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from django.db.models import Model

    from tuopin.platform.access import Actor

    from ..models import FactBlock
    from .planning import Act
    from .services import Why
    from .state import State

TABLES: dict[str, type[Model]] = {"membership": Membership, "residence": Residence, "status": StatusPeriod}
FACTS: tuple[type[FactBlock], ...] = (PersonIdentity, PersonCondition, HouseholdProfile)


class Numbers:
    """From ids below zero to those that the database gives, and blocks of ids for rows."""

    def __init__(self, acts: Sequence[Act]) -> None:
        new = [act for act in acts if act.new_code]
        come = [act.newcomer[0] for act in acts if act.newcomer is not None]
        self.households = self._numbered(Household, [act.other or 0 for act in new])
        self.persons = self._numbered(Person, come)

    @staticmethod
    def _numbered(model: type[Model], keys: Sequence[int]) -> dict[int, int]:
        first = database.reserve_ids(model, len(keys)) if keys else 0
        return {key: first + at for at, key in enumerate(keys)}

    def household(self, key: int) -> int:
        return self.households.get(key, key)

    def person(self, key: int) -> int:
        return self.persons.get(key, key)


def write(actor: Actor, acts: Sequence[Act], why: Why, state: State, now: datetime) -> tuple[list[int], set[int]]:
    """Inside the caller's transaction; returns the ids of the events and of all households concerned."""
    numbers = Numbers(acts)
    first = database.reserve_ids(RegisterEvent, len(acts))
    changes = [_changes(act) for act in acts]
    _new(acts, numbers)
    for name, model in TABLES.items():
        closing = [key for act in acts for key in act.closes[name]]
        if closing:
            model._default_manager.filter(pk__in=listed(closing)).update(valid_to=why.day)
    _open(acts, numbers, why.day, changes)
    _events(actor, acts, numbers, why, now, first, changes)
    _facts(acts, numbers, state, why.day, now)
    touched = {numbers.household(key) for act in acts for key in (act.house.id, act.other) if key is not None}
    touched |= {numbers.household(household) for act in acts for _person, household in act.members}
    _status_changes(actor, acts, numbers, why, now, first)
    return list(range(first, first + len(acts))), touched


def _changes(act: Act) -> dict[str, Any]:
    return {"closed": {name: list(keys) for name, keys in act.closes.items() if keys}, "opened": {}, "made": {}}


def _new(acts: Sequence[Act], numbers: Numbers) -> None:
    codes = [(numbers.household(act.other or 0), act.new_code) for act in acts if act.new_code]
    if codes:
        database.bulk_insert(Household._meta.db_table, ("id", "code"), codes)
    if numbers.persons:
        database.bulk_insert(Person._meta.db_table, ("id", "code"), [(key, "") for key in numbers.persons.values()])


def _open(acts: Sequence[Act], numbers: Numbers, day: date, changes: list[dict[str, Any]]) -> None:
    since = day.isoformat()
    rows: dict[str, list[tuple[int, tuple[Any, ...]]]] = {name: [] for name in TABLES}
    for at, act in enumerate(acts):
        for person, household in act.members:
            row = (numbers.person(person), numbers.household(household), since, None, True, since)
            rows["membership"].append((at, row))
        for household, area, group in act.residences:
            rows["residence"].append((at, (numbers.household(household), area, group, since, None)))
        for household, axis, value in act.statuses:
            rows["status"].append((at, (numbers.household(household), axis, value, since, None)))
    columns = {
        "membership": ("person_id", "household_id", "valid_from", "valid_to", "since_known", "confirmed_on"),
        "residence": ("household_id", "area_id", "group_name", "valid_from", "valid_to"),
        "status": ("household_id", "axis", "value", "valid_from", "valid_to"),
    }
    for name, listed_rows in rows.items():
        if listed_rows:
            model = TABLES[name]
            first = database.reserve_ids(model, len(listed_rows))
            made = [(first + order, *row) for order, (_at, row) in enumerate(listed_rows)]
            database.bulk_insert(model._meta.db_table, ("id", *columns[name]), made)
            for order, (at, _row) in enumerate(listed_rows):
                changes[at]["opened"].setdefault(name, []).append(first + order)


def _events(
    actor: Actor, acts: Sequence[Act], numbers: Numbers, why: Why, now: datetime, first: int,
    changes: list[dict[str, Any]],
) -> None:  # fmt: skip
    day, name = why.day.isoformat(), actor.name or actor.os_user
    rows, subjects = [], []
    for at, act in enumerate(acts):
        other = numbers.household(act.other) if act.other is not None else None
        made = changes[at]["made"]
        if act.new_code:
            made["household"] = other
        if act.newcomer is not None:
            made["person"] = numbers.person(act.newcomer[0])
        persons = len({subject[1] for subject in act.subjects if subject[1] is not None})
        rows.append(
            (first + at, act.kind.key, day, act.house.id, other, act.area, act.other_area, persons, why.reason.strip(),
             why.document.strip(), why.origin, now, name, actor.user_id, None, orjson.dumps(changes[at]).decode())
        )  # fmt: skip
        for household, person, was, now_at, same_as in act.subjects:
            subjects.append(
                (first + at, day, numbers.household(household) if household is not None else None,
                 numbers.person(person) if person is not None else None, was,
                 numbers.household(now_at) if person is not None and now_at is not None else now_at, same_as)
            )  # fmt: skip
    columns = ("id", "kind", "day", "household_id", "other_id", "area_id", "other_area_id", "persons", "reason",
               "document", "origin", "at", "actor", "user_id", "undoes_id", "changes")  # fmt: skip
    database.bulk_insert(RegisterEvent._meta.db_table, columns, rows)
    about = ("event_id", "day", "household_id", "person_id", "was", "now", "same_as_id")
    database.bulk_insert(EventSubject._meta.db_table, about, subjects)


def _status_changes(
    actor: Actor, acts: Sequence[Act], numbers: Numbers, why: Why, now: datetime, first: int
) -> None:  # fmt: skip
    rows = [
        (numbers.household(household), axis, "", value, why.day.isoformat(), why.reason.strip(), f"event:{first + at}",
         now, actor.name or actor.os_user, actor.user_id)
        for at, act in enumerate(acts)
        for household, axis, value in act.statuses
    ]  # fmt: skip
    columns = ("household_id", "axis", "old", "new", "day", "reason", "origin", "at", "actor", "user_id")
    if rows:
        database.bulk_insert(StatusChange._meta.db_table, columns, rows)


# -- facts ----------------------------------------------------------------------------------------------------------


def _facts(acts: Sequence[Act], numbers: Numbers, state: State, day: date, now: datetime) -> None:
    """Who the newcomers are, what everybody is to the head, who heads a household. What a newer export says of a
    relation stays as it is."""
    people = {person for act in acts for person in act.relations if person > 0}
    houses = {household for act in acts for household in act.heads if household > 0}
    conditions = versions.standing(PersonCondition, people) if people else {}
    profiles = versions.standing(HouseholdProfile, houses) if houses else {}
    fresh: list[versions.Fresh] = []
    for act in acts:
        if act.newcomer is not None:
            key, new = act.newcomer
            said: dict[str, Any] = {"name": new.name, "sex": new.sex, "birth_date": new.birth_date}
            said |= {"id_number": new.id_number} if new.id_number else {}
            fresh.append(_unmarked(versions.Fresh(PersonIdentity, numbers.person(key), None, said)))
        for person, relation in act.relations.items():
            rows = conditions.get(person, [])
            if all(row.as_of <= day for row in rows):
                base = versions.on_day(rows, day)
                item = versions.Fresh(PersonCondition, numbers.person(person), base, {"relation": relation})
                fresh.append(item if relation else _unmarked(item))
        for household, head in act.heads.items():
            rows = profiles.get(household, [])
            identity = state.identities.get(head)
            if identity is not None and identity.name and all(row.as_of <= day for row in rows):
                base = versions.on_day(rows, day)
                name: dict[str, Any] = {"head_name": identity.name}
                fresh.append(versions.Fresh(HouseholdProfile, numbers.household(household), base, name))
    versions.write(fresh, as_of=day, source="by_hand", now=now)


def _unmarked(item: versions.Fresh) -> versions.Fresh:
    """Values that the next export may replace without more ado."""
    item.unmarked = set(item.values)
    return item


def subjects_of(acts: Iterable[Act]) -> int:
    """How many persons and households the acts are about."""
    return sum(len(act.subjects) for act in acts)
