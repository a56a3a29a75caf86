"""Pages of seals: the list, one seal with its tables; sealing and checking are begun here as jobs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tuopin.platform.access import actor_of, may
from tuopin.platform.auditing.words import actor as actor_in_words
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.lists.unplaced import reader_of
from tuopin.platform.problems import Problem
from tuopin.platform.seals import checking, identities, jobs, plan, selectors, services, words
from tuopin.platform.seals.listings import SEALS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from tuopin.core.snapshot import Manifest


@never_cache
@require_GET
def seals(request: HttpRequest) -> HttpResponseBase:
    """All seals, and the button that makes one."""
    actor = actor_of(request)
    context = {"may_seal": selectors.holds_all(actor, services.SEAL)}
    return list_page(request, SEALS, reader_of(actor, given=first_of(request.GET)), "platform/seals/list.html", context)


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Seal the register, as a job."""
    return redirect("platform:job", jobs.begin(actor_of(request)).pk)


@never_cache
@require_GET
def seal(request: HttpRequest, number: int) -> HttpResponse:
    """One seal: what it holds, when it was checked, what was found."""
    actor = actor_of(request)
    row = selectors.seal(actor, number)
    context: dict[str, Any] = {
        "seal": row,
        "by": actor_in_words(row.actor),
        "verified_by": actor_in_words(row.verified_by),
        "state": words.STATES.get(row.state, words.STATES["sealed"]),
        "faults": [{"title": words.fault(each["code"]), "file": each["file"]} for each in row.faults],
        "may_verify": may(actor, checking.VERIFY),
    }
    try:
        context |= _shown(selectors.manifest_of(actor, number))
    except Problem as problem:
        context["problem"] = problem
    return render(request, "platform/seals/seal.html", context)


@require_POST
def check(request: HttpRequest, number: int) -> HttpResponse:
    """Check a seal, as a job."""
    return redirect("platform:job", jobs.begin_check(actor_of(request), number).pk)


def _shown(manifest: Manifest) -> dict[str, Any]:
    tables: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    counties: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for part in manifest.tables:
        rows = tables[part.table]
        rows[0], rows[1], rows[2] = rows[0] + part.rows, rows[1] + part.bytes, rows[2] + 1
        county = counties[part.county]
        county[0], county[1] = county[0] + part.rows, county[1] + part.bytes
    document = manifest.document
    names = document.get("counties", {})
    folder = selectors.folder_of(manifest.number)
    packs = document.get("packs", {})
    return {
        "manifest": manifest,
        "audit": document["audit"],
        "packs": sorted(packs.items()) if isinstance(packs, dict) else [],
        "tables": [(name, plan.titles().get(name), *values) for name, values in sorted(tables.items())],
        "counties": [
            (code, str(names.get(code, {}).get("name", "")), *values) for code, values in sorted(counties.items())
        ],
        "identities": words.IDENTITIES["present" if identities.there(folder) else "absent"],
        "erased": identities.erased(folder),
        "same_schema": manifest.catalogue == plan.digest(),
    }
