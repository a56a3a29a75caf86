"""The SQL of duties to visit, the same for both databases: pairs of official and target, what was seen, the state.

Named parameters: see ``coverage.pairs``. Texts are put together from this file and from dates alone.
"""

# ruff: noqa: S608 - own texts, with names of parameters and dates alone
from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.duties.assigning.designated import POOR_VILLAGES
from tuopin.platform.access import PATH_DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from .kinds import Duty


_DEEPEST = 128  # digits of the longest path


def _above(upper: str, lower: str) -> str:
    """The path of one area lies above another's, or is it. Looked up by its index: to compare each village with
    each costs the square of 9,000."""
    starts = (f"substr({lower}.path, 1, {length})" for length in range(PATH_DIGITS, _DEEPEST + 1, PATH_DIGITS))
    return f"{upper}.path IN ({', '.join(starts)})"


def _on(table: str) -> str:
    return f"{table}.valid_from <= %(on)s AND ({table}.valid_to IS NULL OR {table}.valid_to > %(on)s)"


_INSIDE = "{0}.path >= %(low)s AND {0}.path < %(high)s"

# Areas of the day inside, with the area above that they are counted for, and whether visits are recorded there at all:
# asked once an area, not once a pair. ``{whole}`` makes the engine do so; where one official is looked for it is empty,
# so that nothing is worked out for areas of others.
_PLACES = f"""(WITH place AS {{whole}} (SELECT v.area_id, v.path, v.level, {{part}} AS part, ({{kept}}) AS kept
  FROM register_area_version v WHERE {_INSIDE.format("v")} AND {_on("v")}) SELECT * FROM place)"""

_OWN = f"""
SELECT a.official_id, a.household_id, v.path, v.part, v.kept, a.valid_from AS since
FROM duties_assignment a
JOIN register_residence r ON r.household_id = a.household_id AND {_on("r")}
JOIN {_PLACES} v ON v.area_id = r.area_id
WHERE a.role = %(role)s AND {_on("a")}"""

# Who holds an area of the level above a target; a target without one stays, so that it is seen that nobody does.
_ABOVE = f"""
  LEFT JOIN register_area_version h ON h.level = %(level)s AND {_on("h")}
    AND {_above("h", "t")}
  LEFT JOIN duties_assignment a ON a.area_id = h.area_id AND a.role = %(role)s AND {_on("a")}"""
_OF_VILLAGE = f"""
  LEFT JOIN duties_assignment a ON a.area_id = t.area_id AND a.role = %(role)s AND {_on("a")}"""

# Holders are joined to villages, of which there are few, before the households come in.
_HOUSEHOLDS = f"""
SELECT w.official_id, r.household_id, w.path, w.part, w.kept, w.since
FROM (SELECT t.area_id, t.path, t.part, t.kept, a.official_id, a.valid_from AS since
  FROM {_PLACES} t {{holders}}
  WHERE t.level = 'village') w
JOIN register_residence r ON r.area_id = w.area_id AND {_on("r")}
JOIN register_status_period s ON s.household_id = r.household_id AND s.axis = 'registration'
  AND s.value IN ({{statuses}}) AND {_on("s")}"""

# Exit takes no village out (四个不摘): what was designated once is to be visited.
_VILLAGES = f"""
SELECT a.official_id, t.area_id, t.path, t.part, t.kept, a.valid_from AS since
FROM {_PLACES} t {{holders}}
WHERE t.level = 'village' AND t.area_id IN ({POOR_VILLAGES})"""

# Households are added up by village, then by every area above: each village names the paths above its own, so that the
# townships among them are found by equality. (A path that is one of several is compared with each by PostgreSQL: of
# 750 townships and 8,500 villages that took 20 seconds. The range is kept from the index, which SQLite would take.)
_CUTS = " UNION ALL ".join(f"SELECT {length} AS cut" for length in range(PATH_DIGITS, _DEEPEST + 1, PATH_DIGITS))
_TOWNSHIPS = f"""
SELECT a.official_id, t.area_id, t.path, t.part, t.kept, a.valid_from AS since
FROM (SELECT v.area_id, v.path, {{part}} AS part, ({{kept}}) AS kept
  FROM (SELECT substr(u.path, 1, d.cut) AS head, sum(u.number) AS number
    FROM (SELECT w.path, count(*) AS number FROM register_area_version w
      JOIN register_residence r ON r.area_id = w.area_id AND {_on("r")}
      JOIN register_status_period s ON s.household_id = r.household_id AND s.axis = 'registration'
        AND s.value IN ({{statuses}}) AND {_on("s")}
      WHERE w.level = 'village' AND {_INSIDE.format("w")} AND {_on("w")} GROUP BY w.path) u
    JOIN ({_CUTS}) d ON d.cut <= length(u.path) GROUP BY 1) n
  CROSS JOIN register_area_version v
  WHERE v.path = n.head AND n.number >= %(least)s AND v.level = 'township' AND {_on("v")}
    AND v.path || '' >= %(low)s AND v.path || '' < %(high)s) t {{holders}}"""

