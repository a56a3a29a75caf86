"""Taking in the household and person workbook (户人信息): one row a person, the household's fields repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models import (
    Household,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdMonitoring,
    HouseholdProfile,
    Membership,
    Person,
    PersonCondition,
    PersonIdentity,
    Residence,
    StatusPeriod,
)
from .blocks import CELLS, block_fields, plan_block, sql_type
from .checks import plan_household_checks
from .decided import hold_decided
from .grants import OUTSIDE, leave_out_households
from .holding import hold_ended, hold_households, hold_people, load_events
from .lookup import find_villages, refuse_foreign, same
from .overrides import settle_disagreements, settle_faults
from .people import match_people
from .periods import plan_periods

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind

    from ..models import FactBlock
    from .run import Run

HOUSEHOLD_BLOCKS: tuple[type[FactBlock], ...] = (HouseholdProfile, HouseholdLiving, HouseholdIncome)
PERSON_BLOCKS: tuple[type[FactBlock], ...] = (PersonIdentity, PersonCondition)
PLACE = ("city", "county", "township", "village")
PERSON_SIGNS = ("person_code", "name", "id_number", "birth_date")
"""A row with none of these says nothing of a person."""


def plan_households(run: Run, kind: Kind) -> None:
    """Plan households, persons, memberships, statuses and their facts; leaves ``household_now`` for later intakes."""
    staged = run.stage(kind)
    place = [column for column in PLACE if column == "village" or _filled(run, staged, column)]
    found = find_villages(run, staged, place)
    refuse_foreign(run, staged, found, place)
    _judge_households(run, staged, found, place, kind.name)
    _reject(run, staged, kind.name)
    settle_faults(
        run,
        staged,
        "household",
        f"select t.sheet, t.row_no, p.known_id as subject from {staged} t "
        "join household_plan p on p.code = t.household_code",
    )
    _gather_household_fields(run, staged, kind)
    match_people(run, staged, PERSON_SIGNS)
    settle_faults(run, staged, "person", "select sheet, row_no, known_id as subject from person_plan")
    run.issue_scope(kind.name, "select code from household_plan")
    plan_household_checks(run, staged, kind.name)
    fates = _write_households(run, kind)
    fates += _write_people(run, staged)
    _row_fates(run, fates)


def _filled(run: Run, staged: str, column: str) -> bool:
    return bool(run.engine.one(f"select count({column}) from {staged}")[0])


def _judge_households(run: Run, staged: str, found: str, place: list[str], kind: str) -> None:
    """Which households are taken: the village is found, and one code means one household. Two spellings of one
    village are one, and a blank beside a name is no second village."""
    names = ", ".join(f"s.{column}" for column in place if column != "city")
    filled = " and ".join(f"s.{column} is not null" for column in place if column != "city")
    named = f"case when {filled} then coalesce(f.area_id::varchar, concat_ws('/', {names})) end"
    conflict = f"count(distinct {named}) > 1 or count(distinct s.head_name) > 1"
    run.engine.run(
        "households",
        f"""create or replace table household_seen as
        select s.household_code as code,
          min(struct_pack(sheet := s.sheet, row_no := s.row_no)) as first_row, any_value(f.area_id) as area_id,
          case when {conflict} then 'household_conflict' when count(f.area_id) = 0 then 'unknown_village' end as reason
        from {staged} s left join {found} f on {same("s", "f", place)}
        where s.household_code is not null group by s.household_code""",
    )
    which = run.among("code", "select code from household_seen")
    run.load_state("household_known", Household, ["id", "code"], which)
    leave_out_households(run, staged)
    run.engine.run(
        "household plan",
        """create or replace table household_plan as
        select s.code, s.first_row.sheet as sheet, s.first_row.row_no as row_no, s.area_id, k.id as known_id, k.id as
          new_id
        from household_seen s left join household_known k using (code) where s.reason is null""",
    )
    run.number("household_plan", Household, "sheet, row_no")
    run.engine.run(
        "household index", "create or replace table household_now as select code, new_id as id from household_plan"
    )
    doubtful = f"household_seen where reason is not null and reason <> '{OUTSIDE}'"
    run.issue_scope(kind, f"select code from {doubtful}")
    run.issues(
        f"select reason, '{kind}', code, '', first_row.sheet, first_row.row_no, "
        f"case reason when 'unknown_village' then "
        f"'village' else 'household_code' end, '' from {doubtful}"
    )


def _reject(run: Run, staged: str, kind: str) -> None:
    run.rejects(
        f"""select s.sheet, s.row_no, case when h.reason = '{OUTSIDE}' then '' else coalesce(s.household_code, '') end,
          coalesce(h.reason, 'no_household_code')
        from {staged} s left join household_seen h on h.code = s.household_code
        where s.household_code is null or h.reason is not null"""
    )
    run.issues(
        f"select 'no_household_code', '{kind}', '', '', sheet, row_no, 'household_code', '' from {staged} "
        "where household_code is null"
    )
    run.engine.run(
        "accepted rows",
        f"""create or replace view {staged}_taken as select s.*, p.new_id as household_id
        from {staged} s join household_plan p on p.code = s.household_code""",
    )


def _blocks(run: Run, kind: Kind) -> tuple[type[FactBlock], ...]:
    """The blocks of households that the sheets speak of: that of monitoring only where one has a column of it."""
    monitoring = set(block_fields(HouseholdMonitoring))
    asked = any(monitoring.intersection(item.sheet.columns) for item in run.of_kind(kind.name))
    return (*HOUSEHOLD_BLOCKS, HouseholdMonitoring) if asked else HOUSEHOLD_BLOCKS


def _household_fields(run: Run, kind: Kind) -> list[str]:
    known = {item.name for item in kind.fields}
    listed = [field for model in _blocks(run, kind) for field in block_fields(model)]
    return [field for field in [*listed, "registration", "group_name"] if field in known]


def _gather_household_fields(run: Run, staged: str, kind: Kind) -> None:
    """One row a household: a field is what its rows agree on; blanks beside a value do not count as disagreement,
    two values or an unreadable cell make it unknown."""
    fields = _household_fields(run, kind)
    lowest = ", ".join(f"min({field}) as {field}, max({field}) as {field}_max" for field in fields)
    run.engine.run(
        "household fields",
        f"create or replace table household_fields as select household_id, {lowest} "
        f"from {staged}_taken group by household_id",
    )
    run.engine.run(
        "household faults",
        f"""create or replace table household_fault as
        select t.household_id, t.household_code as code, f.field, any_value(f.header) as header, any_value(f.value
          order by f.sheet, f.row_no) as value,
          any_value(f.code order by f.sheet, f.row_no) as fault, min(struct_pack(sheet := f.sheet, row_no :=
            f.row_no)) as place
        from {staged}_fault f join {staged}_taken t using (sheet, row_no)
        where f.field in ({_quoted(fields)}) group by t.household_id, t.household_code, f.field""",
    )
    for (field,) in run.engine.rows("select distinct field from household_fault"):
        run.engine.run(
            f"unreadable {field}",
            f"update household_fields set {field} = null, {field}_max = null "
            f"where household_id in (select household_id from household_fault where field = '{field}')",
        )
    run.issues(f"select fault, '{kind.name}', code, '', place.sheet, place.row_no, header, value from household_fault")
    for field in _disagreeing(run, fields):
        _disagreement(run, staged, kind.name, field)
    settle_disagreements(run)


def _disagreeing(run: Run, fields: list[str]) -> list[str]:
    """Fields that rows of one household fill differently, found in one pass."""
    if not fields:
        return []
    counts = ", ".join(f"count(*) filter (where {field} is distinct from {field}_max)" for field in fields)
    found = run.engine.one(f"select {counts} from household_fields")
    return [field for field, count in zip(fields, found, strict=True) if count]


def _disagreement(run: Run, staged: str, kind: str, field: str) -> None:
    clause = f"{field} is distinct from {field}_max"
    run.issues(
        f"""select 'rows_disagree', '{kind}', t.household_code, '', min(t.sheet), min(t.row_no), '{field}',
          string_agg(distinct t.{field}::varchar, ' / ')
        from {staged}_taken t join household_fields h using (household_id) where
          h.{clause.replace(f" {field}_max", f" h.{field}_max")}
        group by t.household_code"""
    )
    run.engine.run(f"disagree {field}", f"update household_fields set {field} = null where {clause}")


def _write_households(run: Run, kind: Kind) -> list[str]:
    """Plan identity, residence, status and the household's blocks. Returns engine tables (household_id, fate)."""
    run.insert(
        Household, ["id", "code"], "select new_id, code from household_plan where known_id is null order by new_id"
    )
    run.engine.run(
        "residence",
        """create or replace table residence_staged as select p.new_id as household_id, p.area_id, f.group_name
        from household_plan p join household_fields f on f.household_id = p.new_id""",
    )
    run.engine.run("no group", "update residence_staged set group_name = '' where group_name is null")
    run.engine.run(
        "status",
        "create or replace table status_staged as select household_id, registration as value from household_fields "
        "where registration is not null",
    )
    load_events(run)
    hold_households(run)
    hold_decided(run, "status_staged", StatusPeriod.Axis.REGISTRATION.value, kind.name, "registration")
    fates = [
        plan_periods(run, Residence, "residence_staged", subject="household_id", values=["area_id", "group_name"]),
        plan_periods(
            run,
            StatusPeriod,
            "status_staged",
            subject="household_id",
            values=["value"],
            constants={"axis": StatusPeriod.Axis.REGISTRATION.value},
        ),
    ]
    known = _columns_of(run, "household_fields")
    for model in _blocks(run, kind):
        staged = f"{model._meta.db_table}_staged"
        columns = ", ".join(_column("f", field, sql_type(item), known) for field, item in block_fields(model).items())
        run.engine.run(
            staged,
            f"""create or replace table {staged} as select p.new_id as household_id, date '{run.as_of}' as as_of,
              p.sheet,
              p.row_no, u.unreadable, {columns}
            from household_plan p join household_fields f on f.household_id = p.new_id
            left join (select household_id, {CELLS} as unreadable
              from household_fault where field in ({_quoted(list(block_fields(model)))}) group by household_id) u
              on u.household_id = p.new_id""",
        )
        if model is HouseholdMonitoring:
            fates.append(_monitored(run, staged, kind.name))
        fates.append(plan_block(run, model, staged, "household_id"))
    return [f"select household_id, fate from {table}" for table in fates]


