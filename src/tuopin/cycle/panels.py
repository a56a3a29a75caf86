"""What the cycle shows on pages of rooms below: the way of a household, what a matter was opened for, the matter of a
planned measure, of a problem of a visit, of an incident; that an import may go on to be evaluated and open matters."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Case, Q, When
from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.core.matters import STATES
from tuopin.measures.merged import of_households
from tuopin.measures.permissions import KEEP_PLAN
from tuopin.orders import reach
from tuopin.orders.models import Matter, MatterSubject
from tuopin.orders.permissions import ISSUE, VIEW
from tuopin.platform.access import may
from tuopin.platform.panels import Link, Panel
from tuopin.register.permissions import IMPORT
from tuopin.standards.evaluating import area_to_evaluate

from . import planning
from .opened_for import opened_for
from .permissions import OPEN

if TYPE_CHECKING:
    from datetime import date

    from tuopin.duties.models import Incident
    from tuopin.duties.visits.models import VisitProblem
    from tuopin.orders.board.matter import View
    from tuopin.platform.access import Actor
    from tuopin.register.models import Import, ImportSet
    from tuopin.register.selectors import Placed


def household_panels(_actor: Actor, placed: Placed, _day: date) -> list[Panel]:
    """Where the household’s way through the whole cycle is shown. No statement."""
    content: dict[str, object] = {"href": reverse("cycle:trace", args=[placed.household.code])}
    return [Panel("trace", Title("一户一轨迹", "Its way"), "cycle/panel_trace.html", 9, content, aside=True)]


def matter_panels(actor: Actor, view: View) -> list[Panel]:
    """The measures of help plans that a matter became, and where it is put into one; what it was opened for, for whom
    that may be told."""
    row = view.row
    if row.kind == Matter.Kind.PETITION or not view.whole:
        return []
    linked = planning.of_matter(actor, row)
    there = {each.code for each in linked}
    puts = row.state in planning.OPEN and view.area is not None and may(actor, KEEP_PLAN, area_path=view.area.path)
    left = [code for code in view.households if code not in there]
    content: dict[str, object] = {
        "linked": linked,
        "all_done": bool(linked) and all(each.done for each in linked) and row.state in planning.REPORTED_FROM,
        "put": reverse("cycle:plan_item", args=[row.pk]) if puts and left else "",
        "told": opened_for(actor, view),
    }
    if not any(content.values()):
        return []
    return [Panel("cycle", Title("来由与帮扶计划", "Where it comes from, and the help plan"), "cycle/panel_matter.html",
                  10, content)]  # fmt: skip


def visit_problem_panels(actor: Actor, row: VisitProblem) -> list[Panel]:
    """The matter that a problem of a visit opened; of a household, also one that was merged into it."""
    subject = (
        of_households([row.household_id]) if row.household_id is not None else Q(household=None, area_id=row.area_id)
    )
    return _matter_of(actor, subject, origin="visit", standard=row.sort, item=row.item)


def plan_panels(actor: Actor, placed: Placed, year: int) -> list[Panel]:
    """The matters that measures of the plan came from."""
    rows = [
        (linked, matter, STATES[matter.state])
        for linked, matter in planning.of_household(actor, placed.household.pk, year)
    ]
    if not rows:
        return []
    title = Title("来自问题和指令的措施", "Measures that came from matters")
    return [Panel("cycle", title, "cycle/panel_plan.html", 10, {"rows": rows})]


def incident_panels(actor: Actor, row: Incident) -> list[Panel]:
    """The matter that an incident opened."""
    subject = of_households([row.household_id])
    return _matter_of(actor, subject, origin="incident", standard=row.kind, item=row.found_on.isoformat())


def _matter_of(actor: Actor, subject: Q, **finding: str) -> list[Panel]:
    """The newest that was not withdrawn, if there is one. One statement."""
    own = MatterSubject.objects.filter(subject, **finding).values("matter_id")
    rows = Matter.objects.filter(reach.work(actor, VIEW), pk__in=own)
    row = rows.order_by(Case(When(state="withdrawn", then=1), default=0), "-pk").first()
    if row is None:
        return []
    content: dict[str, object] = {"row": row, "state": STATES[row.state], "over": row.state in {"closed", "final"}}
    return [Panel("cycle", Title("办理", "What is done about it"), "cycle/panel_told.html", 10, content)]


def import_set_panels(actor: Actor, made: ImportSet) -> list[Panel]:
    """That a previewed set may be imported, evaluated and open matters in one go, for the area that the reader is at:
    the page names it, and says where that may not be. No statement."""
    if made.preview is None or not (may(actor, OPEN) and may(actor, ISSUE)):
        return []
    href = f"{reverse('cycle:chain')}?{urlencode({'set': made.pk})}"
    title = Title("导入后接着核查、立案", "Import, then evaluate and open matters")
    return [Panel("cycle", title, "cycle/panel_set.html", 10, {"href": href})]


def after_import(actor: Actor, record: Import) -> list[Link]:
    """That the area of an import may be evaluated, and what is found open matters, in one go. No statement of its own:
    the link to evaluate it asks for the same area."""
    if record.undone_at is not None or not may(actor, IMPORT):
        return []
    area = area_to_evaluate(actor, record.path)
    if area is None or not all(may(actor, each, area_path=area.path) for each in (OPEN, ISSUE)):
        return []
    return [
        Link(
            Title(f"核查并立案：{area.name}", f"Evaluate {area.name}, and open matters"),
            f"{reverse('cycle:chain')}?{urlencode({'area': area.code})}",
            11,
            Title("先看会做什么，再开始", "see first what it would do"),
        )
    ]
