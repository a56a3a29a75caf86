"""Pages of projects and funds: an area's figures, the list, one project, the accounts of the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import panels
from tuopin.platform.access import actor_of, field_classes_at, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.panels import decimal_text
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion, HouseholdCard
from tuopin.register.place import area_of

from ..permissions import KEEP_PROJECT, VIEW
from ..plans.forms import day_of
from ..plans.selectors import may_be_told
from ..policies import CLASSES
from ..views import list_of
from ..years import year_of, years
from . import benefits, forms, selectors, services
from .lists import PROJECTS
from .rules import FINDINGS, STATES, TIERS, advance_share

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor

TAB = "projects"
SHOWN = 200
"""Households on the page of a project."""


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Projects of a year in an area: how many, at what cost, allocated and paid, by the areas below."""
    actor, area = actor_of(request), area_of(request)
    year = year_of(request.GET.get("year", ""), ahead=1)
    whole, below = selectors.figures(actor, area, year, timezone.localdate())
    context = {
        "area": area,
        "year": year,
        "years": years(ahead=1),
        "whole": _figures(whole),
        "rows": [(each, _figures(found)) for each, found in below],
        "keeps": may(actor, KEEP_PROJECT, area_path=area.path) and area.level in LEVELS,
        "tabs": panels.tabs(actor, area, current=TAB),
    }
    return render(request, "measures/projects.html", context)


LEVELS = frozenset({"county", "township", "village"})


