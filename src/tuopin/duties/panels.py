"""What duties shows on the page of a household: who answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Panel

from .models import Helper
from .permissions import VIEW_HELPER
from .selectors import on_duty

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed

_ROLES = {
    Helper.Role.HELPER: Title("帮扶责任人", "helper"),
    Helper.Role.ASSISTANT: Title("协助人", "assistant"),
}


def household_panels(actor: Actor, placed: Placed, day: date) -> list[Panel]:
    """Helper and assistants on duty on the day; that nobody is, is said."""
    if not may(actor, VIEW_HELPER, area_path=placed.village.path, household_id=placed.household.pk):
        return []
    rows = [(helper, _ROLES[Helper.Role(helper.role)]) for helper in on_duty(placed.household.pk, day)]
    content: dict[str, object] = {
        "rows": rows,
        "gap": not any(helper.role == Helper.Role.HELPER for helper, _title in rows),
        "day": day,
    }
    return [Panel("helpers", Title("帮扶责任人", "Helper"), "duties/panel_helpers.html", 10, content, aside=True)]
