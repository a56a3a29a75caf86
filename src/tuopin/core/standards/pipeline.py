"""Judging a whole register in the set engine: one pass a level, a wide table of verdicts.

The rules are those of :mod:`tuopin.core.standards.verdicts`, written so that the set engine needs no text and no sort:
codes are ordered 0 not met < 1 unknown < 2 met < 3 not applicable, and the overall verdict is the least of the items'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.language import write_sql
from tuopin.core.language.dialects import DIALECTS
from tuopin.core.standards.dates import months_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tuopin.core.engine import SetEngine
    from tuopin.core.language import Query
    from tuopin.core.standards.programs import Prepared, PreparedItem, Shown

LETTERS = "numa"
"""The letter of each code."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A table of verdicts: ``id``, ``parent_id``, ``overall``, one column a key (codes 0—3), and the shown facts
    as numerator and denominator."""

    table: str
    keys: tuple[str, ...]
    shown: tuple[Shown, ...]

    def letters(self) -> str:
        """An expression: one letter for overall and each item, in order."""
        return " || ".join(f"'{LETTERS}'[{_name(key)} + 1]" for key in ("overall", *self.keys))

    def texts(self) -> str:
        """An expression: the shown facts as text joined by ``|``, empty where unknown."""
        parts = [f"coalesce({_text(shown)}, '')" for shown in self.shown]
        return " || '|' || ".join(parts) or "''"


def evaluate(
    prepared: Prepared, engine: SetEngine, relations: Mapping[str, str], table: str, folder: Path | None = None
) -> Verdicts:
    """Judge every subject of the standard's level in ``relations`` and write the verdicts to ``table``; with a
    ``folder`` to ``<folder>/<table>.parquet``, which is then read under that name and never held in memory.

    What the program carries for the level above stands in columns ``carry:<name>``.
    """
    query = write_sql(prepared.program, prepared.day, relations, engine.dialect)
    step, judged = f"verdicts {prepared.standard.key}", select(prepared, query, relations, engine.dialect)
    if folder is None:
        engine.table(step, table, judged)
    else:
        engine.write(step, judged, folder / f"{table}.parquet")
        engine.view(table, [folder / f"{table}.parquet"])
    return Verdicts(table, tuple(item.key for item in prepared.items), prepared.shown)


def select(prepared: Prepared, query: Query, relations: Mapping[str, str], dialect: str = "duckdb") -> str:
    """The statement that judges: one row a subject."""
    small = DIALECTS[dialect].small
    inner = [f"q.{_name(part)} AS {_name(part)}" for part in ("id", "parent_id")]
    standard_applies = ""
    if prepared.standard.applies is not None:
        standard_applies = _column(query, "applies")
        inner.append(f'{standard_applies} AS "standard:applies"')
    members = _column(query, "members") if prepared.members else ""
    joins: list[str] = []
    for item in prepared.items:
        stale = _stale(prepared, item, relations, joins)
        judged = _item(item, query, standard_applies, members, stale)
        inner.append(f"CAST({judged} AS {small}) AS {_name(item.key)}")
    for shown in prepared.shown:
        inner += _shown(query, shown)
    for key, found in query.outputs.items():
        if key.startswith("carry:"):
            inner.append(f"q.{_name(found.columns[0])} AS {_name(key)}")
    overall = _overall([item.key for item in prepared.decisive], has_applies=bool(standard_applies))
    steps = f"SELECT {', '.join(inner)} FROM ({query.text}) q {' '.join(joins)}"  # noqa: S608 - names are quoted
    named = [each.rsplit(" AS ", 1)[1] for each in inner]
    listed = ", ".join(name for name in named if name != _name("standard:applies"))
    return f"SELECT {listed}, CAST({overall} AS {small}) AS overall FROM ({steps}) judged"  # noqa: S608 - names are quoted


def _overall(keys: Sequence[str], *, has_applies: bool) -> str:
    """The least of the items' codes, but unknown if no item applies: written as tests of one code after the other,
    which the engine does in a quarter of the time of its ``least``."""

    def some(code: int) -> str:
        return " OR ".join(f"{_name(key)} = {code}" for key in keys)

    ladder = f"WHEN {some(0)} THEN 0 WHEN {some(1)} THEN 1 WHEN {some(2)} THEN 2 ELSE 1 END"
    return f"CASE {'''WHEN NOT "standard:applies" THEN 3 ''' if has_applies else ''}{ladder}"


def _item(item: PreparedItem, query: Query, standard_applies: str, members: str, stale: str) -> str:
    """The item's code. What is so of nearly every subject (it applies, nothing is in doubt) stands first: where it is
    so of a whole block of rows, the engine looks at nothing else."""
    test = _column(query, f"{item.key}:test")
    rank = "1" if item.is_open else f"CASE WHEN {test} THEN 2 WHEN {test} IS NULL THEN 1 ELSE 0 END"
    own_applies = _column(query, f"{item.key}:applies") if item.applies else ""
    applies = [part for part in (standard_applies, own_applies) if part]
    sure = [*applies, *([members] if members else []), *([f"NOT ({stale})"] if stale else [])]
    doubts = [*([f"{members} IS NOT TRUE"] if members else []), *([stale] if stale else [])]
    if sure:
        ladder = f"WHEN {' AND '.join(sure)} THEN {rank}"
        if applies:
            ladder += f" WHEN NOT ({' AND '.join(applies)}) THEN 3"
        if doubts:
            ladder += f" WHEN {' OR '.join(doubts)} THEN 1"
        if applies and not item.is_open:
            ladder += f" WHEN {test} THEN 2"
        rank = f"CASE {ladder} ELSE 1 END"
    return rank


def _stale(prepared: Prepared, item: PreparedItem, relations: Mapping[str, str], joins: list[str]) -> str:
    """A condition: some evidence of the item is older than the item allows. Adds the joins that it needs."""
    if item.item.evidence_max_age is None:
        return ""
    limit = f"DATE '{months_before(prepared.day, item.item.evidence_max_age).isoformat()}'"
    levels = prepared.program.levels
    conditions = []
    for level, block in item.aged_blocks:
        column = _name(f"{block}__as_of")
        inner = f"SELECT id AS key, {column} AS as_of FROM {_name(relations[level])}"  # noqa: S608 - names are quoted
        for at in range(levels.index(level), 0, -1):
            parent = _name(relations[levels[at]])
            inner = (
                f"SELECT p.parent_id AS key, min(x.as_of) AS as_of FROM ({inner}) x"  # noqa: S608 - names are quoted
                f" JOIN {parent} p ON p.id = x.key GROUP BY p.parent_id"
            )
        alias = f"a{len(joins)}"
        joins.append(f"LEFT JOIN ({inner}) {alias} ON {alias}.key = q.id")
        conditions.append(f"coalesce({alias}.as_of < {limit}, false)")
    return " OR ".join(conditions)


def _shown(query: Query, shown: Shown) -> list[str]:
    """Numerator and denominator; of an interval only where both ends are equal."""
    found = query.outputs[f"show:{shown.name}"]
    names = [f"q.{_name(column)}" for column in found.columns]
    numerator = names[0]
    if found.shape == "interval":
        numerator = f"CASE WHEN {names[0]} * {names[3]} = {names[2]} * {names[1]} THEN {names[0]} END"
    scaled = f" * {found.scale}" if found.scale != 1 else ""
    return [f"{numerator} AS {_name(shown.name + ':n')}", f"{names[1]}{scaled} AS {_name(shown.name + ':d')}"]


def _text(shown: Shown) -> str:
    """A number as text with its decimals, half up (away from zero), from the exact quotient."""
    numerator, denominator = _name(shown.name + ":n"), _name(shown.name + ":d")
    scale = 10**shown.places
    twice = f"(2::HUGEINT * {scale} * abs({numerator}::HUGEINT) + {denominator}) // (2::HUGEINT * {denominator})"
    sign = f"CASE WHEN {numerator} < 0 AND {twice} > 0 THEN '-' ELSE '' END"
    if not shown.places:
        return f"{sign} || ({twice})::VARCHAR"
    return (
        f"{sign} || (({twice}) // {scale})::VARCHAR || '.' || lpad((({twice}) % {scale})::VARCHAR, {shown.places}, '0')"
    )


def _column(query: Query, key: str) -> str:
    return f"q.{_name(query.outputs[key].columns[0])}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
