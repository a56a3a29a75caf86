"""Rows about households that have not come yet (待关联): they wait, and apply in the run that brings the household."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import Household, WaitingRow
from .grants import keep_asleep, leave_out_known, within_text

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind

    from .run import Run


def known_rows(run: Run, kind: Kind, staged: str) -> None:
    """Split the rows of a kind into those whose household is known and those that wait.

    Makes ``{staged}_known``: the staged columns with ``household_id`` and ``as_of``; rows that waited since an earlier
    run and whose household is known now are among them (with their own sheet and row). Rows without a household code
    are rejected.
    """
    fields = [item.name for item in kind.fields]
    _codes_known(run, kind, staged)
    listed = ", ".join(f"s.{field}" for field in fields)
    run.engine.run(
        f"known {kind.name}",
        f"""create or replace table {staged}_known as select s.sheet, s.row_no, {listed}, h.id as household_id,
          date '{run.as_of}' as as_of
        from {staged} s join {staged}_code h on h.code = s.household_code""",
    )
    run.rejects(f"select sheet, row_no, '', 'no_household_code' from {staged} where household_code is null")
    run.fates(f"select sheet, row_no, 'rejected' from {staged} where household_code is null")
    run.fates(
        f"select s.sheet, s.row_no, 'waiting' from {staged} s anti join {staged}_code h on h.code = s.household_code "
        "where s.household_code is not null"
    )
    leave_out_known(run, staged)
    _store_waiting(run, kind, staged, fields)
    _wake(run, kind, staged, fields)


def _codes_known(run: Run, kind: Kind, staged: str) -> None:
    """``{staged}_code``: households of the register and of this set that the rows, or rows that wait, speak of."""
    if not run.engine.rows("select 1 from duckdb_tables() where table_name = 'household_now'"):
        run.engine.run("no households", "create table household_now (code text, id bigint)")
    asked = f"select distinct household_code from {staged} where household_code is not null"
    run.load_state(f"{staged}_register", Household, ["id", "code"], run.among("code", asked))
    run.engine.run(
        f"codes {kind.name}",
        f"""create or replace table {staged}_code as select code, id from household_now
        union select code, id from {staged}_register where code not in (select code from household_now)""",
    )


def _store_waiting(run: Run, kind: Kind, staged: str, fields: list[str]) -> None:
    """Each waiting row is stored once, however often the same workbook is imported."""
    values = ", ".join(f"'{field}', s.{field}::varchar" for field in fields)
    run.engine.run(
        f"waiting {kind.name}",
        f"""create or replace table {staged}_waiting as
        select s.sheet, s.row_no, s.household_code, json_object({values})::varchar as "values",
          sha256(json_object({values})::varchar) as digest
        from {staged} s anti join {staged}_code h on h.code = s.household_code where s.household_code is not null
        qualify row_number() over (partition by household_code, digest order by s.sheet, s.row_no) = 1""",
    )
    which = run.among("household_code", f"select distinct household_code from {staged}_waiting")
    run.load_state(
        f"{staged}_stored",
        WaitingRow,
        ["household_code", "digest"],
        f"kind = '{kind.name}' and applied_at is null and {which}",
    )
    columns = [
        "kind",
        "household_code",
        "sheet_id",
        "row",
        "values",
        "digest",
        "as_of",
        "year",
        "recorded_at",
        "within",
    ]
    run.insert(
        WaitingRow,
        columns,
        f"""select '{kind.name}', w.household_code, w.sheet, w.row_no, w."values", w.digest, date '{run.as_of}',
          {run.year}, {run.stamp}, '{within_text(run)}'
        from {staged}_waiting w anti join {staged}_stored s using (household_code, digest) order by w.sheet,
          w.row_no""",
    )


def _wake(run: Run, kind: Kind, staged: str, fields: list[str]) -> None:
    """Rows of earlier imports whose household is known now apply with the day they had."""
    which = run.among("household_code", "select code from household_now")
    columns = ["id", "household_code", "sheet_id", "row", "values", "as_of", "within"]
    run.load_state(f"{staged}_waking", WaitingRow, columns, f"kind = '{kind.name}' and applied_at is null and {which}")
    keep_asleep(run, f"{staged}_waking")
    types: dict[str, str] = dict(
        run.engine.rows("select column_name, data_type from duckdb_columns() where table_name = ?", [staged])
    )
    listed = ", ".join(f"""(w."values"->>'{field}')::{types[field]}""" for field in fields)
    run.engine.run(
        f"wake {kind.name}",
        f"""insert into {staged}_known (sheet, row_no, {", ".join(fields)}, household_id, as_of)
        select w.sheet_id, w.row, {listed}, h.id, w.as_of from {staged}_waking w join household_now h on h.code =
          w.household_code""",
    )
    run.update(
        WaitingRow,
        "applied_at = %s",
        f"""select {run.stamp}, w.id from {staged}_waking w join household_now h on h.code = w.household_code""",
    )
