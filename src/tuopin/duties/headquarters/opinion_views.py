"""Pages of implementing opinions: the matrix county × department, what is missing, and recording one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import evidence, panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion
from tuopin.register.place import area_of
from tuopin.register.selectors import subtree

from ..dates import day_of, day_or_none, line_of
from ..permissions import KEEP_HEADQUARTERS, VIEW_HEADQUARTERS
from ..selectors import organisation_names
from . import forms, opinions, selectors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.platform.models import Evidence

    from .models import Opinion

SHOWN = 200
"""Missing ones on a page."""
CELLS = 3_000
"""Opinions in one answer: beyond, a headquarters is chosen first."""
NAMED = 40
"""Departments that one form may name."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def opinion_matrix(request: HttpRequest) -> HttpResponse:
    """The opinions of an area by headquarters, county and department, and those that are missing."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HEADQUARTERS, area_path=area.path)
    today = timezone.localdate()
    chosen = whole_number(request.GET.get("headquarters", ""), 0)
    keeps = may(actor, KEEP_HEADQUARTERS, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _ask(request, actor, area)
        except Problem as error:
            if error.status != 400:
                raise
            problem = error
        else:
            messages.success(request, pick("已登记要求。", "What is required is recorded."))
            return redirect(f"{reverse('duties:opinions')}?area={area.code}")
    counties = _counties(area)
    rows = list(selectors.in_order(selectors.opinions(actor, area)))
    offices = organisation_names({row.organisation_id for row in rows}, today)
    wide = not chosen and len(rows) > CELLS
    wanted = [key for key in sorted(offices) if (not chosen or key == chosen) and not wide]
    blocks = [
        (offices[key], key, opinions.matrix([row for row in rows if row.organisation_id == key], counties, today))
        for key in wanted
    ]
    lacking = opinions.lacking([row for row in rows if not chosen or row.organisation_id == chosen], today)
    readlog.read(actor, "duties.opinions", {"area": area.code}, len(rows))
    names = register.area_names({each.opinion.area_id for each in lacking[:SHOWN]})
    shown = {
        "area": area,
        "tabs": panels.tabs(actor, area, current="opinions"),
        "blocks": blocks,
        "wide": wide,
        "offices": sorted(offices.items(), key=lambda each: each[1]),
        "chosen": chosen,
        "sums": _sums(rows, today),
        "lacking": [
            (each, names.get(each.opinion.area_id, ""), offices.get(each.opinion.organisation_id, ""))
            for each in lacking[:SHOWN]
        ],
        "lacking_count": len(lacking),
        "keeps": keeps,
        "counties": counties,
        "asking": _asking(actor, area, today) if keeps else [],
        "today": today,
        "problem": problem,
        "given": request.POST if problem else {},
    }
    return render(request, "duties/opinions.html", shown, status=400 if problem else 200)


def _counties(area: AreaVersion) -> list[AreaVersion]:
    """The counties of an area; of a township or village none."""
    low, high = subtree(area)
    found = AreaVersion.objects.filter(valid_to=None, level="county", path__gte=low, path__lt=high)
    return list(found.order_by("code"))


def _sums(rows: Sequence[Opinion], today: date) -> list[tuple[object, int]]:
    counts = dict.fromkeys(opinions.STATES, 0)
    for row in rows:
        counts[opinions.state_of(row, today)] += 1
    return [(opinions.STATES[key], count) for key, count in counts.items() if count]


def _asking(actor: Actor, area: AreaVersion, today: date) -> list[tuple[int, str]]:
    """The headquarters that may ask the counties of the area: its own, and those of the areas above that the reader may
    see."""
    found = selectors.headquarters(actor, today)
    return [(each.id, each.name) for each in found if each.path and area.path.startswith(each.path)]


def _ask(request: HttpRequest, actor: Actor, area: AreaVersion) -> None:
    posted = request.POST
    names = forms.plain(posted, "departments", 4_000).replace("，", ",").replace("、", ",").replace("\n", ",")
    departments = list(dict.fromkeys(each.strip() for each in names.split(",") if each.strip()))
    if not 1 <= len(departments) <= NAMED:
        raise Problem(
            "bad_departments", f"请写 1 至 {NAMED} 个部门，用顿号或逗号隔开。",
            f"Name 1 to {NAMED} departments, with commas between.",
        )  # fmt: skip
    for each in departments:
        line_of(each, 100, "部门", "the department", needed=True)
    office = whole_number(posted.get("headquarters", ""), 0)
    if office not in {key for key, _name in _asking(actor, area, timezone.localdate())}:
        raise Problem("no_headquarters", "请选择指挥部。", "Choose a headquarters.")
    wanted = [opinions.Asked(office, each.area_id, name) for each in _counties(area) for name in departments]
    due = day_or_none(posted.get("due", ""), "应印发日期", "the day they are due")
    opinions.ask(actor, wanted, required=posted.get("required") != "0", due=due)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def opinion_page(request: HttpRequest, number: int) -> HttpResponse:
    """One opinion: of whom, by when, issued or not, its papers; recording that it was issued."""
    actor, today = actor_of(request), timezone.localdate()
    row = selectors.opinion(actor, number)
    area = AreaVersion.objects.filter(area_id=row.area_id, valid_to=None).first()
    keeps = area is not None and may(actor, KEEP_HEADQUARTERS, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            file = request.FILES.get("paper")
            made = opinions.issue(
                actor, number, day=day_of(request.POST.get("day", ""), "印发日期", "the day of issue"),
                document=forms.plain(request.POST, "document", 200),
                paper=evidence.keep(file) if keeps and isinstance(file, UploadedFile) else None,
                reference=forms.plain(request.POST, "reference", 200),
            )  # fmt: skip
        except Problem as error:
            if error.status != 400:
                raise
            problem = error
        else:
            messages.success(request, pick("已登记印发。", "Recorded as issued."))
            return redirect("duties:opinion", made.pk)
    people = selectors.holders([row.official_id] if row.official_id else [], today)
    readlog.read(actor, "duties.opinion", {"opinion": number}, 1)
    state = opinions.state_of(row, today)
    shown = {
        "row": row,
        "area": area,
        "office": organisation_names([row.organisation_id], today).get(row.organisation_id, ""),
        "state": opinions.STATES[state],
        "issued": state == "issued",
        "holder": people.get(row.official_id or 0),
        "first": selectors.first_responsible([row.area_id], today).get(row.area_id),
        "papers": _papers(row),
        "keeps": keeps and row.required,
        "today": today,
        "problem": problem,
        "given": request.POST if problem else {},
    }
    return render(request, "duties/opinion.html", shown, status=400 if problem else 200)


def _papers(row: Opinion) -> list[Evidence]:
    """The papers of all that was said of it."""
    return evidence.of(opinions.PAPER, list(selectors.versions_of(row).values_list("pk", flat=True)))


@require_GET
@never_cache
def opinion_paper(request: HttpRequest, number: int, paper_id: int) -> HttpResponseBase:
    """The paper of an opinion, to be saved."""
    actor = actor_of(request)
    row = selectors.opinion(actor, number)
    found = next((each for each in _papers(row) if each.pk == paper_id), None)
    if found is None:
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    readlog.read(actor, "duties.opinion_paper", {"opinion": number}, 1)
    return evidence.attachment(found)
