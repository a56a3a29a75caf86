"""Pages of livelihood: an area's figures, the lists, one enterprise, one household."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import panels
from tuopin.platform.access import actor_of, field_classes_at, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.panels import decimal_text
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import cards, counting
from tuopin.register import selectors as register
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion, HouseholdCard, PersonCard
from tuopin.register.place import area_of

from .. import merged
from ..permissions import VIEW
from ..plans.forms import day_of
from . import figures, forms, lists, selectors, services, shown
from .models import EnterpriseLink, EnterpriseVersion, Work
from .panel import lines_of
from .words import ENTERPRISES, FORMS, OLD_HOUSE, PLACES, RISKS, USES, WORKS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.platform.lists import Listing
    from tuopin.register.selectors import Placed

SHOWN = 200
"""Households that the page of an enterprise lists; the list of links has them all."""


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What an area's livelihood adds up to, each number with the list behind it."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    day = counting.as_of()
    classes = field_classes_at(actor, VIEW, area.path)
    found = figures.of_area(actor, area, day, classes)
    readlog.read(actor, "measures.livelihood", {"area": area.code}, 1)
    context = {
        "area": area,
        "day": day,
        "groups": shown.groups(found, area.code),
        "coverage": shown.coverage(found.coverage),
        "people_follow": not cards.is_current(),
        "tabs": panels.tabs(actor, area, current="livelihood"),
        "keeps": services.may_keep(actor, area.path),
    }
    return render(request, "measures/livelihood.html", context)


def _list(request: HttpRequest, listing: Listing, about: str) -> HttpResponseBase:
    """A list of an area, or of the households that a reader of single ones may see."""
    actor = actor_of(request)
    try:
        area: AreaVersion | None = area_of(request)
    except Missing:
        if request.GET.get("area"):
            raise
        area = None
    listing.may_open(reader_at(actor, VIEW, area, {}))
    who = reader_at(actor, VIEW, area, first_of(request.GET))
    context = {
        "area": area,
        "tabs": panels.tabs(actor, area, current="livelihood") if area is not None else (),
        "heading": listing.title,
        "about": about,
        "keeps": area is not None and about == "enterprises" and services.may_keep(actor, area.path),
    }
    return list_page(request, listing, who, "measures/livelihood_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def enterprise_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, lists.ENTERPRISE_LIST, "enterprises")


@require_http_methods(["GET", "HEAD", "POST"])
def link_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, lists.LINK_LIST, "links")


@require_http_methods(["GET", "HEAD", "POST"])
def dividend_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, lists.DIVIDEND_LIST, "dividends")


@require_http_methods(["GET", "HEAD", "POST"])
def work_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, lists.WORK_LIST, "work")


@require_http_methods(["GET", "HEAD", "POST"])
def loan_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, lists.LOAN_LIST, "loans")


@require_http_methods(["GET", "HEAD", "POST"])
def relocation_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, lists.RELOCATION_LIST, "relocations")


# -- one enterprise -----------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_enterprise(request: HttpRequest) -> HttpResponse:
    """Enter an enterprise of the area."""
    actor, area = actor_of(request), area_of(request)
    if not services.may_keep(actor, area.path):
        raise Missing("no_such_page", "没有这个页面。", "There is no such page.")
    problem: Problem | None = None
    if request.method == "POST":
        try:
            place = register.area(actor, forms.text(request.POST, "place")[:64] or area.code)
            made = services.keep_enterprise(actor, forms.enterprise(request.POST, place.area_id))
        except Problem as found:
            if found.status not in {400, 404}:
                raise
            problem = found
        else:
            messages.success(request, pick("已登记带贫主体。", "The enterprise is entered."))
            return redirect("measures:enterprise", made.enterprise_id)
    context = {
        "area": area, "kinds": list(ENTERPRISES.items()), "today": timezone.localdate(), "typed": request.POST,
        "problem": pick(problem.zh, problem.en) if problem else "",
    }  # fmt: skip
    return render(request, "measures/enterprise_new.html", context, status=400 if problem else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enterprise(request: HttpRequest, enterprise_id: int) -> HttpResponse:
    """One enterprise: what it is, how it stands with it, which households hang on it; and the form for a new word."""
    actor = actor_of(request)
    day = counting.as_of()
    version = selectors.enterprise(actor, enterprise_id, timezone.localdate())
    keeps = services.may_keep(actor, version.path)  # type: ignore[attr-defined]  # annotated
    problem: Problem | None = None
    if request.method == "POST":
        if not keeps:
            raise Missing("no_such_enterprise", "没有找到这个带贫主体。", "There is no such enterprise.")
        try:
            _say(request, actor, version)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect("measures:enterprise", enterprise_id)
    hanging = selectors.hanging(actor, enterprise_id, day)
    rows = list(hanging.order_by("keeper", "form")[: SHOWN + 1])
    heads = dict(HouseholdCard.objects.filter(pk__in={row.keeper for row in rows}).values_list("pk", "head_name"))
    readlog.read(actor, "measures.enterprise", {"enterprise": enterprise_id}, len(rows))
    context = {
        "version": version,
        "kind": ENTERPRISES.get(version.kind),
        "place": register.area_name(version.area_id),
        "risk": RISKS.get(version.risk or ""),  # type: ignore[attr-defined]  # annotated
        "risks": [
            (row, RISKS.get(row.level))
            for row in version.enterprise.risks.filter(superseded_at=None).order_by("-day")[:50]
        ],
        "versions": EnterpriseVersion.objects.filter(enterprise=enterprise_id, superseded_at=None).order_by("-as_of")[
            :20
        ],
        "rows": [(row, heads.get(row.keeper, ""), FORMS[row.form], _yuan(row.agreed)) for row in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "counted": hanging.order_by().values("keeper").distinct().count(),
        "levels": list(RISKS.items()),
        "kinds": list(ENTERPRISES.items()),
        "posted": request.POST.get("do", ""),
        "values": request.POST if request.POST.get("do") == "change" else _written(version) if keeps else {},
        "day": day,
        "today": timezone.localdate(),
        "keeps": keeps,
        "typed": request.POST,
        "problem": pick(problem.zh, problem.en) if problem else "",
    }
    return render(request, "measures/enterprise.html", context, status=400 if problem else 200)


def _say(request: HttpRequest, actor: Actor, version: EnterpriseVersion) -> None:
    """What the forms of the page of an enterprise say: what it is from a day on, that it is no more, its risk."""
    posted, number = request.POST, version.enterprise_id
    match posted.get("do", "risk"):
        case "change":
            code = forms.text(posted, "place")[:64]
            try:
                place = register.area(actor, code).area_id if code else version.area_id
            except Missing as found:
                raise Problem(found.code, found.zh, found.en) from None
            seen = forms.number(posted, "seen")
            services.keep_enterprise(actor, forms.enterprise(posted, place), number, seen=seen)
            messages.success(request, pick("已登记变更。", "The change is recorded."))
        case "close":
            ended = services.close_enterprise(actor, forms.risk(posted, number))
            messages.success(
                request,
                pick(
                    f"已登记注销，同时结束 {ended} 条联结。其他区域的联结由当地结束；在此务工的人请逐户核实。",
                    f"It is closed, and {ended} links have ended. Those of other areas are ended there; ask after "
                    "those who worked here.",
                ),
            )
        case "risk":
            services.record_risks(actor, [forms.risk(posted, number)])
            messages.success(request, pick("已记录。", "Recorded."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _written(version: EnterpriseVersion) -> dict[str, str]:
    """What is known of an enterprise, as texts of its form."""
    standing = AreaVersion.objects.filter(area_id=version.area_id, valid_to=None)
    return {
        "name": version.name, "credit_code": version.credit_code, "kind": version.kind, "industry": version.industry,
        "organisation": version.organisation, "operator": version.operator,
        "capacity": "" if version.capacity is None else str(version.capacity),
        "place": standing.values_list("code", flat=True).first() or "", "as_of": "", "seen": str(version.pk),
    }  # fmt: skip


def _yuan(amount: int | None) -> str:
    return "" if amount is None else decimal_text(amount, 2)


# -- one household ------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def household(request: HttpRequest, code: str) -> HttpResponse:
    """How one household lives by its work, and the forms to say what has changed."""
    actor = actor_of(request)
    placed = register.household(actor, code)
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW, area_path=path, household_id=key):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.")
    classes = field_classes_at(actor, VIEW, path, key)
    keeps = services.may_keep(actor, path, key)
    problem: Problem | None = None
    if request.method == "POST":
        if not keeps:
            raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.")
        try:
            _act(request, actor, placed)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已记录。", "Recorded."))
            return redirect("measures:household_livelihood", code)
    readlog.read(actor, "measures.household_livelihood", {"household": code}, 1)
    today = timezone.localdate()
    context = {
        "placed": placed,
        "found": shown.household(lines_of(key), today, classes),
        "keeps": keeps,
        "loans_open": classes is None or selectors.BANK in classes,
        "children_open": classes is None or selectors.CHILD in classes,
        "members": _members(key),
        "near": _near(placed) if keeps else (),
        "forms": list(FORMS.items()), "kinds": list(WORKS.items()), "places": list(PLACES.items()),
        "uses": list(USES.items()), "houses": list(OLD_HOUSE.items()),
        "today": today,
        "posted": request.POST.get("do", ""),
        "typed": request.POST,
        "problem": pick(problem.zh, problem.en) if problem else "",
    }  # fmt: skip
    return render(request, "measures/household_livelihood.html", context, status=400 if problem else 200)


def _members(household_id: int) -> list[tuple[int, str]]:
    return list(PersonCard.objects.filter(household_id=household_id).order_by("pk").values_list("pk", "name"))


def _near(placed: Placed) -> list[tuple[int, str]]:
    """Enterprises that a form offers: those of the county."""
    county = next((each for each in register.ancestors(placed.village) if each.level == "county"), placed.village)
    return selectors.offered(county)


def _act(request: HttpRequest, actor: Actor, placed: Placed) -> None:
    posted, key = request.POST, placed.household.pk
    match posted.get("do", ""):
        case "link":
            services.keep_links(actor, [forms.link(posted, key)])
        case "end_link":
            _end(actor, EnterpriseLink, placed, request)
        case "dividend":
            services.record_dividends(actor, [forms.dividend(posted, key)])
        case "work":
            services.keep_work(actor, [forms.work(posted, {number for number, _name in _members(key)})])
        case "end_work":
            _end(actor, Work, placed, request)
        case "loan":
            services.keep_loans(actor, [forms.loan(posted, key)])
        case "relocation":
            services.record_relocations(actor, [forms.relocation(posted, key)])
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _end(actor: Actor, model: type[EnterpriseLink] | type[Work], placed: Placed, request: HttpRequest) -> None:
    """End a link or work of this household."""
    posted = request.POST
    number = whole_number(posted.get("entry", ""), 0) or 0
    mine = (
        merged.of_households([placed.household.pk])
        if model is EnterpriseLink
        else Q(person_id__in=[person for person, _name in _members(placed.household.pk)])
    )
    if not model.objects.filter(mine, pk=number, superseded_at=None).exists():
        raise Missing(
            "no_such_row", "没有这条记录，或已有新的版本。", "There is no such row, or there is a newer version."
        )
    said: dict[str, Any] = {}
    if model is Work:
        reason = forms.text(posted, "reason")
        if len(reason) > 200:
            raise Problem("too_long", "原因不超过 200 字。", "The reason: at most 200 characters.")
        said = {"returned": posted.get("returned") == "1", "end_reason": reason}
    day = day_of(forms.text(posted, "last"), "最后一天", "the last day")
    services.end_rows(actor, model, [number], day, **said)
