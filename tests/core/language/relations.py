"""A generated register as the canonical relations that the SQL writer reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from core.language.sample import HOUSEHOLD, PERSON, VILLAGE

if TYPE_CHECKING:
    import duckdb

_TYPES = {"boolean": pa.bool_(), "date": pa.date32(), "code": pa.string(), "text": pa.string()}
_FACTS = {"person": PERSON, "household": HOUSEHOLD, "village": VILLAGE}
_ABOVE = {"person": "household", "household": "village", "village": ""}


def fill(connection: duckdb.DuckDBPyConnection, villages: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Write the relations ``person``, ``household``, ``village``; return the subjects of each level by id."""
    subjects: dict[str, list[dict[str, Any]]] = {"village": [], "household": [], "person": []}
    parents: dict[str, list[int | None]] = {"village": [], "household": [], "person": []}
    for village in villages:
        subjects["village"].append(village)
        parents["village"].append(None)
        for household in village["household"]:
            subjects["household"].append(household)
            parents["household"].append(len(subjects["village"]) - 1)
            for person in household["person"]:
                subjects["person"].append(person)
                parents["person"].append(len(subjects["household"]) - 1)
    for level, members in subjects.items():
        columns: dict[str, pa.Array] = {
            "id": pa.array(range(len(members)), pa.int64()),
            "parent_id": pa.array(parents[level], pa.int64()),
        }
        for fact in _FACTS[level]:
            type_ = _TYPES.get(fact.type, pa.int64())
            columns[fact.name] = pa.array([member.get(fact.name) for member in members], type_)
            absent = [fact.name not in member for member in members]
            columns[f"{fact.name}__absent"] = pa.array(absent, pa.bool_())
        connection.register("arrow_relation", pa.table(columns))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {level} AS SELECT * FROM arrow_relation")
        connection.unregister("arrow_relation")
    return subjects
