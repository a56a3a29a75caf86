"""Pages of changes of areas: the list and history of an area, the form, the preview, one recording, an ended area."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import panels, uploads
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick

from ...listings import reader_at
from ...models import AreaEvent, AreaEventUndone, AreaMap
from ...models.area_events import KIND_TITLES
from ...permissions import CHANGE_AREAS, VIEW_AREA
from ...place import LEVEL_TITLES, area_of
from . import drafts, mapping, undo
from .given import Faulty, Given, Line
from .listing import CHANGES
from .selectors import event_seen, facts_of, story_of
from .services import record
from .workbook import read_lines

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

    from tuopin.platform.access import Actor

    from .given import Fault

PURPOSE = "areas"
ROWS = 6
MOST_ROWS = 60
SHOWN = 200  # lines of a preview that a page prints


@require_http_methods(["GET", "HEAD", "POST"])
def changes(request: HttpRequest, area: str) -> HttpResponseBase:  # noqa: ARG001 - area_of() reads it from the address
    """What an area was called, where it came from, and every change in it."""
    actor, version = actor_of(request), area_of(request)
    require(actor, VIEW_AREA, area_path=version.path)
    context: dict[str, Any] = {
        "area": version,
        "level": LEVEL_TITLES[version.level],
        "tabs": panels.tabs(actor, version, current="area_changes"),
        "story": story_of(actor, version),
        "may_change": may(actor, CHANGE_AREAS, area_path=version.path),
    }
    reader = reader_at(actor, VIEW_AREA, version, first_of(request.GET))
    return list_page(request, CHANGES, reader, "register/areas/changes.html", context)


@require_GET
def ended(request: HttpRequest, code: str) -> HttpResponse:
    """An area that is no more, or has another code: what became of it, and its history with that of its successor."""
    actor = actor_of(request)
    found = mapping.former_with_code(actor, code[:64])
    if found is None:
        raise Missing("no_such_area", f"没有找到区划 {code[:64]}。", f"There is no area {code[:64]}.", area=code[:64])
    context = {
        "former": found,
        "level": LEVEL_TITLES[found.version.level],
        "story": story_of(actor, found.version),
        "successors": [(each, story_of(actor, each)) for each in found.now if each.area_id != found.version.area_id],
        "facts": facts_of(actor, found.version),
    }
    return render(request, "register/areas/ended.html", context)


# -- filling in ---------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form, or a workbook: both lead to a preview."""
    actor, version = actor_of(request), area_of(request)
    require(actor, CHANGE_AREAS, area_path=version.path)
    context: dict[str, Any] = {
        "area": version, "kinds": KIND_TITLES.items(), "posted": request.POST, "faults": (), "problem": None,
        "rows": _rows(request.POST, version.code if version.level != "city" else ""),
    }  # fmt: skip
    if request.method != "POST" or request.POST.get("do") == "more":
        return render(request, "register/areas/new.html", context)
    try:
        given = (
            _workbook(request, actor) if "file" in request.FILES or uploads.left_out(request) else _form(request.POST)
        )
        record(actor, given, dry_run=True)  # what is wrong with it is told where it was typed
        draft = drafts.keep(actor, given)
    except Faulty as problem:
        context["faults"], context["problem"] = problem.faults[:SHOWN], problem
    except Problem as problem:
        if problem.status == 413:
            raise
        context["problem"] = problem
    else:
        return redirect("register:area_draft", draft.pk)
    return render(request, "register/areas/new.html", context, status=400)


_FIELDS = ("kind", "old", "code", "name", "parent", "groups", "households")


def _rows(posted: QueryDict, first: str) -> list[dict[str, Any]]:
    count = min(max(whole_number(posted.get("count", ""), ROWS), ROWS), MOST_ROWS)
    if posted.get("do") == "more":
        count = min(count + ROWS, MOST_ROWS)
    rows: list[dict[str, Any]] = [
        {"number": at} | {name: posted.get(f"{name}-{at}", "")[:500] for name in _FIELDS} for at in range(1, count + 1)
    ]
    if not posted:
        rows[0]["old"] = first
    return rows