def _monitored(run: Run, staged: str, kind: str) -> str:
    """A list of many households says something of the few that are monitored: the others get no row.

    With it goes the status: the kind, or that the risk is removed. Where it is blank whether the risk is removed, the
    status stays as it was. Returns an engine table (household_id, fate).
    """
    blank = " and ".join(f"{name} is null" for name in block_fields(HouseholdMonitoring))
    run.engine.run("not monitored", f"delete from {staged} where {blank} and unreadable is null")
    run.engine.run(
        "monitoring status",
        """create or replace table monitoring_staged as select household_id,
          case when risk_removed then 'risk_removed' else monitored_kind end as value
        from """
        f"{staged} where risk_removed or (not risk_removed and monitored_kind is not null)",
    )
    hold_ended(run, "monitoring_staged")
    hold_decided(run, "monitoring_staged", StatusPeriod.Axis.MONITORING.value, kind, "monitored_kind")
    return plan_periods(
        run,
        StatusPeriod,
        "monitoring_staged",
        subject="household_id",
        values=["value"],
        constants={"axis": StatusPeriod.Axis.MONITORING.value},
    )


def _write_people(run: Run, staged: str) -> list[str]:
    run.insert(
        Person,
        ["id", "code"],
        "select new_id, coalesce(person_code, '') from person_plan where known_id is null order by new_id",
    )
    run.engine.run(
        "membership",
        "create or replace table membership_staged as select new_id as person_id, household_id from person_plan",
    )
    hold_people(run)
    member_fate = plan_periods(
        run,
        Membership,
        "membership_staged",
        subject="person_id",
        values=["household_id"],
        extra={"since_known": "false", "confirmed_on": f"date '{run.as_of}'"},
    )
    fates = [f"select household_id, fate from {member_fate}"]
    known = _columns_of(run, "staged_household_person")
    for model in PERSON_BLOCKS:
        block = f"{model._meta.db_table}_staged"
        columns = ", ".join(_column("t", field, sql_type(item), known) for field, item in block_fields(model).items())
        run.engine.run(
            block,
            f"""create or replace table {block} as select p.new_id as person_id, date '{run.as_of}' as as_of, t.sheet,
              t.row_no, u.unreadable, {columns}
            from person_plan p join {staged}_taken t using (sheet, row_no)
            left join (select sheet, row_no, {CELLS} as unreadable
              from {staged}_fault where field in ({_quoted(list(block_fields(model)))}) and code not like 'id\\_%'
                escape '\\'
              group by all) u using (sheet, row_no)""",
        )
        fate = plan_block(run, model, block, "person_id")
        fates.append(
            f"select p.household_id, p.sheet, p.row_no, f.fate "
            f"from {fate} f join person_plan p on p.new_id = f.person_id"
        )
    _close_memberships(run)
    return fates


