"""Pages of helpers' accounts: making them, doubtful names, first passwords as slips to cut apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tuopin.platform import jobs
from tuopin.platform.access import actor_of, require, visible_paths
from tuopin.platform.database import write
from tuopin.platform.given import whole_numbers
from tuopin.platform.words import pick

from ..jobs import MAKE
from ..permissions import MAKE_ACCOUNTS
from . import accounts, slips

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


DOUBTS = 20
"""Doubtful groups on a page."""
MOST = 50
"""Names in one group that a form may hold."""


@require_GET
@never_cache
def helper_accounts_page(request: HttpRequest) -> HttpResponse:
    """What waits: first passwords to print, names to decide about; and the making of accounts."""
    actor = actor_of(request)
    require(actor, MAKE_ACCOUNTS)
    doubts = accounts.doubts_of(actor)
    shown = {
        "slips": list(slips.waiting(actor).defer("sealed")),
        "doubts": Paginator(doubts, DOUBTS).get_page(request.GET.get("page")),
        "count": len(doubts),
        "everywhere": visible_paths(actor, MAKE_ACCOUNTS) is None,
    }
    return render(request, "duties/helper_accounts.html", shown)


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the missing accounts of an area, or new first passwords, as a job."""
    actor = actor_of(request)
    area = request.POST.get("area", "").replace("\0", "").strip()[:64]
    path = accounts.path_of(area) if area else None
    accounts.require_may_make(actor, path)
    with write():
        job = jobs.enqueue(actor, MAKE, {"area": area, "again": request.POST.get("do") == "again"})
    return redirect("platform:job", job.pk)


@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """One person, or several."""
    ids = whole_numbers(request.POST.getlist("identity")[:MOST])
    accounts.decide(actor_of(request), ids, same=request.POST.get("do") == "same")
    messages.success(request, pick("已判定。", "Decided."))
    return redirect("duties:helper_accounts")


@require_POST
@never_cache
def show_slips(request: HttpRequest, number: int) -> HttpResponse:
    """A sheet of first passwords, once, to be printed and cut apart."""
    found = slips.show(actor_of(request), number)
    return render(request, "duties/slips.html", {"slips": found})
