"""Taking in attendance sheets (驻村考勤): a row a member and month, a column a day.

A member is known by name among who was on the village's team in the month. A blank or unreadable day is unknown. What
the township has confirmed no workbook changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register.importing.grants import OUTSIDE, inside
from tuopin.register.importing.intake_areas import load_tree

from ..models import Assignment, PresenceSheet
from . import rules

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run

DAYS = range(1, 32)


def plan_presence(run: Run, kind: Kind) -> None:
    """One row a member's month."""
    staged = run.stage(kind)
    load_tree(run)
    _members(run)
    _rows(run, staged)
    _compare(run)
    run.update(
        PresenceSheet,
        "marks = %s, present = %s, unknown = %s, kept_at = %s, sheet_id = %s, row = %s, kept_by = %s",
        f"""select marks, present, unknown, {run.stamp}, sheet, row_no, cast(null as bigint), known_id
        from presence_plan where fate = 'updated' order by known_id""",
    )
    run.insert(
        PresenceSheet,
        ["official_id", "area_id", "month", "marks", "notes", "present", "unknown", "kept_at", "sheet_id", "row"],
        f"""select official_id, area_id, first, marks, '{{}}', present, unknown, {run.stamp}, sheet, row_no
        from presence_plan where fate = 'created' order by sheet, row_no""",
    )
    run.fates("select sheet, row_no, fate from presence_plan")
    run.fates("select sheet, row_no, 'rejected' from presence_row where reason is not null")
    run.rejects(
        f"""select sheet, row_no, case when reason = '{OUTSIDE}' then '' else coalesce(area_code, '') end, reason
        from presence_row where reason is not null"""
    )
    run.issue_scope(kind.name, "select distinct area_code from presence_plan")
    run.issues(
        f"""select f.code, '{kind.name}', p.area_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join presence_plan p using (sheet, row_no)"""
    )
    known = ", ".join(f"'{word}'" for word in rules.words())
    run.issues(
        f"""select 'bad_code', '{kind.name}', p.area_code, '', u.sheet, u.row_no, u.day[2:] || '日', left(u.value, 20)
        from (unpivot {staged} on {", ".join(f"d{at}" for at in DAYS)} into name day value value) u
        join presence_plan p using (sheet, row_no) where trim(u.value) not in ({known}, '')"""
    )


def _members(run: Run) -> None:
    roles = ", ".join(f"'{each}'" for each in rules.ROLES)
    run.load_state(
        "presence_member", Assignment, ["official_id", "area_id", "name", "valid_from", "valid_to"],
        f"area_id is not null and role in ({roles})",
    )  # fmt: skip


def _letter(column: str) -> str:
    """SQL: the letter of a day; ? for what is blank, and for what no sheet writes."""
    whens = " ".join(f"when '{word}' then '{letter}'" for word, letter in rules.words().items())
    return f"(case trim({column}) {whens} else '{rules.UNKNOWN}' end)"


def _rows(run: Run, staged: str) -> None:
    """``presence_row``: every row with village, member and letters, or the reason why it is refused."""
    within = "true" if run.ranges is None else inside(run.ranges, "a.path")
    letters = " || ".join(_letter(f"d{at}") for at in DAYS)
    run.engine.run(
        "presence rows",
        f"""create or replace table presence_row as
        with given as (
          select sheet, row_no, trim(area_code) as area_code, trim(member) as member,
            try_cast(month || '-01' as date) as first, {letters} as letters
          from {staged}),
        placed as (
          select g.*, a.area_id, a.path, a.level, last_day(g.first) as last,
            left(g.letters, day(last_day(g.first))) as marks,
            substr(g.letters, day(last_day(g.first)) + 1) as beyond, {within} as mine
          from given g left join area_now a on a.code = g.area_code),
        found as (
          select p.sheet, p.row_no, any_value(m.official_id) as official_id, count(distinct m.official_id) as n
          from placed p join presence_member m on m.area_id = p.area_id and m.name = p.member
            and m.valid_from <= p.last and (m.valid_to is null or m.valid_to > p.first) group by all)
        select p.*, f.official_id,
          case when p.first is null or p.member is null then 'presence_blank'
            when p.area_id is null or p.level <> 'village' then 'presence_no_village'
            when not p.mine then '{OUTSIDE}'
            when p.first > date '{run.as_of}' or p.first < date '2000-01-01'
              or (p.last > date '{run.as_of}' and replace(substr(p.marks, day(date '{run.as_of}') + 1), '?', '') <> '')
              or replace(p.beyond, '?', '') <> '' then 'presence_day_to_come'
            when f.n > 1 then 'presence_two_members'
            when f.n is null then 'presence_no_member' end as reason
        from placed p left join found f using (sheet, row_no)""",
    )
    run.engine.run(
        "presence twice",
        """update presence_row set reason = 'presence_twice' from (
          select sheet, row_no from presence_row where reason is null
          qualify row_number() over (partition by official_id, area_id, first order by sheet, row_no) > 1) d
        where d.sheet = presence_row.sheet and d.row_no = presence_row.row_no""",
    )


def _compare(run: Run) -> None:
    which = run.among("area_id", "select distinct area_id from presence_row where reason is null")
    columns = ["id", "official_id", "area_id", "month", "marks", "confirmed_at"]
    run.load_state("presence_known", PresenceSheet, columns, which)
    run.engine.run(
        "presence confirmed",
        """update presence_row set reason = 'presence_confirmed' from presence_known k
        where presence_row.reason is null and k.official_id = presence_row.official_id
          and k.area_id = presence_row.area_id and k.month = presence_row.first
          and k.confirmed_at is not null and k.marks <> presence_row.marks""",
    )
    run.engine.run(
        "presence plan",
        """create or replace table presence_plan as
        select r.sheet, r.row_no, r.area_code, r.area_id, r.official_id, r.first, r.marks, k.id as known_id,
          length(r.marks) - length(replace(r.marks, 'P', '')) as present,
          length(r.marks) - length(replace(r.marks, '?', '')) as unknown,
          case when k.id is null then 'created' when k.marks = r.marks then 'unchanged' else 'updated' end as fate
        from presence_row r left join presence_known k
          on k.official_id = r.official_id and k.area_id = r.area_id and k.month = r.first
        where r.reason is null""",
    )
