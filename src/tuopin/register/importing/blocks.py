"""Planning a block of versioned facts: which rows are new, which supersede an older version, which say nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from .overrides import carry_over, keep_overrides, stored

if TYPE_CHECKING:
    from ..models.blocks import FactBlock
    from .run import Run


CELLS = "to_json(map(list(field order by field), list(value order by field)))::varchar"
"""Unreadable cells of a group of rows (``field``, ``value``) as one JSON object."""


def block_fields(model: type[FactBlock]) -> dict[str, models.Field[object, object]]:
    """The facts of a block by name: every column but those that all blocks share and the subject."""
    return {
        field.name: field
        for field in model._meta.concrete_fields
        if field.name not in {"id", "year", "as_of", "source", "sheet", "row", "recorded_at", "superseded_at"}
        and field.name not in {"unreadable", "overrides"}
        and not isinstance(field, models.ForeignKey)
    }


def sql_type(field: models.Field[object, object]) -> str:
    """The engine's type of a fact."""
    if isinstance(field, models.BooleanField):
        return "boolean"
    if isinstance(field, models.DateField):
        return "date"
    if isinstance(field, models.CharField):
        return "varchar"
    return "bigint"


def plan_block(run: Run, model: type[FactBlock], staged: str, subject: str) -> str:
    """Plan one block.

    ``staged`` names an engine table with one row a subject and day: ``{subject}``, ``as_of``, ``sheet``, ``row_no``,
    ``unreadable`` (JSON text or NULL) and every fact of the block. Returns the name of an engine table
    (``{subject}``, ``as_of``, ``fate``) with created, updated or unchanged for each.
    """
    name = model._meta.db_table
    fields = list(block_fields(model))
    current, fate = f"{name}_current", f"{name}_fate"
    days = run.engine.rows(f"select distinct as_of from {staged}")
    among_days = ", ".join(f"'{day}'" for (day,) in days) or "'1900-01-01'"
    which = run.among(subject, f"select distinct {subject} from {staged}")
    columns = ["id", subject, "as_of", *fields, "unreadable", "overrides"]
    keep = f"superseded_at is null and {which}"
    run.load_state(current, model, columns, f"{keep} and as_of in ({among_days})")
    keep_overrides(run, model, staged, subject, keep)
    same = " and ".join(f"s.{field} is not distinct from c.{field}" for field in fields)
    same += f" and {_marks('s')} = {_marks('c')}"
    run.engine.run(
        f"compare {name}",
        f"""create or replace table {fate} as
        select s.{subject}, s.as_of, c.id as old_id,
          case when c.id is null then 'created' when {same} and {_cells("s")} = {_cells("c")}
            then 'unchanged' else 'updated' end as fate
        from {staged} s left join {current} c on c.{subject} = s.{subject} and c.as_of = s.as_of""",
    )
    run.supersede(model, f"select old_id from {fate} where fate = 'updated'")
    columns = [subject, "year", "as_of", "source", "sheet_id", "row", "recorded_at", "unreadable", "overrides", *fields]
    values = ", ".join(stored(field, item) for field, item in block_fields(model).items())
    run.insert(
        model,
        columns,
        f"""select s.{subject}, {run.year}, s.as_of, 'national_export', s.sheet, s.row_no,
          {run.stamp}, coalesce(s.unreadable, '{{}}'), coalesce(s.overrides, '{{}}'), {values}
        from {staged} s join {fate} f on f.{subject} = s.{subject} and f.as_of = s.as_of
        where f.fate <> 'unchanged' order by s.sheet, s.row_no""",
    )
    carry_over(run, model, staged, fate, subject)
    return fate


def _cells(alias: str) -> str:
    """Unreadable cells as a sorted list: the databases write JSON with other blanks and another order of keys."""
    return f"list_sort(map_entries(coalesce({alias}.unreadable, '{{}}')::json::map(varchar, varchar)))"


def _marks(alias: str) -> str:
    """Names of the corrected fields."""
    return f"list_sort(json_keys(coalesce({alias}.overrides, '{{}}')))"
