"""The page of an area's balance: a form for the period, the table by kind, the areas below, CSV."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tuopin.platform import panels
from tuopin.platform.access import actor_of, require
from tuopin.platform.lists.exporting import safe_text
from tuopin.platform.problems import Problem
from tuopin.platform.words import pick

from ..permissions import VIEW_HOUSEHOLD
from ..place import area_of
from .balance import LINES, MEASURES, Sheet, balance
from .forms import day_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .balance import Balance


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """``?from=`` and ``?to=`` are days, both within; default: from the first of January. ``?csv=1`` gives the table."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    today = timezone.localdate()
    context: dict[str, Any] = {"area": area, "tabs": panels.tabs(actor, area, current="balance"), "today": today,
                               "measures": MEASURES}  # fmt: skip
    context |= {"first": request.GET.get("from", ""), "last": request.GET.get("to", "")}
    try:
        first, last = period(context["first"], context["last"], today)
        sheet = balance(actor, area.code, first, last)
    except Problem as problem:
        if problem.status != 400:
            raise
        return render(request, "register/events/balance.html", context | {"problem": problem}, status=400)
    if request.GET.get("csv"):
        return _csv(sheet)
    context |= {"sheet": sheet, "first": first.isoformat(), "last": last.isoformat(), "rows": rows(sheet),
                "before": first - timedelta(days=1), "below": _below(sheet)}  # fmt: skip
    return render(request, "register/events/balance.html", context)


def period(first: str, last: str, today: date) -> tuple[date, date]:
    """The days of a period as given; a blank end is today, a blank beginning the first day of the end's year."""
    until = day_of(last) if last.strip() else today
    return (day_of(first) if first.strip() else date(until.year, 1, 1)), until


def rows(sheet: Sheet) -> list[dict[str, Any]]:
    """The lines of the table: kind, then in and out of each measure."""
    held = [sheet.whole[name] for name in MEASURES]
    return [
        {"title": LINES[key], "numbers": [(each.ins.get(key, 0), each.outs.get(key, 0)) for each in held]}
        for key in sheet.kinds()
    ]


def _below(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        {"code": sheet.names[key][0], "name": sheet.names[key][1],
         "numbers": [found[name] for name in ("households", "persons")]}
        for key, found in sheet.parts.items()
    ]  # fmt: skip


def _csv(sheet: Sheet) -> HttpResponse:
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write([pick("人口与户的增减", "Balance of households and persons"), sheet.area.code, safe_text(sheet.area.name)])
    write([pick("起", "from"), sheet.first.isoformat(), pick("止", "to"), sheet.last.isoformat()])
    write(["", *(pick(title.zh, title.en) for title in MEASURES.values())])
    for label, values in table(sheet):
        write([label, *values])
    write([])
    write([pick("代码", "code"), pick("名称", "name"), *(
        f"{pick(MEASURES[name].zh, MEASURES[name].en)} {word}" for name in MEASURES for word in _words()
    )])  # fmt: skip
    for key, found in sheet.parts.items():
        numbers = [number for name in MEASURES for number in _four(found[name])]
        code, name = sheet.names[key]
        write([code, safe_text(name), *numbers])
    response = HttpResponse("﻿" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="balance-{sheet.first}-{sheet.last}.csv"'
    return response


def table(sheet: Sheet) -> list[tuple[str, list[int]]]:
    """Opening, arrivals and departures by kind, closing: a label and one number a measure."""
    held = [sheet.whole[name] for name in MEASURES]
    plus, minus = pick("增：", "in: "), pick("减：", "out: ")
    lines = [(pick("期初", "opening"), [each.opening for each in held])]
    for sign, side in ((plus, "ins"), (minus, "outs")):
        for key in sheet.kinds():
            numbers = [getattr(each, side).get(key, 0) for each in held]
            if any(numbers):
                lines.append((sign + pick(LINES[key].zh, LINES[key].en), numbers))
    return [*lines, (pick("期末", "closing"), [each.closing for each in held])]


def _words() -> tuple[str, str, str, str]:
    return (pick("期初", "opening"), pick("增", "in"), pick("减", "out"), pick("期末", "closing"))


def _four(held: Balance) -> tuple[int, int, int, int]:
    return held.opening, held.arrived, held.left, held.closing
