"""Taking in county figures (县级指标): statistics of a county, and what a survey found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.problems import Problem

from ..models import CountyCondition, CountySurvey
from .blocks import CELLS, block_fields, plan_block, sql_type
from .grants import leave_out_villages
from .intake_areas import load_tree
from .overrides import settle_faults

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind

    from ..models import FactBlock
    from .run import Run

SURVEYED = ("missed_rate", "wrong_exit_rate", "satisfaction")
_SHORT = "regexp_replace({}, '(自治县|县|区|市|旗)$', '')"


def plan_county_figures(run: Run, kind: Kind) -> None:
    """One row a county, or one a county and survey. The statistics count from the as-of date of the set, a survey from
    its own day; a row that says nothing of the one leaves it as it is."""
    staged, listed = run.stage(kind), f"{kind.name}_row"
    _find_counties(run, staged, listed)
    leave_out_villages(run, listed)
    settle_faults(run, staged, "county", f"select sheet, row_no, area_id as subject from {listed}")
    _refuse_intervals(run, staged, listed)
    _refuse_rows(run, kind.name, listed)
    fates = [
        _plan(run, kind, CountyCondition, listed, f"date '{run.as_of}'"),
        _plan(run, kind, CountySurvey, listed, f"coalesce(survey_date, date '{run.as_of}')"),
    ]
    both = " union all ".join(f"select sheet, row_no, fate from {fate}" for fate in fates)
    # a row stands in both blocks: what was written counts before what stood there already
    run.fates(
        f"""select sheet, row_no, arg_min(fate, case fate when 'created' then 0 when 'updated' then 1 else 2 end)
        from ({both}) group by sheet, row_no"""
    )
    said = f"select sheet, row_no from ({both})"
    run.fates(
        f"""select sheet, row_no, 'unchanged' from {listed}
        where area_id is not null and repeat = 1 and (sheet, row_no) not in ({said})"""
    )
    run.issue_scope(kind.name, f"select area_code from {listed} where area_code is not null")
    run.issues(
        f"""select f.code, '{kind.name}', r.area_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {listed} r using (sheet, row_no) where r.area_id is not null"""
    )


def _find_counties(run: Run, staged: str, listed: str) -> None:
    """``listed``: the rows with ``area_id`` and ``area_code`` (NULL = not found), and ``repeat``, which is 1 for the
    first row of a county and survey. A name counts as found only when exactly one county answers to it."""
    load_tree(run)
    run.engine.run(
        "county names",
        f"""create or replace table county_now as
        select c.area_id, c.code, c.name as county, {_SHORT.format("c.name")} as short, m.name as city
        from area_now c left join area_now m on m.code = c.parent_code where c.level = 'county'""",
    )
    run.engine.run(
        "county rows",
        f"""create or replace table {listed} as with n as (select distinct code, city, county from {staged}),
        found as (
          select n.*, c.area_id, case when c.code = n.code then 0 when c.county = n.county then 1 else 2 end as rank
          from n join county_now c on c.code = n.code
            or ((n.city is null or c.city = n.city)
              and (c.county = n.county or c.short = {_SHORT.format("n.county")}))),
        best as (select * from found qualify rank = min(rank) over (partition by code, city, county)),
        one as (select code, city, county, any_value(area_id) as area_id from best group by all
          having count(distinct area_id) = 1)
        select s.*, one.area_id, c.code as area_code,
          row_number() over (partition by one.area_id, coalesce(s.survey_date, date '{run.as_of}')
            order by s.sheet, s.row_no) as repeat
        from {staged} s left join one on s.code is not distinct from one.code and s.city is not distinct from one.city
            and s.county is not distinct from one.county
          left join county_now c on c.area_id = one.area_id""",
    )
    if run.engine.one(f"select count(*) > 0 and count(area_id) = 0 from {listed}")[0]:
        name, row, sheet = run.engine.one(
            f"select arg_min(county, row_no), min(row_no), arg_min(sheet, row_no) from {listed}"
        )
        asked = next(item.sheet for item in run.inputs if item.id == sheet)
        raise Problem(
            "no_county_found",
            f"{asked.file}，工作表“{asked.sheet}”：没有一行的县能在区划中找到（例如第 {row} 行“{name}”）。请先导入"
            "区划（divisions.csv），或检查县名。",
            f"{asked.file}, sheet “{asked.sheet}”: not one row names a county of the register (row {row}, for example: "
            f"“{name}”). Import the divisions first, or check the names.",
            file=asked.file, sheet=asked.sheet, row=row,
        )  # fmt: skip


def _refuse_intervals(run: Run, staged: str, listed: str) -> None:
    """An interval that does not hold its estimate is none: both ends are named and count as unknown."""
    for rate in SURVEYED:
        low, high = f"{rate}_low", f"{rate}_high"
        disordered = f"({low} > {high} or {low} > {rate} or {high} < {rate})"
        for end in (low, high):
            run.engine.run(
                f"interval {end}",
                f"""insert into {staged}_fault select sheet, row_no, '{end}', '{end}',
                  rtrim(rtrim(({end} / 10000.0)::decimal(18, 4)::varchar, '0'), '.') || '%', 'interval_disorder'
                from {listed} where {disordered} and {end} is not null""",
            )
        run.engine.run(f"interval {rate}", f"update {listed} set {low} = null, {high} = null where {disordered}")


def _refuse_rows(run: Run, kind: str, listed: str) -> None:
    wrong = "area_id is null or repeat > 1"
    run.rejects(
        f"""select sheet, row_no, coalesce(county, ''), case when area_id is null then 'unknown_county' else
          'county_twice' end
        from {listed} where {wrong}"""
    )
    run.fates(f"select sheet, row_no, 'rejected' from {listed} where {wrong}")
    run.issues(
        f"""select 'county_twice', '{kind}', area_code, '', sheet, row_no, 'county', county from {listed}
        where area_id is not null and repeat > 1"""
    )


def _plan(run: Run, kind: Kind, model: type[FactBlock], listed: str, on: str) -> str:
    """Plan one block from the rows that say something of it; returns a table (sheet, row_no, fate)."""
    facts = block_fields(model)
    planned = f"{kind.name}_{model._meta.model_name}"
    dated = ["survey_date"] if model is CountySurvey else []
    asked = ", ".join(f"'{name}'" for name in (*facts, *dated))
    columns = ", ".join(f"s.{name}::{sql_type(item)} as {name}" for name, item in facts.items())
    filled = " or ".join(f"s.{name} is not null" for name in facts)
    run.engine.run(
        planned,
        f"""create or replace table {planned} as select s.area_id, {on} as as_of, s.sheet, s.row_no, u.unreadable,
          {columns}
        from {listed} s left join (select sheet, row_no, {CELLS} as unreadable from staged_{kind.name}_fault
          where field in ({asked}) group by all) u using (sheet, row_no)
        where s.area_id is not null and s.repeat = 1 and ({filled} or u.unreadable is not null)
        qualify row_number() over (partition by s.area_id, {on} order by s.sheet, s.row_no) = 1""",
    )
    fate, found = plan_block(run, model, planned, "area_id"), f"{planned}_fate"
    run.engine.run(
        found,
        f"""create or replace table {found} as select s.sheet, s.row_no, f.fate from {planned} s
        join {fate} f using (area_id, as_of)""",
    )
    return found
