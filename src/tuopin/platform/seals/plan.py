"""What this version seals: the tables of the fact catalogue and what the rooms add, put together."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from tuopin.core.snapshot import Column
from tuopin.platform.catalogue import catalogue, rooms_modules
from tuopin.platform.seals.published import SealedTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.core.language.catalogue import Catalogue, Fact, FactTable, Level, Title
    from tuopin.platform.seals.published import Home, IdentityTable

_TYPES = {"money": "integer", "decimal": "integer", "integer": "integer", "code": "text", "text": "text",
          "boolean": "boolean", "date": "date"}  # fmt: skip
_JSON = ("columns",)


__all__ = ["SealedTable", "digest", "homes", "identities", "published", "tables", "titles"]


def published(part: str) -> tuple[Any, ...]:
    """Everything the rooms name so in their ``sealing.py``, from the bottom up."""
    return tuple(item for _room, module in rooms_modules("sealing") for item in getattr(module, part, ()))


@cache
def tables() -> tuple[SealedTable, ...]:
    """The tables that are sealed, in the order of their names."""
    merged: dict[str, SealedTable] = {}
    for each in (*_of_catalogue(catalogue()), *published("TABLES")):
        known = merged.get(each.name)
        merged[each.name] = each if known is None else _together(known, each)
    return tuple(merged[name] for name in sorted(merged))


@cache
def homes() -> tuple[Home, ...]:
    return published("HOMES")


@cache
def identities() -> tuple[IdentityTable, ...]:
    return published("IDENTITIES")


@cache
def titles() -> dict[str, Title]:
    """What people call the sealed tables, where a room says so (``TITLES``)."""
    return dict(published("TITLES"))


@cache
def digest() -> str:
    """What is sealed, as one digest: it changes with tables, columns and types, not with titles."""
    document = {table.name: [[each.name, each.type] for each in table.columns] for table in tables()}
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _together(one: SealedTable, other: SealedTable) -> SealedTable:
    columns = dict.fromkeys((*one.columns, *other.columns))
    if len({column.name for column in columns}) != len(columns):
        raise ValueError(f"{one.name}: a column is published with two types")
    return SealedTable(
        one.name, tuple(columns), one.by or other.by, one.subject or other.subject, one.where or other.where,
        tuple(dict.fromkeys((*one.words, *other.words))),
    )  # fmt: skip


def _of_catalogue(known: Catalogue) -> Iterator[SealedTable]:
    dated = {level.name for level in known.levels if level.dated}
    for level in known.levels:
        yield from _of_level(level)
    for table in known.tables:
        yield _of_facts(table, "" if table.level in dated else table.level)
        yield SealedTable(table.sheet_table, (Column("id", "integer"), *(Column(name, "text") for name in _JSON)))
    for period in known.periods:
        columns = (
            Column(period.subject, "integer"), *(Column(name, "text") for name, _value in period.where),
            *_facts((period.fact,)), Column(period.valid_from, "date"), Column(period.valid_to, "date"),
        )  # fmt: skip
        yield SealedTable(period.table, columns, "" if period.level in dated else period.level, period.subject)


def _of_level(level: Level) -> Iterator[SealedTable]:
    where = tuple(Column(name, "text") for name, _value in level.table_where)
    if level.dated:  # areas: their codes are public
        period = (Column("valid_from", "date"), Column("valid_to", "date"))
        yield SealedTable(level.table, (Column(level.key, "integer"), Column(level.code, "text"), *where, *period))
    else:
        yield SealedTable(level.table, (Column(level.key, "integer"), *where), level.name, level.key)
    if level.link is not None:
        link = level.link
        columns = (
            Column(link.child, "integer"), Column(link.parent, "integer"),
            Column(link.valid_from, "date"), Column(link.valid_to, "date"),
        )  # fmt: skip
        yield SealedTable(link.table, columns, *(("", "") if level.dated else (level.name, link.child)))


def _of_facts(table: FactTable, by: str) -> SealedTable:
    own = (
        Column(table.subject, "integer"), Column(table.year, "integer"), Column(table.as_of, "date"),
        Column(table.superseded, "time"), Column(table.sheet, "integer"), Column(table.row, "integer"),
    )  # fmt: skip
    facts = _facts(table.facts)
    return SealedTable(
        table.table, tuple(dict.fromkeys((*own, *facts))), by, table.subject, f'"{table.superseded}" IS NULL',
        tuple(fact.db_column for fact in table.facts if fact.type == "text"),
    )  # fmt: skip


def _facts(facts: tuple[Fact, ...]) -> tuple[Column, ...]:
    return tuple(Column(fact.db_column, _TYPES[fact.type]) for fact in facts)
