"""Accounts for helpers, by the thousand: who is one person, user names, first passwords.

Same name, unit and telephone is one person. Where two of them may be one (the same name with the same telephone or the
same unit) nobody gets an account until a person has decided. Accounts are made for helpers all of whose households lie
in the actor's area: a first password opens those households.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tuopin.platform import access, database, roles, scopes
from tuopin.platform.accounts import first_passwords, sessions
from tuopin.platform.accounts.services import random_password
from tuopin.platform.auditing import audit
from tuopin.platform.models import User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.correcting.subjects import listed

from ..models import Assignment, OfficialName
from ..officials.naming import merge
from ..permissions import MAKE_ACCOUNTS
from . import grants, slips

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from tuopin.platform.access import Actor

    Tell = Callable[[int, int], None]


@dataclass(slots=True)
class Person:
    """One helper, by the first of the names that the workbooks use."""

    official_id: int
    name: str
    unit: str
    phone: str
    user_id: int | None


@dataclass(slots=True)
class Doubt:
    """Names that may be one person: not yet decided. ``known`` already have an account."""

    identities: list[OfficialName] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Made:
    """What :func:`make` did; ``outside`` are helpers with households beyond the actor's area, ``doubtful`` names that
    wait for a decision."""

    made: int
    had_one: int
    doubtful: int
    outside: int
    grants: int
    sheets: tuple[int, ...]


def require_may_make(actor: Actor, area_path: str | None) -> None:
    """Raise Refused unless the actor may make helpers' accounts there: these open fields (health, children) of the
    households helped, and nobody hands on what the own grant does not hold."""
    if actor.unrestricted:
        return
    if area_path is None:
        access.require_everywhere(actor, MAKE_ACCOUNTS)
    access.require(actor, MAKE_ACCOUNTS, area_path=area_path)
    held = access.grants_over(actor, MAKE_ACCOUNTS, area_path)
    opened = set(roles.field_classes(grants.ROLE)) & access.SENSITIVE
    if not any(opened <= set(each.field_classes) for each in held):
        raise Refused(
            "classes_not_yours_to_give",
            "帮扶责任人的账号能看到所帮扶户的健康、残疾、儿童信息；您自己的授权里没有这些字段类别，不能建这种账号。",
            "Helpers' accounts open health, disability and children's fields of their households; your own grant does"
            " not hold these classes, so you cannot make such accounts.",
        )


# -- who is one person --------------------------------------------------------------------------------------------


def people() -> tuple[list[Person], list[Doubt]]:
    """All who help a household, or will, or have an account, as persons; and the groups of names about which nobody has
    decided."""
    helping = Assignment.objects.filter(official=OuterRef("official"), household__isnull=False)
    live = Exists(helping.exclude(valid_to__lte=timezone.localdate()))
    found = OfficialName.objects.filter(live | Q(official__user__isnull=False))
    names = list(found.select_related("official").order_by("id"))
    persons: dict[int, Person] = {}
    doubts = []
    for group in _groups(names):
        if len({each.official_id for each in group}) > 1 and not all(each.decided for each in group):
            doubts.append(Doubt(group))
            group = [each for each in group if each.official.user_id or each.decided]
        for each in group:
            persons.setdefault(
                each.official_id, Person(each.official_id, each.name, each.unit, each.phone, each.official.user_id)
            )
    return list(persons.values()), doubts


def _groups(identities: Sequence[OfficialName]) -> list[list[OfficialName]]:
    """Names that may be one person: the same name, and the same unit or the same telephone."""
    leader: dict[int, int] = {each.pk: each.pk for each in identities}

    def find(key: int) -> int:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    first: dict[tuple[str, str, str], int] = {}
    for each in identities:
        marks = [(each.name, "unit", each.unit)] if each.unit else []
        marks += [(each.name, "phone", each.phone)] if each.phone else []
        if not marks:
            marks = [(each.name, "unit", "")]
        for mark in marks:
            other = first.setdefault(mark, each.pk)
            leader[find(each.pk)] = find(other)
    groups: dict[int, list[OfficialName]] = {}
    for each in identities:
        groups.setdefault(find(each.pk), []).append(each)
    return list(groups.values())


def decide(actor: Actor, ids: Sequence[int], *, same: bool) -> None:
    """Say of a group of names (all of it) that they are one person, or so many. Raises Missing for another group.

    Two that have accounts already stay two: close one of them instead.
    """
    require_may_make(actor, None if access.visible_paths(actor, MAKE_ACCOUNTS) is None else _own_path(actor))
    _persons, doubts = people()
    found = next((each for each in doubts if {one.pk for one in each.identities} == set(ids)), None)
    if found is None or not _inside(actor, found.identities):
        raise Missing(
            "no_such_doubt", "这一组已经判定，或者不存在。", "This group was decided already, or is not there."
        )
    officials = list({each.official_id: each.official for each in found.identities}.values())
    lead = next((each for each in officials if each.user_id), officials[0])
    if same and sum(1 for each in officials if each.user_id) > 1:
        raise Problem(
            "two_accounts",
            "这一组已有两个账号，不能合并。请停用其中一个。",
            "This group has two accounts already and cannot be joined. Close one of them.",
        )
    with database.write():
        keys = [each.pk for each in found.identities]
        OfficialName.objects.filter(pk__in=keys).update(decided=True)
        if same:
            merge(lead.pk, [each.pk for each in officials if each.pk != lead.pk])
        detail: dict[str, object] = {"identities": sorted(keys), "same": same}
        audit.record(actor, "duties.decide_helpers", f"official:{lead.pk}", detail)


def _own_path(actor: Actor) -> str:
    """The first place where the actor makes accounts; empty, which nothing covers, if there is none."""
    ranges = access.visible_paths(actor, MAKE_ACCOUNTS)
    return ranges[0][0] if ranges else ""


def doubts_of(actor: Actor) -> list[Doubt]:
    """The groups the actor may decide about: all of their households lie in the actor's area."""
    access.require(actor, MAKE_ACCOUNTS)
    _persons, doubts = people()
    if access.visible_paths(actor, MAKE_ACCOUNTS) is None or not doubts:
        return doubts
    homes = _homes({each.official_id for doubt in doubts for each in doubt.identities})
    ranges = access.visible_paths(actor, MAKE_ACCOUNTS) or []
    return [
        doubt
        for doubt in doubts
        if all(_all_in(homes.get(each.official_id, set()), ranges) for each in doubt.identities)
    ]


