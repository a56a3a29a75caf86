"""Planning a block of versioned facts: which rows are new, which supersede an older version, which say nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

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
    _keep_overrides(run, model, staged, subject, keep)
    same = " and ".join(f"s.{field} is not distinct from c.{field}" for field in fields)
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
    values = ", ".join(_stored(field, item) for field, item in block_fields(model).items())
    run.insert(
        model,
        columns,
        f"""select s.{subject}, {run.year}, s.as_of, 'national_export', s.sheet, s.row_no,
          {run.stamp}, coalesce(s.unreadable, '{{}}'), coalesce(s.overrides, '{{}}'), {values}
        from {staged} s join {fate} f on f.{subject} = s.{subject} and f.as_of = s.as_of
        where f.fate <> 'unchanged' order by s.sheet, s.row_no""",
    )
    return fate


def _cells(alias: str) -> str:
    """Unreadable cells as a sorted list: the databases write JSON with other blanks and another order of keys."""
    return f"list_sort(map_entries(coalesce({alias}.unreadable, '{{}}')::json::map(varchar, varchar)))"


def _stored(name: str, field: models.Field[object, object]) -> str:
    """Text columns that are not nullable hold the empty string for unknown."""
    if isinstance(field, models.CharField) and not field.null:
        return f"coalesce(s.{name}, '')"
    return f"s.{name}"


def _keep_overrides(run: Run, model: type[FactBlock], staged: str, subject: str, keep: str) -> None:
    """A value that a stronger source corrected stays until an export confirms it.

    The staged row takes over the corrected value and its mark; where the export now says the same, the mark goes.
    """
    name = model._meta.db_table
    fields = list(block_fields(model))
    corrected = f"{name}_corrected"
    run.engine.run("overrides", f"alter table {staged} add column overrides varchar")
    where = f"{keep} and as_of <= '{run.as_of}' and cast(overrides as text) <> '{{}}'"
    run.load_state(corrected, model, [subject, "as_of", *fields, "overrides"], where)
    run.engine.run(
        "newest correction",
        f"create or replace table {corrected} as select * from {corrected} "
        f"qualify row_number() over (partition by {subject} order by as_of desc) = 1",
    )
    marked = run.engine.rows(f"select distinct unnest(json_keys(overrides)) from {corrected}")
    for (field,) in marked:
        if field not in fields:
            continue
        run.engine.run(
            f"keep {field}",
            f"""update {staged} set {field} = c.{field},
              overrides = json_merge_patch(coalesce({staged}.overrides, '{{}}'),
                json_object('{field}', json_extract(c.overrides, '$.{field}')))
            from {corrected} c
            where c.{subject} = {staged}.{subject} and json_exists(c.overrides, '$.{field}')
              and {staged}.{field} is distinct from c.{field}""",
        )
