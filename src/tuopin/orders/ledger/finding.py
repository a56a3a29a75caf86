"""Whom and what a row of a ledger names: places, households, units and people, found by name within the grants. What
lies outside the importer's grants looks like what is not there."""

# ruff: noqa: S608 - own names
from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.duties.models import Official, OrganisationVersion, Post, Term
from tuopin.register.importing.grants import inside
from tuopin.register.importing.intake_areas import load_tree
from tuopin.register.importing.lookup import COMMITTEE
from tuopin.register.models import Household, Residence

if TYPE_CHECKING:
    from tuopin.register.importing.run import Run

_BETWEEN = r"[、，,；;/\s]+"


def where(ranges: list[tuple[str, str]] | None, column: str) -> str:
    """SQL: whether a path lies in ranges; everywhere where there are none."""
    return "true" if ranges is None else inside(ranges, column)


def places(run: Run, staged: str) -> None:
    """``ledger_row``: the rows with ``column_area`` (by the columns for county, township and village, as far down as
    they are known), ``column_short``: known, but not as far down as the row says; ``text_area``: what the places in
    words have in common."""
    load_tree(run)
    within = where(run.ranges, "path")
    run.engine.run(
        "places of the ledger",
        f"""create or replace table ledger_place as select * from (
          select area_id, level, path, name as county, null::varchar as township, null::varchar as village
            from area_now where level = 'county'
          union all select t.area_id, t.level, t.path, c.name, t.name, null
            from area_now t join area_now c on c.code = t.parent_code and c.level = 'county' where t.level = 'township'
          union all select v.area_id, v.level, v.path, c.name, t.name, {COMMITTEE.format("v.name")}
            from area_now v join area_now t on t.code = v.parent_code join area_now c on c.code = t.parent_code
            where v.level = 'village' and c.level = 'county') where {within}""",
    )
    run.engine.run(
        "columns of places",
        f"""create or replace table ledger_column as
        with asked as (select distinct county, township, village from {staged}
            where coalesce(county, township, village) is not null),
        met as (
          select a.*, p.area_id, case p.level when 'village' then 3 when 'township' then 2 else 1 end as depth
          from asked a join ledger_place p on (p.county = a.county or (a.county is null and p.level <> 'county'))
            and (p.level = 'county' or p.township = a.township or (a.township is null and p.level = 'village'))
            and (p.level <> 'village' or p.village = {COMMITTEE.format("a.village")})),
        one as (select county, township, village, depth, any_value(area_id) as area_id from met group by all
          having count(distinct area_id) = 1)
        select *, depth < case when village is not null then 3 when township is not null then 2 else 1 end as short
        from one qualify row_number() over (partition by county, township, village order by depth desc) = 1""",
    )
    _tokens(run, staged)
    run.engine.run(
        "rows of the ledger",
        f"""create or replace table ledger_row as
        with spread as (
          select t.sheet, t.row_no, min(a.path) as low, max(a.path) as high from ledger_token t
            join area_now a on a.area_id = t.area_id group by all),
        shared as (
          select low, high, max_by(a.area_id, length(a.path)) as area_id
          from (select distinct low, high from spread) s join area_now a on starts_with(s.low, a.path)
            and starts_with(s.high, a.path)
          where {within.replace("path", "a.path")} group by all)
        select s.*, c.area_id as column_area, coalesce(c.short, false) as column_short, h.area_id as text_area
        from {staged} s left join ledger_column c on c.county is not distinct from s.county
            and c.township is not distinct from s.township and c.village is not distinct from s.village
          left join spread using (sheet, row_no) left join shared h using (low, high)""",
    )


def _tokens(run: Run, staged: str) -> None:
    """``ledger_token``: each part of the places in words with the area or household it names; both NULL: nothing known.
    Of a household the village counts as place. What a petition is about is not looked up: nobody shall find it."""
    run.engine.run(
        "parts of places",
        f"""create or replace table ledger_part as
        select distinct sheet, row_no, trim(token) as token from (
          select sheet, row_no, unnest(regexp_split_to_array(places, '{_BETWEEN}')) as token from {staged}
          where places is not null and source is distinct from 'petition') where trim(token) <> ''""",
    )
    asked = "select distinct token from ledger_part where regexp_full_match(token, '[0-9A-Za-z]{4,32}')"
    run.load_state("ledger_household", Household, ["id", "code"], run.among("code", asked))
    homes = run.among("household_id", f"select id from ledger_household where code in ({asked})")
    run.load_state("ledger_home", Residence, ["household_id", "area_id"], f"valid_to is null and {homes}")
    run.engine.run(
        "named places",
        f"""create or replace table ledger_token as
        with form as (
          select area_id, path, coalesce(village, township, county) as said from ledger_place
          union select area_id, path, township || village from ledger_place where village is not null
          union select area_id, path, county || township from ledger_place where level = 'township'
          union select area_id, path, county || township || village from ledger_place where village is not null),
        asked as (select distinct token, {COMMITTEE.format("token")} as said from ledger_part),
        area as (select token, any_value(area_id) as area_id from asked join form using (said) group by all
          having count(distinct area_id) = 1),
        home as (select h.code as token, h.id as household_id, p.area_id from ledger_household h
          join ledger_home r on r.household_id = h.id join ledger_place p on p.area_id = r.area_id)
        select t.*, coalesce(a.area_id, h.area_id) as area_id, h.household_id
        from ledger_part t left join area a using (token) left join home h using (token)""",
    )


