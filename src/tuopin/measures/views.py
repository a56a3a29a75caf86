"""Pages of policies: what each gives, entitled against received in an area, the list behind the numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.core.standards.wording import CONFIDENCE
from tuopin.core.workbook.values import parse_date
from tuopin.platform import jobs, panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.database import write
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register
from tuopin.register.listings import reader_at
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.place import area_of
from tuopin.standards.evaluating import default_day
from tuopin.standards.packs import get_pack

from . import selectors
from .jobs import JOB
from .lists import GAPS, KINDS
from .payments import PAYMENTS
from .permissions import VIEW, WORK_OUT
from .policies import CLASSES, ENJOYS, PACK, STANDARDS, policies

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from tuopin.platform.lists import Listing
    from tuopin.register.models import AreaVersion


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """By policy: how many are entitled and received, and where the two differ; the form that compares anew."""
    actor, area = actor_of(request), area_of(request)
    found = selectors.overview(actor, area)
    sees = may(actor, VIEW_HOUSEHOLD, area_path=area.path)
    context = {
        "area": area,
        "found": found,
        "rows": _rows(found, area, sees) if found else (),
        "heads": [(name, title) for name, title in HEADS],
        "works": may(actor, WORK_OUT, area_path=area.path),
        "day": default_day(area),
        "today": timezone.localdate(),
        "tabs": panels.tabs(actor, area, current="gaps"),
    }
    return render(request, "measures/gaps.html", context)


HEADS = (
    ("both", {"zh": "应享已享", "en": "entitled, received"}),
    ("missing", {"zh": "应享未享", "en": "entitled, not received"}),
    ("no_list", {"zh": "应享，名单未导入", "en": "entitled, no list taken in"}),
    ("excess", {"zh": "已领，按登记不应享受", "en": "received, not entitled"}),
    ("unclear", {"zh": "已领，应否享受未知", "en": "received, entitlement unknown"}),
    ("gone", {"zh": "已领，人已不在该户", "en": "received, no member any more"}),
    ("unknown", {"zh": "应否享受未知", "en": "entitlement unknown"}),
)


def _rows(found: selectors.Overview, area: AreaVersion, sees: bool) -> list[dict[str, object]]:
    """A line a policy: its cells as (head, text, the list behind)."""
    rows = []
    for line in found.lines:
        cells = []
        for name, head in HEADS:
            shown = line.counts[name]
            listed = sees and shown.listed and shown.number and name in KINDS
            address = f"{reverse('measures:gap_list')}?area={area.code}&policy={line.policy.key}&kind={name}"
            cells.append((head, shown.text, address if listed else ""))
        rows.append({"policy": line.policy, "sort": CLASSES[line.policy.sort], "cells": cells})
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def gap_list(request: HttpRequest) -> HttpResponseBase:
    """The gaps of an area."""
    return list_of(request, GAPS, "measures/gap_list.html", "gaps")


@require_http_methods(["GET", "HEAD", "POST"])
def payment_list(request: HttpRequest) -> HttpResponseBase:
    """The payments of an area."""
    return list_of(request, PAYMENTS, "measures/payment_list.html", "gaps")


def list_of(request: HttpRequest, listing: Listing, template: str, tab: str) -> HttpResponseBase:
    """A list of this room, of the area asked for; without one, of the households that the reader answers for."""
    actor = actor_of(request)
    try:
        area: AreaVersion | None = area_of(request)
    except Missing:
        if request.GET.get("area"):
            raise
        area = None  # a reader of single households
    listing.may_open(reader_at(actor, VIEW, area, {}))
    who = reader_at(actor, VIEW, area, first_of(request.GET))
    tabs = panels.tabs(actor, area, current=tab) if area is not None else ()
    return list_page(request, listing, who, template, {"area": area, "tabs": tabs})


@require_POST
def work_out(request: HttpRequest) -> HttpResponse:
    """Begin a comparison of an area as a job."""
    actor = actor_of(request)
    area = register.area(actor, request.POST.get("area", "").replace("\0", "")[:64])
    require(actor, WORK_OUT, area_path=area.path)
    day = _day(request.POST.get("day", ""))
    with write():
        job = jobs.enqueue(actor, JOB, {"area": area.code, "day": day.isoformat()})
    return redirect("platform:job", job.pk)


def _day(text: str) -> date:
    day = parse_date(text[:20])
    if not isinstance(day, date):
        raise Problem("bad_date", "日期请写作 2018-12-01。", "Write the day as 2018-12-01.")
    if day > timezone.localdate():
        raise Problem("bad_day", "核对日不能晚于今天。", "The day must not lie ahead.")
    return day


@require_GET
def policy_list(request: HttpRequest) -> HttpResponse:
    """What each policy is: rule, benefit, period, source with confidence. No person stands here."""
    actor = actor_of(request)
    require(actor, VIEW)
    pack = get_pack(PACK)
    items = {item.key: item for key in STANDARDS.values() for item in pack.standard(key).items}
    rows = [
        {
            "policy": each,
            "item": items[each.key],
            "sort": CLASSES[each.sort],
            "confidence": CONFIDENCE.get(items[each.key].confidence),
            "period": PERIODS[each.period],
        }
        for each in policies().values()
    ]
    context = {"rows": rows, "enjoys": items[ENJOYS], "pack": pack}
    return render(request, "measures/policies.html", context)


PERIODS = {
    "calendar_year": {"zh": "当年", "en": "calendar year"},
    "school_year": {"zh": "学年", "en": "school year"},
    "once": {"zh": "一次性", "en": "once"},
}
