"""Taking in links of households with enterprises (利益联结), and dividends (分红) due and paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register.importing.waiting import known_rows
from tuopin.register.models import Residence

from .. import finding
from .intake import load_counties, load_enterprises
from .models import Dividend, EnterpriseLink
from .taking import Taking, load_known, rejoin, since_unknown, take, without

if TYPE_CHECKING:
    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run

LINK = Taking(
    "enterprise_link", EnterpriseLink, ("household_id", "enterprise_id", "form", "valid_from"),
    ("valid_to", "since_known", "contract", "agreed", "share"), "link_twice",
)  # fmt: skip
DIVIDEND = Taking(
    "dividend", Dividend, ("household_id", "enterprise_id", "form", "period"),
    ("due_on", "due", "paid_on", "paid", "document"), "dividend_twice",
)  # fmt: skip


def found_rows(run: Run, kind: Kind) -> str:
    """The staged rows of a kind about households or their members, with those whose household is known now in
    ``{staged}_known`` and the members in ``{kind}_member``."""
    staged = run.stage(kind)
    finding.load_numbers(run, staged, kind.name)
    finding.households_by_number(run, staged, kind.name, "person_nobody", "person_two")
    known_rows(run, kind, staged)
    finding.load_members(run, staged, kind.name)
    return staged


def met_enterprises(run: Run, kind: str, staged: str, name: str = "enterprise", code: str = "k.credit_code") -> str:
    """``{kind}_met``: for each row how many enterprises are meant (``met``), and which if one: by credit code, else by
    the whole name; of several of one name those of the household's county."""
    load_enterprises(run)
    load_counties(run)
    _homes(run, kind, staged)
    run.engine.run(
        f"enterprises of {kind}",
        f"""create or replace table {kind}_met as
        with candidate as (
          select k.sheet, k.row_no, n.id, coalesce(e.county_id = h.county_id, false) as near
          from {staged}_known k join enterprise_now n
            on case when {code} is not null and exists (
                select 1 from enterprise_now x where x.credit_code = {code})
              then n.credit_code = {code} else n.name = k.{name} end
          left join enterprise_home e on e.id = n.id left join {kind}_county h on h.household_id = k.household_id)
        select sheet, row_no, count(distinct id) as met, any_value(id) as enterprise_id from (
          select * from candidate qualify near or not bool_or(near) over (partition by sheet, row_no))
        group by all""",
    )
    return f"{kind}_met"


def _homes(run: Run, kind: str, staged: str) -> None:
    """``{kind}_county``: the counties of the households that rows speak of, those that this import brings too."""
    which = run.among("household_id", f"select distinct household_id from {staged}_known")
    run.load_state(f"{kind}_home", Residence, ["household_id", "area_id"], f"valid_to is null and {which}")
    fresh = ""
    if run.engine.rows("select 1 from duckdb_tables() where table_name = 'household_seen'"):
        fresh = f"""union select n.id, s.area_id from household_seen s join household_now n using (code)
          where n.id not in (select household_id from {kind}_home)"""
    run.engine.run(
        f"counties of {kind}",
        f"""create or replace table {kind}_county as select h.household_id, c.area_id as county_id
        from (select household_id, area_id from {kind}_home {fresh}) h join area_now a using (area_id)
        join area_now c on c.level = 'county' and starts_with(a.path, c.path)""",
    )


_UNMET = "case when coalesce(m.met, 0) = 0 then 'enterprise_unknown' when m.met > 1 then 'enterprise_two'"


_SPOKEN_OF = """(k.valid_from = r.valid_from or (r.valid_from is null and (k.valid_to = r.valid_to or (
  k.valid_from <= r.as_of and (k.valid_to is null or k.valid_to > r.as_of)))))"""


