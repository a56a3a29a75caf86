"""Taking in ledgers: workbooks that say something of known households, each with a block of facts of its own.

脱贫核查, 饮水安全核查 and 六改工程台账 have one row a household, dated by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import HouseholdCheck, HouseholdWater, HouseholdWorks
from .blocks import CELLS, block_fields, plan_block, sql_type
from .overrides import settle_faults
from .waiting import known_rows

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind

    from ..models import FactBlock
    from .run import Run


def plan_checks(run: Run, kind: Kind) -> None:
    """Food and clothing as found at the door."""
    _plan_dated(run, kind, HouseholdCheck, "check_date")


def plan_water(run: Run, kind: Kind) -> None:
    """Drinking water as measured at the house."""
    _plan_dated(run, kind, HouseholdWater, "survey_date")


def plan_works(run: Run, kind: Kind) -> None:
    """Improvements of the house."""
    _plan_dated(run, kind, HouseholdWorks, "works_date")


def _known(run: Run, kind: Kind) -> str:
    staged = run.stage(kind)
    known_rows(run, kind, staged)
    settle_faults(run, staged, "household", f"select sheet, row_no, household_id as subject from {staged}_known")
    return staged


def _plan_dated(run: Run, kind: Kind, model: type[FactBlock], dated: str) -> None:
    """Each row is dated by its own day, the field ``dated``; a row without a readable one counts from the as-of date.
    Of two rows of one household and day the later one counts."""
    staged, rows, on = _known(run, kind), f"{kind.name}_staged", f"coalesce(k.{dated}, k.as_of)"
    facts = block_fields(model)
    columns = ", ".join(f"{name}::{sql_type(item)} as {name}" for name, item in facts.items())
    run.engine.run(
        rows,
        f"""create or replace table {rows} as
        select household_id, {on} as as_of, sheet, row_no, {columns}, null::varchar as unreadable
        from {staged}_known k
        qualify row_number() over (partition by household_id, {on} order by sheet desc, row_no desc) = 1""",
    )
    asked = ", ".join(f"'{name}'" for name in (*facts, dated))
    run.engine.run(
        f"unreadable {kind.name}",
        f"""update {rows} set unreadable = u.unreadable from (
          select sheet, row_no, {CELLS} as unreadable from {staged}_fault where field in ({asked}) group by all) u
        where u.sheet = {rows}.sheet and u.row_no = {rows}.row_no""",
    )
    fate = plan_block(run, model, rows, "household_id")
    run.fates(
        f"""select k.sheet, k.row_no, f.fate from {staged}_known k
        join {fate} f on f.household_id = k.household_id and f.as_of = {on}"""
    )
    run.issue_scope(kind.name, f"select household_code from {staged}_known")
    run.issues(
        f"""select f.code, '{kind.name}', k.household_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {staged}_known k using (sheet, row_no)"""
    )
