"""What duties shows on the page of a household: who answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Event, Panel, Tab

from . import kinds
from .around import answerable, around
from .beside import beside
from .cards.panels import area_tab, household_panel
from .commitments import panels as commitments
from .headquarters import panels as headquarters
from .incidents import panels as incidents
from .models import Assignment
from .permissions import ASSIGN, VIEW_HELPER
from .teams.panels import team_panels, team_tabs
from .visits import panels as visits

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.register.selectors import Placed

    from .around import Around
    from .beside import Term


def household_panels(actor: Actor, placed: Placed, day: date) -> list[Panel]:
    """Helper and assistants on duty on the day, visits, incidents, papers, what was promised. One statement."""
    return [
        *_helpers(actor, placed, day), *visits.household_panels(actor, placed),
        *incidents.household_panels(actor, placed), *household_panel(actor, placed),
        *commitments.household_panel(actor, placed),
    ]  # fmt: skip


def _helpers(actor: Actor, placed: Placed, day: date) -> list[Panel]:
    """That nobody is on duty is said."""
    if not may(actor, VIEW_HELPER, area_path=placed.village.path, household_id=placed.household.pk):
        return []
    terms = [each for each in beside(actor, placed, day).terms if _on_duty(each, day)]
    rows = [(helper, kinds.role(helper.role).title, helper.away) for helper in terms]
    content: dict[str, object] = {
        "rows": rows,
        "gap": not any(helper.role == Assignment.Role.HELPER for helper, _title, _away in rows),
        "day": day,
        "assign": _assign(actor, placed),
    }
    return [Panel("helpers", Title("帮扶责任人", "Helper"), "duties/panel_helpers.html", 10, content, aside=True)]


def _assign(actor: Actor, placed: Placed) -> str:
    """Where somebody is assigned; empty where the reader may not."""
    if not may(actor, ASSIGN, area_path=placed.village.path):
        return ""
    return reverse("duties:assign_household", args=[placed.household.code])


def area_panels(actor: Actor, area: AreaVersion, day: date) -> list[Panel]:
    """Who answers for the area itself, its headquarters, what was promised for it. One statement, two where there are
    headquarters."""
    read = around(actor, area, day)
    parts = (
        *headquarters.area_panel(area, read, day),
        *commitments.area_panel(area, read),
        *team_panels(actor, area, read, day),
        *visits.area_panels(actor, area),
    )
    return [*_answering(actor, area, read), *parts]


def _answering(actor: Actor, area: AreaVersion, read: Around) -> list[Panel]:
    if not may(actor, VIEW_HELPER, area_path=area.path) or not answerable(area.level):
        return []
    assign = reverse("duties:assign_area", args=[area.code]) if may(actor, ASSIGN, area_path=area.path) else ""
    said = [(each, kinds.role(each.role).title, each.away) for each in read.terms]
    content: dict[str, object] = {"rows": said, "assign": assign}
    return [Panel("answering", Title("责任人", "Who answers"), "duties/panel_area.html", 30, content)]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """Where nobody answers, who watches over whom."""
    if not may(actor, VIEW_HELPER, area_path=area.path):
        return _other_tabs(actor, area)
    gaps = Tab("duty_gaps", Title("责任空缺", "Gaps in duties"), f"{reverse('duties:gaps')}?area={area.code}", 40)
    watching = f"{reverse('duties:watching')}?area={area.code}"
    return [gaps, Tab("watching", Title("人盯人", "Watching"), watching, 41), *_other_tabs(actor, area)]


def _other_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    own = (*headquarters.area_tabs(actor, area), *commitments.area_tab(actor, area))
    return [*area_tab(actor, area), *own, *team_tabs(actor, area), *visits.area_tabs(actor, area)]


def household_events(actor: Actor, placed: Placed) -> list[Event]:
    """Helpers coming and going, visits."""
    found = visits.household_events(actor, placed)
    if not may(actor, VIEW_HELPER, area_path=placed.village.path, household_id=placed.household.pk):
        return found
    for each in beside(actor, placed).terms:
        role = kinds.role(each.role).title
        if each.since_known:
            title = Title(f"{role.zh}到任：{each.name}", f"{role.en} took up duty: {each.name}")
            found.append(Event(each.valid_from, "helper", title, each.source))
        if each.valid_to is not None:
            title = Title(f"{role.zh}离任：{each.name}", f"{role.en} left duty: {each.name}")
            found.append(Event(each.valid_to, "helper", title, each.source))
    return found


def _on_duty(term: Term, day: date) -> bool:
    return term.valid_from <= day and (term.valid_to is None or term.valid_to > day)
