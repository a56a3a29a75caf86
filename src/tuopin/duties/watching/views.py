"""Pages of who watches whom, by category; and of how much one official may answer for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.register.areas import ids
from tuopin.register.models import AreaVersion
from tuopin.register.place import area_of
from tuopin.register.selectors import on_day

from .. import acting, kinds
from ..acting import text_of
from ..assigning import caseload
from ..dates import day_of
from ..models import Caseload
from ..permissions import SET_CASELOAD, VIEW_HELPER
from . import watchers

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from tuopin.platform.access import Actor
    from tuopin.platform.problems import Problem


@require_GET
def watching_page(request: HttpRequest) -> HttpResponse:
    """Person watches person: by category and area, who has a watcher of the rank that is asked for."""
    actor, area = actor_of(request), area_of(request)
    day = timezone.localdate()
    report = watchers.report(actor, area, day)
    readlog.read(actor, "duties.watching", {"area": area.code}, len(report.rows))
    shown = {
        "area": area,
        "day": day,
        "categories": [
            (category, category.key in report.waiting,
             [(row.area, row.of[category.key]) for row in report.rows if category.key in row.of])
            for category in report.categories.values()
        ],
        "levels": kinds.levels(),
        "tabs": panels.tabs(actor, area, current="watching"),
    }  # fmt: skip
    return render(request, "duties/watching.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def caseload_page(request: HttpRequest) -> HttpResponse:
    """How much one official may answer for, by role: the usual bounds and those of this area and above it."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HELPER, area_path=area.path)
    today = timezone.localdate()

    def save(who: Actor, given: QueryDict) -> None:
        text = text_of(given, "most", 8)
        most = whole_number(text, -1) if text else None
        day = day_of(given.get("day", ""), "日期", "the day")
        caseload.set_bound(
            who, area.area_id, text_of(given, "role", 20), most, day=day, level=text_of(given, "level", 16)
        )

    problem: Problem | None = None
    if request.method == "POST":
        require(actor, SET_CASELOAD, area_path=area.path)
        problem = acting.done(request, actor, {"save": save})
        if problem is None:
            return redirect(f"{request.path}?area={area.code}")
    above = ids(area.path)
    rows = list(Caseload.objects.filter(on_day(today), area_id__in=above).order_by("role", "level"))
    names = dict(AreaVersion.objects.filter(area_id__in=above).order_by("valid_from").values_list("area_id", "name"))
    shown = {
        "area": area,
        "usual": [
            (role, [(kinds.levels()[level], most) for level, most in role.most_at.items()])
            for role in kinds.roles().values()
        ],
        "own": [
            (kinds.role(row.role).title, kinds.levels().get(row.level), row, names.get(row.area_id, ""))
            for row in sorted(rows, key=lambda row: above.index(row.area_id))
            if row.role in kinds.roles()
        ],
        "levels": kinds.levels().items(),
        "sets": may(actor, SET_CASELOAD, area_path=area.path),
        "problem": problem, "given": request.POST, "today": today,
    }  # fmt: skip
    return render(request, "duties/caseload.html", shown, status=400 if problem else 200)
