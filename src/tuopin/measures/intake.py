"""Taking in payment lists (补贴发放名单): who received what, matched by ID number or within the household.

Nothing is lost: a row whose household has not come waits, one that cannot be matched is given back with its reason, one
about somebody who had died or left is taken in and reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.importing.waiting import known_rows

from . import finding
from .livelihood import kinds as livelihood
from .models import Benefit, HelpPlan, IncomeWorksheet, Payment, PlannedMeasure
from .policies import policies
from .projects import intake as projects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run
    from tuopin.register.models import RegisterEvent


def uses_of_event(event: RegisterEvent) -> Iterator[Title]:
    """Payments, plans, worksheets and what projects give rest on the household or the member that an event made."""
    made = event.changes.get("made", {})
    household = made.get("household")
    if household is not None and Payment.objects.filter(household_id=household).exists():
        yield Title("新户已有补贴发放记录", "payments are recorded for the new household")
    written = (HelpPlan, IncomeWorksheet, Benefit)
    if household is not None and any(each.objects.filter(household_id=household).exists() for each in written):
        yield Title("新户已有帮扶计划、明白卡或受益记录", "plans, worksheets or projects name the new household")
    person = made.get("person")
    given = (Payment, Benefit, PlannedMeasure)
    if person is not None and any(each._default_manager.filter(person_id=person).exists() for each in given):
        yield Title("新成员已有补贴、计划或受益记录", "payments, plans or projects name the new member")
    yield from livelihood.uses_of_event(event)


def plan_payments(run: Run, kind: Kind) -> None:
    """One row a payment. The same policy, receiver, day and document is the same payment: another amount is a new
    version of it."""
    staged = run.stage(kind)
    finding.load_numbers(run, staged, "payment")
    finding.households_by_number(run, staged, "payment", "payment_nobody", "payment_two_persons")
    known_rows(run, kind, staged)
    finding.load_members(run, staged, "payment")
    _receivers(run, staged)
    _doubles(run)
    _compare(run)
    _write(run)
    run.fates("select sheet, row_no, fate from payment_plan")
    run.fates("select sheet, row_no, 'rejected' from payment_row where reason is not null")
    run.rejects("select sheet, row_no, household_code, reason from payment_row where reason is not null")
    _issues(run, kind, staged)


# -- who received -------------------------------------------------------------------------------------------------


def _receivers(run: Run, staged: str) -> None:
    """``payment_row``: every row with its receiver, or the reason why it is refused. By the number among those who are
    or were members; without one by a name that only one member has, else only one who was: died or left, which is
    reported."""
    levels = ", ".join(f"('{each.key}', '{each.level}')" for each in policies().values())
    run.engine.run(
        "receivers",
        f"""create or replace table payment_row as
        with numbered as (
          select k.sheet, k.row_no, any_value(m.person_id) as person_id, count(distinct m.person_id) as n
          from {staged}_known k join payment_member m using (household_id, id_number) group by all),
        namesake as (
          select k.sheet, k.row_no, m.person_id
          from {staged}_known k join payment_member m on m.household_id = k.household_id
            and trim(m.name) = trim(k.receiver)
          where k.id_number is null
          qualify m.until is null or not bool_or(m.until is null) over (partition by k.sheet, k.row_no)),
        named as (
          select sheet, row_no, any_value(person_id) as person_id, count(distinct person_id) as n
          from namesake group by all),
        found as (
          select k.*, p.level, coalesce(k.paid_on, k.as_of) as day, u.n as numbers, e.n as names,
            case when u.n = 1 then u.person_id when e.n = 1 then e.person_id end as person_id
          from {staged}_known k left join (values {levels}) p(key, level) on p.key = k.policy
          left join numbered u using (sheet, row_no) left join named e using (sheet, row_no))
        select f.*, m.name as known_name, m.code as person_code, m.until, coalesce(m.died, false) as died,
          case when f.level is null then 'payment_policy_unknown'
            when f.day > date '{run.as_of}' then 'payment_in_future'
            when f.numbers > 1 or f.names > 1 then 'payment_two_persons'
            when f.person_id is null and (f.id_number is not null or f.level = 'person') then 'payment_not_member'
          end as reason
        from found f left join payment_member m on m.person_id = f.person_id and m.household_id = f.household_id""",
    )


def _doubles(run: Run) -> None:
    """Of rows that name one payment twice the first counts; the others go back with that reason."""
    run.engine.run(
        "doubles",
        """update payment_row set reason = 'payment_twice' from (
          select sheet, row_no from payment_row where reason is null
          qualify row_number() over (partition by household_id, person_id, policy, day, coalesce(document, '')
            order by sheet, row_no) > 1) d
        where d.sheet = payment_row.sheet and d.row_no = payment_row.row_no""",
    )


# -- what is written ----------------------------------------------------------------------------------------------

_SAME = ("amount", "in_kind", "office")


def _compare(run: Run) -> None:
    columns = ["id", "household_id", "person_id", "policy", "amount", "in_kind", "paid_on", "document", "office"]
    which = run.among("household_id", "select distinct household_id from payment_row where reason is null")
    run.load_state("payment_known", Payment, columns, f"superseded_at is null and {which}")
    same = " and ".join(f"r.{name} is not distinct from k.{name}" for name in _SAME)
    run.engine.run(
        "compare payments",
        f"""create or replace table payment_plan as select r.sheet, r.row_no, r.household_id,
          r.household_code, r.person_id, r.person_code, r.policy, r.amount, r.in_kind, r.day,
          r.paid_on is not null as day_known, coalesce(r.document, '') as document, r.office,
          r.receiver, r.known_name, r.until, r.died,
          k.id as known_id,
          case when k.id is null then 'created' when {same} then 'unchanged' else 'updated' end as fate
        from payment_row r left join payment_known k on k.household_id = r.household_id and k.policy = r.policy
          and k.person_id is not distinct from r.person_id and k.paid_on = r.day
          and coalesce(k.document, '') = coalesce(r.document, '')
        where r.reason is null""",
    )


def _write(run: Run) -> None:
    run.supersede(Payment, "select known_id from payment_plan where fate = 'updated' order by known_id")
    columns = ["household_id", "person_id", "policy", "amount", "in_kind", "paid_on", "day_known", "document", "office",
               "sheet_id", "row", "recorded_at"]  # fmt: skip
    run.insert(
        Payment,
        columns,
        f"""select household_id, person_id, policy, amount, coalesce(in_kind, ''), day, day_known, document,
          coalesce(office, ''), sheet, row_no, {run.stamp}
        from payment_plan where fate in ('created', 'updated') order by sheet, row_no""",
    )


# -- what is doubtful ---------------------------------------------------------------------------------------------


def _issues(run: Run, kind: Kind, staged: str) -> None:
    """None of them is closed by a later list, which speaks of other payments: somebody looks and says so. None names
    the policy: some policies tell that somebody is ill or disabled, and issues are read by more people than may know
    that."""
    run.issues(
        f"""select case when died then 'payment_to_dead' else 'payment_after_leaving' end, '{kind.name}',
          household_code, coalesce(person_code, ''), sheet, row_no, 'receiver', ''
        from payment_plan where until is not null and until <= day"""
    )
    run.issues(
        f"""select 'payment_name_differs', '{kind.name}', household_code, coalesce(person_code, ''), sheet, row_no,
          'receiver', ''
        from payment_plan where trim(receiver) <> trim(known_name)"""
    )
    run.issues(
        f"""select 'payment_twice', '{kind.name}', household_code, coalesce(person_code, ''), sheet, row_no, 'policy',
          '' from payment_row where reason = 'payment_twice'"""
    )
    run.issues(
        f"""select 'payment_same_month', '{kind.name}', p.household_code, coalesce(p.person_code, ''), p.sheet,
          p.row_no, 'policy', ''
        from payment_plan p where p.fate = 'created' and (exists (select 1 from payment_known k
            where k.household_id = p.household_id and k.policy = p.policy
              and k.person_id is not distinct from p.person_id
              and date_trunc('month', k.paid_on) = date_trunc('month', p.day)
              and (k.paid_on, coalesce(k.document, '')) <> (p.day, p.document))
          or exists (select 1 from payment_plan o where o.household_id = p.household_id and o.policy = p.policy
              and o.person_id is not distinct from p.person_id
              and date_trunc('month', o.day) = date_trunc('month', p.day)
              and (o.sheet, o.row_no) < (p.sheet, p.row_no)))"""
    )
    run.issues(
        f"""select f.code, '{kind.name}', k.household_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {staged}_known k using (sheet, row_no)
        where f.field not in ('id_number', 'policy')"""  # nobody's number, and no policy; such rows go back
    )


uses_of_import = projects.uses_of_import
INTAKES = {"payment": plan_payments, **livelihood.INTAKES, **projects.INTAKES}
