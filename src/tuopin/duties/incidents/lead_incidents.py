"""What an incident means for a lead: who answered then, who reported in time and is protected by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.access import may
from tuopin.platform.problems import Problem

from ..models import IncidentReport
from ..officials.naming import current
from ..permissions import VIEW_INCIDENT
from . import lead_rules, selectors, services

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor

    from ..models import Incident
    from .leads import Wanted


def incident_of(actor: Actor, wanted: Wanted) -> Incident | None:
    """The incident that it comes from, within the grants. Raises Problem for who did not answer for the household."""
    if wanted.incident_id is None:
        if wanted.source == "incident":
            raise Problem(
                "no_incident",
                "来源是事件的，请从该事件的页面立线索。",
                "From an incident, open it on that page.",
            )
        return None
    view = selectors.one(actor, wanted.incident_id)
    if not may(actor, VIEW_INCIDENT, area_path=view.path):
        raise lead_rules.missing()
    named = {each["official_id"] for each in view.row.known if each.get("official_id")}
    if wanted.official_id not in current(named).values():
        raise Problem("not_a_holder", "此人当时不负责这一户。", "The official did not answer for the household then.")
    return view.row


def not_by_incident_alone(incident: Incident, reported: list[str], today: date) -> None:
    """Raises Problem for who reported the incident in time, and for everybody while that is still possible."""
    if reported:
        raise Problem(
            "reporter_protected",
            "此人已按时上报这件事，不能仅凭这件事立线索。确有别的来源的，请写那个来源。",
            "This official reported the incident in time: it alone opens no lead. Name another source if there is one.",
        )
    last = services.in_time_until(incident)
    if today <= last:
        raise Problem(
            "report_still_due",
            f"到 {last} 为止上报都算按时，现在不能仅凭这件事立线索。",
            f"Until {last} a report is in time: the incident alone opens no lead yet.",
        )


def mitigating(incident_id: int, official_id: int) -> list[str]:
    """What speaks for the person: that it was reported in time, under whichever of the entries that are he."""
    who = Q(official_id=official_id) | Q(official__merged_into_id=official_id)
    rows = IncidentReport.objects.filter(who, incident_id=incident_id, in_time=True)
    return [each.isoformat() for each in rows.values_list("day", flat=True)]
