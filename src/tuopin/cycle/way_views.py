"""Pages of one household’s way through the cycle, and of a matter that becomes a measure of its help plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.measures.permissions import KEEP_PLAN
from tuopin.measures.plans import forms
from tuopin.measures.policies import CLASSES
from tuopin.orders.board import names
from tuopin.orders.limits import day_of
from tuopin.platform import place
from tuopin.platform.access import actor_of, require
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register

from . import planning
from . import trace as way

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.orders.models import Matter


@never_cache
@require_GET
def trace(request: HttpRequest, code: str) -> HttpResponse:
    """One household’s way, the newest steps first of all pages; ``stage`` shows the steps of one sort alone."""
    actor = actor_of(request)
    placed = register.household(actor, code)
    place.show(request, placed.village, reverse("console:area", args=[placed.village.code]))
    found = way.steps(actor, placed)
    readlog.read(actor, f"household:{placed.household.pk}", {"trace": True}, 1)
    stage = request.GET.get("stage", "")
    if stage and stage not in way.STAGES:
        raise Problem("bad_stage", "没有这个环节。", "There is no such step.")
    shown = [each for each in found if not stage or each.stage == stage]
    page = Paginator(shown[::-1], way.PAGE).get_page(request.GET.get("page"))
    context = {
        "placed": placed,
        "stages": way.stages(found),
        "stage": stage,
        "steps": [(each, way.STAGES[each.stage]) for each in reversed(page.object_list)],
        "page": page,
        "printed": timezone.localtime(),
    }
    return render(request, "cycle/trace.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan_item(request: HttpRequest, number: int) -> HttpResponse:
    """Put a matter into the help plan of a household that it is about."""
    actor = actor_of(request)
    require(actor, KEEP_PLAN)
    row = planning.matter_of(actor, number)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            drafted = forms.draft(request.POST, 0, timezone.localdate().year).measures
            if not drafted:
                raise Problem("bad_plan", "请写明措施内容和落实单位。", "Write content and organisation.")
            made = planning.put(actor, number, request.POST.get("household", "")[:64], drafted[0], timezone.now())
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已列入计划，等户主签字。", "It is in the plan, which waits to be signed."))
            return redirect(f"{reverse('measures:plan', args=[made.household.code])}?year={made.year}")
    homes = planning.about(actor, row) if row.state in planning.OPEN else {}
    there = set(planning.items_of(row).values_list("household_id", flat=True))
    readlog.read(actor, "orders.matter", {"matter": number}, max(1, len(homes)))
    context = {
        "row": row,
        "codes": [code for code, key in sorted(homes.items()) if key not in there][: planning.MOST],
        "sorts": list(CLASSES.items()),
        "given": _typed(request) if problem else _proposed(row),
        "problem": problem,
    }
    return render(request, "cycle/plan_item.html", context, status=400 if problem else 200)


_FIELDS = ("sort", "content", "organisation", "due", "cost", "fund")


def _typed(request: HttpRequest) -> dict[str, str]:
    found = {name: request.POST.get(f"{name}-0", "")[:400] for name in _FIELDS}
    return found | {"household": request.POST.get("household", "")[:64]}


def _proposed(row: Matter) -> dict[str, str]:
    """What the form begins with: the matter’s title, who holds it, its limit."""
    offices = names.offices([row.holder_id])
    due = day_of(row.limit_at).isoformat() if row.limit_at is not None else ""
    return {"content": row.title, "organisation": offices.get(row.holder_id or 0, ""), "due": due}
