"""The balance of an area and a period: opening + in − out = closing, of households and persons, each by kind.

It is read from the dated rows alone. A subject is in an area from a day to a day: its membership, its household's
residence and the place of the village in the tree, all at once. Every beginning that follows no end of the same day is
an arrival, every end that no beginning follows a departure; so the equation holds whatever the rows say. The kind of
either depends on subject and day only: the event of that day, else an import, a change of areas or of status. So parts
of an area add up to the whole by kind too, moves between them cancelling out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection

from tuopin.core.language.catalogue import Title
from tuopin.platform import access, database
from tuopin.platform.access import require
from tuopin.platform.problems import Problem

from ..correcting.subjects import listed
from ..counting import ON_REGISTER
from ..models import AreaVersion
from ..permissions import VIEW_HOUSEHOLD
from ..selectors import area as area_named
from .kinds import KINDS, LEFT, TITLES, told

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

MEASURES: Mapping[str, Title] = {
    "households": Title("户", "households"),
    "persons": Title("人", "persons"),
    "registered_households": Title("建档立卡户", "registered households"),
    "registered_persons": Title("建档立卡人口", "registered persons"),
}
"""What is counted. Registered: in the states of registration that count as on the register (``counting``)."""

OTHERS: Mapping[str, Title] = {
    "dissolved": Title("销户（成员全部离开）", "dissolved: the last member left"),
    "area": Title("区划变更", "change of areas"),
    "status": Title("登记状态变化", "change of status"),
    "import_first": Title("导入时首次登记", "first registered by an import"),
    "import": Title("导入中的变化（未登记事件）", "by an import, without an event"),
}
LINES: Mapping[str, Title] = {
    **{key: kind.title for key, kind in KINDS.items()}, LEFT: TITLES[LEFT], **OTHERS
}  # fmt: skip
"""Kinds of arrivals and departures in the order of the page."""

type Place = tuple[int, str, str, str, str]
"""An area, its half-open range of paths, and from when to when they were its paths."""


@dataclass(slots=True)
class Balance:
    """Of one measure: at the end of the day before the period, within it by kind, at the end of its last day."""

    opening: int = 0
    closing: int = 0
    ins: dict[str, int] = field(default_factory=dict)
    outs: dict[str, int] = field(default_factory=dict)

    @property
    def arrived(self) -> int:
        return sum(self.ins.values())

    @property
    def left(self) -> int:
        return sum(self.outs.values())

    @property
    def adds_up(self) -> bool:
        return self.opening + self.arrived - self.left == self.closing

    def document(self) -> dict[str, object]:
        """For programs."""
        return {"opening": self.opening, "in": self.ins, "out": self.outs, "closing": self.closing}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The balances of an area by measure, and those of the areas directly below it, in the order of codes."""

    area: AreaVersion
    first: date
    last: date
    whole: Mapping[str, Balance]
    parts: Mapping[int, Mapping[str, Balance]]
    names: Mapping[int, tuple[str, str]]  # of the parts: code and name as of the last day they were below it

    def kinds(self) -> list[str]:
        """The kinds that occur, in the order of the page."""
        held = {key for each in self.whole.values() for key in (*each.ins, *each.outs)}
        return [key for key in LINES if key in held]

    def document(self) -> dict[str, object]:
        """For programs."""
        return {
            "area": self.area.code, "from": self.first.isoformat(), "to": self.last.isoformat(),
            "balance": {key: each.document() for key, each in self.whole.items()},
            "parts": [
                {"area": self.names[key][0], "balance": {name: each.document() for name, each in found.items()}}
                for key, found in self.parts.items()
            ],
        }  # fmt: skip


