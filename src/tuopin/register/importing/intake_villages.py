"""Taking in the village workbook (村信息) and the ledger of a village's works (九大工程台账)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import VillageCondition, VillageWorks
from .blocks import CELLS, block_fields, plan_block, sql_type
from .grants import leave_out_villages
from .lookup import find_villages, refuse_foreign, same
from .overrides import settle_faults

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind

    from ..models import FactBlock
    from .run import Run

PLACE = ("code", "city", "county", "township", "village")


def plan_villages(run: Run, kind: Kind) -> None:
    """村信息."""
    _plan(run, kind, VillageCondition)


def plan_village_works(run: Run, kind: Kind) -> None:
    """九大工程台账."""
    _plan(run, kind, VillageWorks)


def _plan(run: Run, kind: Kind, model: type[FactBlock]) -> None:
    """One row a village; a row whose village is not found is rejected."""
    staged, listed, planned = run.stage(kind), f"{kind.name}_row", f"{kind.name}_staged"
    known = {item.name for item in kind.fields}
    place = [
        column
        for column in PLACE
        if column == "village" or (column in known and run.engine.one(f"select count({column}) from {staged}")[0])
    ]
    found = find_villages(run, staged, place)
    refuse_foreign(run, staged, found, place)
    run.engine.run(
        "village rows",
        f"""create or replace table {listed} as select s.*, f.former, f.area_id, v.code as area_code,
          row_number() over (partition by f.area_id, f.former = 'merged' order by s.sheet, s.row_no) as repeat
        from {staged} s left join {found} f on {same("s", "f", place)} left join village_now v on v.area_id =
          f.area_id""",
    )
    # what was said of a village that is part of another one now is not true of that one: it has to be given anew
    run.engine.run("merged villages", f"update {listed} set area_id = null, repeat = 1 where former = 'merged'")
    leave_out_villages(run, listed)
    _refuse_rows(run, kind.name, listed)
    settle_faults(run, staged, "village", f"select sheet, row_no, area_id as subject from {listed}")
    columns = ", ".join(
        f"s.{field}::{sql_type(item)} as {field}" if field in known else f"null::{sql_type(item)} as {field}"
        for field, item in block_fields(model).items()
    )
    run.engine.run(
        "villages staged",
        f"""create or replace table {planned} as select s.area_id, date '{run.as_of}' as as_of, s.sheet, s.row_no,
          u.unreadable, {columns}
        from {listed} s left join (select sheet, row_no, {CELLS} as unreadable
          from {staged}_fault group by all) u using (sheet, row_no)
        where s.area_id is not null and s.repeat = 1""",
    )
    fate = plan_block(run, model, planned, "area_id")
    run.fates(f"select s.sheet, s.row_no, f.fate from {planned} s join {fate} f using (area_id)")
    run.issue_scope(kind.name, f"select area_code from {listed} where area_code is not null")
    run.issues(
        f"""select f.code, '{kind.name}', r.area_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {listed} r using (sheet, row_no) where r.area_id is not null"""
    )


def _refuse_rows(run: Run, kind: str, listed: str) -> None:
    run.rejects(
        f"""select sheet, row_no, coalesce(village, ''), case when former = 'merged' then 'former_area'
          when area_id is null then 'unknown_village' else 'village_twice' end
        from {listed} where area_id is null or repeat > 1"""
    )
    run.fates(f"select sheet, row_no, 'rejected' from {listed} where area_id is null or repeat > 1")
    run.issues(
        f"""select 'village_twice', '{kind}', area_code, '', sheet, row_no, 'village', village from {listed}
        where area_id is not null and repeat > 1"""
    )
