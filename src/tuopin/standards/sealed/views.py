"""The pages of judging from seals: one seal, a figure computed again, several instances together."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import place
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.models import Seal
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import selectors as register
from tuopin.register.place import area_of
from tuopin.standards import results
from tuopin.standards.comparing.forms import blank, choices
from tuopin.standards.permissions import FEDERATE, RECOMPUTE, VERIFY_FEDERATION
from tuopin.standards.sealed import jobs, selectors, services, tables, together

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

_SEALS = 60


def _day(text: str) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise Problem("bad_date", "日期请写成 2018-12-01 的样子。", "Write the date like 2018-12-01.") from None
    return services.judged_day(day)


def _standard(text: str) -> tuple[str, str]:
    """Pack and standard as a form sends them, ``pack/standard``; the pack may be left out."""
    pack, _, standard = text[:120].replace("\0", "").rpartition("/")
    if not standard:
        raise Problem("no_standard", "请选择标准。", "Choose a standard.")
    return pack, standard


def _number(text: str) -> int:
    found = whole_number(text, None)
    if found is None:
        raise Problem("no_number", "请填写编号。", "Give a number.")
    return found


def _area(request: HttpRequest, actor: Actor) -> AreaVersion:
    return register.area(actor, request.POST.get("area", "").replace("\0", "").strip()[:64])


# -- one seal -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """What was judged from seals, and the forms; a POST begins one as a job."""
    actor = actor_of(request)
    if request.method == "POST":
        area = _area(request, actor)
        require(actor, RECOMPUTE, area_path=area.path)
        try:
            job = _begin(request, actor, area)
        except Problem as problem:
            if problem.status == 403:
                raise
            return _overview(request, actor, area, problem)
        return redirect("platform:job", job.pk)
    area = area_of(request)
    require(actor, RECOMPUTE, area_path=area.path)
    return _overview(request, actor, area)


def _begin(request: HttpRequest, actor: Actor, area: AreaVersion) -> Any:
    seal = _number(request.POST.get("seal", ""))
    if "evaluation" in request.POST:
        return services.begin_recompute(actor, _number(request.POST["evaluation"]), seal)
    pack, standard = _standard(request.POST.get("standard", ""))
    asked = services.Asked(seal, standard, _day(request.POST.get("day", "")), pack or None, area.code)
    return services.begin(actor, asked)


def _overview(request: HttpRequest, actor: Actor, area: AreaVersion, problem: Problem | None = None) -> HttpResponse:
    place.show(request, area, f"{reverse('standards:seals')}?area={area.code}")
    sent, proposed = request.POST, blank(area)[0]
    context = {
        "area": area,
        "seals": list(Seal.objects.order_by("-number")[:_SEALS]),
        "choices": choices(area),
        "evaluations": [tables.named(run) for run in reversed(results.newest(area))],
        "results": [tables.line(row) for row in selectors.newest(actor, joint=False)],
        "sent": {
            "seal": sent.get("seal", "")[:20], "standard": sent.get("standard", proposed.chosen)[:120],
            "day": sent.get("day", proposed.day)[:10],
            "evaluation": sent.get("evaluation", "")[:20],
        },
        "problem": pick(problem.zh, problem.en) if problem else "",
    }  # fmt: skip
    status = problem.status if problem else 200
    return render(request, "standards/seals.html", context, status=status)


@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """A result, in all or in one of its areas (``?in=`` code, ``?of=`` instance)."""
    actor = actor_of(request)
    row = selectors.sealed(actor, number)
    code = request.GET.get("in", "").replace("\0", "")[:64]
    part = whole_number(request.GET.get("of", ""), None) if request.GET.get("of") else None
    gone: Problem | None = None
    try:
        shown = selectors.shown(row, code, part)
    except Missing as problem:
        if problem.code != "result_gone":
            raise
        gone, shown = problem, selectors.Shown(row, None, [], [], [])
    context = tables.page(shown) | {
        "gone": pick(gone.zh, gone.en) if gone else "",
        "may_list": selectors.may_list(actor, row) and gone is None,
    }
    answer = render(request, "standards/sealed.html", context)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@require_GET
def rows(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The verdict rows of a result as CSV, without identities; a household's code only where the reader may know it."""
    actor = actor_of(request)
    row = selectors.sealed(actor, number)
    if not selectors.may_list(actor, row):
        raise Missing("no_such_result", "没有这次封存核查。", "There is no such result from seals.")
    selectors.shown(row)  # Missing where the files are gone
    count = sum(row.tally.get("overall", {}).values())
    readlog.read(actor, "standards.sealed_rows", {"result": row.pk}, count)
    answer = StreamingHttpResponse(tables.csv_rows(actor, row), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="sealed-{row.pk}.csv"'
    answer["Cache-Control"] = "no-store, private"
    return answer


# -- several instances ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def federation(request: HttpRequest) -> HttpResponse:
    """The registered instances and what was judged of them together; a POST begins a joint evaluation as a job."""
    actor = actor_of(request)
    if request.method == "POST":
        area = _area(request, actor)
        require(actor, FEDERATE, area_path=area.path)
        try:
            pack, standard = _standard(request.POST.get("standard", ""))
            job = together.begin(actor, area.code, standard, _day(request.POST.get("day", "")), pack or None)
        except Problem as problem:
            if problem.status == 403:
                raise
            return _federation(request, actor, area, problem)
        return redirect("platform:job", job.pk)
    area = area_of(request)
    require(actor, VERIFY_FEDERATION, area_path=area.path)
    return _federation(request, actor, area)


def _federation(request: HttpRequest, actor: Actor, area: AreaVersion, problem: Problem | None = None) -> HttpResponse:
    place.show(request, area, f"{reverse('standards:federation')}?area={area.code}")
    registered = selectors.instances(actor)
    proposed = blank(area)[0]
    under = [each.row for each in registered if each.area.path.startswith(area.path)]
    context = {
        "area": area,
        "instances": [tables.instance(each) for each in registered],
        "missing": together.missing_cities(area, under) if registered else [],
        "choices": choices(area),
        "may_evaluate": may(actor, FEDERATE, area_path=area.path) and bool(under),
        "results": [tables.line(row) for row in selectors.newest(actor, joint=True)],
        "standard": request.POST.get("standard", proposed.chosen or "national/household_exit")[:120],
        "day": request.POST.get("day", proposed.day or timezone.localdate().isoformat())[:10],
        "problem": pick(problem.zh, problem.en) if problem else "",
    }
    return render(request, "standards/federation.html", context, status=problem.status if problem else 200)


@require_POST
def look(request: HttpRequest, number: int) -> HttpResponse:
    """Begin the check of an instance's newest seal as a job."""
    actor = actor_of(request)
    found = selectors.instance(actor, number)
    return redirect("platform:job", services.once(actor, jobs.LOOK_JOB, {"instance": found.row.pk}).pk)
