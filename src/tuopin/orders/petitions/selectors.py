"""Reading petitions: the list of the petition office, one petition's beside, counts. No list of the engine: that one is
exported and served to programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from tuopin.core import matters as core
from tuopin.duties.lasting import lasting_area_ids
from tuopin.platform.access import may, require, visible_paths

from .. import selectors
from ..board import due as due_of
from ..board import names
from ..limits import day_of
from ..models import Matter
from ..permissions import PETITIONS
from ..services import missing
from . import letters, owed, reassigning
from .models import Petition, PetitionLetter
from .services import STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor

SIZE = 50
MOST = 1000
_WATCHED = (*due_of.RUNNING, "draft", "review", "second_review")
TO_REASSIGN = "to_reassign"
TO_SEND = "to_send"
"""Instead of a state: those that should go to somebody else; those with a letter that is owed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A petition in the list. ``limit``: the last day of what runs now; ``late``: that it has passed;
    ``reassign``: that it should go to somebody else."""

    row: Matter
    petition: Petition | None
    limit: date | None
    late: bool
    holder: str
    area: str
    reassign: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What the petition office reads beside a matter; not who came. ``earlier``, ``later``: of the same affair, as far
    as the reader keeps them."""

    row: Matter
    petition: Petition
    organisation: str
    official: str
    area: str
    earlier: int | None
    later: Sequence[int]
    letters: Sequence[PetitionLetter]
    possible: Sequence[str]


def kept(actor: Actor) -> QuerySet[Matter]:
    """The petitions of the reader’s office. Raises Refused for who keeps none."""
    require(actor, PETITIONS)
    found = selectors.matters(actor).filter(kind=Matter.Kind.PETITION)
    ranges = visible_paths(actor, PETITIONS)
    return found if ranges is None else found.filter(area_id__in=lasting_area_ids(ranges))


def page(actor: Actor, state: str, number: int, now: datetime) -> tuple[list[Line], bool]:
    """One page of the list, what is due first before, ended ones last; and whether there are more."""
    found = kept(actor).select_related("petition")
    if state == TO_REASSIGN:
        found = reassigning.proposed(found)
    elif state == TO_SEND:
        found = owed.waiting(found, now)
    else:
        found = found.filter(state=state) if state in core.STATES else found.exclude(state__in=core.ENDED)
    rows = list(found.order_by("limit_at", "pk")[number * SIZE : (number + 1) * SIZE + 1])
    holders, areas = names.offices(row.holder_id for row in rows), names.areas(rows)
    return [_line(row, now, holders, areas) for row in rows[:SIZE]], len(rows) > SIZE


def due(actor: Actor, now: datetime, days: int) -> list[Line]:
    """What is late or due within some days, the most urgent first; as far as :data:`MOST`."""
    found = kept(actor).select_related("petition").filter(state__in=_WATCHED, limit_at__lte=now + timedelta(days=days))
    rows = list(found.exclude(state="review", closed_at__isnull=False).order_by("limit_at", "pk")[:MOST])
    return [_line(row, now, {}, {}) for row in rows]


def counts(actor: Actor) -> list[tuple[str, Title, int]]:
    """How many of the petitions of the reader's office are in each state. Exact: who reads the number reads each of the
    petitions that it counts, and one about the reader, or where the reader works, is in neither."""
    found = dict(kept(actor).order_by().values_list("state").annotate(count=Count("pk")))
    return [(state, title, found[state]) for state, title in STATES.items() if found.get(state)]


def beside(actor: Actor, number: int) -> Beside:
    """One petition for its office. Raises Missing for everybody else."""
    if not may(actor, PETITIONS):
        raise missing()
    row = kept(actor).select_related("text").filter(pk=number).first() if number < 2**63 else None
    if row is None:
        raise missing()
    petition = Petition.objects.select_related("about_official", "petitioner").filter(pk=row.pk).first()
    if petition is None:
        raise missing()
    root = petition.repeats_id or petition.pk
    family = Q(petition__repeats_id=root) | Q(pk=root)
    same = list(kept(actor).filter(family).exclude(pk=row.pk).order_by("pk").values_list("pk", flat=True)[: SIZE + 1])
    sent = list(petition.letters.select_related("word").order_by("pk")[:SIZE])
    return Beside(
        row, petition,
        names.offices([petition.about_organisation_id]).get(petition.about_organisation_id or 0, ""),
        petition.about_official.name if petition.about_official is not None else "",
        names.areas([row]).get(row.area_id, ""),
        root if root in same else None,
        [each for each in same if each != root][:SIZE],
        sent,
        letters.possible(row, petition, {each.kind for each in sent if each.withdrawn_at is None}),
    )  # fmt: skip


def _line(row: Matter, now: datetime, holders: Mapping[int, str], areas: Mapping[int, str]) -> Line:
    running = row.state in {*due_of.RUNNING, "draft", "review", "second_review"} and not (
        row.state == "review" and row.closed_at is not None
    )
    at, petition = row.limit_at if running else None, getattr(row, "petition", None)
    return Line(
        row, petition, day_of(at) if at else None, at is not None and now >= at,
        holders.get(row.holder_id or 0, ""), areas.get(row.area_id, ""),
        petition is not None and petition.reassign_at is not None and row.state in reassigning.HELD,
    )  # fmt: skip
