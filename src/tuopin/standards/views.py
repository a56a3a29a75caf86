"""The page that has an area evaluated."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tuopin.platform import place
from tuopin.platform.access import actor_for, require
from tuopin.platform.catalogue import catalogue
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.place import area_of

from . import evaluating
from .permissions import EVALUATE

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.access import Actor
    from tuopin.platform.models import User
    from tuopin.register.models import AreaVersion


@require_http_methods(["GET", "HEAD", "POST"])
def evaluate(request: HttpRequest) -> HttpResponse:
    """What an evaluation of the area would cover, and the day; a POST begins it as a job."""
    actor = actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in
    if request.method == "POST":
        return _begin(request, actor)
    area = area_of(request)
    require(actor, EVALUATE, area_path=area.path)
    given = request.GET.get("day", "")
    try:
        return _page(request, actor, area, _day(given) or evaluating.default_day(area))
    except Problem as problem:
        if problem.status != 400:
            raise
        return _page(request, actor, area, None, problem, given[:10], status=400 if given else 200)


def _begin(request: HttpRequest, actor: Actor) -> HttpResponse:
    area = register.area(actor, request.POST.get("area", "").replace("\0", "").strip()[:64])
    given = request.POST.get("day", "")
    try:
        job = evaluating.begin(actor, area.code, _day(given))
    except Problem as problem:
        if problem.status != 400:
            raise
        return _page(request, actor, area, None, problem, given[:10], status=400)
    return redirect("platform:job", job.pk)


def _page(
    request: HttpRequest,
    actor: Actor,
    area: AreaVersion,
    day: date | None,
    problem: Problem | None = None,
    given: str = "",
    status: int = 200,
) -> HttpResponse:
    place.show(request, area, f"{request.path}?area={area.code}")
    waiting = evaluating.unfinished(actor, area.code)
    plan = evaluating.plan(actor, area, day) if day else None
    context = {
        "area": area,
        "plan": plan,
        "standards": [(each, catalogue().level(each.level).title) for each in plan.standards] if plan else [],
        "day": day.isoformat() if day else given or evaluating.default_day(area).isoformat(),
        "today": timezone.localdate(),
        "problem": pick(problem.zh, problem.en) if problem else "",
        "job": waiting[0] if waiting else None,
        "results": reverse("console:results", args=[area.code]),
    }
    return render(request, "standards/evaluate.html", context, status=status)


def _day(text: str) -> date | None:
    """A day as the form sends it; None for an empty field: the default. Raises Problem."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Problem("bad_date", "日期请写成 2018-12-01 的样子。", "Write the date like 2018-12-01.") from None
