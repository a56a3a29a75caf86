"""The problems of the ledger as they stand, as a table of the set engine: what an import compares with, and what is
written out."""

# ruff: noqa: S608 - own names
from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.register import state

from ..models import LedgerEntry, Matter, MatterText

if TYPE_CHECKING:
    from tuopin.core.engine import Engine

OWN = "系统"
"""Before the number of a problem that came from no ledger: so its row is known again when it comes back."""
LEFT_OUT = ("withdrawn", "merged")
"""States in which a problem stands in no ledger."""
WORDS = ("lead", "unit", "person", "verifier", "places", "evidence", "looked_back")
"""What an entry keeps as it was written."""


def seconds() -> int:
    """What local time is ahead of UTC: the set engine reckons moments in UTC."""
    offset = timezone.localtime().utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def begins(day: str) -> str:
    """SQL: the moment (UTC, as both databases take it) at which a local day begins; ``day`` is SQL too."""
    return f"strftime(({day})::timestamp - interval {seconds()} second, '%Y-%m-%d %H:%M:%S')"


def load(engine: Engine, entries: str = "true", matters: str = "true") -> None:
    """``ledger_current``: one row a problem that has an entry, or has not and is in hand. ``entries`` and ``matters``
    narrow (SQL over their tables). ``by_hand``: acted upon here since the last import wrote it, or given parts, which
    end with it; or begun here."""
    columns = ["id", "matter_id", "keeper_id", "issuer_id", "source", "batch", "label", *WORDS, "found_on", "limit_on",
               "closed_on", "version"]  # fmt: skip
    state.load(engine, "ledger_entry", LedgerEntry, columns, entries)
    columns = ["id", "state", "source", "category", "title", "area_id", "issuer_id", "holder_id", "official_id",
               "verifier_id", "limit_at", "closed_at", "version", "opened_at"]  # fmt: skip
    state.load(engine, "ledger_matter", Matter, columns, f"kind = 'problem' and {matters}")
    columns = ["matter_id", "text", "root_cause", "measure", "progress"]
    texts = f"matter_id in (select id from {Matter._meta.db_table} where kind = 'problem' and {matters})"
    state.load(engine, "ledger_text", MatterText, columns, texts)
    wholes = f"parent_id in (select id from {Matter._meta.db_table} where kind = 'problem' and {matters})"
    state.load(engine, "ledger_part", Matter, ["parent_id"], wholes)
    local = f"+ interval {seconds()} second"
    words = ", ".join(f"e.{each}" for each in WORDS)
    engine.run(
        "ledger as it stands",
        f"""create or replace table ledger_current as
        select m.id as matter_id, e.id as entry_id, e.keeper_id, coalesce(e.issuer_id, m.issuer_id) as issuer_id,
          coalesce(e.source, m.source) as source, e.batch, coalesce(e.label, '{OWN}' || m.id) as label, m.category,
          m.area_id, m.state, coalesce(t.text, m.title) as text, t.root_cause, t.measure, t.progress, m.holder_id,
          m.official_id, m.verifier_id, {words},
          case when e.id is null then (m.opened_at {local})::date else e.found_on end as found_on,
          case when e.version = m.version then e.limit_on else (m.limit_at {local} - interval 1 second)::date end as
            limit_on,
          case when e.version = m.version then e.closed_on else (m.closed_at {local})::date end as closed_on,
          m.version, e.id is null or e.version <> m.version or m.id in (select parent_id from ledger_part) as by_hand
        from ledger_matter m left join ledger_entry e on e.matter_id = m.id
          left join ledger_text t on t.matter_id = m.id
        where e.id is not null or m.state <> 'draft'""",
    )
