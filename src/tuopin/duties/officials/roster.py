"""The roster of officials (干部名册), taken in and written out: organisations, posts, who holds which since when.

A row says one official in one post. What is there already is told by organisation, post, name and first day; a row
without a first day speaks of who holds the post now. Nobody gets a second post but as held concurrently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register import state
from tuopin.register.importing.grants import OUTSIDE, inside
from tuopin.register.importing.intake_areas import load_tree

from ..models import Official, OfficialName, Organisation, OrganisationVersion, Post, Term

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine
    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run


def plan_roster(run: Run, kind: Kind) -> None:
    """One row an official and post."""
    staged = run.stage(kind)
    load_tree(run)
    _rows(run, kind, staged)
    _known_terms(run)
    _who(run)
    _two_posts(run)
    run.rejects(
        f"""select sheet, row_no, case when reason = '{OUTSIDE}' then '' else office end, reason from roster_row
        where reason is not null"""
    )
    run.fates("select sheet, row_no, 'rejected' from roster_row where reason is not null")
    _offices(run)
    _posts(run)
    _officials(run)
    _terms(run)
    run.engine.run(
        "touched",
        "create or replace table area_touched as select distinct area_id from roster_row where reason is null",
    )
    run.issue_scope(kind.name, "select distinct area_code from roster_row where reason is null")
    run.issues(
        f"""select f.code, '{kind.name}', r.area_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join roster_row r using (sheet, row_no) where r.reason is null"""
    )


def _rows(run: Run, kind: Kind, staged: str) -> None:
    """``roster_row``: each row with its area, the organisation and post that are there already, or why it is refused.

    An organisation without a code of its area is looked for by its name, where the importer may import.
    """
    asked = f"select distinct trim(organisation) from {staged} where organisation is not null"
    columns = ["organisation_id", "name", "area_id"]
    run.load_state("roster_known", OrganisationVersion, columns, f"valid_to is null and {run.among('name', asked)}")
    within = "true" if run.ranges is None else inside(run.ranges, "a.path")
    listed = ", ".join(f"s.{item.name}" for item in kind.fields if item.name not in {"area_code", "reason"})
    run.engine.run(
        "roster rows",
        f"""create or replace table roster_row as
        with reach as (select k.* from roster_known k join area_now a using (area_id) where {within}),
        alone as (select name, any_value(area_id) as area_id from reach group by name having count(*) = 1),
        given as (
          select s.sheet, s.row_no, {listed}, s.reason as why, trim(s.organisation) as office, trim(s.post) as title,
            case when s.area_code is null then n.area_id else g.area_id end as area_id
          from {staged} s left join area_now g on g.code = s.area_code
            left join alone n on n.name = trim(s.organisation)),
        placed as (
          select v.*, a.code as area_code, k.organisation_id as known_office,
            case when coalesce(v.office, '') = '' or coalesce(v.title, '') = '' or v.name is null then 'roster_blank'
              when v.area_id is null then 'roster_no_area' when not ({within}) then '{OUTSIDE}'
              when v.until <= coalesce(v.since, date '{run.as_of}') then 'end_before_start'
              when v.concurrent and coalesce(v.why, '') = '' then 'roster_no_reason' end as reason
          from given v left join area_now a using (area_id)
            left join roster_known k on k.area_id = v.area_id and k.name = v.office)
        select * from placed""",
    )
    which = run.among("organisation_id", "select distinct known_office from roster_row where known_office is not null")
    columns = ["id", "organisation_id", "title", "level", "authority", "first_responsible"]
    run.load_state("roster_post_known", Post, columns, which)


def _known_terms(run: Run) -> None:
    """``roster_term``: terms in the posts spoken of, with the official's name; each row finds its own."""
    posts = run.among(
        "post_id",
        """select distinct p.id from roster_post_known p join roster_row r
        on r.known_office = p.organisation_id and r.title = p.title""",
    )
    columns = ["id", "official_id", "post_id", "concurrent", "reason", "document", "valid_from", "valid_to"]
    run.load_state("roster_term", Term, columns, posts)
    which = run.among("id", "select distinct official_id from roster_term")
    run.load_state("roster_holder", Official, ["id", "name", "phone"], which)
    run.engine.run(
        "known terms",
        """create or replace table roster_row as
        with found as (
          select r.sheet, r.row_no, t.id as known_term, t.official_id as known_official, p.id as known_post,
            row_number() over (partition by r.sheet, r.row_no order by t.id is null,
              h.phone is distinct from r.phone, t.valid_from desc, t.id) as at
          from roster_row r
          left join roster_post_known p on p.organisation_id = r.known_office and p.title = r.title
          left join (roster_term t join roster_holder h on h.id = t.official_id)
            on t.post_id = p.id and h.name = r.name
              and (t.valid_from = r.since or (r.since is null and t.valid_to is null))
          where r.reason is null)
        select r.*, f.known_term, f.known_official, f.known_post
        from roster_row r left join found f on f.sheet = r.sheet and f.row_no = r.row_no and f.at = 1""",
    )


