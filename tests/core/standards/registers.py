"""Small registers for tests: generated subjects, and the same subjects as relations of the set engine."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

import tuopin.packs
from tuopin.core.engine import Engine
from tuopin.core.language.catalogue import Catalogue
from tuopin.core.standards import Pack, Prepared, find_packs, load_pack
from tuopin.core.standards.pipeline import evaluate
from tuopin.register import facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CATALOGUE = Catalogue(facts.LEVELS, facts.TABLES, facts.PERIODS, facts.DERIVED)
PACKS = find_packs([Path(tuopin.packs.__file__).parent])
DAY = datetime.date(2018, 12, 1)

ARROW = {"boolean": pa.bool_(), "date": pa.date32(), "code": pa.string(), "text": pa.string()}


def pack(key: str) -> Pack:
    return load_pack(key, PACKS)


def flatten(prepared: Prepared, subjects: Sequence[Mapping[str, object]]) -> dict[str, list[dict[str, object]]]:
    """Rows by level with id and parent_id; a missing key becomes NULL with ``<fact>__absent``."""
    levels = prepared.program.levels
    rows: dict[str, list[dict[str, object]]] = {level: [] for level in levels}

    def add(at: int, subject: Mapping[str, object], parent: int | None) -> None:
        level = levels[at]
        number = len(rows[level]) + 1
        row: dict[str, object] = {"id": number, "parent_id": parent}
        for name in prepared.program.needs[level]:
            row[name] = subject.get(name)
        for name in prepared.program.absent_needs[level]:
            row[f"{name}__absent"] = name not in subject
        row |= {key: value for key, value in subject.items() if key.endswith("__as_of")}
        rows[level].append(row)
        if at + 1 < len(levels):
            for member in subject[levels[at + 1]]:  # type: ignore[attr-defined]  # a list by construction
                add(at + 1, member, number)

    for subject in subjects:
        add(0, subject, None)
    return rows


def judge_in_engine(
    prepared: Prepared, subjects: Sequence[Mapping[str, object]]
) -> list[tuple[str, tuple[str | None, ...]]]:
    """(letters, shown texts) of every subject, in order, by the set engine."""
    with Engine(threads=1) as engine:
        relations = {}
        for level, rows in flatten(prepared, subjects).items():
            kinds = {name: fact.type for name, fact in prepared.catalogue.facts(level).items()}
            fields = [("id", pa.int64()), ("parent_id", pa.int64())]
            fields += [(name, ARROW.get(kinds[name], pa.int64())) for name in prepared.program.needs[level]]
            fields += [(f"{name}__absent", pa.bool_()) for name in prepared.program.absent_needs[level]]
            ages = {name for row in rows for name in row if name.endswith("__as_of")}
            fields += [(name, pa.date32()) for name in sorted(ages)]
            table = pa.Table.from_pylist(rows, schema=pa.schema(fields))
            engine.load(level, table.to_reader())
            relations[level] = level
        found = evaluate(prepared, engine, relations, "verdicts")
        answer = engine.rows(f"SELECT {found.letters()}, {found.texts()} FROM verdicts ORDER BY id")
    shown = bool(prepared.shown)
    return [(letters, tuple(part or None for part in texts.split("|")) if shown else ()) for letters, texts in answer]
