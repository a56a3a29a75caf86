"""Taking in the project library (项目库) and payments for projects (资金拨付).

A row of a place outside the importer's grants looks like one of a place that is not there. A blank cell leaves what is
known of a project as it was; what somebody has entered by hand stays too, and a list that says otherwise is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register import selectors as register
from tuopin.register.events.areas.mapping import followed
from tuopin.register.importing.changes import named
from tuopin.register.importing.grants import OUTSIDE, inside
from tuopin.register.importing.intake_areas import load_tree
from tuopin.register.importing.lookup import COMMITTEE
from tuopin.register.models import Import

from .models import Acceptance, Benefit, Fund, FundMove, Project, ProjectVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run

SAID = ("name", "sort", "content", "area_id", "unit", "source", "cost", "begins", "due", "households", "cancelled")
"""What a version says."""


def uses_of_import(record: object) -> Iterator[Title]:
    """Money, acceptances and households of projects that came with an import rest on it."""
    if not isinstance(record, Import):
        return
    sheets = record.sheets.values("pk")
    moves = FundMove.objects.exclude(sheet__isnull=False, sheet__in=sheets)
    rests = [
        (Project, moves, "project_id"), (Project, Acceptance.objects.all(), "project_id"),
        (Project, Benefit.objects.all(), "project_id"),
    ]  # fmt: skip
    if named(record, {"rests": rests}):
        yield Title("其中的项目已有资金、验收或受益户记录", "money, acceptances or households of its projects")


# -- the library --------------------------------------------------------------------------------------------------


def plan_projects(run: Run, kind: Kind) -> None:
    """One row a project. The same county, year and number is the same project."""
    staged = run.stage(kind)
    _places(run)
    _rows(run, staged)
    _compare(run)
    _write(run)
    run.fates("select sheet, row_no, case fate when 'kept' then 'unchanged' else fate end from project_plan")
    run.fates("select sheet, row_no, 'rejected' from project_row where reason is not null")
    run.rejects("select sheet, row_no, coalesce(code, ''), reason from project_row where reason is not null")
    run.issues(
        f"""select f.code, '{kind.name}', p.area_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join project_plan p using (sheet, row_no)"""
    )
    run.issues(
        f"""select 'kept_by_hand', '{kind.name}', area_code, '', sheet, row_no, '', '' from project_plan
        where fate = 'kept'"""
    )


def _places(run: Run) -> None:
    """``project_place``: counties, townships and villages where the importer may import, with the names above."""
    load_tree(run)
    within = "true" if run.ranges is None else inside(run.ranges, "path")
    run.engine.run(
        "places of projects",
        f"""create or replace table project_place as select * from (
          select area_id, code, level, path, area_id as county_id, name as county, null::varchar as township,
            null::varchar as village from area_now where level = 'county'
          union all select t.area_id, t.code, t.level, t.path, c.area_id, c.name, t.name, null
            from area_now t join area_now c on c.code = t.parent_code and c.level = 'county' where t.level = 'township'
          union all select v.area_id, v.code, v.level, v.path, c.area_id, c.name, t.name, {COMMITTEE.format("v.name")}
            from area_now v join area_now t on t.code = v.parent_code join area_now c on c.code = t.parent_code
            where v.level = 'village' and c.level = 'county') where {within}""",
    )


def _rows(run: Run, staged: str) -> None:
    """``project_row``: every row with its place, or the reason why it goes back. Of rows that name one project twice
    the first counts."""
    run.engine.run(
        "rows of projects",
        f"""create or replace table project_row as
        with placed as (
          select s.sheet, s.row_no, any_value(p.area_id) as area_id, any_value(p.code) as area_code,
            any_value(p.county_id) as county_id, count(*) as n
          from {staged} s join project_place p
            on p.level = case when s.village is not null then 'village' when s.township is not null then 'township'
                else 'county' end
              and (s.county is null or s.county = p.county) and (s.township is null or s.township = p.township)
              and (s.village is null or {COMMITTEE.format("s.village")} = p.village)
          group by all),
        found as (
          select s.* exclude (code, year, sort), coalesce(s.year, {run.year}) as year,
            coalesce(s.sort, 'other') as sort, s.sort is not null as sort_said, p.area_id, p.area_code, p.county_id,
            coalesce(s.code, left(trim(s.name), 60) || '@' || p.area_code) as code,
            case when s.name is null then 'project_no_name' when p.n is null or p.n > 1 then 'project_place_unknown'
              when length(s.code) > 80 then 'project_code_long' end as reason
          from {staged} s left join placed p using (sheet, row_no))
        select * from found""",
    )
    run.engine.run(
        "projects twice",
        """update project_row set reason = 'project_twice' from (
          select sheet, row_no from project_row where reason is null
          qualify row_number() over (partition by county_id, year, code order by sheet, row_no) > 1) d
        where d.sheet = project_row.sheet and d.row_no = project_row.row_no""",
    )


def _compare(run: Run) -> None:
    which = run.among("county_id", "select distinct county_id from project_row where reason is null")
    run.load_state("project_known", Project, ["id", "county_id", "year", "code"], which)
    versions = run.among("project_id", "select id from project_known")
    columns = ["id", "project_id", "sheet_id", *SAID]
    run.load_state("project_version_known", ProjectVersion, columns, f"superseded_at is null and {versions}")
    _within(run, "project_version_known", "project_known")
    run.engine.run(  # its number alone does not draw a project out of another's area, nor tell what is known of it
        "projects of others",
        f"""update project_row set reason = '{OUTSIDE}' from project_known p join project_version_known k
          on k.project_id = p.id
        where project_row.reason is null and p.county_id = project_row.county_id and p.year = project_row.year
          and p.code = project_row.code and k.area_id not in (select area_id from project_within)""",
    )
    kept = ", ".join(
        f"coalesce(r.{name}, k.{name}) as {name}" for name in SAID if name not in {"area_id", "sort", "cancelled"}
    )
    run.engine.run(
        "projects said",
        f"""create or replace table project_said as select r.sheet, r.row_no, r.county_id, r.year, r.code,
          case when r.area_id = w.now_id then k.area_id else r.area_id end as area_id, r.area_code, p.id as new_id,
          k.id as known_id, {kept},
          case when r.sort_said then r.sort else coalesce(k.sort, r.sort) end as sort,
          coalesce(r.cancelled, k.cancelled, false) as cancelled
        from project_row r left join project_known p using (county_id, year, code)
          left join project_version_known k on k.project_id = p.id
          left join project_within w on w.area_id = k.area_id
        where r.reason is null""",
    )
    same = " and ".join(f"s.{name} is not distinct from k.{name}" for name in SAID)
    run.engine.run(
        "projects planned",
        f"""create or replace table project_plan as select s.*, s.new_id is null as fresh,
          case when s.known_id is null then 'created' when {same} then 'unchanged' when k.sheet_id is null then 'kept'
            else 'updated' end as fate
        from project_said s left join project_version_known k on k.id = s.known_id""",
    )
    run.number("project_plan", Project, "sheet, row_no")


def _within(run: Run, versions: str, projects: str) -> None:
    """``project_within``: of the areas of ``versions`` those within the grants, and what each is now (``now_id``): a
    merged one what it is part of, one that is no more the county of its projects."""
    counties = run.engine.rows(
        f"select v.area_id, min(p.county_id) from {versions} v join {projects} p on p.id = v.project_id group by 1"
    )
    ends = followed({area for pair in counties for area in pair})
    now = {area: (*ends[area], *ends[county])[0] for area, county in counties if ends[area] or ends[county]}
    paths = register.paths_of(set(now.values()))
    mine = [
        area
        for area, end in now.items()
        if end in paths and (run.ranges is None or any(low <= paths[end] < high for low, high in run.ranges))
    ]
    was, there = ", ".join(map(str, mine)), ", ".join(str(now[area]) for area in mine)
    run.engine.run(
        "areas of projects",
        f"""create or replace table project_within as
        select unnest([{was}]::bigint[]) as area_id, unnest([{there}]::bigint[]) as now_id""",
    )


def _write(run: Run) -> None:
    run.insert(
        Project,
        ["id", "county_id", "year", "code"],
        "select new_id, county_id, year, code from project_plan where fresh order by new_id",
    )
    run.supersede(ProjectVersion, "select known_id from project_plan where fate = 'updated' order by known_id")
    columns = ["project_id", *SAID, "sheet_id", "row", "recorded_at", "actor"]
    texts = {"content", "unit", "source"}
    said = ", ".join(f"coalesce({name}, '')" if name in texts else name for name in SAID)
    run.insert(
        ProjectVersion,
        columns,
        f"""select new_id, {said}, sheet, row_no, {run.stamp}, '' from project_plan
        where fate in ('created', 'updated') order by sheet, row_no""",
    )


# -- payments -----------------------------------------------------------------------------------------------------


def plan_disbursements(run: Run, kind: Kind) -> None:
    """One row a payment. The same project, day, document, payee, amount and fund is the same payment; a list that does
    not say the fund, or did not when it was taken in, leaves it open."""
    staged = run.stage(kind)
    _places(run)
    _known_projects(run)
    _payments(run, staged)
    run.insert(
        FundMove,
        ["kind", "fund_id", "project_id", "amount", "day", "document", "payee", "sheet_id", "row", "recorded_at",
         "actor"],
        f"""select 'paid', fund_id, project_id, amount, paid_on, document, payee, sheet, row_no, {run.stamp}, ''
        from disbursement_row where reason is null and fate = 'created' order by sheet, row_no""",
    )  # fmt: skip
    run.fates("select sheet, row_no, case when reason is null then fate else 'rejected' end from disbursement_row")
    run.rejects(
        """select sheet, row_no, coalesce(project_code, project_name, ''), reason from disbursement_row
        where reason is not null"""
    )


def _known_projects(run: Run) -> None:
    """``disbursement_project``: the projects within the grants, those of this very import among them."""
    run.load_state("disbursement_known", Project, ["id", "county_id", "year", "code"])
    run.load_state("disbursement_version", ProjectVersion, ["project_id", "name", "area_id"], "superseded_at is null")
    _within(run, "disbursement_version", "disbursement_known")
    fresh = ""
    if run.engine.rows("select 1 from duckdb_tables() where table_name = 'project_plan'"):
        fresh = "union select new_id, county_id, year, code, name, area_id from project_plan"
    run.engine.run(
        "projects that may be paid",
        f"""create or replace table disbursement_project as
        select k.id, k.county_id, k.year, k.code, v.name, w.now_id as area_id from disbursement_known k
          join disbursement_version v on v.project_id = k.id join project_within w on w.area_id = v.area_id {fresh}""",
    )
    moves = ["project_id", "fund_id", "amount", "day", "document", "payee", "superseded_at"]
    run.load_state("disbursement_said", FundMove, moves, "kind = 'paid'")
    _funds(run)


def _funds(run: Run) -> None:
    """``disbursement_fund``: for each project the funds that a payment for it may name, ``near`` first: those it was
    allocated money from or paid from, those of its county, and within the grants those of all areas it lies in."""
    run.load_state("disbursement_funds", Fund, ["id", "area_id", "year", "name"])
    run.load_state("disbursement_moves", FundMove, ["project_id", "fund_id"], "project_id is not null")
    now = followed([area for (area,) in run.engine.rows("select distinct area_id from disbursement_funds")])
    pairs = [(area, ends[0]) for area, ends in now.items() if ends]
    was, lies = (", ".join(str(pair[side]) for pair in pairs) for side in (0, 1))
    within = "true" if run.ranges is None else inside(run.ranges, "a.path")
    run.engine.run(
        "funds that may be named",
        f"""create or replace table disbursement_fund as
        with placed as (
          select f.id, f.year, f.name, f.area_id, a.path, {within} as mine
          from disbursement_funds f left join (
            select unnest([{was}]::bigint[]) as area_id, unnest([{lies}]::bigint[]) as now_id) w using (area_id)
          left join area_now a on a.area_id = w.now_id),
        of_project as (
          select p.id as project_id, p.county_id, p.year, a.path from disbursement_project p
          left join area_now a using (area_id))
        select p.project_id, f.id, f.name, abs(f.year - p.year) as years,
          m.fund_id is null as far, -coalesce(length(f.path), 0) as above
        from of_project p join placed f
          on f.area_id = p.county_id or (f.mine and starts_with(p.path, f.path))
          or (p.project_id, f.id) in (select (project_id, fund_id) from disbursement_moves)
        left join (select distinct project_id, fund_id from disbursement_moves) m
          on m.project_id = p.project_id and m.fund_id = f.id""",
    )


def _payments(run: Run, staged: str) -> None:
    """``disbursement_row``: every row with its project and fund, its fate, or the reason why it goes back."""
    run.engine.run(
        "payments for projects",
        f"""create or replace table disbursement_row as
        with matched as (
          select s.sheet, s.row_no, any_value(p.id) as project_id, count(distinct p.id) as n
          from {staged} s join disbursement_project p
            on (case when s.project_code is not null then p.code = s.project_code
                else p.name = trim(s.project_name) end)
              and (s.year is null or s.year = p.year)
          group by all),
        funded as (
          select s.sheet, s.row_no, any_value(f.id order by f.far, f.years, f.above, f.id) as fund_id
          from {staged} s join matched m using (sheet, row_no)
            join disbursement_fund f on f.project_id = m.project_id and f.name = trim(s.fund)
          group by all),
        found as (
          select s.sheet, s.row_no, s.project_code, s.project_name, s.amount, s.paid_on, m.project_id, f.fund_id,
            coalesce(s.document, '') as document, coalesce(s.payee, '') as payee,
            case when m.n is null then 'disbursement_no_project' when m.n > 1 then 'disbursement_two_projects'
              when s.amount is null or s.amount <= 0 or s.amount > 100000000000000 then 'disbursement_no_amount'
              when s.paid_on is null then 'disbursement_no_day'
              when s.paid_on > date '{run.as_of}' then 'payment_in_future'
              when s.fund is not null and f.fund_id is null then 'disbursement_no_fund' end as reason
          from {staged} s left join matched m using (sheet, row_no) left join funded f using (sheet, row_no))
        select d.*, case when {_met("k.superseded_at is null")} then 'unchanged' else 'created' end as fate
        from found d""",
    )
    run.engine.run(  # who took it back knew that it was wrong: a list that says it once more does not bring it back
        "payments taken back",
        f"""update disbursement_row d set reason = 'disbursement_taken_back'
        where reason is null and fate = 'created' and {_met("k.superseded_at is not null")}""",
    )
    run.engine.run(
        "payments for projects twice",
        """update disbursement_row set reason = 'disbursement_twice' from (
          select sheet, row_no from disbursement_row where reason is null
          qualify row_number() over (partition by project_id, fund_id, amount, paid_on, document, payee
            order by sheet, row_no) > 1) d
        where d.sheet = disbursement_row.sheet and d.row_no = disbursement_row.row_no""",
    )


def _met(which: str) -> str:
    """SQL: whether the register knows the payment ``d`` among those that ``which`` names."""
    return f"""exists (select 1 from disbursement_said k where {which} and k.project_id = d.project_id
      and k.amount = d.amount and k.day = d.paid_on and coalesce(k.document, '') = d.document
      and coalesce(k.payee, '') = d.payee
      and (k.fund_id is null or d.fund_id is null or k.fund_id = d.fund_id))"""


INTAKES = {"project": plan_projects, "disbursement": plan_disbursements}
