"""Pages of officials and of gaps: the list, one official, where nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion
from tuopin.register.place import LEVEL_TITLES, area_of

from .. import acting, kinds
from ..acting import text_of
from ..assigning import gaps
from ..listings import OFFICIALS
from ..models import Absence, OfficialTie, Term
from ..permissions import ASSIGN, KEEP_OFFICIALS, VIEW_HELPER, VIEW_OFFICIAL
from ..selectors import duties_of, kept, official, officials, organisation_names
from .acts import ABSENCES, TIES, acts
from .services import add_officials
from .ties import ties_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.core.language.catalogue import Title

    from ..models import Assignment

SHOWN = 50
"""Duties on a page, officials found by a search, areas without a holder."""


@require_http_methods(["GET", "HEAD", "POST"])
def official_list(request: HttpRequest) -> HttpResponseBase:
    """The officials of an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_OFFICIAL, area_path=area.path)
    reader = reader_at(actor, VIEW_OFFICIAL, area, first_of(request.GET))
    shown = {"area": area, "keeps": may(actor, KEEP_OFFICIALS, area_path=area.path)}
    return list_page(request, OFFICIALS, reader, "duties/officials.html", shown)


@require_POST
def new_official(request: HttpRequest) -> HttpResponse:
    """Take somebody into the pool of the area: no post and no duty yet."""
    actor, area = actor_of(request), area_of(request)
    given = request.POST
    named = (text_of(given, "name", 100), text_of(given, "unit"), text_of(given, "phone", 32))
    made = add_officials(
        actor, [named], area_id=area.area_id, day=timezone.localdate(), politics=text_of(given, "politics", 32)
    )
    return redirect("duties:official", made[0])


@require_POST
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """Officials by name, whole or its beginning. By POST: names stand in no address."""
    actor = actor_of(request)
    require(actor, VIEW_OFFICIAL)
    text = request.POST.get("q", "").replace("\0", "").strip()[:64]
    rows = list(officials(actor).filter(name__startswith=text).order_by("name", "pk")[: SHOWN + 1]) if text else []
    readlog.read(actor, "duties.find_official", {}, len(rows))
    if len(rows) == 1:
        return redirect("duties:official", rows[0].pk)
    shown = {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "q": text}
    return render(request, "duties/officials_found.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def official_page(request: HttpRequest, number: int) -> HttpResponse:
    """One official: posts, what he or she answers for; absences and ties for those who keep them, and their forms."""
    actor = actor_of(request)
    who = official(actor, number)
    problem = None
    if request.method == "POST":
        require(actor, KEEP_OFFICIALS)
        problem = acting.done(request, actor, acts(number))
        if problem is None:
            return redirect("duties:official", number)
    today = timezone.localdate()
    keeps = may(actor, KEEP_OFFICIALS) and kept(actor).filter(pk=number).exists()
    terms = list(Term.objects.filter(official=who).select_related("post").order_by("concurrent", "-valid_from")[:SHOWN])
    page = Paginator(duties_of(actor, who), SHOWN).get_page(request.GET.get("page"))
    duties = list(page.object_list)
    away = Absence.objects.filter(official=who).select_related("stand_in").order_by("-valid_from") if keeps else ()
    absences = list(away[:SHOWN])
    offices = {each.post.organisation_id for each in terms}
    offices |= {each.organisation_id for each in duties if each.organisation_id is not None}
    offices |= {each.organisation_id for each in absences if each.organisation_id is not None}
    names = organisation_names(offices, today)
    readlog.read(actor, "duties.official", {"official": number}, len(duties))
    shown = {
        "who": who,
        "terms": [
            (term, names.get(term.post.organisation_id, ""), kinds.levels().get(term.post.level),
             kinds.authorities().get(term.post.authority))
            for term in terms
        ],
        "duties": _named(duties, names),
        "page": page,
        "absences": [
            (each, ABSENCES[Absence.Kind(each.kind)], names.get(each.organisation_id or 0)) for each in absences
        ],
        "ties": [(each, TIES[OfficialTie.Relation(each.relation)]) for each in ties_of(actor, who)] if keeps else [],
        "keeps": keeps,
        "leaves": keeps and may(actor, ASSIGN),
        "kinds": ABSENCES.items(),
        "relations": TIES.items(),
        "problem": problem,
        "given": request.POST,
        "today": today,
    }  # fmt: skip
    return render(request, "duties/official.html", shown, status=400 if problem else 200)


def _named(rows: Sequence[Assignment], offices: dict[int, str]) -> list[tuple[Assignment, Title, str, str]]:
    """Each duty with its role, and the target's name and code: one statement for the areas."""
    areas = {row.area_id for row in rows if row.area_id is not None}
    versions = AreaVersion.objects.filter(area_id__in=areas).order_by("valid_from")
    named = {version.area_id: version for version in versions}
    found = []
    for row in rows:
        name, code = "", ""
        if row.household is not None:
            code = row.household.code
        elif row.area_id is not None and row.area_id in named:
            name, code = named[row.area_id].name, named[row.area_id].code
        elif row.organisation_id is not None:
            name = offices.get(row.organisation_id, "")
        found.append((row, kinds.role(row.role).title, name, code))
    return found


def _thing_list(key: str, area: AreaVersion) -> str:
    """The page where the things of a column stand."""
    if key == "node":
        return reverse("console:nodes", args=[area.code])
    pages = {
        "help_plan": "measures:measures", "project": "measures:project_list", "headquarters": "duties:headquarters",
    }  # fmt: skip
    return f"{reverse(pages[key])}?area={area.code}"


@require_GET
def gap_page(request: HttpRequest) -> HttpResponse:
    """Where nobody answers: the areas below by role, and the areas that lack their own."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HELPER, area_path=area.path)
    day = timezone.localdate()
    rows = gaps.report(actor, area, day)
    roles = gaps.needed_roles()
    totals = [
        gaps.Held(sum(row.roles[role.key].needed for row in rows), sum(row.roles[role.key].held for row in rows))
        for role in roles
    ]
    lacking = []
    for role in roles:
        if role.on == "area":
            without = list(gaps.areas_without(actor, area, role, day)[: SHOWN + 1])
            named = [(each, LEVEL_TITLES[each.level]) for each in without[:SHOWN]]
            lacking.append((role, named, len(without) > SHOWN))
    shown = {
        "area": area,
        "day": day,
        "roles": roles,
        "rows": [(row, [(role, row.roles[role.key]) for role in roles], list(row.things.values())) for row in rows],
        "totals": totals,
        "things": [(each.title, _thing_list(each.key, area)) for each in gaps.THINGS],
        "thing_totals": [
            gaps.Held(sum(row.things[each.key].needed for row in rows), sum(row.things[each.key].held for row in rows))
            for each in gaps.THINGS
        ],
        "lacking": lacking,
        "assigns": may(actor, ASSIGN, area_path=area.path),
        "tabs": panels.tabs(actor, area, current="duty_gaps"),
    }
    return render(request, "duties/gaps.html", shown)