def _form(posted: QueryDict) -> Given:
    day = _day(posted.get("day", ""))
    lines = []
    for row in _rows(posted, ""):
        if not any(str(row[name]).strip() for name in _FIELDS if name != "kind"):
            continue
        lines.append(
            Line(
                row["kind"], day, row["old"], row["code"], row["name"], row["parent"], _several(row["groups"]),
                _several(row["households"]), row["number"],
            )
        )  # fmt: skip
    return Given(tuple(lines), posted.get("document", ""), posted.get("reason", ""), origin="page")


def _several(text: str) -> tuple[str, ...]:
    for sign in "，,；;\n\t ":
        text = text.replace(sign, "、")
    return tuple(each for each in text.split("、") if each)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise Problem("bad_date", "生效日期请写成 2018-12-01 的样子。", "Write the day like 2018-12-01.") from None


def _workbook(request: HttpRequest, actor: Actor) -> Given:
    if uploads.left_out(request):
        raise uploads.too_large(uploads.left_out(request)[0])
    file = request.FILES.get("file")
    if file is None:
        raise Problem("no_file", "请选择文件。", "Choose a file.")
    upload = uploads.receive(actor, file, PURPOSE)
    try:
        lines = read_lines(uploads.path_of(actor, upload.pk, PURPOSE), upload.name)
    finally:
        uploads.discard(actor, [upload.pk], PURPOSE)
    return Given(tuple(lines), request.POST.get("document", ""), request.POST.get("reason", ""), origin="workbook")


# -- looking and recording ----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """What the lines would come to; a POST records them, or throws them away."""
    actor = actor_of(request)
    kept = drafts.draft_of(actor, number)
    if kept.event_id is not None:
        return redirect("register:area_event", kept.event_id)
    if request.method == "POST" and request.POST.get("do") == "drop":
        drafts.drop(actor, number)
        messages.success(request, pick("已放弃，没有登记任何变更。", "Thrown away: nothing was recorded."))
        return redirect("register:area_change_new")
    faults: tuple[Fault, ...] = ()
    context: dict[str, Any] = {"draft": kept, "given": kept.given, "problem": None, "kinds": KIND_TITLES}
    try:
        if request.method == "POST":
            event = drafts.record_draft(actor, number, move_grants=request.POST.get("move_grants") == "1")
            messages.success(request, pick("已登记。", "Recorded."))
            return redirect("register:area_event", event)
        outcome = drafts.preview(actor, kept)
    except Faulty as problem:
        faults, context["problem"] = problem.faults[:SHOWN], problem
    except Problem as problem:
        context["problem"] = problem
    else:
        context |= {"outcome": outcome, "lines": _shown(outcome.lines[:SHOWN]), "more": len(outcome.lines) - SHOWN}
    return render(request, "register/areas/draft.html", context | {"faults": faults},
                  status=400 if context["problem"] else 200)  # fmt: skip


def _shown(lines: list[AreaMap]) -> list[dict[str, Any]]:
    return [{"line": line, "kind": KIND_TITLES[AreaMap.Kind(line.kind)], "level": LEVEL_TITLES[line.level]}
            for line in lines]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def event(request: HttpRequest, number: int) -> HttpResponse:
    """One recording: its map, paper, who and when; a POST takes it back."""
    actor = actor_of(request)
    if request.method == "POST":
        undo.undo(actor, number, reason=request.POST.get("reason", ""))
        messages.success(request, pick("已撤销，区划和户恢复原样。", "Taken back: areas and households are as before."))
        return redirect("register:area_event", number)
    found, lines = event_seen(actor, number)
    taken_back = AreaEventUndone.objects.filter(event=found).first()
    undoes = taken_back is None and _undoes(actor, found)
    context = {
        "event": found, "lines": _shown(lines[:SHOWN]), "more": len(lines) - SHOWN, "taken_back": taken_back,
        "obstacles": undo.obstacles(found) if undoes else (), "undoes": undoes,
    }  # fmt: skip
    return render(request, "register/areas/event.html", context)


def _undoes(actor: Actor, found: AreaEvent) -> bool:
    try:
        undo.event_of(actor, found.pk)
    except Problem:
        return False
    return True
