"""Planning dated periods (status, residence, membership): what holds from when to when.

An export says what holds on its as-of date. Days between two exports are not known, so a change is dated to the
export that first shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db import models

    from .run import Run


def plan_periods(
    run: Run,
    model: type[models.Model],
    staged: str,
    *,
    subject: str,
    values: Sequence[str],
    constants: dict[str, str] | None = None,
    extra: dict[str, str] | None = None,
    where: str = "true",
) -> str:
    """Plan periods for ``staged`` (``{subject}`` and the value columns, one row a subject, values known).

    ``constants`` are columns with the same text in every row (the axis of a status); ``extra`` are further columns of
    new rows as SQL. Returns the name of an engine table (``{subject}``, ``fate``).

    - the period that covers the day says the same: unchanged;
    - it says something else and began on that very day: its value is corrected in place;
    - it began earlier: it ends on the day and a new one begins;
    - none covers the day, and the next one says the same: that one begins earlier;
    - otherwise a new one is opened, up to the next one if there is any.
    """
    name = f"{model._meta.db_table}_{'_'.join((constants or {'all': 'all'}).values())}"
    day = f"date '{run.as_of}'"
    fixed = " and ".join(f"{column} = '{value}'" for column, value in (constants or {}).items()) or "true"
    which = run.among(subject, f"select distinct {subject} from {staged}")
    run.load_state(
        f"{name}_current", model, ["id", subject, *values, "valid_from", "valid_to"], f"{fixed} and {which} and {where}"
    )
    same_covering, same_next = (
        # a blank group name is '' in the database and NULL in the engine
        " and ".join(f"coalesce({other}.{value}::varchar, '') = coalesce(s.{value}::varchar, '')" for value in values)
        for other in ("c", "n")
    )
    run.engine.run(
        f"periods {name}",
        f"""create or replace table {name}_fate as
        with covering as (
          select * from {name}_current where valid_from <= {day} and (valid_to is null or valid_to > {day})),
        next as (
          select * from {name}_current where valid_from > {day}
          qualify row_number() over (partition by {subject} order by valid_from) = 1)
        select s.*, c.id as covering_id, c.valid_from as covering_from, c.valid_to as covering_to,
          n.id as next_id, n.valid_from as next_from,
          case when c.id is not null and {same_covering} then 'unchanged'
            when c.id is not null and c.valid_from = {day} then 'corrected'
            when c.id is not null then 'changed'
            when n.id is not null and {same_next} then 'earlier'
            else 'opened' end as step,
          case step when 'unchanged' then 'unchanged' when 'opened' then 'created' else 'updated' end as fate
        from {staged} s left join covering c using ({subject}) left join next n using ({subject})""",
    )
    _write(run, model, f"{name}_fate", subject, list(values), constants or {}, extra or {})
    return f"{name}_fate"


def _write(
    run: Run,
    model: type[models.Model],
    planned: str,
    subject: str,
    values: list[str],
    constants: dict[str, str],
    extra: dict[str, str],
) -> None:
    day = f"date '{run.as_of}'"
    assignments = ", ".join(f"{value} = %s" for value in values)
    run.update(model, assignments, f"select {', '.join(values)}, covering_id from {planned} where step = 'corrected'")
    run.update(model, "valid_to = %s", f"select {day}, covering_id from {planned} where step = 'changed'")
    run.update(model, "valid_from = %s", f"select {day}, next_id from {planned} where step = 'earlier'")
    columns = [subject, *values, *constants, "valid_from", "valid_to", *extra]
    literals = [f"'{value}'" for value in constants.values()]
    selected = [subject, *values, *literals, day, "coalesce(covering_to, next_from)", *extra.values()]
    run.insert(
        model, columns, f"select {', '.join(selected)} from {planned} where step in ('changed', 'opened') order by all"
    )
