"""Pages of procedures: the list, beginning, one with its steps, many at one step, the notice, a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.platform import evidence, panels, place
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.roles import all_roles, allows
from tuopin.platform.words import pick
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion
from tuopin.register.place import area_of
from tuopin.standards.permissions import APPROVE, CONFIRM, RUN_PROCEDURE, VIEW_PROCEDURE
from tuopin.standards.places import LEVELS, Place

from . import definitions, forms, freezing, selectors, services, subjects, weighing
from .lists import PROCEDURES

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor

    from .definitions import Definition
    from .weighing import Doing, Weighed


def _place(area: AreaVersion) -> Place:
    return Place(area.area_id, area.path)


def _base(actor: Actor, area: AreaVersion) -> dict[str, Any]:
    return {
        "area": area,
        "tabs": panels.tabs(actor, area, current="procedures"),
        "runs": may(actor, RUN_PROCEDURE, area_path=area.path),
        "today": timezone.localdate(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponseBase:
    """The list of procedures of an area; above it what waits, by step."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_PROCEDURE, area_path=area.path)
    who = reader_at(actor, VIEW_PROCEDURE, area, first_of(request.GET))
    context = _base(actor, area) | {"groups": selectors.groups(actor, area) if request.method != "POST" else ()}
    return list_page(request, PROCEDURES, who, "standards/procedures.html", context)


# ---- beginning ------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Which procedure, on which day, for whom: everybody of the area it may be about, with what stands in the way."""
    actor, area = actor_of(request), area_of(request)
    require(actor, RUN_PROCEDURE, area_path=area.path)
    if request.method == "POST" and request.POST.get("do") == "begin":
        return _begin(request, actor, area)
    given = request.GET
    context = _base(actor, area) | {"given": given.get("day", "")[:10]}
    try:
        day = forms.day_of(given.get("day", ""), timezone.localdate())
        found = _fitting(area, definitions.available(_place(area), day))
        context |= {"day": day, "definitions": found}
        key = given.get("key", "")[:40]
        if key:
            context |= _candidates(actor, area, _chosen(found, key), day)
    except Problem as problem:
        if problem.status != 400:
            raise
        context |= {"problem": pick(problem.zh, problem.en), "other_day": problem.code == "no_value_on_day"}
        return render(request, "standards/procedure_begin.html", context, status=400)
    return render(request, "standards/procedure_begin.html", context)


def _fitting(area: AreaVersion, found: list[Definition]) -> list[Definition]:
    """Those of the page's own level first, those of levels below next, the higher the sooner; in a village (where one
    comes from a household's page) households first. What can be about nothing in the area comes last."""
    own = LEVELS.index(area.level) if area.level in LEVELS else 0

    def order(each: Definition) -> tuple[bool, int]:
        at = LEVELS.index(each.procedure.level)
        return at > own, at if area.level == "village" else own - at

    return sorted(found, key=order)


def _chosen(found: list[Definition], key: str) -> Definition:
    for each in found:
        if each.procedure.key == key:
            return each
    raise Missing("no_such_procedure", "没有这个程序。", "There is no such procedure.")


def _candidates(actor: Actor, area: AreaVersion, defined: Definition, day: date) -> dict[str, Any]:
    key = defined.procedure.key
    ids = subjects.candidates(actor, defined.procedure, area)
    weighed: list[Weighed] = []
    most = subjects.most(defined.procedure)
    if ids and len(ids) <= most:
        weighed = weighing.weigh_start(actor, defined, ids, day, ids)
        if defined.procedure.level == "household":
            readlog.read(actor, "standards.procedures", {"area": area.code, "procedure": key}, len(weighed))
    judged = next((each.frozen for each in weighed if each.frozen is not None), None)
    below = AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code")
    missing = freezing.limits_missing(
        each.frozen.document for each in weighed if each.frozen is not None and each.refusal is not None
    )
    return {
        "missing": [(title, f"limit:{name}") for name, title in missing.items()] if defined.procedure.verdicts else [],
        "setters": _holders(CONFIRM),
        "approvers": _holders(APPROVE),
        "chosen": defined.procedure,
        "defined": defined,
        "draft": [Title(each["zh"], each["en"]) for each in judged.document["draft"]] if judged is not None else [],
        "ready": [each for each in weighed if each.refusal is None],
        "blocked": [each for each in weighed if each.refusal is not None],
        "many": len(ids) > most,
        "below": list(below) if len(ids) > most else (),
    }


