"""The pages of an import that is being prepared. They work without JavaScript; with it, files are dropped and seen
coming in one by one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import uploads
from tuopin.platform.access import actor_for, require
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.models import Job
from tuopin.platform.panels import gather
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick

from ..models import Import, ImportSet
from ..permissions import IMPORT
from . import prepared as sets
from . import shown
from .maps import name_headers

if TYPE_CHECKING:
    from django.http import HttpRequest

    from tuopin.platform.access import Actor
    from tuopin.platform.models import User

STEPS = {step.value: step for step in sets.JOBS}


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; SignedInMiddleware lets nobody else in."""
    return actor_for(cast("User", request.user))


# -- handing files in ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form for a new set. A POST makes the set, takes its files and has them looked at."""
    actor = actor_of(request)
    require(actor, IMPORT)
    if request.method != "POST":
        return render(request, "register/imports/new.html", shown.limits())
    bare = request.headers.get("Accept", "").startswith("application/json")
    if not bare and not request.FILES and not uploads.left_out(request):
        problem = Problem("no_file", "请先选择要导入的文件。", "Choose the files to import first.")
        return _new_again(request, [problem])
    made = sets.open_set(actor)
    if bare:
        files, page = (reverse(f"register:{name}", args=[made.pk]) for name in ("import_files", "import_set"))
        return JsonResponse({"files": files, "page": page})
    refused = _take(request, actor, made)
    if not sets.files_of(actor, made):
        made.delete()
        return _new_again(request, refused)
    _say(request, refused)
    return _began(request, actor, made.pk, ImportSet.Step.INSPECT)


def _new_again(request: HttpRequest, problems: list[Problem]) -> HttpResponse:
    context = {**shown.limits(), "problems": [pick(each.zh, each.en) for each in problems]}
    return render(request, "register/imports/new.html", context, status=400)


@require_POST
def files(request: HttpRequest, number: int) -> HttpResponse:
    """More files for a set; each that is refused is named with its reason."""
    actor = actor_of(request)
    made = sets.set_of(actor, number)
    refused = _take(request, actor, made)
    if request.headers.get("Accept", "").startswith("application/json"):
        answer = {"refused": [pick(each.zh, each.en) for each in refused]}
        return JsonResponse(answer, status=400 if refused else 200)
    _say(request, refused)
    return _began(request, actor, number, ImportSet.Step.INSPECT)


def _take(request: HttpRequest, actor: Actor, made: ImportSet) -> list[Problem]:
    refused: list[Problem] = [uploads.too_large(name) for name in uploads.left_out(request)]
    for file in request.FILES.getlist("files"):
        try:
            sets.add_file(actor, made, file)
        except Problem as problem:
            refused.append(problem)
    return refused


def _say(request: HttpRequest, problems: list[Problem]) -> None:
    for problem in problems:
        messages.warning(request, pick(problem.zh, problem.en))


def _began(request: HttpRequest, actor: Actor, number: int, step: ImportSet.Step) -> HttpResponse:
    try:
        sets.begin(actor, number, step)
    except Problem as problem:
        if problem.status != 400:
            raise
        _say(request, [problem])
    return redirect("register:import_set", number)


# -- one set ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def prepared(request: HttpRequest, number: int) -> HttpResponse:
    """A set: its files, what was found in them, choices, the preview. A POST keeps the choices and starts a step."""
    actor = actor_of(request)
    made = sets.set_of(actor, number)
    if request.method == "POST":
        return _go_on(request, actor, made)
    done = Import.objects.filter(prepared=made).values_list("pk", flat=True).first()
    if done is not None and not sets.working(made):
        return redirect("register:import", done)
    context = {**shown.of_set(actor, made), "panels": gather("import_set", actor, made)}
    return render(request, "register/imports/set.html", context)


def _go_on(request: HttpRequest, actor: Actor, made: ImportSet) -> HttpResponse:
    if request.POST.get("then") == ImportSet.Step.IMPORT:  # exactly what was previewed: no choice is read here
        return _began(request, actor, made.pk, ImportSet.Step.IMPORT)
    try:
        if removed := _number(request.POST.get("remove", "")):
            sets.remove_file(actor, made, removed)
            if not sets.files_of(actor, made):
                return redirect("register:new_import")
            return _began(request, actor, made.pk, ImportSet.Step.INSPECT)
        changed = _keep_choices(request, actor, made)
    except Problem as problem:
        if problem.status != 400:
            raise
        _say(request, [problem])
        return redirect("register:import_set", made.pk)
    step = STEPS.get(request.POST.get("then", ""), ImportSet.Step.INSPECT)
    if changed or not sets.fresh(actor, made, ImportSet.Step.INSPECT):
        step = ImportSet.Step.INSPECT
    return _began(request, actor, made.pk, step)


def _keep_choices(request: HttpRequest, actor: Actor, made: ImportSet) -> bool:
    """Keep what the form says; whether files must be looked at again."""
    posted = request.POST
    before = sets.fingerprint(actor, made, ImportSet.Step.INSPECT)
    owned = [upload.pk for upload in sets.files_of(actor, made)]
    sets.choose(
        actor,
        made,
        as_of=_day(posted.get("as_of", "")),
        year=_number(posted.get("year", "")) or None,
        kinds={each: posted.get(f"kind-{each}", "") for each in owned},
        left_out=frozenset(each for each in owned if posted.get(f"out-{each}")),
    )
    named = _headers(request, made)
    if named:
        name_headers(actor, named)
    return before != sets.fingerprint(actor, made, ImportSet.Step.INSPECT)


def _headers(request: HttpRequest, made: ImportSet) -> dict[str, dict[str, str | None]]:
    """The fields chosen for unknown headers. The headers themselves come from what was found, not from the form."""
    named: dict[str, dict[str, str | None]] = {}
    for file in (made.inspection or {}).get("files", []):
        for at, sheet in enumerate(file["sheets"]):
            kind = sheet["kind"] or sheet["closest"]
            if kind not in workbook_kinds():
                continue
            for place, header in enumerate(sheet["unknown_headers"][: shown.MOST_HEADERS]):
                field = request.POST.get(f"h-{file['upload']}-{at}-{place}", "")
                if field:
                    named.setdefault(kind, {})[header] = "" if field == "-" else field
    return named


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("bad_date", "日期请写成 2018-12-01 的样子。", "Write the date like 2018-12-01.") from None


def _number(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Problem("bad_number", "这里应填数字。", "A number is expected here.")
    return int(text)


@require_GET
def progress(request: HttpRequest, number: int) -> HttpResponse:
    """How far the job of a set is; once it has ended, the page is loaded anew."""
    made = sets.set_of(actor_of(request), number)
    if not sets.working(made):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "register/imports/progress.html", {"set": made, "job": made.job, "states": Job.State})