def _close_memberships(run: Run) -> None:
    """A newer export that no longer lists a person ends the membership; one of the same day only raises an issue,
    since it may be a corrected part of the list."""
    which = run.among("household_id", "select new_id from household_plan where known_id is not null")
    columns = ["id", "person_id", "household_id", "valid_from", "confirmed_on"]
    run.load_state("membership_open", Membership, columns, f"valid_to is null and {which}")
    run.engine.run(
        "missing members",
        f"""create or replace table membership_missing as select m.* from membership_open m
        join household_plan h on h.new_id = m.household_id
        where m.person_id not in (select new_id from person_plan) and m.valid_from <= date '{run.as_of}'
          and m.person_id not in (select person_id from event_kept)""",
    )
    day = f"date '{run.as_of}'"
    run.update(
        Membership,
        "valid_to = %s",
        f"select {day}, id from membership_missing where confirmed_on < {day} and valid_from < {day}",
    )
    run.issues(
        f"""select 'member_missing', 'household_person', h.code, '', h.sheet, h.row_no, '', '' from membership_missing m
        join household_plan h on h.new_id = m.household_id where m.confirmed_on = {day} group by all"""
    )
    run.update(
        Membership,
        "confirmed_on = %s",
        f"""select {day}, m.id from membership_open m join person_plan p
          on p.new_id = m.person_id and p.household_id = m.household_id where m.confirmed_on < {day}""",
    )


