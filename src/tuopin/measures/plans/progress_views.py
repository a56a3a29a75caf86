"""Pages of the year's plan against what was done: an area's figures, and the list of measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import panels
from tuopin.platform.access import actor_of, may
from tuopin.platform.panels import decimal_text
from tuopin.register import counting
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.place import area_of

from ..policies import CLASSES
from ..views import list_of
from ..years import year_of, years
from .measures import MEASURES
from .progress import progress

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from .progress import Sums

TAB = "progress"


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Planned, done, late and paid of a year's plans, by class and by the areas below."""
    actor, area = actor_of(request), area_of(request)
    year = year_of(request.GET.get("year", ""), ahead=1)
    found = progress(actor, area, year, timezone.localdate())
    context = {
        "area": area,
        "found": found,
        "without": max(0, found.households - found.with_plan),
        "waiting": found.with_plan - found.signed - found.refused,
        "classes": [(CLASSES[sort], sort, cells(sums)) for sort, sums in found.by_class.items()],
        "areas": [(each, cells(sums)) for each, sums in found.by_area],
        "total": cells(found.total),
        "year": year,
        "years": years(ahead=1),
        "listed": year == counting.as_of().year,  # the list of households is of the register's day
        "sees": may(actor, VIEW_HOUSEHOLD, area_path=area.path),
        "tabs": panels.tabs(actor, area, current=TAB),
    }
    return render(request, "measures/progress.html", context)


def cells(sums: Sums) -> dict[str, object]:
    """Numbers as they are printed. A sum of which no part is known is unknown ('')."""
    return {
        "planned": sums.planned,
        "done": sums.done,
        "late": sums.late,
        "seen": sums.seen,
        "share": f"{100 * sums.done // sums.planned}%" if sums.planned else "",
        "cost": decimal_text(sums.cost, 2) if sums.planned > sums.unpriced else "",
        "unpriced": sums.unpriced,
        "paid": decimal_text(sums.paid, 2) if sums.done and (sums.paid or not sums.unpaid) else "",
        "unpaid": sums.unpaid,
        "effect": decimal_text(sums.effect, 2),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def measure_list(request: HttpRequest) -> HttpResponseBase:
    """The measures of a year's plans in an area."""
    return list_of(request, MEASURES, "measures/measure_list.html", TAB)