_AREA = f"""
SELECT a.official_id, a.area_id, v.path, v.part, v.kept, a.valid_from AS since
FROM duties_assignment a
JOIN {_PLACES} v ON v.area_id = a.area_id
WHERE a.role = %(role)s AND {_on("a")}"""

_PAIRS = {"own": _OWN, "households": _HOUSEHOLDS, "villages": _VILLAGES, "townships": _TOWNSHIPS, "area": _AREA}

# The last visit; where visits of later days are recorded, the visits themselves are asked for the one before.
_LAST = """l.day"""
_LAST_BEFORE = """CASE WHEN l.day <= %(on)s THEN l.day
  WHEN l.day IS NOT NULL THEN (SELECT max(b.day) FROM duties_visit_by b WHERE b.counts
    AND b.official_id = p.official_id AND b.household_id = p.household_id AND b.day <= %(on)s) END"""

# Who only counts does not ask for visits before the period before: they change no state.
_SEEN_HOUSEHOLDS = """
SELECT p.official_id, p.household_id, p.path, p.part, p.kept, p.since, {last} AS seen
FROM ({pairs}) p
LEFT JOIN duties_visit_last l ON l.official_id = p.official_id AND l.household_id = p.household_id{recent}"""
_RECENT = " AND l.day >= %(before)s"

# A visit to a household or village of an area is one to the area.
_VISITS_IN = f"""FROM duties_visit_by b JOIN register_area_version v ON v.area_id = b.area_id AND {_on("v")}
    WHERE b.counts AND b.official_id = p.official_id AND b.day <= %(on)s
      AND substr(v.path, 1, length(p.path)) = p.path"""

_SEEN_AREAS = f"""
SELECT p.*, (SELECT max(b.day) {_VISITS_IN}) AS seen FROM ({{pairs}}) p"""

_SEEN_DAYS = f"""
SELECT p.*, (SELECT count(DISTINCT b.day) {_VISITS_IN} AND b.day >= p.since AND b.day IN ({{now}})) AS seen,
  (SELECT count(DISTINCT b.day) {_VISITS_IN} AND b.day >= p.since AND b.day IN ({{then}})) AS seen_before
FROM ({{pairs}}) p"""

_AWAY = """q.official_id IN (SELECT official_id FROM duties_absence WHERE kind IN ('seconded', 'leave', 'sick')
  AND valid_from <= %({0})s AND (valid_to IS NULL OR valid_to > %({0})s))"""
# who is released from office (脱产) is not away: there is the time to visit

_STATE = f"""
SELECT q.*, CASE
  WHEN q.official_id IS NULL THEN 'unknown'
  WHEN {{done}} THEN 'done'
  WHEN NOT q.kept THEN 'unknown'
  WHEN {_AWAY.format("on")} THEN 'excused'
  WHEN q.since <= %(before)s AND %(owed)s <= %(before)s AND NOT ({{done_before}})
    AND NOT {_AWAY.format("before_end")} THEN 'overdue'
  ELSE 'due' END AS state
FROM ({{seen}}) q"""


def of(
    duty: Duty,
    statuses: str,
    working: tuple[Sequence[date], Sequence[date]],
    kept: str,
    part: str,
    *,
    whole: bool,
    later: bool,
) -> str:
    """The statement of a duty. ``statuses``: names of parameters; ``working``: the working days of the period and of
    the one before, for duties in days; ``kept``: what holds of an area ``v`` where visits are recorded; ``part``: what
    of its path is counted by; ``whole``: all pairs are counted, not those of one official shown; ``later``: visits of
    later days than the one asked for are recorded."""
    if duty.days:
        now, then = (", ".join(f"'{day.isoformat()}'" for day in days) or "NULL" for days in working)
        seen = _SEEN_DAYS.replace("{now}", now).replace("{then}", then)
        done, before = "q.seen >= %(days)s", "q.seen_before >= %(days)s"
    else:
        seen = _SEEN_HOUSEHOLDS if duty.of_households else _SEEN_AREAS
        done, before = "q.seen >= %(start)s AND q.seen >= q.since", "q.seen IS NOT NULL AND q.seen >= %(before)s"
    texts = {  # in this order: texts of the first hold names of those after
        "{seen}": seen, "{pairs}": _PAIRS[duty.whom], "{holders}": _OF_VILLAGE if duty.level == "village" else _ABOVE,
        "{last}": _LAST_BEFORE if later else _LAST, "{recent}": _RECENT if whole and not later else "",
        "{whole}": "MATERIALIZED" if whole else "NOT MATERIALIZED", "{done_before}": before, "{done}": done,
        "{statuses}": statuses or "''", "{kept}": kept, "{part}": part,
    }  # fmt: skip
    found = _STATE
    for name, text in texts.items():
        found = found.replace(name, text)
    return found
