"""The pages of comparing: the form, what came of it, and the line that is moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.platform import place
from tuopin.platform.access import actor_for, require
from tuopin.platform.charts import csv_text
from tuopin.platform.job_pages import shown as shown_job
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.place import area_of
from tuopin.standards.comparing import forms, measures_table, pictures, selectors, services, what_if
from tuopin.standards.comparing.sides import line_of, prepared, words
from tuopin.standards.lifecycle.states import drafts_today
from tuopin.standards.packs import get_pack
from tuopin.standards.permissions import COMPARE

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.access import Actor
    from tuopin.platform.charts import Chart
    from tuopin.platform.models import User
    from tuopin.register.models import AreaVersion
    from tuopin.standards.comparing.forms import SideForm
    from tuopin.standards.comparing.sides import Side
    from tuopin.standards.comparing.what_if import Answer


def _actor(request: HttpRequest) -> Actor:
    return actor_for(cast("User", request.user))  # SignedInMiddleware lets nobody else in


def _posted_area(request: HttpRequest, actor: Actor) -> AreaVersion:
    return register.area(actor, request.POST.get("area", "").replace("\0", "").strip()[:64])


# -- two sides ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest) -> HttpResponse:
    """The form of two sides, and the comparisons of the last day; a POST begins one as a job."""
    actor = _actor(request)
    if request.method == "POST":
        area = _posted_area(request, actor)
        sent = forms.given(request.POST)
        try:
            asked = services.Asked(area.code, forms.side(sent[0]), forms.side(sent[1]))
            job = services.begin(actor, asked)
        except Problem as problem:
            if problem.status == 403:
                raise
            return _form(request, actor, area, sent, problem)
        return redirect("platform:job", job.pk)
    area = area_of(request)
    require(actor, COMPARE, area_path=area.path)
    return _form(request, actor, area, forms.blank(area))


def _form(
    request: HttpRequest,
    actor: Actor,
    area: AreaVersion,
    sides: tuple[SideForm, SideForm],
    problem: Problem | None = None,
) -> HttpResponse:
    place.show(request, area, f"{reverse('standards:compare')}?area={area.code}")
    context = {
        "area": area,
        "sides": sides,
        "choices": forms.choices(area),
        "stored": forms.evaluations(actor, area),
        "seals": forms.seals(actor, area),
        "jobs": [shown_job(row) | {"said": _said(row.payload)} for row in selectors.own(actor)],
        "problem": pick(problem.zh, problem.en) if problem else "",
        "parameters": forms.parameters(sides[1]),
    }
    return render(request, "standards/compare.html", context, status=400 if problem else 200)


def _said(payload: dict[str, Any]) -> Title:
    """Both sides of a job in one line; what they have in common once."""
    a, b = (forms.named(payload[side]) for side in ("a", "b"))
    changes = " · ".join(f"{name} = {value}" for name, value in payload["b"]["parameters"])
    days = sorted({payload["a"]["day"], payload["b"]["day"]})
    zh, en = (one if one == other else f"{one} → {other}" for one, other in ((a.zh, b.zh), (a.en, b.en)))
    rest = " · ".join(part for part in (" → ".join(days), changes) if part)
    return Title(f"{zh} · {rest}", f"{en} · {rest}")


@require_GET
def compared(request: HttpRequest, number: int) -> HttpResponse:
    """A comparison in one area. ``?item=`` chooses the item, ``?csv=`` gives a chart's table as a file."""
    actor = _actor(request)
    item = request.GET.get("item", "") or selectors.OVERALL
    area = area_of(request) if place.asked(request) else None
    found = selectors.compared(actor, number, area, item)
    place.show(request, found.area)
    charts = [
        pictures.sides(found, item),
        pictures.areas(found, item),
        pictures.contributions(found),
        pictures.several_below(found),
    ]
    shown = [each for each in charts if each is not None]
    if "csv" in request.GET:
        return _csv(shown, request.GET["csv"], f"compare-{number}")
    lines, apart = measures_table.stored(found.document, found.shown)
    context = {
        "found": found,
        "item": item,
        "items": _items(found),
        "matrix": _matrix(found, item),
        "charts": shown,
        "lines": lines if found.whole else [],
        "several": measures_table.several(found.document, found.shown) if found.whole else [],
        "apart": apart,
        "unit": pictures.UNITS.get(found.level),
        "draft": [{"title": Title(**each)} for each in found.document["draft"]["b"]],
    }
    return _private(render(request, "standards/compared.html", context))


def _items(found: selectors.Compared) -> list[dict[str, Any]]:
    """Each item with how many change, to choose from."""
    titles = found.document["item_titles"]
    rows = []
    for key in found.items:
        changes = sum(n for (was, becomes), n in found.matrices.get(key, {}).items() if was != becomes)
        title = titles.get(key, {"zh": "综合判定", "en": "Overall"})
        rows.append(
            {"key": key, "zh": title["zh"], "en": title["en"], "cell": measures_table.count(changes, found.shown)}
        )
    return rows


