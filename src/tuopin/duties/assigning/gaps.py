"""Where nobody answers: households, villages and areas above without a live holder of a role that they need; help
plans, projects, nodes and headquarters that nobody holds.

Live: see ``living.py``. A role for designated areas (first secretaries of poor villages) stays needed when the
designation ends: exit takes nobody away (四个不摘). One statement a role or thing, however many households there are.
"""

# ruff: noqa: S608 - own texts; values travel as parameters
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day, subtree

from .. import kinds
from ..permissions import VIEW_HELPER
from . import living
from .designated import POOR_VILLAGES, poor_villages
from .living import condition

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from ..kinds import Role

_STEP = 8  # digits of a level in a path


@dataclass(frozen=True, slots=True)
class Held:
    """Of so many that need somebody, so many have one."""

    needed: int = 0
    held: int = 0

    @property
    def missing(self) -> int:
        return self.needed - self.held


@dataclass(slots=True)
class Below:
    """An area below the one asked for (or that itself), and how it stands by role."""

    area: AreaVersion
    roles: dict[str, Held] = field(default_factory=dict)
    things: dict[str, Held] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        return sum(each.missing for each in self.roles.values())


@dataclass(frozen=True, slots=True)
class Thing:
    """What somebody has to answer for beside households and areas, by the holder of a role; '' = by a unit named."""

    key: str
    title: Title
    role: str
    sql: str


def needed_roles() -> list[Role]:
    """The roles that the report asks for."""
    return [role for role in kinds.roles().values() if role.needed and role.on in {"household", "area"}]


def report(actor: Actor, area: AreaVersion, day: date) -> list[Below]:
    """The areas right below an area (a village: itself) on a day, in the order of their codes. Raises Refused.

    Roles, projects, nodes, headquarters of the area itself are a line of its own, the last: sums then are those of
    :func:`areas_without`.
    """
    require(actor, VIEW_HELPER, area_path=area.path)
    length = len(area.path) + (_STEP if area.level != "village" else 0)
    low, high = subtree(area)
    versions = AreaVersion.objects.filter(on_day(day), path__gte=low, path__lt=high)
    below = {"parent_id": area.area_id} if area.level != "village" else {"area_id": area.area_id}
    found = {each.path: Below(each) for each in versions.filter(**below).order_by("code")}
    for role in needed_roles():
        for path, held in _counts(role, area, length, day).items():
            if path in found or path == area.path:  # what is the area's own stands in a line of its own
                found.setdefault(path, Below(area)).roles[role.key] = held
    for thing in THINGS:
        for path, held in _things(thing, area, length, day).items():
            if path in found or path == area.path:
                found.setdefault(path, Below(area)).things[thing.key] = held
    for row in found.values():
        row.things = {thing.key: row.things.get(thing.key, Held()) for thing in THINGS}
        row.roles = {role.key: row.roles.get(role.key, Held()) for role in needed_roles()}
    return list(found.values())


def helped(actor: Actor, area: AreaVersion, day: date) -> list[tuple[AreaVersion, Held]]:
    """How many households of each area right below have a live helper: two statements. Raises Refused."""
    require(actor, VIEW_HELPER, area_path=area.path)
    counts = _counts(kinds.role("helper"), area, len(area.path) + _STEP, day)
    below = AreaVersion.objects.filter(on_day(day), parent_id=area.area_id).order_by("code")
    return [(each, counts.get(each.path, Held())) for each in below]


_ON = "{0}.valid_from <= %(on)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(on)s)"
_INSIDE = f"v.path >= %(low)s AND v.path < %(high)s AND {_ON.format('v')}"
THINGS = (
    Thing(
        "help_plan", Title("本年帮扶计划（户无在任帮扶人）", "help plans of the year: no live helper"), "helper",
        f"""SELECT substr(v.path, 1, %(length)s), count(*), count(h.id)
        FROM (SELECT DISTINCT household_id FROM measures_help_plan WHERE year = %(year)s) p
        JOIN register_residence r ON r.household_id = p.household_id AND {_ON.format("r")}
        JOIN register_area_version v ON v.area_id = r.area_id AND {_INSIDE}
        LEFT JOIN (SELECT DISTINCT a.household_id AS id FROM duties_assignment a WHERE {{live}}) h
          ON h.id = p.household_id GROUP BY 1""",
    ),
    Thing(
        "project", Title("本年项目（无实施单位）", "projects of the year: no unit named"), "",
        f"""SELECT substr(v.path, 1, %(length)s), count(*), count(CASE WHEN x.unit <> '' THEN 1 END)
        FROM measures_project p JOIN measures_project_version x ON x.project_id = p.id
        JOIN register_area_version v ON v.area_id = x.area_id AND {_INSIDE}
        WHERE p.year = %(year)s AND x.superseded_at IS NULL AND NOT x.cancelled GROUP BY 1""",
    ),
    Thing(
        "node", Title("未到期节点（区域无第一责任人）", "nodes ahead: no first responsible person"),
        "first_responsible",
        f"""SELECT substr(v.path, 1, %(length)s), count(*), count(h.id)
        FROM platform_node n JOIN register_area_version v ON v.area_id = n.area_id AND {_INSIDE}
        LEFT JOIN (SELECT DISTINCT a.area_id AS id FROM duties_assignment a WHERE {{live}}) h ON h.id = n.area_id
        WHERE n.ended_at IS NULL AND n.due >= %(on)s GROUP BY 1""",
    ),
    Thing(
        "headquarters", Title("指挥部（无指挥长）", "headquarters: no commander"), "commander",
        f"""SELECT substr(v.path, 1, %(length)s), count(*), count(h.id)
        FROM duties_organisation_version o JOIN register_area_version v ON v.area_id = o.area_id AND {_INSIDE}
        LEFT JOIN (SELECT DISTINCT a.organisation_id AS id FROM duties_assignment a WHERE {{live}}) h
          ON h.id = o.organisation_id
        WHERE o.kind = 'headquarters' AND {_ON.format("o")} GROUP BY 1""",
    ),
)  # fmt: skip


