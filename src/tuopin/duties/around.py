"""What duties knows of an area for its page, in one statement: who answers for it, what was promised for it, its teams,
headquarters, opinions that are missing. A part that the reader may not see there is not asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from tuopin.platform.access import may
from tuopin.platform.lists import Reader

from . import kinds
from .beside import MORE, WHO, Line, Term, day_of, in_order, term_of
from .headquarters import selectors as headquarters
from .models import Opinion
from .permissions import VIEW_COMMITMENT, VIEW_HEADQUARTERS, VIEW_HELPER, VIEW_TEAM
from .teams.lists import counted
from .visits.coverage import positional

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    type Part = tuple[str, list[Any]]

PROMISED = 5


@dataclass(slots=True)
class Around:
    """``promised``: the commitments due last, at most :data:`PROMISED`; ``team``: members, those below the days, those
    without a sheet; ``led``: headquarters by id, and whether each has a commander."""

    terms: list[Term] = field(default_factory=list)
    promised: list[Line] = field(default_factory=list)
    team: tuple[int, int, int] = (0, 0, 0)
    led: dict[int, bool] = field(default_factory=dict)
    missing: list[Opinion] = field(default_factory=list)


def answerable(level: str) -> bool:
    """Whether anybody answers for areas of a level."""
    return any(level in role.levels for role in kinds.roles().values())


def around(actor: Actor, area: AreaVersion, day: date) -> Around:
    """Everything at once; empty where the reader may see no part."""
    found, parts = Around(), list(_parts(actor, area, day))
    if not parts:
        return found
    with connection.cursor() as cursor:
        values = [each for _text, given in parts for each in given]
        cursor.execute(" UNION ALL ".join(text for text, _given in parts), values)
        rows = cursor.fetchall()
    for row in sorted(rows, key=lambda row: int(row[1])):
        what, key, number, on, text, more, third, flag = row[:8]
        if what == "term":
            found.terms.append(term_of(row))
        elif what == "commitment":
            found.promised.append(Line(key, number, day_of(on), text, more, third, bool(flag)))
        elif what == "team":
            found.team = (key, number, flag)
        elif what == "led":
            found.led[key] = bool(number)
        else:
            found.missing.append(Opinion(required=True, document=text, due=day_of(on) if on else None))
    found.terms = in_order(found.terms)
    found.promised.sort(key=lambda each: (each.day, each.key), reverse=True)
    return found


_TERMS = f"""{WHO} WHERE a.area_id = %(area)s AND a.valid_from <= %(on)s
  AND (a.valid_to IS NULL OR a.valid_to > %(on)s)"""
_PROMISED = f"""
SELECT x.* FROM (SELECT 'commitment', c.id, 0, c.due, c.title, o.name, s.outcome, 0{MORE}
  FROM duties_commitment c JOIN duties_official o ON o.id = c.inferior_id
  JOIN duties_commitment_state s ON s.commitment_id = c.id
  WHERE c.area_id = %(area)s AND c.household_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM duties_commitment_replacement r WHERE r.commitment_id = c.id)
  ORDER BY c.due DESC, c.id DESC LIMIT {PROMISED}) x"""  # noqa: S608 - own texts
_TEAM = f"""SELECT 'team', x."members", x."short", CAST(NULL AS date), '', '', '', x."bare"{MORE} FROM"""
_LED = f"""SELECT 'led', x."organisation_id", CASE WHEN x."led" THEN 1 ELSE 0 END, CAST(NULL AS date), '', '', '',
  0{MORE} FROM"""
_MISSING = f"""SELECT 'opinion', x."id", 0, x."due", x."document", '', '', 0{MORE} FROM"""


def _parts(actor: Actor, area: AreaVersion, day: date) -> Iterator[Part]:
    given: dict[str, str | int] = {"area": area.area_id, "on": day.isoformat()}
    if may(actor, VIEW_HELPER, area_path=area.path) and answerable(area.level):
        yield positional(_TERMS, given)
    if may(actor, VIEW_COMMITMENT, area_path=area.path):
        yield positional(_PROMISED, given)
    if may(actor, VIEW_TEAM, area_path=area.path):
        yield from _of(_TEAM, counted(Reader(actor, day, area)))
    if area.level in headquarters.LEVELS and may(actor, VIEW_HEADQUARTERS, area_path=area.path):
        yield from _of(_LED, headquarters.led_in(actor, day, area))
        rows = headquarters.opinions(actor, area).filter(headquarters.MISSING)
        yield from _of(_MISSING, rows.order_by().values("id", "due", "document"))


def _of(head: str, rows: QuerySet[Any, Any]) -> Iterator[Part]:
    """A query set as a part; none where its filters can find nothing."""
    try:
        text, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    yield f"{head} ({text}) x", list(values)
