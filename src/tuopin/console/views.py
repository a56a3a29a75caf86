"""The pages: where a reader begins, results of an area, the list behind each number, one household, the standards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.console import lists, mine, overview, selectors
from tuopin.console.cases import cases_page
from tuopin.console.standards import newest_day, pack_pages, pack_stages, standard_page
from tuopin.core.standards.kinds import KINDS, QUALITY
from tuopin.platform import place
from tuopin.platform.access import actor_of, may, one_page
from tuopin.platform.given import whole_number
from tuopin.platform.panels import gather, tabs
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.events.areas.mapping import former_with_code
from tuopin.register.place import LEVEL_TITLES, area_of, top_areas
from tuopin.register.search import LONGEST, search
from tuopin.standards import results
from tuopin.standards.explaining.subject import explain_area
from tuopin.standards.packs import get_pack
from tuopin.standards.panels import evaluate_panel, verdict_panel
from tuopin.standards.permissions import VIEW as VIEW_VERDICT

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion
    from tuopin.standards.explaining.subject import Explained


def _run_number(request: HttpRequest) -> int | None:
    return whole_number(request.GET.get("run", ""), None)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The overview of the reader's own area, a choice between several, or the households that one helps."""
    actor = actor_of(request)
    tops, households = top_areas(actor), mine.households(actor, timezone.localdate())
    if len(tops) == 1 and not households:
        return _overview(request, actor, tops[0])
    shown = [(top, selectors.cards(actor, top)) for top in tops[:_TOPS]]
    return render(request, "console/home.html", {"areas": shown, "households": households})


_TOPS = 5  # areas with their figures on the first page; further ones are reached by the switch


