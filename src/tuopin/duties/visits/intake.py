"""Taking in visits from paper and other programs (走访记录): a row a household, day and visitor.

The visitor is found by name among those who ever answered for the household or for an area that it lies in. The same
visitor, household and day is the same visit, whatever became of it here: what was corrected or taken back stays so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tuopin.register import state
from tuopin.register.exporting import homes
from tuopin.register.importing.intake_areas import load_tree
from tuopin.register.importing.waiting import known_rows
from tuopin.register.models import Residence

from ..models import Assignment, Official
from .models import HouseholdVisits, Visit, VisitBy, VisitLast

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine
    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run


def plan_visits(run: Run, kind: Kind) -> None:
    """One visit a household and day; several rows of it are several visitors."""
    staged = run.stage(kind)
    known_rows(run, kind, staged)
    _load(run, staged)
    _rows(run, staged)
    _compare(run)
    _write(run)
    _count(run)
    run.fates("select sheet, row_no, fate from visit_plan")
    run.fates("select sheet, row_no, 'rejected' from visit_row where reason is not null")
    run.rejects("select sheet, row_no, household_code, reason from visit_row where reason is not null")
    run.issue_scope(kind.name, f"select distinct household_code from {staged}_known")
    run.issues(
        f"""select f.code, '{kind.name}', k.household_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {staged}_known k using (sheet, row_no)"""
    )


def _load(run: Run, staged: str) -> None:
    load_tree(run)
    asked = f"select distinct household_id from {staged}_known"
    run.load_state("visit_home", Residence, ["household_id", "area_id", "valid_from", "valid_to"],
                   run.among("household_id", asked))  # fmt: skip
    columns = ["official_id", "household_id", "name"]
    run.load_state("visit_helper", Assignment, columns, f"({run.among('household_id', asked)})")
    run.load_state("visit_holder", Assignment, ["official_id", "area_id", "name"], "area_id is not null")
    run.load_state("visit_by_known", VisitBy, ["visit_id", "household_id", "official_id", "day", "counts"],
                   run.among("household_id", asked))  # fmt: skip


def _rows(run: Run, staged: str) -> None:
    """``visit_row``: every row with where the household lived that day and who went, or why it is refused."""
    run.engine.run(
        "visit rows",
        f"""create or replace table visit_row as
        with given as (
          select k.sheet, k.row_no, k.household_id, k.household_code, trim(k.visitor) as visitor, k.day,
            coalesce(k.outcome, 'met') as outcome, coalesce(k.why_not, '') as why_not, coalesce(k.note, '') as note,
            coalesce(k.said, '') as said, h.area_id, a.path
          from {staged}_known k
          left join visit_home h on h.household_id = k.household_id and h.valid_from <= k.day
            and (h.valid_to is null or h.valid_to > k.day)
          left join area_now a on a.area_id = h.area_id),
        met as (
          select g.sheet, g.row_no, t.official_id from given g join visit_helper t
            on t.household_id = g.household_id and t.name = g.visitor
          union
          select g.sheet, g.row_no, t.official_id from given g join visit_holder t on t.name = g.visitor
            join area_now u on u.area_id = t.area_id and starts_with(g.path, u.path)),
        one as (select sheet, row_no, any_value(official_id) as official_id, count(distinct official_id) as n
          from met group by all)
        select g.*, o.official_id, case
          when g.visitor is null or g.visitor = '' then 'visit_no_visitor'
          when g.day is null then 'visit_no_day'
          when g.day > date '{run.as_of}' or g.day > date '{run.now.date()}' or g.day < date '2000-01-01'
            then 'visit_bad_day'
          when g.area_id is null then 'visit_not_here'
          when o.n > 1 then 'visit_two_visitors'
          when o.n is null then 'visit_unknown_visitor'
          when g.outcome = 'not_reachable' and g.why_not = '' then 'visit_no_reason'
          end as reason
        from given g left join one o using (sheet, row_no)""",
    )
    run.engine.run(
        "visits twice",
        """update visit_row set reason = 'visit_twice' from (
          select sheet, row_no from visit_row where reason is null
          qualify row_number() over (partition by household_id, official_id, day order by sheet, row_no) > 1) t
        where visit_row.sheet = t.sheet and visit_row.row_no = t.row_no""",
    )


def _compare(run: Run) -> None:
    run.engine.run(
        "compare visits",
        """create or replace table visit_plan as select r.*, case when exists (
            select 1 from visit_by_known k where k.household_id = r.household_id and k.official_id = r.official_id
              and k.day = r.day) then 'unchanged' else 'created' end as fate
        from visit_row r where r.reason is null""",
    )
    # several visitors on one day are one visit: the first row says how it went
    run.engine.run(
        "new visits",
        """create or replace table visit_new as select *, null::bigint as new_id from visit_plan
        where fate = 'created'
        qualify row_number() over (partition by household_id, day, outcome order by sheet, row_no) = 1""",
    )
    run.number("visit_new", Visit, "sheet, row_no")


def _write(run: Run) -> None:
    run.insert(
        Visit,
        ["id", "number", "version", "household_id", "area_id", "day", "sort", "outcome", "why_not", "why_not_note",
         "met_others", "said", "note", "reason", "origin", "key", "sheet_id", "row", "recorded_at", "actor",
         "taken_back_by"],
        f"""select new_id, new_id, 1, household_id, area_id, day, 'routine', outcome,
          case when outcome = 'met' then '' else why_not end, '', '', case when outcome = 'met' then said else '' end,
          note, '', 'import', '', sheet, row_no, {run.stamp}, '导入', '' from visit_new order by new_id""",
    )  # fmt: skip
    run.engine.run(
        "visitors",
        """create or replace table visit_by_new as
        select n.new_id as visit_id, p.official_id, p.household_id, n.area_id, p.day, p.outcome = 'met' as counts
        from visit_plan p join visit_new n using (household_id, day, outcome) where p.fate = 'created'""",
    )
    run.insert(
        VisitBy,
        ["visit_id", "official_id", "household_id", "area_id", "day", "counts"],
        """select visit_id, official_id, household_id, area_id, day, counts from visit_by_new
        order by visit_id, official_id""",
    )


def _count(run: Run) -> None:
    """The last visits and the facts of rules, as ``counting.py`` makes them."""
    touched = "select distinct household_id from visit_by_new where counts"
    run.load_state("visit_last_known", VisitLast, ["id", "official_id", "household_id", "day"],
                   run.among("household_id", touched))  # fmt: skip
    run.engine.run(
        "last visits",
        """create or replace table visit_last_new as
        select b.official_id, b.household_id, max(b.day) as day, k.id as known_id, any_value(k.day) as known_day
        from visit_by_new b left join visit_last_known k using (official_id, household_id)
        where b.counts group by b.official_id, b.household_id, k.id""",
    )
    run.update(
        VisitLast, "day = %s",
        "select day, known_id from visit_last_new where known_id is not null and day > known_day order by known_id",
    )  # fmt: skip
    run.insert(
        VisitLast, ["official_id", "household_id", "day"],
        "select official_id, household_id, day from visit_last_new where known_id is null order by household_id, "
        "official_id",
    )  # fmt: skip
    columns = ["id", "household_id", "as_of", "visits_in_month"]
    held = run.among("household_id", touched)
    run.load_state("household_visits_now", HouseholdVisits, columns, f"superseded_at is null and {held}")
    run.engine.run(  # where there are many, all are loaded: those of other households stay as they are
        "visits of months known",
        f"""create or replace table household_visits_known as
        select * from household_visits_now where household_id in ({touched})""",
    )
    run.engine.run(
        "visits of months",
        f"""create or replace table household_visits_wanted as
        with every as (
          select household_id, visit_id, day from visit_by_known where counts and household_id in ({touched})
          union select household_id, visit_id, day from visit_by_new where counts)
        select household_id, max(day) as as_of, count(distinct visit_id) as times
        from every group by household_id, date_trunc('month', day)""",
    )
    run.supersede(
        HouseholdVisits,
        """select k.id from household_visits_known k anti join household_visits_wanted w
          on w.household_id = k.household_id and w.as_of = k.as_of and w.times = k.visits_in_month order by k.id""",
    )
    run.insert(
        HouseholdVisits,
        ["household_id", "year", "as_of", "recorded_at", "last_visit", "visits_in_month"],
        f"""select w.household_id, year(w.as_of), w.as_of, {run.stamp}, w.as_of, w.times
        from household_visits_wanted w anti join household_visits_known k
          on w.household_id = k.household_id and w.as_of = k.as_of and w.times = k.visits_in_month
        order by w.household_id, w.as_of""",
    )


def visit_rows(engine: Engine, on: date) -> set[str]:
    """``export_row``: the visits of the twelve months up to a day, a row a visitor, as the workbook writes them."""
    homes(engine, on)
    standing = f"superseded_at is null and taken_back_at is null and household_id is not null and day <= '{on}'"
    columns = ["id", "household_id", "day", "outcome", "why_not", "note", "said"]
    state.load(engine, "visit", Visit, columns, f"{standing} and day > '{on - timedelta(days=365)}'")
    state.load(engine, "visit_by", VisitBy, ["visit_id", "official_id"])
    state.load(engine, "visit_official", Official, ["id", "name"])
    engine.run(
        "rows",
        """create table export_row as select h.household_code, o.name as visitor, v.day, v.outcome,
          nullif(v.why_not, '') as why_not, nullif(v.note, '') as note, nullif(v.said, '') as said, [] as unread
        from home h join visit v using (household_id) join visit_by b on b.visit_id = v.id
        join visit_official o on o.id = b.official_id order by h.household_code, v.day, o.name""",
    )
    return {"household_code", "visitor", "day", "outcome", "why_not", "note", "said"}
