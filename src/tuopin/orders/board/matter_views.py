"""Pages of one matter: what it is and what may be done, doing it, its papers; drafting one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.core import matters as core
from tuopin.platform import evidence
from tuopin.platform.access import actor_of, may, one_page, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.panels import gather
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.place import area_of

from .. import kinds, limits, selectors, services
from ..permissions import ISSUE, PETITIONS
from ..petitions import audience
from ..petitions import services as petitions
from ..services import Draft
from . import drafting, forms, matter, once
from .lists import WORK
from .views import office_names

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..models import Matter

_LINES = 8
"""Lines for holders, or parts, that a form has without script."""


@never_cache
@require_GET
def matter_page(request: HttpRequest, number: int) -> HttpResponse:
    """One matter."""
    return _page(request, actor_of(request), number)


@never_cache
@require_POST
def act(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Do one act. What is refused is said above the page, with what was typed; the same form sent twice does nothing
    the second time."""
    actor = actor_of(request)
    row = selectors.matter(actor, number)
    try:
        given = forms.given(actor, request.POST)
        if request.FILES:
            if name not in {each.act for each in matter.acts(actor, row)}:  # no file is kept for what is refused
                raise Problem(
                    "not_now", "现在不能对这件事项这样办理，请刷新后再看。",
                    "This cannot be done with the matter now: reload the page.",
                )  # fmt: skip
            given = forms.with_papers(given, forms.papers(request))
        services.act(actor, name, [number], given, timezone.now(), forms.seen(request.POST, number))
    except Problem as found:
        if found.status != 400:
            raise
        return _page(request, actor, number, problem=found, tried=name)
    title = core.ACTS[name].title
    messages.success(request, pick(f"已记录：{title.zh}。", f"Recorded: {title.en}."))
    if request.POST.get("back") == "inbox":
        return redirect("orders:inbox")
    if not selectors.matters(actor).filter(pk=number).exists():
        return redirect("orders:inbox")  # it went to somebody whose matters one does not see
    return redirect("orders:matter", number)


@one_page()  # also after a form that was refused: what is read for the page is read once
def _page(
    request: HttpRequest, actor: Actor, number: int, *, problem: Problem | None = None, tried: str = ""
) -> HttpResponse:
    view = matter.view(actor, number, timezone.now())
    readlog.read(actor, "orders.matter", {"matter": number}, max(1, len(view.households)))
    row = view.row
    context = {
        "view": view,
        "row": row,
        "kept": row.kind == "petition" and may(actor, PETITIONS),
        "kind": core.KINDS[row.kind],  # type: ignore[index]  # one of its choices
        "state": petitions.STATES[row.state] if row.kind == "petition" else core.STATES[row.state],
        "states": core.STATES,
        "source": kinds.sources().get(row.source),
        "category": kinds.categories().get(row.category),
        "urgency": kinds.urgencies()[row.urgency].title if row.urgency in kinds.urgencies() else None,
        "limit_day": limits.day_of(row.limit_at) if row.limit_at and not row.by_hours else None,
        "asked_day": limits.day_of(row.asked_until) if row.asked_until else None,
        "problem": problem,
        "tried": tried,
        "panels": gather("matter", actor, view),
        "given": request.POST,
        "today": timezone.localdate(),
        "lines": range(_LINES),
        "with_files": audience.WITH_FILES if row.kind == "petition" else (),
        "handed_on": audience.FOR_HOLDER,
        "acts": _forms(view),
        "opened": tried or _next(view),
    }
    return render(request, "orders/matter.html", context, status=400 if problem else 200)


def _forms(view: matter.View) -> list[tuple[core.Transition, list[tuple[str, Title]], str, bool]]:
    """The acts with what they need and the holder who is known; last what the reader would do in the holder’s stead."""
    found = [
        (
            each,
            [(need.key, need.title) for need in each.needs],
            view.holder if each.act in {"issue", "accept"} else "",
            each.who == ("holder",) and not view.mine,
        )
        for each in view.acts
    ]
    return sorted(found, key=lambda each: each[3])


