"""The pages of department lists, under /register/matching/."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.platform import uploads
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.lists import listing
from tuopin.platform.lists.model import Reader
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick

from ..issue_codes import issue_codes
from ..models import AreaVersion, MatchPair, MatchRun
from ..permissions import DECIDE_MATCHES, MATCH_LISTS
from ..place import area_of
from . import selectors, services, shown, store, writing
from .kinds import list_kind, list_kinds
from .words import FATES, FEW, FIELDS, STATES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor

    from .kinds import ListKind


# -- all lists, and a new one -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: HttpRequest) -> HttpResponseBase:
    """The lists that the reader may know of, the newest first."""
    actor = actor_of(request)
    if not may(actor, MATCH_LISTS):
        require(actor, DECIDE_MATCHES)
    area = area_of(request)
    reader = Reader(actor, timezone.localdate(), area, frozenset({"general"}), first_of(request.GET))
    context = {"area": area, "may_hand_in": may(actor, MATCH_LISTS, area_path=area.path)}
    return list_page(request, listing("register.match_runs"), reader, "register/matching/runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """The form for a new list; a POST takes the file in and leads to its job."""
    actor = actor_of(request)
    require(actor, MATCH_LISTS)
    area = area_of(request)
    given = {name: request.POST.get(name, "") for name in ("kind", "as_of", "complete")}
    problem: Problem | None = None
    if request.method == "POST":
        try:
            return _taken_in(request, actor, area)
        except (Missing, Problem) as found:
            problem = found
    context = {
        "area": area,
        "kinds": list_kinds().values(),
        "given": given,
        "problem": problem,
        "message": pick(problem.zh, problem.en) if problem else "",
        "seen_before": problem is not None and problem.code == "list_seen_before",
        "today": timezone.localdate(),
    }
    return render(request, "register/matching/hand_in.html", context, status=problem.status if problem else 200)


def _taken_in(request: HttpRequest, actor: Actor, area: AreaVersion) -> HttpResponse:
    file = request.FILES.get("file")
    if uploads.left_out(request):
        raise uploads.too_large(uploads.left_out(request)[0])
    if file is None:
        raise Problem("no_file", "请选择名单文件（.xlsx、.xls 或 .csv）。", "Choose the list (.xlsx, .xls or .csv).")
    run = services.hand_in(
        actor,
        file,
        kind=request.POST.get("kind", ""),
        as_of=_day(request.POST.get("as_of", "")),
        area=area.code,
        complete=request.POST.get("complete") == "1",
        again=request.POST.get("again") == "1",
    )
    return redirect("platform:job", run.job)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(
            "bad_date", "名单日期请写成 2018-12-01 的样子。", "Write the day of the list like 2018-12-01."
        ) from None


# -- one list -----------------------------------------------------------------------------------------------------


@require_GET
def run(request: HttpRequest, number: int) -> HttpResponse:
    """What became of a list: found, to decide, not found, contradictions, what would be written, history."""
    actor = actor_of(request)
    found = selectors.run(actor, number)
    kind = list_kind(found.kind)
    ranges = selectors.reach(actor, found)
    covers = selectors.covers(actor, found)
    area = AreaVersion.objects.filter(area_id=found.area_id).order_by("-valid_from").first()
    context: dict[str, Any] = {
        "run": found,
        "kind": kind,
        "area": area,
        "state": STATES[found.state],
        "is_owner": actor.unrestricted or (found.user_id == actor.user_id and may(actor, MATCH_LISTS)),
        "covers": covers,
        "sees": bool(ranges),
        "there": found.state == MatchRun.State.READY,
        "results": found.results.order_by("-pk"),
        "problem": _failure(found),
    }
    if found.counts and found.state != MatchRun.State.FAILED:
        context |= _counts(found, covers=covers)
    if found.state == MatchRun.State.READY and ranges:
        context |= _open(actor, found, ranges)
    if found.state in (MatchRun.State.READY, MatchRun.State.FAILED):
        context["columns"] = _columns(found, kind)
    return render(request, "register/matching/run.html", context)


def _failure(found: MatchRun) -> str:
    said = found.counts.get("problem") if found.state == MatchRun.State.FAILED else None
    return pick(said["zh"], said["en"]) if said else ""


def _counts(found: MatchRun, *, covers: bool) -> dict[str, Any]:
    """The counts of the whole list. To who may not see the people behind them, few is not told: a list of one name
    would be a question about one person."""
    counts = found.counts
    hits = counts["matched"] + counts["decide"]
    few = not covers and (counts["matched"] < selectors.FEW or hits < selectors.FEW)
    return {
        "counts": counts,
        "matched_shown": FEW if few else None,
        "not_found_shown": not few,
        "left_out": counts.get("left_out", 0),
    }


def _open(actor: Actor, found: MatchRun, ranges: selectors.Ranges) -> dict[str, Any]:
    tally = store.tally(found.pk, ranges)
    states = dict(selectors.pairs(actor, found).order_by().values_list("state").annotate(Count("pk")))
    known = issue_codes()
    return {
        "tally": tally,
        "fates": [(FATES[key], tally.facts[key]) for key in FATES if tally.facts.get(key)],
        "doubts": [(known[code], count) for code, count in tally.doubts.items() if code in known],
        "pairs": {"all": sum(states.values()), **{key: states.get(key, 0) for key in ("open", "later", "yes", "no")}},
        "to_write": tally.facts.get("new", 0) + tally.facts.get("changed", 0),
        "looks_partial": _looks_partial(found, tally),
    }


def _looks_partial(found: MatchRun, tally: store.Tally) -> bool:
    """Whether a list that is called complete lacks more of whom the register names than it holds."""
    absent = {doubt.code for doubt in list_kind(found.kind).doubts if doubt.when == "not_listed"}
    return found.complete and sum(tally.doubts.get(code, 0) for code in absent) > tally.matched


def _columns(found: MatchRun, kind: ListKind) -> list[dict[str, Any]]:
    """Every field a list of this kind may have, with the header that was found for it."""
    headers = list(dict.fromkeys([*found.columns.values(), *found.other_headers, *found.column_map]))
    return [
        {"name": item.name, "title": FIELDS[item.name], "header": found.columns.get(item.name, ""), "headers": headers}
        for item in kind.workbook.fields
    ]


# -- who was found ------------------------------------------------------------------------------------------------


@require_GET
def people(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """The rows behind a count: matched, doubts, missing."""
    actor = actor_of(request)
    found = selectors.run(actor, number)
    ranges = selectors.reach(actor, found)
    if not ranges or found.state != MatchRun.State.READY or (what == "missing" and not selectors.covers(actor, found)):
        raise Missing("no_such_rows", "没有可以查看的记录。", "There are no rows that you may see.")
    start = whole_number(request.GET.get("after", ""), 0)
    code = request.GET.get("code", "")
    kind = list_kind(found.kind)
    rows: list[Any]
    if what == "matched":
        rows = shown.matched(found, kind, ranges, start)
        last = rows[shown.PAGE - 1].row if len(rows) > shown.PAGE else 0
    elif what == "doubts":
        rows = shown.doubted(found, ranges, code, start)
        last = rows[shown.PAGE - 1].person.person_id if len(rows) > shown.PAGE else 0
    else:
        rows = shown.unmatched(found, start)
        last = rows[shown.PAGE - 1].row if len(rows) > shown.PAGE else 0
    rows = rows[: shown.PAGE]
    readlog.read(actor, f"register.match_{what}", {"list": found.pk, "after": start}, len(rows))
    context = {"run": found, "kind": kind, "what": what, "rows": rows, "next": last, "start": start, "code": code,
               "fates": FATES}  # fmt: skip
    return render(request, f"register/matching/{what}.html", context)


# -- deciding -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """One pair side by side; a POST answers it and leads to the next."""
    actor = actor_of(request)
    found = selectors.run(actor, number)
    if request.method == "POST":
        return _answer(request, actor, found)
    pairs = selectors.pairs(actor, found)
    asked = whole_number(request.GET.get("pair", ""), None)
    if asked is not None:
        pair: MatchPair | None = selectors.pair(actor, asked)
        if pair is not None and pair.run_id != found.pk:
            raise Missing("no_such_pair", "没有这一条待判断的记录。", "There is no such pair to decide.")
    else:
        waiting = pairs.filter(state__in=(MatchPair.State.OPEN, MatchPair.State.LATER)).select_related("run")
        pair = waiting.order_by("-state", "-points", "pk").first()  # open before later
    states = dict(pairs.order_by().values_list("state").annotate(Count("pk")))
    context: dict[str, Any] = {
        "run": found,
        "kind": list_kind(found.kind),
        "left": states.get("open", 0),
        "later": states.get("later", 0),
        "done": states.get("yes", 0) + states.get("no", 0),
        "there": found.state == MatchRun.State.READY,
    }
    if pair is not None and found.state == MatchRun.State.READY:
        context |= shown.pair_context(pair)
        context["decided"] = pair.state in (MatchPair.State.YES, MatchPair.State.NO)
        readlog.read(actor, "register.match_pair", {"list": found.pk, "pair": pair.pk}, 1)
    return render(request, "register/matching/decide.html", context)


def _answer(request: HttpRequest, actor: Actor, found: MatchRun) -> HttpResponse:
    pair = selectors.pair(actor, whole_number(request.POST.get("pair", ""), 0))
    if pair.run_id != found.pk:
        raise Missing("no_such_pair", "没有这一条待判断的记录。", "There is no such pair to decide.")
    try:
        services.decide(actor, pair.pk, request.POST.get("answer", ""))
    except services.Conflict as conflict:
        messages.warning(request, pick(conflict.zh, conflict.en))
    return redirect("register:match_decide", found.pk)


# -- acts ---------------------------------------------------------------------------------------------------------


@require_POST
def choose_columns(request: HttpRequest, number: int) -> HttpResponse:
    """Match again with the columns as chosen: one header for each field."""
    actor = actor_of(request)
    found = selectors.own_run(actor, number)
    fields = {item.name for item in list_kind(found.kind).workbook.fields}
    chosen = dict.fromkeys(found.columns.values(), "")
    for name in sorted(fields):
        header = request.POST.get(f"column_{name}", "")
        if not header:
            continue
        if chosen.get(header):
            raise Problem(
                "column_twice", "同一列不能用于两项。请重新选择。", "One column cannot serve two fields. Choose again."
            )
        chosen[header] = name
    run = services.choose_columns(actor, number, chosen)
    return redirect("platform:job", run.job)


@require_POST
def write(request: HttpRequest, number: int) -> HttpResponse:
    """Have the results written; leads to the job."""
    run = writing.ask_to_write(
        actor_of(request), number, facts=request.POST.get("facts") == "1", doubts=request.POST.get("doubts") == "1"
    )
    return redirect("platform:job", run.job)


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Delete the list now."""
    services.close(actor_of(request), number)
    messages.success(
        request,
        pick("名单已删除，只保留数量和已写入的结果。", "The list is deleted; counts and what was written stay."),
    )
    return redirect("register:match_run", number)


@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Undo a writing."""
    result = writing.take_back(actor_of(request), number)
    messages.success(request, pick("已撤销，登记恢复原样。", "Undone; the register is as it was."))
    return redirect(reverse("register:match_run", args=[result.run_id]))
