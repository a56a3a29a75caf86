"""Taking in the verification workbook (脱贫核查): food and clothing as found at the door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import HouseholdCheck
from .blocks import CELLS, plan_block
from .overrides import settle_faults
from .waiting import known_rows

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind

    from .run import Run


def plan_checks(run: Run, kind: Kind) -> None:
    """Each row is dated by its own 核查日期; a row without a readable date counts from the as-of date."""
    staged = run.stage(kind)
    known_rows(run, kind, staged)
    settle_faults(run, staged, "household", f"select sheet, row_no, household_id as subject from {staged}_known")
    run.engine.run(
        "checks",
        f"""create or replace table check_staged as
        select household_id, coalesce(check_date, as_of) as as_of, sheet, row_no, food, clothing,
          checker, null::varchar as unreadable
        from {staged}_known
        qualify row_number() over (partition by household_id, coalesce(check_date, as_of) order by sheet desc, row_no
          desc) = 1""",
    )
    run.engine.run(
        "unreadable checks",
        f"""update check_staged set unreadable = u.unreadable from (
          select sheet, row_no, {CELLS} as unreadable from {staged}_fault
          where field in ('food', 'clothing', 'check_date') group by all) u
        where u.sheet = check_staged.sheet and u.row_no = check_staged.row_no""",
    )
    fate = plan_block(run, HouseholdCheck, "check_staged", "household_id")
    run.fates(
        f"""select k.sheet, k.row_no, f.fate from {staged}_known k
        join {fate} f on f.household_id = k.household_id and f.as_of = coalesce(k.check_date, k.as_of)"""
    )
    run.issue_scope(kind.name, f"select household_code from {staged}_known")
    run.issues(
        f"""select f.code, '{kind.name}', k.household_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {staged}_known k using (sheet, row_no)"""
    )