def units(run: Run) -> None:
    """``ledger_found``: rows with their area, the county (or what is above) that keeps the ledger, and the
    organisations that hold, lead and issued: the only one of that name in the county, or above the place."""
    names = " union ".join(f"select trim({each}) as name from ledger_row where {each} is not null"
                           for each in ("unit", "lead", "issuer"))  # fmt: skip
    columns = ["organisation_id", "name", "area_id"]
    run.load_state("ledger_office", OrganisationVersion, columns, f"valid_to is null and {run.among('name', names)}")
    within = where(run.ranges, "a.path")
    run.engine.run(
        "offices of the ledger",
        f"""create or replace table ledger_office as select o.organisation_id, o.name, o.area_id, a.path
        from ledger_office o join area_now a using (area_id) where {within}""",
    )
    run.engine.run(
        "areas of the ledger",
        """create or replace table ledger_placed as
        with alone as (select name, any_value(area_id) as area_id from ledger_office group by all
          having count(distinct organisation_id) = 1)
        select r.*, case when coalesce(r.county, r.township, r.village) is not null then r.column_area
          else coalesce(r.text_area, u.area_id, l.area_id) end as area_id
        from ledger_row r left join alone u on u.name = trim(r.unit) left join alone l on l.name = trim(r.lead)""",
    )
    run.engine.run(
        "keepers of the ledger",
        """create or replace table ledger_placed as
        with c as (select area_id, path from area_now where level = 'county'),
        place as (select distinct area_id from ledger_placed),
        kept as (select p.area_id, a.path, coalesce(c.area_id, p.area_id) as keeper_id, coalesce(c.path, a.path) as
            keeper_path
          from place p join area_now a using (area_id) left join c on starts_with(a.path, c.path))
        select r.* replace (case when r.source = 'petition' then k.keeper_id else r.area_id end as area_id),
          k.keeper_id, k.keeper_path, k.path from ledger_placed r left join kept k on k.area_id = r.area_id""",
    )
    joins, found = [], []
    for role in ("unit", "lead", "issuer"):
        run.engine.run(
            f"{role} of the ledger",
            f"""create or replace table ledger_{role} as
            with asked as (select distinct trim({role}) as name, path, keeper_path from ledger_placed
              where {role} is not null and path is not null)
            select a.name, a.path, any_value(o.organisation_id) as organisation_id from asked a
            join ledger_office o on o.name = a.name
              and (starts_with(a.path, o.path) or starts_with(o.path, a.keeper_path))
            group by all having count(distinct o.organisation_id) = 1""",
        )
        joins.append(f"left join ledger_{role} on ledger_{role}.name = trim(r.{role}) and ledger_{role}.path = r.path")
        found.append(f"ledger_{role}.organisation_id as {role}_id")
    run.engine.run(
        "offices found",
        f"create or replace table ledger_found as select r.*, {', '.join(found)} from ledger_placed r "
        + " ".join(joins),
    )


def people(run: Run) -> None:
    """``ledger_named``: with the officials of those names who are in office in the unit (``official_id``) and in the
    lead or issuing unit (``verifier_id``); NULL where none or several bear the name."""
    offices = " union ".join(f"select {each}_id as id from ledger_found where {each}_id is not null"
                             for each in ("unit", "lead", "issuer"))  # fmt: skip
    run.load_state("ledger_post", Post, ["id", "organisation_id"], run.among("organisation_id", offices))
    posts = run.among("post_id", "select id from ledger_post")
    run.load_state("ledger_term", Term, ["official_id", "post_id"], f"valid_to is null and {posts}")
    which = run.among("id", "select distinct official_id from ledger_term")
    run.load_state("ledger_official", Official, ["id", "name"], f"merged_into_id is null and {which}")
    run.engine.run(
        "people of the ledger",
        """create or replace table ledger_named as
        with office as (select distinct p.organisation_id, o.id, o.name from ledger_term t
          join ledger_post p on p.id = t.post_id join ledger_official o on o.id = t.official_id),
        one as (select organisation_id, name, any_value(id) as id from office group by all having count(*) = 1)
        select r.*, p.id as official_id, nullif(coalesce(l.id, i.id), p.id) as verifier_id
        from ledger_found r left join one p on p.organisation_id = r.unit_id and p.name = trim(r.person)
          left join one l on l.organisation_id = r.lead_id and l.organisation_id is distinct from r.unit_id
            and l.name = trim(r.verifier)
          left join one i on i.organisation_id = r.issuer_id and i.organisation_id is distinct from r.unit_id
            and i.name = trim(r.verifier)""",
    )
