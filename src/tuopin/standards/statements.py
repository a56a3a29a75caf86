"""From the catalogue to SQL that reads the register: links, statuses and facts as they stand on a day.

Every table and column name comes from the catalogue. The statements run alike on SQLite and PostgreSQL, through the
ORM's connection (one subject) and through Arrow (all of them). Codes and dates come as text, blank as '': SQLite hands
on no types, and a column of Arrow takes its type from the first rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from tuopin.core.language.catalogue import Catalogue, Fact, FactTable, Level, PeriodTable

TEXTUAL = frozenset({"code", "text", "date"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Which subjects of a level to read: all (``ids`` None), or these ids and what hangs below them."""

    level: str
    ids: tuple[int, ...] | None = None


def quoted(name: str) -> str:
    """An identifier. Catalogue names are the program's own, yet nothing but a name may pass."""
    if not name.replace("_", "").isalnum():
        raise ValueError(f"not a name: {name!r}")
    return f'"{name}"'


def literal(text: str) -> str:
    """A text literal; a bare one is a date to PostgreSQL where a date is compared."""
    return "'" + text.replace("'", "''") + "'"


def _valid(day: datetime.date, valid_from: str = "valid_from", valid_to: str = "valid_to") -> str:
    on = literal(day.isoformat())
    start, end = quoted(valid_from), quoted(valid_to)
    return f"{start} <= {on} AND ({end} IS NULL OR {end} > {on})"


def _where(pairs: tuple[tuple[str, str], ...]) -> str:
    return "".join(f" AND {quoted(column)} = {literal(value)}" for column, value in pairs)


def subject_ids(catalogue: Catalogue, level: Level, day: datetime.date, choice: Choice) -> str:
    """A sub-query of the ids of ``level`` that belong to the choice; empty text = no narrowing."""
    if choice.ids is None:
        return ""
    if level.name == choice.level:
        return ", ".join(str(int(each)) for each in choice.ids) or "NULL"
    above = catalogue.level(level.parent)
    link = level.link
    if link is None:
        raise ValueError(f"level {level.name} has no link")
    inner = subject_ids(catalogue, above, day, choice)
    valid = _valid(day, link.valid_from, link.valid_to)
    own = _where(level.table_where) if link.table == level.table else ""
    child, parent, source = quoted(link.child), quoted(link.parent), quoted(link.table)
    return f"SELECT {child} FROM {source} WHERE {parent} IN ({inner}) AND {valid}{own}"  # noqa: S608 - names are quoted


def links(catalogue: Catalogue, level: Level, day: datetime.date, choice: Choice) -> str:
    """Rows (id, parent_id) of the level as linked on the day."""
    link = level.link
    if link is None:
        valid = f" WHERE {_valid(day)}" if level.dated else " WHERE 1 = 1"
        source, child, parent, own = quoted(level.table), quoted(level.key), "NULL", _where(level.table_where)
    else:
        valid = f" WHERE {_valid(day, link.valid_from, link.valid_to)}"
        source, child, parent = quoted(link.table), quoted(link.child), quoted(link.parent)
        own = _where(level.table_where) if link.table == level.table else ""
    narrowed = subject_ids(catalogue, level, day, choice)
    narrow = f" AND {child} IN ({narrowed})" if narrowed else ""
    return f"SELECT {child} AS id, {parent} AS parent_id FROM {source}{valid}{own}{narrow}"  # noqa: S608 - names are quoted


def codes(catalogue: Catalogue, level: Level, day: datetime.date, choice: Choice) -> str:
    """Rows (id, code) of the level; a dated level gives the code of the day."""
    narrowed = subject_ids(catalogue, level, day, choice)
    conditions = [_valid(day)] if level.dated else []
    conditions += [f"{quoted(level.key)} IN ({narrowed})"] if narrowed else []
    where = " AND ".join(["1 = 1", *conditions])
    return (
        f"SELECT {quoted(level.key)} AS id, {quoted(level.code)} AS code"  # noqa: S608 - names are quoted
        f" FROM {quoted(level.table)} WHERE {where}{_where(level.table_where)}"
    )


def column(fact: Fact) -> str:
    """One fact of a row: text with '' for blank, or the number as it is."""
    if fact.type in TEXTUAL:
        return f"COALESCE(CAST({quoted(fact.db_column)} AS TEXT), '') AS {quoted(fact.name)}"
    return f"{quoted(fact.db_column)} AS {quoted(fact.name)}"