def _matrix(found: selectors.Compared, item: str) -> dict[str, Any]:
    """The from → to table of an item: only rows and columns in which anybody stands."""
    pairs = found.matrices.get(item, {})
    befores = [word for word in pictures.WORDS if any(was == word for was, _ in pairs)]
    afters = [word for word in pictures.WORDS if any(becomes == word for _, becomes in pairs)]
    rows = [
        {
            "word": was,
            "title": pictures.WORDS[was],
            "cells": [
                {
                    "text": measures_table.count(pairs.get((was, becomes), 0), found.shown),
                    "number": pairs.get((was, becomes), 0),
                    "same": was == becomes,
                    "href": pictures.list_href(found, found.area.code, item, was, becomes),
                }
                for becomes in afters
            ],
            "total": measures_table.count(sum(n for pair, n in pairs.items() if pair[0] == was), found.shown),
        }
        for was in befores
    ]
    return {"heads": [(word, pictures.WORDS[word]) for word in afters], "rows": rows}


# -- a line that is moved -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def line(request: HttpRequest) -> HttpResponse:
    """The numbers of an area by a line; a POST has its incomes prepared. Asked by htmx, only what changes."""
    actor = _actor(request)
    if request.method == "POST":
        area = _posted_area(request, actor)
        return redirect("platform:job", services.begin_line(actor, area.code, _side(request.POST, area)).pk)
    area = area_of(request)
    require(actor, COMPARE, area_path=area.path)
    given = request.GET.get("line", "").replace("\0", "")[:20]
    context: dict[str, Any] = {"area": area, "given": given, "problem": "", "unprepared": None}
    status = 200
    try:
        side = _side(request.GET, area)
        context |= _about(area, side)
        found = what_if.answer(actor, area, side, what_if.read_line(given))
    except what_if.NotPrepared as problem:
        context["unprepared"] = pick(problem.zh, problem.en)
    except Problem as problem:
        if problem.status != 400:
            raise
        context["problem"], status = pick(problem.zh, problem.en), 400
    else:
        if "csv" in request.GET:
            return _csv(_charts(found), request.GET["csv"], f"{area.code}-line")
        context |= _answered(found)
    is_part = bool(request.headers.get("HX-Request")) and request.headers.get("HX-Target") == "line-result"
    # htmx swaps nothing in for a 400: the message takes the place of the numbers
    template = "standards/line_result.html" if is_part else "standards/line.html"
    return _private(render(request, template, context, status=200 if is_part else status))


def _side(data: Any, area: AreaVersion) -> Side:
    names = [str(data.get(name, "")).replace("\0", "")[:64] for name in ("pack", "standard", "day")]
    return what_if.side_for(area, names[0], names[1], forms.read_day(names[2]) if names[2] else None)


def _about(area: AreaVersion, side: Side) -> dict[str, Any]:
    found = prepared(side)
    limit = line_of(found)
    if limit is None:
        raise services.no_line()
    kept = [each for each in get_pack(side.pack).standards.values() if each.level == "household"]
    return {
        "side": side,
        "words": words(side, found),
        "standards": kept,
        "draft": drafts_today(found),
        "code": area.code,
    }


def _answered(found: Answer) -> dict[str, Any]:
    step = 10 if found.shown.open else 100
    base = found.header.value
    most = max(int(3 * base) // 100 * 100, int(found.line) + 100)
    changes = [
        {
            "was": pictures.WORDS[was],
            "becomes": pictures.WORDS[becomes],
            "words": (was, becomes),
            "text": measures_table.count(number, found.shown),
        }
        for (was, becomes), number in sorted(found.asked.changes.items())
        if was != becomes
    ]
    sums = found.in_force.sums
    return {
        "answer": found,
        "base": pictures.yuan(base),
        "asked": pictures.yuan(found.line),
        "value": pictures.plain(found.line),
        "moved": found.line != base,
        "base_value": pictures.plain(base),
        "least": step * 10 if found.shown.open else step,
        "most": most,
        "step": step,
        "lines": measures_table.table([(found.in_force, found.gini), (found.asked.measures, found.gini)], found.shown),
        "changes": changes,
        "worse": measures_table.count(found.asked.worse, found.shown),
        "better": measures_table.count(found.asked.better, found.shown),
        "households": measures_table.count(found.households, found.shown),
        "unknown": measures_table.count(sums.unknown_households, found.shown),
        "uncounted": sums.uncounted and measures_table.count(sums.uncounted, found.shown),
        "charts": _charts(found),
    }


def _charts(found: Answer) -> list[Chart]:
    charts = [pictures.spread(found), pictures.line_below(found)]
    return [each for each in charts if each is not None]


def _csv(charts: list[Chart], key: str, name: str) -> HttpResponse:
    chart = next((each for each in charts if each.key == key), None)
    if chart is None:
        raise Missing("no_such_chart", "没有这张图。", "There is no such chart.")
    response = HttpResponse(csv_text(chart), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{chart.key}.csv"'
    return response


def _private(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