def _inside(actor: Actor, identities: Iterable[OfficialName]) -> bool:
    ranges = access.visible_paths(actor, MAKE_ACCOUNTS)
    if ranges is None:
        return True
    homes = _homes({each.official_id for each in identities})
    return all(_all_in(homes.get(each.official_id, set()), ranges) for each in identities)


def _homes(officials: Collection[int] | None = None) -> dict[int, set[str]]:
    """Where the households of each helper lie (paths; an empty one for a household that lives nowhere)."""
    terms = Assignment.objects.filter(household__isnull=False).exclude(valid_to__lte=timezone.localdate())
    if officials is not None:
        terms = terms.filter(official_id__in=listed(officials))
    rows = list(terms.values_list("official_id", "household_id"))
    paths: dict[int, str] = {}
    households = sorted({row[1] for row in rows})
    for at in range(0, len(households), 5_000):
        paths |= scopes.paths("household", households[at : at + 5_000])
    found: dict[int, set[str]] = {}
    for official, household in rows:
        found.setdefault(official, set()).add(paths.get(household, ""))
    return found


def _all_in(paths: set[str], ranges: list[tuple[str, str]]) -> bool:
    return bool(paths) and all(any(low <= path < high for low, high in ranges) for path in paths)


# -- accounts -----------------------------------------------------------------------------------------------------


def make(actor: Actor, area_code: str = "", tell: Tell | None = None) -> Made:
    """Make an account for each helper of an area (or everywhere) who has none; first passwords wait as slips.

    Run again it makes only what is missing. Safe against a second run at the same time.
    """
    path = path_of(area_code)
    require_may_make(actor, path)
    tell = tell or (lambda _done, _total: None)
    with database.exclusive("helper-accounts"):
        persons, doubts = people()
        inside, outside = _split(persons, path)
        new = [person for person in inside if person.user_id is None]
        prepared = _prepare(new, tell)
        sheets = _write(actor, new, prepared, area_code)
    kept = grants.keep(actor)
    return Made(
        made=len(new), had_one=len(inside) - len(new), doubtful=sum(len(doubt.identities) for doubt in doubts),
        outside=outside, grants=kept.given, sheets=tuple(sheets),
    )  # fmt: skip


def path_of(area_code: str) -> str | None:
    """The path of an area by code, None for no code. Raises Missing."""
    if not area_code:
        return None
    number = scopes.find("area", area_code)
    return scopes.paths("area", [number])[number]


def _split(persons: Sequence[Person], path: str | None) -> tuple[list[Person], int]:
    """The persons all of whose households lie in the area, and how many others have some there."""
    homes = _homes()
    inside, outside = [], 0
    ranges = None if path is None else [access.subtree(path)]
    for person in persons:
        paths = homes.get(person.official_id, set())
        if not paths:
            continue  # no longer on duty anywhere
        if ranges is None or _all_in(paths, ranges):
            inside.append(person)
        elif any(low <= each < high for each in paths for low, high in ranges):
            outside += 1
    return inside, outside


