"""The register's tables as tables of the set engine, in the catalogue's encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from tuopin.platform import database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.engine import Engine


def load(engine: Engine, name: str, model: type[models.Model], columns: Sequence[str], where: str = "true") -> None:
    """Load columns of a table as it stands into the engine table ``name``; ``where`` is SQL of our own making."""
    fields = {item.column: item for item in model._meta.concrete_fields}
    asked, taken = [], []
    for column in columns:
        source, target = _columns(column, fields[column])
        asked.append(source)
        taken.append(target)
    sql = f"select {', '.join(asked)} from {model._meta.db_table} where {where}"
    engine.load(name, database.arrow(sql), ", ".join(taken))


def _columns(column: str, item: models.Field[Any, Any]) -> tuple[str, str]:
    """How to ask the database for a column, and how to take it from the stream.

    SQLite has no types of its own and the driver guesses them from the first rows: text and dates travel as text
    that is never NULL.
    """
    name = f'"{column}"'
    text = f"coalesce(cast({name} as text), '') as {name}"
    if isinstance(item, models.DateTimeField):
        return text, f"try_cast(nullif({name}::varchar, '') as timestamp) as {name}"
    if isinstance(item, models.DateField):
        return text, f"try_cast(nullif({name}::varchar, '') as date) as {name}"
    if isinstance(item, models.BooleanField):
        return f"cast({name} as integer) as {name}", f"cast({name} as boolean) as {name}"
    if isinstance(item, models.CharField | models.TextField | models.JSONField):
        return text, f"nullif({name}::varchar, '') as {name}"
    return name, f"cast({name} as bigint) as {name}"
