"""Taking in work (务工、公益岗位), loans (小额信贷), and relocation (易地搬迁)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .intake_links import found_rows, met_enterprises
from .models import Loan, Relocation, Work
from .selectors import CHILD
from .taking import Taking, carry, load_known, rejoin, since_unknown, take, without
from .words import YOUNGEST

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run

WORK = Taking(
    "work", Work, ("person_id", "kind", "employer", "post", "valid_from"),
    ("enterprise_id", "organisation", "place", "valid_to", "since_known", "contract", "wage", "returned", "end_reason"),
    "work_twice", by="person_id",
)  # fmt: skip
LOAN = Taking(
    "loan", Loan, ("household_id", "bank", "granted", "number"),
    ("amount", "rate", "due", "use", "purpose", "interest_paid", "repaid", "repaid_on"), "loan_twice", told=False,
)  # fmt: skip
RELOCATION = Taking(
    "relocation", Relocation, ("household_id", "as_of"),
    ("from_place", "site", "contract", "moved_in_on", "old_house", "old_house_down_on", "has_job", "job_on",
     "job_source", "has_school", "school_on", "school_source", "has_clinic", "clinic_on", "clinic_source", "land_there",
     "registered_there", "ties_on", "ties_source"),
    "relocation_twice", fixed={"year": "year(as_of)"},
)  # fmt: skip


def plan_work(run: Run, kind: Kind) -> None:
    """One row a term of work of a member. Whoever is under 16 on its first day goes back. Without a first day it is the
    work that stands, else that of :func:`since_unknown`."""
    name, staged = kind.name, found_rows(run, kind)
    met = met_enterprises(run, name, staged, "employer", "null::varchar")
    run.engine.run(
        "kinds of work",
        f"""update {staged}_known set kind = case when post is not null then 'public_post'
          when place in ('county', 'province', 'outside') then 'away' when place = 'township' then 'local' end
        where kind is null""",
    )
    run.engine.run(
        "work rows",
        f"""create or replace table {name}_row as
        with numbered as (
          select k.sheet, k.row_no, any_value(m.person_id) as person_id, count(distinct m.person_id) as n
          from {staged}_known k join {name}_member m using (household_id, id_number) group by all),
        named as (
          select k.sheet, k.row_no, any_value(m.person_id) as person_id, count(distinct m.person_id) as n
          from {staged}_known k join {name}_member m on m.household_id = k.household_id and m.until is null
            and trim(m.name) = trim(k.person_name)
          where k.id_number is null group by all)
        select k.sheet, k.row_no, k.household_code, coalesce(m.code, '') as person_code, m.person_id, m.birth_date,
          k.kind, coalesce(k.employer, '') as employer, coalesce(k.post, '') as post, p.enterprise_id,
          coalesce(k.organisation, '') as organisation, coalesce(k.place, '') as place, k.as_of,
          k.start_date as valid_from, k.end_date + 1 as valid_to, k.start_date is not null as since_known, k.contract,
          k.wage, coalesce(k.returned, false) as returned, coalesce(k.end_reason, '') as end_reason,
          case when k.kind is null then 'work_kind_unknown'
            when coalesce(u.n, 0) > 1 or coalesce(e.n, 0) > 1 then 'person_two'
            when m.person_id is null then 'person_not_member'
            when m.died then 'work_of_dead'
            when k.start_date > k.as_of then 'start_in_future'
            when k.end_date < k.start_date then 'ends_before_start' end as reason
        from {staged}_known k left join numbered u using (sheet, row_no) left join named e using (sheet, row_no)
        left join {name}_member m on m.household_id = k.household_id
          and m.person_id = case when u.n = 1 then u.person_id when e.n = 1 then e.person_id end
        left join {met} p on p.sheet = k.sheet and p.row_no = k.row_no and p.met = 1""",
    )
    known = load_known(run, WORK)
    run.engine.run(
        "work that stands",
        f"""update {name}_row set valid_from = k.valid_from, since_known = k.since_known from {known} k
        where {name}_row.valid_from is null and k.person_id = {name}_row.person_id and k.kind = {name}_row.kind
          and k.employer = {name}_row.employer and k.post = {name}_row.post
          and (k.valid_to = {name}_row.valid_to or (
            k.valid_from <= {name}_row.as_of and (k.valid_to is null or k.valid_to > {name}_row.as_of)))""",
    )
    since_unknown(run, name)
    without(run, name, "valid_to <= valid_from", "ends_before_start")
    without(run, name, f"birth_date + interval {YOUNGEST} year > valid_from", "work_too_young")
    take(run, WORK)


def plan_loans(run: Run, kind: Kind) -> None:
    """One row a loan. A row with a cell that cannot be read goes back whole: no issue may tell that there is a loan."""
    name, staged = kind.name, found_rows(run, kind)
    run.engine.run(
        "loan rows",
        f"""create or replace table {name}_row as select k.sheet, k.row_no, '' as household_code, '' as person_code,
          k.household_id, k.bank, k.granted, coalesce(k.number, '') as number, k.amount, k.rate, k.due,
          coalesce(k.use, '') as use, coalesce(k.purpose, '') as purpose, k.interest_paid, k.repaid, k.repaid_on,
          case when k.bank is null then 'loan_no_bank' when k.granted is null then 'loan_no_day'
            when f.sheet is not null then 'loan_unreadable'
            when k.granted > k.as_of or k.repaid_on > k.as_of then 'start_in_future'
            when k.due < k.granted or k.repaid_on < k.granted then 'ends_before_start' end as reason
        from {staged}_known k left join (
          select distinct sheet, row_no from {staged}_fault where field <> 'id_number') f using (sheet, row_no)""",
    )
    if not run.opens("bank"):  # what became of a row would tell whether the household has the loan
        own = ", ".join(str(item.id) for item in run.of_kind(name)) or "-1"
        run.engine.run("closed loans", f"update {name}_row set reason = 'loan_closed' where sheet in ({own})")
    rejoin(run, LOAN)
    take(run, LOAN)


_ANSWERS = ("job", "school", "clinic")


def plan_relocations(run: Run, kind: Kind) -> None:
    """One row a household as the list's day knows it. An answer without a day is of the day of the list."""
    name, staged = kind.name, found_rows(run, kind)
    answers = ", ".join(
        f"k.has_{each}, case when k.has_{each} is not null then coalesce(k.{each}_on, k.as_of) end as {each}_on, "
        f"case when k.has_{each} is not null then coalesce(k.source, '') else '' end as {each}_source"
        for each in _ANSWERS
    )
    ties = "(k.land_there is not null or k.registered_there is not null)"
    run.engine.run(
        "relocation rows",
        f"""create or replace table {name}_row as select k.sheet, k.row_no, k.household_code, '' as person_code,
          k.household_id, k.as_of, coalesce(k.from_place, '') as from_place, coalesce(k.site, '') as site,
          coalesce(k.contract, '') as contract, k.moved_in_on,
          coalesce(k.old_house, case when k.old_house_down_on is not null then 'down' end) as old_house,
          k.old_house_down_on, {answers}, k.land_there, k.registered_there,
          case when {ties} then k.as_of end as ties_on,
          case when {ties} then coalesce(k.source, '') else '' end as ties_source,
          case when k.moved_in_on > k.as_of or k.old_house_down_on > k.as_of then 'start_in_future' end as reason
        from {staged}_known k""",
    )
    run.engine.run(
        "answers of no later day",
        " ; ".join(f"update {name}_row set {each}_on = as_of where {each}_on > as_of" for each in _ANSWERS),
    )
    if not run.opens(CHILD):  # who may not see what is said of schooling neither says it nor learns what is known
        run.issues(
            f"""select 'school_closed', '{name}', household_code, '', sheet, row_no, '', '' from {name}_row
            where reason is null and has_school is not null"""
        )
        school = "has_school = null, school_on = null, school_source = ''"
        run.engine.run("closed schooling", f"update {name}_row set {school}")
    rejoin(run, RELOCATION, "true")
    carry(run, RELOCATION, "household_id", "as_of")
    take(run, RELOCATION)
