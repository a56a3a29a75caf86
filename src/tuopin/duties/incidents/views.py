"""Pages of incidents: the list, one with what was known before, opening one for a household."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.platform.access import actor_of, field_classes_at, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.panels import gather
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.listings import reader_at
from tuopin.register.place import area_of

from ..officials.naming import current
from ..permissions import HOLD_LEAD, REPORT_INCIDENT, VIEW_INCIDENT
from . import forms, rules, selectors, services
from .lists import INCIDENTS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor

    from .selectors import IncidentView


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def incident_list(request: HttpRequest) -> HttpResponseBase:
    """The incidents of an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_INCIDENT, area_path=area.path)
    reader = reader_at(actor, VIEW_INCIDENT, area, first_of(request.GET))
    return list_page(request, INCIDENTS, reader, "duties/incidents.html", {"area": area})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_incident(request: HttpRequest, household: str) -> HttpResponse:
    """An incident of a household. What a form gets wrong is said above it, with what was typed."""
    actor = actor_of(request)
    placed = register.household(actor, household)
    path, key = placed.village.path, placed.household.pk
    if not may(actor, REPORT_INCIDENT, area_path=path, household_id=key):
        raise Missing("no_such_household", f"没有找到户编号 {household}。", f"There is no household {household}.")
    problem: Problem | None = None
    if request.method == "POST":
        try:
            [row] = services.open_incidents(actor, [forms.opening(request.POST, household)])
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已登记，当时已知的情况已留存。", "Recorded, with what was known before."))
            return redirect("duties:incident", row.pk)
    told = rules.told_kinds(field_classes_at(actor, REPORT_INCIDENT, path, key))
    titles = rules.titles("incidents", "kind")
    context = {
        "placed": placed, "kinds": [(each, titles[each]) for each in told], "given": request.POST, "problem": problem,
        "channels": list(rules.titles("incidents", "channel").items()), "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "duties/incident_new.html", context, status=400 if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """One incident: what was known and done before it, reports of who answers, what became of it."""
    actor = actor_of(request)
    view = selectors.one(actor, number)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act(request, actor, view)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect("duties:incident", number)
    readlog.read(actor, f"household:{view.row.household_id}", {"incident": number}, 1)
    return render(request, "duties/incident.html", _context(actor, view, problem), status=400 if problem else 200)


def _act(request: HttpRequest, actor: Actor, view: IncidentView) -> None:
    posted = request.POST
    match posted.get("do", ""):
        case "report":
            official = whole_number(posted.get("official", ""), None)
            day = forms.day(posted, "day", "报告日期", "the day of the report") if official else None
            services.report(
                actor, view.row, forms.text(posted, "text", 1001), official_id=official or None, day=day,
                document=forms.text(posted, "document", 201),
            )  # fmt: skip
            messages.success(request, pick("报告已记录。", "The report is recorded."))
        case "close":
            day = forms.day(posted, "day", "办结日期", "the day")
            services.close(
                actor, view.row, forms.text(posted, "outcome", 20), day=day, note=forms.text(posted, "note", 501)
            )
            messages.success(request, pick("已办结。", "Closed."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _context(actor: Actor, view: IncidentView, problem: Problem | None) -> dict[str, Any]:
    row = view.row
    reports = may(actor, REPORT_INCIDENT, area_path=view.path, household_id=row.household_id) and view.opens
    frozen = {int(str(each["official_id"])): each["zh"] for each in view.lines if each.get("official_id")}
    now = current([*frozen, *(each.official_id for each in view.reports)])
    named = {now[key]: name for key, name in frozen.items()}
    reported = {now[each.official_id] for each in view.reports}
    return {
        "view": view,
        "row": row,
        "kind": rules.titles("incidents", "kind").get(row.kind),
        "channel": rules.titles("incidents", "channel").get(row.channel),
        "outcome": rules.titles("incidents", "outcome").get(view.closing.outcome) if view.closing else None,
        "may_report": reports,
        "is_office": reports and may(actor, REPORT_INCIDENT, area_path=view.path),
        "holders": [(key, name) for key, name in named.items() if key not in reported],
        "named": list(named.items()),
        "outcomes": list(rules.titles("incidents", "outcome").items()),
        "may_lead": may(actor, HOLD_LEAD, area_path=view.path),
        "today": timezone.localdate(),
        "problem": problem,
        "panels": gather("incident", actor, row),
    }
