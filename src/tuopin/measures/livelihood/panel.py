"""What is known of one household's livelihood, in one statement: the page of a household has many panels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection

from ..merged import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Line:
    """A link, dividend, term of work, loan, the relocation, or an answer about it.

    ``first`` and ``last``: days as text,
        '' = none. ``amount`` and ``more``: fen (agreed; due and paid; wage; amount and
    repaid). ``text``, ``extra``: contract and risk; period and document; post and place; purpose and day repaid;
    contract and place moved from. ``flag``: None = unknown.
    """

    what: str
    number: int
    who: str
    kind: str
    name: str
    first: str
    last: str
    amount: int | None
    more: int | None
    text: str
    extra: str
    flag: bool | None


@dataclass(slots=True)
class Found:
    """The lines by what they are, in the order of their days."""

    links: list[Line] = field(default_factory=list)
    dividends: list[Line] = field(default_factory=list)
    work: list[Line] = field(default_factory=list)
    loans: list[Line] = field(default_factory=list)
    relocation: list[Line] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.links or self.dividends or self.work or self.loans or self.relocation)


def _day(column: str) -> str:
    return f"COALESCE(CAST({column} AS text), '')"


_NAME = """COALESCE((SELECT v.name FROM measures_enterprise_version v WHERE v.enterprise_id = {0}.enterprise_id
  AND v.superseded_at IS NULL ORDER BY v.as_of DESC LIMIT 1), '')"""
_RISK = """COALESCE((SELECT r.level FROM measures_enterprise_risk r WHERE r.enterprise_id = l.enterprise_id
  AND r.superseded_at IS NULL ORDER BY r.day DESC LIMIT 1), '')"""
_FLAG = "CASE WHEN {0} IS NULL THEN NULL WHEN {0} THEN 1 ELSE 0 END"
_NO_MONEY = "CAST(NULL AS BIGINT), CAST(NULL AS BIGINT)"
_NEWEST = """FROM measures_relocation r WHERE r.id = (
  SELECT n.id FROM measures_relocation n JOIN own o ON o.household_id = n.household_id WHERE n.superseded_at IS NULL
  ORDER BY o.came, n.as_of DESC, n.id DESC LIMIT 1)"""


def _asked(kind: str, flag: str, day: str, source: str) -> str:
    return f"""SELECT 'answer', r.id, '', '{kind}', r.{source}, {_day(f"r.{day}")}, '', {_NO_MONEY}, '', '',
  {_FLAG.format(f"r.{flag}")} {_NEWEST}"""


_PARTS = (
    f"""SELECT 'link', l.id, '', l.form, {_NAME.format("l")}, {_day("l.valid_from")},
  {_day("l.valid_to")}, l.agreed, CAST(l.share AS BIGINT), l.contract, {_RISK}, CAST(NULL AS INTEGER)
FROM measures_enterprise_link l WHERE l.household_id IN (SELECT household_id FROM own) AND l.superseded_at IS NULL""",
    f"""SELECT 'dividend', d.id, '', d.form, {_NAME.format("d")}, {_day("d.due_on")}, {_day("d.paid_on")}, d.due,
  d.paid, d.period, d.document, CAST(NULL AS INTEGER)
FROM measures_dividend d WHERE d.household_id IN (SELECT household_id FROM own) AND d.superseded_at IS NULL""",
    f"""SELECT 'work', w.id, c.name, w.kind, w.employer, {_day("w.valid_from")}, {_day("w.valid_to")}, w.wage,
  CAST(CASE WHEN w.returned THEN 1 ELSE 0 END AS BIGINT), w.post, w.place, {_FLAG.format("w.contract")}
FROM measures_work w JOIN register_person_card c ON c.person_id = w.person_id
WHERE c.household_id IN (SELECT household_id FROM own) AND w.superseded_at IS NULL""",
    f"""SELECT 'loan', o.id, '', o.use, o.bank, {_day("o.granted")}, {_day("o.due")}, o.amount, o.repaid, o.purpose,
  {_day("o.repaid_on")}, CAST(NULL AS INTEGER)
FROM measures_loan o WHERE o.household_id IN (SELECT household_id FROM own) AND o.superseded_at IS NULL""",
    f"""SELECT 'relocation', r.id, '', COALESCE(r.old_house, ''), r.site, {_day("r.moved_in_on")},
  {_day("r.old_house_down_on")}, {_NO_MONEY}, r.contract, r.from_place, CAST(NULL AS INTEGER) {_NEWEST}""",
    _asked("job", "has_job", "job_on", "job_source"),
    _asked("school", "has_school", "school_on", "school_source"),
    _asked("clinic", "has_clinic", "clinic_on", "clinic_source"),
    _asked("land", "land_there", "ties_on", "ties_source"),
    _asked("registered", "registered_there", "ties_on", "ties_source"),
)
SQL = " UNION ALL ".join(_PARTS)
"""Reads the household from ``own`` (``merged.OWN``), which stands before it."""


def line(row: tuple[Any, ...]) -> Line:
    """A row of the statement."""
    *values, flag = row
    return Line(**dict(zip(_NAMES, values, strict=True)), flag=None if flag is None else bool(flag))


_NAMES = ("what", "number", "who", "kind", "name", "first", "last", "amount", "more", "text", "extra")


def lines_of(household_id: int) -> list[Line]:
    """Everything of a household and of those that were merged into it, in one statement. The caller has checked the
    household, and shows what is :func:`told`."""
    with connection.cursor() as cursor:
        cursor.execute(f"WITH RECURSIVE {OWN} {SQL}", [household_id])
        return [line(row) for row in cursor.fetchall()]


def told(rows: Iterable[Line], *, loans: bool, children: bool) -> Found:
    """The lines that a reader may be told of. ``loans`` and ``children``: whether the classes bank and child are open:
    what is closed is not even counted."""
    found = Found()
    by = {"link": found.links, "dividend": found.dividends, "work": found.work, "loan": found.loans,
          "relocation": found.relocation, "answer": found.answers}  # fmt: skip
    for row in sorted(rows, key=lambda each: (each.first, each.number)):
        closed = (row.what == "loan" and not loans) or (row.what == "answer" and row.kind == "school" and not children)
        if not closed:
            by[row.what].append(row)
    return found
