"""Leads that the clock proposes: for matters that were neither solved nor reported up, long after their limit. The
clock opens none; a person decides (``proposals.py``)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.duties.models import Official
from tuopin.register.correcting.subjects import listed

from ..limits import day_of
from ..models import LeadProposal, MatterEvent
from .chain import Chains, accounts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from tuopin.core.matters import Step

    from .rows import Row


@dataclass(frozen=True, slots=True)
class Proposed:
    """A new proposal: its key, and the account of the person whom it names."""

    key: str
    user_id: int | None


def propose(taken: Sequence[tuple[Row, Step]], now: datetime) -> Mapping[int, Proposed]:
    """Propose leads for matters whose last step is the lead; returns those that are new, by matter. Never for a
    petition: who holds one is known to the petition office alone. Never about a holder who once reported the matter up
    in time. Who is named: the person responsible, else who answered for the holder when the limit passed; of a matter
    that went to somebody else after its limit, those of before: who was given it late has not made it late."""
    late = [
        (row.id, row.limit_at, row.holder_id, row.official_id)
        for row, step in taken
        if step.key == "lead" and row.kind != "petition" and row.limit_at is not None and row.holder_id is not None
    ]
    if not late:
        return {}
    ids = [number for number, _due, _holder, _official in late]
    known = set(LeadProposal.objects.filter(matter_id__in=listed(ids)).values_list("matter_id", "due"))
    reports = MatterEvent.objects.filter(matter_id__in=listed(ids), act="report_up").values_list("matter_id", "data")
    reported = {(number, data.get("before", {}).get("holder")) for number, data in reports}
    before = _before({number: due for number, due, _holder, _official in late})
    then = [(number, due, *before.get(number, (holder, official))) for number, due, holder, official in late]
    fresh = [each for each in then if each[:2] not in known and (each[0], each[2]) not in reported]
    heads = _heads({(day_of(due), holder) for _number, due, holder, official in fresh if official is None})
    rows = [
        LeadProposal(
            key=secrets.token_hex(16), matter_id=number, due=due, holder_id=holder,
            official_id=official or heads.get((day_of(due), holder)), proposed_at=now,
        )
        for number, due, holder, official in fresh
    ]  # fmt: skip
    LeadProposal.objects.bulk_create(rows, batch_size=500)
    users = accounts({row.official_id for row in rows if row.official_id is not None})
    return {row.matter_id: Proposed(row.key, users.get(row.official_id or 0)) for row in rows}


def _before(limits: Mapping[int, datetime]) -> Mapping[int, tuple[int, int | None]]:
    """Who had matters when their limits passed, of those that went to somebody else after that: holder and person. Two
    entries that turned out one person since are the one that stands."""
    moves = MatterEvent.objects.filter(matter_id__in=listed(limits), act="reassign").order_by("-pk")
    found: dict[int, tuple[int, int | None]] = {}
    for number, at, data in moves.values_list("matter_id", "at", "data"):
        if at >= limits[number]:  # the first one after the limit is read last
            found[number] = data["before"]["holder"], data["before"]["official"]
    people = Official.objects.filter(
        pk__in=listed({person for _holder, person in found.values() if person is not None})
    )
    stands = {number: into or number for number, into in people.values_list("pk", "merged_into_id")}
    return {number: (holder, stands.get(person or 0)) for number, (holder, person) in found.items()}


def _heads(wanted: Collection[tuple[date, int]]) -> Mapping[tuple[date, int], int | None]:
    """Who answered for organisations on days; a fixed number of statements a day, of which a tick has few."""
    found: dict[tuple[date, int], int | None] = {}
    for day in sorted({day for day, _holder in wanted}):
        chains, holders = Chains(day), [holder for one, holder in wanted if one == day]
        chains.know(holders)
        found |= {(day, link.office.id): link.head for holder in holders if (link := chains.link(holder)) is not None}
    return found
