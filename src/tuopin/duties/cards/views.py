"""Pages of the offices: how far the cards are, printing them with preview, what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tuopin.core.language.catalogue import Title
from tuopin.platform import panels
from tuopin.platform.access import actor_of, may
from tuopin.platform.auditing import readlog
from tuopin.platform.database import write
from tuopin.platform.given import whole_numbers
from tuopin.platform.jobs import enqueue
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.place import area_of

from ..models import CardCode
from ..permissions import HAND_OVER_CARDS, PRINT_CARDS, PRINT_PAPERS, VIEW_CARDS
from . import printing, selectors, services
from .days import day_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .printing import Only

PRINT = "duties.print_cards"
"""The job."""
COPIES = {
    "both": Title("户主联和帮扶责任人联", "household’s and helper’s copies"),
    "household": Title("只印户主联", "household’s copies alone"),
    "helper": Title("只印帮扶责任人联", "helper’s copies alone"),
}
ENDED = {
    CardCode.Ended.LOST: Title("卡已丢失", "lost"),
    CardCode.Ended.WRONG: Title("印错、发错", "misprinted, given to the wrong household"),
    CardCode.Ended.GONE: Title("户已注销或合并", "the household is no more"),
}


@require_GET
@never_cache
def cards(request: HttpRequest) -> HttpResponse:
    """The cards of an area: numbers below it; in a village each household's."""
    actor, area = actor_of(request), area_of(request)
    if not may(actor, VIEW_CARDS, area_path=area.path):
        raise Missing("no_such_area", f"没有找到区划 {area.code}。", f"There is no area {area.code}.")
    context: dict[str, Any] = {
        "area": area,
        "tabs": panels.tabs(actor, area, current="cards"),
        "prints": may(actor, PRINT_CARDS, area_path=area.path) and area.level in {"village", "township"},
        "papers": may(actor, PRINT_PAPERS, area_path=area.path) and area.level == "village",
        "letters": may(actor, PRINT_PAPERS, area_path=area.path) and area.level in {"county", "township", "village"},
        "marks": may(actor, HAND_OVER_CARDS, area_path=area.path),
        "copies": list(COPIES.items()),
        "ended": list(ENDED.items()),
        "address": printing.public_address(),
        "today": timezone.localdate(),
    }
    if area.level == "village":
        page, rows = selectors.states(actor, area, request.GET.get("page"), timezone.localdate())
        left = selectors.left_behind(actor, area)
        readlog.read(actor, "duties.card_states", {"area": area.code}, len(rows) + len(left))
        context |= {"page": page, "rows": rows, "left": left}
    else:
        below = selectors.below(actor, area)
        context |= {"below": below, "sums": [sum(each) for each in zip(*(_numbers(row) for row in below), strict=True)]}
    return render(request, "duties/cards.html", context)


def _numbers(row: selectors.Below) -> tuple[int, int, int]:
    return row.households, row.printed, row.handed


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def print_page(request: HttpRequest) -> HttpResponse:
    """What a printing would do, with the first card as a picture; ``do=begin`` begins it as a job."""
    actor, area = actor_of(request), area_of(request)
    given = request.POST if request.method == "POST" else request.GET
    copies, only = given.get("copies", "both"), cast("Only", given.get("only", "due"))
    one = given.get("household", "")[:64]
    if request.method == "POST" and given.get("do") == "begin":
        printing.plan(actor, area.code, copies, only, one)  # refused here rather than in the job
        payload = {"area": area.code, "copies": copies, "only": only, "one": one}
        with write():
            job = enqueue(actor, PRINT, payload)
        return redirect("platform:job", job.pk)
    planned = printing.plan(actor, area.code, copies, only, one)
    readlog.read(actor, "duties.card_plan", {"area": area.code}, len(planned.cards))
    context = {
        "area": area, "copies": copies, "copies_title": COPIES[copies], "only": only, "one": one,
        "count": len(planned.cards), "left_out": len(planned.left_out),
        "dying": planned.dying, "handed": planned.handed, "address": printing.public_address(),
        "unhelped": sum(not each.helpers for each, _kinds in planned.cards),
        "unsigned": sum(not each.measures for each, _kinds in planned.cards),
    }  # fmt: skip
    return render(request, "duties/cards_print.html", context)


@require_GET
@never_cache
def preview(request: HttpRequest) -> HttpResponse:
    """The first card as a picture, with a code that opens nothing."""
    actor, area = actor_of(request), area_of(request)
    picture = printing.preview(actor, area.code, request.GET.get("household", "")[:64])
    return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "no-store, private"})


@require_POST
@never_cache
def mark(request: HttpRequest) -> HttpResponse:
    """Ticked cards were handed over on a day, or end."""
    actor, area = actor_of(request), area_of(request)
    posted = request.POST
    numbers = whole_numbers(posted.getlist("card")[: services.MOST + 1])
    back = f"{reverse('duties:cards')}?area={area.code}"
    match posted.get("do", ""):
        case "hand_over":
            count = services.hand_over(actor, numbers, day_of(posted.get("day", "")))
            messages.success(request, pick(f"已登记 {count} 张明白卡送达。", f"{count} cards recorded as handed over."))
        case "end":
            count = services.end(actor, numbers, posted.get("why", ""))
            messages.success(request, pick(f"已停用 {count} 张明白卡。", f"{count} cards ended."))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    return redirect(back)
