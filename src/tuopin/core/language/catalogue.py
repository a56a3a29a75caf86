"""The fact catalogue: what the rooms publish and rules may speak of.

A room describes in its ``facts.py`` the tables, columns, types, units, level and date column of the facts it owns.
``platform`` gathers these descriptions into one :class:`Catalogue`; the type check resolves every name of a rule in
it, and the evaluation loads only what it names. So a rule may speak of helpers or measures though ``standards``
imports neither room.

Values have one encoding everywhere (database, Arrow, interpreter, SQL):

========  =======================================================================
type      encoding
========  =======================================================================
boolean   ``True`` / ``False``
money     integer fen; shown in yuan with 2 decimals
decimal   integer, the value times ``10 ** scale`` (3.5 mu at scale 2 is 350)
integer   integer
code      text, one of ``codes``
text      text
date      a calendar date
========  =======================================================================

``None`` (SQL ``NULL``) is *unknown* in every type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FactType = Literal["boolean", "money", "decimal", "integer", "code", "text", "date"]


@dataclass(frozen=True, slots=True)
class Title:
    """A name in both languages of the product."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One published column.

    ``unit`` is free text of the unit algebra (``CNY``, ``person``, ``mu``, ``CNY/year``; empty = dimensionless).
    ``field_class`` is the access class of the field (``general``, ``identity``, ``health``, ``disability``, ``bank``,
    ``child``): an area grant alone opens ``general``. A ``mark`` says something of another column's cell and is true
    or blank, never false: blank it is nothing that anybody could fill in, so explanations leave it out.
    """

    name: str
    type: FactType
    title: Title
    unit: str = ""
    scale: int = 0
    codes: tuple[tuple[str, Title], ...] = ()
    column: str = ""  # database column; empty = same as name
    field_class: str = "general"
    mark: bool = False
    bound: int = 0  # the largest absolute value as encoded; beyond it is unknown. 0 = that of the type

    @property
    def db_column(self) -> str:
        return self.column or self.name


@dataclass(frozen=True, slots=True)
class FactTable:
    """A block of versioned facts: one wide row for a subject and an as-of date.

    On day D the row that counts is the newest one with ``as_of <= D`` among those not superseded.
    ``sheet`` is the column naming the workbook sheet the row came from: it tells a blank cell (unknown) from a column
    that the workbook does not have (see ``absent`` in the rule language); ``row`` is the row in that sheet.
    ``sheet_table`` holds (id, columns), where ``columns`` is a JSON list of the fact names the sheet had.
    """

    name: str
    level: str
    table: str
    subject: str
    facts: tuple[Fact, ...]
    as_of: str = "as_of"
    superseded: str = "superseded_at"
    year: str = "year"
    sheet: str = "sheet_id"
    sheet_table: str = "register_sheet"
    row: str = "row"


@dataclass(frozen=True, slots=True)
class PeriodTable:
    """One fact that holds from a day (included) to a day (excluded; NULL = still).

    ``valid_from`` is never NULL. ``where`` narrows the rows (column, value): three status axes share one table.
    ``begun``: not the value of a row, but that there are such rows at all: true for every subject under whose parent
    one had a row on the day or before, whatever its value; of the others nothing is known.
    """

    name: str
    level: str
    table: str
    subject: str
    fact: Fact
    valid_from: str = "valid_from"
    valid_to: str = "valid_to"
    where: tuple[tuple[str, str], ...] = ()
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Derived:
    """A fact defined by an expression of the rule language, such as age on the day or the number of members."""

    name: str
    level: str
    expression: str
    title: Title
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """How subjects of a level hang below their parents: dated rows (child, parent, from, to)."""

    table: str
    child: str
    parent: str
    valid_from: str = "valid_from"
    valid_to: str = "valid_to"


@dataclass(frozen=True, slots=True)
class Level:
    """A level of subjects: person, household, village, township, county, city.

    ``present_in`` names the fact table in which a subject must have a row on the day to be judged at all (a village
    is judged when the village workbook lists it); empty = being linked to a parent on the day is enough.
    ``table_where`` narrows ``table`` (areas of all levels share one).
    """

    name: str
    title: Title
    table: str
    key: str
    code: str
    parent: str = ""  # name of the level above; empty = top
    link: Link | None = None
    present_in: str = ""
    table_where: tuple[tuple[str, str], ...] = ()
    dated: bool = False  # rows of ``table`` are versions with valid_from and valid_to (areas change code and name)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything published, by name. Names of facts are unique within a level."""

    levels: tuple[Level, ...] = ()
    tables: tuple[FactTable, ...] = ()
    periods: tuple[PeriodTable, ...] = ()
    derived: tuple[Derived, ...] = field(default=())

    def level(self, name: str) -> Level:
        for level in self.levels:
            if level.name == name:
                return level
        raise KeyError(name)

    def below(self, name: str) -> Level | None:
        """The level whose subjects hang directly below ``name``."""
        for level in self.levels:
            if level.parent == name:
                return level
        return None

    def facts(self, level: str) -> dict[str, Fact]:
        """Stored facts of a level by name (derived ones are in :attr:`derived`)."""
        found = {fact.name: fact for table in self.tables if table.level == level for fact in table.facts}
        found.update({period.fact.name: period.fact for period in self.periods if period.level == level})
        return found