def _holders(permission: str) -> list[Title]:
    """The roles that have a permission, in words."""
    return [role.title for key, role in all_roles().items() if key != "administrator" and allows(key, permission)]


def _begin(request: HttpRequest, actor: Actor, area: AreaVersion) -> HttpResponse:
    posted = request.POST
    key, day = posted.get("key", "")[:40], forms.day_of(posted.get("day", ""), None)
    if posted.get("scope") == "all":
        ready = _candidates(actor, area, definitions.definition(_place(area), day, key), day)["ready"]
        if posted.get("expected") != str(len(ready)):
            raise services.Changed(
                "changed_meanwhile", "名单在您查看之后有变动，没有开始。请刷新后再看。",
                "The list has changed since; nothing was begun. Look again.",
            )  # fmt: skip
        chosen = [each.subject.id for each in ready]
    else:
        chosen = forms.numbers(posted.getlist("i"))
    rows = services.begin(actor, _place(area), key, chosen, day)
    messages.success(
        request, pick(f"已开始 {len(rows)} 个程序，判定已冻结。", f"{len(rows)} begun; the verdicts are frozen.")
    )
    if len(rows) == 1:
        return redirect("standards:procedure", rows[0].pk)
    return redirect(f"{reverse('standards:procedures')}?area={area.code}&state=running&kind={key}")


# ---- one ------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, number: int) -> HttpResponse:
    """A procedure with its steps, clocks and frozen verdict, and the form of the step that is due."""
    actor = actor_of(request)
    if request.method == "POST":
        selectors.one(actor, number)  # outside the grants there is none
        try:
            return _posted(request, actor, number)
        except Problem as problem:
            if problem.status not in {400, 409, 403}:
                raise
            return _one(request, actor, number, problem)
    return _one(request, actor, number)


def _one(request: HttpRequest, actor: Actor, number: int, problem: Problem | None = None) -> HttpResponse:
    found = selectors.view(actor, number)
    area = subjects.area_of(found.subject)
    if area is not None:
        place.show(request, area, f"{reverse('standards:procedures')}?area={area.code}")
    what = f"household:{found.row.subject_id}" if found.row.level == "household" else "standards.procedures"
    readlog.read(actor, what, {"procedure": number}, 1)
    context = {
        "view": found,
        "village": area,
        "today": timezone.localdate(),
        "problem": pick(problem.zh, problem.en) if problem else "",
        "given": forms.repeated(request.POST) if problem else {},
    }
    return render(request, "standards/procedure.html", context, status=problem.status if problem else 200)


def _posted(request: HttpRequest, actor: Actor, number: int) -> HttpResponse:
    posted = request.POST
    seen = {number: forms.number(posted.get("seen", ""))}
    if posted.get("do") == "withdraw":
        day = forms.day_of(posted.get("day", ""), None)
        services.withdraw(actor, seen, posted.get("reason", "")[:600], day)
        messages.success(request, pick("程序已撤回，登记状态未变。", "Withdrawn; no status has changed."))
        return redirect("standards:procedure", number)
    row, subject = selectors.one(actor, number)
    household = row.subject_id if row.level == "household" else None
    require(actor, RUN_PROCEDURE, area_path=subject.path, household_id=household)  # before a file of theirs is kept
    done = services.act(actor, seen, forms.doing(request))
    messages.success(
        request,
        pick("程序办结，登记状态已改变。", "Complete: the status has changed.") if done
        else pick("已登记。", "Recorded."),
    )  # fmt: skip
    return redirect("standards:procedure", number)