@dataclass(frozen=True, slots=True)
class _Prepared:
    username: str
    password: str
    encoded: str


_UNPRINTED = re.compile(r"[\s\W_]+")


def _prepare(persons: Sequence[Person], tell: Tell) -> list[_Prepared]:
    """User names and first passwords, hashed, before any lock is taken."""
    taken = set(User.objects.values_list("username", flat=True)) if persons else set()
    prepared = []
    for at, person in enumerate(persons):
        name = username(person.name, person.phone, taken)
        taken.add(name)
        password = random_password()
        prepared.append(_Prepared(name, password, first_passwords.encode(password)))
        if at % 200 == 0:
            tell(at, len(persons))
    tell(len(persons), len(persons))
    return prepared


def username(name: str, phone: str, taken: set[str]) -> str:
    """The helper's name and the last four digits of the telephone: easy to say and remember; numbered where taken."""
    plain = _UNPRINTED.sub("", name)[:60] or "helper"
    digits = "".join(each for each in phone if each.isascii() and each.isdigit())[-4:]
    base = f"{plain}{digits}"
    found, at = base, 2
    while found in taken:
        found, at = f"{base}-{at}", at + 1
    return found


def _write(actor: Actor, persons: Sequence[Person], prepared: Sequence[_Prepared], area_code: str) -> list[int]:
    if not persons:
        return []
    now = timezone.now()
    columns = [
        "id", "password", "username", "display_name", "language", "must_change_password", "is_active",
        "failed_sign_ins", "created_at",
    ]  # fmt: skip
    with database.write():
        first = database.reserve_ids(User, len(persons))
        rows = (
            (first + at, one.encoded, one.username, person.name, "zh-hans", True, True, 0, now)
            for at, (person, one) in enumerate(zip(persons, prepared, strict=True))
        )
        database.bulk_insert(User._meta.db_table, columns, rows)
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE duties_official SET user_id = %s WHERE id = %s",
                [(first + at, person.official_id) for at, person in enumerate(persons)],
            )
        sheets = slips.keep(actor, area_code or "全部", _slips(persons, prepared))
        detail: dict[str, object] = {"accounts": len(persons), "area": area_code, "first_id": first}
        audit.record(actor, "duties.helper_accounts", f"area:{area_code or 'all'}", detail)
    return sheets


def _slips(persons: Sequence[Person], prepared: Sequence[_Prepared]) -> list[slips.Slip]:
    return [
        slips.Slip(one.username, person.name, person.unit, one.password)
        for person, one in zip(persons, prepared, strict=True)
    ]


def new_passwords(actor: Actor, area_code: str = "", tell: Tell | None = None) -> Made:
    """New first passwords for helpers of an area who have an account and never signed in: slips were lost."""
    path = path_of(area_code)
    require_may_make(actor, path)
    with database.exclusive("helper-accounts"):
        persons, _doubts = people()
        inside, outside = _split([person for person in persons if person.user_id], path)
        waiting = dict(
            User.objects.filter(last_login=None, is_active=True, must_change_password=True).values_list(
                "pk", "username"
            )
        )
        chosen = [person for person in inside if person.user_id in waiting]
        prepared = []
        for at, person in enumerate(chosen):
            password = random_password()
            name = waiting[person.user_id] if person.user_id else ""
            prepared.append(_Prepared(name, password, first_passwords.encode(password)))
            if tell and at % 200 == 0:
                tell(at, len(chosen))
        with database.write():
            with connection.cursor() as cursor:
                cursor.executemany(
                    "UPDATE platform_user SET password = %s WHERE id = %s",
                    [(one.encoded, person.user_id) for person, one in zip(chosen, prepared, strict=True)],
                )
            sessions.end_all([person.user_id for person in chosen if person.user_id])
            sheets = slips.keep(actor, area_code or "全部", _slips(chosen, prepared)) if chosen else []
            detail: dict[str, object] = {"accounts": len(chosen), "area": area_code, "again": True}
            audit.record(actor, "duties.helper_accounts", f"area:{area_code or 'all'}", detail)
    return Made(len(chosen), len(inside) - len(chosen), 0, outside, 0, tuple(sheets))


def document(made: Made) -> dict[str, Any]:
    """What was made, for a job's result or ``--json``: no password stands in it."""
    return {**asdict(made), "sheets": list(made.sheets)}
