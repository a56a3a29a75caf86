"""Checks of households and persons at import. Codes, titles and what to do stand in ``register/issues.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import Membership, PersonIdentity
from .overrides import correct_checked_people

if TYPE_CHECKING:
    from .run import Run


def plan_household_checks(run: Run, staged: str, kind: str) -> None:
    """Raise the issues of accepted rows: unreadable cells, one identity fault a person, heads of the household."""
    correct_checked_people(run)
    _cells(run, staged, kind)
    _identity(run, kind)
    _duplicates(run, kind)
    _heads(run, kind)


def _cells(run: Run, staged: str, kind: str) -> None:
    """Unreadable cells of person fields; those of household fields were raised once a household. The head's own ID
    number repeats the person's and is judged there."""
    run.issues(
        f"""select f.code, '{kind}', t.household_code, coalesce(t.person_code, ''), f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {staged}_taken t using (sheet, row_no)
        where f.field not in (select column_name from duckdb_columns() where table_name = 'household_fields')
          and f.field <> 'head_id_number'"""
    )


def _identity(run: Run, kind: str) -> None:
    """On sound numbers only, and one fault a person: the number names another birth date, or another sex."""
    run.engine.run(
        "identity faults",
        """create or replace table identity_fault as select *, case
          when birth_date is not null and strftime(birth_date, '%Y%m%d') <> id_number[7:14] then 'birth_mismatch'
          when sex is not null and (id_number[17:17]::int % 2 = 1) <> (sex = 'male') then 'sex_mismatch' end as fault
        from person_checked where id_sound""",
    )
    run.issues(
        f"""select fault, '{kind}', household_code, coalesce(person_code, ''), sheet, row_no,
          case fault when 'birth_mismatch' then 'birth_date' else 'sex' end, id_number
        from identity_fault where fault is not null"""
    )


def _duplicates(run: Run, kind: str) -> None:
    """The same sound number in two households, within the set or against the register: both are listed."""
    columns = ["person_id", "id_number", "as_of"]
    which = run.among("id_number", "select distinct id_number from identity_fault where fault is null")
    run.load_state("number_known", PersonIdentity, columns, f"superseded_at is null and id_sound and {which}")
    run.engine.run(
        "newest numbers",
        """create or replace table number_known as select * from number_known
        where id_number in (select id_number from identity_fault where fault is null)
          and person_id not in (select new_id from person_plan)
        qualify row_number() over (partition by person_id order by as_of desc) = 1""",
    )
    which = run.among("person_id", "select person_id from number_known")
    run.load_state("number_member", Membership, ["person_id", "household_id"], f"valid_to is null and {which}")
    run.load_state_household_codes("number_household", "select household_id from number_member")
    run.engine.run(
        "numbers twice",
        """create or replace table number_twice as
        with listed as (
          select id_number, household_id, household_code, coalesce(person_code, '') as person, sheet, row_no
            from identity_fault where fault is null
          union all select k.id_number, m.household_id, h.code, '', null, null from number_known k
            join number_member m using (person_id) join number_household h on h.id = m.household_id)
        select * from listed where id_number in
          (select id_number from listed group by id_number having count(distinct household_id) > 1)""",
    )
    run.issues(
        f"select 'duplicate_person', '{kind}', household_code, person, sheet, row_no, 'id_number', "
        f"id_number from number_twice"
    )


def _heads(run: Run, kind: str) -> None:
    """A household has exactly one head. Where a relation is blank the count is not sure, so only two heads are
    certain; no head at all is reported also then, since a head must be named. A sheet without the column says
    nothing of heads."""
    asked = [str(item.id) for item in run.of_kind(kind) if "relation" in item.sheet.columns]
    if not asked:
        return
    run.issues(
        f"""select case when heads = 0 then 'no_head' else 'two_heads' end, '{kind}', household_code, '', sheet,
          row_no, 'relation', ''
        from (select household_code, count(*) filter (where relation = 'head') as heads, min(sheet) as sheet,
          min(row_no) as row_no
          from person_checked group by household_code having bool_or(sheet in ({", ".join(asked)}))) where heads <> 1"""
    )
