"""Taking in enterprises (带贫主体名册): who they are, where, how it stands with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.credit import is_sound
from tuopin.register.importing.grants import OUTSIDE, inside
from tuopin.register.importing.intake_areas import load_tree
from tuopin.register.importing.lookup import COMMITTEE
from tuopin.register.models import AreaVersion

from .models import Enterprise, EnterpriseRisk, EnterpriseVersion
from .taking import Taking, carry, take, without

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run

VERSION = Taking(
    "enterprise", EnterpriseVersion, ("enterprise_id", "as_of"),
    ("name", "credit_code", "kind", "industry", "area_id", "organisation", "operator", "capacity"),
    "enterprise_twice", by="enterprise_id",
)  # fmt: skip
RISK = Taking("enterprise_risk", EnterpriseRisk, ("enterprise_id", "day"), ("level", "ground", "document"),
              "enterprise_twice", by="enterprise_id")  # fmt: skip

_PLACES = f"""
select area_id, code, level, name as county, null::varchar as township, null::varchar as village, path
  from area_now where level = 'county'
union all select t.area_id, t.code, t.level, c.name, t.name, null, t.path
  from area_now t join area_now c on c.code = t.parent_code where t.level = 'township'
union all select v.area_id, v.code, v.level, c.name, t.name, {COMMITTEE.format("v.name")}, v.path
  from area_now v join area_now t on t.code = v.parent_code join area_now c on c.code = t.parent_code
  where v.level = 'village'
