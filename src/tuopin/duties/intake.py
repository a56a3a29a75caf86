"""Taking in the helpers' workbook (帮扶责任人)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.importing.waiting import known_rows

from .models import Helper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run
    from tuopin.register.models import RegisterEvent


def uses_of_event(event: RegisterEvent) -> Iterator[Title]:
    """A helper answers for the household that an event made."""
    made = event.changes.get("made", {}).get("household")
    if made is not None and Helper.objects.filter(household_id=made).exists():
        yield Title("新户已有帮扶责任人", "somebody answers for the new household")


DETAILS = ("unit", "unit_relation", "post", "sex", "politics", "phone")


def plan_helpers(run: Run, kind: Kind) -> None:
    """One row a helper and household. The same helper from the same day is one term: a later export may end it."""
    staged = run.stage(kind)
    known_rows(run, kind, staged)
    _stage(run, kind, staged)
    _compare(run)
    _write(run)
    run.fates("select sheet, row_no, fate from helper_plan")
    run.fates(
        f"select k.sheet, k.row_no, 'rejected' from {staged}_known k anti join helper_staged s using (sheet, row_no)"
    )
    _issues(run, kind, staged)


def _stage(run: Run, kind: Kind, staged: str) -> None:
    """Terms as [from, to): the workbook's end date is the last day of duty. Of two live on one day the second in the
    file is the assistant."""
    known = {item.name for item in kind.fields}
    details = ", ".join(f"coalesce({name}, '') as {name}" if name in known else f"'' as {name}" for name in DETAILS)
    run.engine.run(
        "helpers",
        f"""create or replace table helper_staged as
        with term as (
          select sheet, row_no, household_id, household_code, helper_name as name, {details},
            coalesce(start_date, as_of) as valid_from, end_date + 1 as valid_to, start_date is not null as
              since_known, as_of
          from {staged}_known where helper_name is not null)
        select *, valid_from <= as_of and (valid_to is null or valid_to > as_of) as live
        from term where (valid_to is null or valid_to > valid_from)
        qualify row_number() over (partition by household_id, name, valid_from order by sheet, row_no) = 1""",
    )
    run.engine.run(
        "roles",
        """create or replace table helper_staged as select *, case
          when live and row_number() over (partition by household_id, live order by sheet, row_no) > 1
            then 'assistant' else 'helper' end as role
        from helper_staged""",
    )


def _compare(run: Run) -> None:
    columns = ["id", "household_id", "role", "name", *DETAILS, "valid_from", "valid_to"]
    which = run.among("household_id", "select distinct household_id from helper_staged")
    run.load_state("helper_known", Helper, columns, which)
    run.engine.run("blank details", "".join(f"update helper_known set {d} = '' where {d} is null;" for d in DETAILS))
    same = " and ".join(f"s.{column} is not distinct from k.{column}" for column in (*DETAILS, "valid_to", "role"))
    run.engine.run(
        "compare helpers",
        f"""create or replace table helper_plan as select s.*, k.id as known_id,
          case when k.id is null then 'created' when {same} then 'unchanged' else 'updated' end as fate
        from helper_staged s left join helper_known k using (household_id, name, valid_from)""",
    )
    # a helper of the register who is still on duty and not named in this export leaves room for no second one
    run.engine.run(
        "second helpers",
        """update helper_plan set role = 'assistant' where fate = 'created' and role = 'helper' and valid_to is null
        and household_id in (select household_id from helper_known k where role = 'helper' and valid_to is null
          and not exists (select 1 from helper_plan p where p.known_id = k.id))""",
    )


def _write(run: Run) -> None:
    run.update(
        Helper,
        ", ".join(f"{column} = %s" for column in (*DETAILS, "valid_to", "role")),
        f"select {', '.join(DETAILS)}, valid_to, role, known_id from helper_plan where fate = 'updated' "
        "order by valid_to nulls last",  # ends before openings: one helper a household at any moment
    )
    columns = ["household_id", "role", "name", *DETAILS, "valid_from", "valid_to", "since_known", "sheet_id", "row"]
    run.insert(
        Helper,
        columns,
        f"select household_id, role, name, {', '.join(DETAILS)}, valid_from, valid_to, since_known, sheet, row_no "
        "from helper_plan where fate = 'created' order by sheet, row_no",
    )


def _issues(run: Run, kind: Kind, staged: str) -> None:
    run.issue_scope(kind.name, f"select distinct household_code from {staged}_known")
    run.issues(
        f"""select 'two_live_helpers', '{kind.name}', household_code, '', sheet, row_no, 'helper_name', ''
        from helper_plan where role = 'assistant'"""
    )
    run.issues(
        f"""select case when k.helper_name is null then 'no_helper_name' when k.end_date < k.start_date then
          'end_before_start'
          else 'duplicate_row' end, '{kind.name}', k.household_code, '', k.sheet, k.row_no, 'helper_name', ''
        from {staged}_known k anti join helper_staged s using (sheet, row_no)"""
    )
    run.issues(
        f"""select f.code, '{kind.name}', k.household_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {staged}_known k using (sheet, row_no)"""
    )


INTAKES = {"helper": plan_helpers}
