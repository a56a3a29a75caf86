"""Writing the rectification ledger in the offices' own shape; what is written can be taken in again unchanged."""

# ruff: noqa: S608 - own names
from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.duties.models import Official, OrganisationVersion
from tuopin.register import state

from .. import words
from . import current

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine
    from tuopin.platform.access import Actor

_COLUMNS = frozenset({
    "label", "batch", "source", "issuer", "category", "text", "county", "township", "village", "places", "root_cause",
    "measure", "lead", "unit", "person", "found_on", "limit_on", "progress", "evidence", "verifier", "closed_on",
    "looked_back",
})  # fmt: skip


def closed_words(engine: Engine, actor: Actor) -> None:
    """``ledger_closed``: the problems from petitions whose words the actor does not read (``orders/words.py``)."""
    engine.run(
        "words that are closed",
        "create table ledger_closed as select unnest(?::bigint[]) as matter_id",
        [words.kept_back(actor)],
    )


def rectification_rows(engine: Engine, on: date) -> set[str]:  # noqa: ARG001 - a ledger is written as it stands
    """``export_row``: the problems of the areas that may be exported. Of what was acted upon here, unit and person are
    those of today; else what the ledger said. What the actor may not read is left blank, and its text neutral: taken in
    again, both leave the problem as it is."""
    current.load(engine)
    state.load(engine, "office_now", OrganisationVersion, ["organisation_id", "name"], "valid_to is null")
    state.load(engine, "official_now", Official, ["id", "name"])
    left_out = ", ".join(f"'{each}'" for each in current.LEFT_OUT)

    def shown(name: str) -> str:
        return f"case when x.matter_id is null then k.{name} end as {name}"

    engine.run(
        "rows",
        f"""create table export_row as
        with named as (
          select a.area_id, coalesce(c.name, case a.level when 'county' then a.name end) as county,
            coalesce(t.name, case a.level when 'township' then a.name end) as township,
            case a.level when 'village' then a.name end as village
          from place_area a left join version p on p.area_id = a.parent_id
            left join version t on a.level = 'village' and t.area_id = a.parent_id
            left join version c on c.area_id = case a.level when 'village' then t.parent_id when 'township' then
              a.parent_id end)
        select k.label, k.batch, nullif(k.source, '') as source, i.name as issuer, k.category,
          case when x.matter_id is null then k.text else '{words.NEUTRAL}' end as text, n.county,
          n.township, n.village, k.places, {shown("root_cause")},
          {shown("measure")}, k.lead,
          case when k.by_hand then h.name else k.unit end as unit,
          case when k.by_hand then o.name else k.person end as person, k.found_on, k.limit_on,
          {shown("progress")}, {shown("evidence")},
          case when k.by_hand then coalesce(v.name, k.verifier) else k.verifier end as verifier, k.closed_on,
          case when x.matter_id is null then coalesce(k.looked_back, case when k.state = 'final' then '属实' end) end as
            looked_back, [] as unread
        from ledger_current k join named n using (area_id) left join ledger_closed x on x.matter_id = k.matter_id
          left join office_now i on i.organisation_id = k.issuer_id
          left join office_now h on h.organisation_id = k.holder_id
          left join official_now o on o.id = k.official_id left join official_now v on v.id = k.verifier_id
        where k.state not in ({left_out}) order by k.source, k.batch, k.matter_id""",
    )
    return set(_COLUMNS)
