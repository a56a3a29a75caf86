"""The page of the chain: import, evaluation, matters; what they would do, then doing it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.workbook.values import parse_date
from tuopin.platform.access import actor_of
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.register.place import area_of
from tuopin.standards import evaluating

from . import chain, selectors
from .order import ORIGINS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def chain_page(request: HttpRequest) -> HttpResponse:
    """What the steps would do for an area, by the newest look; POST looks, or begins."""
    actor, area, problem = actor_of(request), area_of(request), None
    chain.check(actor, area)
    given = request.POST if request.method == "POST" else request.GET
    day, number = None, None
    try:
        day, number = _given(given)
        if request.method == "POST":
            if given.get("do") not in {"look", "begin"}:
                raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
            job = chain.begin(actor, area, day, number, dry=given.get("do") == "look")
            return redirect("platform:job", job.pk)
        if number is not None:
            chain.ready(actor, number)
    except Problem as found:
        if found.status != 400:
            raise
        problem = found
    seen = chain.looked(actor, area, chain.payload_of(area, day, number))
    readlog.read(actor, "cycle.chain", {"area": area.code}, 1)
    context = {
        "area": area,
        "number": number,
        "day": day,
        "usual": evaluating.default_day(area),
        "today": timezone.localdate(),
        "chosen": bool(selectors.chosen(area, actor)),
        "look": (seen.result or {}).get("look") if seen is not None else None,
        "looked_at": seen.finished_at if seen is not None else None,
        "origins": {key: each.title for key, each in ORIGINS.items()},
        "problem": problem,
    }
    return render(request, "cycle/chain.html", context, status=400 if problem else 200)


def _given(given: QueryDict) -> tuple[datetime.date | None, int | None]:
    """The day and the set asked for; none = the usual day, no files. Raises Problem."""
    text, chosen = given.get("day", "").strip()[:20], given.get("set", "").strip()
    day = parse_date(text) if text else None
    if text and not isinstance(day, datetime.date):
        raise Problem("bad_date", "判定日请写作 2018-12-01。", "Write the day as 2018-12-01.")
    return (day if isinstance(day, datetime.date) else None), whole_number(chosen, 0) if chosen else None
