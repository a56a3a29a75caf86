"""What incidents show on the page of a household. Nothing of leads stands on any page of another room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Panel

from ..beside import beside
from ..permissions import REPORT_INCIDENT, VIEW_INCIDENT
from . import rules

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed


def household_panels(actor: Actor, placed: Placed) -> list[Panel]:
    """The incidents that the reader may be told of, and where one is recorded. No statement of its own."""
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW_INCIDENT, area_path=path, household_id=key):
        return []
    titles = rules.titles("incidents", "kind")
    reports = may(actor, REPORT_INCIDENT, area_path=path, household_id=key)
    content: dict[str, object] = {
        "rows": [(each, titles[each.text]) for each in beside(actor, placed).incidents],
        "report": reverse("duties:new_incident", args=[placed.household.code]) if reports else "",
    }
    return [Panel("incidents", Title("返贫、受灾事件", "Incidents"), "duties/panel_incidents.html", 40, content,
                  aside=True)]  # fmt: skip