def balance(actor: Actor, code: str, first: date, last: date, *, parts: bool = True) -> Sheet:
    """The balance of the days from ``first`` to ``last``, both within. Raises Missing for an area outside the grants,
    Refused for who may see no households there, Problem for a period the wrong way round."""
    version = area_named(actor, code)
    require(actor, VIEW_HOUSEHOLD, area_path=version.path)
    if first > last or not 1949 <= first.year <= last.year <= 2200:
        raise Problem("bad_period", "起始日期不能晚于截止日期。", "The period ends before it begins.")
    below = _below(version.area_id, first, last) if parts else {}
    whole, found = divided(version.area_id, list(below), first, last)
    classes = access.field_classes_at(actor, VIEW_HOUSEHOLD, version.path)
    for held in (whole, *found.values()):
        _veil(held.values(), classes)
    return Sheet(version, first, last, whole, found, below)


def _veil(held: Iterable[Balance], classes: frozenset[str] | None) -> None:
    """Add together the departures that the reader may not tell apart (``kinds.VEILED``), and arrivals elsewhere of the
    same day; who arrives by “other departure” comes from another household."""
    for each in held:
        each.outs = _added((told(kind, classes), number) for kind, number in each.outs.items())
        each.ins = _added(
            (kind if kind == "other_out" else told(kind, classes), number) for kind, number in each.ins.items()
        )


