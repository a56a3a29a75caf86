"""What visits show on the pages of households and areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Event, Panel, Tab
from tuopin.register.permissions import VIEW_HOUSEHOLD

from ..beside import beside
from ..permissions import RECORD_VISIT, VIEW_VISIT
from . import kinds
from .models import Visit

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.register.selectors import Placed

    from ..beside import Line

SHOWN = 3


def household_panels(actor: Actor, placed: Placed) -> list[Panel]:
    """The newest visits, what waits, and where one is recorded. No statement of its own."""
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW_VISIT, area_path=path, household_id=key):
        return []
    read = beside(actor, placed)
    found, code = read.visits, placed.household.code
    records = may(actor, RECORD_VISIT, area_path=path, household_id=key)
    content: dict[str, object] = {
        "rows": [
            (
                _row(each),
                "、".join(read.names.get(each.key, [])),
                kinds.sorts().get(each.more),
                kinds.reasons().get(each.third),
            )
            for each in found[:SHOWN]
        ],
        "second_look": _second_look([each for each in found if not each.flag]),
        "problems": read.problems if found else 0,
        "all": reverse("duties:household_visits", args=[code]),
        "record": reverse("duties:record_visit", args=[code]) if records else "",
    }
    return [Panel("visits", Title("走访", "Visits"), "duties/panel_visits.html", 11, content, aside=True)]


def _second_look(standing: list[Line]) -> date | None:
    """By when somebody is to look again, as ``selectors.not_reached_since``: whoever met the household on the same day,
    before or after, has reached it."""
    met = max((each.day for each in standing if each.text == Visit.Outcome.MET), default=None)
    missed = [each.day for each in standing if each.text == Visit.Outcome.NOT_REACHABLE]
    waiting = [day for day in missed if met is None or day > met]
    return kinds.second_look_by(min(waiting)) if waiting else None


def _row(line: Line) -> dict[str, object]:
    return {"number": line.number, "day": line.day, "outcome": line.text, "taken_back_at": line.flag}


def household_events(actor: Actor, placed: Placed) -> list[Event]:
    """Visits on the time line."""
    if not may(actor, VIEW_VISIT, area_path=placed.village.path, household_id=placed.household.pk):
        return []
    reached = Title("走访", "visit")
    missed = Title("走访，没有见到", "visit, nobody was met")
    return [
        Event(each.day, "visit", reached if each.text == Visit.Outcome.MET else missed)
        for each in beside(actor, placed).visits
        if not each.flag
    ]


def area_panels(actor: Actor, area: AreaVersion) -> list[Panel]:
    """Where problems, coverage and the form of a visit are: no query."""
    if not may(actor, VIEW_VISIT, area_path=area.path):
        return []
    sees = may(actor, VIEW_HOUSEHOLD, area_path=area.path)
    content: dict[str, object] = {
        "problems": f"{reverse('duties:visit_problems')}?area={area.code}&settled=0" if sees else "",
        "coverage": f"{reverse('duties:visit_coverage')}?area={area.code}",
        "record": reverse("duties:record_area_visit", args=[area.code])
        if may(actor, RECORD_VISIT, area_path=area.path) and area.level in {"village", "township", "county"}
        else "",
    }
    return [Panel("visits", Title("走访", "Visits"), "duties/panel_area_visits.html", 31, content)]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """How the duties to visit stand."""
    if not may(actor, VIEW_VISIT, area_path=area.path):
        return []
    address = f"{reverse('duties:visit_coverage')}?area={area.code}"
    return [Tab("visit_coverage", Title("遍访进度", "Visits"), address, 41)]
