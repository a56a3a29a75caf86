"""The page of proposed leads. No address bears a person or a matter; the forms travel by POST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.duties.selectors import organisation_names
from tuopin.platform.access import actor_of
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick

from ..limits import day_of
from . import proposals

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.access import Actor

    from ..models import LeadProposal

SHOWN = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lead_proposals(request: HttpRequest) -> HttpResponse:
    """What the clock proposes, and what oneself decided; POST opens a lead or dismisses one."""
    actor, problem = actor_of(request), None
    waiting = proposals.proposed(actor)
    key = request.POST.get("key", "")[:40]
    if request.method == "POST":
        try:
            return _decide(request, actor, key)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
    rows = list(waiting.select_related("official").order_by("due", "pk")[:SHOWN])
    own = list(proposals.decided(actor)[:SHOWN])
    readlog.read(actor, "orders.lead_proposals", {}, len(rows))
    offices = organisation_names({row.holder_id for row in rows}, timezone.localdate())
    shown: dict[str, Any] = {
        "rows": [(row, offices.get(row.holder_id, ""), day_of(row.due)) for row in rows],
        "more": len(rows) == SHOWN and waiting.count() > SHOWN,
        "own": [(row, _said(actor, row)) for row in own],
        "problem": problem,
        "given": request.POST,
        "at": key,
    }
    return render(request, "orders/lead_proposals.html", shown, status=400 if problem else 200)


def _said(actor: Actor, row: LeadProposal) -> proposals.Outcome | None:
    """What became of one; None where it was sealed with another key: the page must go on."""
    try:
        return proposals.outcome(actor, row)
    except Problem:
        return None


def _decide(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    given = {name: request.POST.get(name, "").replace("\0", "").strip() for name in ("grounds", "document", "reason")}
    if request.POST.get("do") == "open":
        lead = proposals.take_up(actor, key, grounds=given["grounds"], document=given["document"])
        messages.success(request, pick("已立线索，由您一人承办。", "Opened; you are its one officer."))
        return redirect("duties:lead", lead)
    if request.POST.get("do") == "dismiss":
        proposals.dismiss(actor, key, given["reason"])
        messages.success(request, pick("已作不立处理。", "Dismissed."))
        return redirect("orders:lead_proposals")
    raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
