"""Procedures on the page of a household: a panel, and what was done in the time line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import may
from tuopin.platform.panels import Event, Panel, Tab
from tuopin.standards.permissions import RUN_PROCEDURE, VIEW_PROCEDURE

from . import definitions
from .models import Procedure, ProcedureAct
from .selectors import STATES

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.register.selectors import Placed

_KEY = "standards.procedures"


def _rows(placed: Placed) -> list[Procedure]:
    """The procedures of a household, read once for its page, the newest first."""
    held = placed.memo.get(_KEY)
    if not isinstance(held, list):
        found = Procedure.objects.filter(level="household", subject_id=placed.household.pk)
        held = list(found.select_related("definition").defer("frozen").order_by("-pk")[:50])
        placed.memo[_KEY] = held
    return held


def household_panels(actor: Actor, placed: Placed, day: date) -> list[Panel]:  # noqa: ARG001 - as all makers
    """The procedures with the step that is due; for who may begin one, the way there."""
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW_PROCEDURE, area_path=path, household_id=key):
        return []
    rows = []
    for row in _rows(placed):
        definition = definitions.read(row.definition)
        rows.append((row, definition, definition.step(row.step), STATES[row.state]))
    begins = may(actor, RUN_PROCEDURE, area_path=path)
    if not rows and not begins:
        return []
    content = {
        "rows": rows,
        "today": timezone.localdate(),
        "begin": f"{reverse('standards:procedure_begin')}?area={placed.village.code}" if begins else "",
    }
    return [
        Panel("procedures", Title("程序", "Procedures"), "standards/panel_procedures.html", 15, content, aside=True)
    ]


def household_events(actor: Actor, placed: Placed) -> list[Event]:
    """The start, every act and the end."""
    if not may(actor, VIEW_PROCEDURE, area_path=placed.village.path, household_id=placed.household.pk):
        return []
    rows = _rows(placed)
    if not rows:
        return []
    acts: dict[int, list[ProcedureAct]] = {}
    for act in ProcedureAct.objects.filter(procedure_id__in=[row.pk for row in rows]).order_by("number"):
        acts.setdefault(act.procedure_id, []).append(act)
    found = []
    for row in rows:
        definition = definitions.read(row.definition)
        title = definition.title
        found.append(Event(row.started, "procedure", Title(f"{title.zh}：开始", f"{title.en}: begun")))
        for act in acts.get(row.pk, ()):
            step = definition.step(act.step)
            outcome = step.outcome(act.outcome) if step is not None else None
            if step is not None and outcome is not None:
                what = Title(f"{step.title.zh}：{outcome.title.zh}", f"{step.title.en}: {outcome.title.en}")
                found.append(Event(act.day, "procedure", what, detail=title))
        if row.state == Procedure.State.WITHDRAWN:
            found.append(
                Event(row.ended_on, "procedure", Title(f"{title.zh}：撤回", f"{title.en}: withdrawn"),
                      detail=Title(row.reason, row.reason))
            )  # fmt: skip
    return found


def area_tab(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The procedures of an area."""
    if not may(actor, VIEW_PROCEDURE, area_path=area.path):
        return []
    return [Tab("procedures", Title("程序", "Procedures"), f"{reverse('standards:procedures')}?area={area.code}", 34)]
