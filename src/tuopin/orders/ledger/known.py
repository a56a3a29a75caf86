"""Which problem a row of a ledger means: known again by its number, together with county, issuer, source and
batch; where the one that issued it is no more, also in the name of whoever took its place, whatever the row says by
then, and in any other name by its number and text."""

# ruff: noqa: S608 - own names
from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.duties.models import OrganisationVersion
from tuopin.register.models import AreaEventUndone, AreaMap

from ..models import LedgerEntry
from . import current, finding
from .current import OWN

if TYPE_CHECKING:
    from tuopin.register.importing.run import Run


def own(label: str) -> str:
    """SQL: whether a number is one that the product gave."""
    return f"regexp_full_match({label}, '{OWN}[0-9]{{1,15}}')"


def problems(run: Run) -> None:
    """``ledger_met``: the rows with ``matter_id``, NULL of a new one; ``outside``: it lies where the importer has no
    grant; ``alike``: so many problems a row may mean, after counties were merged; ``deeper``: it is known to lie
    further down than the row says; ``repeat``: which row of the same problem this is."""
    labels = "select distinct label from ledger_named where label is not null"
    owns = f"select distinct substr(label, {len(OWN) + 1})::bigint as id from ledger_named where {own('label')}"
    entries = run.among("label", labels)
    matters = f"(id in (select matter_id from {LedgerEntry._meta.db_table} where {entries}) or {run.among('id', owns)})"
    current.load(run.engine, entries, matters)
    _heirs(run)
    _gone(run)
    within = finding.where(run.ranges, "coalesce(a.path, b.path)")
    run.engine.run(
        "problems and where they lie",
        f"""create or replace table ledger_lying as
        select k.matter_id, min(a.path) as known_path, coalesce(bool_and({within}), false) as inside
        from ledger_current k left join area_now a using (area_id)
          left join ledger_heir h on h.old_id = k.area_id left join area_now b on b.area_id = h.new_id
        group by all""",
    )
    run.engine.run(
        "problems by their keepers",
        """create or replace table ledger_kept as
        select matter_id, entry_id, keeper_id, issuer_id, source, batch, label, text, true as itself from ledger_current
        union all select k.matter_id, k.entry_id, h.new_id, k.issuer_id, k.source, k.batch, k.label, k.text, false
          from ledger_current k join ledger_heir h on h.old_id = k.keeper_id where k.entry_id is not null""",
    )
    _took(run)
    run.engine.run(
        "rows and problems",
        f"""create or replace table ledger_met as
        with met as (
          select r.*, k.matter_id, rank() over (partition by r.sheet, r.row_no
            order by k.issuer_id is not distinct from r.issuer_id desc, k.text is not distinct from r.text desc,
              k.itself desc) as place
          from ledger_named r left join ledger_kept k on
            case when {own("r.label")} then k.itself and k.label = r.label
            else k.entry_id is not null and k.label = r.label and k.keeper_id = r.keeper_id
              and (k.issuer_id is not distinct from r.issuer_id
                or exists (select 1 from ledger_took t where t.old_id = k.issuer_id and t.new_id = r.issuer_id
                  and t.keeper_id = r.keeper_id and t.source = coalesce(r.source, '')
                  and t.batch = coalesce(r.batch, ''))
                or r.issuer_id is not null and k.text is not distinct from r.text
                  and k.issuer_id in (select issuer_id from ledger_gone))
              and coalesce(k.source, '') = coalesce(r.source, '')
              and coalesce(k.batch, '') = coalesce(r.batch, '') end),
        best as (select *, count(*) over (partition by sheet, row_no) as alike from met where place = 1
          qualify row_number() over (partition by sheet, row_no order by matter_id) = 1),
        lying as (
          select b.* replace (case when {own("b.label")} and not l.inside then null else b.matter_id end as matter_id),
            b.matter_id is not null and not {own("b.label")} and not l.inside as outside,
            coalesce(starts_with(l.known_path, b.path) and b.source is distinct from 'petition'
              and (b.column_area is not null or b.text_area is null), false) as deeper
          from best b left join ledger_lying l using (matter_id))
        select *, row_number() over (partition by matter_id, case when matter_id is null then
            row(keeper_id, issuer_id, coalesce(source, ''), coalesce(batch, ''), label) end order by sheet, row_no)
            as repeat
        from lying""",
    )


