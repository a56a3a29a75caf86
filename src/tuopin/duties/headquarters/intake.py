"""Taking in the workbook of implementing opinions (贯彻落实意见台账), and writing it out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register import state
from tuopin.register.importing.grants import leave_out_villages
from tuopin.register.importing.intake_areas import load_tree

from ..models import OrganisationVersion
from .models import Opinion
from .selectors import KIND

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine
    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run

_SHORT = "regexp_replace({}, '(自治县|县|区|市|旗)$', '')"
_NAMED = "regexp_replace({}, '(重大专项)?(工作)?指挥部$', '')"


def plan_opinions(run: Run, kind: Kind) -> None:
    """One row a county, headquarters and department; a blank cell leaves what is known as it is."""
    staged = run.stage(kind)
    _find_counties(run, staged)
    leave_out_villages(run, "opinion_row")  # which takes rows of any area outside the grants
    _find_headquarters(run)
    _refuse(run)
    _compare(run)
    run.supersede(Opinion, "select known_id from opinion_plan where fate = 'updated' order by known_id")
    columns = ["organisation_id", "area_id", "department", "required", "due", "issued_on", "document", "official_id",
               "sheet_id", "row", "recorded_at"]  # fmt: skip
    run.insert(
        Opinion,
        columns,
        f"""select organisation_id, area_id, department, required, due, issued_on, document, official_id, sheet, row_no,
          {run.stamp} from opinion_plan where fate in ('created', 'updated') order by sheet, row_no""",
    )
    run.fates("select sheet, row_no, fate from opinion_plan")
    run.issue_scope(kind.name, "select distinct area_code from opinion_plan")
    run.issues(
        f"""select f.code, '{kind.name}', p.area_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join opinion_plan p using (sheet, row_no)"""
    )


def _find_counties(run: Run, staged: str) -> None:
    """``opinion_row``: the rows with the county's ``area_id``, code and path; NULL where none or several are meant."""
    load_tree(run)
    run.engine.run(
        "opinion counties",
        f"""create or replace table opinion_row as
        with c as (select area_id, code, name, path from area_now where level = 'county'),
        asked as (select distinct code, county from {staged}),
        found as (
          select a.code as code, a.county as county, c.area_id, case when c.code = a.code then 0 when c.name = a.county
            then 1 else 2 end as rank
          from asked a join c on c.code = a.code or (a.code is null and (c.name = a.county
            or {_SHORT.format("c.name")} = {_SHORT.format("a.county")}))),
        best as (select * from found qualify rank = min(rank) over (partition by code, county)),
        one as (select code, county, any_value(area_id) as area_id from best group by all
          having count(distinct area_id) = 1)
        select s.* exclude (code), c.area_id, c.code as area_code, c.path
        from {staged} s left join one on one.code is not distinct from s.code
          and one.county is not distinct from s.county left join c on c.area_id = one.area_id""",
    )


def _find_headquarters(run: Run) -> None:
    """``opinion_found``: with the headquarters of that name that works in the county, or in an area above it. The
    nearest counts: a county's own before the city's."""
    run.load_state(
        "headquarters_now", OrganisationVersion, ["organisation_id", "name", "area_id"],
        f"kind = '{KIND}' and valid_to is null",
    )  # fmt: skip
    run.engine.run(
        "opinion headquarters",
        f"""create or replace table opinion_found as
        with h as (select n.organisation_id, n.name, a.path from headquarters_now n join area_now a using (area_id)),
        named as (
          select distinct r.path, r.headquarters, h.organisation_id, length(h.path) as depth,
            case when h.name = r.headquarters then 0 else 1 end as rank
          from opinion_row r join h on starts_with(r.path, h.path) and (h.name = r.headquarters
            or {_NAMED.format("h.name")} = {_NAMED.format("r.headquarters")})),
        best as (select * from named
          qualify (depth, -rank) = max((depth, -rank)) over (partition by path, headquarters)),
        one as (select path, headquarters, any_value(organisation_id) as organisation_id from best group by all
          having count(*) = 1)
        select r.*, one.organisation_id, row_number() over (
          partition by r.area_id, one.organisation_id, trim(r.department) order by r.sheet, r.row_no) as repeat
        from opinion_row r left join one using (path, headquarters)""",
    )


def _refuse(run: Run) -> None:
    run.engine.run(
        "opinion reasons",
        f"""create or replace table opinion_reason as select *, case
          when area_id is null then 'unknown_county' when organisation_id is null then 'unknown_headquarters'
          when department is null or trim(department) = '' then 'no_department'
          when issued_on > date '{run.as_of}' then 'opinion_in_future' when repeat > 1 then 'opinion_twice'
          end as reason from opinion_found""",
    )
    wrong = "from opinion_reason where reason is not null"
    run.rejects(f"select sheet, row_no, coalesce(county, ''), reason {wrong}")
    run.fates(f"select sheet, row_no, 'rejected' {wrong}")


def _compare(run: Run) -> None:
    columns = ["id", "organisation_id", "area_id", "department", "required", "due", "issued_on", "document",
               "official_id"]  # fmt: skip
    which = run.among("area_id", "select distinct area_id from opinion_reason where reason is null")
    run.load_state("opinion_known", Opinion, columns, f"superseded_at is null and {which}")
    same = " and ".join(f"{each} is not distinct from known_{each}" for each in ("required", "due", "issued_on"))
    run.engine.run(
        "compare opinions",
        f"""create or replace table opinion_plan as
        with said as (
          select r.sheet, r.row_no, r.area_id, r.area_code, r.organisation_id, trim(r.department) as department,
            coalesce(nullif(trim(r.document), ''), k.document, '') as document,
            coalesce(r.required, k.required, true) as required,
            coalesce(r.due, k.due) as due, coalesce(r.issued_on, k.issued_on) as issued_on, k.official_id,
            k.id as known_id, k.required as known_required, k.due as known_due, k.issued_on as known_issued_on,
            coalesce(k.document, '') as known_document
          from opinion_reason r left join opinion_known k on k.area_id = r.area_id
            and k.organisation_id = r.organisation_id and k.department = trim(r.department)
          where r.reason is null)
        select *, case when known_id is null then 'created' when document = known_document and {same} then 'unchanged'
          else 'updated' end as fate from said""",
    )


def opinion_rows(engine: Engine, on: date) -> set[str]:  # noqa: ARG001 - opinions count as they stand
    """``export_row``: the opinions of the counties that may be exported, as the workbook writes them."""
    state.load(engine, "headquarters", OrganisationVersion, ["organisation_id", "name"], "valid_to is null")
    columns = ["organisation_id", "area_id", "department", "required", "due", "issued_on", "document"]
    state.load(engine, "opinion", Opinion, columns, "superseded_at is null")
    engine.run(
        "rows",
        """create table export_row as select c.name as county, c.code, h.name as headquarters, o.department, o.required,
          o.due, o.issued_on, nullif(o.document, '') as document, [] as unread
        from opinion o join place_county c using (area_id) join headquarters h using (organisation_id)
        order by c.code, h.name, o.department""",
    )
    return {"county", "code", "headquarters", "department", "required", "due", "issued_on", "document"}
