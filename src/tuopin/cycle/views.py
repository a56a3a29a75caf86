"""Pages of the cycle: what opens matters in an area, with a preview; what is to be verified, what nobody holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core import matters as core
from tuopin.orders import words
from tuopin.orders.board import drafting, names
from tuopin.orders.limits import day_of
from tuopin.orders.permissions import ISSUE, VIEW
from tuopin.platform.access import actor_of, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register.place import area_of

from . import planning, selectors, services
from .order import CLOSED_TITLE
from .permissions import OPEN

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from tuopin.orders.models import Matter
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from .models import ClosingProposal

SHOWN = 50
_MOST = 200
"""Choices in a form: more than there are standards."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def openings(request: HttpRequest) -> HttpResponse:
    """What opens matters here; POST keeps the choice or begins to open them."""
    actor, area, problem = actor_of(request), area_of(request), None
    require(actor, OPEN, area_path=area.path)
    require(actor, ISSUE, area_path=area.path)
    if request.method == "POST":
        try:
            return _done(request, actor, area)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
    offers = selectors.offers(actor, area)
    chosen = next((each.chosen for each in offers if each.chosen is not None), None)
    asked = bool(chosen) and request.GET.get("preview") == "1"
    ticked = {each.key for each in offers if each.chosen is not None}
    context = {
        "area": area,
        "offers": offers,
        "ticked": set(request.POST.getlist("opens")) if problem else ticked,
        "chosen": chosen,
        "issuers": drafting.issuers(actor, area),
        "issuer": chosen.issuer_id if chosen else None,
        "preview": selectors.preview(actor, area, offers) if asked else None,
        "asked": asked,
        "waiting": selectors.without_holder(actor, area)[:1].exists(),
        "problem": problem,
    }
    readlog.read(actor, "cycle.openings", {"area": area.code}, len(offers))
    return render(request, "cycle/openings.html", context, status=400 if problem else 200)


def _done(request: HttpRequest, actor: Actor, area: AreaVersion) -> HttpResponse:
    here = f"{reverse('cycle:openings')}?{urlencode({'area': area.code})}"
    if request.POST.get("do") == "open":
        job = services.begin(actor, area)
        return redirect("platform:job", job.pk)
    if request.POST.get("do") != "keep":
        raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    given = request.POST.getlist("opens")
    if len(given) > _MOST:
        raise Problem("bad_form", "选择过多，请从页面上提交。", "Too many choices: use the page.")
    wanted = {(standard, origin) for standard, _colon, origin in (each.partition(":") for each in given)}
    services.choose(actor, area, wanted, whole_number(request.POST.get("issuer", ""), None), timezone.now())
    messages.success(request, pick("已保存。", "Kept."))
    return redirect(f"{here}&preview=1" if wanted else here)


@never_cache
@require_GET
def follow_up(request: HttpRequest) -> HttpResponse:
    """What a later evaluation no longer finds, and what findings opened that nobody holds."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    proposed = list(selectors.proposed(actor, area)[: SHOWN + 1])
    waiting = list(selectors.without_holder(actor, area)[: SHOWN + 1])
    planned = list(planning.done(actor, area)[: SHOWN + 1])
    words.cover(actor, [*proposed, *waiting, *planned])
    readlog.read(actor, "cycle.follow_up", {"area": area.code}, len(proposed) + len(waiting) + len(planned))
    offices = names.offices(each.holder_id for each in [*proposed, *planned])
    areas = names.areas([*proposed, *waiting, *planned])
    days = selectors.days_of(proposed)
    context = {
        "area": area,
        "proposed": [
            (
                each, core.STATES[each.state], offices.get(each.holder_id or 0, ""), areas.get(each.area_id, ""),
                _day_of(each, days[each.pk]), day_of(each.limit_at) if each.limit_at and not each.by_hours else None,
            )
            for each in proposed[:SHOWN]
            if each.pk in days
        ],
        "waiting": [(each, areas.get(each.area_id, "")) for each in waiting[:SHOWN]],
        "planned": [
            (each, core.STATES[each.state], offices.get(each.holder_id or 0, ""), areas.get(each.area_id, ""))
            for each in planned[:SHOWN]
        ],
        "more_planned": len(planned) > SHOWN,
        "more_proposed": len(proposed) > SHOWN,
        "more_waiting": len(waiting) > SHOWN,
    }  # fmt: skip
    return render(request, "cycle/follow_up.html", context)


def _day_of(row: Matter, proposal: ClosingProposal) -> date | None:
    """As of which it is proposed. That of what people told is another than that of an evaluation: of closed classes it
    is not said."""
    return proposal.day if row.title != CLOSED_TITLE else None
