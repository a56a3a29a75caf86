"""The page of an act in bulk: what it reaches, what it needs, then at once or as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.platform import jobs
from tuopin.platform.access import actor_of, one_page, require
from tuopin.platform.auditing import readlog
from tuopin.platform.database import write
from tuopin.platform.given import whole_numbers
from tuopin.platform.lists.pages import first_of, given_of
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick
from tuopin.register.listings import reader_at
from tuopin.register.place import area_of

from .. import limits, services
from ..permissions import VIEW
from . import bulk, forms, names
from .views import office_names

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.access import Actor

    from .bulk import Preview

JOB = "orders.act_in_bulk"
_OWN = frozenset({"act", "which", "id"})
_TICKED = 500


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_page(request: HttpRequest) -> HttpResponse:
    """What an act would reach, and doing it. The address says which: ``act``, and ``id`` or the list’s conditions."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    given = {key: value for key, value in given_of(request.GET).items() if key not in _OWN}
    ticked = request.GET.get("which") == "ticked"
    ids = whole_numbers(request.GET.getlist("id")[:_TICKED]) if ticked else []
    back = f"{reverse('orders:matters')}?{urlencode(given, doseq=True)}"
    if ticked and not ids:  # back to where they are ticked
        messages.warning(request, pick("没有勾选事项。请勾选，或选“符合条件的全部”。",
                                       "Nothing is ticked: tick some, or take all that match."))  # fmt: skip
        return redirect(back)
    with one_page():  # what is looked at is read once, also where it is sent; what is done asks anew
        reader = reader_at(actor, VIEW, area, first_of(request.GET))
        shown = bulk.preview(reader, request.GET.get("act") or bulk.ACTS[0], given, ids, timezone.now())
    problem: Problem | None = None
    if request.method == "POST":
        try:
            return _do(request, actor, shown)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
    readlog.read(actor, "orders.bulk", {"area": area.code, "act": shown.act.act}, len(shown.matters))
    holders = names.offices(each.holder_id for each in shown.first)
    context = {
        "area": area,
        "preview": shown,
        "rows": [
            (row, limits.day_of(row.limit_at) if row.limit_at else None, holders.get(row.holder_id or 0, ""))
            for row in shown.first
        ],
        "needs": {need.key: need.title for need in shown.act.needs},
        "keep_holder": pick("各件已写明的", "as each says") if shown.act.act == "issue" else "",
        "offices": office_names(actor, area),
        "problem": problem,
        "given": request.POST,
        "back": back,
        "job": len(shown.matters) > bulk.AT_ONCE,
        "today": timezone.localdate(),
    }
    return render(request, "orders/bulk.html", context, status=400 if problem else 200)


def _do(request: HttpRequest, actor: Actor, shown: Preview) -> HttpResponse:
    if request.POST.get("digest", "") != shown.digest:
        raise Problem(
            "changed_meanwhile", "选中的事项在您查看之后有变化，请核对后再确认。",
            "What was selected has changed since you looked: look again, then confirm.",
        )  # fmt: skip
    if not shown.matters:
        raise Problem("bad_matters", "没有可以办理的事项。", "There is no matter to act upon.")
    given = forms.given(actor, request.POST)
    seen = {each.pk: each.version for each in shown.matters}
    name = shown.act.act
    if len(seen) > bulk.AT_ONCE:
        payload = {"act": name, "ids": list(seen), "versions": list(seen.values()), "given": bulk.document(given)}
        with write():
            job = jobs.enqueue(actor, JOB, payload)
        return redirect("platform:job", job.pk)
    services.act(actor, name, list(seen), given, timezone.now(), seen)
    title = shown.act.title
    messages.success(request, pick(f"已{title.zh} {len(seen)} 件。", f"{len(seen)} matters: {title.en}."))
    return redirect("orders:matters")
