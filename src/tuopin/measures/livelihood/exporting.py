"""Writing livelihood back into its workbooks: what is written can be imported again unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register import state
from tuopin.register.exporting import Exported, homes
from tuopin.register.models import Membership, PersonIdentity

from ..merged import HouseholdNow
from ..permissions import VIEW
from .models import Dividend, EnterpriseLink, EnterpriseRisk, EnterpriseVersion, Loan, Relocation, Work
from .selectors import BANK, CHILD

if TYPE_CHECKING:
    from datetime import date

    from django.db import models

    from tuopin.core.engine import Engine

_NOW = "superseded_at is null"


def _load(engine: Engine, name: str, model: type[models.Model], columns: list[str], where: str = "true") -> None:
    state.load(engine, name, model, columns, f"{_NOW} and {where}")


def _homes(engine: Engine, on: date) -> None:
    """``home`` with the households that were merged into those that live there, under the code of the one that goes on
    (``came``): an import finds their rows by it."""
    homes(engine, on)
    state.load(engine, "went_to", HouseholdNow, ["household_id", "now_id"])
    engine.run("merged homes", "alter table home add column came boolean default false")
    engine.run(
        "merged homes",
        """insert into home by name select h.* replace (w.household_id as household_id, true as came)
        from home h join went_to w on w.now_id = h.household_id
        where w.household_id not in (select household_id from home)""",
    )


def _names(engine: Engine, on: date) -> None:
    """``enterprise_name``: name and credit code of every enterprise as of the day, else as first known."""
    _load(engine, "enterprise_version", EnterpriseVersion, ["enterprise_id", "as_of", "name", "credit_code"])
    engine.run(
        "names of enterprises",
        f"""create table enterprise_name as select enterprise_id, name as enterprise, credit_code
        from enterprise_version qualify row_number() over (partition by enterprise_id order by (as_of <= '{on}') desc,
          case when as_of <= '{on}' then as_of end desc, as_of) = 1""",
    )


def _enterprise_rows(engine: Engine, on: date) -> set[str]:
    """Enterprises of villages that may be exported; those of a township or county where all of it may be."""
    columns = ["enterprise_id", "as_of", "name", "credit_code", "kind", "industry", "area_id", "organisation",
        "operator",
               "capacity"]  # fmt: skip
    _load(engine, "entry", EnterpriseVersion, columns, f"as_of <= '{on}'")
    _load(engine, "said", EnterpriseRisk, ["enterprise_id", "day", "level", "ground", "document"], f"day <= '{on}'")
    engine.run(
        "rows",
        """create table export_row as
        with whole as (
          select area_id, county, township, village, code from place
          union all select t.area_id, c.name, t.name, null, t.code from version t
            left join version c on c.area_id = t.parent_id
            where t.level = 'township' and exists (select 1 from version v where v.parent_id = t.area_id)
              and not exists (select 1 from version v where v.parent_id = t.area_id and v.level = 'village'
                and v.area_id not in (select area_id from place))
          union all select area_id, name, null, null, code from place_county)
        select e.name, e.credit_code, e.kind, e.industry, w.county, w.township, w.village, w.code, e.organisation,
          e.operator, e.capacity, r.level as risk, r.day as risk_day, r.ground, r.document, [] as unread
        from (select * from entry qualify row_number() over (partition by enterprise_id order by as_of desc) = 1) e
        join whole w using (area_id)
        left join (select * from said qualify row_number() over (partition by enterprise_id order by day desc) = 1) r
          using (enterprise_id) order by w.code, e.name""",
    )
    return {"name", "credit_code", "kind", "industry", "county", "township", "village", "code", "organisation",
        "operator",
            "capacity", "risk", "risk_day", "ground", "document"}  # fmt: skip


def _link_rows(engine: Engine, on: date) -> set[str]:
    """All links, those that ended too: a dividend of a link that is no more comes in with it alone."""
    _homes(engine, on)
    _names(engine, on)
    columns = ["household_id", "enterprise_id", "form", "valid_from", "valid_to", "since_known", "contract", "agreed",
               "share"]  # fmt: skip
    _load(engine, "entry", EnterpriseLink, columns)
    engine.run(
        "rows",
        """create table export_row as select h.household_code, n.enterprise, n.credit_code, e.form,
          case when e.since_known then e.valid_from end as start_date, e.valid_to - 1 as end_date, e.contract, e.agreed,
          e.share, [] as unread
        from home h join entry e using (household_id) join enterprise_name n using (enterprise_id)
        order by h.household_code, n.enterprise, e.form, e.valid_from""",
    )
    return {
        "household_code",
        "enterprise",
        "credit_code",
        "form",
        "start_date",
        "end_date",
        "contract",
        "agreed",
        "share",
    }


def _dividend_rows(engine: Engine, on: date) -> set[str]:
    _homes(engine, on)
    _names(engine, on)
    columns = ["household_id", "enterprise_id", "form", "period", "due_on", "due", "paid_on", "paid", "document"]
    _load(engine, "entry", Dividend, columns)
    engine.run(  # what was paid later is not known of the day
        "rows",
        f"""create table export_row as select h.household_code, n.enterprise, n.credit_code,
          e.* exclude (household_id, enterprise_id), [] as unread
        from home h join (select * replace (case when paid_on > '{on}' then null else paid_on end as paid_on,
            case when paid_on > '{on}' then null else paid end as paid) from entry
          where due is not null or paid_on is null or paid_on <= '{on}') e
          using (household_id) join enterprise_name n using (enterprise_id)
        order by h.household_code, n.enterprise, e.period""",
    )
    return {"household_code", "enterprise", "credit_code", *columns[2:]}


def _work_rows(engine: Engine, on: date) -> set[str]:
    """All work of those who are members on the day: who has no live work any more is told by its end."""
    homes(engine, on)
    own = ["kind", "employer", "post", "organisation", "place", "contract", "wage", "returned", "end_reason"]
    _load(engine, "entry", Work, ["person_id", "valid_from", "valid_to", "since_known", *own], f"valid_from <= '{on}'")
    state.load(engine, "member", Membership, ["person_id", "household_id"],
               f"valid_from <= '{on}' and (valid_to is null or valid_to > '{on}')")  # fmt: skip
    state.load(engine, "identity", PersonIdentity, ["person_id", "name", "id_number", "as_of"], _NOW)
    engine.run(
        "rows",
        f"""create table export_row as select h.household_code, i.name as person_name, i.id_number,
          case when e.since_known then e.valid_from end as start_date, e.valid_to - 1 as end_date,
          {", ".join(f"e.{each}" for each in own)}, [] as unread
        from home h join member m using (household_id) join entry e using (person_id)
        left join (select * from identity qualify row_number() over (partition by person_id order by as_of desc) = 1) i
          using (person_id) order by h.household_code, i.name, e.valid_from""",
    )
    return {"household_code", "person_name", "id_number", "start_date", "end_date", *own}


def _loan_rows(engine: Engine, on: date) -> set[str]:
    _homes(engine, on)
    columns = ["bank", "number", "amount", "rate", "granted", "due", "use", "purpose", "interest_paid", "repaid",
               "repaid_on"]  # fmt: skip
    _load(engine, "entry", Loan, ["household_id", *columns], f"granted <= '{on}'")
    engine.run(
        "rows",
        f"""create table export_row as select h.household_code, e.* exclude (household_id), [] as unread
        from home h join (select * replace (case when repaid_on > '{on}' then null else repaid_on end as repaid_on,
          case when repaid_on > '{on}' then null else repaid end as repaid) from entry) e
          using (household_id) order by h.household_code, e.granted, e.bank""",
    )
    return {"household_code", *columns}


def _relocation_rows(engine: Engine, on: date) -> set[str]:
    """The newest that is known of each household. One column of sources for all answers: that of the answer on work."""
    _homes(engine, on)
    columns = ["from_place", "site", "contract", "moved_in_on", "old_house", "old_house_down_on", "has_job", "job_on",
               "has_school", "school_on", "has_clinic", "clinic_on", "land_there", "registered_there"]  # fmt: skip
    _load(engine, "entry", Relocation, ["household_id", "as_of", "job_source", *columns], f"as_of <= '{on}'")
    engine.run(
        "rows",
        """create table export_row as select h.household_code, e.job_source as source,
          e.* exclude (household_id, as_of, job_source), [] as unread
        from home h join entry e using (household_id)
        qualify row_number() over (partition by h.household_code order by h.came, e.as_of desc) = 1
        order by h.household_code""",
    )
    return {"household_code", "source", *columns}


EXPORTS = {
    "enterprise": Exported(_enterprise_rows, VIEW),
    "enterprise_link": Exported(_link_rows, VIEW),
    "dividend": Exported(_dividend_rows, VIEW),
    "work": Exported(_work_rows, VIEW),
    "loan": Exported(_loan_rows, VIEW, whole=BANK),
    "relocation": Exported(_relocation_rows, VIEW, classes={"has_school": CHILD, "school_on": CHILD}),
}
