"""Statuses that a procedure decided, in an import: an export that still says what was before turns nothing back.

The village reviewed, the household signed, the county announced; the national system follows days later. So a value
from before the decision changes nothing while the decided status stands: it becomes a data issue, and the household
stays on that list until an export says the same as the procedure. An export that says something else (返贫) is newer
knowledge and counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..codes import code_list
from ..models import StatusChange, StatusPeriod

if TYPE_CHECKING:
    from .run import Run

CODE = "status_behind_procedure"
_BEFORE = {"exited": ("candidate", "registered", "exit_proposed"), "risk_removed": ()}
"""Statuses that come before one, beside the very one that was changed."""


def hold_decided(run: Run, staged: str, axis: str, kind: str, column: str) -> None:
    """Take what a procedure has overtaken out of ``staged`` (household_id, value) of an axis; it becomes an issue."""
    which = run.among("household_id", f"select household_id from {staged}")
    day = f"'{run.as_of}'"
    columns = ["id", "household_id", "old", "new", "day"]
    run.load_state("decided", StatusChange, columns, f"axis = '{axis}' and day <= {day} and {which}")
    standing = f"axis = '{axis}' and valid_from <= {day} and (valid_to is null or valid_to > {day}) and {which}"
    run.load_state("decided_now", StatusPeriod, ["household_id", "value"], standing)
    before = " or ".join(
        f"(c.new = '{new}' and s.value in ({', '.join(f"'{old}'" for old in olds)}))"
        for new, olds in _BEFORE.items()
        if olds
    )
    run.engine.run(
        "behind procedures",
        f"""create or replace table decided_behind as
        with newest as (select * from decided qualify row_number() over (
          partition by household_id order by day desc, id desc) = 1)
        select s.household_id, s.value from {staged} s join newest c using (household_id)
          join decided_now n on n.household_id = s.household_id and n.value = c.new
        where s.value <> c.new and (s.value = c.old or {before})""",
    )
    titles = " ".join(f"when '{code}' then '{title.zh}'" for code, title in code_list(axis))
    run.issues(
        f"""select '{CODE}', '{kind}', p.code, '', p.sheet, p.row_no, '{column}', case b.value {titles} else b.value end
        from decided_behind b join household_plan p on p.new_id = b.household_id"""
    )
    run.engine.run(
        f"held {staged}", f"delete from {staged} where household_id in (select household_id from decided_behind)"
    )