def _who(run: Run) -> None:
    """Whose the rows are, as of the helpers' workbook: name, organisation and telephone; ``who`` tells them apart."""
    run.load_state(
        "roster_name", OfficialName, ["name", "unit", "phone", "official_id"],
        run.among("name", "select distinct name from roster_row where reason is null"),
    )  # fmt: skip
    run.engine.run(
        "who",
        f"""create or replace table roster_row as
        select r.* exclude (phone), coalesce(r.phone, '') as phone, n.official_id is not null as named,
          coalesce(n.official_id, r.known_official) as official_id,
          coalesce(n.official_id::varchar, r.known_official::varchar,
            concat_ws(chr(1), r.name, r.office, coalesce(r.phone, ''))) as who,
          coalesce(r.since, t.valid_from, date '{run.as_of}') as valid_from,
          coalesce(r.concurrent, t.concurrent, false) as beside
        from roster_row r
        left join roster_name n on n.name = r.name and coalesce(n.unit, '') = r.office
          and coalesce(n.phone, '') = coalesce(r.phone, '')
        left join roster_term t on t.id = r.known_term""",
    )
    run.engine.run(
        "double rows",
        """update roster_row set reason = 'duplicate_row' from (
          select sheet, row_no from roster_row where reason is null
          qualify row_number() over (partition by who, area_id, office, title, valid_from order by sheet, row_no) > 1) d
        where d.sheet = roster_row.sheet and d.row_no = roster_row.row_no""",
    )


def _two_posts(run: Run) -> None:
    """A main post beside another one of the same days is refused: of two in the file the later row, of one that stands
    already the new one. Terms that the file ends count as ended."""
    which = run.among("official_id", "select distinct official_id from roster_row where official_id is not null")
    run.load_state("roster_held", Term, ["id", "official_id", "post_id", "valid_from", "valid_to", "concurrent"], which)
    run.engine.run(
        "two posts",
        """update roster_row set reason = 'roster_two_posts' from (
          with held as (
            select who, valid_from, until as valid_to, sheet, row_no, known_term is null as fresh from roster_row
            where reason is null and not beside
            union all
            select h.official_id::varchar, h.valid_from, h.valid_to, -1, -1, false from roster_held h
            where not h.concurrent and h.id not in (
              select known_term from roster_row where known_term is not null and reason is null))
          select a.sheet, a.row_no from held a join held b on a.who = b.who
            and (b.sheet, b.row_no) <> (a.sheet, a.row_no)
            and a.valid_from < coalesce(b.valid_to, date '9999-12-31')
            and b.valid_from < coalesce(a.valid_to, date '9999-12-31')
          where a.fresh and (not b.fresh or (b.sheet, b.row_no) < (a.sheet, a.row_no))) d
        where d.sheet = roster_row.sheet and d.row_no = roster_row.row_no""",
    )


# -- what is written ----------------------------------------------------------------------------------------------


def _offices(run: Run) -> None:
    run.engine.run(
        "offices",
        """create or replace table roster_office as select area_id, office, max(known_office) is null as fresh,
          max(known_office) as new_id, any_value(kind) as kind, min(valid_from) as since
        from roster_row where reason is null group by all""",
    )
    run.number("roster_office", Organisation, "area_id, office")
    run.insert(Organisation, ["id"], "select new_id from roster_office where fresh order by new_id")
    run.insert(
        OrganisationVersion,
        ["organisation_id", "name", "kind", "area_id", "valid_from"],
        "select new_id, office, coalesce(kind, ''), area_id, since from roster_office where fresh order by new_id",
    )


def _posts(run: Run) -> None:
    """What the roster leaves blank stays as it is."""
    run.engine.run(
        "posts",
        """create or replace table roster_post as
        select o.new_id as office_id, r.title, max(r.known_post) is null as fresh, max(r.known_post) as new_id,
          any_value(r.level order by r.sheet, r.row_no) filter (r.level is not null) as level,
          any_value(r.authority order by r.sheet, r.row_no) filter (r.authority is not null) as authority,
          bool_or(r.first_responsible) as first_responsible
        from roster_row r join roster_office o using (area_id, office) where r.reason is null group by all""",
    )
    run.number("roster_post", Post, "office_id, title")
    run.insert(
        Post,
        ["id", "organisation_id", "title", "level", "authority", "first_responsible"],
        """select new_id, office_id, title, coalesce(level, ''), coalesce(authority, ''),
          coalesce(first_responsible, false)
        from roster_post where fresh order by new_id""",
    )
    run.engine.run(
        "posts changed",
        """create or replace table roster_post_changed as
        select p.new_id as id, coalesce(p.level, k.level, '') as level, coalesce(p.authority, k.authority, '') as
          authority, coalesce(p.first_responsible, k.first_responsible) as first_responsible
        from roster_post p join roster_post_known k on k.id = p.new_id where not p.fresh
          and (p.level <> coalesce(k.level, '') or p.authority <> coalesce(k.authority, '')
            or p.first_responsible <> k.first_responsible)""",
    )
    run.update(
        Post,
        "level = %s, authority = %s, first_responsible = %s",
        "select level, authority, first_responsible, id from roster_post_changed order by id",
    )