def block(
    catalogue: Catalogue,
    table: FactTable,
    names: tuple[str, ...],
    day: datetime.date,
    choice: Choice,
    *,
    with_row: bool = False,
) -> str:
    """Rows (id, as_of, sheet_id[, sheet_row], facts …) of a block, not superseded, dated on or before the day.

    A subject may have several: the newest counts.
    """
    facts = [fact for fact in table.facts if fact.name in names]
    narrowed = subject_ids(catalogue, catalogue.level(table.level), day, choice)
    narrow = f" AND {quoted(table.subject)} IN ({narrowed})" if narrowed else ""
    columns = ", ".join(
        [
            f"{quoted(table.subject)} AS id",
            f"CAST({quoted(table.as_of)} AS TEXT) AS as_of",
            f"{quoted(table.sheet)} AS sheet_id",
            *([f"{quoted(table.row)} AS sheet_row"] if with_row else []),
            *(column(fact) for fact in facts),
        ]
    )
    return (
        f"SELECT {columns} FROM {quoted(table.table)} WHERE {quoted(table.superseded)} IS NULL"  # noqa: S608 - names are quoted
        f" AND {quoted(table.as_of)} <= {literal(day.isoformat())}{narrow}"
    )


def period(catalogue: Catalogue, table: PeriodTable, day: datetime.date, choice: Choice) -> str:
    """Rows (id, fact) of a status valid on the day."""
    if table.begun:
        return _begun(catalogue, table, day, choice)
    narrowed = subject_ids(catalogue, catalogue.level(table.level), day, choice)
    narrow = f" AND {quoted(table.subject)} IN ({narrowed})" if narrowed else ""
    return (
        f"SELECT {quoted(table.subject)} AS id, {column(table.fact)} FROM {quoted(table.table)}"  # noqa: S608 - names are quoted
        f" WHERE {_valid(day, table.valid_from, table.valid_to)}{_where(table.where)}{narrow}"
    )


def _begun(catalogue: Catalogue, table: PeriodTable, day: datetime.date, choice: Choice) -> str:
    """Rows (id, true) of the subjects under whose parent one had a row of the period on the day or before."""
    level = catalogue.level(table.level)
    link = level.link
    if link is None:
        raise ValueError(f"level {level.name} has no link")
    child, parent, source = quoted(link.child), quoted(link.parent), quoted(link.table)
    valid = _valid(day, link.valid_from, link.valid_to)
    narrowed = subject_ids(catalogue, level, day, choice)
    narrow = f" AND {child} IN ({narrowed})" if narrowed else ""
    # the day of a row is asked apart from the day of the link: both tables may call theirs valid_from
    rows = (
        f"SELECT {quoted(table.subject)} FROM {quoted(table.table)}"  # noqa: S608 - names are quoted
        f" WHERE {quoted(table.valid_from)} <= {literal(day.isoformat())}{_where(table.where)}"
    )
    near = f" AND {parent} IN (SELECT {parent} FROM {source} WHERE {valid}{narrow})" if narrow else ""  # noqa: S608 - as above
    if near:  # of one household, only its neighbours are asked, not all 300,000
        rows += f" AND {quoted(table.subject)} IN (SELECT {child} FROM {source} WHERE {valid}{near})"  # noqa: S608 - as above
    parents = f"SELECT {parent} FROM {source} WHERE {valid}{near} AND {child} IN ({rows})"  # noqa: S608 - as above
    return (
        f"SELECT {child} AS id, TRUE AS {quoted(table.fact.name)} FROM {source}"  # noqa: S608 - names are quoted
        f" WHERE {valid}{narrow} AND {parent} IN ({parents})"
    )


def sheets(table: FactTable, ids: Iterable[int] | None = None) -> str:
    """Rows (id, columns as JSON text) of the sheets that rows of blocks came from; only ``ids`` if given."""
    listed = ", ".join(str(int(each)) for each in ids) if ids is not None else ""
    where = f" WHERE id IN ({listed or 'NULL'})" if ids is not None else ""
    return f"SELECT id, CAST(columns AS TEXT) AS columns FROM {quoted(table.sheet_table)}{where}"  # noqa: S608 - names are quoted