def _figures(found: selectors.Figures) -> dict[str, Any]:
    known = found.projects - found.unpriced
    return {
        "projects": found.projects,
        "accepted": found.accepted,
        "flagged": found.flagged,
        "benefiting": found.benefiting,
        "cost": decimal_text(found.cost, 2) if known or not found.projects else "",
        "unpriced": found.unpriced,
        "allocated": decimal_text(found.allocated, 2),
        "paid": decimal_text(found.paid, 2),
        "left": decimal_text(found.allocated - found.paid, 2),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def project_list(request: HttpRequest) -> HttpResponseBase:
    """The projects of an area."""
    return list_of(request, PROJECTS, "measures/project_list.html", TAB)


@require_http_methods(["GET", "HEAD", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    """The form of a new project of an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, KEEP_PROJECT, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            (made,) = services.keep(actor, [forms.draft(request.POST, area.area_id)])
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已加入项目库。", "The project stands in the library."))
            return redirect("measures:project", made.project_id)
    context = {
        "area": area,
        "values": request.POST if problem else {"year": timezone.localdate().year},
        "sorts": list(CLASSES.items()),
        "problem": pick(problem.zh, problem.en) if problem else "",
        "tabs": panels.tabs(actor, area, current=TAB),
    }
    return render(request, "measures/project_new.html", context, status=400 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def project(request: HttpRequest, number: int) -> HttpResponse:
    """One project: what it is, its money, its acceptance, who benefits, what is to be looked at."""
    actor = actor_of(request)
    row = selectors.project(actor, number, timezone.localdate())
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act(request, actor, row)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect("measures:project", number)
    context = _context(actor, row)
    if context["benefits"]:
        readlog.read(actor, "measures.project", {"project": number}, len(context["benefits"]))
    if problem is not None:
        context |= {"problem": pick(problem.zh, problem.en), "posted": request.POST}
    return render(request, "measures/project.html", context, status=400 if problem else 200)


def _act(request: HttpRequest, actor: Actor, row: Any) -> None:
    posted, number = request.POST, row.project_id
    match posted.get("do", ""):
        case "keep":
            services.keep(actor, [forms.draft(posted, row.area_id, number=number, year=row.project.year)])
            said = pick("已保存。", "Kept.")
        case "allocated" | "paid" as kind:
            fund = forms.number(posted, "fund")
            services.move(actor, [forms.money(posted, kind, fund=fund, project=number)])
            said = pick("已记录这笔资金。", "The money is recorded.")
        case "take_back":
            keys = {each.pk for each in selectors.moves_of(number)} & {forms.number(posted, "move")}
            services.take_back(actor, keys)
            said = pick("已撤回这笔记录。", "The entry was taken back.")
        case "accept":
            day = day_of(posted.get("day", ""), "验收日期", "the day")
            services.accept(
                actor, [number], day, passed=posted.get("passed") == "1", document=forms.text(posted, "document"),
                note=forms.text(posted, "note"),
            )  # fmt: skip
            said = pick("已记录验收。", "The acceptance is recorded.")
        case "take_acceptance_back":
            keys = {each.pk for each in selectors.acceptances_of(number)} & {forms.number(posted, "entry")}
            services.take_acceptance_back(actor, next(iter(keys), 0) or 0)
            said = pick("已撤回这条记录。", "The entry was taken back.")
        case "benefit":
            count = benefits.add(actor, number, forms.benefits(posted))
            said = pick(f"已加入 {count} 户。", f"{count} households were added.")
        case "take_off":
            benefits.remove(actor, number, [forms.number(posted, "benefit") or 0])
            said = pick("已移出受益户。", "The household was taken off.")
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    messages.success(request, said)


def _context(actor: Actor, row: Any) -> dict[str, Any]:
    path = _path(row.area_id)
    classes = field_classes_at(actor, VIEW, path)
    held = benefits.seen(actor, row.project_id, row.sort, classes)
    shown = list(held.select_related("household").order_by("household__code")[:SHOWN])
    heads = dict(
        HouseholdCard.objects.filter(pk__in=[each.household_id for each in shown]).values_list("pk", "head_name")
    )
    keeps = may(actor, KEEP_PROJECT, area_path=path)
    county = _path(row.project.county_id)
    return {
        "row": row,
        "place": register.area_name(row.area_id),
        "sort": CLASSES.get(row.sort),
        "state": STATES[row.state],
        "findings": [title for key, title in FINDINGS.items() if getattr(row, f"is_{key}")],
        "share": advance_share(),
        "money": {
            "cost": "" if row.cost is None else decimal_text(row.cost, 2),
            "allocated": decimal_text(row.allocated, 2),
            "paid": decimal_text(row.paid, 2),
            "left": decimal_text(row.allocated - row.paid, 2),
        },
        "moves": [
            (each, decimal_text(each.amount, 2), MOVES[each.kind]) for each in selectors.moves_of(row.project_id)
        ],
        "acceptances": [
            (each, getattr(each, "taken_back", None) is not None) for each in selectors.acceptances_of(row.project_id)
        ],
        "benefits": [
            (each, heads.get(each.household_id, ""), "" if each.amount is None else decimal_text(each.amount, 2))
            for each in shown
        ],
        "unseen": max(0, row.benefiting - len({each.household_id for each in shown})),
        "keeps": keeps,
        "told": may_be_told(row.sort, "", classes),
        "allocates": may(actor, KEEP_PROJECT, area_path=county),
        "funds": _funds(actor, row) if keeps else [],
        "sorts": list(CLASSES.items()),
        "written": _written(row),
        "today": timezone.localdate(),
    }


MOVES = {
    "in": {"zh": "到位", "en": "came in"},
    "allocated": {"zh": "下达", "en": "allocated"},
    "paid": {"zh": "拨付", "en": "paid"},
}


def _written(row: Any) -> dict[str, str]:
    """What is known of a project, as texts of its form."""
    return {
        "cost": "" if row.cost is None else f"{row.cost // 100}.{row.cost % 100:02d}",
        "begins": row.begins.isoformat() if row.begins else "",
        "due": row.due.isoformat() if row.due else "",
        "households": "" if row.households is None else str(row.households),
    }


def _path(area_id: int) -> str:
    """Where an area lies: a merged one where it is part of; one that is no more where it lay last."""
    now = services.lies([area_id]).get(area_id)
    if now:
        return now
    found = AreaVersion.objects.filter(area_id=area_id).order_by("-valid_from")
    return found.values_list("path", flat=True).first() or ""


def _funds(actor: Actor, row: Any) -> list[Any]:
    """Funds of the project's county that the actor may see, of the year and the one before."""
    found = selectors.accounts(actor, None, None).filter(year__in=[row.project.year, row.project.year - 1])
    return list(found.filter(area_id=row.project.county_id).order_by("-year", "name")[:200])


@require_http_methods(["GET", "HEAD", "POST"])
def funds(request: HttpRequest) -> HttpResponse:
    """The accounts of an area's funds: came in, allocated, paid, left; forms for a new fund and for money in."""
    actor, area = actor_of(request), area_of(request)
    year = year_of(request.POST.get("year") or request.GET.get("year", ""), ahead=1)
    require(actor, VIEW, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act_on_funds(request, actor, area, year)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect(f"{reverse('measures:funds')}?area={area.code}&year={year}")
    rows = list(selectors.accounts(actor, area, year).order_by("tier", "name")[:500])
    names = register.area_names({each.area_id for each in rows})
    context = {
        "area": area,
        "year": year,
        "years": years(ahead=1),
        "rows": [_account(each, names) for each in rows],
        "sums": _sums(rows),
        "keeps": may(actor, KEEP_PROJECT, area_path=area.path),
        "tiers": list(TIERS.items()),
        "own": [each for each in rows if each.area_id == area.area_id],
        "today": timezone.localdate(),
        "problem": pick(problem.zh, problem.en) if problem else "",
        "posted": request.POST if problem else {},
        "tabs": panels.tabs(actor, area, current=TAB),
    }
    return render(request, "measures/funds.html", context, status=400 if problem else 200)


def _act_on_funds(request: HttpRequest, actor: Actor, area: AreaVersion, year: int) -> None:
    posted = request.POST
    match posted.get("do", ""):
        case "open":
            services.open_fund(
                actor, area_id=area.area_id, year=year, tier=posted.get("tier", ""), name=forms.text(posted, "name")
            )
            messages.success(request, pick("已建立资金账户。", "The fund is open."))
        case "in":
            fund = whole_number(posted.get("fund", ""), 0) or 0
            services.move(actor, [forms.money(posted, "in", fund=fund, project=None)])
            messages.success(request, pick("已记录到位资金。", "The money is recorded."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _account(each: Any, names: Any) -> dict[str, Any]:
    return {
        "fund": each,
        "area": names.get(each.area_id, ""),
        "tier": TIERS[each.tier],
        "over": each.allocated > each.came_in,
        **_money(each.came_in, each.allocated, each.paid),
    }


def _money(came_in: int, allocated: int, paid: int) -> dict[str, str]:
    return {
        "came_in": decimal_text(came_in, 2),
        "allocated": decimal_text(allocated, 2),
        "paid": decimal_text(paid, 2),
        "unallocated": decimal_text(came_in - allocated, 2),
        "unpaid": decimal_text(allocated - paid, 2),
    }


def _sums(rows: list[Any]) -> dict[str, str]:
    return _money(
        sum(each.came_in for each in rows), sum(each.allocated for each in rows), sum(each.paid for each in rows)
    )