def _added(numbers: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, number in numbers:
        found[key] = found.get(key, 0) + number
    return found


def balances(areas: Collection[int], first: date, last: date) -> dict[int, dict[str, Balance]]:
    """Balances by area and measure, each area for itself: five statements, however many areas and households. Asks no
    grants."""
    return _read(areas, _places(AreaVersion.objects.filter(area_id__in=listed(areas))), (first, last))


def divided(
    area_id: int, below: Collection[int], first: date, last: date
) -> tuple[dict[str, Balance], dict[int, dict[str, Balance]]]:
    """The balance of an area by measure, and those of all areas directly below it, each while it lay there.

    Every household is read once: in the part where it is, or in the area itself. As many statements as
    :func:`balances`, plus one. Asks no grants.
    """
    parts = _places(AreaVersion.objects.filter(area_id__in=listed(below), parent_id=area_id)) if below else []
    own = _places(AreaVersion.objects.filter(area_id=area_id), alone=True)
    found = _read([_WHOLE, area_id, *below], parts + own, (first, last))
    whole, lone = found.pop(_WHOLE), found.pop(area_id)
    for name, held in whole.items():
        held.opening = lone[name].opening + sum(each[name].opening for each in found.values())
        held.closing = lone[name].closing + sum(each[name].closing for each in found.values())
    return whole, found


_WHOLE = 0
"""The part that is all of them together: no area has this id."""


def _read(parts: Collection[int], places: list[Place], days: tuple[date, date]) -> dict[int, dict[str, Balance]]:
    found = {key: {name: Balance() for name in MEASURES} for key in parts}
    if not places:
        return found
    for name in MEASURES:
        sql, params = _statement(name, places, days, whole=_WHOLE in found)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            for part, kind, sign, number in cursor.fetchall():
                _add(found[int(part)][name], name, str(kind), int(sign), int(number))
    return found


def _add(held: Balance, measure: str, kind: str, sign: int, number: int) -> None:
    if kind == "opening":
        held.opening = number
    elif kind == "closing":
        held.closing = number
    else:
        if measure.endswith("households") and kind in KINDS and not _of_households(kind):
            kind = "dissolved"
        side = held.ins if sign > 0 else held.outs
        side[kind] = side.get(kind, 0) + number


def _of_households(kind: str) -> bool:
    return KINDS[kind].of_household or KINDS[kind].splits


def _below(area_id: int, first: date, last: date) -> dict[int, tuple[str, str]]:
    """Areas that were directly below this one on the day before the period or within it."""
    rows = AreaVersion.objects.filter(parent_id=area_id, valid_from__lte=last).exclude(valid_to__lt=first)
    named = {row.area_id: (row.code, row.name) for row in rows.order_by("valid_from")}
    return dict(sorted(named.items(), key=lambda each: each[1]))


# -- the statement --------------------------------------------------------------------------------------------------


def _places(versions: QuerySet[AreaVersion], *, alone: bool = False) -> list[Place]:
    """The ranges of paths that areas had, each from a day to a day; ``alone``: without what lies below them."""
    rows = versions.values_list("area_id", "path", "valid_from", "valid_to")
    return [
        (area_id, path, f"{path}0" if alone else access.subtree(path)[1], since.isoformat(),
         until.isoformat() if until else "9999-12-31")
        for area_id, path, since, until in rows
    ]  # fmt: skip


def _date() -> str:
    return "CAST(%s AS date)" if database.is_postgresql() else "%s"


def _statement(
    measure: str, places: list[Place], days: tuple[date, date], *, whole: bool
) -> tuple[str, list[str | int]]:
    """One measure of all parts: rows (part, kind, sign, number), with the kinds ``opening`` and ``closing``."""
    postgresql = database.is_postgresql()
    most, least = ("greatest", "least") if postgresql else ("max", "min")
    far = "DATE '9999-12-31'" if postgresql else "'9999-12-31'"
    row = f"SELECT %s AS part, %s AS low, %s AS high, {_date()} AS since, {_date()} AS until"
    texts = {
        "places": " UNION ALL ".join([row] * len(places)),
        "most": most,
        "least": least,
        "far": far,
        "day": _date(),
    }
    persons, registered = measure.endswith("persons"), measure.startswith("registered")
    presence = "home"
    sql = _HOMES
    if registered:
        states = ", ".join(f"'{value}'" for value in ON_REGISTER)
        sql += _REGISTERED.replace("{values}", states)
        presence = "listed"
    if persons:
        sql += _PERSONS.replace("{source}", presence)
        presence = "belongs"
    subject = "person_id" if persons else "household_id"
    texts |= {
        "all": _ALL if whole else "",
        "presence": presence,
        "subject": subject,
        "kind": _kind(persons=persons, registered=registered),
    }
    sql += _COUNTED
    for name, text in texts.items():
        sql = sql.replace("{" + name + "}", text)
    first, last = (each.isoformat() for each in days)
    given = [value for place in places for value in place]
    return sql, [*given, last, first, first, last, first, last, first, first, last, last]


# No value from outside stands in these statements but as a parameter.
_HOMES = """
WITH place AS ({places}),
here AS MATERIALIZED (
  SELECT p.part, v.area_id, {most}(v.valid_from, p.since) AS since,
    {least}(coalesce(v.valid_to, {far}), p.until) AS until
  FROM place p CROSS JOIN register_area_version v
  WHERE v.path >= p.low AND v.path < p.high AND v.valid_from < p.until AND coalesce(v.valid_to, {far}) > p.since),
home AS MATERIALIZED (
  SELECT h.part, r.household_id, r.household_id AS subject, {most}(r.valid_from, h.since) AS since,
    {least}(coalesce(r.valid_to, {far}), h.until) AS until
  FROM here h CROSS JOIN register_residence r
  WHERE r.area_id = h.area_id AND r.valid_from < h.until AND coalesce(r.valid_to, {far}) > h.since
    AND r.valid_from <= {day} AND coalesce(r.valid_to, {far}) >= {day})
"""
_REGISTERED = """, listed AS MATERIALIZED (
  SELECT h.part, h.household_id, h.household_id AS subject, {most}(s.valid_from, h.since) AS since,
    {least}(coalesce(s.valid_to, {far}), h.until) AS until
  FROM home h CROSS JOIN register_status_period s
  WHERE s.household_id = h.household_id AND s.axis = 'registration' AND s.value IN ({values})
    AND s.valid_from < h.until AND coalesce(s.valid_to, {far}) > h.since)
"""
_PERSONS = """, belongs AS MATERIALIZED (
  SELECT h.part, h.household_id, m.person_id AS subject, {most}(m.valid_from, h.since) AS since,
    {least}(coalesce(m.valid_to, {far}), h.until) AS until
  FROM {source} h CROSS JOIN register_membership m
  WHERE m.household_id = h.household_id AND m.valid_from < h.until AND coalesce(m.valid_to, {far}) > h.since)
"""
_COUNTED = """, edge AS (
  SELECT part, subject, since AS day, 1 AS sign FROM {presence} WHERE since >= {day} AND since <= {day}
  UNION ALL
  SELECT part, subject, until, -1 FROM {presence} WHERE until >= {day} AND until <= {day}),
net AS MATERIALIZED (
  SELECT part, subject, day, sum(sign) AS sign FROM edge GROUP BY part, subject, day HAVING sum(sign) <> 0{all}),
named AS (SELECT n.part, n.sign, {kind} AS kind FROM net n)
SELECT part, kind, CASE WHEN sign > 0 THEN 1 ELSE -1 END AS side, sum(abs(sign)) FROM named GROUP BY part, kind, side
UNION ALL SELECT part, 'opening', 0, count(*) FROM {presence} WHERE since < {day} AND until >= {day} GROUP BY part
UNION ALL SELECT part, 'closing', 0, count(*) FROM {presence} WHERE since <= {day} AND until > {day} GROUP BY part
"""

_ALL = """
  UNION ALL SELECT 0, subject, day, sum(sign) FROM edge GROUP BY subject, day HAVING sum(sign) <> 0"""  # _WHOLE

_EVENT = """(SELECT e.kind FROM register_event_subject s JOIN register_event e ON e.id = s.event_id
  WHERE s.{column} = n.subject AND s.day = n.day
    AND NOT EXISTS (SELECT 1 FROM register_event u WHERE u.undoes_id = e.id) ORDER BY e.id DESC LIMIT 1)"""
_MAPPED = """EXISTS (SELECT 1 FROM {homes} p
  JOIN register_area_map m ON m.area_id = p.area_id AND m.day = n.day
    AND NOT EXISTS (SELECT 1 FROM register_area_event_undone u WHERE u.event_id = m.event_id)
  JOIN register_residence r ON r.household_id = p.household_id AND r.area_id = m.successor_id AND r.valid_from = n.day
  WHERE {of_subject} AND p.valid_to = n.day)"""
_OF_PERSON = (
    "p.household_id IN (SELECT m.household_id FROM register_membership m WHERE m.person_id = n.subject"
    " AND m.valid_from <= n.day AND (m.valid_to IS NULL OR m.valid_to >= n.day))"
)
_TOUCHED = (
    "EXISTS (SELECT 1 FROM {own} x WHERE x.{column} = n.subject AND (x.valid_from = n.day OR x.valid_to = n.day))"
)
_HOME_TOUCHED = (
    " OR EXISTS (SELECT 1 FROM register_residence p WHERE {of_subject}"
    " AND (p.valid_from = n.day OR p.valid_to = n.day))"
)
_STATUS = (
    " WHEN EXISTS (SELECT 1 FROM register_status_period p WHERE p.axis = 'registration'"
    " AND (p.valid_from = n.day OR p.valid_to = n.day) AND {of_subject}) THEN 'status'"
)
_KIND = (
    "coalesce({event}, CASE WHEN {mapped} THEN 'area'"
    " WHEN NOT EXISTS (SELECT 1 FROM {own} x WHERE x.{column} = n.subject AND x.valid_from < n.day)"
    " THEN 'import_first' WHEN {touched} THEN 'import'{status} ELSE 'area' END)"
)


def _kind(*, persons: bool, registered: bool) -> str:
    """The kind of an arrival or departure, as SQL over ``n`` (subject, day)."""
    of_subject = _OF_PERSON if persons else "p.household_id = n.subject"
    own = "register_membership" if persons else "register_residence"
    column = "person_id" if persons else "household_id"
    mapped = _MAPPED.replace("{homes}", "register_residence").replace("{of_subject}", of_subject)
    touched = _TOUCHED.replace("{own}", own).replace("{column}", column)
    if persons:
        touched += _HOME_TOUCHED.replace("{of_subject}", of_subject)
    status = _STATUS.replace("{of_subject}", of_subject) if registered else ""
    parts = {"{event}": _EVENT, "{mapped}": mapped, "{touched}": touched, "{status}": status}
    text = _KIND
    for name, part in parts.items():
        text = text.replace(name, part)
    return text.replace("{own}", own).replace("{column}", column)
