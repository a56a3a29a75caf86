"""What measures shows on pages of other rooms: plan, payments and gaps of a household, the tab of an area."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import field_classes_at, may
from tuopin.platform.panels import Panel, Tab, decimal_text

from . import selectors
from .lists import KINDS
from .livelihood import panels as livelihood
from .permissions import VIEW
from .plans.progress import Sums, measured
from .plans.selectors import may_be_told
from .plans.states import MEASURE_STATES, PLAN_STATES
from .policies import opened

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.register.selectors import Placed

    from .selectors import Help

MOST = 200
"""Payments on the page of a household."""


def household_panels(actor: Actor, placed: Placed, day: date) -> list[Panel]:
    """The year's plan in short; what the household and its members received, and where that differs from what they are
    entitled to; the livelihood. One statement."""
    path, household = placed.village.path, placed.household.pk
    if not may(actor, VIEW, area_path=path, household_id=household):
        return []
    classes = field_classes_at(actor, VIEW, path, household)
    found, lines = selectors.of_household(placed.village, household, day.year)
    former = sorted(each.text for each in found if each.what == "former")
    plans = [each for each in found if each.what == "plan"]
    panels = [_plan(plans, placed.household.code, day, classes, former)]
    known = {each.key: each for each in opened(classes)}
    told = [each for each in found if each.what in {"payment", "gap"} and each.policy in known]
    payments = sorted((each for each in told if each.what == "payment"), key=lambda each: each.day, reverse=True)
    gaps = [each for each in told if each.what == "gap"]
    if payments or gaps:
        content: dict[str, object] = {
            "payments": [
                (known[each.policy].title, "" if each.amount is None else decimal_text(each.amount, 2), each)
                for each in payments[:MOST]
            ],
            "gaps": [(known[each.policy], each.who, KINDS[each.text]) for each in gaps],
            "day": gaps[0].day if gaps else "",
        }
        title = Title("政策享受", "Policies and payments")
        panels.append(Panel("payments", title, "measures/panel_payments.html", 14, content))
    panels.append(livelihood.household_panel(placed.household.code, lines, day, classes))
    return panels


def _plan(rows: list[Help], code: str, day: date, classes: frozenset[str] | None, former: list[str]) -> Panel:
    """The newest version of the year's plan. ``former``: codes of households merged into this one, which have their
    own."""
    shown = [each for each in rows if may_be_told(each.sort, each.policy, classes)]
    content: dict[str, object] = {
        "code": code,
        "year": day.year,
        "version": rows[0].amount if rows else 0,
        "state": PLAN_STATES[rows[0].said or "drafted"] if rows else None,
        "measures": [(each, MEASURE_STATES[_state(each, day)]) for each in shown],
        "hidden": len(shown) < len(rows),
        "former": former,
    }
    return Panel("plan", Title("帮扶计划", "Help plan"), "measures/panel_plan.html", 12, content)


def _state(row: Help, day: date) -> str:
    if row.flag:
        return "done"
    return "late" if date.fromisoformat(row.day) < day else "planned"


NEAR = frozenset({"township", "village"})
"""Levels whose page adds up the year's measures; above them their own page does, which may take a moment."""


def area_panels(actor: Actor, area: AreaVersion, day: date) -> list[Panel]:
    """The year's measures: planned, done, late. One statement."""
    if area.level not in NEAR or not may(actor, VIEW, area_path=area.path):
        return []
    rows = measured(area, day.year, day, field_classes_at(actor, VIEW, area.path))
    content: dict[str, object] = {
        "code": area.code,
        "year": day.year,
        "row": sum((sums for _path, _sort, sums in rows), Sums()),
    }
    progress = Panel("progress", Title("帮扶计划进展", "Help plans"), "measures/panel_progress.html", 34, content)
    return [progress, livelihood.area_panel(actor, area, day)]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The year's plans against what was done; entitled against received."""
    if not may(actor, VIEW, area_path=area.path):
        return []
    return [
        Tab("progress", Title("帮扶计划", "Help plans"), f"{reverse('measures:progress')}?area={area.code}", 35),
        Tab("worksheets", Title("收入明白卡", "Worksheets"), f"{reverse('measures:worksheets')}?area={area.code}", 35),
        Tab("projects", Title("项目和资金", "Projects"), f"{reverse('measures:projects')}?area={area.code}", 37),
        Tab("gaps", Title("应享未享", "Entitlements"), f"{reverse('measures:gaps')}?area={area.code}", 36),
        livelihood.area_tab(area),
    ]
