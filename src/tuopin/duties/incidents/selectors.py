"""Reading incidents: within the grants, and only kinds whose classes of fields are open to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.access import field_classes_at, may, visible_ids, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register.models import AreaVersion, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import subtree

from ..lasting import lasting_household_ids
from ..models import Incident, IncidentClosing, IncidentReport
from ..permissions import VIEW_INCIDENT
from . import known, rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor


def incidents(actor: Actor, place: AreaVersion | None, classes: frozenset[str] | None) -> QuerySet[Incident]:
    """Incidents of households that live, or lived last, in the grants (and the place), of kinds that are open."""
    found = Incident.objects.filter(kind__in=rules.told_kinds(classes))
    ranges = visible_paths(actor, VIEW_INCIDENT)
    if ranges is not None:
        single = visible_ids(actor, VIEW_INCIDENT, "household")
        inside = Q(household_id__in=lasting_household_ids(ranges))
        found = found.filter(inside | Q(household_id__in=sorted(single)) if single else inside)
    if place is not None:
        found = found.filter(household_id__in=lasting_household_ids([subtree(place)]))
    return found


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as a reader may see it. ``opens``: the household itself is open to the reader; then lines about it
    are shown too. ``words``: so is what people wrote, which may tell of health. ``whole``: the frozen lines still have
    their digest.
    """

    row: Incident
    lines: list[Mapping[str, object]]
    reports: list[IncidentReport]
    closing: IncidentClosing | None
    opens: bool
    words: bool
    path: str
    whole: bool


def one(actor: Actor, number: int) -> IncidentView:
    """One incident. Raises Missing outside the grants, and for a kind that the reader is not told."""
    row = Incident.objects.select_related("household").filter(pk=number).first() if number < 2**63 else None
    path = _path(row.household_id) if row is not None else ""
    if row is None or not may(actor, VIEW_INCIDENT, area_path=path, household_id=row.household_id):
        raise _missing()
    classes = field_classes_at(actor, VIEW_INCIDENT, path, row.household_id)
    if classes is not None and not rules.classes_of(row.kind) <= classes:
        raise _missing()
    opens = may(actor, VIEW_HOUSEHOLD, area_path=path, household_id=row.household_id)
    words = opens and (classes is None or "health" in classes)
    lines = [each for each in row.known if opens or each["about"] == "work"]
    reports = list(IncidentReport.objects.filter(incident=row).select_related("official").order_by("pk"))
    closing = IncidentClosing.objects.filter(incident=row).first()
    return IncidentView(row, lines, reports, closing, opens, words, path, known.digest(row.known) == row.digest)


def _missing() -> Missing:
    return Missing("no_such_incident", "没有这件事，或不在您的管辖范围内。", "There is no such incident.")


def _path(household_id: int) -> str:
    """Where the household lives now, or lived last."""
    home = Residence.objects.filter(household_id=household_id).order_by("-valid_from").first()
    if home is None:
        return ""
    version = AreaVersion.objects.filter(area_id=home.area_id).order_by("-valid_from").first()
    return version.path if version else ""