def _row_fates(run: Run, fates: list[str]) -> None:
    """A row is created when its person is new, updated when anything it says of person or household is new."""
    run.fates("select sheet, row_no, 'rejected' from reject")
    run.fates("select sheet, row_no, case when known_id is null then 'created' else 'unchanged' end from person_plan")
    run.fates("select sheet, row_no, 'unchanged' from row_without_person")
    changed = " union ".join(
        f"select household_id from ({fate}) where fate <> 'unchanged'" for fate in fates if "row_no" not in fate
    )
    run.fates(
        "select p.sheet, p.row_no, 'updated' from row_household p where household_id in "
        f"({changed}) and household_id not in (select new_id from household_plan where known_id is null)"
    )
    for fate in fates:
        if "row_no" in fate:
            run.fates(f"select sheet, row_no, 'updated' from ({fate}) where fate = 'updated'")


def _columns_of(run: Run, table: str) -> set[str]:
    """Asked once for all blocks: it costs the engine as much as a small query."""
    asked = "select column_name from duckdb_columns() where table_name = ?"
    return {row[0] for row in run.engine.rows(asked, [table])}


def _column(alias: str, field: str, type_: str, known: set[str]) -> str:
    """A staged field in the type of its block; a fact that no workbook of the kind has is NULL."""
    if field in {"id_sound", "id_number"}:  # a number that is not sound is kept as written, and never matched
        return f"p.{field}"
    if field == "study_unclear":  # a mark in 在校生状况 says neither in school nor out of it
        return "case when json_exists(u.unreadable, '$.study') then true end as study_unclear"
    return f"{alias}.{field}::{type_} as {field}" if field in known else f"null::{type_} as {field}"


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
