"""What duties knows beside a household, in one statement: the page of a household has many panels.

Who answers for it, incidents, commitments and visits are told of by permissions of their own; a part that the reader
may not see is not asked for. Written as SQL: putting six query sets together cost a tenth of the page's time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.utils import timezone

from tuopin.platform.access import field_classes_at, may
from tuopin.register.selectors import RESIDENCES

from . import kinds
from .commitments.selectors import commitments
from .incidents import rules
from .permissions import VIEW_COMMITMENT, VIEW_HELPER, VIEW_INCIDENT, VIEW_VISIT
from .selectors import Away
from .visits import troubles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor
    from tuopin.register.models import Residence
    from tuopin.register.selectors import Placed

_KEY = "duties.beside"
_INCIDENTS, _COMMITMENTS, _VISITS = 20, 5, 200


@dataclass(frozen=True, slots=True)
class Line:
    """An incident (``text`` its kind, ``flag``: closed), a commitment (title, who gave it, its outcome) or a version of
    a visit (outcome, sort, why nobody was met; ``number``: the visit's, ``flag``: taken back)."""

    key: int
    number: int
    day: date
    text: str
    more: str
    third: str
    flag: bool


@dataclass(frozen=True, slots=True)
class Term:
    """Somebody who answers or answered for the household. ``source``: the workbook that says so; ``away``: not at work
    on the day."""

    role: str
    name: str
    unit: str
    post: str
    phone: str
    valid_from: date
    valid_to: date | None
    since_known: bool
    source: str
    away: Away | None


@dataclass(slots=True)
class Beside:
    """The newest first; ``terms``: helpers first. ``names``: who was there, by visit; ``problems``: open ones of sorts
    that the reader knows. ``day``: for which absences were asked."""

    day: date
    terms: list[Term] = field(default_factory=list)
    incidents: list[Line] = field(default_factory=list)
    commitments: list[Line] = field(default_factory=list)
    visits: list[Line] = field(default_factory=list)
    names: dict[int, list[str]] = field(default_factory=dict)
    problems: int = 0


def beside(actor: Actor, placed: Placed, day: date | None = None) -> Beside:
    """Read once for the page that holds ``placed``: one statement, none where the reader may see no part. ``day``: of
    absences; by default as it was read, else today."""
    held = placed.memo.get(_KEY)
    if not isinstance(held, Beside) or (day is not None and day != held.day):
        held = placed.memo[_KEY] = _read(actor, placed, day or timezone.localdate())
    return held


def _read(actor: Actor, placed: Placed, day: date) -> Beside:
    found = Beside(day)
    given: dict[str, Any] = {"home": placed.household.pk, "on": day.isoformat()}
    parts = list(_parts(actor, placed, given))
    if not parts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), given)
        rows = cursor.fetchall()
    by = {"incident": found.incidents, "commitment": found.commitments, "visit": found.visits}
    for row in sorted(rows, key=lambda row: cast("int", row[1])):
        what, key, number, on, text, more, third, flag = row[:8]
        if what == "term":
            found.terms.append(term_of(row))
        elif what == "by":
            found.names.setdefault(number, []).append(text)
        elif what == "problem":
            found.problems += 1
        else:
            by[what].append(Line(key, number, day_of(on), text, more, third, bool(flag)))
    found.terms = in_order(found.terms)
    for listed, most in ((found.incidents, _INCIDENTS), (found.commitments, _COMMITMENTS), (found.visits, _VISITS)):
        listed.sort(key=lambda line: (line.day, line.key), reverse=True)
        del listed[most:]
    return found


def in_order(terms: list[Term]) -> list[Term]:
    """By role, then since when."""
    order = list(kinds.roles())
    return sorted(terms, key=lambda each: (order.index(each.role), each.valid_from))


def term_of(row: tuple[Any, ...]) -> Term:
    """A row of the columns of :data:`WHO`."""
    _what, _key, away, since, role, name, unit, known, until, post, phone, file, sheet, stand_in, its_phone, back = row
    return Term(
        role, name, unit, post, phone, day_of(since), day_of(until) if until else None, bool(known),
        f"{file} · {sheet}" if file else "",
        Away(day_of(back) if back else None, stand_in, its_phone) if away else None,
    )  # fmt: skip


def day_of(value: date | str) -> date:
    """SQLite hands days over as text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


# Every part has the same sixteen columns: what, key, number, day, three texts, a flag; of terms also their end, post,
# telephone, workbook, sheet, who stands in with telephone, and until when.
MORE = ", CAST(NULL AS date), '', '', '', '', '', '', CAST(NULL AS date)"
WHO = """
SELECT 'term', a.id, CASE WHEN w.id IS NULL THEN 0 ELSE 1 END, a.valid_from, a.role, a.name, COALESCE(a.unit, ''),
  CASE WHEN a.since_known THEN 1 ELSE 0 END, a.valid_to, COALESCE(a.post, ''), COALESCE(a.phone, ''),
  COALESCE(s.file, ''), COALESCE(s.name, ''), COALESCE(p.name, ''), COALESCE(p.phone, ''), w.valid_to