def _gone(run: Run) -> None:
    """``ledger_gone``: the organisations that issued problems and are no more. What became of one is on no record; a
    row that says the same under the same number, in the name of another one, is its row."""
    issuers = (
        "select issuer_id from ledger_current where issuer_id is not null"
        " union select issuer_id from ledger_matter where issuer_id is not null"
    )
    standing = f"(valid_to is null or valid_to > '{run.as_of}') and {run.among('organisation_id', issuers)}"
    run.load_state("ledger_standing", OrganisationVersion, ["organisation_id"], standing)
    run.engine.run(
        "issuers that are no more",
        f"create or replace table ledger_gone as select issuer_id from ({issuers})"
        " where issuer_id not in (select organisation_id from ledger_standing)",
    )


def _took(run: Run) -> None:
    """``ledger_took``: who took the place of an issuer that is no more (``old_id``, ``new_id``), in which ledger. Told
    by rows that bear the number and the text of its problems, in this import or an earlier one; else by an organisation
    of the same kind, for the same area, that began on the day on which it ended, if that is the only one. Where two
    would have taken its place, none has."""
    here = "select area_id from ledger_ended_issuer"
    known = run.among("organisation_id", "select issuer_id from ledger_gone")
    run.load_state("ledger_ended_issuer", OrganisationVersion, ["organisation_id", "area_id"], known)
    columns = ["organisation_id", "kind", "area_id", "valid_from", "valid_to"]
    run.load_state("ledger_life", OrganisationVersion, columns, run.among("area_id", here))
    run.engine.run(
        "who took the place of issuers",
        """create or replace table ledger_took as
        with row_of as (select distinct keeper_id, coalesce(source, '') as source, coalesce(batch, '') as batch, label,
            issuer_id, text from ledger_named where issuer_id is not null and label is not null),
        life as (
          select organisation_id, max_by(kind, valid_from) as kind, max_by(area_id, valid_from) as area_id,
            min(valid_from) as began, max(coalesce(valid_to, date '9999-12-31')) as ended
          from ledger_life group by all),
        heir as (
          select g.organisation_id as old_id, n.organisation_id as new_id from life g
            join life n on n.kind = g.kind and n.area_id = g.area_id and n.began = g.ended
              and n.organisation_id <> g.organisation_id
          where g.organisation_id in (select issuer_id from ledger_gone)
          qualify count(*) over (partition by g.organisation_id) = 1
            and count(*) over (partition by n.organisation_id) = 1),
        told as (
          select r.keeper_id, r.source, r.batch, k.issuer_id as old_id, r.issuer_id as new_id from row_of r
            join ledger_kept k on k.entry_id is not null and k.label = r.label and k.keeper_id = r.keeper_id
              and coalesce(k.source, '') = r.source and coalesce(k.batch, '') = r.batch and k.text = r.text
          where k.issuer_id in (select issuer_id from ledger_gone)
          union
          select k.keeper_id, coalesce(k.source, ''), coalesce(k.batch, ''), m.issuer_id, k.issuer_id
          from ledger_kept k join ledger_matter m on m.id = k.matter_id
          where m.issuer_id <> k.issuer_id and m.issuer_id in (select issuer_id from ledger_gone)),
        every as (
          select keeper_id, source, batch, old_id, new_id from told
          union
          select r.keeper_id, r.source, r.batch, h.old_id, h.new_id from (select distinct keeper_id, source, batch,
            issuer_id from row_of) r join heir h on h.new_id = r.issuer_id)
        select * from every qualify count(distinct new_id) over (partition by keeper_id, source, batch, old_id) = 1""",
    )


def _heirs(run: Run) -> None:
    """``ledger_heir``: what became of areas that are no more, as far as it stands today."""
    undone = f"select event_id from {AreaEventUndone._meta.db_table}"
    told = f"ended and successor_id is not null and day <= '{run.as_of}' and event_id not in ({undone})"
    run.load_state("ledger_ended", AreaMap, ["area_id", "successor_id"], told)
    run.engine.run(
        "heirs of areas",
        """create or replace table ledger_heir as
        with recursive heir as (
          select area_id as old_id, successor_id as new_id from ledger_ended
          union select h.old_id, e.successor_id from heir h join ledger_ended e on e.area_id = h.new_id)
        select distinct h.old_id, h.new_id from heir h join area_now a on a.area_id = h.new_id
        where h.old_id <> h.new_id""",
    )