def plan_links(run: Run, kind: Kind) -> None:
    """One row a link. Without a first day it is the link that stands, or that ended on the day named, else one of
    :func:`since_unknown`. A second one of the same form at the same time goes back."""
    name, staged = kind.name, found_rows(run, kind)
    met = met_enterprises(run, name, staged)
    run.engine.run(
        "link rows",
        f"""create or replace table {name}_row as select k.sheet, k.row_no, k.household_code, '' as person_code,
          k.household_id, m.enterprise_id, k.form, k.as_of, k.start_date as valid_from, k.end_date + 1 as valid_to,
          k.start_date is not null as since_known, coalesce(k.contract, '') as contract, k.agreed, k.share,
          {_UNMET} when k.form is null then 'link_form_unknown'
            when k.start_date > k.as_of + 366 then 'start_in_future'
            when k.end_date < k.start_date then 'ends_before_start' end as reason
        from {staged}_known k left join {met} m using (sheet, row_no)""",
    )
    rejoin(run, LINK, f"k.enterprise_id = r.enterprise_id and k.form = r.form and {_SPOKEN_OF}")
    known = load_known(run, LINK)
    run.engine.run(
        "links that stand",
        f"""update {name}_row set valid_from = k.valid_from, since_known = k.since_known from {known} k
        where {name}_row.valid_from is null and k.household_id = {name}_row.household_id
          and k.enterprise_id = {name}_row.enterprise_id and k.form = {name}_row.form
          and (k.valid_to = {name}_row.valid_to or (
            k.valid_from <= {name}_row.as_of and (k.valid_to is null or k.valid_to > {name}_row.as_of)))""",
    )
    since_unknown(run, name)
    without(run, name, "valid_to <= valid_from", "ends_before_start")
    _refuse_overlaps(run, name, known)
    take(run, LINK)


def _refuse_overlaps(run: Run, name: str, known: str) -> None:
    """A household named twice by an enterprise, in the same form at the same time, from different days on."""
    same = "o.household_id = r.household_id and o.enterprise_id = r.enterprise_id and o.form = r.form"
    both = "coalesce(o.valid_from < r.valid_to, true) and coalesce(r.valid_from < o.valid_to, true)"
    other = f"{same} and o.valid_from <> r.valid_from and {both}"
    earlier = "o.reason is null and (o.sheet, o.row_no) < (r.sheet, r.row_no)"
    for pair in (f"join {known} o on {other}", f"join {name}_row o on {other} and {earlier}"):
        run.engine.run(
            "overlapping links",
            f"""update {name}_row set reason = 'link_overlaps' from (
              select r.sheet, r.row_no from {name}_row r {pair} where r.reason is null) x
            where x.sheet = {name}_row.sheet and x.row_no = {name}_row.row_no""",
        )


def plan_dividends(run: Run, kind: Kind) -> None:
    """One row a household, enterprise, form and period. A dividend without a link goes back: the link comes first."""
    name, staged = kind.name, found_rows(run, kind)
    met = met_enterprises(run, name, staged)
    run.engine.run(
        "dividend rows",
        f"""create or replace table {name}_row as select k.sheet, k.row_no, k.household_code, '' as person_code,
          k.household_id, m.enterprise_id, coalesce(k.form, 'shares') as form,
          coalesce(k.period, year(coalesce(k.due_on, k.paid_on, k.as_of))::varchar) as period, k.due_on, k.due,
          k.paid_on, k.paid, coalesce(k.document, '') as document,
          {_UNMET} when k.due is null and k.paid is null then 'dividend_no_amount'
            when k.paid_on > k.as_of then 'paid_in_future' end as reason
        from {staged}_known k left join {met} m using (sheet, row_no)""",
    )
    rejoin(run, DIVIDEND)
    theirs = f"select distinct household_id from {name}_row union select household_id from {name}_came"
    columns = ["household_id", "enterprise_id", "form"]
    which = run.among("household_id", theirs)
    run.load_state(f"{name}_link", EnterpriseLink, columns, f"superseded_at is null and {which}")
    run.engine.run(
        "links of merged households",
        f"""insert into {name}_link select c.now_id, l.enterprise_id, l.form
        from {name}_link l join {name}_came c using (household_id)""",
    )
    if run.engine.rows("select 1 from duckdb_tables() where table_name = 'enterprise_link_plan'"):
        run.engine.run(
            "links of this set",
            f"insert into {name}_link select household_id, enterprise_id, form from enterprise_link_plan",
        )
    linked = f"select (household_id, enterprise_id, form) from {name}_link"
    without(run, name, f"(household_id, enterprise_id, form) not in ({linked})", "dividend_without_link")
    take(run, DIVIDEND)
