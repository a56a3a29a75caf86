"""Pages of signs: the list, one sign with its weeks, hanging one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import evidence, nodes, panels
from tuopin.platform.access import actor_of, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.areas import ids as area_ids
from tuopin.register.listings import reader_at
from tuopin.register.place import area_of

from .. import kinds
from ..board.forms import papers, text
from ..board.views import office_names
from ..permissions import HANG, VIEW
from . import forms, items, measuring, page, selectors, services
from .lists import HUNG

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_list(request: HttpRequest) -> HttpResponseBase:
    """The signs of an area."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    reader = reader_at(actor, VIEW, area, first_of(request.GET))
    context = {
        "area": area, "tabs": panels.tabs(actor, area, current="hung"),
        "may_hang": bool(selectors.hangers(actor, area)),
    }  # fmt: skip
    return list_page(request, HUNG, reader, "orders/hung.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_page(request: HttpRequest, number: int) -> HttpResponse:
    """One sign: figures, criteria, weeks, what happened; POST does what its buttons say."""
    actor, now = actor_of(request), timezone.now()
    problem: Problem | None = None
    if request.method == "POST":
        try:
            said = _act(request, actor, number)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, said)
            return redirect("orders:hung_sign", number)
    view = page.view(actor, number, now, whole_number(request.GET.get("before", ""), 0))
    readlog.read(actor, "orders.hung_sign", {"sign": number}, 1)
    do = request.POST.get("do", "")[:12] if problem else ""
    context = {
        "view": view, "row": view.row, "problem": problem, "given": request.POST if problem else {}, "tried": do,
        "tried_item": whole_number(request.POST.get("item", ""), 0) if problem else 0,
        "today": timezone.localdate(now), "due": forms.next_due(timezone.localdate(now)), "weeks_most": items.WEEKS,
        "lines": request.POST.getlist("words")[: forms.LINES] if do == "ask" else [],
        "empty": range(forms.LINES),
    }  # fmt: skip
    return render(request, "orders/hung_sign.html", context, status=400 if problem else 200)


def _act(request: HttpRequest, actor: Actor, number: int) -> str:
    """Do what was asked for; returns what to say of it."""
    posted, now = request.POST, timezone.now()
    do, seen = posted.get("do", ""), whole_number(posted.get("seen", ""), None)
    note = text(posted, "note")
    if do == "ask":
        made = items.ask(actor, number, forms.items(posted), now, seen)
        return pick(f"已布置 {len(made)} 项。", f"{len(made)} items are asked for.")
    if do in {"answer", "accept", "return", "drop"}:
        return _item_act(request, actor, number, do, note)
    if do == "hand":
        services.hand_over(actor, number, forms.supervisor(actor, posted), note, now, seen)
        return pick("已移交督战。", "Handed over.")
    if do == "off":
        services.take_off(actor, number, note, now, seen)
        return pick("已摘牌。", "The sign came off.")
    if do == "withdraw":
        services.withdraw(actor, number, note, now, seen)
        return pick("已撤回。", "Withdrawn.")
    raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _item_act(request: HttpRequest, actor: Actor, number: int, do: str, note: str) -> str:
    posted, now = request.POST, timezone.now()
    item = whole_number(posted.get("item", ""), 0)
    view = page.view(actor, number, now)
    shown = next((each for week in (*view.weeks, *view.older) for each in week.items if each.row.pk == item), None)
    if shown is None:
        raise selectors.missing()
    if do == "drop":
        items.drop(actor, item, note, now)
        return pick("已取消这一项。", "Dropped.")
    may_do = shown.answers if do == "answer" else shown.checks
    kept = papers(request) if may_do and request.FILES else ()  # no file is kept for what is refused
    reference = text(posted, "reference", 201)
    if do == "answer":
        items.answer(actor, item, note, now, papers=kept, reference=reference)
        return pick("已答复，等督战人核对。", "Answered; it waits to be checked.")
    items.check(
        actor, item, accepted=do == "accept", words=note, now=now, papers=kept, reference=reference,
    )  # fmt: skip
    return pick("已记录核对结果。", "What was found is recorded.")


@never_cache
@require_GET
def paper(request: HttpRequest, number: int, paper_id: int) -> HttpResponseBase:
    """One paper of a sign, to be saved."""
    actor = actor_of(request)
    found = next((each for each in selectors.papers(actor, number) if each.pk == paper_id), None)
    if found is None:
        raise Missing("no_such_paper", "没有这份材料。", "There is no such paper.")
    readlog.read(actor, "orders.hung_paper", {"sign": number, "paper": paper_id}, 1)
    return evidence.attachment(found)


# -- hanging one --------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_sign(request: HttpRequest) -> HttpResponse:
    """Hang a sign over an area, a node or a group of its problems, or over one matter."""
    actor, area = actor_of(request), area_of(request)
    require(actor, HANG, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            row = services.hang(actor, forms.wanted(actor, request.POST, area.area_id), timezone.now())
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            messages.success(request, pick("已挂牌。现在布置第一周的清单。", "Hung. Now ask for the first items."))
            return redirect("orders:hung_sign", row.pk)
    return render(request, "orders/hung_new.html", _form(request, actor, area, problem), status=400 if problem else 200)


def _form(request: HttpRequest, actor: Actor, area: AreaVersion, problem: Problem | None) -> dict[str, Any]:
    posted, today = request.POST, timezone.localdate()
    matter = whole_number((posted if problem else request.GET).get("matter", ""), None)
    asked = posted.get("target", "") if problem else "matter" if matter is not None else "area"
    return {
        "area": area,
        "problem": problem,
        "given": posted if problem else {},
        "matter": matter,
        "target": asked,
        "targets": [(key, title) for key, title in selectors.TARGETS.items() if key != "matter"],
        "issuers": selectors.hangers(actor, area),
        "offices": office_names(actor, area),
        "nodes": [(each.key, each.title, each.due) for each in nodes.of_area(area, area_ids(area.path), today)],
        "sources": [(key, title) for key, title in kinds.sources().items() if key != "petition"],
        "categories": list(kinds.categories().items()),
        "criteria": [
            (key, kind, (posted.get(f"criterion-{key}") == "1", posted.get(f"bound-{key}", "")[:20]) if problem
             else (key in {"late", "weeks"}, "" if kind.day else kind.usual))
            for key, kind in measuring.KINDS.items()
            if matter is None or key not in {"unmet", "left", "share"}
        ],
    }  # fmt: skip
