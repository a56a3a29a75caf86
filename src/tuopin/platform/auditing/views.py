"""Pages of the two logs: who read whom, and what was done with the chain that proves it. Reading them is noted too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tuopin.platform import jobs
from tuopin.platform.access import actor_of, may, require, visible_paths
from tuopin.platform.auditing import audit
from tuopin.platform.auditing.listings import AUDIT, READS, VIEW_READS, inside
from tuopin.platform.database import write
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.models import AuditHead, AuditPending, Job, User

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.platform.access import Actor

VERIFY = "platform.verify_audit"
FOUND = 20
"""Accounts shown by a search for a reader."""


@never_cache
def reads(request: HttpRequest) -> HttpResponseBase:
    """Who read whom: by reader, household, period and kind."""
    actor = actor_of(request)
    context: dict[str, object] = {"limited": visible_paths(actor, VIEW_READS) is not None}
    if request.method == "POST" and "who" in request.POST:  # a name: it stands in no address
        require(actor, VIEW_READS)
        found = _readers(actor, request.POST["who"].replace("\0", "").strip()[:64])
        if len(found) == 1:
            return redirect(f"{request.path}?reader={found[0].pk}")
        return render(request, "platform/logs/readers.html", {"found": found})
    return list_page(request, READS, reader_of(actor, given=first_of(request.GET)), "platform/logs/reads.html", context)


def _readers(actor: Actor, text: str) -> list[User]:
    ranges = visible_paths(actor, VIEW_READS)
    accounts = User.objects.all() if ranges is None else inside(ranges)
    named = Q(username__startswith=text) | Q(display_name__startswith=text)
    return list(accounts.filter(named).order_by("username")[:FOUND]) if text else []


@never_cache
def audit_log(request: HttpRequest) -> HttpResponseBase:
    """What was done, and the state of the chain."""
    actor = actor_of(request)
    seq, hashed = audit.head()
    signed = AuditHead.objects.order_by("-pk").first()
    checked = Job.objects.filter(kind=VERIFY, state=Job.State.DONE).order_by("-pk").first()
    context = {
        "seq": seq,
        "head": hashed,
        "signed_at": signed.at if signed else None,
        "pending": AuditPending.objects.count(),
        "checked": checked,
        "may_verify": may(actor, VERIFY),
    }
    return list_page(request, AUDIT, reader_of(actor, given=first_of(request.GET)), "platform/logs/audit.html", context)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Check the whole chain, as a job: it may be long."""
    actor = actor_of(request)
    require(actor, VERIFY)
    with write():
        job = jobs.enqueue(actor, VERIFY, {})
    return redirect("platform:job", job.pk)
