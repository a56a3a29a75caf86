"""The figures of an area: a map of the areas below and the charts of all rooms, each with its table and its CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tuopin.console.selectors import run_of
from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import CONDITIONS
from tuopin.platform.access import actor_for
from tuopin.platform.charts import Chart, Offer, Place, csv_text, gather
from tuopin.platform.panels import tabs
from tuopin.platform.problems import Missing
from tuopin.register import outlines
from tuopin.register.models import AreaVersion
from tuopin.register.place import LEVEL_TITLES, area_of
from tuopin.standards import results

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.charts import Measure
    from tuopin.platform.models import User


@require_GET
def figures(request: HttpRequest, area: str) -> HttpResponse:  # noqa: ARG001 - area_of() reads it from the address
    """Charts of an area. ``?map=`` chooses what the map shows, ``?csv=`` gives one chart's table as a file."""
    actor = actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in
    version = area_of(request)
    offer = gather(actor, version)
    below = list(AreaVersion.objects.filter(parent_id=version.area_id, valid_to=None).order_by("code"))
    measure = _chosen(offer, request.GET.get("map", ""))
    charts = [*([_map(measure, version, below)] if measure is not None and below else []), *offer.charts]
    if "csv" in request.GET:
        return _csv(charts, request.GET["csv"], version)
    context = {
        "area": version,
        "level": LEVEL_TITLES[version.level],
        "tabs": tabs(actor, version, "figures"),
        "charts": charts,
        "measures": offer.measures if below else (),
        "measure": measure,
        "runs": [run_of(run) for run in results.newest(version, CONDITIONS.key) if run.draft] if offer.charts else [],
    }
    return render(request, "console/figures.html", context)


def _chosen(offer: Offer, key: str) -> Measure | None:
    """The measure asked for, else the first. Raises Missing for one that does not exist."""
    if not key:
        return offer.measures[0] if offer.measures else None
    found = next((each for each in offer.measures if each.key == key), None)
    if found is None:
        raise Missing("no_such_map", "没有这张地图，请重新选择。", "There is no such map: choose again.")
    return found


def _map(measure: Measure, version: AreaVersion, below: list[AreaVersion]) -> Chart:
    places = [Place(each.area_id, each.code, each.name, reverse("console:figures", args=[each.code])) for each in below]
    missing = [each.name for each in below if each.code not in outlines.known()]
    note = None
    if missing and len(missing) < len(below):
        shown = "、".join(missing[:10]) + ("…" if len(missing) > 10 else "")
        note = Title(
            f"{len(missing)} 个区域没有轮廓，只在表中：{shown}",
            f"{len(missing)} areas have no outline and stand in the table alone: {shown}",
        )
    elif missing:
        note = Title(
            "这里还没有区域轮廓，只有表格。管理员可用 tuopin maps install 装入。",
            "No outlines of these areas are installed: only the table. An administrator can: tuopin maps install.",
        )
    return measure.chart(LEVEL_TITLES[below[0].level], places, reverse("register:outlines", args=[version.code]), note)


def _csv(charts: list[Chart], key: str, version: AreaVersion) -> HttpResponse:
    chart = next((each for each in charts if each.key == key), None)
    if chart is None:
        raise Missing("no_such_chart", "没有这张图。", "There is no such chart.")
    response = HttpResponse(csv_text(chart), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{version.code}-{chart.key}.csv"'
    return response