def _officials(run: Run) -> None:
    run.engine.run(
        "roster officials",
        """create or replace table roster_official as
        select who, name, office, phone, any_value(named) as named, max(official_id) is null as fresh,
          max(official_id) as new_id, any_value(sex) as sex, any_value(politics) as politics
        from roster_row where reason is null group by all""",
    )
    # one official under several telephones or units (held concurrently) is numbered once
    run.engine.run(
        "new officials",
        """create or replace table roster_new as select who, arg_min(name, office) as name, arg_min(office, office) as
          office, arg_min(phone, office) as phone, any_value(sex) as sex, any_value(politics) as politics,
          null::bigint as new_id
        from roster_official where fresh group by who""",
    )
    run.number("roster_new", Official, "name, office, phone")
    run.insert(
        Official,
        ["id", "name", "unit", "phone", "sex", "politics"],
        """select new_id, name, office, phone, coalesce(sex, ''), coalesce(politics, '') from roster_new
        order by new_id""",
    )
    run.engine.run(
        "all officials",
        """create or replace table roster_official as select o.* replace (coalesce(o.new_id, n.new_id) as new_id)
        from roster_official o left join roster_new n using (who)""",
    )
    run.insert(
        OfficialName,
        ["name", "unit", "phone", "official_id", "decided"],
        """select distinct name, office, phone, new_id, false from roster_official where not named
        order by new_id, office, phone""",
    )


def _terms(run: Run) -> None:
    run.engine.run(
        "roster plan",
        """create or replace table roster_plan as
        select r.sheet, r.row_no, r.known_term, o.new_id as official_id, p.new_id as post_id, r.beside, r.valid_from,
          coalesce(r.until, t.valid_to) as valid_to,
          case when r.beside then coalesce(r.why, t.reason, '') else '' end as why,
          coalesce(r.document, t.document, '') as document,
          case when r.known_term is null then 'created'
            when coalesce(r.until, t.valid_to) is distinct from t.valid_to or r.beside <> t.concurrent
              or (r.beside and coalesce(r.why, t.reason, '') <> coalesce(t.reason, ''))
              or coalesce(r.document, t.document, '') <> coalesce(t.document, '')
              or r.post_changed then 'updated' else 'unchanged' end as fate
        from (select r.*, r.known_post in (select id from roster_post_changed) as post_changed from roster_row r
          where r.reason is null) r
        join roster_office f using (area_id, office)
        join roster_post p on p.office_id = f.new_id and p.title = r.title
        join roster_official o on o.who = r.who and o.name = r.name and o.office = r.office and o.phone = r.phone
        left join roster_term t on t.id = r.known_term""",
    )
    run.update(
        Term,
        "concurrent = %s, reason = %s, document = %s, valid_to = %s",
        """select beside, why, document, valid_to, known_term from roster_plan where fate = 'updated'
        order by valid_to nulls last, known_term""",
    )
    run.insert(
        Term,
        ["official_id", "post_id", "concurrent", "reason", "document", "valid_from", "valid_to"],
        """select official_id, post_id, beside, why, document, valid_from, valid_to from roster_plan
        where fate = 'created' order by sheet, row_no""",
    )
    run.fates("select sheet, row_no, fate from roster_plan")


# -- writing it out -----------------------------------------------------------------------------------------------


def roster_rows(engine: Engine, on: date) -> set[str]:
    """``export_row``: who holds or will hold a post in the areas that may be exported."""
    columns = ["organisation_id", "name", "kind", "area_id", "valid_from"]
    standing = f"valid_from <= '{on}' and (valid_to is null or valid_to > '{on}')"
    state.load(engine, "office", OrganisationVersion, columns, standing)
    columns = ["id", "organisation_id", "title", "level", "authority", "first_responsible"]
    state.load(engine, "post", Post, columns)
    columns = ["official_id", "post_id", "concurrent", "reason", "document", "valid_from", "valid_to"]
    state.load(engine, "term", Term, columns, f"valid_to is null or valid_to > '{on}'")
    state.load(engine, "official", Official, ["id", "name", "sex", "politics", "phone"])
    engine.run(
        "rows",
        """create table export_row as select o.name as organisation, a.code as area_code, o.kind, p.title as post,
          p.level, p.authority, p.first_responsible, w.name, w.sex, w.politics, w.phone, t.valid_from as since,
          t.valid_to as until, t.concurrent, case when t.concurrent then t.reason end as reason, t.document,
          [] as unread
        from term t join post p on p.id = t.post_id join office o using (organisation_id)
          join place_area a using (area_id) join official w on w.id = t.official_id
        order by a.code, o.name, p.id, t.valid_from, w.name""",
    )
    return {
        "organisation", "area_code", "kind", "post", "level", "authority", "first_responsible", "name", "sex",
        "politics", "phone", "since", "until", "concurrent", "reason", "document",
    }  # fmt: skip
