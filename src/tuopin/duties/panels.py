"""What duties shows on the page of a household: who answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Event, Panel

from .models import Helper
from .permissions import VIEW_HELPER
from .selectors import terms_of

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.selectors import Placed

_TERMS = "duties.terms"
_ROLES = {
    Helper.Role.HELPER: Title("帮扶责任人", "helper"),
    Helper.Role.ASSISTANT: Title("协助人", "assistant"),
}


def household_panels(actor: Actor, placed: Placed, day: date) -> list[Panel]:
    """Helper and assistants on duty on the day; that nobody is, is said."""
    if not may(actor, VIEW_HELPER, area_path=placed.village.path, household_id=placed.household.pk):
        return []
    terms = [each for each in _terms(placed) if _on_duty(each, day)]
    rows = [(helper, _ROLES[Helper.Role(helper.role)]) for helper in terms]
    content: dict[str, object] = {
        "rows": rows,
        "gap": not any(helper.role == Helper.Role.HELPER for helper, _title in rows),
        "day": day,
    }
    return [Panel("helpers", Title("帮扶责任人", "Helper"), "duties/panel_helpers.html", 10, content, aside=True)]


def household_events(actor: Actor, placed: Placed) -> list[Event]:
    """Helpers coming and going."""
    if not may(actor, VIEW_HELPER, area_path=placed.village.path, household_id=placed.household.pk):
        return []
    found = []
    for each in _terms(placed):
        role = _ROLES[Helper.Role(each.role)]
        source = f"{each.sheet.file} · {each.sheet.name}" if each.sheet else ""
        if each.since_known:
            title = Title(f"{role.zh}到任：{each.name}", f"{role.en} took up duty: {each.name}")
            found.append(Event(each.valid_from, "helper", title, source))
        if each.valid_to is not None:
            title = Title(f"{role.zh}离任：{each.name}", f"{role.en} left duty: {each.name}")
            found.append(Event(each.valid_to, "helper", title, source))
    return found


def _terms(placed: Placed) -> list[Helper]:
    """Everybody who ever answered for the household, read once for its page."""
    held = placed.memo.get(_TERMS)
    if held is None:
        held = placed.memo[_TERMS] = list(terms_of(placed.household.pk))
    return cast("list[Helper]", held)


def _on_duty(term: Helper, day: date) -> bool:
    return term.valid_from <= day and (term.valid_to is None or term.valid_to > day)