@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Households, persons and areas found by a name, a code or the end of an ID number; straight to the page of an
    exact code. What was looked for travels by POST alone: it may be a name."""
    with one_page():  # it changes nothing, though it is a POST
        return _find(request)


def _find(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    given = request.POST.get("q", "") if request.method == "POST" else request.GET.get("code", "")
    code = given.replace("\0", "").strip()
    if code and len(code) <= LONGEST:
        if register.areas(actor).filter(code=code).exists():
            return redirect("console:area", code)
        if _is_open(actor, code):
            return redirect("console:household", code)
    if request.method == "GET" and code:  # an old address: only codes stand in those
        raise Missing("not_found", "没有找到这个户编号或区划代码。", "There is no household or area with this code.")
    return render(request, "console/find.html", {"results": search(actor, given), "asked": bool(given.strip())})


def _is_open(actor: Actor, code: str) -> bool:
    try:
        register.household(actor, code)
    except Missing:
        return False
    return True


@require_GET
def area(request: HttpRequest, area: str) -> HttpResponse:
    """The overview of an area; of one that is no more, or has another code, what became of it."""
    try:
        version = area_of(request)
    except Missing:
        if former_with_code(actor_of(request), area[:64]) is None:
            raise
        return redirect("register:area_ended", area[:64])
    return _overview(request, actor_of(request), version)


def _overview(request: HttpRequest, actor: Actor, version: AreaVersion) -> HttpResponse:
    place.show(request, version, reverse("console:area", args=[version.code]))
    children = selectors.children(version)
    cards = selectors.cards(actor, version, children)
    runs = [card.run.evaluation for card in cards]
    source = overview.incidence(cards)
    context = {
        "area": version,
        "level": LEVEL_TITLES[version.level],
        "tabs": tabs(actor, version, "overview"),
        "cards": cards,
        "incidence": source[1] if source else None,
        "villages": source[0] if source else None,
        "unknowns": overview.unknowns(cards),
        "below": selectors.below(children, cards),
        "panels": gather("area", actor, version, runs[0].day if runs else timezone.localdate()),
        "taken": overview.newest_import(),
        "evaluating": None if runs else evaluate_panel(actor, version, again=False),
        "checked": max(runs, key=lambda run: run.finished_at) if runs else None,
    }
    return render(request, "console/area.html", context)


@require_GET
def area_results(request: HttpRequest, area: str) -> HttpResponse:  # noqa: ARG001 - as above
    """Verdicts of an area by standard and item; of a village also why it is judged as it is."""
    actor, version = actor_of(request), area_of(request)
    cards = selectors.cards(actor, version, kinds=tuple(KINDS))
    own = _explained_area(actor, version, cards)
    context = {
        "area": version,
        "level": LEVEL_TITLES[version.level],
        "tabs": tabs(actor, version, "results"),
        "cards": [
            card
            for card in cards
            if card.run.kind is not QUALITY
            and (card.run.evaluation.level != version.level or not own)
            and (card.overall.total or not own)  # of a village the county's standard says nothing
        ],
        "own": [verdict_panel(each) for each in own],
        # a village is evaluated with its township or county: alone, it would not move the figures above it
        "evaluating": None if own and version.level == "village" else evaluate_panel(actor, version, again=bool(cards)),
        "printed": timezone.localtime(),
    }
    return render(request, "console/results.html", context)


def _explained_area(actor: Actor, version: AreaVersion, cards: list[selectors.Card]) -> list[Explained]:
    """Why the area itself, judged as a whole, has its verdicts: a village by 129, a county by 321."""
    own = [
        card.run.evaluation
        for card in cards
        if card.run.evaluation.level == version.level and card.overall.total and card.run.prepared is not None
    ]
    return explain_area(actor, version, own, [card.run.evaluation for card in cards])


@require_GET
def subjects(request: HttpRequest, area: str, standard: str) -> HttpResponse:  # noqa: ARG001 - as above
    """The list behind a number: subjects of an area with a verdict on an item."""
    actor = actor_of(request)
    version = area_of(request)
    run = lists.run_of_list(actor, version, standard, _run_number(request))
    if run.level in results.LISTED:  # an address of before these had lists of their own
        return redirect(
            results.list_address(
                run, version.code, request.GET.get("item", results.OVERALL)[:40], request.GET.get("verdict", "")[:20]
            )
        )
    context = lists.list_page(
        actor,
        version,
        standard,
        run=_run_number(request),
        item=request.GET.get("item", results.OVERALL),
        verdict=request.GET.get("verdict", ""),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return render(request, "console/subjects.html", context)


@require_GET
def packs(request: HttpRequest) -> HttpResponse:
    """The packs of this installation with their standards."""
    stages = pack_stages() if may(actor_of(request), VIEW_VERDICT) else {}
    listed = [(pack, stages.get(pack.key)) for pack in pack_pages()]
    return render(request, "console/packs.html", {"packs": listed, "day": timezone.localdate()})


@require_GET
def standard(request: HttpRequest, pack: str, standard: str) -> HttpResponse:
    """One standard as it stands on a day: items, limits, sources."""
    given = request.GET.get("on", "")
    try:
        day = date.fromisoformat(given) if given else newest_day(pack, standard, timezone.localdate())
    except ValueError:
        raise Problem(
            "bad_date", "日期应写作 2018-12-01。", "Write the date as 2018-12-01.", given=given[:20]
        ) from None
    tops = top_areas(actor_of(request))
    results_at = reverse("console:results", args=[tops[0].code]) + f"#{standard}" if tops else ""
    return render(request, "console/standard.html", standard_page(pack, standard, day) | {"results": results_at})


@require_GET
def cases(request: HttpRequest, pack: str, standard: str) -> HttpResponse:
    """The cases beside a standard, each with the verdicts due and whether they come out."""
    found = get_pack(pack)
    if standard not in found.standards:
        raise Missing("unknown_standard", "没有这项标准。", "There is no such standard.")
    context = {"pack": found, "standard": found.standards[standard], "view": cases_page(pack, standard)}
    return render(request, "console/cases.html", context)
