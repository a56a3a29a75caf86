"""The page that opens a whole with its parts: written, looked at as it was understood, then opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.platform.access import actor_of, one_page, require
from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register.place import area_of

from .. import kinds
from ..board import drafting, once
from ..board import forms as fields
from ..board.lists import WORK
from ..permissions import ISSUE
from ..services import Draft
from . import forms, services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from tuopin.register.models import AreaVersion

    from .forms import Line


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_family(request: HttpRequest) -> HttpResponse:
    """Open a whole with its parts, two levels deep."""
    actor, area = actor_of(request), area_of(request)
    require(actor, ISSUE, area_path=area.path)
    problem: Problem | None = None
    typed: Sequence[Line] = ()
    posted = request.POST
    if request.method == "POST":
        try:
            typed = forms.lines(posted.get("parts", ""))
            understood = forms.parts(actor, list(typed))
            whole = _whole(request, area)
            limit = fields.day(posted, "limit", "时限", "the limit")
            if posted.get("do") in {"issue", "draft"}:
                issue = posted["do"] == "issue"
                now = timezone.now()
                row, new = once.once(
                    actor, posted.get("key", ""), now,
                    lambda: services.open_family(actor, whole, understood, now, issue=issue, limit=limit),
                )  # fmt: skip
                said = pick(f"已开出总件和 {len(typed)} 件分件。", f"Opened, with {len(typed)} parts.")
                again = pick("这张表已提交过，没有重复开件。", "Sent before: nothing new.")
                messages.success(request, said if new else again)
                return redirect("orders:matter", row.pk)
        except Problem as found:
            problem = found  # with what was typed: dozens of lines are not lost for one of them
    context = {
        "area": area,
        "problem": problem,
        "given": posted,
        "key": posted.get("key") or once.new_key(),
        "typed": typed,
        "looked": bool(typed) and problem is None,
        "first": sum(not line.inner for line in typed),
        "second": sum(line.inner for line in typed),
        "kinds": list(WORK.items()),
        "chosen": posted.get("kind", "problem"),
        "sources": list(kinds.sources().items()),
        "categories": list(kinds.categories().items()),
        "urgencies": [(key, each.title) for key, each in kinds.urgencies().items() if "directive" in each.kinds],
        "issuers": drafting.issuers(actor, area),
        "today": timezone.localdate(),
    }
    with one_page():  # also where a form is looked at: what is written was written before
        return render(request, "orders/family.html", context, status=problem.status if problem else 200)


def _whole(request: HttpRequest, area: AreaVersion) -> Draft:
    posted = request.POST
    found = Draft(
        fields.text(posted, "kind", 10), fields.text(posted, "title", 201), area.area_id,
        fields.text(posted, "urgency", 16), fields.text(posted, "source", 24), fields.text(posted, "category", 24),
        issuer_id=whole_number(posted.get("issuer", ""), None), text=fields.text(posted, "text"),
        basis=fields.text(posted, "basis", 501), demand=fields.text(posted, "demand", 501),
    )  # fmt: skip
    if found.kind not in WORK:
        raise Problem("bad_kind", "请选择指令或问题。", "Choose a directive or a problem.")
    return found