# ---- many at one step ------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest) -> HttpResponse:
    """All of an area that stand at one step: ticked, looked at, recorded together."""
    actor, area = actor_of(request), area_of(request)
    require(actor, RUN_PROCEDURE, area_path=area.path)
    given = request.POST if request.method == "POST" else request.GET
    digest, key = given.get("text", "")[:64], given.get("step", "")[:40]
    group = next(
        (each for each in selectors.groups(actor, area) if each.digest == digest and each.step.key == key), None
    )
    if group is None:
        raise Missing("no_such_step", "没有程序在等这一步。", "No procedure waits at this step.")
    context = _base(actor, area) | {"group": group, "records": selectors.may_record(actor, group.step, area.path)}
    if request.method != "POST":
        return _batch(request, actor, area, context)
    try:
        doing = forms.doing(request)
        if given.get("do") == "act":
            return _act(request, actor, area, doing)
        chosen = forms.numbers(given.getlist("i"))
        if given.get("scope") == "all":
            chosen = [row.pk for row, _subject in selectors.at_step(actor, area, digest, key, weighing.MOST)]
        weighed = weighing.weigh(actor, chosen, doing)
    except Problem as problem:
        if problem.status not in {400, 403, 409}:
            raise
        return _batch(request, actor, area, context, problem)
    readlog.read(actor, "standards.procedures", {"area": area.code, "step": key}, len(weighed))
    context |= {
        "doing": doing,
        "outcome": group.step.outcome(doing.outcome),
        "ready": [each for each in weighed if each.refusal is None],
        "blocked": [each for each in weighed if each.refusal is not None],
        "hidden": forms.hidden(doing),
    }
    return render(request, "standards/procedure_preview.html", context)


def _batch(
    request: HttpRequest, actor: Actor, area: AreaVersion, context: dict[str, Any], problem: Problem | None = None
) -> HttpResponse:
    group = context["group"]
    pairs = selectors.at_step(actor, area, group.digest, group.step.key, weighing.MOST)
    readlog.read(actor, "standards.procedures", {"area": area.code, "step": group.step.key}, len(pairs))
    context |= {
        "pairs": pairs,
        "given": forms.repeated(request.POST) if problem else {},
        "ticked": forms.numbers(request.POST.getlist("i")),
        "problem": pick(problem.zh, problem.en) if problem else "",
    }
    return render(request, "standards/procedure_batch.html", context, status=problem.status if problem else 200)


def _act(request: HttpRequest, actor: Actor, area: AreaVersion, doing: Doing) -> HttpResponse:
    seen = forms.seen(request.POST.getlist("p"))
    done = services.act(actor, seen, doing)
    messages.success(
        request,
        pick(f"已登记 {len(seen)} 个，其中 {done} 个办结。", f"{len(seen)} recorded, {done} of them complete."),
    )
    return redirect(f"{reverse('standards:procedures')}?area={area.code}")


# ---- paper --------------------------------------------------------------------------------------------------------


@require_GET
def notice(request: HttpRequest, number: int) -> HttpResponse:
    """The public notice on A4, without private data."""
    actor = actor_of(request)
    found = selectors.notice(actor, number)
    readlog.read(actor, "standards.procedures", {"notice": number}, len(found.lines))
    return render(request, "standards/procedure_notice.html", {"notice": found, "number": number})


@require_GET
def paper(request: HttpRequest, number: int, paper_id: int) -> HttpResponseBase:
    """A paper of a step, to be saved."""
    actor = actor_of(request)
    found = selectors.paper(actor, number, paper_id)
    readlog.read(actor, "standards.papers", {"procedure": number, "paper": paper_id}, 1, found.digest)
    return evidence.attachment(found)
