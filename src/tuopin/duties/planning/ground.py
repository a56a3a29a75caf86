"""The ground of a plan: which households, who helps them now, who may be chosen and how much each may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from tuopin.core.assignment import Household, Official, Task
from tuopin.duties import kinds
from tuopin.duties.assigning import caseload, living
from tuopin.duties.assigning.following import to_be_helped
from tuopin.duties.models import Absence, Assignment, OfficialTie
from tuopin.duties.officials.links import died, people_now
from tuopin.duties.officials.ranks import posts_held, ranks_of
from tuopin.duties.selectors import officials
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion, Membership, Residence, StatusPeriod
from tuopin.register.selectors import on_day, subtree

from .asking import VALUES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from tuopin.duties.kinds import Role
    from tuopin.duties.models import Official as OfficialRow
    from tuopin.duties.officials.ranks import Held
    from tuopin.platform.access import Actor

    from .asking import Asked

MOST_HOUSEHOLDS = 100_000
MOST_OFFICIALS = 20_000
MOST_PAIRS = 1_500_000
"""Pairs of village and place of officials that the solver holds in memory."""
_STEP = 8  # digits of a level in a path


@dataclass(frozen=True, slots=True)
class Home:
    """A household to be planned: its village's path, who helps it and by which duty."""

    id: int
    path: str
    official: int | None
    standing: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An official who may be chosen: bounds within the plan, and duties in the role outside it."""

    id: int
    unit: str
    place: str
    least: int
    most: int
    others: int


@dataclass(frozen=True, slots=True)
class Ground:
    """``skipped``: households with a duty that begins on the day or later; ``unfit``: officials left out, by reason;
    ``called``: names of villages by path."""

    homes: tuple[Home, ...]
    candidates: tuple[Candidate, ...]
    excluded: Mapping[int, frozenset[int]]
    skipped: int
    unfit: Mapping[str, int]
    called: Mapping[str, str]


def read(actor: Actor, asked: Asked, area: AreaVersion) -> Ground:
    """The ground as it is now, in a fixed number of statements. Raises Problem where there is too much, or nobody."""
    role = kinds.role(asked.role)
    homes, skipped, called = _homes(asked, area, role)
    if len(homes) > MOST_HOUSEHOLDS:
        raise Problem(
            "too_many_households",
            f"一次最多安排 {MOST_HOUSEHOLDS:,} 户，这里有 {len(homes):,} 户。请选下级区域。",
            f"At most {MOST_HOUSEHOLDS:,} households at once; there are {len(homes):,}. Choose an area below.",
        )
    pool = _pool(actor, asked, area)
    ties = _ties([each.id for each in homes], pool, asked.day)
    unfit = _unfit(pool, ties, role, asked.day)
    fit = {key: each for key, each in pool.items() if not any(key in keys for keys in unfit.values())}
    candidates = _candidates(fit, asked, area, role, homes)
    if len({each.path for each in homes}) * len({each.place for each in candidates}) > MOST_PAIRS:
        raise Problem(
            "too_many_pairs", "村和单位所在地太多，一次算不了。请选下级区域，或缩小可选干部的范围。",
            "Too many villages and places of units at once. Choose an area below, or fewer officials.",
        )  # fmt: skip
    left_out = {reason: len(keys) for reason, keys in unfit.items() if keys}
    asked_for = {each.id for each in homes}
    excluded = _by_household((household, who) for household, who, _own in ties if household in asked_for)
    return Ground(homes, candidates, excluded, skipped, left_out, called)


def _ties(households: Collection[int], officials: Collection[int], day: date) -> list[tuple[int, int, bool]]:
    """Ties to these households, and the own households of these officials: (household, official, whether own)."""
    rows = OfficialTie.objects.filter(
        Q(household_id__in=listed(households))
        | Q(relation=OfficialTie.Relation.OWN, official_id__in=listed(officials)),
        on_day(day),
    )
    return [
        (household, official, relation == OfficialTie.Relation.OWN)
        for household, official, relation in rows.values_list("household_id", "official_id", "relation")
    ]


def _by_household(pairs: Iterable[tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for household, official in pairs:
        found.setdefault(household, set()).add(official)
    return {key: frozenset(each) for key, each in found.items()}


def excluded_for(households: Collection[int], day: date) -> Mapping[int, frozenset[int]]:
    """Officials who must not help each of these households: who lives there, or has relatives there."""
    ties = OfficialTie.objects.filter(on_day(day), household_id__in=listed(households))
    return _by_household(ties.values_list("household_id", "official_id"))


def task(ground: Ground, asked: Asked) -> Task:
    """The task for the solver; keys are ids in so many digits that their order is that of the numbers."""
    chosen = {each.id for each in ground.candidates}
    households = tuple(
        Household(
            f"{each.id:012d}", each.path, f"{each.official:012d}" if each.official in chosen else "",
            frozenset(f"{key:012d}" for key in ground.excluded.get(each.id, ())),
        )
        for each in ground.homes
    )  # fmt: skip
    people = tuple(
        # whoever has no unit is a unit of his own
        Official(f"{each.id:012d}", each.unit or f"\0{each.id:012d}", each.place, each.least, each.most)
        for each in ground.candidates
    )
    villages = {each.path for each in ground.homes}
    distances = {
        place: {path: steps for path in villages if (steps := apart(place, path)) <= asked.reach}
        for place in {each.place for each in ground.candidates}
    }
    return Task(households, people, distances, asked.weights, ground.called)


def apart(place: str, village: str) -> int:
    """Steps up the tree of areas from a village until the place lies below: 0 in the village, 1 in its township, 2 in
    its county, 3 beyond."""
    same = 0
    while same < len(village) and village[same : same + _STEP] == place[same : same + _STEP]:
        same += _STEP
    return min((len(village) - same) // _STEP, 3)


def _homes(asked: Asked, area: AreaVersion, role: Role) -> tuple[tuple[Home, ...], int, Mapping[str, str]]:
    """Households to be planned, how many are left out, names of villages. A helper who does not count as live
    (``assigning/living.py``) is a gap."""
    low, high = subtree(area)
    villages = AreaVersion.objects.filter(on_day(asked.day), path__gte=low, path__lt=high)
    named = list(villages.values_list("area_id", "path", "name"))
    paths = {key: path for key, path, _name in named}
    lives = Residence.objects.filter(on_day(asked.day), area_id__in=villages.values("area_id"))
    if asked.statuses in VALUES:
        held = StatusPeriod.objects.filter(on_day(asked.day), axis="registration", value__in=VALUES[asked.statuses])
        lives = lives.filter(household_id__in=held.values("household_id"))
    found = dict(lives.order_by("household_id").values_list("household_id", "area_id"))
    duties = Assignment.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=asked.day), role=role.key, household_id__in=lives.values("household_id")
    )
    standing: dict[int, tuple[int, int]] = {}
    later: set[int] = set()
    for key, official, household, begins in duties.values_list("pk", "official_id", "household_id", "valid_from"):
        if begins >= asked.day or household in standing:
            later.add(household)
        standing[household] = (official, key)
    live: set[int] = set()
    if asked.only == "gaps":
        live.update(
            living.live(role, asked.day)
            .filter(household_id__in=lives.values("household_id"))
            .values_list("household_id", flat=True)  # of a household, by its role
        )
    homes = []
    for household, village in found.items():
        now = standing.get(household)
        if household not in later and household not in live:
            homes.append(Home(household, paths[village], now[0] if now else None, now[1] if now else None))
    return tuple(homes), len(later & found.keys()), {path: name for _key, path, name in named}


def _pool(actor: Actor, asked: Asked, area: AreaVersion) -> dict[int, OfficialRow]:
    kept = AreaVersion.objects.filter(on_day(asked.day), area_id=OuterRef("area_id")).values("path")[:1]
    lent = Absence.objects.filter(on_day(asked.day), official=OuterRef("pk")).exclude(kind=Absence.Kind.RELEASED)
    found = officials(actor, place=area).annotate(kept_path=Subquery(kept), away=Exists(lent)).order_by("pk")
    rows: dict[int, OfficialRow] = {each.pk: each for each in found[: MOST_OFFICIALS + 1]}
    if len(rows) > MOST_OFFICIALS:
        raise Problem(
            "too_many_officials", f"一次最多选 {MOST_OFFICIALS:,} 名干部。请选下级区域。",
            f"At most {MOST_OFFICIALS:,} officials at once. Choose an area below.",
        )  # fmt: skip
    if asked.pool == "units":
        units = _units(rows, posts_held(rows, asked.day))
        rows = {key: each for key, each in rows.items() if units[key] in asked.names}
    elif asked.pool == "list":
        rows = _named(rows, asked)
    if not rows:
        raise Problem(
            "nobody_to_choose", "没有找到可指派的干部。请检查单位或姓名，或先登记干部。",
            "There is no official to choose from: check units or names, or take officials in first.",
        )  # fmt: skip
    return rows


def _units(rows: Mapping[int, OfficialRow], posts: Sequence[Held]) -> dict[int, str]:
    """By the main post, which comes first."""
    units = {each.official: each.unit for each in reversed(posts)}
    return {key: units.get(key, "") or each.unit for key, each in rows.items()}


def _named(rows: Mapping[int, OfficialRow], asked: Asked) -> dict[int, OfficialRow]:
    """The officials of a list of “name” or “name unit”. Raises Problem where somebody is not there, or several are."""
    units = _units(rows, posts_held(rows, asked.day))
    found: dict[int, OfficialRow] = {}
    wrong = 0
    by_name: dict[str, list[int]] = {}
    for key, each in rows.items():
        for said in {each.name, f"{each.name} {units[key]}", f"{each.name} {each.phone}"}:
            by_name.setdefault(said, []).append(key)
    for line in asked.names:
        meant = by_name.get(" ".join(line.split()), [])
        if len(meant) == 1:
            found[meant[0]] = rows[meant[0]]
        else:
            wrong += 1
    if wrong:
        raise Problem(
            "which_official",
            f"有 {wrong} 行没有找到干部，或有多人同名。每行请写“姓名 单位”或“姓名 电话”，须与登记的完全一致。",
            f"In {wrong} lines nobody was found, or several people have the name. Write name and unit, or name and"
            " telephone, exactly as recorded.",
        )
    return found


def _unfit(
    rows: Mapping[int, OfficialRow], ties: Collection[tuple[int, int, bool]], role: Role, day: date
) -> dict[str, set[int]]:
    """Who cannot be chosen: away on the day (released from office is not away: it gives time), dead, out of the last
    post where the role counts nobody live then, or to be helped himself. Each is counted once."""
    away = {key for key, each in rows.items() if getattr(each, "away", False)}
    linked = {key: each.person_id for key, each in rows.items() if each.person_id is not None}
    now = people_now(linked.values())
    gone = died(now.values(), day)
    dead = {key for key, person in linked.items() if now[person] in gone} - away
    out = living.out_of_office(role, rows, day) - away - dead
    homes: dict[int, set[int]] = {}
    lived = Membership.objects.filter(on_day(day), person_id__in=listed(set(now.values())))
    at_home = dict(lived.values_list("person_id", "household_id"))
    for key, person in linked.items():
        if now[person] in at_home:
            homes.setdefault(at_home[now[person]], set()).add(key)
    for household, official, own in ties:
        if own and official in rows:
            homes.setdefault(household, set()).add(official)
    poor = StatusPeriod.objects.filter(to_be_helped(), on_day(day), household_id__in=listed(homes))
    helped = {key for household in poor.values_list("household_id", flat=True) for key in homes[household]}
    return {"absent": away, "dead": dead, "left": out, "poor": helped - away - dead - out}


def _candidates(
    rows: Mapping[int, OfficialRow], asked: Asked, area: AreaVersion, role: Role, homes: Iterable[Home]
) -> tuple[Candidate, ...]:
    posts = posts_held(rows, asked.day)
    units = _units(rows, posts)
    places = _places(rows, posts, area)
    standing = ranks_of(rows, posts)
    allowed = caseload.bounds(role, rows, dict.fromkeys(rows, (area.path,)), asked.day, standing)
    others = _others(rows, role, asked.day, {each.standing for each in homes if each.standing is not None})
    found = []
    for key in rows:
        least, most = asked.of(standing[key].level)
        most = max(0, min(most, allowed.get(key, most)) - others.get(key, 0))
        least = min(most, max(0, least - others.get(key, 0)))
        found.append(Candidate(key, units[key], places[key], least, most, others.get(key, 0)))
    return tuple(found)


def _others(rows: Collection[int], role: Role, day: date, inside: set[int]) -> dict[int, int]:
    """Duties in the role that the plan does not touch, by official."""
    held = Assignment.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), role=role.key, official_id__in=listed(rows)
    ).exclude(pk__in=listed(inside))
    return {row["official_id"]: row["n"] for row in held.values("official_id").annotate(n=Count("pk"))}


def _places(
    rows: Mapping[int, OfficialRow], posts: Sequence[Held], area: AreaVersion
) -> dict[int, str]:  # fmt: skip
    """Where each is counted from: the place of the main post's organisation, else where the official is kept, else the
    area of the plan."""
    offices = {each.official: each.path for each in reversed(posts)}
    kept: dict[int, str] = {key: getattr(each, "kept_path", None) or "" for key, each in rows.items()}
    return {key: offices.get(key) or kept[key] or area.path for key in rows}