"""


def load_enterprises(run: Run) -> None:
    """``enterprise_now``: the enterprises that the register knows or this import brings: id, name, credit code, code,
    area. Made once a run."""
    if run.engine.rows("select 1 from duckdb_tables() where table_name = 'enterprise_now'"):
        return
    columns = ["enterprise_id", "as_of", "name", "credit_code", "area_id"]
    run.load_state("enterprise_version_now", EnterpriseVersion, columns, "superseded_at is null")
    run.load_state("enterprise_code_now", Enterprise, ["id", "code"])
    run.engine.run(
        "enterprises",
        """create table enterprise_now as select v.enterprise_id as id, c.code, v.name, v.credit_code, v.area_id
        from enterprise_version_now v join enterprise_code_now c on c.id = v.enterprise_id
        qualify row_number() over (partition by v.enterprise_id order by v.as_of desc) = 1""",
    )


def load_counties(run: Run) -> None:
    """``enterprise_home``: the enterprises of ``enterprise_now`` with the path where each lies (of an area that has
    ended since, its last place) and the county of that."""
    load_tree(run)
    which = run.among("area_id", "select distinct area_id from enterprise_now")
    run.load_state("enterprise_area", AreaVersion, ["area_id", "path", "valid_from"], which)
    run.engine.run(
        "counties of enterprises",
        """create or replace table enterprise_home as
        with lies as (select area_id, path from area_now
          union all select area_id, arg_max(path, valid_from) from enterprise_area
            where area_id not in (select area_id from area_now) group by all)
        select n.*, l.path, c.area_id as county_id from enterprise_now n join lies l using (area_id)
        join area_now c on c.level = 'county' and starts_with(l.path, c.path)""",
    )


def plan_enterprises(run: Run, kind: Kind) -> None:
    """One row an enterprise: the same credit code is the same enterprise, else the same name in the same county."""
    staged = run.stage(kind)
    run.engine.run("credit codes", f"update {staged} set credit_code = upper(trim(credit_code))")
    load_tree(run)
    load_enterprises(run)
    _place(run, staged)
    _identify(run)
    run.engine.run(
        "enterprise rows",
        f"""create or replace table enterprise_row as select r.*, i.enterprise_id, date '{run.as_of}' as as_of,
          '' as household_code, '' as person_code
        from enterprise_placed r left join enterprise_id i using (sheet, row_no)""",
    )
    _write_new(run)
    carry(run, VERSION, "enterprise_id", "as_of")
    take(run, VERSION)
    _risks(run)
    run.engine.run("touched by enterprises", "create or replace table place_touched as select path from enterprise_row "
                   "where reason is null")  # fmt: skip
    run.engine.run(
        "enterprises with the new",
        """create or replace table enterprise_now as
        select id, code, name, credit_code, area_id from enterprise_now
          where id not in (select enterprise_id from enterprise_plan)
        union all select p.enterprise_id, n.code, p.name, nullif(p.credit_code, ''), p.area_id from enterprise_plan p
          left join enterprise_now n on n.id = p.enterprise_id""",
    )


def _place(run: Run, staged: str) -> None:
    """``enterprise_placed``: the rows with their area, by its code or by the names down to the lowest that is given."""
    village = COMMITTEE.format("s.village")
    given = run.engine.rows(f"select distinct credit_code from {staged} where credit_code is not null")
    wrong = ", ".join(_text(code) for (code,) in given if not is_sound(code))
    run.engine.run(
        "wrong codes", f"create or replace table enterprise_code_wrong as select unnest([{wrong}]::text[]) as code"
    )
    run.engine.run("places of enterprises", f"create or replace table enterprise_place as {_PLACES}")
    run.engine.run(
        "placed enterprises",
        f"""create or replace table enterprise_placed as
        with met as (
          select s.sheet, s.row_no, p.area_id, p.path from {staged} s join enterprise_place p
            on (s.code is not null and p.code = s.code) or (s.code is null
              and (s.county is null or p.county = s.county) and p.township is not distinct from s.township
              and p.village is not distinct from {village} and coalesce(s.county, s.township, s.village) is not null)),
        one as (select sheet, row_no, any_value(area_id) as area_id, any_value(path) as path from met group by all
          having count(distinct area_id) = 1)
        select s.sheet, s.row_no, s.name, coalesce(s.credit_code, '') as credit_code, s.kind,
          coalesce(s.industry, '') as industry, coalesce(s.organisation, '') as organisation,
          coalesce(s.operator, '') as operator, s.capacity, s.risk, s.risk_day, s.ground, s.document,
          o.area_id, o.path, c.area_id as county_id,
          case when s.name is null then 'enterprise_no_name'
            when s.kind is null then 'enterprise_kind_unknown'
            when o.area_id is null then 'enterprise_place_unknown'
            when s.credit_code in (select code from enterprise_code_wrong) then 'enterprise_code_wrong' end as reason
        from {staged} s left join one o using (sheet, row_no)
        left join area_now c on c.level = 'county' and starts_with(o.path, c.path)""",
    )
    if run.ranges is not None:
        within = inside(run.ranges, "path")
        run.engine.run(
            "enterprises outside",
            f"update enterprise_placed set reason = '{OUTSIDE}' where reason is null and not {within}",
        )


def _identify(run: Run) -> None:
    """``enterprise_id``: (sheet, row_no, enterprise_id, fresh) of the rows that count. A name without a credit code is
    one enterprise within a county; a known one without a code is the same as a listed one of that name with a code."""
    load_counties(run)
    run.engine.run(
        "identities of enterprises",
        """create or replace table enterprise_id as
        with good as (select * from enterprise_placed where reason is null),
        by_code as (select g.sheet, g.row_no, min(n.id) as id from good g join enterprise_now n
          on g.credit_code <> '' and n.credit_code = g.credit_code group by all),
        by_name as (select g.sheet, g.row_no, min(n.id) as id from good g join enterprise_home n
          on n.name = g.name and n.county_id = g.county_id
            and (g.credit_code = '' or n.credit_code is null or n.credit_code = g.credit_code)
          group by all having count(distinct n.id) = 1)
        select g.sheet, g.row_no, coalesce(c.id, b.id) as new_id,
          case when g.credit_code <> '' then g.credit_code else g.county_id || ' ' || g.name end as mark,
          coalesce(c.id, b.id) is null as fresh
        from good g left join by_code c using (sheet, row_no) left join by_name b using (sheet, row_no)""",
    )
    if run.ranges is not None:  # a code or name alone draws no enterprise out of another's area
        run.engine.run(
            "enterprises of others",
            f"""update enterprise_placed set reason = '{OUTSIDE}' from enterprise_id i join enterprise_home h
              on h.id = i.new_id
            where enterprise_placed.reason is null and enterprise_placed.sheet = i.sheet
              and enterprise_placed.row_no = i.row_no and not {inside(run.ranges, "h.path")}""",
        )
    run.engine.run(
        "new enterprises",
        "create or replace table enterprise_new as select mark, min(sheet) as sheet, min(row_no) as row_no, "
        "null::bigint as new_id from enterprise_id where new_id is null group by mark",
    )
    run.number("enterprise_new", Enterprise, "sheet, row_no")
    run.engine.run(
        "numbered enterprises",
        """create or replace table enterprise_id as select i.sheet, i.row_no, i.mark, i.fresh,
          coalesce(i.new_id, n.new_id) as enterprise_id from enterprise_id i left join enterprise_new n using (mark)""",
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _write_new(run: Run) -> None:
    """The code of an enterprise for good: its credit code unless another has it, else E and its number."""
    run.insert(
        Enterprise,
        ["id", "code"],
        """select i.enterprise_id, case when min(r.credit_code) <> ''
            and min(r.credit_code) not in (select code from enterprise_now where code is not null)
          then min(r.credit_code) else 'E' || lpad(i.enterprise_id::varchar, 6, '0') end
        from enterprise_id i join enterprise_placed r using (sheet, row_no) where i.fresh
        group by i.enterprise_id order by i.enterprise_id""",
    )


def _risks(run: Run) -> None:
    """A level that the list names is one more word on the enterprise's risk. Its rows have no fate of their own."""
    run.engine.run(
        "risks",
        f"""create or replace table enterprise_risk_row as select sheet, row_no, enterprise_id, '' as household_code,
          '' as person_code, coalesce(risk_day, date '{run.as_of}') as day, risk as level,
          coalesce(ground, '') as ground, coalesce(document, '') as document, reason
        from enterprise_row where reason is null and risk is not null""",
    )
    without(run, "enterprise_risk", f"day > date '{run.as_of}'", "risk_in_future")
    run.engine.run("faults of risks", "create or replace table staged_enterprise_risk_fault as select * from "
                   "staged_enterprise_fault where false")  # fmt: skip
    run.load_state("enterprise_risk_now", EnterpriseRisk, ["enterprise_id", "day", "level"], "superseded_at is null")
    run.engine.run(
        "risks that are known",
        """delete from enterprise_risk_row where reason is null and exists (select 1 from (
          select enterprise_id, arg_max(level, day) as level from enterprise_risk_now n
          where n.day <= enterprise_risk_row.day and n.enterprise_id = enterprise_risk_row.enterprise_id
          group by all) k where k.level = enterprise_risk_row.level and enterprise_risk_row.ground = '')""",
    )
    take(run, RISK)