_NEXT = ("issue", "accept", "receive", "start", "done", "verify", "close", "answer", "look_back")


def _next(view: matter.View) -> str:
    """The act that is open when the page comes: the next step on the way, where it is the reader’s own."""
    own = {act.act for act, _needs, _known, stead in _forms(view) if not stead}
    if view.row.asked_until is not None and "extend" in own:
        return "extend"
    return next((each for each in _NEXT if each in own), "")


@never_cache
@require_GET
def paper(request: HttpRequest, number: int, paper_id: int) -> HttpResponseBase:
    """One paper of a matter, to be saved."""
    actor = actor_of(request)
    view = matter.view(actor, number, timezone.now())
    found = next((each for each, _title in view.papers if each.pk == paper_id), None)
    if found is None:
        raise Missing("no_such_paper", "没有这份材料。", "There is no such paper.")
    readlog.read(actor, "orders.paper", {"matter": number, "paper": paper_id}, 1)
    return evidence.attachment(found)


# -- drafting -----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_matter(request: HttpRequest) -> HttpResponse:
    """Draft a directive or a problem for one holder or several; issue it at once."""
    actor, area = actor_of(request), area_of(request)
    require(actor, ISSUE, area_path=area.path)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            row, new = once.once(
                actor, request.POST.get("key", ""), timezone.now(), lambda: _drafted(request, actor, area)
            )
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            said = (
                pick("已保存。", "Kept.")
                if new
                else pick("这张表已提交过，没有重复开件。", "Sent before: nothing new.")
            )
            messages.success(request, said)
            return redirect("orders:matter", row.pk)
    posted = request.POST
    offices, people = posted.getlist("holder")[:60], posted.getlist("official")[:60]
    filled = [(office, people[at] if at < len(people) else "") for at, office in enumerate(offices)]
    context = {
        "area": area,
        "problem": problem,
        "given": posted,
        "key": posted.get("key") or once.new_key(),
        "kinds": list(WORK.items()),
        "chosen": posted.get("kind") or request.GET.get("kind", "problem"),
        "sources": list(kinds.sources().items()),
        "categories": list(kinds.categories().items()),
        "urgencies": [(key, each.title) for key, each in kinds.urgencies().items() if "directive" in each.kinds],
        "issuers": drafting.issuers(actor, area),
        "offices": office_names(actor, area),
        "holders": filled + [("", "")] * max(1, _LINES - len(filled)),
        "households": may(actor, VIEW_HOUSEHOLD, area_path=area.path),
        "today": timezone.localdate(),
    }
    return render(request, "orders/new.html", context, status=400 if problem else 200)


def _drafted(request: HttpRequest, actor: Actor, area: AreaVersion) -> Matter:
    posted = request.POST
    people = posted.getlist("official")
    holders = []
    for at, written in enumerate(posted.getlist("holder")[:100]):
        office = forms.office(written.replace("\0", "").strip())
        if office is not None:
            person = people[at].replace("\0", "").strip()[:60] if at < len(people) else ""
            holders.append((office, forms.person(actor, person, office)))
    codes = forms.text(posted, "households", 20_000)
    if codes:
        require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    base = Draft(
        forms.text(posted, "kind", 10), forms.text(posted, "title", 201), area.area_id,
        forms.text(posted, "urgency", 16), forms.text(posted, "source", 24), forms.text(posted, "category", 24),
        issuer_id=whole_number(posted.get("issuer", ""), None), text=forms.text(posted, "text"),
        basis=forms.text(posted, "basis", 501), demand=forms.text(posted, "demand", 501),
        root_cause=forms.text(posted, "root_cause", 1001), measure=forms.text(posted, "measure", 2001),
        subjects=forms.households(codes),
    )  # fmt: skip
    if base.kind not in WORK:
        raise Problem("bad_kind", "请选择指令或问题。", "Choose a directive or a problem.")
    limit = forms.day(posted, "limit", "时限", "the limit")
    return drafting.draft(actor, base, holders, timezone.now(), issue=posted.get("do") == "issue", limit=limit)