def _things(thing: Thing, area: AreaVersion, length: int, day: date) -> dict[str, Held]:
    """By the first ``length`` digits of the path, as :func:`_counts`."""
    low, high = subtree(area)
    given: dict[str, str | int] = {
        "length": length,
        "low": low,
        "high": high,
        "on": str(day),
        "year": day.year,
        "role": thing.role,
    }
    live = condition(kinds.role(thing.role)) if thing.role else ""
    with connection.cursor() as cursor:
        cursor.execute(thing.sql.replace("{live}", live), given)
        return {path: Held(int(needed), int(held)) for path, needed, held in cursor.fetchall()}


# The set of those held is made once, not looked up for each household.
_HOUSEHOLDS = """
SELECT substr(v.path, 1, %(length)s), count(*), count(h.id)
FROM register_residence r
JOIN register_area_version v ON v.area_id = r.area_id AND v.path >= %(low)s AND v.path < %(high)s
  AND v.valid_from <= %(on)s AND (v.valid_to IS NULL OR v.valid_to > %(on)s)
LEFT JOIN (SELECT DISTINCT a.household_id AS id FROM duties_assignment a
  WHERE {live}) h ON h.id = r.household_id
WHERE r.valid_from <= %(on)s AND (r.valid_to IS NULL OR r.valid_to > %(on)s)
GROUP BY 1"""
_AREAS = """
SELECT substr(v.path, 1, %(length)s), v.level, count(*), count(h.id)
FROM register_area_version v
LEFT JOIN (SELECT DISTINCT a.area_id AS id FROM duties_assignment a WHERE {live}) h ON h.id = v.area_id
WHERE v.path >= %(low)s AND v.path < %(high)s AND v.valid_from <= %(on)s
  AND (v.valid_to IS NULL OR v.valid_to > %(on)s)
  AND {needed}
GROUP BY 1, 2"""


def _counts(role: Role, area: AreaVersion, length: int, day: date) -> dict[str, Held]:
    """By the first ``length`` digits of the path: how many need the role, how many have a live holder."""
    low, high = subtree(area)
    given: dict[str, str | int] = {"length": length, "low": low, "high": high, "on": str(day), "role": role.key}
    with connection.cursor() as cursor:
        if role.on == "household":
            cursor.execute(_HOUSEHOLDS.replace("{live}", condition(role)), given)
            return {path: Held(int(needed), int(held)) for path, needed, held in cursor.fetchall()}
        needed_in = f"v.area_id IN ({POOR_VILLAGES})" if role.designated else "1 = 1"
        cursor.execute(_AREAS.replace("{live}", condition(role)).replace("{needed}", needed_in), given)
        found: dict[str, Held] = {}
        for path, level, needed, held in cursor.fetchall():
            if level in role.levels:
                before = found.get(path, Held())
                found[path] = Held(before.needed + int(needed), before.held + int(held))
        return found


def areas_without(actor: Actor, area: AreaVersion, role: Role, day: date) -> QuerySet[AreaVersion]:
    """The areas from this one down that lack a live holder of a role, in the order of their codes. Raises Refused."""
    require(actor, VIEW_HELPER, area_path=area.path)
    low, high = subtree(area)
    found = AreaVersion.objects.filter(on_day(day), path__gte=low, path__lt=high, level__in=role.levels)
    if role.designated:
        found = found.filter(poor_villages(day))
    live = living.live(role, day).filter(area=OuterRef("area_id"))
    return found.filter(~Exists(live)).order_by("code")
