"""What people told that a matter was opened for, as far as its reader may be told of it.

Closed fails closed: a class must be open to the reader wherever the household (or the one that goes on in its place)
lives now or lived last, where it lived when the visit found it, and where the matter belongs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.duties.incidents import rules
from tuopin.duties.incidents import selectors as incidents
from tuopin.duties.permissions import VIEW_INCIDENT, VIEW_VISIT
from tuopin.duties.visits import reach, troubles
from tuopin.duties.visits import selectors as visits
from tuopin.measures.merged import kept_by
from tuopin.platform.access import field_classes_at, may
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import VIEW_HOUSEHOLD

from . import planning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tuopin.orders.board.matter import View
    from tuopin.orders.models import MatterSubject
    from tuopin.platform.access import Actor

READ, SHOWN = 200, 20
"""Rows of each sort that are looked at, and shown."""


def opened_for(actor: Actor, view: View) -> list[tuple[Title, str]]:
    """The problems of visits, and the incidents, of a matter, with their addresses: those that the reader may be told
    of. A fixed number of statements."""
    path = view.area.path if view.area is not None else "-"
    sees = {"visit": VIEW_VISIT, "incident": VIEW_INCIDENT}
    wanted = [key for key, permission in sees.items() if may(actor, permission, area_path=path)]
    if not wanted or not may(actor, VIEW_HOUSEHOLD, area_path=path):
        return []
    subjects = [each for each in view.subjects if each.origin in wanted][: planning.MOST]
    if not subjects:
        return []
    places = _Places(actor, path, {each.household_id for each in subjects if each.household_id is not None})
    told = [each for each in subjects if each.origin == "visit"]
    happened = [each for each in subjects if each.origin == "incident"]
    return [
        *(_problems(actor, told, places) if told else ()),
        *(_incidents(actor, happened, places) if happened else ()),
    ]


class _Places:
    """Where what is told of a household must be open: its own places now, that of its matter."""

    def __init__(self, actor: Actor, path: str, homes: Collection[int]) -> None:
        self._actor, self._path = actor, path
        keepers = kept_by(homes) if homes else {}
        pairs = [(each, 0) for each in {*homes, *keepers.values()}]
        lived = {home: found for (home, _none), found in reach.paths_of_targets(pairs).items()} if pairs else {}
        self._of = {home: {lived.get(home, ""), lived.get(keepers.get(home, home), "")} for home in homes}

    def classes(self, permission: str, household_id: int | None, beside: str = "") -> Iterator[frozenset[str] | None]:
        """The classes open in each of them, and in ``beside``."""
        paths = self._of.get(household_id or 0, set()) | {self._path} | ({beside} if beside else set())
        for path in paths:
            yield field_classes_at(self._actor, permission, path, household_id)


def _problems(actor: Actor, subjects: Collection[MatterSubject], places: _Places) -> Iterator[tuple[Title, str]]:
    keys = {(each.household_id, each.area_id, each.standard, each.item) for each in subjects}
    homes, areas = ({key[at] for key in keys} - {None} for at in (0, 1))
    own = visits.problems(actor, None, None).filter(Q(household_id__in=homes) | Q(household=None, area_id__in=areas))
    rows = list(own.filter(sort__in={key[2] for key in keys}).order_by("-pk")[:READ])
    versions = AreaVersion.objects.filter(area_id__in={each.area_id for each in rows}).order_by("valid_from")
    found_at = dict(versions.values_list("area_id", "path"))
    shown = 0
    for row in rows:
        key = (row.household_id, None if row.household_id is not None else row.area_id, row.sort, row.item)
        where = found_at.get(row.area_id, "-")
        opened = places.classes(VIEW_VISIT, row.household_id, where)
        if shown < SHOWN and key in keys and all(troubles.told(row, each) for each in opened):
            shown += 1
            title = Title(f"走访问题 {row.last_day}", f"problem of a visit, {row.last_day}")
            yield title, reverse("duties:visit_problem", args=[row.pk])


def _incidents(actor: Actor, subjects: Collection[MatterSubject], places: _Places) -> Iterator[tuple[Title, str]]:
    keys = {(each.household_id, each.standard, each.item) for each in subjects}
    own = incidents.incidents(actor, None, None)
    own = own.filter(household_id__in={key[0] for key in keys}, kind__in={key[1] for key in keys})
    for row in own.order_by("-pk")[:READ]:
        opened = places.classes(VIEW_INCIDENT, row.household_id)
        told = all(each is None or rules.classes_of(row.kind) <= each for each in opened)
        if told and (row.household_id, row.kind, row.found_on.isoformat()) in keys:
            title = Title(f"返贫、受灾事件 {row.found_on}", f"incident, {row.found_on}")
            yield title, reverse("duties:incident", args=[row.pk])