FROM duties_assignment a LEFT JOIN register_sheet s ON s.id = a.sheet_id
LEFT JOIN duties_absence w ON w.id = (SELECT b.id FROM duties_absence b
  WHERE b.official_id = a.official_id AND b.kind <> 'released' AND b.valid_from <= %(on)s
    AND (b.valid_to IS NULL OR b.valid_to > %(on)s)
  ORDER BY CASE WHEN b.stand_in_id IS NULL THEN 1 ELSE 0 END, b.stand_in_id DESC, b.id DESC LIMIT 1)
LEFT JOIN duties_official p ON p.id = w.stand_in_id"""
_INCIDENT = f"""
SELECT 'incident', i.id, 0, i.found_on, i.kind, '', '', CASE WHEN c.id IS NULL THEN 0 ELSE 1 END{MORE}
FROM duties_incident i LEFT JOIN duties_incident_closing c ON c.incident_id = i.id
WHERE i.household_id = %(home)s AND i.kind IN ({{0}})"""  # noqa: S608 - own texts and names of parameters
_COMMITMENT = f"""
SELECT 'commitment', c.id, 0, c.due, c.title, o.name, s.outcome, 0{MORE}
FROM duties_commitment c JOIN duties_official o ON o.id = c.inferior_id
JOIN duties_commitment_state s ON s.commitment_id = c.id
WHERE c.household_id = %(home)s AND NOT EXISTS (SELECT 1 FROM duties_commitment_replacement r
  WHERE r.commitment_id = c.id)"""  # noqa: S608 - own texts
_VISIT = f"""
SELECT 'visit', v.id, v.number, v.day, v.outcome, v.sort, v.why_not,
  CASE WHEN v.taken_back_at IS NULL THEN 0 ELSE 1 END{MORE}
FROM duties_visit v WHERE v.household_id = %(home)s AND v.superseded_at IS NULL
UNION ALL SELECT 'by', b.id, b.visit_id, b.day, o.name, '', '', 0{MORE}
FROM duties_visit v JOIN duties_visit_by b ON b.visit_id = v.id JOIN duties_official o ON o.id = b.official_id
WHERE v.household_id = %(home)s AND v.superseded_at IS NULL"""  # noqa: S608 - own texts
_PROBLEM = f"""
SELECT 'problem', p.id, 0, CAST(NULL AS date), p.sort, '', '', 0{MORE}
FROM duties_visit_problem p WHERE p.household_id = %(home)s AND p.settled_at IS NULL"""  # noqa: S608 - own texts


def _parts(actor: Actor, placed: Placed, given: dict[str, Any]) -> Iterator[str]:
    """The statements of the parts that the reader may be told of; their parameters go into ``given``."""
    path, key = placed.village.path, placed.household.pk
    if may(actor, VIEW_HELPER, area_path=path, household_id=key):
        yield f"{WHO} WHERE a.household_id = %(home)s"
    if may(actor, VIEW_INCIDENT, area_path=path, household_id=key):
        told = rules.told_kinds(field_classes_at(actor, VIEW_INCIDENT, path, key))
        if told:
            yield _INCIDENT.format(_named("kind", told, given))
    if may(actor, VIEW_COMMITMENT, area_path=path, household_id=key):
        yield from _commitments(actor, placed, given)
    if may(actor, VIEW_VISIT, area_path=path, household_id=key):
        yield _VISIT
        closed = troubles.closed_sorts(field_classes_at(actor, VIEW_VISIT, path, key))
        yield f"{_PROBLEM} AND p.sort NOT IN ({_named('sort', closed, given)})" if closed else _PROBLEM


def _commitments(actor: Actor, placed: Placed, given: dict[str, Any]) -> Iterator[str]:
    """Who holds the permission where a household lives, and has opened it, sees all of its commitments; of one that
    lives nowhere any more they go by where they were to be fulfilled."""
    lived: list[Residence] = placed.memo.get(RESIDENCES, [])
    if any(each.valid_to is None for each in lived):
        yield _COMMITMENT
        return
    seen = list(commitments(actor).filter(household_id=placed.household.pk).values_list("pk", flat=True))
    if seen:
        yield f"{_COMMITMENT} AND c.id IN ({_named('seen', seen, given)})"


def _named(name: str, values: Any, given: dict[str, Any]) -> str:
    """Names of parameters for a list of values."""
    keys = [f"{name}{at}" for at, _value in enumerate(values)]
    given |= dict(zip(keys, values, strict=True))
    return ", ".join(f"%({each})s" for each in keys)
