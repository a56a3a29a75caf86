"""Whose household it is: officials who live in a household of the register, and those who have relatives there.

From then on such an official answers for nobody while the household is to be helped, and watches over no household of
his own or of a relative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.models import Membership, PersonIdentity
from tuopin.register.selectors import household_ids_within, on_day

from ..assigning import targets
from ..models import OfficialTie
from ..organisations.services import out_of_order
from ..permissions import KEEP_OFFICIALS
from ..selectors import ranges_at
from .services import locked

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from ..models import Official


def tie(actor: Actor, official_id: int, household: str, relation: str, *, day: date, document: str) -> int:
    """An official lives in a household (``own``), or a relative does (``kin``), from a day on; returns the row's id.

    ``household`` is its code. With ``own``, where exactly one member has the official's name, that entry is linked.
    Raises Missing for an official or household outside the grants, Problem without a document or for the same again.
    """
    if relation not in OfficialTie.Relation.values:
        raise Problem("unknown_key", "没有这种关系。", "There is no such relation.")
    if not document.strip():
        raise Problem("no_document", "请写明依据的文件或核实情况。", "Name the document or what was checked.")
    home = _home(actor, household)
    with database.write():
        who = locked(actor, official_id)
        if OfficialTie.objects.filter(official=who, household_id=home, valid_to=None).exists():
            raise Problem("tied_already", "已登记这户。", "This household is recorded already.")
        made = OfficialTie.objects.create(
            official=who, household_id=home, relation=relation, document=document.strip()[:200], valid_from=day
        )
        if relation == OfficialTie.Relation.OWN:
            _link(who, home, day)
        database.bump_data_version()
        audit.record(actor, "duties.tie", f"official:{official_id}", {"relation": relation, "day": day.isoformat()})
    return made.pk


def untie(actor: Actor, tie_id: int, *, day: date) -> None:
    """It is no longer so from ``day`` on; of the own household the link to its member goes too. Raises Missing."""
    with database.write():
        row = OfficialTie.objects.select_for_update().filter(pk=tie_id, valid_to=None).first()
        if row is None:
            raise targets.outside()
        try:
            _home(actor, row.household.code)
        except Missing:
            raise targets.outside() from None  # the refusal would name the household of a tie that is not the actor's
        who = locked(actor, row.official_id)
        if row.valid_from > day:
            raise out_of_order()
        if row.valid_from == day:
            row.delete()
        else:
            row.valid_to = day
            row.save(update_fields=["valid_to"])
        if row.relation == OfficialTie.Relation.OWN and who.person_id is not None:
            who.person = None
            who.save(update_fields=["person"])
        database.bump_data_version()
        audit.record(actor, "duties.untie", f"official:{row.official_id}", {"day": day.isoformat()})


def ties_of(actor: Actor, who: Official) -> QuerySet[OfficialTie]:
    """The ties of an official to households where the actor keeps officials, what holds first."""
    ranges = ranges_at(actor, KEEP_OFFICIALS)
    found = OfficialTie.objects.filter(official=who).select_related("household")
    if ranges is not None:
        found = found.filter(household_id__in=household_ids_within(ranges))
    return found.order_by("valid_to", "valid_from", "pk")


def _home(actor: Actor, code: str) -> int:
    """A household where the actor keeps officials, by where it lives now: relatives are older than any record."""
    placed = register.household(actor, code)
    require(actor, KEEP_OFFICIALS, area_path=placed.village.path)
    return placed.household.pk


def _link(who: Official, household_id: int, day: date) -> None:
    """Link the one member who has the official's name; of several, or none, nobody is."""
    members = Membership.objects.filter(on_day(day), household_id=household_id).values("person_id")
    named = PersonIdentity.objects.filter(superseded_at=None, person_id__in=members, name=who.name)
    people = set(named.values_list("person_id", flat=True))
    if len(people) == 1:
        who.person_id = people.pop()
        who.save(update_fields=["person"])
